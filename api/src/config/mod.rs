//! One typed settings tree: defaults, then a TOML file, then environment variables, checked as a whole.
//!
//! - The file is given by `--config` or `FEALTY_CONFIG`.
//! - `FEALTY_<SECTION>__<KEY>` overrides a key, for example `FEALTY_HTTP__LISTEN`. `DATABASE_URL` is short
//!   for `FEALTY_DATABASE__URL`.
//! - Unknown keys are errors: a misspelt setting must not silently become a default.
//! - `Config::load` reports everything that is wrong at once, each with the key it is about.

mod database;
mod discord;
mod eve;
mod mail;
mod problems;
mod server;
mod site;
#[cfg(test)]
mod tests;
mod worker;

use std::{collections::BTreeMap, path::Path};

use figment::{
    Figment,
    providers::{Env, Format, Toml},
};
use serde::Deserialize;
use url::Url;

pub use database::Database;
pub use discord::Discord;
pub use eve::{EsiSettings, Images, Sso};
pub use mail::Mail;
pub use problems::{ConfigError, Problems};
pub use server::{Http, Log, LogFormat, Simulator};
pub use site::{Groups, Registration, Site};
pub use worker::Worker;

use crate::{db, upstream::Secret};

/// All settings.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    pub site: Site,
    #[serde(default)]
    pub http: Http,
    pub database: Database,
    pub sso: Sso,
    pub esi: EsiSettings,
    #[serde(default)]
    pub images: Images,
    pub mail: Mail,
    #[serde(default)]
    pub registration: Registration,
    #[serde(default)]
    pub groups: Groups,
    /// Absent: no Discord service.
    pub discord: Option<Discord>,
    #[serde(default)]
    pub worker: Worker,
    #[serde(default)]
    pub log: Log,
    /// Development: where the simulator is running.
    pub simulator: Option<Simulator>,
}

/// What has no default, besides the secret key.
const REQUIRED: [&str; 7] = [
    "site.url",
    "database.url",
    "sso.client_id",
    "sso.client_secret",
    "esi.contact",
    "mail.transport",
    "mail.from",
];

/// A switch that is on by default.
const fn yes() -> bool {
    true
}

/// A URL built into the program.
#[expect(clippy::expect_used, reason = "literals, covered by a test")]
fn literal(text: &str) -> Url {
    Url::parse(text).expect("a valid literal")
}

impl Config {
    /// Reads the file (if any) and the environment, and checks everything.
    ///
    /// # Errors
    /// Everything that is wrong, each line naming its key.
    pub fn load(file: Option<&Path>) -> Result<Self, ConfigError> {
        let mut figment = Figment::new();
        if let Some(path) = file {
            if !path.is_file() {
                return Err(ConfigError(vec![format!("file {} does not exist", path.display())]));
            }
            figment = figment.merge(Toml::file_exact(path));
        }
        let nested = Env::prefixed("FEALTY_").filter(|key| key.as_str().contains("__")).split("__");
        let url = Env::raw().only(&["DATABASE_URL"]).map(|_| "database.url".into());
        let figment = figment.merge(url).merge(nested);
        if file.is_none()
            && figment.find_value("").is_ok_and(|all| all.as_dict().is_none_or(BTreeMap::is_empty))
        {
            let text = "there are no settings; name their file: --config FILE (or FEALTY_CONFIG)";
            return Err(ConfigError(vec![text.into()]));
        }
        Self::from_figment(&figment)
    }

