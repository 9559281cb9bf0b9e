//! The brake of work that may take something from many users: there for the day when an answer is well-formed and wrong.
//!
//! Once pulled it stays pulled (`sync_runs.stopped_at`) until an operator releases it.

use chrono::{DateTime, Utc};
use diesel::{ExpressionMethods, QueryDsl};
use diesel_async::RunQueryDsl;

use crate::{
    app::App,
    db::{Conn, schema::sync_runs as r},
    error::Result,
    notifications,
};

/// From how many users a run may take something; `None`: it has no brake, by the settings or because an operator decided
/// that the losses are real.
#[must_use]
pub fn limit(app: &App, is_released: bool) -> Option<usize> {
    match app.config.worker.brake_users {
        0 => None,
        _ if is_released => None,
        most => Some(most as usize),
    }
}

/// Stops the run `kind` until somebody looks at it. Superusers are told what `would` have happened.
///
/// # Errors
/// When the database fails.
pub async fn pull(conn: &mut Conn, now: DateTime<Utc>, kind: &str, title: &str, would: &str) -> Result<()> {
    tracing::error!(sync = kind, would, "the brake was pulled");
    diesel::update(r::table.find(kind))
        .set((r::last_error.eq(format!("stopped: {would}")), r::stopped_at.eq(now)))
        .execute(conn)
        .await?;
    let notice = notifications::New {
        level: notifications::Level::Danger,
        kind: "sync_stopped",
        about: None,
        title: title.to_owned(),
        body: format!("{would} in one run. If that is real, run `fealtyctl sync {kind} --release-brake`."),
    };
    let superusers = notifications::superusers(conn).await?;
    notifications::send(conn, now, &superusers, &notice).await
}
