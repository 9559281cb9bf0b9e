//! EVE SSO.

use url::Url;

use super::Handle;
use crate::{
    core::lock,
    demo,
    http::pairs,
    sso::{self, Grant},
};

impl Handle {
    /// Gives the default EVE application another callback.
    pub fn add_callback(&self, callback: &str) {
        self.register_client(demo::EVE_CLIENT_ID, None, Some(callback));
    }

    /// Registers an EVE application (with the default secret unless one is given), or changes a known one.
    pub fn register_client(&self, client_id: &str, secret: Option<&str>, callback: Option<&str>) {
        lock(&self.core.sso).register(client_id, secret, callback);
    }

    /// What a person does on the login page: the pilot agrees. Returns the URL the browser is sent to, with `code`
    /// and `state`, or else the text the page would show.
    pub fn authorize(&self, authorize_url: &str, character: i64) -> Result<String, String> {
        let request = sso::check(&self.core, &query(authorize_url)?)?;
        sso::choose(&self.core, request, character).ok_or_else(|| format!("there is no pilot {character}"))
    }

    /// Ends every grant of a character, as pilots can on the game's website; returns how many were alive.
    pub fn revoke_tokens(&self, character: i64) -> usize {
        lock(&self.core.sso).revoke_character(character)
    }

    /// A character's grants, including ended ones.
    pub fn grants(&self, character: i64) -> Vec<Grant> {
        let sso = lock(&self.core.sso);
        sso.grants.values().filter(|grant| grant.character_id == character).cloned().collect()
    }

    /// A refresh token out of thin air, for tests and benchmarks that start in the middle.
    pub fn issue_refresh_token(&self, character: i64, scopes: &[&str]) -> String {
        let token = self.core.token24();
        let grant = Grant {
            client_id: demo::EVE_CLIENT_ID.into(),
            character_id: character,
            owner_hash: self.core.world().owner_hash(character),
            scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
            revoked: false,
        };
        lock(&self.core.sso).add_grant(token.clone(), grant);
        token
    }

    /// An access token out of thin air; a negative lifetime makes it an expired one.
    pub fn mint_access_token(&self, character: i64, scopes: &[&str], lifetime: i64) -> String {
        let scopes: Vec<String> = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        let issuer = sso::issuer(lock(&self.core.sso).bare_issuer);
        let claim = sso::Claim { client: demo::EVE_CLIENT_ID, character, scopes: &scopes, lifetime, issuer };
        sso::mint(&self.core, &self.core.world(), &claim)
    }

    /// Whether a refresh gives a new refresh token and ends the old one.
    pub fn set_refresh_rotation(&self, on: bool) {
        lock(&self.core.sso).rotate = on;
    }

    /// Whether `iss` is the bare host name.
    pub fn set_bare_issuer(&self, on: bool) {
        lock(&self.core.sso).bare_issuer = on;
    }

    /// Lifetime of access tokens from now on, in seconds.
    pub fn set_token_lifetime(&self, seconds: i64) {
        lock(&self.core.sso).token_lifetime = seconds;
    }
}

/// The query of a URL.
pub(super) fn query(url: &str) -> Result<Vec<(String, String)>, String> {
    let url = Url::parse(url).map_err(|error| format!("{url}: {error}"))?;
    Ok(pairs(url.query().unwrap_or_default().as_bytes()))
}
