//! The admin API under `/_sim`, and the page at `/` that uses it.
//!
//! Every verb is a `POST` (or `PUT`) with a JSON body and answers JSON; each one is a line in [`api`] and a function
//! in `world.rs`, `sso.rs`, `discord.rs` or `watch.rs`. Field names are camelCase, Discord ids are strings. A body
//! with an unknown field is refused, an object that does not exist is a 404; both answer `{"error": ".."}`.

mod discord;
mod sso;
mod watch;
mod world;

use poem::{
    Body, Endpoint, Request, Response, Route, RouteMethod, delete, get, handler,
    http::{StatusCode, header},
    post, put,
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};

use crate::{
    handle::Handle,
    http::{find, pairs},
};

/// Why an action failed.
struct AdminError(StatusCode, String);

impl AdminError {
    fn missing(error: impl Into<Box<dyn std::error::Error>>) -> Self {
        Self(StatusCode::NOT_FOUND, error.into().to_string())
    }

    fn bad(error: impl Into<Box<dyn std::error::Error>>) -> Self {
        Self(StatusCode::BAD_REQUEST, error.into().to_string())
    }
}

type Outcome = Result<Value, AdminError>;

/// The answer of an action that has nothing to say.
fn done() -> Outcome {
    Ok(json!({ "ok": true }))
}

fn respond(outcome: Outcome) -> Response {
    let (status, body) = match outcome {
        Ok(body) => (StatusCode::OK, body),
        Err(AdminError(status, error)) => (status, json!({ "error": error })),
    };
    Response::builder()
        .status(status)
        .content_type("application/json")
        .header(header::CACHE_CONTROL, "no-store")
        .body(Body::from(body.to_string()))
}

/// An endpoint that takes a JSON body; an empty one counts as `{}`.
struct Action<B> {
    handle: Handle,
    act: fn(&Handle, &B) -> Outcome,
}

impl<B: DeserializeOwned + Send + 'static> Endpoint for Action<B> {
    type Output = Response;

    async fn call(&self, mut request: Request) -> poem::Result<Response> {
        let body = request.take_body().into_bytes_limit(1 << 20).await?;
        let text: &[u8] = if body.is_empty() { b"{}" } else { &body };
        let parsed = serde_json::from_slice(text).map_err(AdminError::bad);
        Ok(respond(parsed.and_then(|body| (self.act)(&self.handle, &body))))
    }
}

/// The query and the last path segment of a request without a body.
struct Question {
    query: Vec<(String, String)>,
    last: String,
}

impl Question {
    fn get(&self, name: &str) -> Option<&str> {
        find(&self.query, name).filter(|value| !value.is_empty())
    }

    /// A query parameter of a type that JSON knows as a string or number.
    fn parse<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, AdminError> {
        let Some(text) = self.get(name) else { return Ok(None) };
        let value = text.parse::<u64>().map_or_else(|_| json!(text), |number| json!(number));
        serde_json::from_value(value).map(Some).map_err(|error| AdminError::bad(format!("{name}: {error}")))
    }
}

/// An endpoint without a body.
struct Look {
    handle: Handle,
    look: fn(&Handle, &Question) -> Outcome,
}

impl Endpoint for Look {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        let query = pairs(request.uri().query().unwrap_or_default().as_bytes());
        let last = request.uri().path().rsplit('/').next().unwrap_or_default().to_owned();
        Ok(respond((self.look)(&self.handle, &Question { query, last })))
    }
}

/// A Discord id: a string, since JavaScript cannot hold it as a number.
#[derive(Clone, Copy)]
struct Snowflake(u64);

impl<'de> Deserialize<'de> for Snowflake {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        let id = value.as_u64().or_else(|| value.as_str()?.parse().ok());
        id.map(Self).ok_or_else(|| serde::de::Error::custom("not a Discord id"))
    }
}

/// The routes below `/_sim`.
pub(crate) fn api(handle: &Handle) -> Route {
    fn act<B: DeserializeOwned + Send + 'static>(
        handle: &Handle,
        act: fn(&Handle, &B) -> Outcome,
    ) -> RouteMethod {
        post(Action { handle: handle.clone(), act })
    }
    let look = |look| Look { handle: handle.clone(), look };
    Route::new()
        .at("/state", get(look(world::state)))
        .at("/characters/:id", get(look(world::character)))
        .at("/move-character", act(handle, world::move_character))
        .at("/sell-character", act(handle, world::sell_character))
        .at("/biomass", act(handle, world::biomass))
        .at("/rename-character", act(handle, world::rename_character))
        .at("/enlist", act(handle, world::enlist))
        .at("/move-corporation", act(handle, world::move_corporation))
        .at("/close-corporation", act(handle, world::close_corporation))
        .at("/revoke-tokens", act(handle, sso::revoke_tokens))
        .at("/sso/clients", act(handle, sso::register_client))
        .at("/sso/settings", act(handle, sso::settings))
        .at("/sso/authorize", act(handle, sso::authorize))
        .at("/discord", get(look(discord::state)))
        .at("/discord/redirects", act(handle, discord::add_redirect))
        .at("/discord/authorize", act(handle, discord::authorize))
        .at("/discord/users", act(handle, discord::create_user))
        .at("/discord/rename-user", act(handle, discord::rename_user))
        .at("/discord/revoke", act(handle, discord::revoke))
        .at("/discord/invite", act(handle, discord::invite))
        .at("/discord/kick", act(handle, discord::kick))
        .at("/discord/ban", act(handle, discord::ban))
        .at("/discord/unban", act(handle, discord::unban))
        .at("/discord/rename", act(handle, discord::rename))
        .at("/discord/member-role", act(handle, discord::member_role))
        .at("/discord/create-role", act(handle, discord::create_role))
        .at("/discord/edit-role", act(handle, discord::edit_role))
        .at("/discord/delete-role", act(handle, discord::delete_role))
        .at("/discord/members-intent", act(handle, discord::members_intent))
        .at(
            "/faults",
            put(Action { handle: handle.clone(), act: watch::add_fault })
                .get(look(watch::faults))
                .delete(look(watch::clear_faults)),
        )
        .at("/faults/:id", delete(look(watch::remove_fault)))
        .at("/requests", get(look(watch::requests)).delete(look(watch::clear_requests)))
        .at("/reset", act(handle, watch::reset))
        .at("/reset-limits", act(handle, watch::reset_limits))
}

/// `GET /`
#[handler]
pub(crate) fn page() -> Response {
    Response::builder().content_type("text/html; charset=utf-8").body(include_str!("page.html"))
}
