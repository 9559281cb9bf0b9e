//! What to run, from the environment and the command line.

/// What to run.
#[derive(Debug)]
pub struct Settings {
    /// A database of the cluster to work in; databases are made and dropped beside it.
    pub database_url: String,
    /// Share of the full size, for trying the benchmark itself.
    pub scale: f64,
    /// Groups to run; empty: all.
    only: Vec<String>,
}

#[expect(
    clippy::disallowed_methods,
    reason = "a benchmark has no configuration file; its settings are named here"
)]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

impl Settings {
    /// From `FEALTY_BENCH_DATABASE_URL`, `FEALTY_BENCH_SCALE` (0.01 to 1) and the arguments; `None` without the first.
    pub fn read() -> Option<Self> {
        let scale = variable("FEALTY_BENCH_SCALE").and_then(|text| text.parse().ok()).unwrap_or(1.0_f64);
        // cargo adds --bench
        let only = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
        Some(Self {
            database_url: variable("FEALTY_BENCH_DATABASE_URL")?,
            scale: scale.clamp(0.01, 1.0),
            only,
        })
    }

    /// Whether a group is to be run: `state`, `dashboard`, `sync`, `audit`, `revocation`, `insight`.
    pub fn wants(&self, group: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|word| group.contains(word.as_str()))
    }

    /// Users in the database.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most 100,000")]
    pub fn users(&self) -> usize {
        (100_000.0 * self.scale) as usize
    }

    /// How long each kind of request is sent, in seconds.
    pub fn load_seconds(&self) -> f64 {
        if self.scale < 1.0 { 3.0 } else { 8.0 }
    }
}
