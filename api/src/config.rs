//! One typed settings tree: defaults, then a TOML file, then environment variables, checked as a whole.
//!
//! - The file is named by `--config` or `FEALTY_CONFIG`.
//! - `FEALTY_<SECTION>__<KEY>` overrides a key, for example `FEALTY_HTTP__LISTEN`. `DATABASE_URL` stands for
//!   `FEALTY_DATABASE__URL`.
//! - Unknown keys are errors: a misspelt setting must not be a silent default.
//! - `Config::load` reports everything that is wrong at once, each with the key it is about.

use std::{
    fmt,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use base64::Engine;
use figment::{
    Figment,
    providers::{Env, Format, Toml},
};
use serde::Deserialize;
use url::Url;

use crate::{
    db::{self, TimeLimits},
    upstream::Secret,
};

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
    /// Development: where the simulator runs.
    pub simulator: Option<Simulator>,
}

/// The site itself.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Site {
    /// Address people open, without path. `https` makes cookies `Secure`.
    pub url: Url,
    /// Shown in titles and mails.
    #[serde(default = "defaults::site_name")]
    pub name: String,
    /// `GraphiQL`, the outbox page and links to the simulator.
    #[serde(default)]
    pub development: bool,
    /// At least 32 characters; seals refresh tokens. Changing it makes stored tokens worthless.
    pub secret_key: Option<Secret>,
    /// A file with the secret key.
    pub secret_key_file: Option<PathBuf>,
}

/// The web server.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Http {
    /// Address and port to listen on.
    pub listen: SocketAddr,
    /// Folder of the built SPA.
    pub spa_dir: PathBuf,
    /// How many reverse proxies in front add themselves to `X-Forwarded-For`; 0: none, the header is ignored.
    pub trusted_proxies: usize,
}

/// PostgreSQL.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Database {
    /// `postgres://user:password@host:port/database`.
    pub url: Secret,
    /// Connections a process may hold.
    #[serde(default = "defaults::pool_size")]
    pub pool_size: usize,
    /// Whether server and worker bring the database up to date at their start. Not where they use a role that may not:
    /// then `fealtyctl migrate` does, as the owner.
    #[serde(default = "defaults::yes")]
    pub migrate: bool,
    /// Seconds after which a statement of the server is cancelled; 0: never.
    #[serde(default = "defaults::statement_timeout")]
    pub statement_timeout_seconds: u32,
    /// Seconds after which a transaction of the server in which nothing happens is ended; 0: never.
    #[serde(default = "defaults::idle_transaction_timeout")]
    pub idle_transaction_timeout_seconds: u32,
}

impl Database {
    /// The limits of the pool.
    #[must_use]
    pub fn time_limits(&self) -> TimeLimits {
        let seconds = |n: u32| (n > 0).then(|| Duration::from_secs(n.into()));
        TimeLimits {
            statement: seconds(self.statement_timeout_seconds),
            idle_transaction: seconds(self.idle_transaction_timeout_seconds),
        }
    }
}

/// EVE SSO (an application registered at developers.eveonline.com).
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sso {
    #[serde(default = "defaults::sso_metadata_url")]
    pub metadata_url: Url,
    pub client_id: String,
    pub client_secret: Secret,
    /// Scopes asked for at login. `publicData` is the least that gives a refresh token, by which a sold character
    /// is noticed.
    #[serde(default = "defaults::sso_scopes")]
    pub scopes: Vec<String>,
}

/// ESI.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EsiSettings {
    #[serde(default = "defaults::esi_base_url")]
    pub base_url: Url,
    /// E-mail address CCP can reach the operator at; part of the User-Agent.
    pub contact: String,
}

/// EVE's image server.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Images {
    pub base_url: Url,
}

/// How mails leave.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "transport", rename_all = "lowercase", deny_unknown_fields)]
pub enum Mail {
    /// A mail server.
    Smtp {
        /// `smtp://`, or `smtps://` with user and password: see `lettre`'s `AsyncSmtpTransport::from_url`.
        smtp_url: Secret,
        /// Sender, for example `Fealty <noreply@example.com>`.
        from: String,
    },
    /// Development: files in a folder, shown at `/dev/outbox`.
    Outbox { outbox_dir: PathBuf, from: String },
}

