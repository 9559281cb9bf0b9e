//! What people are told: stored for the bell, woken up by [`crate::events`].

use chrono::{DateTime, Utc};
use diesel::{
    deserialize::{self, FromSql, FromSqlRow},
    pg::{Pg, PgValue},
    prelude::*,
    sql_query,
    sql_types::{Array, BigInt, Text, Timestamptz},
};
use diesel_async::RunQueryDsl;

use crate::{
    db::{Conn, schema::notifications as n},
    error::Result,
    events::{self, Topic},
};

/// How much it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromSqlRow)]
pub enum Level {
    Info,
    Success,
    Warning,
    Danger,
}

impl Level {
    /// As stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Success => "success",
            Self::Warning => "warning",
            Self::Danger => "danger",
        }
    }
}

impl FromSql<Text, Pg> for Level {
    fn from_sql(stored: PgValue<'_>) -> deserialize::Result<Self> {
        match <String as FromSql<Text, Pg>>::from_sql(stored)?.as_str() {
            "info" => Ok(Self::Info),
            "success" => Ok(Self::Success),
            "warning" => Ok(Self::Warning),
            "danger" => Ok(Self::Danger),
            other => Err(format!("there is no level called {other}").into()),
        }
    }
}

/// A notification to be.
#[derive(Debug, Clone)]
pub struct New {
    pub level: Level,
    /// Machine-readable.
    pub kind: &'static str,
    pub title: String,
    pub body: String,
}

/// A stored notification.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = n)]
#[diesel(check_for_backend(Pg))]
pub struct Notification {
    pub id: i64,
    pub user_id: i64,
    pub level: Level,
    pub kind: String,
    pub title: String,
    pub body: String,
    pub created_at: DateTime<Utc>,
    pub read_at: Option<DateTime<Utc>>,
}

/// Tells users something, in one statement.
///
/// # Errors
/// When the database fails.
pub async fn send(conn: &mut Conn, now: DateTime<Utc>, users: &[i64], notice: &New) -> Result<()> {
    if users.is_empty() {
        return Ok(());
    }
    sql_query(
        "insert into notifications (user_id, level, kind, title, body, created_at)
         select unnest($1), $2, $3, left($4, 254), $5, $6",
    )
    .bind::<Array<BigInt>, _>(users)
    .bind::<Text, _>(notice.level.as_str())
    .bind::<Text, _>(notice.kind)
    .bind::<Text, _>(&notice.title)
    .bind::<Text, _>(&notice.body)
    .bind::<Timestamptz, _>(now)
    .execute(conn)
    .await?;
    events::send(conn, Topic::Notifications, users).await
}

/// Active superusers: who is told of what only an administrator can mend.
///
/// # Errors
/// When the database fails.
pub async fn superusers(conn: &mut Conn) -> Result<Vec<i64>> {
    use crate::db::schema::users as u;
    Ok(u::table.filter(u::is_superuser).filter(u::is_active).select(u::id).load(conn).await?)
}

/// Marks notifications of one user as read: the given ones, or all. Returns how many were unread.
///
/// # Errors
/// When the database fails.
pub async fn mark_read(
    conn: &mut Conn,
    now: DateTime<Utc>,
    user_id: i64,
    ids: Option<&[i64]>,
) -> Result<usize> {
    let mut query = diesel::update(n::table)
        .filter(n::user_id.eq(user_id).and(n::read_at.is_null()))
        .set(n::read_at.eq(now))
        .into_boxed();
    if let Some(ids) = ids {
        query = query.filter(n::id.eq_any(ids.to_vec()));
    }
    let count = query.execute(conn).await?;
    if count > 0 {
        events::send(conn, Topic::Notifications, &[user_id]).await?;
    }
    Ok(count)
}

/// The newest notifications a user got after `id`.
///
/// # Errors
/// When the database fails.
pub async fn since(conn: &mut Conn, user_id: i64, id: i64) -> Result<Vec<Notification>> {
    Ok(n::table
        .filter(n::user_id.eq(user_id).and(n::id.gt(id)))
        .order(n::id)
        .limit(50)
        .select(Notification::as_select())
        .load(conn)
        .await?)
}

/// The id of a user's newest notification, or 0.
///
/// # Errors
/// When the database fails.
pub async fn newest_id(conn: &mut Conn, user_id: i64) -> Result<i64> {
    let newest: Option<i64> =
        n::table.filter(n::user_id.eq(user_id)).select(diesel::dsl::max(n::id)).first(conn).await?;
    Ok(newest.unwrap_or(0))
}

/// Notifications of a user beyond the id `from`, newest first, or (`is_backward`) oldest first.
///
/// # Errors
/// When the database fails.
pub async fn page(
    conn: &mut Conn,
    user_id: i64,
    is_backward: bool,
    from: Option<i64>,
    limit: i64,
) -> Result<Vec<Notification>> {
    // Two statements that never change instead of one that is put together: those stay prepared.
    Ok(if is_backward {
        n::table
            .filter(n::user_id.eq(user_id).and(n::id.gt(from.unwrap_or(0))))
            .order(n::id.asc())
            .limit(limit)
            .select(Notification::as_select())
            .load(conn)
            .await?
    } else {
        n::table
            .filter(n::user_id.eq(user_id).and(n::id.lt(from.unwrap_or(i64::MAX))))
            .order(n::id.desc())
            .limit(limit)
            .select(Notification::as_select())
            .load(conn)
            .await?
    })
}

/// How many notifications a user has not read.
///
/// # Errors
/// When the database fails.
pub async fn unread(conn: &mut Conn, user_id: i64) -> Result<i64> {
    Ok(n::table.filter(n::user_id.eq(user_id).and(n::read_at.is_null())).count().get_result(conn).await?)
}
