//! What is currently wrong with the site: computed from what the database knows, for the banner above every page.
//!
//! Rules
//! - Nothing is stored here: what is over is gone from the next answer.
//! - [`facts`] are the same for everybody, read in one statement and cached for a few seconds. Who a condition
//!   affects, and who may be told what, is decided afterwards ([`of`]).
//! - Superusers are told everything and what to do. Everybody else is only told what affects them, without internals.

mod facts;
mod kept;
mod told;

use chrono::{DateTime, Utc};

pub use facts::{Facts, Run, ServiceTrouble};
pub use kept::Kept;

use crate::{app::App, error::Result, services};

/// What can be wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// No worker reports that it is alive.
    WorkerSilent,
    /// A run stopped itself before taking something from too many users.
    BrakePulled,
    /// What is known about where characters fly is out of date.
    EveDataLate,
    /// A service does not answer, or asked to be left alone.
    ServicePaused,
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// Something is late.
    Warning,
    /// Somebody must act before work can continue.
    Critical,
}

/// One condition, as it is shown to somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    pub kind: Kind,
    /// Which one of its kind: the key of a service, or the kind of a run.
    pub subject: Option<String>,
    pub level: Level,
    /// Since when, as far as that is known.
    pub since: Option<DateTime<Utc>>,
    /// What is wrong, in one sentence.
    pub sentence: String,
    /// What to do about it, in one sentence.
    pub remedy: String,
    /// The most recent error; superusers only.
    pub detail: Option<String>,
}

/// What is wrong, as far as it concerns this user; worst first.
///
/// # Errors
/// When the database fails.
pub async fn of(app: &App, user_id: i64, is_superuser: bool) -> Result<Vec<Condition>> {
    let now = app.clock.now();
    let facts = app.conditions.facts(app).await?;
    if is_superuser {
        return Ok(told::operators(&facts, now));
    }
    let paused: Vec<&str> = facts.services.iter().map(|trouble| trouble.service.as_str()).collect();
    let waiting = if paused.is_empty() {
        Vec::new()
    } else {
        services::status::waiting(&mut *app.db.conn().await?, user_id, &paused).await?
    };
    Ok(told::members(&facts, &waiting, now))
}
