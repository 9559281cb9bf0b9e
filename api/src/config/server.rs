//! Settings for the web server, the logs of both programs, and the simulator of a development installation.

use std::{net::SocketAddr, path::PathBuf};

use serde::Deserialize;
use tracing_subscriber::EnvFilter;
use url::Url;

use super::Problems;

/// The web server.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Http {
    /// Address and port to listen on.
    pub listen: SocketAddr,
    /// Folder of the built SPA.
    pub spa_dir: PathBuf,
    /// How many reverse proxies in front add themselves to `X-Forwarded-For`; 0: none, so the header is ignored.
    pub trusted_proxies: usize,
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

/// Logs.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Log {
    pub format: LogFormat,
    /// In the syntax of `tracing_subscriber::EnvFilter`.
    pub filter: String,
}

impl Default for Log {
    fn default() -> Self {
        Self { format: LogFormat::Pretty, filter: "info,graphile_worker=warn".into() }
    }
}

impl Log {
    /// Records what is wrong.
    pub fn check(&self, problems: &mut Problems) {
        if let Err(error) = EnvFilter::try_new(&self.filter) {
            problems.add(format!("log.filter: {error}"));
        }
    }
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

impl Simulator {
    /// Records what is wrong.
    pub fn check(&self, problems: &mut Problems) {
        problems.check_web_address("simulator.url", &self.url);
    }
}
