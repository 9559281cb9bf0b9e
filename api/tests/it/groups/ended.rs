//! What ends by a rule, or as a consequence of what somebody else or the pilot did: whoever it concerns is told.

use std::time::Duration;

use fealty_api::{access::Change, http};
use fealty_simulator::demo;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::{CLOSED, Flags, OPEN, group, is_member, join, lead, leave, limit, put, settings, state, texts};
use crate::{
    live::{subscribe, within},
    support::{Browser, World},
};

async fn told(world: &World, user_id: i64, kind: &str) -> Vec<String> {
    texts(
        world,
        &format!("select title || ' | ' || body as text from notifications where user_id = {user_id} and kind = '{kind}' order by id"),
    )
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_asked_is_told_what_ended_the_request() {
    let world = World::new().await;
    let (mirel, teodric) = (world.pilot(demo::MIREL).await, world.pilot(demo::TEODRIC).await);
    let (asking, leaving) = (mirel.user_id().await, teodric.user_id().await);
    let ask = async |name: &str| {
        let id = group(&world, name, CLOSED).await;
        put(&world, id, &[leaving]).await;
        assert_eq!(join(&mirel, id).await, "REQUESTED");
        assert_eq!(leave(&teodric, id).await, "REQUESTED");
        id
    };
    let (deleted, inward, off) = (ask("Deleted").await, ask("Inward").await, ask("Off").await);
    world.apply(Change::GroupDeleted { group_id: deleted }).await.unwrap();
    let internal = Flags { internal: true, ..CLOSED };
    let edited = Change::GroupEdited { group_id: inward, settings: settings("Inward", internal) };
    world.apply(edited).await.unwrap();
    world.apply(Change::ActiveChanged { user_id: asking, is_active: false }).await.unwrap();
    assert_eq!(
        told(&world, asking, "group_request_ended").await,
        [
            "Your request to join Deleted has ended | The group was deleted.",
            "Your request to join Inward has ended | The group became internal.",
            "Your request to join Off has ended | The account was switched off.",
        ]
    );
    assert_eq!(
        told(&world, leaving, "group_request_ended").await,
        [
            "Your request to leave Deleted has ended | The group was deleted.",
            "Your request to leave Inward has ended | The group became internal.",
        ]
    );
    // Once settled there is nothing to say: who is put into the group reads that, and not that the request ended.
    let rhea = world.pilot(demo::RHEA).await;
    let public = group(&world, "Public", Flags { public: true, ..CLOSED }).await;
    assert_eq!(join(&rhea, public).await, "REQUESTED");
    put(&world, public, &[rhea.user_id().await]).await;
    assert_eq!(told(&world, rhea.user_id().await, "group_request_ended").await, [""; 0]);
    assert_eq!(
        world.number(&format!("select count(*) from group_requests where group_id <> {off}")).await,
        0
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn open_pages_wake_up_when_a_rule_ends_requests() {
    let world = World::new().await;
    let (mirel, leader) = (world.pilot(demo::MIREL).await, world.pilot(demo::TEODRIC).await);
    let scouts = group(&world, "Scouts", CLOSED).await;
    lead(&world, scouts, &[leader.user_id().await], &[]).await;
    join(&mirel, scouts).await;
    let stop = CancellationToken::new();
    let listening = tokio::spawn(http::listen(world.app.clone(), world.hub.clone(), stop.clone()));
    let requests = "subscription{groupRequestsChanged{count}}";
    let mut led = Box::pin(subscribe(&world, leader.user_id().await, requests).await);
    let mut own =
        Box::pin(subscribe(&world, mirel.user_id().await, "subscription{viewerChanged{kind}}").await);
    // Subscriptions begin when they are first polled; LISTEN needs a moment.
    let (count, kind, ()) = tokio::join!(within(&mut led), within(&mut own), async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        world.apply(Change::GroupDeleted { group_id: scouts }).await.unwrap();
    });
    assert_eq!(count, Some(json!({"groupRequestsChanged": {"count": 0}})));
    assert_eq!(kind, Some(json!({"viewerChanged": {"kind": "groups"}})));
    stop.cancel();
    listening.await.unwrap();
}

async fn choose(browser: &Browser<'_>, character_id: i64) -> Value {
    let document = "mutation($i:EveId!){setMainCharacter(input:{characterId:$i}){status}}";
    let reply = browser.gql(document, json!({ "i": character_id })).await.data();
    reply["setMainCharacter"]["status"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_follows_from_ones_own_act_is_told_and_the_act_itself_is_not() {
    let world = World::new().await;
    let mirel = world.pilot(demo::MIREL).await;
    let user_id = mirel.user_id().await;
    let (member, guest) = (state(&world, "Member").await, state(&world, "Guest").await);
    let members = group(&world, "Members only", OPEN).await;
    limit(&world, members, &[member]).await;
    assert_eq!(join(&mirel, members).await, "JOINED");
    assert_eq!(told(&world, user_id, "group_joined").await, [""; 0]);
    // A main in another state costs the group.
    assert!(mirel.add(demo::VESPER).await.starts_with("/characters?added="));
    assert_eq!(choose(&mirel, demo::VESPER).await, "CHANGED");
    assert!(!is_member(&world, members, user_id).await);
    let lost = told(&world, user_id, "group_lost").await;
    assert_eq!(lost.len(), 1, "{lost:?}");
    assert!(lost[0].starts_with("You are no longer in Members only | "), "{lost:?}");
    // Leaving a group that lets its members ask costs those that they could ask for.
    let key = group(&world, "Key", Flags { public: true, ..OPEN }).await;
    let behind = group(&world, "Behind", CLOSED).await;
    let carried = &["groupmanagement.request_groups"];
    world.apply(Change::StatePermissionsSet { state_id: guest, permissions: &[] }).await.unwrap();
    world.apply(Change::GroupPermissionsSet { group_id: key, permissions: carried }).await.unwrap();
    assert_eq!(join(&mirel, key).await, "JOINED");
    put(&world, behind, &[user_id]).await;
    assert_eq!(leave(&mirel, key).await, "LEFT");
    assert!(!is_member(&world, behind, user_id).await);
    let lost = told(&world, user_id, "group_lost").await;
    assert_eq!(lost.len(), 2, "{lost:?}");
    assert!(lost[1].starts_with("You are no longer in Behind | "), "{lost:?}");
}
