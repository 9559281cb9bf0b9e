//! EVE that answers and says nothing: nobody loses anything, and somebody hears of it.

use chrono::Duration;
use fealty_api::{app::App, http, jobs};
use fealty_simulator::{Fault, FaultKind, Upstream, demo};
use serde_json::json;
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::any};

use crate::{
    support::World,
    sync::{populate, tick},
};

const FINISHED: &str =
    "select count(*) from sync_runs where kind = 'affiliations' and finished_at is not null";
const TOLD: &str = "select count(*) from notifications where kind = 'sync_late'";

/// The application with another ESI.
fn with_esi(world: &World, esi: &MockServer) -> App {
    let mut config = world.app.config.clone();
    config.esi.base_url = esi.uri().parse().unwrap();
    App::new(config, world.clock.clone()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_learns_nothing_is_no_success() {
    http::metrics_recorder();
    let world = World::new().await;
    let mirel = world.pilot(demo::MIREL).await;
    world.superuser().await;
    tick(&world).await.unwrap();
    assert_eq!(world.number(FINISHED).await, 1);
    let resolved = "select extract(epoch from resolved_at) from sync_runs";
    let last = world.number(resolved).await;
    world.sim.add_fault(Fault::new(Upstream::Esi, FaultKind::Status { status: 401 }));
    let mut told = Vec::new();
    for _ in 0..5 {
        world.wait(Duration::hours(7));
        tick(&world).await.unwrap();
        assert_eq!(world.number(FINISHED).await, 0);
        assert_eq!(
            world.number("select count(*) from sync_runs where last_error is not null and cursor = 0").await,
            1
        );
        told.push(world.number(TOLD).await);
    }
    assert_eq!(told, [0, 1, 1, 1, 1], "at once it may pass, then a warning");
    world.wait(Duration::hours(7));
    tick(&world).await.unwrap();
    assert_eq!(world.number(TOLD).await, 2, "and another one each day");
    let body = format!(
        "{TOLD} and body like '%EVE last said where pilots fly at %The last error: not authorized.%'"
    );
    assert_eq!(world.number(&body).await, 2);
    assert_eq!(world.number(resolved).await, last);
    let metrics = mirel.get("/metrics").await.body;
    assert!(metrics.contains("fealty_affiliation_sync_resolved_timestamp_seconds"), "{metrics}");
    assert!(metrics.contains("fealty_characters_refused 0"), "{metrics}");
    assert_eq!(mirel.state().await, "Member");
    world.sim.clear_faults(None);
    world.sim.move_character(demo::MIREL, demo::NEUTRAL_CORPORATION).unwrap();
    tick(&world).await.unwrap();
    assert_eq!(world.number(&format!("{FINISHED} and last_error is null")).await, 1);
    assert!(world.number(resolved).await > last);
    assert_eq!(mirel.state().await, "Guest");
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_and_empty_lists_are_no_answers() {
    let html = ResponseTemplate::new(200).set_body_raw("<html>Welcome</html>", "text/html");
    for answer in [ResponseTemplate::new(200).set_body_json(json!([])), html] {
        let world = World::new().await;
        let mirel = world.pilot(demo::MIREL).await;
        populate(&world, 20).await;
        world.superuser().await;
        let esi = MockServer::start().await;
        Mock::given(any()).respond_with(answer).mount(&esi).await;
        let app = with_esi(&world, &esi);
        for _ in 0..20 {
            world.wait(Duration::minutes(60));
            let _ = jobs::run_named(&app, "sync_affiliations", json!({})).await;
            assert_eq!(world.number(FINISHED).await, 0);
        }
        assert_eq!(world.number(TOLD).await, 1);
        assert_eq!(mirel.state().await, "Member");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whom_esi_refuses_for_days_is_counted() {
    http::metrics_recorder();
    let world = World::new().await;
    let mirel = world.pilot(demo::MIREL).await;
    world.superuser().await;
    world.sql("insert into characters (id, name, created_at, affiliation_refusals, affiliation_ask_after) values (93000001, 'Never was', now(), 7, now() + interval '1 year'), (93000002, 'Nobody''s', now(), 7, now() + interval '1 year')").await;
    world.sql(&format!("insert into character_ownerships (character_id, user_id, owner_hash, created_at) select 93000001, user_id, 'hash', now() from character_ownerships where character_id = {}", demo::MIREL)).await;
    let metrics = mirel.get("/metrics").await.body;
    assert!(metrics.contains("fealty_characters_refused 1"), "{metrics}");
    world.sim.add_fault(Fault::new(Upstream::Esi, FaultKind::Status { status: 401 }));
    for _ in 0..2 {
        tick(&world).await.unwrap();
        world.wait(Duration::hours(7));
    }
    tick(&world).await.unwrap();
    assert_eq!(
        world.number(&format!("{TOLD} and body like '%refused to say anything about 1 character.'")).await,
        1
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn superusers_hear_of_a_check_that_learns_nothing() {
    let world = World::new().await;
    world.sim.set_token_lifetime(60 * 24 * 3_600);
    let mirel = world.pilot(demo::MIREL).await;
    world.superuser().await;
    world.sim.register_client("fealty-new", None, Some(demo::EVE_CALLBACK));
    let mut config = world.app.config.clone();
    config.sso.client_id = "fealty-new".into();
    let changed = App::new(config, world.clock.clone()).unwrap();
    let mut told = Vec::new();
    for _ in 0..3 {
        world.wait(Duration::hours(49));
        jobs::run_named(&changed, "check_tokens", json!({})).await.unwrap();
        // Nothing is due: that is no answer, and no failure either.
        jobs::run_named(&changed, "check_tokens", json!({})).await.unwrap();
        told.push(world.number(TOLD).await);
    }
    assert_eq!(told, [0, 1, 2]);
    // All tokens may be due at the same moment, and then not again for two days: it is told all the same.
    world.wait(Duration::hours(25));
    jobs::run_named(&changed, "check_tokens", json!({})).await.unwrap();
    assert_eq!(world.number(TOLD).await, 3, "a day later");
    let failing = "select count(*) from sync_runs where kind = 'tokens' and failing_since is not null and last_error is not null";
    assert_eq!(world.number(failing).await, 1);
    assert_eq!(mirel.state().await, "Member");
    // Mended.
    world.wait(Duration::hours(49));
    world.run_job("check_tokens", json!({})).await.unwrap();
    let answered = "select count(*) from sync_runs where kind = 'tokens' and failing_since is null and resolved_at is not null and late_told_at is null";
    assert_eq!(world.number(answered).await, 1);
    // The SSO being down for an hour is nothing to tell, for long it is.
    world.sim.add_fault(Fault::new(Upstream::Sso, FaultKind::Status { status: 502 }));
    for hours in [49, 2, 2] {
        world.wait(Duration::hours(hours));
        assert!(world.run_job("check_tokens", json!({})).await.is_err());
    }
    assert_eq!(world.number(TOLD).await, 3);
    world.wait(Duration::hours(3));
    assert!(world.run_job("check_tokens", json!({})).await.is_err());
    assert_eq!(world.number(TOLD).await, 4);
}
