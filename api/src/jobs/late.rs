//! Work that makes no progress: superusers are notified, and again each day while that lasts.

use chrono::{DateTime, Duration, Utc};
use diesel::{ExpressionMethods, QueryDsl};
use diesel_async::RunQueryDsl;

use crate::{
    db::{Conn, schema::sync_runs as r},
    error::Result,
    notifications,
};

/// Anything that takes longer is late: runs take minutes.
pub const LATE: Duration = Duration::hours(6);
/// How long until superusers are notified again.
pub const AGAIN: Duration = Duration::days(1);

/// Notifies superusers that the work `kind` makes no progress.
///
/// # Errors
/// When the database fails.
pub async fn tell(conn: &mut Conn, now: DateTime<Utc>, kind: &str, title: &str, body: String) -> Result<()> {
    tracing::error!(sync = kind, body, "superusers are told that work does not get on");
    diesel::update(r::table.find(kind)).set(r::late_told_at.eq(now)).execute(conn).await?;
    let notice = notifications::New {
        level: notifications::Level::Warning,
        kind: "sync_late",
        about: None,
        title: title.to_owned(),
        body,
    };
    let superusers = notifications::superusers(conn).await?;
    notifications::send(conn, now, &superusers, &notice).await
}

/// A moment, as superusers read it.
#[must_use]
pub fn in_words(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M UTC").to_string()
}
