//! Settings for the site itself: its address, its secret, who may register.

use std::path::PathBuf;

use base64::Engine;
use figment::Figment;
use serde::Deserialize;
use url::Url;

use super::Problems;
use crate::upstream::Secret;

/// The site itself.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Site {
    /// The address people open, without a path. `https` makes cookies `Secure`.
    pub url: Url,
    /// Shown in titles and mails.
    #[serde(default = "default_name")]
    pub name: String,
    /// Enables `GraphiQL`, the outbox page and links to the simulator.
    #[serde(default)]
    pub development: bool,
    /// At least 32 characters; seals refresh tokens. Changing it makes stored tokens worthless. May be given here or
    /// in the file below; once the settings are loaded it is here.
    pub secret_key: Secret,
    /// A file that contains the secret key.
    pub secret_key_file: Option<PathBuf>,
}

/// `site.name`, if none is given.
fn default_name() -> String {
    "Fealty".into()
}

impl Site {
    /// Records what is wrong.
    pub fn check(&self, problems: &mut Problems) {
        problems.check_web_address("site.url", &self.url);
        problems.check(self.url.path() == "/" && self.url.query().is_none(), "site.url: must have no path");
        problems.check((1..=100).contains(&self.name.chars().count()), "site.name: 1 to 100 characters");
        problems.check(self.secret_key.expose().len() >= 32, "site.secret_key: needs at least 32 characters");
    }
}

/// Puts the secret key in its place: from its file, unless it is already there. If there is none, this is recorded
/// along with a suggestion, which stands in while the rest is checked.
pub(super) fn with_secret_key(settings: Figment, problems: &mut Problems) -> Figment {
    const KEY: &str = "site.secret_key";
    if settings.contains(KEY) {
        return settings;
    }
    let Ok(path) = settings.extract_inner::<PathBuf>("site.secret_key_file") else {
        let proposal = proposal();
        problems.add(format!("{KEY}: missing; a fresh one would be \"{proposal}\""));
        return settings.merge((KEY, proposal));
    };
    match std::fs::read_to_string(&path) {
        Ok(text) => settings.merge((KEY, text.trim())),
        Err(error) => {
            problems.add(format!("site.secret_key_file: {}: {error}", path.display()));
            settings.merge((KEY, proposal()))
        }
    }
}

/// A key that nobody else has.
fn proposal() -> String {
    let mut bytes = [0u8; 32];
    rand::RngCore::fill_bytes(&mut rand::rngs::ThreadRng::default(), &mut bytes);
    base64::prelude::BASE64_STANDARD.encode(bytes)
}

/// Registration of new users.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Registration {
    pub open: bool,
    /// Whether an address must be confirmed through a mailed link.
    pub verify_email: bool,
    /// How long such a link is valid, in hours.
    pub link_valid_hours: u32,
}

impl Default for Registration {
    fn default() -> Self {
        Self { open: true, verify_email: true, link_valid_hours: 24 }
    }
}

impl Registration {
    /// Records what is wrong.
    pub fn check(&self, problems: &mut Problems) {
        problems.check((1..=720).contains(&self.link_valid_hours), "registration.link_valid_hours: 1 to 720");
    }
}

/// Groups.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Groups {
    /// Whether members can leave all groups without approval, as with open ones (`GROUPMANAGEMENT_AUTO_LEAVE`).
    pub auto_leave: bool,
    /// Whether leaders are notified of requests (`GROUPMANAGEMENT_REQUESTS_NOTIFICATION`).
    pub request_notifications: bool,
}
