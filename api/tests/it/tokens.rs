//! Refresh tokens: what a refusal means, and that nothing else costs anybody a character.

use chrono::Duration;
use fealty_api::{app::App, error::Error, jobs};
use fealty_simulator::{Fault, FaultKind, Upstream, demo};
use serde_json::json;

use crate::support::World;

const OWNED: &str = "select count(*) from character_ownerships";
const TOKENS: &str = "select count(*) from esi_tokens";
const TOLD_TO_RENEW: &str = "select count(*) from notifications where kind = 'token_lost'";
const TOLD_TO_LOSE: &str = "select count(*) from notifications where kind = 'character_lost'";

async fn world(toml: &str) -> World {
    let world = World::empty(toml).await;
    fealty_api::demo::load(&world.app).await.unwrap();
    // The tests' clock runs ahead of the simulator's.
    world.sim.set_token_lifetime(60 * 24 * 3_600);
    world
}

/// The check of everything that is due, after `hours`.
async fn check_after(world: &World, hours: i64) -> Result<(), Error> {
    world.wait(Duration::hours(hours));
    world.run_job("check_tokens", json!({})).await
}

fn refreshes(world: &World) -> usize {
    world.sim.requests(Upstream::Sso).iter().filter(|r| r.path.ends_with("/v2/oauth/token")).count()
}

fn at_the_token_endpoint(kind: FaultKind) -> Fault {
    Fault::new(Upstream::Sso, kind).on("/v2/oauth/token")
}

