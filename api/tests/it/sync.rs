//! The affiliation sync: few calls, nothing lost, unknown changes nothing.

use chrono::Duration;
use fealty_api::error::Error;
use fealty_simulator::{Fault, FaultKind, Upstream, demo};
use serde_json::json;

use crate::support::World;

/// Characters of the simulator's world as rows, where they fly.
pub async fn populate(world: &World, count: usize) -> Vec<i64> {
    let ids: Vec<i64> = world
        .sim
        .character_ids()
        .into_iter()
        .filter(|id| *id < 2_119_000_000 || *id > 2_119_000_100)
        .take(count)
        .collect();
    for chunk in ids.chunks(500) {
        let rows: Vec<String> = chunk
            .iter()
            .map(|id| {
                let c = serde_json::to_value(world.sim.character(*id).unwrap()).unwrap();
                format!("({id}, {}, {})", c["corporationId"], c["allianceId"])
            })
            .collect();
        let values = rows.join(",");
        world.sql(&format!("insert into alliances (id, name) select distinct a::bigint, 'A' from (values {values}) v (id, k, a) where a is not null on conflict do nothing")).await;
        world.sql(&format!("insert into corporations (id, name) select distinct k, 'K' from (values {values}) v (id, k, a) on conflict do nothing")).await;
        world.sql(&format!("insert into characters (id, name, corporation_id, alliance_id, created_at) select id, 'P', k, a::bigint, now() from (values {values}) v (id, k, a)")).await;
    }
    ids
}

