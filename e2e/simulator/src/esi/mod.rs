//! ESI, `https://esi.evetech.net` (rules: the official OpenAPI document and CCP's developer documentation).
//!
//! - `routes.rs`: which paths there are, and the cache time, scope and rate limit of each
//!   according to the specification.
//! - `compat.rs`: `X-Compatibility-Date`.
//! - `limits.rs`: the error limit and the token buckets.
//! - `caching.rs`: `ETag` and the cache headers.
//! - `auth.rs`: access tokens and scopes; `body.rs`: posted arrays.
//! - `characters.rs`, `corporations.rs`, `alliances.rs`, `universe.rs`, `meta.rs`: the answers.
//!
//! Answers are always fresh: the cache headers say what the real service says, but a change of
//! the world shows at once.

mod alliances;
mod auth;
mod body;
mod caching;
mod characters;
mod compat;
mod corporations;
mod limits;
mod meta;
mod routes;
mod universe;

pub(crate) use limits::Limits;

use poem::http::{Method, StatusCode, header};
use serde::Serialize;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::{
    core::{Core, lock},
    http::{Call, Reply},
};
use routes::Route;

/// An error answer: `{"error": .., "details": ..}` (schema `Error`).
#[derive(Debug)]
pub(super) struct EsiError {
    status: StatusCode,
    error: String,
    details: Vec<Value>,
}

impl EsiError {
    fn new(status: StatusCode, error: impl Into<String>) -> Self {
        Self { status, error: error.into(), details: Vec::new() }
    }

    fn bad_request(error: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, error)
    }

    fn not_found(error: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, error)
    }

    fn detail(mut self, location: impl Into<String>, message: &str, value: &Value) -> Self {
        self.details.push(json!({ "location": location.into(), "message": message, "value": value }));
        self
    }

    fn into_reply(self) -> Reply {
        let mut body = json!({ "error": self.error });
        if !self.details.is_empty() {
            body["details"] = Value::Array(self.details);
        }
        Reply::json(self.status, &body)
    }
}

/// The serialised body of a 200, or an error.
pub(super) type Answer = Result<Vec<u8>, EsiError>;

fn ok(value: &impl Serialize) -> Answer {
    serde_json::to_vec(value)
        .map_err(|error| EsiError::new(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()))
}

/// 420: the answer of every route while the error limit is used up.
pub(crate) fn error_limited(seconds: u64) -> Reply {
    let text = "This software has exceeded the error limit for ESI. If you are a user, please contact the maintainer of \
                this software. If you are a developer/maintainer, please make a greater effort in the future to receive \
                valid responses.";
    let status = StatusCode::from_u16(420).unwrap_or(StatusCode::TOO_MANY_REQUESTS);
    Reply::json(status, &json!({ "error": text }))
        .with("X-ESI-Error-Limit-Remain", "0")
        .with("X-ESI-Error-Limit-Reset", seconds.to_string())
}

/// Answers one request.
pub(crate) fn answer(core: &Core, call: &Call) -> Reply {
    let now = Instant::now();
    let limited = core.options.rate_limits;
    if limited && let Some(seconds) = lock(&core.esi).errors_used_up(&call.peer, now) {
        return error_limited(seconds);
    }
    let date = compat::negotiate(call);
    let route = routes::find(&call.method, &call.segments());
    let bucket = route.as_ref().ok().and_then(Route::bucket);
    let owner = if bucket.is_some() { auth::bucket_owner(call) } else { String::new() };
    if limited
        && let Some(bucket) = bucket
        && let Err(refused) = lock(&core.esi).check(bucket, &owner, now)
    {
        return refused;
    }
    let reply = match (&date, route) {
        (Err(message), _) => EsiError::bad_request(message.clone()).into_reply(),
        (_, Err(error)) => error.into_reply(),
        (Ok(date), Ok(route)) => match dispatch(core, call, &route, date.newest) {
            Ok(body) if call.method == Method::GET => caching::fresh(core, call, &route, body),
            Ok(body) => Reply { body, ..Reply::json(StatusCode::OK, &()) },
            Err(error) => error.into_reply(),
        },
    };
    let reply = if limited { lock(&core.esi).spend(bucket, &owner, &call.peer, now, reply) } else { reply };
    match date {
        Ok(date) => reply
            .with("X-Compatibility-Date", date.newest)
            .with(header::VARY, "Accept-Language, X-Compatibility-Date"),
        Err(_) => reply,
    }
}

fn dispatch(core: &Core, call: &Call, route: &Route, date: &str) -> Answer {
    let token = match route.scope() {
        Some(scope) => Some(auth::require(call, scope)?),
        None => None,
    };
    let world = core.world();
    match *route {
        Route::Affiliation => characters::affiliation(&world, call),
        Route::Character(id) => characters::detail(&world, id, date),
        Route::CharacterHistory(id) => characters::history(&world, id),
        Route::Online(id) => characters::online(&world, id, token.as_ref()),
        Route::Roles(id) => characters::roles(&world, id, token.as_ref()),
        Route::NpcCorporations => corporations::npc(&world),
        Route::Corporation(id) => corporations::detail(&world, id, date),
        Route::AllianceHistory(id) => corporations::history(&world, id),
        Route::Members(id) => corporations::members(&world, id, token.as_ref()),
        Route::Alliances => alliances::list(&world),
        Route::Alliance(id) => alliances::detail(&world, id),
        Route::AllianceCorporations(id) => alliances::corporations(&world, id),
        Route::Factions => universe::factions(&world),
        Route::Names => universe::names(&world, call),
        Route::Ids => universe::ids(&world, call),
        Route::Status => meta::status(&world),
        Route::CompatibilityDates => meta::compatibility_dates(),
    }
}
