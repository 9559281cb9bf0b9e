//! What is wrong with the site: each condition comes and goes, and members hear of what touches them only.

use chrono::Duration;
use fealty_api::access::Change;
use fealty_simulator::demo;
use serde_json::{Value, json};

use crate::support::{Browser, World};

const ASK: &str = "{site{conditions{kind subject level since sentence remedy detail}}}";

async fn conditions(world: &World, browser: &Browser<'_>) -> Vec<Value> {
    // What was read is good for a few seconds.
    world.wait(Duration::seconds(6));
    browser.ask(ASK).await["site"]["conditions"].as_array().unwrap().clone()
}

async fn kinds(world: &World, browser: &Browser<'_>) -> Vec<String> {
    let all = conditions(world, browser).await;
    all.iter().map(|condition| condition["kind"].as_str().unwrap().to_owned()).collect()
}

/// A worker that says that it is alive, `ago` before now.
async fn worker(world: &World, ago: &str) {
    world.sql("delete from graphile_worker._private_workers").await;
    world
        .sql(&format!(
            "insert into graphile_worker._private_workers (id, last_heartbeat_at) values ('test', now() - interval '{ago}')"
        ))
        .await;
}

/// A world in which all is well, its operator and a member.
async fn well(world: &World) -> (Browser<'_>, Browser<'_>) {
    let (chief, mirel) = (world.pilot(demo::TEODRIC).await, world.pilot(demo::MIREL).await);
    let user_id = chief.user_id().await;
    world.apply(Change::SuperuserChanged { user_id, is_superuser: true }).await.unwrap();
    world.sync().await;
    worker(world, "5 seconds").await;
    assert_eq!(kinds(world, &chief).await, Vec::<String>::new());
    assert_eq!(kinds(world, &mirel).await, Vec::<String>::new());
    (chief, mirel)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_worker_is_told_operators_alone() {
    let world = World::new().await;
    let (chief, mirel) = well(&world).await;
    worker(&world, "3 minutes").await;
    let told = conditions(&world, &chief).await;
    assert_eq!(told.len(), 1);
    assert_eq!((&told[0]["kind"], &told[0]["level"]), (&json!("WORKER_SILENT"), &json!("CRITICAL")));
    assert!(told[0]["since"].is_string());
    assert_eq!(kinds(&world, &mirel).await, Vec::<String>::new());
    // One that was stopped in order leaves nothing behind.
    world.sql("delete from graphile_worker._private_workers").await;
    assert_eq!(conditions(&world, &chief).await[0]["since"], Value::Null);
    worker(&world, "5 seconds").await;
    assert_eq!(kinds(&world, &chief).await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn late_data_is_told_everybody_its_cause_operators_alone() {
    let world = World::new().await;
    let (chief, mirel) = well(&world).await;
    world.sql("update sync_runs set finished_at = null, last_error = 'ESI said 502' where kind = 'affiliations'").await;
    assert_eq!(kinds(&world, &chief).await, Vec::<String>::new(), "a run takes its time");
    world.wait(Duration::hours(2));
    let told = conditions(&world, &chief).await;
    assert_eq!((&told[0]["kind"], &told[0]["detail"]), (&json!("EVE_DATA_LATE"), &json!("ESI said 502")));
    let told = conditions(&world, &mirel).await;
    assert_eq!(told.len(), 1);
    assert_eq!(
        (&told[0]["kind"], &told[0]["detail"], &told[0]["subject"]),
        (&json!("EVE_DATA_LATE"), &Value::Null, &Value::Null)
    );
    world.sync().await;
    worker(&world, "5 seconds").await;
    assert_eq!(kinds(&world, &chief).await, Vec::<String>::new());
    assert_eq!(kinds(&world, &mirel).await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pulled_brake_stands_until_it_is_released() {
    let world = World::empty("[worker]\nbrake_users = 1").await;
    fealty_api::demo::load(&world.app).await.unwrap();
    let (chief, mirel) = well(&world).await;
    world.sim.move_corporation(demo::HOME_CORPORATION, None).unwrap();
    world.sync().await;
    let told = conditions(&world, &chief).await;
    assert_eq!(
        (&told[0]["kind"], &told[0]["level"], told.len()),
        (&json!("BRAKE_PULLED"), &json!("CRITICAL"), 1)
    );
    assert!(told[0]["remedy"].as_str().unwrap().contains("fealtyctl sync affiliations --release-brake"));
    let told = conditions(&world, &mirel).await;
    assert_eq!(told[0]["kind"], "EVE_DATA_LATE");
    assert!(!told[0].to_string().contains("fealtyctl") && !told[0].to_string().contains("users would lose"));
    world.run_job("sync_affiliations", json!({"release_brake": true})).await.unwrap();
    assert_eq!(kinds(&world, &chief).await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_is_down_is_told_whose_account_waits() {
    let world = World::new().await;
    let (chief, mirel) = well(&world).await;
    let idle = world.pilot(demo::SUNNIVA).await;
    mirel.link_discord(demo::DISCORD_NEWCOMER).await;
    world.run_jobs().await;
    world
        .sql(
            "insert into service_health (service, failures, paused_until, last_error) values ('discord', 3, now(), 'it said 500')
             on conflict (service) do update set failures = 3, last_error = 'it said 500'",
        )
        .await;
    let told = conditions(&world, &chief).await;
    assert_eq!(
        (&told[0]["kind"], &told[0]["subject"], &told[0]["detail"]),
        (&json!("SERVICE_PAUSED"), &json!("discord"), &json!("it said 500"))
    );
    assert_eq!(kinds(&world, &mirel).await, Vec::<String>::new(), "nothing of theirs waits");
    world.sql("update service_accounts set marked_revision = settled_revision + 1").await;
    let told = conditions(&world, &mirel).await;
    assert_eq!((&told[0]["kind"], &told[0]["detail"]), (&json!("SERVICE_PAUSED"), &Value::Null));
    assert_eq!(kinds(&world, &idle).await, Vec::<String>::new());
    world.sql("update service_health set failures = 0, paused_until = null").await;
    assert_eq!(kinds(&world, &chief).await, Vec::<String>::new());
    // Left alone for long, as it asked.
    world.sql("update service_health set failures = 1, paused_until = now() + interval '1 day'").await;
    assert_eq!(kinds(&world, &chief).await, ["SERVICE_PAUSED"]);
    // Of one that was taken out of the settings nobody will hear that it is well again.
    world.sql("update service_health set service = 'icq'").await;
    assert_eq!(kinds(&world, &chief).await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn visitors_are_told_nothing_and_many_who_ask_cost_one_statement() {
    let world = World::new().await;
    let (chief, mirel) = well(&world).await;
    world.sql("delete from graphile_worker._private_workers").await;
    world.wait(Duration::seconds(6));
    let visitor = world.browser();
    assert_eq!(visitor.ask(ASK).await["site"]["conditions"], json!([]));
    // The session is one statement, the facts another one that the next ones do without.
    assert_eq!(world.cost(&chief, ASK).await, 1);
    assert_eq!(world.cost(&mirel, ASK).await, 1);
}