    fn from_figment(figment: &Figment) -> Result<Self, ConfigError> {
        // Of a file that cannot be read, nothing else is worth saying.
        if let Err(errors) = figment.find_value("") {
            return Err(ConfigError(errors.into_iter().map(|error| describe(&error)).collect()));
        }
        let is_development = figment.extract_inner("site.development").unwrap_or(false);
        let mut problems = Problems::new(is_development);
        let figment = site::with_secret_key(figment.clone(), &mut problems);
        for key in REQUIRED.iter().filter(|key| !figment.contains(key)) {
            let variable = key.to_uppercase().replace('.', "__");
            let way = format!("set it in the file given by --config, or as FEALTY_{variable}");
            problems.add(format!("{key}: missing; {way}"));
        }
        let mut config: Self = match figment.extract() {
            Ok(config) => config,
            Err(errors) => {
                let others = errors.into_iter().filter(|error| !is_named(error));
                return Err(problems.and(others.map(|error| describe(&error))));
            }
        };
        config.database.url = Secret::new(db::watched(config.database.url.expose()));
        config.check(&mut problems);
        problems.verdict()?;
        Ok(config)
    }

    /// Records everything that is wrong.
    fn check(&self, problems: &mut Problems) {
        self.site.check(problems);
        self.database.check(problems);
        self.sso.check(problems);
        self.esi.check(problems);
        self.images.check(problems);
        self.mail.check(problems);
        self.registration.check(problems);
        self.worker.check(problems);
        self.log.check(problems);
        if let Some(discord) = &self.discord {
            discord.check(problems);
        }
        if let Some(simulator) = &self.simulator {
            simulator.check(problems);
        }
    }

    /// Drops the time limits for the server's statements: jobs and the operator's commands may take long.
    #[must_use]
    pub fn without_time_limits(mut self) -> Self {
        self.database.statement_timeout_seconds = 0;
        self.database.idle_transaction_timeout_seconds = 0;
        self
    }

    /// The key that seals stored secrets.
    #[must_use]
    pub fn sealing_key(&self) -> crate::crypto::SealingKey {
        crate::crypto::SealingKey::from_secret(&self.site.secret_key)
    }

    /// The key that signs what only the site itself can have created.
    #[must_use]
    pub fn mac_key(&self) -> crate::crypto::MacKey {
        crate::crypto::MacKey::from_secret(&self.site.secret_key)
    }

    /// A URL on this site.
    ///
    /// `path` begins with a slash.
    #[must_use]
    pub fn site_link(&self, path: &str) -> String {
        format!("{}{path}", self.site.url.as_str().trim_end_matches('/'))
    }
}

/// Whether an error only says that something is missing that was named already, or its whole section.
fn is_named(error: &figment::Error) -> bool {
    let figment::error::Kind::MissingField(field) = &error.kind else { return false };
    let key = error.path.iter().map(String::as_str).chain([&**field]).collect::<Vec<_>>().join(".");
    REQUIRED
        .iter()
        .any(|named| named.strip_prefix(&*key).is_some_and(|rest| rest.is_empty() || rest.starts_with('.')))
}

/// What is wrong and where, but never what stands there: it may be a secret.
fn describe(error: &figment::Error) -> String {
    use figment::error::Kind;
    let what = match &error.kind {
        Kind::InvalidType(_, expected) => format!("the wrong type, expected {expected}"),
        Kind::InvalidValue(_, expected) => format!("cannot be used: {expected}"),
        Kind::InvalidLength(length, expected) => format!("{length} of them, expected {expected}"),
        Kind::ISizeOutOfRange(_) | Kind::USizeOutOfRange(_) => "too large a number".to_owned(),
        Kind::Unsupported(_) | Kind::UnsupportedKey(..) => "a kind of value that no setting has".to_owned(),
        // Addresses that are none stand behind the message.
        Kind::Message(text) => without_source(text.split_once(": \"").map_or(text, |(what, _)| what)),
        other => other.to_string(),
    };
    let key = error.path.join(".");
    if key.is_empty() { what } else { format!("{key}: {what}") }
}

/// A parser's message without the line of the file that it quotes, and without the marks below that line.
fn without_source(text: &str) -> String {
    let is_quoted = |line: &&str| {
        line.trim_start().trim_start_matches(|c: char| c.is_ascii_digit()).trim_start().starts_with('|')
    };
    let kept: Vec<&str> =
        text.lines().filter(|line| !is_quoted(line)).map(str::trim).filter(|line| !line.is_empty()).collect();
    kept.join(": ")
}
