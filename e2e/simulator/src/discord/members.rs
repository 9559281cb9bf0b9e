//! Members of the guild and their roles (Discord docs, endpoints and hierarchy).

use poem::http::StatusCode;
use serde_json::Value;

use super::{
    Answer,
    errors::{
        DiscordError, Missing, banned, invalid_access_token, invalid_form, invalid_role, missing_access,
        missing_permissions, missing_scope, unknown,
    },
    form::{Form, path_id, query_number},
    json,
    model::{
        DiscordMember,
        permissions::{CREATE_INSTANT_INVITE, KICK_MEMBERS, MANAGE_NICKNAMES, MANAGE_ROLES},
    },
    no_content,
    state::{Discord, Guild},
};
use crate::{
    demo::{DISCORD_APPLICATION_ID, DISCORD_GUILD_ID, DISCORD_OWNER},
    http::{Call, Reply},
};

/// The bot must have all of these.
pub(super) fn need(guild: &Guild, bits: u64) -> Result<(), DiscordError> {
    if guild.bot_permissions() & bits == bits { Ok(()) } else { Err(missing_permissions()) }
}

/// Members can only be kicked or renamed from above, and the owner not at all.
fn below_bot(guild: &Guild, user: u64) -> Result<(), DiscordError> {
    let own = user == DISCORD_APPLICATION_ID;
    if own || (user != DISCORD_OWNER && guild.top(user) < guild.top(DISCORD_APPLICATION_ID)) {
        Ok(())
    } else {
        Err(missing_permissions())
    }
}

/// Whether the bot may give or take away a role: it exists, is neither managed nor `@everyone`, and is
/// below the bot's highest one.
fn assignable(guild: &Guild, role: u64) -> Result<(), DiscordError> {
    let found = guild.roles.get(&role).ok_or_else(|| unknown(&Missing::Role))?;
    if role == DISCORD_GUILD_ID {
        return Err(invalid_role());
    }
    if found.managed || found.position >= guild.top(DISCORD_APPLICATION_ID) {
        return Err(missing_permissions());
    }
    Ok(())
}

fn member_id(discord: &Discord, user: &str) -> Result<u64, DiscordError> {
    let id = path_id("user_id", user)?;
    if discord.guild().members.contains_key(&id) {
        Ok(id)
    } else if discord.users().contains_key(&id) {
        Err(unknown(&Missing::Member))
    } else {
        Err(unknown(&Missing::User))
    }
}

/// `GET /guilds/{guild_id}/members?limit=&after=`, ascending by user id.
pub(super) fn list(discord: &Discord, call: &Call) -> Answer {
    let limit = query_number(call, "limit", 1, 1, 1_000)?;
    let after = query_number(call, "after", 0, 0, u64::MAX)?;
    if !discord.members_intent {
        return Err(missing_access());
    }
    let members =
        discord.guild().members.range((std::ops::Bound::Excluded(after), std::ops::Bound::Unbounded));
    json(&members.take(limit as usize).map(|(_, member)| member.json()).collect())
}

/// `GET /guilds/{guild_id}/members/search?query=&limit=`: by the beginning of the username or nickname.
pub(super) fn search(discord: &Discord, call: &Call) -> Answer {
    let limit = query_number(call, "limit", 1, 1, 1_000)?;
    let complaint = |code, message: &str| invalid_form(&[(vec!["query".into()], code, message.into())]);
    let query =
        call.query("query").ok_or_else(|| complaint("BASE_TYPE_REQUIRED", "This field is required"))?;
    if !(1..=100).contains(&query.chars().count()) {
        return Err(complaint("BASE_TYPE_BAD_LENGTH", "Must be between 1 and 100 in length."));
    }
    let query = query.to_lowercase();
    let starts = |name: &str| name.to_lowercase().starts_with(&query);
    let members = discord.guild().members.values();
    let found =
        members.filter(|member| starts(&member.user.username) || member.nick.as_deref().is_some_and(starts));
    json(&found.take(limit as usize).map(DiscordMember::json).collect())
}

/// `GET /guilds/{guild_id}/members/{user_id}`
pub(super) fn get(discord: &Discord, user: &str) -> Answer {
    let id = member_id(discord, user)?;
    json(&discord.guild().members.get(&id).map_or(Value::Null, DiscordMember::json))
}

