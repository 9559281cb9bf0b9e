//! How to reach Discord and who we are there.

use std::time::Duration;

use url::Url;

use crate::upstream::{Backoff, HttpOptions, Secret};

/// Settings of the Discord client: the application as registered with Discord, its bot, and the guild.
#[derive(Debug, Clone)]
pub struct DiscordConfig {
    /// `https://discord.com/api/v10`.
    pub api_base_url: Url,
    /// `https://discord.com/oauth2/authorize`.
    pub authorize_url: Url,
    /// `https://discord.com/api/oauth2/token`; `/revoke` below it revokes.
    pub token_url: Url,
    /// The application's id.
    pub client_id: String,
    /// The application's secret.
    pub client_secret: Secret,
    /// The bot's token.
    pub bot_token: Secret,
    /// The guild whose members are managed.
    pub guild_id: String,
    /// Where Discord sends users back to; must be registered in exactly this form.
    pub redirect_url: Url,
    /// The `User-Agent`; see [`user_agent`]. Without a proper one Discord refuses everything.
    pub user_agent: String,
    /// What the guild's audit log says about our changes.
    pub audit_reason: String,
    /// How long one call may wait for limits in total before it gives up.
    pub longest_wait: Duration,
    /// Timeouts and connections.
    pub http: HttpOptions,
    /// Attempts per call, and the waits between them.
    pub backoff: Backoff,
}

impl DiscordConfig {
    /// Settings for the real Discord; credentials and guild have to be filled in.
    ///
    /// # Errors
    /// Never in practice; the URLs are constants.
    pub fn new(user_agent: impl Into<String>, redirect_url: Url) -> Result<Self, url::ParseError> {
        Ok(Self {
            api_base_url: Url::parse("https://discord.com/api/v10")?,
            authorize_url: Url::parse("https://discord.com/oauth2/authorize")?,
            token_url: Url::parse("https://discord.com/api/oauth2/token")?,
            client_id: String::new(),
            client_secret: Secret::new(""),
            bot_token: Secret::new(""),
            guild_id: String::new(),
            redirect_url,
            user_agent: user_agent.into(),
            audit_reason: "Fealty: access rules".to_owned(),
            longest_wait: Duration::from_secs(2),
            http: HttpOptions::default(),
            backoff: Backoff::default(),
        })
    }
}

/// The `User-Agent` Discord requires: `DiscordBot (https://example.org/source, 1.2.3)`.
#[must_use]
pub fn user_agent(source: &str, version: &str) -> String {
    let clean = |text: &str| -> String {
        text.chars().filter(|c| c.is_ascii_graphic() && !matches!(c, '(' | ')' | ',')).collect()
    };
    format!("DiscordBot ({}, {})", clean(source), clean(version))
}
