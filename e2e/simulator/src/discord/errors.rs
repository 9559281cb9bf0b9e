//! Error bodies: `{"message", "code", "errors"?}` (Discord docs, errors).

use poem::http::{StatusCode, header};
use serde_json::{Map, Value, json};

use crate::http::Reply;

/// An error answer.
#[derive(Debug)]
pub(super) struct DiscordError {
    status: StatusCode,
    code: u32,
    message: String,
    errors: Option<Value>,
}

impl DiscordError {
    fn new(status: StatusCode, code: u32, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), errors: None }
    }

    pub(super) fn into_reply(self) -> Reply {
        let mut body = json!({ "message": self.message, "code": self.code });
        if let Some(errors) = self.errors {
            body["errors"] = errors;
        }
        Reply::json(self.status, &body)
    }
}

pub(super) fn unauthorized() -> DiscordError {
    DiscordError::new(StatusCode::UNAUTHORIZED, 0, "401: Unauthorized")
}

pub(super) fn no_route() -> DiscordError {
    DiscordError::new(StatusCode::NOT_FOUND, 0, "404: Not Found")
}

pub(super) fn wrong_method() -> DiscordError {
    DiscordError::new(StatusCode::METHOD_NOT_ALLOWED, 0, "405: Method Not Allowed")
}

pub(super) fn invalid_version() -> DiscordError {
    DiscordError::new(StatusCode::BAD_REQUEST, 50_041, "Invalid API version provided")
}

pub(super) fn cloudflare() -> DiscordError {
    DiscordError::new(StatusCode::FORBIDDEN, 40_333, "internal network error")
}

/// The objects that can be unknown.
pub(super) enum Missing {
    Guild,
    Member,
    Role,
    User,
}

pub(super) fn unknown(what: &Missing) -> DiscordError {
    let (code, message) = match what {
        Missing::Guild => (10_004, "Unknown Guild"),
        Missing::Member => (10_007, "Unknown Member"),
        Missing::Role => (10_011, "Unknown Role"),
        Missing::User => (10_013, "Unknown User"),
    };
    DiscordError::new(StatusCode::NOT_FOUND, code, message)
}

pub(super) fn missing_access() -> DiscordError {
    DiscordError::new(StatusCode::FORBIDDEN, 50_001, "Missing Access")
}

pub(super) fn missing_permissions() -> DiscordError {
    DiscordError::new(StatusCode::FORBIDDEN, 50_013, "Missing Permissions")
}

pub(super) fn banned() -> DiscordError {
    DiscordError::new(StatusCode::FORBIDDEN, 40_007, "The user is banned from this guild.")
}

pub(super) fn only_bots() -> DiscordError {
    DiscordError::new(StatusCode::FORBIDDEN, 20_002, "Only bots can use this endpoint")
}

pub(super) fn invalid_access_token() -> DiscordError {
    DiscordError::new(StatusCode::FORBIDDEN, 50_025, "Invalid OAuth2 access token")
}

pub(super) fn missing_scope() -> DiscordError {
    DiscordError::new(StatusCode::FORBIDDEN, 50_026, "Missing required OAuth2 scope")
}

pub(super) fn invalid_role() -> DiscordError {
    DiscordError::new(StatusCode::BAD_REQUEST, 50_028, "Invalid role")
}

pub(super) fn too_many_roles() -> DiscordError {
    DiscordError::new(StatusCode::BAD_REQUEST, 30_005, "Maximum number of guild roles reached (250)")
}

pub(super) fn needs_boosts() -> DiscordError {
    DiscordError::new(StatusCode::FORBIDDEN, 50_101, "This server needs more boosts to perform this action")
}

pub(super) fn not_json() -> DiscordError {
    DiscordError::new(StatusCode::BAD_REQUEST, 50_109, "The request body contains invalid JSON.")
}

/// One complaint about a field: its path, a code and a text.
pub(super) type Complaint = (Vec<String>, &'static str, String);

/// 50035 with the tree of complaints; array indexes nest as strings.
pub(super) fn invalid_form(complaints: &[Complaint]) -> DiscordError {
    let mut tree = json!({});
    for (path, code, message) in complaints {
        let mut node = &mut tree;
        for step in path {
            if !node.is_object() {
                *node = Value::Object(Map::new());
            }
            node = &mut node[step.as_str()];
        }
        *node = json!({ "_errors": [{ "code": code, "message": message }] });
    }
    DiscordError {
        errors: Some(tree),
        ..DiscordError::new(StatusCode::BAD_REQUEST, 50_035, "Invalid Form Body")
    }
}

/// 429 with the body that every rate limit sends.
pub(crate) fn rate_limited(seconds: f64, global: bool) -> Reply {
    let seconds = (seconds * 1_000.0).round() / 1_000.0;
    let body = json!({ "message": "You are being rate limited.", "retry_after": seconds, "global": global, "code": 0 });
    let reply = Reply::json(StatusCode::TOO_MANY_REQUESTS, &body)
        .with(header::RETRY_AFTER, (seconds.ceil() as u64).to_string())
        .with("X-RateLimit-Scope", if global { "global" } else { "user" });
    if global { reply.with("X-RateLimit-Global", "true") } else { reply }
}
