//! Linking a Discord account: OAuth 2.0.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use url::Url;

use super::{
    DiscordError, DiscordRest, DiscordUser, is_snowflake,
    send::{Ask, Caller},
};
use crate::upstream::Secret;

/// To identify the account, and to bring it into the guild.
const SCOPES: &str = "identify guilds.join";

/// What a user granted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiscordTokens {
    /// For calls on the user's behalf.
    pub access_token: Secret,
    /// For later; each use replaces it.
    pub refresh_token: Option<Secret>,
    /// What was granted.
    pub scopes: Vec<String>,
    /// When the access token expires.
    pub expires_at: DateTime<Utc>,
}

impl DiscordTokens {
    /// Whether the account can be brought into the guild.
    #[must_use]
    pub fn may_join(&self) -> bool {
        self.scopes.iter().any(|scope| scope == "guilds.join")
    }
}

impl DiscordRest {
    /// Where to send a user's browser. `state` ties the answer to the attempt. Discord always asks for consent, so
    /// that users see which account they are about to link.
    #[must_use]
    pub fn authorize_url(&self, state: &str) -> Url {
        let mut url = self.config.authorize_url.clone();
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.config.client_id)
            .append_pair("scope", SCOPES)
            .append_pair("state", state)
            .append_pair("redirect_uri", self.config.redirect_url.as_str())
            .append_pair("prompt", "consent");
        url
    }

    /// Exchanges the code a user brought back. A code can be used once.
    ///
    /// # Errors
    /// See [`DiscordError`].
    pub async fn exchange_code(&self, code: &str) -> Result<DiscordTokens, DiscordError> {
        let redirect = self.config.redirect_url.as_str();
        self.grant(&[("grant_type", "authorization_code"), ("code", code), ("redirect_uri", redirect)]).await
    }

    /// Gets new tokens; both old ones are dead afterwards.
    ///
    /// # Errors
    /// See [`DiscordError`]; only `InvalidGrant` means that `refresh_token` is dead.
    pub async fn refresh(&self, refresh_token: &Secret) -> Result<DiscordTokens, DiscordError> {
        self.grant(&[("grant_type", "refresh_token"), ("refresh_token", refresh_token.expose())]).await
    }

    /// Whose token this is.
    ///
    /// # Errors
    /// `InvalidGrant` when the token is dead; see [`DiscordError`] for the rest.
    pub async fn current_user(&self, access_token: &Secret) -> Result<DiscordUser, DiscordError> {
        let ask = Ask { route: "GET /users/@me", caller: Caller::User(access_token), repeatable: true };
        let user: DiscordUser = self.fetch(ask, self.http.get(self.url(&["users", "@me"])?)).await?;
        if !is_snowflake(&user.id) {
            return Err(DiscordError::Invalid("a user id that is not a number".to_owned()));
        }
        Ok(user)
    }

    async fn grant(&self, form: &[(&str, &str)]) -> Result<DiscordTokens, DiscordError> {
        #[derive(Deserialize)]
        struct Body {
            access_token: String,
            #[serde(default)]
            refresh_token: Option<String>,
            expires_in: u32,
            #[serde(default)]
            scope: String,
        }
        let ask = Ask { route: "POST /oauth2/token", caller: Caller::Application, repeatable: false };
        let body: Body = self.fetch(ask, self.http.post(self.config.token_url.clone()).form(form)).await?;
        Ok(DiscordTokens {
            access_token: Secret::new(body.access_token),
            refresh_token: body.refresh_token.filter(|token| !token.is_empty()).map(Secret::new),
            scopes: body.scope.split_whitespace().map(str::to_owned).collect(),
            expires_at: self.pace.now() + chrono::Duration::seconds(i64::from(body.expires_in)),
        })
    }
}
