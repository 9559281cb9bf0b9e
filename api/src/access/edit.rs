//! Edits by people: previewed first, then saved exactly as previewed.
//!
//! An edit without a token changes nothing and returns who would gain and lose what, and a token. The token is a
//! keyed hash of who is editing, the object's revision, the edit itself and everything that follows from it. With
//! the token the same edit is saved, and must have the same effect: if the object was edited in the meantime,
//! somebody's facts changed, the edit is a different one, or the token was used before, nothing is changed and
//! the answer is `Conflict`.
//!
//! Nobody but a superuser may gain a permission as an immediate effect of editing a rule themselves.
//!
//! Edits of rules are always looked at first ([`run`]); of memberships only if their editor wants to ([`run_fact`]), and
//! what somebody does about themselves, too.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use fealty_shared::permission;

use super::{AccessDiff, Cause, Change, Kind, UserDiff, affected, apply_all, foresee};
use crate::{
    app::App,
    db::{Conn, Rollback, schema::audit_entries as e},
    error::{Error, Problem, Result},
    permissions::{Permission, StaffGrant},
};

/// How far an edit should go.
#[derive(Debug, Clone, Copy)]
pub enum Way<'a> {
    /// Nothing is written: only the effects are wanted.
    Look,
    /// It is saved if its effects are those that were shown with this token.
    Save(&'a str),
    /// It is saved whatever its effects.
    AtOnce,
}

/// An edit that was previewed or saved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edited {
    /// What follows from it.
    pub diff: AccessDiff,
    /// The token for saving exactly this.
    pub token: String,
    /// Whether it was saved.
    pub is_saved: bool,
    /// The id of what it created.
    pub made: Option<i64>,
}

impl Edited {
    /// The same, for an edit that created something; a preview creates nothing.
    #[must_use]
    pub fn making(self, id: i64) -> Self {
        Self { made: Some(id).filter(|_| self.is_saved), ..self }
    }

    /// As much of it as a user is told who is nothing but that: what follows for themselves.
    #[must_use]
    pub fn for_oneself(mut self, user_id: i64) -> Self {
        self.diff.entries.retain(|entry| entry.user_id == user_id);
        self
    }
}

/// The most characters a token has; anything longer is not one of ours.
const MAX_TOKEN: usize = 100;

/// Locks out every other change of access until the end of the transaction, so that what an edit is checked against
/// still holds when it is saved, and returns what the editor may do now that it is their turn. Call it first.
///
/// # Errors
/// `Forbidden` when they may no longer edit.
pub async fn begin<P: Permission>(conn: &mut Conn, staff: &StaffGrant<P>) -> Result<StaffGrant<P>> {
    affected::lock(conn, true).await?;
    staff.as_of_now(conn).await
}

/// Stands in for the revision of something that does not exist yet: it changes whenever one is created, so no token
/// can create two. `kind` is that of the audit entries for creating one.
///
/// # Errors
/// When the database fails.
pub async fn made_last(conn: &mut Conn, kind: &str) -> Result<i64> {
    let id = e::table.filter(e::kind.eq(kind)).order((e::at.desc(), e::id.desc())).select(e::id);
    Ok(id.first(conn).await.optional()?.unwrap_or_default())
}

/// Previews an edit, or saves it. `object` is the edited object's id and its revision, which the caller raises; for a
/// new one 0 and [`made_last`].
///
/// # Errors
/// `Conflict` when `token` does not belong to this very edit under the current circumstances; `Invalid` when `staff`
/// is not a superuser and would gain a permission through it; otherwise as [`super::apply`]. A preview is
/// `Rollback::With`, so that its transaction is not committed.
pub async fn run<P: Permission>(
    app: &App,
    conn: &mut Conn,
    staff: &StaffGrant<P>,
    cause: &Cause,
    (id, revision): (i64, i64),
    changes: &[Change<'_>],
    token: Option<&str>,
) -> Result<Edited, Rollback<Edited>> {
    let way = token.map_or(Way::Look, Way::Save);
    let diff = follow(app, conn, cause, changes, way).await?;
    if !staff.is_superuser()
        && let Some(problem) = own_gain(&diff, staff.actor().id())
    {
        return Err(Error::Invalid(vec![problem]).into());
    }
    let what = format!("{changes:?}");
    settle(app, cause, (id, &revision.to_be_bytes()), &what, diff, way)
}

/// Previews an edit of facts, or saves it. `id` is the edited object's id, `what` the edit as covered by its token:
/// everything the editor is shown in addition to the effects.
///
/// # Errors
/// `Conflict` as [`run`]; otherwise as [`super::apply`]. A preview is `Rollback::With`.
pub async fn run_fact(
    app: &App,
    conn: &mut Conn,
    cause: &Cause,
    (id, what): (i64, &str),
    changes: &[Change<'_>],
    way: Way<'_>,
) -> Result<Edited, Rollback<Edited>> {
    // Without a change there is nothing to record either.
    let diff = if changes.is_empty() {
        AccessDiff::default()
    } else {
        follow(app, conn, cause, changes, way).await?
    };
    settle(app, cause, (id, &[]), what, diff, way)
}

async fn follow(
    app: &App,
    conn: &mut Conn,
    cause: &Cause,
    changes: &[Change<'_>],
    way: Way<'_>,
) -> Result<AccessDiff> {
    let now = app.clock.now();
    match way {
        Way::Look => foresee(conn, now, cause, changes).await,
        Way::Save(_) | Way::AtOnce => apply_all(conn, now, cause, changes).await,
    }
}

/// Keeps what was done if it is what was shown.
fn settle(
    app: &App,
    cause: &Cause,
    (id, revision): (i64, &[u8]),
    what: &str,
    diff: AccessDiff,
    way: Way<'_>,
) -> Result<Edited, Rollback<Edited>> {
    let expected = app.mac_key.sign(
        "preview of an edit v1",
        &[
            format!("{:?}", cause.actor).as_bytes(),
            cause.kind.as_bytes(),
            cause.object_kind.as_bytes(),
            &id.to_be_bytes(),
            revision,
            what.as_bytes(),
            format!("{:?}", diff.entries).as_bytes(),
        ],
    );
    let is_right = |token: &str| token.len() <= MAX_TOKEN && token == expected;
    match way {
        Way::Look => Err(Rollback::With(Edited { diff, token: expected, is_saved: false, made: None })),
        Way::Save(token) if !is_right(token) => {
            Err(Error::Conflict("this is not what the preview showed").into())
        }
        Way::Save(_) | Way::AtOnce => Ok(Edited { diff, token: expected, is_saved: true, made: None }),
    }
}

/// The problem with an edit that gives its editor permissions, if it does.
fn own_gain(diff: &AccessDiff, editor: Option<i64>) -> Option<Problem> {
    /// How many are named.
    const NAMED: usize = 3;
    let is_his = |entry: &&UserDiff| Some(entry.user_id) == editor && entry.kind == Kind::Permission;
    let gained = &diff.entries.iter().find(is_his).filter(|entry| !entry.gained.is_empty())?.gained;
    let more = gained.len().saturating_sub(NAMED);
    let named: Vec<String> = gained.iter().take(NAMED).map(|name| permission::named(name)).collect();
    let mut names = named.join(", ");
    if more > 0 {
        names = format!("{names} and {more} more");
    }
    let message = format!("This would give permissions to yourself: {names}. Only a superuser can do that.");
    Some(Problem::new("id", "forbidden", message))
}
