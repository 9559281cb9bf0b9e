//! Settings for Discord (an application and bot registered at discord.com/developers).

use serde::Deserialize;
use url::Url;

use super::{Problems, literal};
use crate::{services::discord::rest::is_snowflake, upstream::Secret};

/// Discord.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Discord {
    #[serde(deserialize_with = "digits")]
    pub guild_id: String,
    #[serde(deserialize_with = "digits")]
    pub client_id: String,
    pub client_secret: Secret,
    pub bot_token: Secret,
    #[serde(default = "default_api_base_url")]
    pub api_base_url: Url,
    #[serde(default = "default_authorize_url")]
    pub authorize_url: Url,
    #[serde(default = "default_token_url")]
    pub token_url: Url,
    /// Whether nicknames are kept in step with the pilot's name.
    #[serde(default = "super::yes")]
    pub sync_names: bool,
}

fn default_api_base_url() -> Url {
    literal("https://discord.com/api/v10")
}

fn default_authorize_url() -> Url {
    literal("https://discord.com/oauth2/authorize")
}

fn default_token_url() -> Url {
    literal("https://discord.com/api/oauth2/token")
}

/// Discord ids may be written with or without quotes; an environment variable has none anyway.
fn digits<'de, D: serde::Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Either {
        Text(String),
        Number(u64),
    }
    Ok(match Either::deserialize(from)? {
        Either::Text(text) => text,
        Either::Number(number) => number.to_string(),
    })
}

impl Discord {
    /// Records what is wrong.
    pub fn check(&self, problems: &mut Problems) {
        problems.check(is_snowflake(&self.guild_id), "discord.guild_id: must be the server's id (digits)");
        problems
            .check(is_snowflake(&self.client_id), "discord.client_id: must be the application's id (digits)");
        problems.check(!self.client_secret.is_empty(), "discord.client_secret: missing");
        problems.check(!self.bot_token.is_empty(), "discord.bot_token: missing");
        problems.check_web_address("discord.api_base_url", &self.api_base_url);
        problems.check_web_address("discord.authorize_url", &self.authorize_url);
        problems.check_web_address("discord.token_url", &self.token_url);
    }
}
