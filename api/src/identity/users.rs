//! Rows of users.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::{
    db::{
        Conn,
        schema::{states, users as u},
    },
    error::Result,
};

/// A user.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = u)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct User {
    pub id: i64,
    pub username: String,
    pub email: Option<String>,
    pub is_active: bool,
    pub is_staff: bool,
    pub is_superuser: bool,
    pub main_character_id: Option<i64>,
    pub state_id: i64,
    pub state_since: DateTime<Utc>,
    pub permission_set_id: i64,
    pub services: Vec<String>,
    /// Ids of the groups they lead, directly or through a leader group, including internal ones; sorted.
    pub leads: Vec<i64>,
    pub language: Option<String>,
    pub theme: Option<String>,
    pub created_at: DateTime<Utc>,
    pub last_login_at: Option<DateTime<Utc>>,
    /// When staff switched the account off.
    pub switched_off_at: Option<DateTime<Utc>>,
}

impl User {
    /// Whether staff switched it off, as opposed to it not being registered yet.
    #[must_use]
    pub const fn is_disabled(&self) -> bool {
        self.switched_off_at.is_some()
    }
}

/// Finds a user by id.
///
/// # Errors
/// When the database fails.
pub async fn find(conn: &mut Conn, id: i64) -> Result<Option<User>> {
    Ok(u::table.find(id).select(User::as_select()).first(conn).await.optional()?)
}

/// Finds many users by id.
///
/// # Errors
/// When the database fails.
pub async fn find_all(conn: &mut Conn, ids: &[i64]) -> Result<Vec<User>> {
    Ok(u::table.filter(u::id.eq_any(ids.to_vec())).select(User::as_select()).load(conn).await?)
}

/// Finds a user by id, and locks them until the end of the transaction.
///
/// # Errors
/// When the database fails.
pub async fn find_for_update(conn: &mut Conn, id: i64) -> Result<Option<User>> {
    Ok(u::table.find(id).select(User::as_select()).for_no_key_update().first(conn).await.optional()?)
}

/// Finds a user by user name, ignoring case.
///
/// # Errors
/// When the database fails.
pub async fn find_by_username(conn: &mut Conn, username: &str) -> Result<Option<User>> {
    use diesel::dsl::sql;
    use diesel::sql_types::{Bool, Text};
    Ok(u::table
        .filter(sql::<Bool>("lower(username) = lower(").bind::<Text, _>(username).sql(")"))
        .select(User::as_select())
        .first(conn)
        .await
        .optional()?)
}

/// Creates a user: inactive, Guest, without permissions.
///
/// # Errors
/// `Conflict` when the name is taken.
pub async fn insert(conn: &mut Conn, now: DateTime<Utc>, username: &str) -> Result<i64> {
    use crate::db::schema::permission_sets as ps;
    let guest: i64 = states::table.filter(states::is_guest).select(states::id).first(conn).await?;
    let nothing: i64 =
        ps::table.filter(ps::permission_ids.eq(Vec::<i32>::new())).select(ps::id).first(conn).await?;
    Ok(diesel::insert_into(u::table)
        .values((
            u::username.eq(username),
            u::state_id.eq(guest),
            u::state_since.eq(now),
            u::permission_set_id.eq(nothing),
            u::created_at.eq(now),
        ))
        .returning(u::id)
        .get_result(conn)
        .await?)
}
