//! What can go wrong with Discord.

use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

/// Discord's error codes that matter to us.
pub(super) mod code {
    pub const UNKNOWN_GUILD: u32 = 10_004;
    pub const UNKNOWN_MEMBER: u32 = 10_007;
    pub const UNKNOWN_USER: u32 = 10_013;
    pub const CLOUDFLARE: u32 = 40_333;
    pub const MISSING_ACCESS: u32 = 50_001;
    pub const MISSING_PERMISSIONS: u32 = 50_013;
    pub const INVALID_TOKEN: u32 = 50_014;
    pub const INVALID_OAUTH_TOKEN: u32 = 50_025;
    pub const MISSING_OAUTH_SCOPE: u32 = 50_026;
    pub const MFA_REQUIRED: u32 = 60_003;
}

/// A part of a request that Discord did not accept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldProblem {
    /// Such as `nick` or `roles.0`.
    pub field: String,
    /// Such as `BASE_TYPE_BAD_LENGTH`.
    pub code: String,
    /// Discord's words.
    pub message: String,
}

/// Why a call to Discord failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DiscordError {
    /// The bot's token is not valid.
    #[error("the bot's token is refused")]
    Unauthorized,
    /// The bot may not do that.
    #[error("the bot may not do that ({code}): {hint}")]
    MissingPermissions {
        /// Discord's code.
        code: u32,
        /// What an administrator can do about it.
        hint: &'static str,
    },
    /// Discord does not know the guild, member, user or role.
    #[error("unknown ({code})")]
    NotFound {
        /// Discord's code.
        code: u32,
    },
    /// Discord asked for a pause, or would if we went on.
    #[error("rate limited for {retry_after:?}")]
    RateLimited {
        /// How long to stay away.
        retry_after: Duration,
        /// Whether that applies to every call or only to calls of this kind.
        global: bool,
    },
    /// Discord refuses the call as it is; the same call will be refused again.
    #[error("refused with status {status}, code {code}: {message}")]
    Rejected {
        /// The HTTP status.
        status: u16,
        /// Discord's code; 0 when there is none.
        code: u32,
        /// Discord's words.
        message: String,
        /// The parts it did not accept.
        fields: Vec<FieldProblem>,
    },
    /// The user's code or token is dead: they have to link their account again.
    #[error("grant refused: {0}")]
    InvalidGrant(String),
    /// The application is not set up correctly, here or with Discord.
    #[error("application refused: {0}")]
    Configuration(String),
    /// Discord cannot be reached or is failing.
    #[error("unavailable: {reason}")]
    Unavailable {
        /// When to try again, if known.
        retry_after: Option<Duration>,
        /// What happened.
        reason: String,
    },
    /// The answer makes no sense.
    #[error("nonsensical answer: {0}")]
    Invalid(String),
    /// We asked for something impossible: a fault in our code or data.
    #[error("impossible request: {0}")]
    Misuse(&'static str),
}

impl DiscordError {
    /// Whether the same call may succeed later without anybody changing anything.
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        matches!(self, Self::RateLimited { .. } | Self::Unavailable { .. } | Self::Invalid(_))
    }

    /// Whether an administrator has to act before any call can succeed, whoever it is about. A single
    /// `MissingPermissions` with code 50013 does not qualify: it may be about one member who stands above the bot.
    #[must_use]
    pub fn is_configuration(&self) -> bool {
        match self {
            Self::Unauthorized | Self::Configuration(_) => true,
            Self::MissingPermissions { code, .. } => *code != code::MISSING_PERMISSIONS,
            Self::NotFound { code } => *code == code::UNKNOWN_GUILD,
            _ => false,
        }
    }

    /// Whether Discord refuses this one thing as it is, so that other things may still be possible. Excludes that the
    /// user is not a member: then nothing can be done about them.
    #[must_use]
    pub fn is_refusal(&self) -> bool {
        match self {
            Self::MissingPermissions { .. } | Self::NotFound { .. } => {
                !self.is_configuration() && !self.is_no_member()
            }
            Self::Rejected { .. } => true,
            _ => false,
        }
    }

    /// How long to wait before the next try, if known.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::RateLimited { retry_after, .. } => Some(*retry_after),
            Self::Unavailable { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    /// Whether Discord says that the user is not (or cannot be) in the guild.
    pub(super) fn is_no_member(&self) -> bool {
        matches!(self, Self::NotFound { code: code::UNKNOWN_MEMBER | code::UNKNOWN_USER })
    }

    /// The meaning of an error in Discord's own format; `None` if the body is not in it.
    pub(super) fn from_body(status: u16, body: &[u8]) -> Option<Self> {
        #[derive(Deserialize)]
        struct Body {
            message: String,
            code: u32,
            #[serde(default)]
            errors: Value,
        }
        let Body { message, code, errors } = serde_json::from_slice(body).ok()?;
        let message = cut(&message);
        Some(match (status, code) {
            (_, code::INVALID_OAUTH_TOKEN | code::MISSING_OAUTH_SCOPE) => Self::InvalidGrant(message),
            (401, _) | (_, code::INVALID_TOKEN) => Self::Unauthorized,
            (_, code::CLOUDFLARE) => Self::Configuration(message),
            (_, code::MISSING_ACCESS) => Self::MissingPermissions {
                code,
                hint: "invite the bot to the guild and enable its Server Members intent",
            },
            (_, code::MISSING_PERMISSIONS) => Self::MissingPermissions {
                code,
                hint: "give the bot Manage Roles, Manage Nicknames, Kick Members and Create Invite, and put its role \
                       above every role and member it manages; the guild's owner cannot be managed at all",
            },
            (_, code::MFA_REQUIRED) => Self::MissingPermissions {
                code,
                hint: "the guild demands two-factor authentication of moderators: enable it for the bot's owner",
            },
            (404, 10_000..=10_999) => Self::NotFound { code },
            _ => Self::Rejected { status, code, message, fields: problems(&errors) },
        })
    }
}

/// External text, made fit for logs.
pub(super) fn cut(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(300).collect()
}

/// Discord nests its complaints along the structure of the request.
fn problems(errors: &Value) -> Vec<FieldProblem> {
    fn walk(at: &Value, path: &str, depth: usize, found: &mut Vec<FieldProblem>) {
        let Value::Object(members) = at else { return };
        for (name, inner) in members {
            if found.len() >= 20 || depth > 8 {
                return;
            }
            if name == "_errors" {
                let text = |problem: &Value, key: &str| cut(problem[key].as_str().unwrap_or_default());
                let all = inner.as_array().into_iter().flatten();
                found.extend(all.take(5).map(|problem| FieldProblem {
                    field: path.to_owned(),
                    code: text(problem, "code"),
                    message: text(problem, "message"),
                }));
            } else {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                walk(inner, &cut(&path), depth + 1, found);
            }
        }
    }
    let mut found = Vec::new();
    walk(errors, "", 0, &mut found);
    found
}
