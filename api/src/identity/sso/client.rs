//! The SSO client: authorize URL, exchange, refresh, revocation.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use http::StatusCode;
use serde::Deserialize;
use url::Url;

use super::{
    SsoConfig, SsoError,
    fetched::Fetched,
    keys::Keys,
    metadata::Metadata,
    token::{Grant, Tokens, is_failing},
    verify::{Claims, Expected, Fault, verify},
};
use crate::upstream::{self, Answer, Call, Pace, Secret, SendError, http_client};

const KEEP_METADATA: Duration = Duration::from_secs(6 * 60 * 60);
const KEEP_KEYS: Duration = Duration::from_secs(60 * 60);
/// Tokens with made-up key ids must not make us hammer the SSO.
const FORCED_KEYS_COOLDOWN: Duration = Duration::from_secs(60);
/// Metadata and key sets are a few KB.
const LARGEST_DOCUMENT: usize = 256 * 1024;

/// A character proven by EVE SSO, and the tokens to act for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedLogin {
    /// The character.
    pub character_id: i64,
    /// Its current name.
    pub character_name: String,
    /// Changes when the character moves to another EVE account.
    pub owner_hash: String,
    /// What was granted: sorted, without duplicates.
    pub scopes: Vec<String>,
    /// For ESI.
    pub access_token: Secret,
    /// For later; there is none if no scope was granted. After a refresh, `None` means that the token used for it
    /// stays valid and must be kept; `Some` replaces it.
    pub refresh_token: Option<Secret>,
    /// When the access token expires.
    pub expires_at: DateTime<Utc>,
}

/// The EVE SSO client. One per process, because it caches the SSO's endpoints and keys.
#[derive(Debug)]
pub struct EveSso {
    pub(super) config: SsoConfig,
    pub(super) http: reqwest::Client,
    pub(super) pace: Pace,
    metadata: Fetched<Metadata>,
    keys: Fetched<Keys>,
}

impl EveSso {
    /// Creates the client; makes no requests yet.
    ///
    /// # Errors
    /// When no HTTP client can be built from the settings.
    pub fn new(config: SsoConfig, pace: Pace) -> Result<Self, reqwest::Error> {
        let http = http_client(&config.user_agent, &config.http)?;
        Ok(Self { config, http, pace, metadata: Fetched::new(KEEP_METADATA), keys: Fetched::new(KEEP_KEYS) })
    }

    /// Where to send a pilot's browser, asking for the configured scopes. `state` ties the answer to the login attempt.
    ///
    /// # Errors
    /// When the SSO's endpoints are not known yet and cannot be fetched.
    pub async fn authorize_url(&self, state: &str, pkce_challenge: &str) -> Result<Url, SsoError> {
        self.authorize_url_for(state, pkce_challenge, &self.config.scopes).await
    }

