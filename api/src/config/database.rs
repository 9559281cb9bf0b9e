//! Settings for PostgreSQL.

use std::time::Duration;

use serde::Deserialize;

use super::Problems;
use crate::{db::TimeLimits, upstream::Secret};

/// PostgreSQL.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Database {
    /// `postgres://user:password@host:port/database`.
    pub url: Secret,
    /// How many connections a process may hold.
    #[serde(default = "default_pool_size")]
    pub pool_size: usize,
    /// Whether server and worker bring the database up to date when they start. Turn it off if they use a role
    /// without the rights for it: then `fealtyctl migrate` does it, as the owner.
    #[serde(default = "super::yes")]
    pub migrate: bool,
    /// Seconds after which a statement from the server is cancelled; 0: never.
    #[serde(default = "default_statement_timeout")]
    pub statement_timeout_seconds: u32,
    /// Seconds after which an idle transaction from the server is ended; 0: never.
    #[serde(default = "default_idle_transaction_timeout")]
    pub idle_transaction_timeout_seconds: u32,
}

const fn default_pool_size() -> usize {
    10
}

const fn default_statement_timeout() -> u32 {
    15
}

const fn default_idle_transaction_timeout() -> u32 {
    30
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

    /// Records what is wrong.
    pub fn check(&self, problems: &mut Problems) {
        let url = self.url.expose();
        problems.check(
            ["postgres://", "postgresql://"].iter().any(|scheme| url.starts_with(scheme)),
            "database.url: must start with postgres://",
        );
        problems.check((1..=500).contains(&self.pool_size), "database.pool_size: 1 to 500");
        problems
            .check(self.statement_timeout_seconds <= 3_600, "database.statement_timeout_seconds: 0 to 3600");
        problems.check(
            self.idle_transaction_timeout_seconds <= 3_600,
            "database.idle_transaction_timeout_seconds: 0 to 3600",
        );
    }
}
