//! Notifications: where they lead, and the list of those that are not read.

use fealty_api::access::Change;
use fealty_simulator::demo;
use serde_json::{Value, json};

use crate::{
    groups::{self, CLOSED, INTERNAL, group, join, lead, put},
    support::{Browser, World},
};

/// Kinds and where they lead, newest first.
async fn targets(browser: &Browser<'_>) -> Vec<(String, Option<String>)> {
    let list = browser.ask("{viewer{notifications(first:100){nodes{kind href}}}}").await;
    let nodes = list["viewer"]["notifications"]["nodes"].as_array().unwrap().clone();
    let text = |value: &Value| value.as_str().map(str::to_owned);
    nodes.iter().map(|note| (text(&note["kind"]).unwrap(), text(&note["href"]))).collect()
}

async fn newest(browser: &Browser<'_>) -> (String, Option<String>) {
    targets(browser).await.remove(0)
}

fn leads(kind: &str, href: impl Into<String>) -> (String, Option<String>) {
    (kind.into(), Some(href.into()))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notification_leads_to_the_group_it_is_about() {
    let world = World::empty("[groups]\nrequest_notifications = true").await;
    fealty_api::demo::load(&world.app).await.unwrap();
    let (mirel, leader) = (world.pilot(demo::MIREL).await, world.pilot(demo::TEODRIC).await);
    let (member, leading) = (mirel.user_id().await, leader.user_id().await);
    let scouts = group(&world, "Scouts", CLOSED).await;
    lead(&world, scouts, &[leading], &[]).await;

    join(&mirel, scouts).await;
    assert_eq!(newest(&leader).await, leads("group_requested", format!("/inbox?group=group:{scouts}")));
    let request = groups::request_of(&world, scouts, member).await;
    groups::decide(&leader, &[request], false).await;
    assert_eq!(newest(&mirel).await, leads("group_request_rejected", format!("/groups/group:{scouts}")));
    join(&mirel, scouts).await;
    let request = groups::request_of(&world, scouts, member).await;
    groups::decide(&leader, &[request], true).await;
    assert_eq!(newest(&mirel).await, leads("group_joined", format!("/groups/group:{scouts}")));
    groups::edit(&leader, "removeGroupMembers", scouts, &[member]).await;
    assert_eq!(newest(&mirel).await, leads("group_lost", "/history"));
    // Nobody's page shows an internal group.
    let crew = group(&world, "Crew", INTERNAL).await;
    put(&world, crew, &[member]).await;
    assert_eq!(newest(&mirel).await, leads("group_joined", "/groups"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notification_about_access_leads_to_where_it_is_explained() {
    let world = World::new().await;
    let mirel = world.pilot(demo::MIREL).await;
    mirel.link_discord(demo::DISCORD_NEWCOMER).await;
    world.run_jobs().await;
    world.sim.move_character(demo::MIREL, demo::NEUTRAL_CORPORATION).unwrap();
    world.sync().await;
    let told = targets(&mirel).await;
    assert!(told.contains(&leads("state_changed", "/history")), "{told:?}");
    assert!(told.contains(&leads("service_revoked", "/services")), "{told:?}");
    world.sim.biomass(demo::MIREL, true).unwrap();
    world.sync().await;
    let told = targets(&mirel).await;
    assert!(told.contains(&leads("character_biomassed", "/characters")), "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_sent_before_still_shows() {
    let world = World::new().await;
    let mirel = world.pilot(demo::MIREL).await;
    let user = mirel.user_id().await;
    for kind in ["state_changed", "group_joined", "of_old"] {
        world
            .sql(&format!(
                "insert into notifications (user_id, level, kind, title, created_at) values ({user}, 'info', '{kind}', 'Old', now())"
            ))
            .await;
    }
    let told = targets(&mirel).await;
    assert_eq!(
        told[..3],
        [("of_old".into(), None), leads("group_joined", "/groups"), leads("state_changed", "/history")]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_unread_ones_are_a_list_of_their_own() {
    let world = World::new().await;
    let (mirel, other) = (world.pilot(demo::MIREL).await, world.pilot(demo::TEODRIC).await);
    let user = mirel.user_id().await;
    world.sql(&format!("delete from notifications where user_id = {user}")).await;
    world
        .sql(&format!(
            "insert into notifications (user_id, level, kind, title, created_at, read_at)
             select {user}, 'info', 'test', 'Note ' || n, now(), case when n % 2 = 0 then now() end from generate_series(1, 6) n"
        ))
        .await;
    let list = async |browser: &Browser<'_>, arguments: &str| {
        let query = format!(
            "{{viewer{{notifications{arguments}{{nodes{{title}} totalCount pageInfo{{hasNextPage hasPreviousPage endCursor startCursor}}}}}}}}"
        );
        browser.ask(&query).await["viewer"]["notifications"].clone()
    };
    let titles = |list: &Value| -> Vec<String> {
        list["nodes"].as_array().unwrap().iter().map(|n| n["title"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(list(&mirel, "").await["totalCount"], 6);
    // What is kept for the whole list is not taken for this one.
    let first = list(&mirel, "(unread:true,first:2)").await;
    assert_eq!(titles(&first), ["Note 5", "Note 3"]);
    assert_eq!(first["totalCount"], 3);
    let cursor = first["pageInfo"]["endCursor"].as_str().unwrap();
    let second = list(&mirel, &format!("(unread:true,first:2,after:\"{cursor}\")")).await;
    assert_eq!(titles(&second), ["Note 1"]);
    assert_eq!(second["pageInfo"]["hasNextPage"], false);
    let cursor = second["pageInfo"]["startCursor"].as_str().unwrap();
    let back = list(&mirel, &format!("(unread:true,last:1,before:\"{cursor}\")")).await;
    assert_eq!(titles(&back), ["Note 3"]);
    assert_eq!(
        titles(&list(&other, "(unread:true)").await).iter().filter(|t| t.starts_with("Note")).count(),
        0
    );

    let read = "mutation($ids:[ID!]){readNotifications(input:{ids:$ids}){count}}";
    assert_eq!(mirel.gql(read, json!({"ids": null})).await.data()["readNotifications"]["count"], 3);
    assert_eq!(list(&mirel, "(unread:true)").await["totalCount"], 0);
    assert_eq!(mirel.gql(read, json!({"ids": null})).await.data()["readNotifications"]["count"], 0, "twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn operators_are_led_to_what_is_wrong() {
    let world = World::empty("[worker]\nbrake_users = 1").await;
    fealty_api::demo::load(&world.app).await.unwrap();
    let (chief, mirel) = (world.pilot(demo::TEODRIC).await, world.pilot(demo::MIREL).await);
    let user_id = chief.user_id().await;
    world.apply(Change::SuperuserChanged { user_id, is_superuser: true }).await.unwrap();
    for pilot in [demo::MIREL, demo::TEODRIC] {
        world.sim.move_character(pilot, demo::NEUTRAL_CORPORATION).unwrap();
    }
    world.sync().await;
    assert_eq!(newest(&chief).await, leads("sync_stopped", "/status"));
    assert!(targets(&mirel).await.iter().all(|(kind, _)| kind != "sync_stopped"));
}
