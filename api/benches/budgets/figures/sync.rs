//! The affiliation sync of every character against the simulator.

use std::time::{Duration, Instant};

use diesel::sql_query;
use diesel_async::RunQueryDsl;
use fealty_api::{
    error::{Error, Result},
    eve::sync::SyncAffiliations,
    jobs::{self, Job},
};
use fealty_simulator::{Upstream, demo};
use serde_json::json;

use crate::{
    seed,
    stack::Stack,
    table::{Budget, Table},
    world,
};

fn scaled(stack: &Stack, seconds: f64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "at most 100,000")]
    let share = stack.users as f64 / 100_000.0;
    seconds * share
}

fn calls(stack: &Stack) -> u64 {
    stack.handle.counters().get(&Upstream::Esi).map_or(0, |counters| counters.requests)
}

/// Everybody flies where we think, in this process.
///
/// # Errors
/// When the job fails.
pub async fn nothing_changed(stack: &Stack, table: &mut Table) -> Result<()> {
    stack.handle.clear_requests();
    let before = stack.app.db.statement_count();
    let started = Instant::now();
    jobs::run_named(&stack.app, SyncAffiliations::NAME, json!({"release_brake": true})).await?;
    let seconds = started.elapsed().as_secs_f64();
    let mut conn = stack.app.db.conn().await?;
    let changed =
        seed::count(&mut conn, "select changed as count from sync_runs where kind = 'affiliations'").await?;
    let note = format!(
        "{} calls to ESI, {} statements, {changed} changed",
        calls(stack),
        stack.app.db.statement_count() - before
    );
    let figure = format!("affiliation sync of {} characters, nothing changed", stack.users * 3);
    table.add(&figure, seconds, "s", Budget::AtMost(scaled(stack, 60.0)), note);
    Ok(())
}

/// One in a hundred pilots flies elsewhere; the worker finds out.
///
/// # Errors
/// When the job does not end.
pub async fn some_changed(stack: &Stack, table: &mut Table) -> Result<()> {
    let pilots = world::pilots(&stack.handle, stack.users * 3);
    let mut moved = 0;
    for pilot in pilots.iter().step_by(100).filter(|pilot| pilot.corporation_id != demo::NEUTRAL_CORPORATION)
    {
        stack
            .handle
            .move_character(pilot.id, demo::NEUTRAL_CORPORATION)
            .map_err(|e| Error::internal(format!("{e:?}")))?;
        moved += 1;
    }
    stack.handle.clear_requests();
    let mut conn = stack.app.db.conn().await?;
    let started = Instant::now();
    sql_query("update sync_runs set finished_at = now() - interval '1 day' where kind = 'affiliations'")
        .execute(&mut conn)
        .await?;
    jobs::enqueue(&mut conn, &SyncAffiliations { release_brake: true }).await?;
    let done = "select count(*) from sync_runs where kind = 'affiliations' and finished_at > now() - interval '12 hours'";
    while seed::count(&mut conn, done).await? == 0 {
        if started.elapsed() > Duration::from_secs(180) {
            return Err(Error::internal("the worker does not finish the affiliation sync"));
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let seconds = started.elapsed().as_secs_f64();
    let changed =
        seed::count(&mut conn, "select changed as count from sync_runs where kind = 'affiliations'").await?;
    let note = format!("{moved} moved, {changed} noticed, {} calls to ESI; by the worker", calls(stack));
    table.add("  the same with 1% changed", seconds, "s", Budget::AtMost(scaled(stack, 60.0)), note);
    // The accounts of those who lost their state, so that what follows finds the worker idle.
    wait_until_idle(stack).await
}

/// Waits until no account is due.
///
/// # Errors
/// When the worker does not get there.
pub async fn wait_until_idle(stack: &Stack) -> Result<()> {
    let mut conn = stack.app.db.conn().await?;
    let started = Instant::now();
    let due = "select count(*) from service_accounts where marked_revision > settled_revision";
    while seed::count(&mut conn, due).await? > 0 {
        if started.elapsed() > Duration::from_secs(60) {
            return Err(Error::internal("the worker does not work off the marks"));
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}
