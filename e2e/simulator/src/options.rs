//! How a simulator is set up.

use std::{net::SocketAddr, path::PathBuf};

use crate::demo;

/// Settings of a simulator; `Default` suits tests: a free port, limits on, a small world.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where to listen; port 0 picks a free one.
    pub listen: SocketAddr,
    /// Fixes every generated name, date and organisation.
    pub seed: u64,
    /// Number of generated pilots instead of the usual 2,000 (at most 600,000).
    pub big_world: Option<usize>,
    /// Whether ESI's and Discord's rate and error limits are enforced. Benchmarks switch them off.
    pub rate_limits: bool,
    /// Callbacks of the EVE application in addition to [`demo::EVE_CALLBACK`].
    pub callbacks: Vec<String>,
    /// Redirects of the Discord application in addition to [`demo::DISCORD_CALLBACK`].
    pub discord_callbacks: Vec<String>,
    /// Whether a refresh issues a new refresh token and ends the old one (SSO guide: no source proves either).
    pub rotate_refresh_tokens: bool,
    /// `iss` of access tokens without `https://`, as in tokens before about 2022.
    pub bare_issuer: bool,
    /// Lifetime of access tokens in seconds.
    pub token_lifetime: i64,
    /// Overrides the `max-age` and `Expires` of ESI's answers, for clients that honour them and tests that cannot wait.
    pub cache_seconds: Option<u64>,
    /// File that keeps the world, grants and Discord across restarts. Not used with a big world.
    pub state: Option<PathBuf>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            seed: 1,
            big_world: None,
            rate_limits: true,
            callbacks: Vec::new(),
            discord_callbacks: Vec::new(),
            rotate_refresh_tokens: false,
            bare_issuer: false,
            token_lifetime: 1_200,
            cache_seconds: None,
            state: None,
        }
    }
}

impl Options {
    /// How many pilots are generated in addition to the demo cast.
    pub(crate) fn generated(&self) -> usize {
        self.big_world.unwrap_or(2_000)
    }

    pub(crate) fn eve_callbacks(&self) -> Vec<String> {
        [demo::EVE_CALLBACK.to_owned()].into_iter().chain(self.callbacks.clone()).collect()
    }

    pub(crate) fn discord_redirects(&self) -> Vec<String> {
        [demo::DISCORD_CALLBACK.to_owned()].into_iter().chain(self.discord_callbacks.clone()).collect()
    }
}