    /// As [`EveSso::authorize_url`], asking for `scopes`.
    ///
    /// # Errors
    /// As [`EveSso::authorize_url`].
    pub async fn authorize_url_for(
        &self,
        state: &str,
        pkce_challenge: &str,
        scopes: &[String],
    ) -> Result<Url, SsoError> {
        let mut url = self.metadata().await?.authorization_endpoint.clone();
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.config.client_id)
            .append_pair("redirect_uri", self.config.callback_url.as_str())
            .append_pair("scope", &scopes.join(" "))
            .append_pair("state", state)
            .append_pair("code_challenge", pkce_challenge)
            .append_pair("code_challenge_method", "S256");
        Ok(url)
    }

    /// Exchanges the code a pilot brought back. A code can be used once: after any error other than one about
    /// connecting, the pilot has to log in again.
    ///
    /// # Errors
    /// See [`SsoError`].
    pub async fn exchange(&self, code: &str, verifier: &Secret) -> Result<VerifiedLogin, SsoError> {
        self.login(Grant::Code { code, verifier }).await
    }

    /// Gets a new access token. Only [`SsoError::InvalidGrant`] means that `refresh_token` is dead; after an error
    /// whose answer [is lost](SsoError::is_lost) it may be.
    ///
    /// The caller compares `character_id` and `owner_hash` with what it knows.
    ///
    /// # Errors
    /// See [`SsoError`].
    pub async fn refresh(&self, refresh_token: &Secret) -> Result<VerifiedLogin, SsoError> {
        self.login(Grant::Refresh(refresh_token)).await
    }

    /// Tells the SSO to forget a refresh token. Unknown tokens are fine.
    ///
    /// # Errors
    /// See [`SsoError`]; none of them means that the token is dead.
    pub async fn revoke(&self, refresh_token: &Secret) -> Result<(), SsoError> {
        let metadata = self.metadata().await?;
        let Some(url) = &metadata.revocation_endpoint else {
            return Err(SsoError::Rejected("the SSO offers no revocation".to_owned()));
        };
        let form = [("token_type_hint", "refresh_token"), ("token", refresh_token.expose())];
        let call = Call { upstream: "sso", route: "POST /v2/oauth/revoke" };
        let (id, secret) = (&self.config.client_id, self.config.client_secret.expose());
        let request = self.http.post(url.clone()).basic_auth(id, Some(secret)).form(&form);
        self.repeat(call, request).await.map(drop)
    }

    async fn login(&self, grant: Grant<'_>) -> Result<VerifiedLogin, SsoError> {
        let metadata = self.metadata().await?;
        // Before the grant is used: tokens that we could not verify would be lost.
        let keys = self.keys(&metadata).await?;
        let tokens = self.tokens(&metadata, grant).await?;
        let claims = self.verified(&tokens, keys, &metadata).await.map_err(SsoError::after_arrival)?;
        let promised =
            tokens.expires_in.and_then(|span| self.pace.now().checked_add_signed(in_chrono(span)?));
        Ok(VerifiedLogin {
            character_id: claims.character_id,
            character_name: claims.character_name,
            owner_hash: claims.owner_hash,
            scopes: claims.scopes,
            access_token: tokens.access,
            refresh_token: tokens.refresh,
            expires_at: promised.map_or(claims.expires_at, |at| at.min(claims.expires_at)),
        })
    }

    /// Verifies the access token, looking once for newer keys if it names an unknown one.
    async fn verified(
        &self,
        tokens: &Tokens,
        keys: Arc<Keys>,
        metadata: &Metadata,
    ) -> Result<Claims, SsoError> {
        let mut result = self.check(tokens, &keys);
        if result == Err(Fault::UnknownKey) {
            let (now, fetch) = (self.pace.now(), self.fetch_keys(metadata));
            if let Some(newer) = self.keys.newer_than(&keys, now, FORCED_KEYS_COOLDOWN, fetch).await? {
                result = self.check(tokens, &newer);
            }
        }
        result.map_err(|fault| match fault {
            Fault::UnknownKey => SsoError::InvalidToken("unknown key"),
            Fault::Bad(reason) => SsoError::InvalidToken(reason),
        })
    }

    fn check(&self, tokens: &Tokens, keys: &Keys) -> Result<Claims, Fault> {
        let expected = Expected { client_id: &self.config.client_id, issuers: &self.config.issuers };
        verify(tokens.access.expose(), keys, expected, self.pace.now())
    }

    async fn metadata(&self) -> Result<Arc<Metadata>, SsoError> {
        let fetch = async {
            let call = Call { upstream: "sso", route: "GET /.well-known/oauth-authorization-server" };
            let url = &self.config.metadata_url;
            let answer = self.repeat(call, self.http.get(url.clone())).await?;
            Metadata::read(&answer.body, url)
        };
        self.metadata.get(self.pace.now(), fetch).await
    }

    async fn keys(&self, metadata: &Metadata) -> Result<Arc<Keys>, SsoError> {
        self.keys.get(self.pace.now(), self.fetch_keys(metadata)).await
    }

    async fn fetch_keys(&self, metadata: &Metadata) -> Result<Keys, SsoError> {
        let call = Call { upstream: "sso", route: "GET /oauth/jwks" };
        let answer = self.repeat(call, self.http.get(metadata.jwks_uri.clone())).await?;
        Keys::read(&answer.body)
    }

    /// Sends a request that is safe to repeat, until it is answered with 200.
    async fn repeat(&self, call: Call, request: reqwest::RequestBuilder) -> Result<Answer, SsoError> {
        let mut attempt = 1;
        loop {
            let request = request.try_clone().ok_or(SendError::Unbuildable)?;
            let error = match upstream::send(request, call, LARGEST_DOCUMENT).await {
                Ok(answer) if answer.status == StatusCode::OK => return Ok(answer),
                Ok(answer) => self.refusal(&answer),
                Err(error) => error.into(),
            };
            if !self.wait_before_retry(&error, attempt).await {
                return Err(error);
            }
            attempt += 1;
        }
    }

    fn refusal(&self, answer: &Answer) -> SsoError {
        #[derive(Deserialize)]
        struct OAuthError {
            error: String,
            error_description: Option<String>,
        }
        let said: Option<OAuthError> = serde_json::from_slice(&answer.body).ok();
        match said {
            Some(said) if !is_failing(answer.status) => {
                SsoError::from_code(&said.error, said.error_description.as_deref())
            }
            _ => SsoError::Unavailable {
                retry_after: upstream::retry_after(&answer.headers, self.pace.now()),
                reason: format!("status {}", answer.status.as_u16()),
                is_lost: false,
            },
        }
    }
}

fn in_chrono(span: Duration) -> Option<chrono::Duration> {
    chrono::Duration::from_std(span).ok()
}
