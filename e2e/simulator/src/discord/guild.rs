//! The guild itself.

use serde_json::{Value, json};

use super::{
    Answer,
    auth::Caller,
    errors::{DiscordError, Missing, missing_access, only_bots, unknown},
    form::path_id,
    json,
    model::DiscordRole,
    state::Discord,
};
use crate::{demo, http::Call};

/// What every guild endpoint checks first: a bot, a guild that exists, and the bot in it.
pub(super) fn enter(discord: &Discord, caller: &Caller, guild: &str) -> Result<(), DiscordError> {
    if !matches!(caller, Caller::Bot) {
        return Err(only_bots());
    }
    if path_id("guild_id", guild)? != demo::DISCORD_GUILD_ID {
        return Err(unknown(&Missing::Guild));
    }
    if discord.guild().members.contains_key(&demo::DISCORD_APPLICATION_ID) {
        Ok(())
    } else {
        Err(missing_access())
    }
}

/// `GET /guilds/{guild_id}` (schema `GuildWithCountsResponse`)
pub(super) fn get(discord: &Discord, call: &Call) -> Answer {
    let guild = discord.guild();
    let mut roles: Vec<_> = guild.roles.values().collect();
    roles.sort_by_key(|role| (role.position, role.id));
    let mut body = json!({
        "id": demo::DISCORD_GUILD_ID.to_string(),
        "name": "Ashen Covenant",
        "icon": null,
        "description": null,
        "home_header": null,
        "splash": null,
        "discovery_splash": null,
        "features": [],
        "banner": null,
        "owner_id": demo::DISCORD_OWNER.to_string(),
        "application_id": null,
        "region": "deprecated",
        "afk_channel_id": null,
        "afk_timeout": 300,
        "system_channel_id": null,
        "system_channel_flags": 0,
        "widget_enabled": false,
        "widget_channel_id": null,
        "verification_level": 0,
        "roles": roles.into_iter().map(DiscordRole::json).collect::<Vec<Value>>(),
        "default_message_notifications": 0,
        "mfa_level": 0,
        "explicit_content_filter": 0,
        "max_presences": null,
        "max_members": 500_000,
        "max_stage_video_channel_users": 50,
        "max_video_channel_users": 25,
        "vanity_url_code": null,
        "premium_tier": 0,
        "premium_subscription_count": 1,
        "preferred_locale": "en-US",
        "rules_channel_id": null,
        "safety_alerts_channel_id": null,
        "public_updates_channel_id": null,
        "premium_progress_bar_enabled": false,
        "nsfw": false,
        "nsfw_level": 0,
        "emojis": [],
        "stickers": [],
        "incidents_data": null,
    });
    if call.query("with_counts") == Some("true") {
        body["approximate_member_count"] = json!(guild.members.len());
        body["approximate_presence_count"] = json!(guild.members.len() / 2);
    }
    json(&body)
}