/// Registration of new users.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Registration {
    pub open: bool,
    /// Whether an address must be confirmed by a mailed link.
    pub verify_email: bool,
    /// How long such a link is valid, in hours.
    pub link_valid_hours: u32,
}

/// Groups.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Groups {
    /// Whether members leave groups without approval, as they leave open ones (`GROUPMANAGEMENT_AUTO_LEAVE`).
    pub auto_leave: bool,
    /// Whether leaders are notified of requests (`GROUPMANAGEMENT_REQUESTS_NOTIFICATION`).
    pub request_notifications: bool,
}

/// Discord (an application and bot registered at discord.com/developers).
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Discord {
    #[serde(deserialize_with = "digits")]
    pub guild_id: String,
    #[serde(deserialize_with = "digits")]
    pub client_id: String,
    pub client_secret: Secret,
    pub bot_token: Secret,
    #[serde(default = "defaults::discord_api_base_url")]
    pub api_base_url: Url,
    #[serde(default = "defaults::discord_authorize_url")]
    pub authorize_url: Url,
    #[serde(default = "defaults::discord_token_url")]
    pub token_url: Url,
    /// Whether nicknames are kept in step with the pilot's name.
    #[serde(default = "defaults::yes")]
    pub sync_names: bool,
}

/// The worker.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Worker {
    /// Jobs at the same time.
    pub concurrency: usize,
    /// Crontab (UTC) of the affiliation sync. ESI caches affiliations for an hour.
    pub affiliation_cron: String,
    /// Crontab of the refresh of corporations, alliances and factions.
    pub organisation_cron: String,
    /// Crontab of the check whether characters were sold or access was revoked.
    pub token_cron: String,
    /// Where the worker answers `/health/live` and `/metrics`; absent: nowhere.
    pub listen: Option<SocketAddr>,
    /// A sync that would take a state from more users than this at once stops and asks; 0: no brake.
    pub brake_users: u32,
}

/// Logs.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Log {
    pub format: LogFormat,
    /// As of `tracing_subscriber::EnvFilter`.
    pub filter: String,
}

/// How log lines look.
#[derive(Debug, Clone, Copy, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    Pretty,
    Json,
}

/// The simulator of a development installation.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Simulator {
    pub url: Url,
}

/// Ids of Discord's may be written with or without quotes; an environment variable has none to begin with.
fn digits<'de, D: serde::Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Either {
        Text(String),
        Number(u64),
    }
    Ok(match Either::deserialize(from)? {
        Either::Text(text) => text,
        Either::Number(number) => number.to_string(),
    })
}

mod defaults {
    use url::Url;

    pub(super) fn site_name() -> String {
        "Fealty".into()
    }
    pub(super) const fn pool_size() -> usize {
        10
    }
    pub(super) const fn statement_timeout() -> u32 {
        15
    }
    pub(super) const fn idle_transaction_timeout() -> u32 {
        30
    }
    pub(super) const fn yes() -> bool {
        true
    }
    pub(super) fn sso_scopes() -> Vec<String> {
        vec!["publicData".into()]
    }
    #[expect(clippy::expect_used, reason = "literals, covered by a test")]
    fn literal(text: &str) -> Url {
        Url::parse(text).expect("a valid literal")
    }
    pub(super) fn sso_metadata_url() -> Url {
        literal("https://login.eveonline.com/.well-known/oauth-authorization-server")
    }
    pub(super) fn esi_base_url() -> Url {
        literal("https://esi.evetech.net")
    }
    pub(super) fn images_base_url() -> Url {
        literal("https://images.evetech.net")
    }
    pub(super) fn discord_api_base_url() -> Url {
        literal("https://discord.com/api/v10")
    }
    pub(super) fn discord_authorize_url() -> Url {
        literal("https://discord.com/oauth2/authorize")
    }
    pub(super) fn discord_token_url() -> Url {
        literal("https://discord.com/api/oauth2/token")
    }
}

impl Default for Http {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8000)),
            spa_dir: "web/dist".into(),
            trusted_proxies: 0,
        }
    }
}
impl Default for Images {
    fn default() -> Self {
        Self { base_url: defaults::images_base_url() }
    }
}
impl Default for Registration {
    fn default() -> Self {
        Self { open: true, verify_email: true, link_valid_hours: 24 }
    }
}
impl Default for Worker {
    fn default() -> Self {
        Self {
            concurrency: 4,
            affiliation_cron: "7 * * * *".into(),
            organisation_cron: "23 */6 * * *".into(),
            token_cron: "41 * * * *".into(),
            listen: None,
            brake_users: 1_000,
        }
    }
}
impl Default for Log {
    fn default() -> Self {
        Self { format: LogFormat::Pretty, filter: "info,graphile_worker=warn".into() }
    }
}

