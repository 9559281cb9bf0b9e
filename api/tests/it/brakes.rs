//! The brake: as many as may lose something at once, and what counts as losing.

use chrono::Duration;
use fealty_simulator::demo;
use serde_json::json;

use crate::{support::World, sync::populate};

const OWNED: &str = "select count(*) from character_ownerships";
const STOPPED: &str = "select count(*) from notifications where kind = 'sync_stopped'";
const RUNS: &str = "select count(*) from sync_runs where stopped_at is not null";

/// Users without main, each with one character that ESI knows.
async fn owners(world: &World, count: usize) -> Vec<i64> {
    let ids = populate(world, count).await;
    world.sql("insert into users (username, email, is_active, state_id, state_since, permission_set_id, created_at) select 'owner' || c.id, 'o@example.com', true, (select id from states where is_guest), now(), (select id from permission_sets where permission_ids = '{}'), now() from characters c").await;
    world.sql("insert into character_ownerships (character_id, user_id, owner_hash, created_at) select substr(username, 6)::bigint, id, 'hash' || id, now() from users where username like 'owner%'").await;
    ids
}

/// Of a small alliance the configured thousand is everybody.
#[tokio::test(flavor = "multi_thread")]
async fn characters_that_are_no_more_count_for_their_owners() {
    for (gone, left) in [(20, 5), (21, 25)] {
        let world = World::new().await;
        world.superuser().await;
        let ids = owners(&world, 25).await;
        for id in &ids[..gone] {
            world.sim.biomass(*id, true).unwrap();
        }
        world.sync().await;
        assert_eq!(world.number(OWNED).await, left, "{gone} of 25");
        assert_eq!(world.number(STOPPED).await, i64::from(left == 25));
        world.run_job("sync_affiliations", json!({"release_brake": true})).await.unwrap();
        assert_eq!(world.number(OWNED).await, 25 - i64::try_from(gone).unwrap(), "somebody looked");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_share_may_be_switched_off() {
    let world = World::empty("[worker]\nbrake_percent = 0").await;
    fealty_api::demo::load(&world.app).await.unwrap();
    world.superuser().await;
    let ids = owners(&world, 25).await;
    for id in &ids {
        world.sim.biomass(*id, true).unwrap();
    }
    world.sync().await;
    assert_eq!((world.number(OWNED).await, world.number(STOPPED).await), (0, 0));
}

async fn small_brake() -> World {
    let world = World::empty("[worker]\nbrake_users = 1").await;
    fealty_api::demo::load(&world.app).await.unwrap();
    world.sim.set_token_lifetime(60 * 24 * 3_600);
    world.superuser().await;
    world
}

/// EVE names other owners than before.
async fn change_owners(world: &World, characters: &[i64]) {
    for table in ["character_ownerships", "ownership_records"] {
        let of = characters.iter().map(i64::to_string).collect::<Vec<_>>().join(",");
        world
            .sql(&format!(
                "update {table} set owner_hash = 'other' || character_id where character_id in ({of})"
            ))
            .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn other_owners_for_many_pull_the_brake_of_the_check() {
    let world = small_brake().await;
    world.sim.set_refresh_rotation(true);
    let sold = [demo::MIREL, demo::TEODRIC, demo::RHEA];
    for pilot in sold {
        world.pilot(pilot).await;
    }
    let vesper = world.pilot(demo::VESPER).await;
    change_owners(&world, &sold).await;
    for _ in 0..2 {
        world.wait(Duration::hours(49));
        world.run_job("check_tokens", json!({})).await.unwrap();
        assert_eq!(world.number(OWNED).await, 3, "one may lose a character in a run");
        assert_eq!((world.number(STOPPED).await, world.number(RUNS).await), (1, 1), "told once");
    }
    let kept = "select count(*) from esi_tokens where refused_at is null and attempted_at is null";
    assert_eq!(world.number(kept).await, 3, "their tokens stay good");
    // Whoever logs in meanwhile with another owner is not believed either, and nobody loses anything by it.
    let left = if world.number(&format!("{OWNED} where character_id = {}", demo::TEODRIC)).await == 1 {
        demo::TEODRIC
    } else {
        demo::MIREL
    };
    assert_eq!(world.browser().log_in(left).await, "/login?error=owner_unclear");
    assert!(vesper.add(left).await.contains("error=owner_unclear"));
    assert_eq!(world.number(OWNED).await, 3);
    assert_eq!(world.browser().log_in(demo::VESPER).await, "/", "who is who he was is not kept out");
    // Somebody looks, and lets it go on.
    world.wait(Duration::minutes(1));
    world.run_job("check_tokens", json!({"all": true, "release_brake": true})).await.unwrap();
    assert_eq!((world.number(OWNED).await, world.number(RUNS).await), (1, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_login_counts_for_no_brake() {
    let world = small_brake().await;
    let (holder, owner) = (world.pilot(demo::TEODRIC).await, world.pilot(demo::MIREL).await);
    let (holder, owner) = (holder.user_id().await, owner.user_id().await);
    let vesper = world.pilot(demo::VESPER).await;
    // Who had the character under the hash that EVE names was switched off; somebody else has it under another one.
    world
        .sql(&format!(
            "update users set main_character_id = null, is_active = false, switched_off_at = now() where id = {holder}"
        ))
        .await;
    world.sql(&format!("delete from esi_tokens where character_id = {}", demo::TEODRIC)).await;
    world
        .sql(&format!(
            "update character_ownerships set user_id = {owner}, owner_hash = 'another' where character_id = {}",
            demo::TEODRIC
        ))
        .await;
    for _ in 0..3 {
        assert!(vesper.add(demo::TEODRIC).await.contains("error=disabled"));
    }
    assert_eq!((world.number(STOPPED).await, world.number(RUNS).await), (0, 0));
    assert_eq!(
        world.number("select coalesce(max(demoted), 0) from sync_runs where kind = 'tokens'").await,
        0
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn logins_with_other_owners_count_for_the_same_brake() {
    let world = small_brake().await;
    let pilots = [demo::MIREL, demo::TEODRIC];
    for pilot in pilots {
        world.pilot(pilot).await;
    }
    change_owners(&world, &pilots).await;
    assert_eq!(world.browser().log_in(demo::MIREL).await, "/register", "proven for one, and at once");
    assert_eq!(world.browser().log_in(demo::TEODRIC).await, "/login?error=owner_unclear");
    assert_eq!((world.number(STOPPED).await, world.number(RUNS).await), (1, 1));
    assert_eq!(world.browser().log_in(demo::TEODRIC).await, "/login?error=owner_unclear");
    assert_eq!(world.number(STOPPED).await, 1, "told once");
    assert_eq!(
        world.number("select count(*) from character_ownerships where owner_hash like 'other%'").await,
        1
    );
}
