//! The access engine: facts decide access, access causes effects.
//!
//! Rules
//! - [`apply`] is the only way to change anything that access depends on, and the only writer of `users.state_id`,
//!   `users.permission_set_id` and `users.services`.
//! - A call performs one [`Change`], recomputes access for the users it can touch with set-based SQL (the number of
//!   statements does not depend on the number of users), repeats until nothing moves any more, and writes history,
//!   audit entry, notifications and the marks for service accounts. All in the caller's transaction: a commit is
//!   everything, a crash is nothing.
//! - [`preview`] is the same code, rolled back.
//! - A user has the highest-priority state that lists his main character, the main's corporation, alliance or faction,
//!   or is public; else, or without a main, or inactive: Guest.
//! - Effective permissions are the union of the state's and the user's own; inactive: none; superuser: all.
//! - A service is allowed to an active user with a main and the service's permission.
//! - Edits of rules exclude each other and everything else (advisory lock); changes of facts only lock the users they
//!   touch, so that logins do not wait for one another.

mod affected;
mod cause;
mod change;
mod diff;
mod effects;
mod jobs;
mod rules;

use chrono::{DateTime, Utc};
use diesel_async::AsyncConnection;

pub use cause::{Actor, Cause};
pub use change::{AffiliationFact, Change, OwnershipFact, StateMembers};
pub use diff::{AccessDiff, Kind, UserDiff};
pub use jobs::RecomputeAccess;

use crate::{
    db::Conn,
    error::{Error, Result},
};

/// Performs `change`, recomputes access and records what followed from it.
///
/// Call it inside a transaction; everything it does is undone with it.
///
/// # Errors
/// `NotFound` for things that do not exist, `Conflict` where the database's constraints refuse, `Internal` otherwise.
pub async fn apply(
    conn: &mut Conn,
    now: DateTime<Utc>,
    cause: &Cause,
    change: Change<'_>,
) -> Result<AccessDiff> {
    affected::lock(conn, change.is_rule()).await?;
    affected::reset(conn).await?;
    let audit_id = crate::audit::write(conn, now, cause).await?;
    change::perform(conn, now, audit_id, change).await?;
    affected::snapshot(conn, audit_id).await?;
    rules::run(conn, now).await?;
    let diff = effects::record(conn, now).await?;
    tracing::info!(
        cause.kind = cause.kind,
        audit.id = audit_id,
        users.moved = diff.users(),
        "access recomputed"
    );
    Ok(diff)
}

/// What [`apply`] would do, without doing it.
///
/// # Errors
/// As `apply`.
pub async fn preview(
    conn: &mut Conn,
    now: DateTime<Utc>,
    cause: &Cause,
    change: Change<'_>,
) -> Result<AccessDiff> {
    /// Carries the result out of a transaction that must not commit.
    enum Rollback {
        Done(AccessDiff),
        Failed(Error),
    }
    impl From<diesel::result::Error> for Rollback {
        fn from(error: diesel::result::Error) -> Self {
            Self::Failed(error.into())
        }
    }
    let outcome: Result<(), Rollback> = conn
        .transaction(async |conn| match apply(conn, now, cause, change).await {
            Ok(diff) => Err(Rollback::Done(diff)),
            Err(error) => Err(Rollback::Failed(error)),
        })
        .await;
    match outcome {
        Err(Rollback::Done(diff)) => Ok(diff),
        Err(Rollback::Failed(error)) => Err(error),
        Ok(()) => Err(Error::internal("a preview was committed")),
    }
}
