//! Edits of rules by people: looked at first, saved as they were looked at.
//!
//! An edit without token changes nothing and gives back who would gain and lose what, and a token. The token is a keyed
//! hash of who edits, the object's revision, the edit itself and everything that follows from it. With it the same edit
//! is done, and must come to the same: if the object was edited, somebody's facts changed, the edit is another one, or
//! the token was used before, nothing is changed and the answer is `Conflict`.

use super::{AccessDiff, Cause, Change, affected, apply_all};
use crate::{
    app::App,
    db::{Conn, Rollback},
    error::{Error, Result},
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
}

/// How many characters a token has; longer texts are none of ours.
const MAX_TOKEN: usize = 100;

/// Locks out every other change of access until the end of the transaction, so that what an edit is checked against
/// still holds when it is done. Call it first.
///
/// # Errors
/// When the database fails.
pub async fn begin(conn: &mut Conn) -> Result<()> {
    affected::lock(conn, true).await
}

/// Looks at an edit, or does it. `object` is the edited object's id (0 for a new one) and its revision, which the caller
/// raises.
///
/// # Errors
/// `Conflict` when `token` is not that of this very edit in this very world; as [`super::apply`] otherwise. A preview is
/// `Rollback::With`, so that its transaction does not commit.
pub async fn run(
    app: &App,
    conn: &mut Conn,
    cause: &Cause,
    (id, revision): (i64, i64),
    changes: &[Change<'_>],
    token: Option<&str>,
) -> Result<Edited, Rollback<Edited>> {
    let diff = apply_all(conn, app.clock.now(), cause, changes).await?;
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
        None => Err(Rollback::With(Edited { diff, token: expected, is_saved: false })),
        Some(token) if token.len() <= MAX_TOKEN && token == expected => {
            Ok(Edited { diff, token: expected, is_saved: true })
        }
        Some(_) => Err(Error::Conflict("what this would do has changed; look at the preview again").into()),
    }
}