fn affiliation_calls(world: &World) -> usize {
    world.sim.requests(Upstream::Esi).iter().filter(|r| r.path.contains("/characters/affiliation")).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_ids_a_call_and_nothing_written_when_nothing_changed() {
    let world = World::new().await;
    populate(&world, 1_500).await;
    world.sim.clear_requests();
    let audits = world.number("select count(*) from audit_entries").await;
    world.sync().await;
    assert_eq!(affiliation_calls(&world), 2);
    assert_eq!(world.number("select count(*) from audit_entries").await, audits);
    assert_eq!(
        world
            .number("select checked from sync_runs where kind = 'affiliations' and finished_at is not null")
            .await,
        1_500
    );
    for request in world.sim.requests(Upstream::Esi) {
        assert!(
            request.user_agent.as_deref().unwrap_or_default().contains("tests@example.com"),
            "{request:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_bad_id_does_not_hide_the_others() {
    let world = World::new().await;
    let ids = populate(&world, 300).await;
    world.sql("insert into characters (id, name, created_at) values (93000001, 'Never was', now())").await;
    let moved = ids[7];
    world.sim.move_character(moved, demo::NEUTRAL_CORPORATION).unwrap();
    world.sync().await;
    assert_eq!(
        world.number(&format!("select corporation_id from characters where id = {moved}")).await,
        demo::NEUTRAL_CORPORATION
    );
    assert_eq!(
        world.number("select count(*) from characters where id = 93000001 and corporation_id is null").await,
        1,
        "unknown stays unknown"
    );
    assert_eq!(world.number("select unresolved from sync_runs where kind = 'affiliations'").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn whom_esi_refuses_each_time_is_asked_about_less_and_less_often() {
    let world = World::new().await;
    let mirel = world.pilot(demo::MIREL).await;
    populate(&world, 20).await;
    world.sql("insert into characters (id, name, created_at) values (93000001, 'Never was', now())").await;
    let mut gaps = Vec::new();
    let mut since_asked = None;
    for _ in 0..(24 * 29) {
        world.sim.clear_requests();
        world.sync().await;
        // A batch without him is one call; with him it is searched.
        let is_asked = affiliation_calls(&world) > 1;
        match (is_asked, since_asked) {
            (true, Some(hours)) => {
                gaps.push(hours);
                since_asked = Some(1);
            }
            (true, None) => since_asked = Some(1),
            (false, hours) => since_asked = hours.map(|h| h + 1),
        }
        world.wait(Duration::hours(1));
        world.sim.reset_limits();
        if gaps.len() == 9 {
            break;
        }
    }
    assert_eq!(gaps, [2, 4, 8, 16, 32, 64, 128, 168, 168]);
    // His owner asks: at once, each time, and that alone does not make the wait longer.
    world.sql("update characters set affiliation_refusals = 3, affiliation_ask_after = now() + interval '100 years' where id = 93000001").await;
    world.sql(&format!("insert into character_ownerships (character_id, user_id, owner_hash, created_at) select 93000001, user_id, 'hash', now() from character_ownerships where character_id = {}", demo::MIREL)).await;
    for _ in 0..2 {
        world.wait(Duration::minutes(2));
        world.sim.clear_requests();
        mirel.ask("mutation{refreshCharacters{status}}").await;
        world.run_jobs().await;
        assert!(affiliation_calls(&world) > 1);
    }
    assert_eq!(world.number("select affiliation_refusals from characters where id = 93000001").await, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_ends_the_wait() {
    let world = World::new().await;
    let mirel = world.pilot(demo::MIREL).await;
    let waiting =
        "select count(*) from characters where affiliation_refusals > 0 or affiliation_ask_after is not null";
    let wait = format!(
        "update characters set affiliation_refusals = 8, affiliation_ask_after = now() + interval '100 years' where id = {}",
        demo::MIREL
    );
    world.sql(&wait).await;
    world.sim.move_character(demo::MIREL, demo::NEUTRAL_CORPORATION).unwrap();
    world.sync().await;
    assert_eq!(mirel.state().await, "Member", "he is not asked about");
    // By *Refresh from EVE*.
    mirel.ask("mutation{refreshCharacters{status}}").await;
    world.run_jobs().await;
    assert_eq!(mirel.state().await, "Guest");
    assert_eq!(world.number(waiting).await, 0);
    // By a login.
    world.sql(&wait).await;
    world.browser().log_in(demo::MIREL).await;
    assert_eq!(world.number(waiting).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn esi_failing_takes_nothing_from_anybody() {
    let world = World::new().await;
    let mirel = world.pilot(demo::MIREL).await;
    for (kind, is_temporary) in [
        (FaultKind::Status { status: 500 }, true),
        // Nobody knows these characters: a refusal that stays does not hold up the rest.
        (FaultKind::Status { status: 404 }, false),
        (FaultKind::Malformed, true),
        (FaultKind::Downtime, true),
        (FaultKind::RateLimited { status: 420, retry_after: 30 }, true),
        (FaultKind::Drop { applied: false }, true),
    ] {
        let shown = format!("{kind:?}");
        world.sim.add_fault(Fault::new(Upstream::Esi, kind));
        let result = world.run_job("sync_affiliations", json!({})).await;
        assert_eq!(result.is_err(), is_temporary, "{shown}: the job is tried again");
        assert_eq!(mirel.state().await, "Member", "{shown}");
        world.sim.clear_faults(None);
        world.wait(Duration::minutes(5));
    }
    world.sim.reset_limits();
    world.sync().await;
    assert_eq!(mirel.state().await, "Member");
    assert_eq!(
        world
            .number("select count(*) from sync_runs where finished_at is not null and last_error is null")
            .await,
        1
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_run_goes_on_where_it_was() {
    let world = World::new().await;
    let ids = populate(&world, 1_900).await;
    // The first batch passes, the second meets an outage.
    world.sim.add_fault(Fault::new(Upstream::Esi, FaultKind::Latency { millis: 0 }).times(1));
    let mut sorted = ids.clone();
    sorted.sort_unstable();
    world.sql(&format!("insert into sync_runs (kind, started_at, cursor, checked) values ('affiliations', now(), {}, 1000)", sorted[999])).await;
    world.sim.clear_requests();
    world.sync().await;
    assert_eq!(affiliation_calls(&world), 1, "only what was left");
    assert_eq!(world.number("select checked from sync_runs where finished_at is not null").await, 1_900);
    // The next run starts anew.
    world.sim.clear_requests();
    world.sync().await;
    assert_eq!(affiliation_calls(&world), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_worker_is_followed_by_another() {
    use fealty_api::jobs::{Runner, RunnerOptions};
    use tokio_util::sync::CancellationToken;
    let world = World::new().await;
    let mirel = world.pilot(demo::MIREL).await;
    world.sim.move_character(demo::MIREL, demo::NEUTRAL_CORPORATION).unwrap();
    world.sim.add_fault(
        Fault::new(Upstream::Esi, FaultKind::Timeout { applied: false }).on("/characters/affiliation"),
    );
    let options = RunnerOptions { cron: false, heartbeat: std::time::Duration::from_millis(300) };
    let mut conn = world.conn().await;
    fealty_api::jobs::enqueue(&mut conn, &fealty_api::eve::sync::SyncAffiliations::default()).await.unwrap();
    drop(conn);
    // The first worker hangs in the middle of the sync and is killed: nothing of it gets to clean up.
    let doomed = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let app = world.app.clone();
    let first_options = options.clone();
    doomed.spawn(async move {
        let runner = Runner::new(&app, first_options, CancellationToken::new()).await.unwrap();
        let _ = runner.run().await;
    });
    for _ in 0..200 {
        if affiliation_calls(&world) > 0 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert!(affiliation_calls(&world) > 0, "the first worker began");
    doomed.shutdown_background();
    world.sim.clear_faults(None);
    // The second one takes over.
    let stop = CancellationToken::new();
    let runner = Runner::new(&world.app, options, stop.clone()).await.unwrap();
    let running = tokio::spawn(runner.run());
    let mut state = String::new();
    for _ in 0..600 {
        state = mirel.state().await;
        if state == "Guest" {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    stop.cancel();
    running.await.unwrap().unwrap();
    assert_eq!(state, "Guest");
}

#[tokio::test(flavor = "multi_thread")]
async fn audit_entries_name_the_job_that_caused_them() {
    use fealty_api::jobs::{Runner, RunnerOptions};
    let world = World::new().await;
    world.pilot(demo::MIREL).await;
    world.sim.move_character(demo::MIREL, demo::NEUTRAL_CORPORATION).unwrap();
    let mut conn = world.conn().await;
    fealty_api::jobs::enqueue(&mut conn, &fealty_api::eve::sync::SyncAffiliations::default()).await.unwrap();
    drop(conn);
    let options = RunnerOptions { cron: false, ..RunnerOptions::default() };
    let runner = Runner::new(&world.app, options, tokio_util::sync::CancellationToken::new()).await.unwrap();
    runner.run_once().await.unwrap();
    let of =
        "select count(*) from audit_entries where kind = 'affiliations_changed' and request_id like 'job:%'";
    assert_eq!(world.number(of).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_biomassed_character_is_taken_and_its_owner_told() {
    for doomheim in [true, false] {
        let world = World::new().await;
        let mirel = world.pilot(demo::MIREL).await;
        world.sim.biomass(demo::MIREL, doomheim).unwrap();
        world.sync().await;
        assert_eq!(mirel.state().await, "Guest", "doomheim: {doomheim}");
        assert_eq!(world.number("select count(*) from character_ownerships").await, 0);
        assert_eq!(world.number("select count(*) from esi_tokens").await, 0);
        let kinds = mirel.ask("{viewer{notifications(first:5){nodes{kind}}}}").await.to_string();
        assert!(kinds.contains("character_biomassed"), "{kinds}");
        // A second run finds nothing to do.
        let before = world.number("select count(*) from audit_entries").await;
        world.sync().await;
        assert_eq!(world.number("select count(*) from audit_entries").await, before);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alliance_that_loses_a_corporation_loses_its_pilots() {
    let world = World::new().await;
    let mirel = world.pilot(demo::MIREL).await;
    world.sim.move_corporation(demo::HOME_CORPORATION, Some(demo::BLUE_ALLIANCE)).unwrap();
    world.sync().await;
    assert_eq!(mirel.state().await, "Blue");
    let data = mirel.ask("{viewer{user{history(first:1){nodes{cause{summary}}}}}}").await.to_string();
    assert!(data.contains("Ashen Vanguard joined Lumen Accord."), "{data}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_brake_stops_a_run_that_takes_too_much_and_stays_pulled() {
    let world = World::empty("[worker]\nbrake_users = 1").await;
    fealty_api::demo::load(&world.app).await.unwrap();
    let mirel = world.pilot(demo::MIREL).await;
    let teodric = world.pilot(demo::TEODRIC).await;
    world.superuser().await;
    world.sim.move_corporation(demo::HOME_CORPORATION, None).unwrap();
    for _ in 0..3 {
        world.sync().await;
        assert_eq!(
            (mirel.state().await, teodric.state().await),
            ("Member".into(), "Member".into()),
            "nobody lost anything"
        );
    }
    assert_eq!(
        world
            .number("select count(*) from sync_runs where finished_at is null and stopped_at is not null")
            .await,
        1
    );
    assert_eq!(
        world.number("select count(*) from notifications where kind = 'sync_stopped'").await,
        1,
        "told once"
    );
    // Somebody looks, and lets it go on.
    world.run_job("sync_affiliations", json!({"release_brake": true})).await.unwrap();
    assert_eq!((mirel.state().await, teodric.state().await), ("Guest".into(), "Guest".into()));
    assert_eq!(
        world
            .number("select count(*) from sync_runs where finished_at is not null and stopped_at is null")
            .await,
        1
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn promotions_do_not_pull_the_brake() {
    let world = World::empty("[worker]\nbrake_users = 1").await;
    fealty_api::demo::load(&world.app).await.unwrap();
    let vesper = world.pilot(demo::VESPER).await;
    let ansgar = world.pilot(demo::ANSGAR).await;
    world.sim.move_corporation(demo::NEUTRAL_CORPORATION, Some(demo::HOME_ALLIANCE)).unwrap();
    world.sync().await;
    assert_eq!((vesper.state().await, ansgar.state().await), ("Member".into(), "Member".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_schedule_is_understood() {
    use fealty_api::jobs::{Runner, RunnerOptions};
    let world = World::new().await;
    Runner::new(&world.app, RunnerOptions::default(), tokio_util::sync::CancellationToken::new())
        .await
        .unwrap_or_else(|e| panic!("{}", e.for_operators()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pilot_asks_for_a_look_and_not_too_often() {
    let world = World::new().await;
    let mirel = world.pilot(demo::MIREL).await;
    world.sim.move_character(demo::MIREL, demo::NEUTRAL_CORPORATION).unwrap();
    let refresh = "mutation{refreshCharacters{status availableAt}}";
    assert_eq!(mirel.ask(refresh).await["refreshCharacters"]["status"], "QUEUED");
    assert_eq!(mirel.ask(refresh).await["refreshCharacters"]["status"], "TOO_SOON");
    world.run_jobs().await;
    assert_eq!(mirel.state().await, "Guest");
    world.wait(Duration::seconds(61));
    assert_eq!(mirel.ask(refresh).await["refreshCharacters"]["status"], "QUEUED");
}

#[tokio::test(flavor = "multi_thread")]
async fn corporations_and_alliances_are_kept_fresh_by_etag() {
    let world = World::new().await;
    let mirel = world.pilot(demo::MIREL).await;
    let data = mirel.ask("{viewer{user{mainCharacter{corporation{ticker memberCount}}}}}").await;
    assert_eq!(data["viewer"]["user"]["mainCharacter"]["corporation"]["ticker"], "ASHV");
    world.sim.clear_requests();
    world.run_job("refresh_organisations", json!({})).await.unwrap();
    let fresh = world.sim.requests(Upstream::Esi).len();
    assert!(fresh <= 1, "ESI's cache of an hour is honoured: {fresh}");
    world.wait(Duration::hours(2));
    world.sim.clear_requests();
    world.run_job("refresh_organisations", json!({})).await.unwrap();
    let requests = world.sim.requests(Upstream::Esi);
    assert!(requests.iter().any(|r| r.status == 304), "{requests:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_token_costs_the_character_and_an_outage_does_not() {
    let world = World::new().await;
    // The tests' clock runs ahead of the simulator's.
    world.sim.set_token_lifetime(24 * 3_600);
    let mirel = world.pilot(demo::MIREL).await;
    world.sim.add_fault(Fault::new(Upstream::Sso, FaultKind::Status { status: 502 }));
    world.wait(Duration::hours(1));
    assert!(matches!(world.run_job("check_tokens", json!({"all": true})).await, Err(Error::Upstream { .. })));
    assert_eq!(mirel.state().await, "Member");
    world.sim.clear_faults(None);
    world.wait(Duration::hours(1));
    world.run_job("check_tokens", json!({"all": true})).await.unwrap();
    assert_eq!(mirel.state().await, "Member");
    world.sim.revoke_tokens(demo::MIREL);
    world.wait(Duration::hours(1));
    world.run_job("check_tokens", json!({"all": true})).await.unwrap();
    assert_eq!(
        mirel.state().await,
        "Member",
        "one refusal may be the answer to a refresh whose own answer was lost"
    );
    world.wait(Duration::minutes(50));
    world.run_job("check_tokens", json!({"all": true})).await.unwrap();
    assert_eq!(mirel.state().await, "Member");
    world.wait(Duration::minutes(11));
    world.run_job("check_tokens", json!({})).await.unwrap();
    assert_eq!(mirel.state().await, "Guest");
    assert_eq!(world.number("select count(*) from esi_tokens").await, 0);
    // He logs in again and is who he was.
    let again = world.browser();
    assert_eq!(again.log_in(demo::MIREL).await, "/");
    assert_eq!(again.state().await, "Member");
}

#[tokio::test(flavor = "multi_thread")]
async fn refresh_tokens_are_sealed() {
    let world = World::new().await;
    world.pilot(demo::MIREL).await;
    let grants = serde_json::to_value(world.sim.grants(demo::MIREL)).unwrap().to_string();
    assert_eq!(world.number("select count(*) from esi_tokens").await, 1);
    assert_eq!(world.number("select count(*) from esi_tokens where length(refresh_token) > 40").await, 1);
    let token = world.sim.grants(demo::MIREL);
    assert!(!token.is_empty(), "{grants}");
}

#[test]
fn the_demo_knows_the_simulators_alliances() {
    assert_eq!(fealty_api::demo::HOME_ALLIANCE, demo::HOME_ALLIANCE);
    assert_eq!(fealty_api::demo::BLUE_ALLIANCE, demo::BLUE_ALLIANCE);
}

/// The schedule's next tick, with ESI's limits as if nothing had been.
pub async fn tick(world: &World) -> Result<(), Error> {
    world.sim.reset_limits();
    world.wait(Duration::minutes(20));
    world.run_job("sync_affiliations", json!({})).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_that_always_fails_holds_up_nobody_for_ever() {
    for kind in [FaultKind::Malformed, FaultKind::Status { status: 500 }] {
        let shown = format!("{kind:?}");
        let world = World::new().await;
        let mirel = world.pilot(demo::MIREL).await;
        populate(&world, 1_000).await;
        world.sim.move_character(demo::MIREL, demo::NEUTRAL_CORPORATION).unwrap();
        world.sim.add_fault(Fault::new(Upstream::Esi, kind));
        for _ in 0..5 {
            assert!(tick(&world).await.is_err(), "{shown}");
        }
        // The sixth try gives the batch up; the next one, which holds Mirel, is answered.
        let first_batch = "select count(*) from sync_runs where unresolved = 1000";
        assert_eq!(world.number(first_batch).await, 0);
        let _ = tick(&world).await;
        assert_eq!(world.number(first_batch).await, 1, "{shown}: unknown, and gone on");
        assert_eq!(mirel.state().await, "Member");
        world.sim.clear_faults(None);
        tick(&world).await.unwrap();
        assert_eq!(mirel.state().await, "Guest", "{shown}");
        let finished = "select count(*) from sync_runs where finished_at is not null";
        assert_eq!(world.number(finished).await, 0, "{shown}: of a thousand nothing was learnt");
        tick(&world).await.unwrap();
        assert_eq!(world.number(finished).await, 1, "{shown}");
        let unknown = "select count(*) from characters where corporation_id is null";
        assert_eq!(world.number(unknown).await, 0, "nothing was taken away");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limit_is_waited_for_as_long_as_it_takes() {
    let world = World::new().await;
    world.pilot(demo::MIREL).await;
    let kind = FaultKind::RateLimited { status: 420, retry_after: 30 };
    world.sim.add_fault(Fault::new(Upstream::Esi, kind));
    for _ in 0..10 {
        assert!(tick(&world).await.is_err());
    }
    assert_eq!(world.number("select unresolved from sync_runs").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn superusers_hear_once_of_a_run_that_does_not_end() {
    let world = World::new().await;
    world.pilot(demo::MIREL).await;
    world.superuser().await;
    let kind = FaultKind::RateLimited { status: 420, retry_after: 30 };
    world.sim.add_fault(Fault::new(Upstream::Esi, kind));
    let mut told = Vec::new();
    for _ in 0..10 {
        world.wait(Duration::minutes(40));
        let _ = tick(&world).await;
        told.push(world.number("select count(*) from notifications where kind = 'sync_late'").await);
    }
    assert_eq!(told, [0, 0, 0, 0, 0, 0, 0, 1, 1, 1]);
    world.sim.clear_faults(None);
    tick(&world).await.unwrap();
    // The next run is another one.
    tick(&world).await.unwrap();
    assert_eq!(world.number("select count(*) from sync_runs where late_told_at is null").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_odd_corporation_does_not_hold_up_the_others() {
    let world = World::new().await;
    world.pilot(demo::MIREL).await;
    world.pilot(demo::RHEA).await;
    world.pilot(demo::VESPER).await;
    world.sql("update corporations set refreshed_at = null, etag = null, name = null").await;
    let odd = demo::HOME_CORPORATION;
    let path = format!("/corporations/{odd}");
    world.sim.add_fault(Fault::new(Upstream::Esi, FaultKind::Status { status: 422 }).on(&path));
    world.run_job("refresh_organisations", json!({"only_new": true})).await.unwrap();
    assert_eq!(
        world.number(&format!("select count(*) from corporations where name is null and id <> {odd}")).await,
        0
    );
    assert_eq!(
        world.number("select count(*) from corporations where refreshed_at is null").await,
        0,
        "it is asked about in the next round"
    );
    // ESI itself failing is another matter: nothing is taken for asked.
    world.sim.add_fault(Fault::new(Upstream::Esi, FaultKind::RateLimited { status: 420, retry_after: 30 }));
    world.sql("update corporations set refreshed_at = null").await;
    assert!(world.run_job("refresh_organisations", json!({"only_new": true})).await.is_err());
    assert!(world.number("select count(*) from corporations where refreshed_at is null").await > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_renamed_gets_his_new_name_everywhere() {
    let world = World::new().await;
    let mirel = world.pilot(demo::MIREL).await;
    let teodric = world.pilot(demo::TEODRIC).await;
    mirel.link_discord(demo::DISCORD_NEWCOMER).await;
    world.run_jobs().await;
    world.sql(&format!("update characters set name = 'Mirel Formerly' where id = {}", demo::MIREL)).await;
    // One that ESI does not know stands beside them.
    world.sql("insert into characters (id, name, created_at) values (93000001, 'Never was', now())").await;
    world.sql(&format!("insert into character_ownerships (character_id, user_id, owner_hash, created_at) select 93000001, user_id, 'hash', now() from character_ownerships where character_id = {}", demo::TEODRIC)).await;
    world.sim.discord_set_nick(demo::DISCORD_NEWCOMER, Some("Mirel Formerly".into())).unwrap();
    let audits = world.number("select count(*) from audit_entries").await;
    world.run_job("refresh_names", json!({})).await.unwrap();
    world.run_jobs().await;
    let name = mirel.ask("{viewer{user{mainCharacter{name}}}}").await.to_string();
    assert!(name.contains("Mirel Ostavane"), "{name}");
    let member = serde_json::to_value(world.sim.discord_member(demo::DISCORD_NEWCOMER).unwrap()).unwrap();
    assert_eq!(member["nick"], "Mirel Ostavane");
    assert_eq!(world.number("select count(*) from audit_entries").await, audits + 1);
    let named =
        "select count(*) from audit_entries where summary = 'Mirel Formerly is now called Mirel Ostavane.'";
    assert_eq!(world.number(named).await, 1);
    assert_eq!(teodric.state().await, "Member");
    // A second time there is nothing to write.
    world.sim.reset_limits();
    world.run_job("refresh_names", json!({})).await.unwrap();
    assert_eq!(world.number("select count(*) from audit_entries").await, audits + 1);
}

/// A login tells the name, too, and long before the nightly look.
#[tokio::test(flavor = "multi_thread")]
async fn a_new_name_noticed_at_a_login_is_shown_everywhere() {
    let world = World::new().await;
    let mirel = world.pilot(demo::MIREL).await;
    mirel.link_discord(demo::DISCORD_NEWCOMER).await;
    world.run_jobs().await;
    world.sim.rename_character(demo::MIREL, "Mirel Newname").unwrap();
    let told = "select count(*) from audit_entries where kind = 'characters_renamed'
                and summary = 'Mirel Ostavane is now called Mirel Newname.'";
    for _ in 0..2 {
        assert_eq!(world.browser().log_in(demo::MIREL).await, "/");
        world.run_jobs().await;
        assert_eq!(world.number(told).await, 1, "once");
    }
    let member = serde_json::to_value(world.sim.discord_member(demo::DISCORD_NEWCOMER).unwrap()).unwrap();
    assert_eq!(member["nick"], "Mirel Newname");
    assert_eq!(mirel.state().await, "Member");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_keeps_his_access_in_another_corporation_costs_services_no_call() {
    let world = World::new().await;
    let mirel = world.pilot(demo::MIREL).await;
    mirel.link_discord(demo::DISCORD_NEWCOMER).await;
    world.run_jobs().await;
    let marks = "select sum(marked_revision) from service_accounts";
    let before = world.number(marks).await;
    world.sim.clear_requests();
    world.sim.move_character(demo::MIREL, demo::INDUSTRY_CORPORATION).unwrap();
    world.sync().await;
    world.sql("update corporations set name = 'Formerly', etag = null, refreshed_at = null").await;
    world.run_job("refresh_organisations", json!({"only_new": true})).await.unwrap();
    world.run_jobs().await;
    assert_eq!(world.number("select count(*) from corporations where name = 'Formerly'").await, 0);
    assert_eq!(mirel.state().await, "Member");
    assert_eq!(world.number(marks).await, before);
    assert!(world.sim.requests(Upstream::Discord).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn factions_do_not_hold_up_corporations() {
    let world = World::new().await;
    world.pilot(demo::MIREL).await;
    for kind in [FaultKind::Status { status: 500 }, FaultKind::Malformed, FaultKind::Status { status: 404 }] {
        world.sim.add_fault(Fault::new(Upstream::Esi, kind).on("/universe/factions"));
        world.sql("update corporations set refreshed_at = null, etag = null, name = null").await;
        world.run_job("refresh_organisations", json!({})).await.unwrap();
        assert_eq!(world.number("select count(*) from corporations where name is null").await, 0);
        world.sim.clear_faults(None);
        world.sim.reset_limits();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_corporation_that_is_called_a_faction_is_none() {
    use fealty_api::eve::esi::{NameCategory, ResolvedName};
    let world = World::new().await;
    let named = |id: i64| ResolvedName { id, name: "Odd".into(), category: NameCategory::Faction };
    let before = world.number("select count(*) from factions").await;
    let mut conn = world.conn().await;
    fealty_api::eve::store::add_names(&mut conn, &[named(98_000_001), named(599_999)]).await.unwrap();
    assert_eq!(world.number("select count(*) from factions").await, before + 1);
}

/// What the database will not have of one batch, for whatever reason.
#[tokio::test(flavor = "multi_thread")]
async fn a_batch_that_cannot_be_stored_holds_up_nobody_for_ever() {
    let world = World::new().await;
    let ids = populate(&world, 1_000).await;
    let mirel = world.pilot(demo::MIREL).await;
    let odd = ids[3];
    world
        .sql("create function refuse() returns trigger language plpgsql as $$ begin raise 'no'; end $$")
        .await;
    world.sql(&format!("create trigger refuse before update of corporation_id on characters for each row when (old.id = {odd}) execute function refuse()")).await;
    world.sim.move_character(odd, demo::NEUTRAL_CORPORATION).unwrap();
    world.sim.move_character(demo::MIREL, demo::NEUTRAL_CORPORATION).unwrap();
    for _ in 0..5 {
        assert!(tick(&world).await.is_err());
        assert_eq!(mirel.state().await, "Member");
    }
    tick(&world).await.unwrap();
    assert_eq!(mirel.state().await, "Guest");
    world.sql("drop trigger refuse on characters").await;
    tick(&world).await.unwrap();
    assert_eq!(world.number("select count(*) from sync_runs where finished_at is not null").await, 1);
}
