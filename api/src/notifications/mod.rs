//! What people are notified of: stored for the bell, announced by [`crate::events`].
//!
//! Where a notification leads follows from its kind and from what it is about ([`target`]), so
//! no address is ever stored.

mod target;

use chrono::{DateTime, Utc};
use diesel::{
    deserialize::{self, FromSql, FromSqlRow},
    pg::{Pg, PgValue},
    prelude::*,
    sql_query,
    sql_types::{Array, BigInt, Nullable, Text, Timestamptz},
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

/// A notification to send.
#[derive(Debug, Clone)]
pub struct New {
    pub level: Level,
    /// Machine-readable.
    pub kind: &'static str,
    /// The opaque id of what it is about, if the kind alone does not lead there.
    pub about: Option<String>,
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
    pub about: Option<String>,
    pub title: String,
    pub body: String,
    pub created_at: DateTime<Utc>,
    pub read_at: Option<DateTime<Utc>>,
}

/// Notifies users of something, in one statement.
///
/// # Errors
/// When the database fails.
pub async fn send(conn: &mut Conn, now: DateTime<Utc>, users: &[i64], notice: &New) -> Result<()> {
    if users.is_empty() {
        return Ok(());
    }
    sql_query(
        "insert into notifications (user_id, level, kind, about, title, body, created_at)
         select unnest($1), $2, $3, $4, left($5, 254), $6, $7",
    )
    .bind::<Array<BigInt>, _>(users)
    .bind::<Text, _>(notice.level.as_str())
    .bind::<Text, _>(notice.kind)
    .bind::<Nullable<Text>, _>(&notice.about)
    .bind::<Text, _>(&notice.title)
    .bind::<Text, _>(&notice.body)
    .bind::<Timestamptz, _>(now)
    .execute(conn)
    .await?;
    events::send(conn, Topic::Notifications, users).await
}

/// How many notifications a user has.
///
/// # Errors
/// When the database fails.
pub async fn count(conn: &mut Conn, user_id: i64) -> Result<i64> {
    Ok(n::table.filter(n::user_id.eq(user_id)).count().get_result(conn).await?)
}

/// Active superusers: they are notified of what only an administrator can fix.
///
/// # Errors
/// When the database fails.
pub async fn superusers(conn: &mut Conn) -> Result<Vec<i64>> {
    use crate::db::schema::users as u;
    Ok(u::table.filter(u::is_superuser).filter(u::is_active).select(u::id).load(conn).await?)
}

/// Marks notifications of one user as read: those given, or all. Returns how many were unread.
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

/// Notifications of a user beyond the id `from`, newest first, or (`is_backward`) oldest first;
/// all, or only unread ones.
///
/// # Errors
/// When the database fails.
pub async fn page(
    conn: &mut Conn,
    user_id: i64,
    unread: bool,
    is_backward: bool,
    from: Option<i64>,
    limit: i64,
) -> Result<Vec<Notification>> {
    let query = n::table.filter(n::user_id.eq(user_id)).limit(limit).select(Notification::as_select());
    // Fixed statements instead of one assembled at run time: fixed ones stay prepared.
    let (above, below) = (n::id.gt(from.unwrap_or(0)), n::id.lt(from.unwrap_or(i64::MAX)));
    let is_unread = n::read_at.is_null();
    Ok(match (unread, is_backward) {
        (false, false) => query.filter(below).order(n::id.desc()).load(conn).await?,
        (false, true) => query.filter(above).order(n::id.asc()).load(conn).await?,
        (true, false) => query.filter(below).filter(is_unread).order(n::id.desc()).load(conn).await?,
        (true, true) => query.filter(above).filter(is_unread).order(n::id.asc()).load(conn).await?,
    })
}

/// How many notifications a user has not read.
///
/// # Errors
/// When the database fails.
pub async fn unread(conn: &mut Conn, user_id: i64) -> Result<i64> {
    Ok(n::table.filter(n::user_id.eq(user_id).and(n::read_at.is_null())).count().get_result(conn).await?)
}
