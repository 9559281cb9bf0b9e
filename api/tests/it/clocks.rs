//! Servers and workers whose clocks differ: what is due is due for all of them.

use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};
use fealty_api::{
    access::Change,
    app::App,
    clock::{Clock, SystemClock},
    jobs,
};
use fealty_simulator::{Fault, FaultKind, Upstream, demo};
use serde_json::json;

use crate::support::World;

/// The clock of a machine that is set wrong.
#[derive(Debug)]
struct Wrong(Duration);

impl Clock for Wrong {
    fn now(&self) -> DateTime<Utc> {
        SystemClock.now() + self.0
    }
}

fn worker(world: &World, ahead: Duration) -> App {
    App::new(world.app.config.clone(), Arc::new(Wrong(ahead))).unwrap()
}

async fn reconcile(app: &App) {
    jobs::run_named(app, "reconcile", json!({"service": "discord"})).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_worker_does_what_a_server_ahead_marked() {
    let world = World::new().await;
    let mirel = world.pilot(demo::MIREL).await;
    mirel.link_discord(demo::DISCORD_NEWCOMER).await;
    world.run_jobs().await;
    let user_id = mirel.user_id().await;
    world.wait(Duration::hours(1));
    world.apply(Change::ActiveChanged { user_id, is_active: false }).await.unwrap();
    reconcile(&worker(&world, Duration::hours(-1))).await;
    assert!(world.sim.discord_member(demo::DISCORD_NEWCOMER).is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn pauses_end_for_all_workers_at_once() {
    let world = World::new().await;
    let mirel = world.pilot(demo::MIREL).await;
    mirel.link_discord(demo::DISCORD_NEWCOMER).await;
    world.run_jobs().await;
    let user_id = mirel.user_id().await;
    world.sim.add_fault(Fault::new(Upstream::Discord, FaultKind::Status { status: 503 }));
    world.apply(Change::ActiveChanged { user_id, is_active: false }).await.unwrap();
    reconcile(&worker(&world, Duration::hours(1))).await;
    let soon = "select count(*) from service_health where paused_until between now() - interval '1 minute' and now() + interval '1 minute'";
    assert_eq!(world.number(soon).await, 1, "by the database's clock");
    let tried = "select count(*) from service_accounts where next_attempt_at < now() + interval '2 minutes'";
    assert_eq!(world.number(tried).await, 1);
    let later = "select count(*) from graphile_worker.jobs where task_identifier = 'reconcile_later' and run_at < now() + interval '2 minutes'";
    assert_eq!(world.number(later).await, 1, "a job of the queue, which has that clock, too");
    world.sim.clear_faults(None);
    // It is over; a worker whose clock is late does not wait any longer.
    world.sql("update service_health set paused_until = now() - interval '1 second'").await;
    world.sql("update service_accounts set next_attempt_at = now() - interval '1 second'").await;
    reconcile(&worker(&world, Duration::hours(-1))).await;
    assert!(world.sim.discord_member(demo::DISCORD_NEWCOMER).is_none());
}
