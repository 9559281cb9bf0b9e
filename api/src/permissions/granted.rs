//! What was granted to users directly, and what permission sets contain: for many at once.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::{
    db::{
        Conn,
        schema::{permission_sets as ps, permissions as p, user_permissions as up},
    },
    error::Result,
};

/// A permission granted to a user directly.
#[derive(Debug, Clone, Queryable)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct Granted {
    pub user_id: i64,
    pub permission: String,
    pub starts_at: Option<DateTime<Utc>>,
    pub is_started: bool,
    pub ends_at: Option<DateTime<Utc>>,
    pub reason: String,
    pub granted_at: DateTime<Utc>,
}

/// What was granted to these users, by user and name.
///
/// # Errors
/// When the database fails.
pub async fn to(conn: &mut Conn, users: &[i64]) -> Result<Vec<Granted>> {
    Ok(up::table
        .inner_join(p::table.on(p::id.eq(up::permission_id)))
        .filter(up::user_id.eq_any(users.to_vec()))
        .order((up::user_id, p::name))
        .select((
            up::user_id,
            p::name,
            up::starts_at,
            up::is_started,
            up::ends_at,
            up::reason,
            up::granted_at,
        ))
        .load(conn)
        .await?)
}

/// The permissions of sets, by set.
///
/// # Errors
/// When the database fails.
pub async fn sets(conn: &mut Conn, ids: &[i64]) -> Result<Vec<(i64, Vec<i32>)>> {
    Ok(ps::table.filter(ps::id.eq_any(ids.to_vec())).select((ps::id, ps::permission_ids)).load(conn).await?)
}