/// `PUT /guilds/{guild_id}/members/{user_id}`: 201, or 204 for somebody who is already in.
pub(super) fn add(discord: &mut Discord, call: &Call, user: &str) -> Answer {
    let id = path_id("user_id", user)?;
    let mut form = Form::read(call)?;
    let token = form.required_string("access_token", 10_240);
    let nick = form.nick("nick");
    let roles = form.snowflakes("roles", 250);
    form.boolean("mute");
    form.boolean("deaf");
    form.finish()?;
    let guild = discord.guild();
    need(guild, CREATE_INSTANT_INVITE)?;
    if nick.is_some() {
        need(guild, MANAGE_NICKNAMES)?;
    }
    let roles = roles.unwrap_or_default();
    if !roles.is_empty() {
        need(guild, MANAGE_ROLES)?;
    }
    for role in &roles {
        assignable(guild, *role)?;
    }
    let (authorization, _) =
        discord.authorization(&token.unwrap_or_default()).ok_or_else(invalid_access_token)?;
    if authorization.user != id {
        return Err(invalid_access_token());
    }
    if !authorization.scopes.iter().any(|scope| scope == "guilds.join") {
        return Err(missing_scope());
    }
    if guild.bans.contains(&id) {
        return Err(banned());
    }
    if guild.members.contains_key(&id) {
        return no_content();
    }
    discord.join(id, nick.as_deref().and_then(trimmed), roles);
    let member = discord.guild().members.get(&id).map_or(Value::Null, DiscordMember::json);
    Ok(Reply::json(StatusCode::CREATED, &member))
}

/// Nicknames are trimmed; an empty one means none.
fn trimmed(nick: &str) -> Option<String> {
    Some(nick.trim().to_owned()).filter(|nick| !nick.is_empty())
}

/// `PATCH /guilds/{guild_id}/members/{user_id}`: `nick`, and `roles` as a full replacement.
pub(super) fn update(discord: &mut Discord, call: &Call, user: &str) -> Answer {
    let id = member_id(discord, user)?;
    let mut form = Form::read(call)?;
    let renames = form.has("nick");
    let nick = form.nick("nick");
    let roles = form.snowflakes("roles", 350);
    form.boolean("mute");
    form.boolean("deaf");
    let moderates =
        ["mute", "deaf", "channel_id", "communication_disabled_until"].iter().any(|name| form.has(name));
    form.finish()?;
    let guild = discord.guild();
    if moderates {
        return Err(missing_permissions());
    }
    if renames {
        need(guild, MANAGE_NICKNAMES)?;
        below_bot(guild, id)?;
    }
    if let Some(roles) = &roles {
        need(guild, MANAGE_ROLES)?;
        check_replacement(guild, id, roles)?;
    }
    let Some(member) = discord.guild_mut().members.get_mut(&id) else {
        return Err(unknown(&Missing::Member));
    };
    if renames {
        member.nick = nick.as_deref().and_then(trimmed);
    }
    if let Some(mut roles) = roles {
        roles.sort_unstable();
        member.roles = roles;
    }
    json(&member.json())
}

/// The bot must be allowed to give every role that comes or goes; managed roles must stay as they are (50028).
fn check_replacement(guild: &Guild, user: u64, wanted: &[u64]) -> Result<(), DiscordError> {
    let current = guild.members.get(&user).map_or(&[][..], |member| &member.roles);
    let added = wanted.iter().filter(|role| !current.contains(role));
    let removed = current.iter().filter(|role| !wanted.contains(role));
    for role in added.chain(removed) {
        let found = guild.roles.get(role).ok_or_else(|| unknown(&Missing::Role))?;
        if found.managed {
            return Err(invalid_role());
        }
        assignable(guild, *role)?;
    }
    Ok(())
}

/// `PATCH /guilds/{guild_id}/members/@me`: the bot's own nickname.
pub(super) fn update_self(discord: &mut Discord, call: &Call) -> Answer {
    update(discord, call, &DISCORD_APPLICATION_ID.to_string())
}

/// `DELETE /guilds/{guild_id}/members/{user_id}`
pub(super) fn remove(discord: &mut Discord, user: &str) -> Answer {
    let id = member_id(discord, user)?;
    need(discord.guild(), KICK_MEMBERS)?;
    below_bot(discord.guild(), id)?;
    discord.guild_mut().members.remove(&id);
    no_content()
}

/// `PUT` and `DELETE /guilds/{guild_id}/members/{user_id}/roles/{role_id}`; asking twice changes nothing.
pub(super) fn set_role(discord: &mut Discord, user: &str, role: &str, wanted: bool) -> Answer {
    let id = member_id(discord, user)?;
    let role = path_id("role_id", role)?;
    need(discord.guild(), MANAGE_ROLES)?;
    assignable(discord.guild(), role)?;
    if let Some(member) = discord.guild_mut().members.get_mut(&id) {
        member.roles.retain(|held| *held != role);
        if wanted {
            member.roles.push(role);
            member.roles.sort_unstable();
        }
    }
    no_content()
}
