//! Edits of rules by people: looked at first, saved as they were looked at.
//!
//! An edit without token changes nothing and gives back who would gain and lose what, and a token. The token is a keyed
//! hash of who edits, the object's revision, the edit itself and everything that follows from it. With it the same edit
//! is done, and must come to the same: if the object was edited, somebody's facts changed, the edit is another one, or
//! the token was used before, nothing is changed and the answer is `Conflict`.
//!
//! Nobody but a superuser gains a permission by what follows at once from an edit of his own.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{AccessDiff, Cause, Change, Kind, UserDiff, affected, apply_all, foresee};
use crate::{
    app::App,
    db::{Conn, Rollback, schema::audit_entries as e},
    error::{Error, Problem, Result},
    permissions::{Permission, StaffGrant},
};

/// An edit that was looked at, or done.
#[derive(Debug, Clone)]
pub struct Edited {
    /// What follows from it.
    pub diff: AccessDiff,
    /// For saving exactly this.
    pub token: String,
    /// Whether it was done.
    pub is_saved: bool,
    /// The id of what it made.
    pub made: Option<i64>,
}

impl Edited {
    /// The same, of an edit that made something; a preview makes nothing.
    #[must_use]
    pub fn making(self, id: i64) -> Self {
        Self { made: Some(id).filter(|_| self.is_saved), ..self }
    }
}

/// How many characters a token has; longer texts are none of ours.
const MAX_TOKEN: usize = 100;

/// Locks out every other change of access until the end of the transaction, so that what an edit is checked against
/// still holds when it is done, and says what the editor may do now that it is his turn. Call it first.
///
/// # Errors
/// `Forbidden` when he may not edit any more.
pub async fn begin<P: Permission>(conn: &mut Conn, staff: &StaffGrant<P>) -> Result<StaffGrant<P>> {
    affected::lock(conn, true).await?;
    staff.as_of_now(conn).await
}

/// What stands for the revision of something that is yet to be made: it changes with each that is made, so that no token
/// makes two. `kind` is that of the audit entries of making.
///
/// # Errors
/// When the database fails.
pub async fn made_last(conn: &mut Conn, kind: &str) -> Result<i64> {
    let id = e::table.filter(e::kind.eq(kind)).order((e::at.desc(), e::id.desc())).select(e::id);
    Ok(id.first(conn).await.optional()?.unwrap_or_default())
}

/// Looks at an edit, or does it. `object` is the edited object's id and its revision, which the caller
/// raises; for a new one 0 and [`made_last`].
///
/// # Errors
/// `Conflict` when `token` is not that of this very edit in this very world; `Invalid` when `staff` is no superuser and
/// would gain a permission by it; as [`super::apply`] otherwise. A preview is `Rollback::With`, so that its transaction
/// does not commit.
pub async fn run<P: Permission>(
    app: &App,
    conn: &mut Conn,
    staff: &StaffGrant<P>,
    cause: &Cause,
    (id, revision): (i64, i64),
    changes: &[Change<'_>],
    token: Option<&str>,
) -> Result<Edited, Rollback<Edited>> {
    let now = app.clock.now();
    let diff = match token {
        Some(_) => apply_all(conn, now, cause, changes).await?,
        None => foresee(conn, now, cause, changes).await?,
    };
    if !staff.is_superuser()
        && let Some(problem) = own_gain(&diff, staff.actor().id())
    {
        return Err(Error::Invalid(vec![problem]).into());
    }
    let expected = app.mac_key.sign(
        "preview of an edit v1",
        &[
            format!("{:?}", cause.actor).as_bytes(),
            cause.kind.as_bytes(),
            cause.object_kind.as_bytes(),
            &id.to_be_bytes(),
            &revision.to_be_bytes(),
            format!("{changes:?}").as_bytes(),
            format!("{:?}", diff.entries).as_bytes(),
        ],
    );
    match token {
        None => Err(Rollback::With(Edited { diff, token: expected, is_saved: false, made: None })),
        Some(token) if token.len() <= MAX_TOKEN && token == expected => {
            Ok(Edited { diff, token: expected, is_saved: true, made: None })
        }
        Some(_) => Err(Error::Conflict("this is not what the preview showed").into()),
    }
}

/// What is wrong with an edit that gives its editor permissions.
fn own_gain(diff: &AccessDiff, editor: Option<i64>) -> Option<Problem> {
    /// So many are named.
    const NAMED: usize = 3;
    let is_his = |entry: &&UserDiff| Some(entry.user_id) == editor && entry.kind == Kind::Permission;
    let gained = &diff.entries.iter().find(is_his).filter(|entry| !entry.gained.is_empty())?.gained;
    let more = gained.len().saturating_sub(NAMED);
    let mut names = gained[..gained.len() - more].join(", ");
    if more > 0 {
        names = format!("{names} and {more} more");
    }
    let message =
        format!("You would gain permissions by this yourself ({names}); only a superuser can do it.");
    Some(Problem::new("id", "forbidden", message))
}
