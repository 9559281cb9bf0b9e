//! What the engine does by itself: everybody's access computed anew, and what time brings.

use diesel::{sql_query, sql_types::Timestamptz};
use diesel_async::{AsyncConnection, RunQueryDsl};
use serde::{Deserialize, Serialize};

use super::{Actor, Cause, Change, apply};
use crate::{
    app::App,
    db::Rollback,
    error::{Error, Result},
    jobs::Job,
};

/// Computes everybody's access anew. It should find nothing to do: it runs every night so that a defect, or a program
/// that knows new permissions or services, does not leave anybody with what he should not have.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct RecomputeAccess {}

impl Job for RecomputeAccess {
    const NAME: &'static str = "recompute_access";
    const PRIORITY: i32 = 7;
    const MAX_ATTEMPTS: i32 = 5;
    const QUEUE: Option<&'static str> = Some("recompute_access");

    async fn run(self, app: &App) -> Result<()> {
        let cause = Cause::new(
            Actor::System,
            "recomputed",
            ("users", String::new(), "everybody".into()),
            "Everybody's access was computed anew.",
        );
        let mut conn = app.db.conn().await?;
        let now = app.clock.now();
        let ended = conn
            .transaction(async |conn| match apply(conn, now, &cause, Change::RecomputeAll).await?.users() {
                // Nothing to tell anybody: no audit entry either.
                0 => Err(Rollback::With(0)),
                moved => Ok(moved),
            })
            .await;
        let moved = Rollback::outcome(ended)?;
        if moved > 0 {
            tracing::warn!(users.moved = moved, "computing access anew changed something");
        }
        Ok(())
    }
}

/// Begins and ends memberships and permissions that were given for a time. It runs every minute; what fell due while
/// no worker ran is caught up with at once.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct EndTimed {}

impl Job for EndTimed {
    const NAME: &'static str = "end_timed";
    const PRIORITY: i32 = -5;
    const MAX_ATTEMPTS: i32 = 5;
    const QUEUE: Option<&'static str> = Some("end_timed");

    async fn run(self, app: &App) -> Result<()> {
        let mut conn = app.db.conn().await?;
        let now = app.clock.now();
        let due = sql_query(
            "select from group_members where ends_at <= $1
             union all select from group_members where not is_started and starts_at <= $1
             union all select from user_permissions where ends_at <= $1
             union all select from user_permissions where not is_started and starts_at <= $1
             limit 1",
        );
        if due.bind::<Timestamptz, _>(now).execute(&mut conn).await? == 0 {
            return Ok(());
        }
        let cause = Cause::new(
            Actor::System,
            "time_passed",
            ("users", String::new(), "everybody".into()),
            "What was given for a time began or ended, as agreed.",
        );
        conn.transaction::<_, Error, _>(async |conn| apply(conn, now, &cause, Change::TimePassed).await)
            .await?;
        Ok(())
    }
}
