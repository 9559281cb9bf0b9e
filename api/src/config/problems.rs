//! What is wrong with the settings, collected so that an operator sees all of it at once.

use std::fmt;

use url::Url;

/// Collects what is wrong.
#[derive(Debug, Default)]
pub struct Problems {
    found: Vec<String>,
    /// Whether plain `http` is acceptable for any host.
    is_development: bool,
}

impl Problems {
    /// Nothing is wrong yet. In a development installation URLs may be plain `http`.
    #[must_use]
    pub fn new(is_development: bool) -> Self {
        Self { found: Vec::new(), is_development }
    }

    /// Records `text`, which begins with the key it is about.
    pub fn add(&mut self, text: impl Into<String>) {
        self.found.push(text.into());
    }

    /// Records `text` unless `ok`.
    pub fn check(&mut self, ok: bool, text: &str) {
        if !ok {
            self.add(text);
        }
    }

    /// Records what disqualifies `url` as a web address that secrets and cookies may be sent to.
    pub fn check_web_address(&mut self, key: &str, url: &Url) {
        if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
            self.add(format!("{key}: must be an http(s) address"));
            return;
        }
        let is_local = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
        if url.scheme() == "http" && !is_local && !self.is_development {
            self.add(format!(
                "{key}: must be https (logins and secrets travel over it), except on localhost or with \
                 site.development"
            ));
        }
    }

    /// What was found, together with what prevents checking the rest.
    #[must_use]
    pub fn and(mut self, fatal: impl Iterator<Item = String>) -> ConfigError {
        self.found.extend(fatal);
        ConfigError(self.found)
    }

    /// Whether everything is right.
    ///
    /// # Errors
    /// What was found.
    pub fn verdict(self) -> Result<(), ConfigError> {
        if self.found.is_empty() { Ok(()) } else { Err(ConfigError(self.found)) }
    }
}

/// Everything that is wrong with the settings.
#[derive(Debug)]
pub struct ConfigError(pub Vec<String>);

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let [only] = self.0.as_slice() {
            return writeln!(f, "the configuration is not usable: {only}");
        }
        writeln!(f, "the configuration is not usable:")?;
        for problem in &self.0 {
            writeln!(f, "  - {problem}")?;
        }
        Ok(())
    }
}
impl std::error::Error for ConfigError {}
