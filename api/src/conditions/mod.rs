//! What is wrong with the site at the moment: computed from what the database knows, for the banner above every page.
//!
//! Rules
//! - Nothing is stored here: what is over is gone from the next answer.
//! - [`facts`] are the same for everybody, read in one statement and kept for a few seconds. Whom a condition touches, and
//!   what may be told to whom, is decided afterwards ([`of`]).
//! - Superusers are told all of it and what to do. Everybody else is told only what touches them, without our insides.

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
    /// No worker says that it is alive.
    WorkerSilent,
    /// A run stopped before it took something from too many users.
    BrakePulled,
    /// Where characters fly is not known as it is now.
    EveDataLate,
    /// A service does not answer, or asked to be left alone.
    ServicePaused,
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// Something is late.
    Warning,
    /// Somebody must act, or nothing goes on.
    Critical,
}

/// One of them, as it is told to somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    pub kind: Kind,
    /// What of its kind: the key of a service, or the kind of a run.
    pub subject: Option<String>,
    pub level: Level,
    /// Since when, as far as that is known.
    pub since: Option<DateTime<Utc>>,
    /// What is the case, in a sentence.
    pub sentence: String,
    /// What to do about it, in a sentence.
    pub remedy: String,
    /// What went wrong last; superusers only.
    pub detail: Option<String>,
}

/// What is wrong, as far as it is this user's business; the worst first.
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
