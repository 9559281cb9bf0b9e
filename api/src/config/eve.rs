//! Settings for EVE Online: its SSO, ESI and image server.

use serde::Deserialize;
use url::Url;

use super::{Problems, literal};
use crate::upstream::Secret;

/// EVE SSO (an application registered at developers.eveonline.com).
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sso {
    #[serde(default = "default_metadata_url")]
    pub metadata_url: Url,
    pub client_id: String,
    pub client_secret: Secret,
    /// Scopes requested at login. `publicData` is the minimum that yields a refresh token, which is how a
    /// sold character is noticed.
    #[serde(default = "default_scopes")]
    pub scopes: Vec<String>,
}

fn default_metadata_url() -> Url {
    literal("https://login.eveonline.com/.well-known/oauth-authorization-server")
}

fn default_scopes() -> Vec<String> {
    vec!["publicData".into()]
}

impl Sso {
    /// Records what is wrong.
    pub fn check(&self, problems: &mut Problems) {
        problems.check_web_address("sso.metadata_url", &self.metadata_url);
        problems.check(!self.client_id.is_empty(), "sso.client_id: missing");
        problems.check(!self.client_secret.is_empty(), "sso.client_secret: missing");
        problems.check(!self.scopes.is_empty(), "sso.scopes: needs at least one scope (publicData)");
    }
}

/// ESI.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EsiSettings {
    #[serde(default = "default_base_url")]
    pub base_url: Url,
    /// E-mail address at which CCP can reach the operator; part of the User-Agent.
    pub contact: String,
}

fn default_base_url() -> Url {
    literal("https://esi.evetech.net")
}

impl EsiSettings {
    /// Records what is wrong.
    pub fn check(&self, problems: &mut Problems) {
        problems.check_web_address("esi.base_url", &self.base_url);
        problems.check(
            fealty_shared::validate::email(&self.contact).is_ok(),
            "esi.contact: must be an e-mail address CCP can write to",
        );
    }
}

/// EVE's image server.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Images {
    pub base_url: Url,
}

impl Default for Images {
    fn default() -> Self {
        Self { base_url: literal("https://images.evetech.net") }
    }
}

impl Images {
    /// Records what is wrong.
    pub fn check(&self, problems: &mut Problems) {
        problems.check_web_address("images.base_url", &self.base_url);
    }
}
