//! Reads the histories of users.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::Kind;
use crate::{
    db::{
        Conn,
        keyset::Slice,
        schema::{access_changes as h, audit_entries as e},
    },
    error::Result,
};

/// A change of one user's access with its cause.
#[derive(Debug, Clone, Queryable)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct Change {
    pub id: i64,
    pub at: DateTime<Utc>,
    pub kind: String,
    pub gained: Vec<String>,
    pub lost: Vec<String>,
    pub cause_kind: String,
    pub cause_summary: String,
    pub cause_actor: String,
}

impl Change {
    /// The kind of access; `None`: one that this version does not know.
    #[must_use]
    pub fn kind(&self) -> Option<Kind> {
        Kind::parse(&self.kind)
    }
}

pub(super) type Columns = (h::id, h::at, h::kind, h::gained, h::lost, e::kind, e::summary, e::actor_name);
/// The columns of a [`Change`]; needs `access_changes join audit_entries`.
pub(super) const COLUMNS: Columns =
    (h::id, h::at, h::kind, h::gained, h::lost, e::kind, e::summary, e::actor_name);

/// A part of one user's history, by id.
///
/// # Errors
/// When the database fails.
pub async fn page(conn: &mut Conn, user_id: i64, slice: &Slice<i64>) -> Result<Vec<Change>> {
    // Two fixed statements instead of one assembled at run time: fixed ones stay prepared.
    Ok(if slice.is_descending {
        h::table
            .inner_join(e::table)
            .filter(h::user_id.eq(user_id).and(h::id.lt(slice.after.unwrap_or(i64::MAX))))
            .order(h::id.desc())
            .limit(slice.limit)
            .select(COLUMNS)
            .load(conn)
            .await?
    } else {
        h::table
            .inner_join(e::table)
            .filter(h::user_id.eq(user_id).and(h::id.gt(slice.after.unwrap_or(0))))
            .order(h::id.asc())
            .limit(slice.limit)
            .select(COLUMNS)
            .load(conn)
            .await?
    })
}

/// How long one user's history is.
///
/// # Errors
/// When the database fails.
pub async fn count(conn: &mut Conn, user_id: i64) -> Result<i64> {
    Ok(h::table.filter(h::user_id.eq(user_id)).count().get_result(conn).await?)
}