/// Everything that is wrong with the settings.
#[derive(Debug)]
pub struct ConfigError(pub Vec<String>);

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "the configuration is not usable:")?;
        for problem in &self.0 {
            writeln!(f, "  - {problem}")?;
        }
        Ok(())
    }
}
impl std::error::Error for ConfigError {}

impl Config {
    /// Reads file (if any) and environment, and checks the whole.
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
        Self::from_figment(&figment.merge(url).merge(nested))
    }

    fn from_figment(figment: &Figment) -> Result<Self, ConfigError> {
        let mut config: Self = figment
            .extract()
            .map_err(|error| ConfigError(error.into_iter().map(|e| describe(&e)).collect()))?;
        if let (None, Some(path)) = (&config.site.secret_key, &config.site.secret_key_file) {
            let text = std::fs::read_to_string(path)
                .map_err(|e| ConfigError(vec![format!("site.secret_key_file: {}: {e}", path.display())]))?;
            config.site.secret_key = Some(Secret::new(text.trim().to_owned()));
        }
        config.database.url = Secret::new(db::watched(config.database.url.expose()));
        let problems = config.problems();
        if problems.is_empty() { Ok(config) } else { Err(ConfigError(problems)) }
    }

    fn problems(&self) -> Vec<String> {
        let mut found = Vec::new();
        let mut check = |ok: bool, text: &str| {
            if !ok {
                found.push(text.to_owned());
            }
        };
        match &self.site.secret_key {
            None => {
                let mut bytes = [0u8; 32];
                rand::RngCore::fill_bytes(&mut rand::rngs::ThreadRng::default(), &mut bytes);
                let proposal = base64::prelude::BASE64_STANDARD.encode(bytes);
                check(false, &format!("site.secret_key: missing; a fresh one would be \"{proposal}\""));
            }
            Some(key) => check(key.expose().len() >= 32, "site.secret_key: needs at least 32 characters"),
        }
        let site = &self.site.url;
        check(
            matches!(site.scheme(), "http" | "https") && site.host().is_some(),
            "site.url: must be an http(s) address",
        );
        check(site.path() == "/" && site.query().is_none(), "site.url: must have no path");
        let local = matches!(site.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
        check(
            site.scheme() == "https" || local || self.site.development,
            "site.url: must be https (cookies and logins travel over it), except on localhost or with site.development",
        );
        check((1..=100).contains(&self.site.name.chars().count()), "site.name: 1 to 100 characters");
        check(
            self.database.url.expose().starts_with("postgres"),
            "database.url: must start with postgres://",
        );
        check((1..=500).contains(&self.database.pool_size), "database.pool_size: 1 to 500");
        check(
            self.database.statement_timeout_seconds <= 3_600,
            "database.statement_timeout_seconds: 0 to 3600",
        );
        check(
            self.database.idle_transaction_timeout_seconds <= 3_600,
            "database.idle_transaction_timeout_seconds: 0 to 3600",
        );
        check(!self.sso.client_id.is_empty(), "sso.client_id: missing");
        check(!self.sso.scopes.is_empty(), "sso.scopes: needs at least one scope (publicData)");
        check(
            fealty_shared::validate::email(&self.esi.contact).is_ok(),
            "esi.contact: must be an e-mail address CCP can write to",
        );
        check(
            (1..=720).contains(&self.registration.link_valid_hours),
            "registration.link_valid_hours: 1 to 720",
        );
        check((1..=64).contains(&self.worker.concurrency), "worker.concurrency: 1 to 64");
        for (key, cron) in [
            ("worker.affiliation_cron", &self.worker.affiliation_cron),
            ("worker.organisation_cron", &self.worker.organisation_cron),
            ("worker.token_cron", &self.worker.token_cron),
        ] {
            check(cron.split_whitespace().count() == 5, &format!("{key}: must be a crontab of five fields"));
        }
        let (Mail::Smtp { from, .. } | Mail::Outbox { from, .. }) = &self.mail;
        check(
            from.parse::<lettre::message::Mailbox>().is_ok(),
            "mail.from: must be like `Fealty <noreply@example.com>`",
        );
        if let Mail::Smtp { smtp_url, .. } = &self.mail {
            check(
                smtp_url.expose().starts_with("smtp"),
                "mail.smtp_url: must start with smtp:// or smtps://",
            );
        }
        if let Some(discord) = &self.discord {
            let snowflake =
                |text: &str| (1..=20).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
            check(snowflake(&discord.guild_id), "discord.guild_id: must be the server's id (digits)");
            check(snowflake(&discord.client_id), "discord.client_id: must be the application's id (digits)");
        }
        found
    }

    /// Without the time limits of the server's statements: jobs and the operator's commands may take long.
    #[must_use]
    pub fn without_time_limits(mut self) -> Self {
        self.database.statement_timeout_seconds = 0;
        self.database.idle_transaction_timeout_seconds = 0;
        self
    }

    /// The key that seals stored secrets.
    #[must_use]
    pub fn sealing_key(&self) -> crate::crypto::SealingKey {
        let secret = self.site.secret_key.clone().unwrap_or_else(|| Secret::new(String::new()));
        crate::crypto::SealingKey::from_secret(&secret)
    }

    /// The key that signs what only the site itself may have made.
    #[must_use]
    pub fn mac_key(&self) -> crate::crypto::MacKey {
        let secret = self.site.secret_key.clone().unwrap_or_else(|| Secret::new(String::new()));
        crate::crypto::MacKey::from_secret(&secret)
    }

    /// An address on this site.
    ///
    /// `path` begins with a slash.
    #[must_use]
    pub fn site_link(&self, path: &str) -> String {
        format!("{}{path}", self.site.url.as_str().trim_end_matches('/'))
    }
}

