//! How to reach EVE SSO and who we are there.

use url::Url;

use crate::upstream::{Backoff, HttpOptions, Secret};

/// Where EVE SSO describes itself.
pub const DEFAULT_METADATA_URL: &str = "https://login.eveonline.com/.well-known/oauth-authorization-server";

/// The issuers named by EVE's tokens and documentation.
#[must_use]
pub fn default_issuers() -> Vec<String> {
    ["login.eveonline.com", "https://login.eveonline.com", "https://login.eveonline.com/"]
        .map(str::to_owned)
        .to_vec()
}

/// Settings of the SSO client: the application as registered on EVE's developer site.
#[derive(Debug, Clone)]
pub struct SsoConfig {
    /// Where the SSO describes itself. When this is HTTPS, every address found there must be.
    pub metadata_url: Url,
    /// The application's client id.
    pub client_id: String,
    /// The application's secret.
    pub client_secret: Secret,
    /// Where the SSO sends pilots back to; must be registered in exactly this form.
    pub callback_url: Url,
    /// The scopes requested at login. Without any scope there is no refresh token.
    pub scopes: Vec<String>,
    /// The issuers accepted in tokens.
    pub issuers: Vec<String>,
    /// The `User-Agent`.
    pub user_agent: String,
    /// Timeouts and connections.
    pub http: HttpOptions,
    /// Attempts per call, and the waits between them.
    pub backoff: Backoff,
}

impl SsoConfig {
    /// The usual settings for an application.
    #[must_use]
    pub fn new(
        metadata_url: Url,
        client_id: impl Into<String>,
        client_secret: Secret,
        callback_url: Url,
        user_agent: impl Into<String>,
    ) -> Self {
        Self {
            metadata_url,
            client_id: client_id.into(),
            client_secret,
            callback_url,
            scopes: Vec::new(),
            issuers: default_issuers(),
            user_agent: user_agent.into(),
            http: HttpOptions::default(),
            backoff: Backoff::default(),
        }
    }
}
