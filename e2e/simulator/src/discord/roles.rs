//! Roles of the guild.

use serde_json::Value;

use super::{
    Answer,
    errors::{
        DiscordError, Missing, invalid_role, missing_permissions, needs_boosts, too_many_roles, unknown,
    },
    form::{Form, path_id},
    json,
    members::need,
    model::{DiscordRole, permissions::MANAGE_ROLES},
    no_content,
    state::{Discord, Guild},
};
use crate::{
    demo::{DISCORD_APPLICATION_ID, DISCORD_GUILD_ID},
    http::Call,
};

/// How many roles a guild can have, including `@everyone`.
const MOST_ROLES: usize = 250;
const LARGEST_COLOR: u64 = 0xFF_FF_FF;

/// The fields a request may set.
struct Fields {
    name: Option<String>,
    permissions: Option<u64>,
    color: Option<u64>,
    hoist: Option<bool>,
    mentionable: Option<bool>,
}

fn read(guild: &Guild, call: &Call) -> Result<Fields, DiscordError> {
    let mut form = Form::read(call)?;
    let fields = Fields {
        name: form.string("name", 1, 100),
        permissions: form.integer("permissions", u64::MAX),
        color: form.integer("color", LARGEST_COLOR),
        hoist: form.boolean("hoist"),
        mentionable: form.boolean("mentionable"),
    };
    let decorated =
        form.string("icon", 0, usize::MAX).is_some() || form.string("unicode_emoji", 0, 100).is_some();
    form.finish()?;
    need(guild, MANAGE_ROLES)?;
    if decorated {
        return Err(needs_boosts());
    }
    // Nobody can hand out what they do not have.
    if fields.permissions.is_some_and(|bits| bits & !guild.bot_permissions() != 0) {
        return Err(missing_permissions());
    }
    Ok(fields)
}

impl Fields {
    fn apply(self, role: &mut DiscordRole) {
        role.name = self.name.unwrap_or_else(|| role.name.clone());
        role.permissions = self.permissions.unwrap_or(role.permissions);
        role.color = self.color.map_or(role.color, |color| color as u32);
        role.hoist = self.hoist.unwrap_or(role.hoist);
        role.mentionable = self.mentionable.unwrap_or(role.mentionable);
    }
}

/// The role, if the bot is above it.
fn editable(guild: &Guild, role: &str) -> Result<u64, DiscordError> {
    let id = path_id("role_id", role)?;
    need(guild, MANAGE_ROLES)?;
    let role = guild.roles.get(&id).ok_or_else(|| unknown(&Missing::Role))?;
    if role.position < guild.top(DISCORD_APPLICATION_ID) { Ok(id) } else { Err(missing_permissions()) }
}

/// `GET /guilds/{guild_id}/roles`
pub(super) fn list(discord: &Discord) -> Answer {
    let mut roles: Vec<_> = discord.guild().roles.values().collect();
    roles.sort_by_key(|role| (role.position, role.id));
    json(&roles.into_iter().map(DiscordRole::json).collect())
}

/// `GET /guilds/{guild_id}/roles/{role_id}`
pub(super) fn get(discord: &Discord, role: &str) -> Answer {
    let id = path_id("role_id", role)?;
    let role = discord.guild().roles.get(&id).ok_or_else(|| unknown(&Missing::Role))?;
    json(&role.json())
}

/// `POST /guilds/{guild_id}/roles`: the new role goes just above `@everyone`.
pub(super) fn create(discord: &mut Discord, call: &Call) -> Answer {
    let fields = read(discord.guild(), call)?;
    if discord.guild().roles.len() >= MOST_ROLES {
        return Err(too_many_roles());
    }
    let everyone = discord.guild().roles.get(&DISCORD_GUILD_ID).map_or(0, |role| role.permissions);
    let id = discord.new_id();
    let mut role = DiscordRole {
        id,
        name: "new role".into(),
        position: 1,
        permissions: everyone,
        color: 0,
        hoist: false,
        mentionable: false,
        managed: false,
        tags: None,
    };
    fields.apply(&mut role);
    discord.guild_mut().insert_role(role);
    json(&discord.guild().roles.get(&id).map_or(Value::Null, DiscordRole::json))
}

/// `PATCH /guilds/{guild_id}/roles/{role_id}`
pub(super) fn update(discord: &mut Discord, call: &Call, role: &str) -> Answer {
    let id = editable(discord.guild(), role)?;
    let fields = read(discord.guild(), call)?;
    let role = discord.guild_mut().roles.get_mut(&id).ok_or_else(|| unknown(&Missing::Role))?;
    fields.apply(role);
    json(&role.json())
}

/// `DELETE /guilds/{guild_id}/roles/{role_id}`; managed roles and `@everyone` stay.
pub(super) fn delete(discord: &mut Discord, role: &str) -> Answer {
    let id = editable(discord.guild(), role)?;
    if id == DISCORD_GUILD_ID || discord.guild().roles.get(&id).is_some_and(|role| role.managed) {
        return Err(invalid_role());
    }
    discord.guild_mut().remove_role(id);
    no_content()
}
