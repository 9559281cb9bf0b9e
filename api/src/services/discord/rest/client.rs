//! The client itself.

use url::Url;

use super::{DiscordConfig, DiscordError, is_snowflake, limits::Limits};
use crate::upstream::{Pace, http_client};

/// A Discord client for one guild. One per process: the limits it tracks are those of the whole process.
#[derive(Debug)]
pub struct DiscordRest {
    pub(super) config: DiscordConfig,
    pub(super) http: reqwest::Client,
    pub(super) pace: Pace,
    pub(super) limits: Limits,
}

impl DiscordRest {
    /// Creates the client; makes no requests yet.
    ///
    /// # Errors
    /// When no HTTP client can be built from the settings.
    pub fn new(config: DiscordConfig, pace: Pace) -> Result<Self, reqwest::Error> {
        let http = http_client(&config.user_agent, &config.http)?;
        Ok(Self { config, http, pace, limits: Limits::default() })
    }

    /// The guild's id, which is also the id of the role everybody has.
    #[must_use]
    pub fn guild_id(&self) -> &str {
        &self.config.guild_id
    }

    /// A URL below the API's.
    pub(super) fn url(&self, path: &[&str]) -> Result<Url, DiscordError> {
        let mut url = self.config.api_base_url.clone();
        url.path_segments_mut()
            .map_err(|()| DiscordError::Misuse("the API's address cannot have a path"))?
            .pop_if_empty()
            .extend(path);
        Ok(url)
    }

    /// A URL below the guild's; every id in `path` must have been checked.
    pub(super) fn guild_url(&self, path: &[&str]) -> Result<Url, DiscordError> {
        let guild = &self.config.guild_id;
        if !is_snowflake(guild) {
            return Err(DiscordError::Configuration("the guild id is not a number".to_owned()));
        }
        let whole: Vec<&str> = ["guilds", guild].iter().chain(path).copied().collect();
        self.url(&whole)
    }
}
