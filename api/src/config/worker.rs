//! Settings for the worker.

use std::net::SocketAddr;

use serde::Deserialize;

use super::Problems;
use crate::jobs;

/// The worker.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Worker {
    /// Concurrent jobs, not counting those that take access away.
    pub concurrency: usize,
    /// Crontab (UTC) for the affiliation sync. ESI caches affiliations for an hour.
    pub affiliation_cron: String,
    /// Crontab for refreshing corporations, alliances and factions.
    pub organisation_cron: String,
    /// Crontab for checking whether characters were sold or access was revoked.
    pub token_cron: String,
    /// Where the worker answers `/health/live` and `/metrics`; absent: nowhere.
    pub listen: Option<SocketAddr>,
    /// A sync that would take something from more users than this at once stops and asks; 0: no brake.
    pub brake_users: u32,
    /// The same as a percentage of all active users, but at least 20 of them; the smaller number
    /// counts. 0: only `brake_users`.
    pub brake_percent: u32,
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
            brake_percent: 10,
        }
    }
}

impl Worker {
    /// Records what is wrong.
    pub fn check(&self, problems: &mut Problems) {
        problems.check((1..=64).contains(&self.concurrency), "worker.concurrency: 1 to 64");
        problems.check(self.brake_percent <= 100, "worker.brake_percent: 0 to 100");
        for (key, cron) in [
            ("worker.affiliation_cron", &self.affiliation_cron),
            ("worker.organisation_cron", &self.organisation_cron),
            ("worker.token_cron", &self.token_cron),
        ] {
            problems.check(
                jobs::is_crontab(cron),
                &format!("{key}: must be a crontab of five fields, for example \"7 * * * *\""),
            );
        }
    }
}
