//! What a token says about its own user.

use serde_json::json;

use super::{
    Answer,
    auth::Caller,
    errors::{Missing, missing_scope, unauthorized, unknown},
    form::path_id,
    json,
    model::{application_json, time},
    state::Discord,
};
use crate::demo;

/// `GET /users/@me`
pub(super) fn me(discord: &Discord, caller: &Caller) -> Answer {
    let user = caller.user_with("identify")?;
    let user = discord.users().get(&user).ok_or_else(unauthorized)?;
    json(&user.own_json())
}

/// `GET /oauth2/@me`
pub(super) fn authorization(discord: &Discord, caller: &Caller) -> Answer {
    let Caller::Bearer { user, scopes, expires } = caller else { return Err(unauthorized()) };
    let mut body = json!({ "application": application_json(), "scopes": scopes, "expires": time(*expires) });
    if caller.user_with("identify").is_ok()
        && let Some(user) = discord.users().get(user)
    {
        body["user"] = user.json();
    }
    json(&body)
}

/// `GET /users/@me/guilds/{guild_id}/member`
pub(super) fn own_member(discord: &Discord, caller: &Caller, guild: &str) -> Answer {
    if matches!(caller, Caller::Bot) {
        return Err(missing_scope());
    }
    let user = caller.user_with("guilds.members.read")?;
    if path_id("guild_id", guild)? != demo::DISCORD_GUILD_ID {
        return Err(unknown(&Missing::Guild));
    }
    let member = discord.guild().members.get(&user).ok_or_else(|| unknown(&Missing::Member))?;
    json(&member.json())
}
