//! The brake on work that may take something from many users: for the day when an answer is well-formed but wrong.
//!
//! Once pulled it stays pulled (`sync_runs.stopped_at`) until an operator releases it.

use chrono::{DateTime, Utc};
use diesel::{ExpressionMethods, QueryDsl};
use diesel_async::RunQueryDsl;

use crate::{
    config::Worker,
    db::{
        Conn,
        schema::{sync_runs as r, users as u},
    },
    error::Result,
    notifications,
};

/// The share of users never means fewer than this: a few pilots may leave a small corporation together,
/// which is no reason to ask.
const FEWEST: usize = 20;

/// How many users a run may take something from; `None`: there is no brake, because of the settings or because an
/// operator decided that the losses are real.
///
/// # Errors
/// When the database fails.
pub async fn limit(conn: &mut Conn, settings: &Worker, is_released: bool) -> Result<Option<usize>> {
    if settings.brake_users == 0 || is_released {
        return Ok(None);
    }
    let active: i64 = u::table.filter(u::is_active).count().get_result(conn).await?;
    Ok(Some(most(settings, usize::try_from(active).unwrap_or(0))))
}

/// The smaller of `worker.brake_users` and `worker.brake_percent` of the `active` users.
fn most(settings: &Worker, active: usize) -> usize {
    let number = settings.brake_users as usize;
    match settings.brake_percent {
        0 => number,
        percent => number.min((active.saturating_mul(percent as usize) / 100).max(FEWEST)),
    }
}

/// Stops the run `kind` until somebody looks into it. Superusers are notified of what `would` have happened.
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
        body: format!("{would} in one run. If that is right, run `fealtyctl sync {kind} --release-brake`."),
    };
    let superusers = notifications::superusers(conn).await?;
    notifications::send(conn, now, &superusers, &notice).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smaller_of_number_and_share_counts() {
        let worker = |brake_users, brake_percent| Worker { brake_users, brake_percent, ..Worker::default() };
        for (settings, active, expected) in [
            (Worker::default(), 100_000, 1_000),
            (Worker::default(), 900, 90),
            (Worker::default(), 201, FEWEST),
            (Worker::default(), 0, FEWEST),
            (worker(5, 10), 900, 5),
            (worker(1_000, 0), 900, 1_000),
            (worker(1_000, 100), 900, 900),
        ] {
            assert_eq!(most(&settings, active), expected, "{settings:?} {active}");
        }
    }
}
