//! Leaders are notified of requests, if the settings say so.

use fealty_simulator::demo;
use serde_json::json;

use super::{CLOSED, RESTRICTED, grant, group, join, lead, leave, put, retract, superuser};
use crate::support::World;

const COUNT: &str = "select count(*) from notifications where kind = 'group_requested'";

#[tokio::test(flavor = "multi_thread")]
async fn each_leader_is_told_once_however_he_leads() {
    let world = World::empty("[groups]\nrequest_notifications = true").await;
    fealty_api::demo::load(&world.app).await.unwrap();
    let mirel = world.pilot(demo::MIREL).await;
    let (leader, off, manager) =
        (world.pilot(demo::TEODRIC).await, world.pilot(demo::ORRIN).await, world.pilot(demo::BRAM).await);
    let (leading, idle) = (leader.user_id().await, off.user_id().await);
    grant(&world, manager.user_id().await, &["auth.group_management"]).await;
    let scouts = group(&world, "Scouts", CLOSED).await;
    let (one, two) = (group(&world, "One", CLOSED).await, group(&world, "Two", CLOSED).await);
    put(&world, one, &[leading]).await;
    put(&world, two, &[leading]).await;
    lead(&world, scouts, &[leading, idle], &[one, two]).await;
    world.apply(fealty_api::access::Change::ActiveChanged { user_id: idle, is_active: false }).await.unwrap();
    join(&mirel, scouts).await;
    let told = leader.ask("{viewer{notifications(first:1){nodes{level kind title body}}}}").await;
    assert_eq!(
        told["viewer"]["notifications"]["nodes"][0],
        json!({"level": "INFO", "kind": "group_requested", "title": "Somebody wants to join Scouts", "body": "Mirel Ostavane wants to join Scouts."})
    );
    assert_eq!(world.number(COUNT).await, 1, "once, active leaders only, not every manager");
    join(&mirel, scouts).await;
    assert_eq!(world.number(COUNT).await, 1, "twice is one request");
    retract(&mirel, scouts).await;
    put(&world, scouts, &[mirel.user_id().await]).await;
    leave(&mirel, scouts).await;
    assert_eq!(world.number(COUNT).await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_restricted_groups_those_are_told_who_decide() {
    let world = World::empty("[groups]\nrequest_notifications = true").await;
    fealty_api::demo::load(&world.app).await.unwrap();
    let (mirel, leader) = (world.pilot(demo::MIREL).await, world.pilot(demo::TEODRIC).await);
    let (root, off) = (world.pilot(demo::KAELEN).await, world.pilot(demo::ORRIN).await);
    for browser in [&root, &off] {
        superuser(&world, browser.user_id().await).await;
    }
    let user_id = off.user_id().await;
    world.apply(fealty_api::access::Change::ActiveChanged { user_id, is_active: false }).await.unwrap();
    let vault = group(&world, "Vault", RESTRICTED).await;
    lead(&world, vault, &[leader.user_id().await, root.user_id().await], &[]).await;
    join(&mirel, vault).await;
    assert_eq!(world.number(COUNT).await, 1, "the active superuser, once; no leader can decide");
    let told = root.ask("{viewer{notifications(first:1){nodes{kind title}}}}").await;
    assert_eq!(
        told["viewer"]["notifications"]["nodes"][0],
        json!({"kind": "group_requested", "title": "Somebody wants to join Vault"})
    );
    // A superuser who asks is not told of it.
    join(&root, vault).await;
    assert_eq!(world.number(COUNT).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn by_default_nobody_is_told() {
    let world = World::new().await;
    let (mirel, leader) = (world.pilot(demo::MIREL).await, world.pilot(demo::TEODRIC).await);
    let scouts = group(&world, "Scouts", CLOSED).await;
    lead(&world, scouts, &[leader.user_id().await], &[]).await;
    join(&mirel, scouts).await;
    assert_eq!(world.number(COUNT).await, 0);
}
