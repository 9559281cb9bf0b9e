//! Discord, `https://discord.com`: OAuth 2 and the REST API v10 of one guild (rules: Discord's OpenAPI document and
//! documentation; limits as observed by libraries).
//!
//! - `model.rs`: users, members, roles and their JSON; `state.rs`: the guild as it is now;
//!   `human.rs`: what people do in it.
//! - `oauth.rs`: the consent page and tokens; `auth.rs`: who is calling; `limits.rs`: rate limits.
//! - `errors.rs`: error bodies; `form.rs`: request bodies.
//! - `members.rs`, `roles.rs`, `guild.rs`, `users.rs`: the endpoints.

mod auth;
mod errors;
mod form;
mod guild;
mod human;
mod limits;
mod members;
mod model;
mod oauth;
mod roles;
mod state;
mod users;

pub use human::HumanError;
pub use model::{DiscordMember, DiscordRole, DiscordUser};

pub(crate) use errors::rate_limited;
pub(crate) use oauth::{Request as OauthRequest, approve};
pub(crate) use state::{Discord, SavedDiscord};

use poem::http::{Method, StatusCode, header};
use tokio::time::Instant;

use crate::{
    core::{Core, lock},
    http::{Call, Reply},
};
use auth::Caller;
use errors::DiscordError;

type Answer = Result<Reply, DiscordError>;

/// Answers one request.
pub(crate) fn answer(core: &Core, call: &Call) -> Reply {
    let segments = call.segments();
    match segments[..] {
        ["oauth2", "authorize"] | ["api", "oauth2", "authorize"] if call.method == Method::GET => {
            oauth::authorize(core, call)
        }
        ["api", "oauth2", "token"] | ["api", "v10", "oauth2", "token"] => oauth::token(core, call),
        ["api", "oauth2", "token", "revoke"] | ["api", "v10", "oauth2", "token", "revoke"] => {
            oauth::revoke(core, call)
        }
        ["api", "v10", ref rest @ ..] => api(core, call, rest).unwrap_or_else(DiscordError::into_reply),
        ["api", version, ..] if version.starts_with('v') => errors::invalid_version().into_reply(),
        _ => errors::no_route().into_reply(),
    }
}

/// A request to the versioned API: `User-Agent`, then authorization, then rate limits, then the endpoint.
fn api(core: &Core, call: &Call, segments: &[&str]) -> Answer {
    // `DiscordBot (url, version)` is mandatory; Cloudflare turns away everything else (Discord docs, basics).
    if !call.header(header::USER_AGENT).is_some_and(|agent| agent.starts_with("DiscordBot (")) {
        return Err(errors::cloudflare());
    }
    let mut discord = lock(&core.discord);
    let caller = Caller::of(&discord, call)?;
    if !core.options.rate_limits {
        return dispatch(&mut discord, call, &caller, segments);
    }
    let now = Instant::now();
    let window = match discord.limits.enter(&call.method, segments, &caller, now) {
        Ok(window) => window,
        Err(refused) => return Ok(refused),
    };
    let reply = dispatch(&mut discord, call, &caller, segments).unwrap_or_else(DiscordError::into_reply);
    Ok(window.stamp(reply))
}

fn dispatch(discord: &mut Discord, call: &Call, caller: &Caller, segments: &[&str]) -> Answer {
    let method = &call.method;
    match *segments {
        ["users", "@me"] => only(method, &[Method::GET], || users::me(discord, caller)),
        ["oauth2", "@me"] => only(method, &[Method::GET], || users::authorization(discord, caller)),
        ["users", "@me", "guilds", guild, "member"] => {
            only(method, &[Method::GET], || users::own_member(discord, caller, guild))
        }
        ["guilds", guild, ref rest @ ..] => in_guild(discord, call, caller, guild, rest),
        _ => Err(errors::no_route()),
    }
}

fn in_guild(discord: &mut Discord, call: &Call, caller: &Caller, guild: &str, segments: &[&str]) -> Answer {
    let method = call.method.as_str();
    let endpoint: &mut dyn FnMut(&mut Discord) -> Answer = match (method, segments) {
        ("GET", []) => &mut |discord| guild::get(discord, call),
        ("GET", ["members"]) => &mut |discord| members::list(discord, call),
        ("GET", ["members", "search"]) => &mut |discord| members::search(discord, call),
        ("PATCH", ["members", "@me"]) => &mut |discord| members::update_self(discord, call),
        ("GET", ["members", user]) => &mut |discord| members::get(discord, user),
        ("PUT", ["members", user]) => &mut |discord| members::add(discord, call, user),
        ("PATCH", ["members", user]) => &mut |discord| members::update(discord, call, user),
        ("DELETE", ["members", user]) => &mut |discord| members::remove(discord, user),
        ("PUT", ["members", user, "roles", role]) => {
            &mut |discord| members::set_role(discord, user, role, true)
        }
        ("DELETE", ["members", user, "roles", role]) => {
            &mut |discord| members::set_role(discord, user, role, false)
        }
        ("GET", ["roles"]) => &mut |discord| roles::list(discord),
        ("POST", ["roles"]) => &mut |discord| roles::create(discord, call),
        ("GET", ["roles", role]) => &mut |discord| roles::get(discord, role),
        ("PATCH", ["roles", role]) => &mut |discord| roles::update(discord, call, role),
        ("DELETE", ["roles", role]) => &mut |discord| roles::delete(discord, role),
        (_, [] | ["members"] | ["members", _] | ["members", _, "roles", _] | ["roles"] | ["roles", _]) => {
            return Err(errors::wrong_method());
        }
        _ => return Err(errors::no_route()),
    };
    guild::enter(discord, caller, guild)?;
    endpoint(discord)
}

fn only(method: &Method, allowed: &[Method], endpoint: impl FnOnce() -> Answer) -> Answer {
    if allowed.contains(method) { endpoint() } else { Err(errors::wrong_method()) }
}

fn json(value: &serde_json::Value) -> Answer {
    Ok(Reply::json(StatusCode::OK, value))
}

fn no_content() -> Answer {
    Ok(Reply::empty(StatusCode::NO_CONTENT))
}