#[tokio::test(flavor = "multi_thread")]
async fn another_application_at_eve_costs_nobody_a_character() {
    let world = world("").await;
    let mirel = world.pilot(demo::MIREL).await;
    world.sim.register_client("fealty-new", None, Some(demo::EVE_CALLBACK));
    let mut config = world.app.config.clone();
    config.sso.client_id = "fealty-new".into();
    let changed = App::new(config, world.clock.clone()).unwrap();
    for _ in 0..3 {
        world.wait(Duration::hours(49));
        jobs::run_named(&changed, "check_tokens", json!({})).await.unwrap();
    }
    assert_eq!(mirel.state().await, "Member");
    assert_eq!(world.number("select count(*) from esi_tokens where refused_at is null").await, 1);
    // The mistake is mended: the token works as before.
    check_after(&world, 49).await.unwrap();
    assert_eq!(mirel.state().await, "Member");
    assert_eq!(world.number("select count(*) from esi_tokens where attempted_at is null").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_of_too_many_pull_the_brake_until_it_is_released() {
    let world = world("[worker]\nbrake_users = 1").await;
    world.superuser().await;
    let pilots = [demo::MIREL, demo::TEODRIC, demo::RHEA];
    for pilot in pilots {
        world.pilot(pilot).await;
    }
    let vesper = world.pilot(demo::VESPER).await;
    vesper.add(demo::ANSGAR).await;
    for pilot in pilots {
        world.sim.revoke_tokens(pilot);
    }
    let stopped = "select count(*) from notifications where kind = 'sync_stopped'";
    check_after(&world, 49).await.unwrap();
    assert_eq!(world.number(OWNED).await, 5, "refused once");
    for _ in 0..3 {
        check_after(&world, 2).await.unwrap();
        assert_eq!(world.number(OWNED).await, 4, "one may lose a character in a run");
        assert_eq!(world.number(stopped).await, 1, "told once");
    }
    // Nothing is taken on the following days; the others are tried all the same.
    check_after(&world, 49).await.unwrap();
    check_after(&world, 49).await.unwrap();
    assert_eq!(world.number(OWNED).await, 4);
    assert_eq!(world.number(stopped).await, 1);
    let now = world.number("select max(extract(epoch from checked_at)) from esi_tokens").await;
    let fresh = format!("{TOKENS} where refused_at is null and extract(epoch from checked_at) > {now} - 60");
    assert_eq!(world.number(&fresh).await, 2);
    // Somebody looks, and lets it go on.
    world.wait(Duration::minutes(1));
    world.run_job("check_tokens", json!({"all": true, "release_brake": true})).await.unwrap();
    assert_eq!(world.number(OWNED).await, 2);
    assert_eq!(world.number("select count(*) from sync_runs where stopped_at is null").await, 1);
    // The brake is back: two characters of one user are one user who loses, another user is one too many.
    world.pilot(demo::DAGAN).await;
    for pilot in [demo::VESPER, demo::ANSGAR] {
        world.sim.revoke_tokens(pilot);
    }
    check_after(&world, 49).await.unwrap();
    check_after(&world, 2).await.unwrap();
    assert_eq!(world.number(OWNED).await, 1);
    assert_eq!(world.number(stopped).await, 1);
    world.sim.revoke_tokens(demo::DAGAN);
    world.run_job("check_tokens", json!({"all": true})).await.unwrap();
    check_after(&world, 2).await.unwrap();
    assert_eq!(world.number(OWNED).await, 1, "counted over two days, however many runs they have");
    assert_eq!(world.number(stopped).await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_brake_every_second_refusal_counts() {
    let world = world("[worker]\nbrake_users = 0").await;
    for pilot in [demo::MIREL, demo::TEODRIC] {
        world.pilot(pilot).await;
        world.sim.revoke_tokens(pilot);
    }
    check_after(&world, 49).await.unwrap();
    check_after(&world, 2).await.unwrap();
    assert_eq!((world.number(OWNED).await, world.number(TOLD_TO_LOSE).await), (0, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_costs_the_token_and_not_the_character() {
    for kind in [FaultKind::Drop { applied: true }, FaultKind::Malformed, FaultKind::Status { status: 502 }] {
        let world = world("").await;
        let mirel = world.pilot(demo::MIREL).await;
        world.sim.set_refresh_rotation(true);
        world.sim.clear_requests();
        world.sim.add_fault(at_the_token_endpoint(kind.clone()).times(1));
        assert!(matches!(check_after(&world, 49).await, Err(Error::Upstream { .. })), "{kind:?}");
        assert_eq!(refreshes(&world), 1, "a token that may be used up is not sent again at once");
        assert_eq!(world.number(&format!("{TOKENS} where attempted_at is not null")).await, 1);
        if matches!(kind, FaultKind::Status { .. }) {
            // It may have been used up; here a withdrawn consent looks the same.
            world.sim.revoke_tokens(demo::MIREL);
        }
        check_after(&world, 2).await.unwrap();
        check_after(&world, 2).await.unwrap();
        check_after(&world, 49).await.unwrap();
        assert_eq!(mirel.state().await, "Member", "{kind:?}");
        assert_eq!((world.number(TOKENS).await, world.number(OWNED).await), (0, 1));
        assert_eq!((world.number(TOLD_TO_RENEW).await, world.number(TOLD_TO_LOSE).await), (1, 0));
        // He does as he was told.
        assert_eq!(world.browser().log_in(demo::MIREL).await, "/");
        assert_eq!(world.number(&format!("{TOKENS} where attempted_at is null")).await, 1);
        check_after(&world, 49).await.unwrap();
        assert_eq!(world.number(&format!("{TOKENS} where attempted_at is null")).await, 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_died_in_a_refresh_costs_no_character() {
    let world = world("").await;
    world.pilot(demo::MIREL).await;
    world.sql("update esi_tokens set attempted_at = now(), refused_at = now() - interval '1 day'").await;
    world.sim.revoke_tokens(demo::MIREL);
    check_after(&world, 49).await.unwrap();
    assert_eq!((world.number(TOKENS).await, world.number(OWNED).await), (0, 1));
    assert_eq!(world.number(TOLD_TO_RENEW).await, 1);
}

/// EVE names another owner and gives a new token, and then the database fails.
#[tokio::test(flavor = "multi_thread")]
async fn a_sold_character_that_could_not_be_taken_is_taken_the_next_time() {
    let world = world("").await;
    let mirel = world.pilot(demo::MIREL).await;
    world.sim.set_refresh_rotation(true);
    world.sql("update character_ownerships set owner_hash = 'another'").await;
    world.sql("alter table audit_entries rename to out_of_order").await;
    assert!(check_after(&world, 49).await.is_err());
    world.sql("alter table out_of_order rename to audit_entries").await;
    assert_eq!((world.number(TOKENS).await, world.number(OWNED).await), (1, 1));
    check_after(&world, 2).await.unwrap();
    assert_eq!((world.number(OWNED).await, world.number(TOLD_TO_LOSE).await), (0, 1));
    assert_eq!(mirel.state().await, "Guest");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_settles_what_was_open() {
    let world = world("").await;
    world.pilot(demo::MIREL).await;
    // Without rotation the token outlives the lost answer.
    world.sim.add_fault(at_the_token_endpoint(FaultKind::Drop { applied: true }).times(1));
    assert!(check_after(&world, 49).await.is_err());
    check_after(&world, 2).await.unwrap();
    assert_eq!(world.number(&format!("{TOKENS} where attempted_at is null and refused_at is null")).await, 1);
    // A limit that EVE keeps is an answer, too, and so is a connection that never was.
    world.sim.add_fault(at_the_token_endpoint(FaultKind::RateLimited { status: 429, retry_after: 600 }));
    assert!(check_after(&world, 49).await.is_err());
    assert_eq!(world.number(&format!("{TOKENS} where attempted_at is null")).await, 1);
    world.sim.clear_faults(None);
    // From here on refusals count again.
    world.sim.revoke_tokens(demo::MIREL);
    check_after(&world, 49).await.unwrap();
    check_after(&world, 2).await.unwrap();
    assert_eq!((world.number(OWNED).await, world.number(TOLD_TO_RENEW).await), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn rotated_tokens_are_kept() {
    let world = world("").await;
    world.pilot(demo::MIREL).await;
    world.sim.set_refresh_rotation(true);
    for _ in 0..3 {
        check_after(&world, 49).await.unwrap();
    }
    assert_eq!(world.number(&format!("{TOKENS} where attempted_at is null and refused_at is null")).await, 1);
    assert_eq!(world.number(OWNED).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_failure_does_not_hold_up_the_others_and_many_end_the_run() {
    let world = world("").await;
    for pilot in [demo::MIREL, demo::TEODRIC, demo::RHEA] {
        world.pilot(pilot).await;
    }
    world.sim.add_fault(at_the_token_endpoint(FaultKind::Status { status: 502 }).times(1));
    world.sim.clear_requests();
    check_after(&world, 49).await.unwrap();
    assert_eq!(refreshes(&world), 3);
    // The one that failed is tried again within the day, the others are not.
    world.sim.clear_requests();
    check_after(&world, 2).await.unwrap();
    assert_eq!(refreshes(&world), 1);
    for pilot in [demo::KAELEN, demo::VESPER, demo::ANSGAR, demo::DAGAN] {
        world.pilot(pilot).await;
    }
    world.sim.add_fault(at_the_token_endpoint(FaultKind::Status { status: 502 }));
    world.sim.clear_requests();
    assert!(matches!(check_after(&world, 49).await, Err(Error::Upstream { .. })));
    assert_eq!(refreshes(&world), 5, "the SSO is down");
    world.sim.clear_faults(None);
    world.sim.clear_requests();
    world.run_job("check_tokens", json!({})).await.unwrap();
    assert_eq!(refreshes(&world), 2, "those that were not tried");
    assert_eq!(world.number(OWNED).await, 7);
}

#[tokio::test(flavor = "multi_thread")]
async fn all_tokens_are_each_tried_once() {
    let world = world("").await;
    world.pilot(demo::MIREL).await;
    world.sim.revoke_tokens(demo::MIREL);
    world.sql("insert into characters (id, name, created_at) select n, 'P' || n, now() from generate_series(1, 250) n").await;
    world.sql("insert into character_ownerships (character_id, user_id, owner_hash, created_at) select n, (select id from users), 'h' || n, now() from generate_series(1, 250) n").await;
    world.sql("insert into esi_tokens (user_id, character_id, scopes, refresh_token, created_at, checked_at) select t.user_id, n, t.scopes, t.refresh_token, now(), now() from esi_tokens t, generate_series(1, 250) n").await;
    world.wait(Duration::hours(1));
    let before = world.sim.counters()[&Upstream::Sso].requests;
    world.run_job("check_tokens", json!({"all": true})).await.unwrap();
    assert_eq!(world.number(&format!("{TOKENS} where refused_at is not null")).await, 251);
    let asked = world.sim.counters()[&Upstream::Sso].requests - before;
    assert!((251..260).contains(&asked), "{asked}");
}
