//! The access engine: facts decide access, and access causes effects.
//!
//! Rules
//! - [`apply`] is the only way to change anything that access depends on, and the only writer of `users.state_id`,
//!   `users.permission_set_id`, `users.services`, `users.group_ids`, `users.leads` and of `group_members`.
//! - A call performs one [`Change`], recomputes access for the users it can touch with set-based SQL (the number of
//!   statements does not depend on the number of users), repeats until nothing changes any more, and writes history,
//!   audit entry, notifications and the marks on service accounts. All of it happens in the caller's transaction: a
//!   commit keeps everything, a crash keeps nothing.
//! - [`preview`] is the same code up to the point where the effects are written, rolled back.
//! - A user has the highest-priority state that lists their main character, the main's corporation, alliance or
//!   faction, or that is public; failing that, or without a main, or when inactive: Guest.
//! - A group limited to states has no members in other states. An account that is switched off is only in internal
//!   groups. A user who loses `groupmanagement.request_groups` leaves every group that is neither public nor
//!   internal. Memberships and grants with a start or an end begin and end within a minute of it ([`EndTimed`]).
//! - Effective permissions are the union of the state's, the groups' and the user's own;
//!   inactive: none; superuser: all.
//! - Active users lead the groups that name them or a group they are in.
//! - A service is allowed to an active user with a main and the service's permission.
//! - [`explain`] says why somebody has or lacks something, from the same facts by the same rules; [`as_of`] says who
//!   had it at a past moment, from the present and the history. Both only read.
//! - Edits of rules exclude each other and everything else (advisory lock); changes of facts only lock the users they
//!   touch, so logins do not wait for one another.

mod affected;
pub mod as_of;
mod cause;
mod change;
mod diff;
pub mod edit;
mod effects;
pub mod explain;
mod groups;
pub mod history;
mod jobs;
mod rules;
mod subject;

use chrono::{DateTime, Utc};
use diesel_async::AsyncConnection;

pub use cause::{Actor, Cause, Token};
pub use change::{
    AffiliationFact, Change, GroupSettings, Joined, Membership, NewId, OwnershipFact, PermissionGrant,
    Removed, StateMembers,
};
pub use diff::{AccessDiff, Kind, UserDiff};
pub use jobs::{EndTimed, RecomputeAccess};
pub use subject::Subject;

use crate::{
    db::{Conn, Rollback},
    error::Result,
};

/// Performs `change`, recomputes access and records what followed from it.
///
/// Call it inside a transaction; everything it does is undone with it.
///
/// # Errors
/// `NotFound` for things that do not exist, `Conflict` when the database's constraints refuse, `Internal` otherwise.
pub async fn apply(
    conn: &mut Conn,
    now: DateTime<Utc>,
    cause: &Cause,
    change: Change<'_>,
) -> Result<AccessDiff> {
    apply_all(conn, now, cause, &[change]).await
}

/// [`apply`] for several changes with one cause: one audit entry, and one diff between the state
/// before and after all of them.
///
/// # Errors
/// As `apply`.
pub async fn apply_all(
    conn: &mut Conn,
    now: DateTime<Utc>,
    cause: &Cause,
    changes: &[Change<'_>],
) -> Result<AccessDiff> {
    let audit_id = decide(conn, now, cause, changes).await?;
    affected::write_back(conn, now).await?;
    let diff = effects::record(conn, now).await?;
    tracing::info!(
        cause.kind = cause.kind,
        audit.id = audit_id,
        users.moved = diff.users(),
        "access recomputed"
    );
    Ok(diff)
}

/// Performs changes and lets the rules decide what follows. The result is then in the temporary table, next to what
/// was: none of it has been written yet. Returns the audit entry's id.
async fn decide(conn: &mut Conn, now: DateTime<Utc>, cause: &Cause, changes: &[Change<'_>]) -> Result<i64> {
    let is_rule = changes.iter().any(Change::is_rule);
    affected::lock(conn, is_rule).await?;
    affected::reset(conn).await?;
    let audit_id = crate::audit::write(conn, now, cause).await?;
    for change in changes {
        change::perform(conn, now, audit_id, *change).await?;
    }
    affected::snapshot(conn, audit_id, is_rule).await?;
    rules::run(conn, now, audit_id).await?;
    Ok(audit_id)
}

/// What [`apply_all`] would do. Needs a transaction that must not be committed: the changes are performed, but
/// nothing that follows from them is written.
///
/// # Errors
/// As `apply`.
async fn foresee(
    conn: &mut Conn,
    now: DateTime<Utc>,
    cause: &Cause,
    changes: &[Change<'_>],
) -> Result<AccessDiff> {
    decide(conn, now, cause, changes).await?;
    effects::difference(conn).await
}

/// Keeps the rules as they are until the end of the transaction: what is decided after this call is still right when
/// [`apply`] is called. Call it before locking anything else: locking a user first and calling `apply` later can
/// deadlock with an edit of rules.
///
/// # Errors
/// When the database fails.
pub async fn hold_rules(conn: &mut Conn) -> Result<()> {
    affected::lock(conn, false).await
}

/// Requests for a group that end without changing a membership.
#[derive(Debug, Clone, Copy)]
pub struct SettledRequests<'a> {
    pub group_id: i64,
    pub users: &'a [i64],
    /// As stored in `group_log.kind`.
    pub kind: &'a str,
    /// As stored in `group_log.action`.
    pub action: &'a str,
    pub note: &'a str,
}

/// Writes the audit entry and the group's log for requests that were rejected or taken back. For accepted ones,
/// [`apply`] does so itself.
///
/// # Errors
/// When the database fails.
pub async fn log_requests(
    conn: &mut Conn,
    now: DateTime<Utc>,
    cause: &Cause,
    settled: &SettledRequests<'_>,
) -> Result<()> {
    let audit_id = crate::audit::write(conn, now, cause).await?;
    affected::log_requests(conn, now, audit_id, settled).await
}

/// What [`apply_all`] would do, without doing it.
///
/// # Errors
/// As `apply`.
pub async fn preview(
    conn: &mut Conn,
    now: DateTime<Utc>,
    cause: &Cause,
    changes: &[Change<'_>],
) -> Result<AccessDiff> {
    let ended =
        conn.transaction(async |conn| Err(Rollback::With(foresee(conn, now, cause, changes).await?))).await;
    Rollback::outcome(ended)
}
