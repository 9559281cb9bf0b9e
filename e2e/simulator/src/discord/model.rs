//! Users, members and roles, and their JSON.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::demo::DISCORD_APPLICATION_ID;

/// Permission bits used here (Discord docs, OAuth 2).
pub(super) mod permissions {
    pub(crate) const CREATE_INSTANT_INVITE: u64 = 1 << 0;
    pub(crate) const KICK_MEMBERS: u64 = 1 << 1;
    pub(crate) const ADMINISTRATOR: u64 = 1 << 3;
    pub(crate) const MANAGE_NICKNAMES: u64 = 1 << 27;
    pub(crate) const MANAGE_ROLES: u64 = 1 << 28;
}

/// A Discord account.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DiscordUser {
    /// Snowflake.
    #[serde(with = "snowflake")]
    pub id: u64,
    /// Unique name.
    pub username: String,
    /// Display name.
    pub global_name: Option<String>,
    /// Belongs to an application.
    pub bot: bool,
}

/// A user in the guild.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DiscordMember {
    /// Who.
    pub user: DiscordUser,
    /// Nickname in the guild.
    pub nick: Option<String>,
    /// Roles without `@everyone`, in ascending order.
    #[serde(with = "snowflakes")]
    pub roles: Vec<u64>,
    /// Since when.
    pub joined_at: DateTime<Utc>,
    /// Boosting since.
    pub premium_since: Option<DateTime<Utc>>,
}

/// A role of the guild.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DiscordRole {
    /// Snowflake; `@everyone` has the guild's id.
    #[serde(with = "snowflake")]
    pub id: u64,
    /// Name; not unique.
    pub name: String,
    /// Height; `@everyone` is 0.
    pub position: i64,
    /// Permission bits.
    pub permissions: u64,
    /// RGB.
    pub color: u32,
    /// Shown apart in the member list.
    pub hoist: bool,
    /// Anyone may mention it.
    pub mentionable: bool,
    /// Belongs to a bot or to boosting; nobody can assign it.
    pub managed: bool,
    /// `bot_id` or `premium_subscriber`.
    pub tags: Option<Value>,
}

/// Snowflakes as strings, as everywhere at Discord.
mod snowflake {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature serde asks for")]
    pub(super) fn serialize<S: Serializer>(id: &u64, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(id)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

/// Lists of snowflakes as strings.
mod snowflakes {
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(ids: &[u64], serializer: S) -> Result<S::Ok, S::Error> {
        ids.iter().map(u64::to_string).collect::<Vec<_>>().serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u64>, D::Error> {
        let ids = Vec::<String>::deserialize(deserializer)?;
        ids.iter().map(|id| id.parse().map_err(D::Error::custom)).collect()
    }
}

/// A time as Discord writes it.
pub(super) fn time(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%dT%H:%M:%S%.6f+00:00").to_string()
}

impl DiscordUser {
    /// Schema `UserResponse`.
    pub(super) fn json(&self) -> Value {
        let mut body = json!({
            "id": self.id.to_string(),
            "username": self.username,
            "discriminator": if self.bot { "4242" } else { "0" },
            "global_name": self.global_name,
            "avatar": null,
            "banner": null,
            "accent_color": null,
            "avatar_decoration_data": null,
            "collectibles": null,
            "public_flags": 0,
            "flags": 0,
            "primary_guild": null,
        });
        if self.bot {
            body["bot"] = json!(true);
        }
        body
    }

    /// Schema `UserPIIResponse`: what users see of themselves.
    pub(super) fn own_json(&self) -> Value {
        let mut body = self.json();
        body["mfa_enabled"] = json!(true);
        body["locale"] = json!("en-US");
        body["premium_type"] = json!(0);
        body
    }
}

impl DiscordMember {
    /// Schema `GuildMemberResponse`.
    pub(super) fn json(&self) -> Value {
        json!({
            "user": self.user.json(),
            "nick": self.nick,
            "avatar": null,
            "banner": null,
            "roles": self.roles.iter().map(u64::to_string).collect::<Vec<_>>(),
            "joined_at": time(self.joined_at),
            "premium_since": self.premium_since.map(time),
            "deaf": false,
            "mute": false,
            "flags": 0,
            "pending": false,
            "communication_disabled_until": null,
        })
    }
}

impl DiscordRole {
    /// Schema `GuildRoleResponse`.
    pub(super) fn json(&self) -> Value {
        let mut body = json!({
            "id": self.id.to_string(),
            "name": self.name,
            "permissions": self.permissions.to_string(),
            "position": self.position,
            "color": self.color,
            "colors": { "primary_color": self.color, "secondary_color": null, "tertiary_color": null },
            "hoist": self.hoist,
            "managed": self.managed,
            "mentionable": self.mentionable,
            "icon": null,
            "unicode_emoji": null,
            "flags": 0,
        });
        if let Some(tags) = &self.tags {
            body["tags"] = tags.clone();
        }
        body
    }
}

/// Schema `ApplicationResponse`.
pub(super) fn application_json() -> Value {
    json!({
        "id": DISCORD_APPLICATION_ID.to_string(),
        "name": "Fealty",
        "icon": null,
        "description": "",
        "type": null,
        "verify_key": "0".repeat(64),
        "flags": 0,
        "flags_new": "0",
        "bot_public": false,
        "bot_require_code_grant": false,
    })
}