fn describe(error: &figment::Error) -> String {
    let key = error.path.join(".");
    if key.is_empty() { error.kind.to_string() } else { format!("{key}: {}", error.kind) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINIMAL: &str = r#"
        [site]
        url = "https://auth.example.com"
        secret_key = "0123456789abcdef0123456789abcdef"
        [database]
        url = "postgres://fealty@db/fealty"
        [sso]
        client_id = "id"
        client_secret = "secret"
        [esi]
        contact = "ops@example.com"
        [mail]
        transport = "smtp"
        smtp_url = "smtps://user:pass@mail.example.com"
        from = "Fealty <noreply@example.com>"
    "#;

    fn parse(text: &str) -> Result<Config, ConfigError> {
        Config::from_figment(&Figment::new().merge(Toml::string(text)))
    }

    #[test]
    fn the_minimum_is_enough() {
        let config = parse(MINIMAL).unwrap();
        assert_eq!(config.http.listen.port(), 8000);
        assert_eq!(config.database.time_limits().statement, Some(Duration::from_secs(15)));
        assert_eq!(config.clone().without_time_limits().database.time_limits().statement, None);
        assert_eq!(config.sso.scopes, ["publicData"]);
        assert_eq!(config.site_link("/login"), "https://auth.example.com/login");
        assert!(!format!("{config:?}").contains("0123456789abcdef"), "secrets must not be shown");
    }

    #[test]
    fn everything_wrong_is_named_at_once() {
        let text = MINIMAL
            .replace("https://auth.example.com", "http://auth.example.com/path")
            .replace("0123456789abcdef0123456789abcdef", "short")
            .replace("ops@example.com", "nobody");
        let problems = parse(&text).unwrap_err().0;
        for key in
            ["site.url: must have no path", "site.url: must be https", "site.secret_key", "esi.contact"]
        {
            assert!(problems.iter().any(|p| p.starts_with(key)), "{key} not in {problems:?}");
        }
    }

    #[test]
    fn a_misspelt_key_is_an_error() {
        let problems = parse(&MINIMAL.replace("client_id", "cleint_id")).unwrap_err().0;
        assert!(problems.iter().any(|p| p.contains("cleint_id")), "{problems:?}");
    }

    #[test]
    fn a_missing_key_proposes_a_fresh_secret() {
        let text = MINIMAL.replace("secret_key = \"0123456789abcdef0123456789abcdef\"", "");
        assert!(parse(&text).unwrap_err().0[0].contains("a fresh one would be"));
    }
}
