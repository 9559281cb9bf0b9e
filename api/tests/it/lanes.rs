//! What takes access away has slots of its own.

use fealty_api::{
    access::{Change, EndTimed},
    eve::sync::SyncAffiliations,
    jobs::{self, Runner, RunnerOptions},
    services::SweepServices,
};
use fealty_simulator::{Fault, FaultKind, Upstream, demo};
use tokio_util::sync::CancellationToken;

use crate::support::World;

/// Waits, at most half a minute, until something is so.
async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    for _ in 0..600 {
        if is_so().await {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("{what} did not happen");
}

#[tokio::test(flavor = "multi_thread")]
async fn revocations_do_not_wait_while_eve_hangs() {
    let world = World::empty("[worker]\nconcurrency = 1").await;
    fealty_api::demo::load(&world.app).await.unwrap();
    let mirel = world.pilot(demo::MIREL).await;
    mirel.link_discord(demo::DISCORD_NEWCOMER).await;
    world.run_jobs().await;
    world.sim.clear_requests();
    let hangs = FaultKind::Timeout { applied: false };
    world.sim.add_fault(Fault::new(Upstream::Esi, hangs).on("/characters/affiliation"));
    let mut conn = world.conn().await;
    jobs::enqueue(&mut conn, &SyncAffiliations::default()).await.unwrap();
    let stop = CancellationToken::new();
    let options = RunnerOptions { cron: false, ..RunnerOptions::default() };
    let runner = Runner::new(&world.app, options, stop.clone()).await.unwrap();
    let running = tokio::spawn(runner.run());
    until("the sync", async || !world.sim.requests(Upstream::Esi).is_empty()).await;
    // The only slot for ordinary jobs is taken.
    world.apply(Change::ActiveChanged { user_id: mirel.user_id().await, is_active: false }).await.unwrap();
    jobs::enqueue(&mut conn, &EndTimed::default()).await.unwrap();
    jobs::enqueue(&mut conn, &SweepServices::default()).await.unwrap();
    until("the revocation", async || world.sim.discord_member(demo::DISCORD_NEWCOMER).is_none()).await;
    let waiting = "select count(*) from graphile_worker.jobs where task_identifier in ('reconcile', 'end_timed', 'sweep_services')";
    until("the rest", async || world.number(waiting).await == 0).await;
    let syncing = "select count(*) from graphile_worker.jobs where task_identifier = 'sync_affiliations' and locked_at is not null";
    assert_eq!(world.number(syncing).await, 1, "EVE still hangs");
    world.sim.clear_faults(None);
    stop.cancel();
    running.await.unwrap().unwrap();
}
