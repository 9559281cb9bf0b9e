//! The log survives what it speaks of.

use fealty_api::access::Change;
use fealty_simulator::demo;
use serde_json::json;

use super::{CLOSED, decide, group, join, lead, request_of, texts};
use crate::support::World;

#[tokio::test(flavor = "multi_thread")]
async fn the_log_survives_renames_and_the_deletion_of_the_group() {
    let world = World::new().await;
    let (mirel, leader) = (world.pilot(demo::MIREL).await, world.pilot(demo::TEODRIC).await);
    let member = mirel.user_id().await;
    let scouts = group(&world, "Scouts", CLOSED).await;
    lead(&world, scouts, &[leader.user_id().await], &[]).await;
    join(&mirel, scouts).await;
    decide(&leader, &[request_of(&world, scouts, member).await], false).await;
    join(&mirel, scouts).await;
    decide(&leader, &[request_of(&world, scouts, member).await], true).await;
    let settings = super::settings("Eyes", CLOSED);
    world.apply(Change::GroupEdited { group_id: scouts, settings }).await.unwrap();
    world.sql(&format!("update users set username = 'Somebody:else' where id = {member}")).await;
    let log = leader.ask(&format!("{{group(id:\"group:{scouts}\"){{name management{{log{{nodes{{username kind action actor}}}}}}}}}}")).await;
    assert_eq!(log["group"]["name"], "Eyes");
    assert_eq!(
        log["group"]["management"]["log"]["nodes"],
        json!([
            {"username": "Mirel_Ostavane", "kind": "JOIN", "action": "ACCEPTED", "actor": "Teodric_Varn"},
            {"username": "Mirel_Ostavane", "kind": "JOIN", "action": "REJECTED", "actor": "Teodric_Varn"},
        ])
    );
    world.apply(Change::GroupDeleted { group_id: scouts }).await.unwrap();
    let kept = texts(&world, &format!("select group_name || ': ' || username || ' ' || kind || ' ' || action as text from group_log where group_id = {scouts} order by id")).await;
    assert_eq!(
        kept,
        [
            "Scouts: Mirel_Ostavane join rejected",
            "Scouts: Mirel_Ostavane join accepted",
            "Eyes: Somebody:else removal removed",
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_is_paged_both_ways() {
    let world = World::new().await;
    let (mirel, leader) = (world.pilot(demo::MIREL).await, world.pilot(demo::TEODRIC).await);
    let scouts = group(&world, "Scouts", CLOSED).await;
    lead(&world, scouts, &[leader.user_id().await], &[]).await;
    for _ in 0..5 {
        join(&mirel, scouts).await;
        super::retract(&mirel, scouts).await;
    }
    let query = |args: &str| {
        format!(
            "{{group(id:\"group:{scouts}\"){{management{{log({args}){{totalCount nodes{{id}} pageInfo{{endCursor startCursor hasNextPage hasPreviousPage}}}}}}}}}}"
        )
    };
    let ask = async |args: &str| leader.ask(&query(args)).await["group"]["management"]["log"].clone();
    let all = ask("first:100").await;
    let ids = |log: &serde_json::Value| log["nodes"].as_array().unwrap().clone();
    let first = ask("first:2").await;
    assert_eq!((ids(&first), &first["totalCount"]), (ids(&all)[..2].to_vec(), &json!(5)));
    let cursor = first["pageInfo"]["endCursor"].as_str().unwrap().to_owned();
    let second = ask(&format!("first:2,after:\"{cursor}\"")).await;
    assert_eq!(ids(&second), ids(&all)[2..4].to_vec());
    let cursor = second["pageInfo"]["startCursor"].as_str().unwrap().to_owned();
    let back = ask(&format!("last:2,before:\"{cursor}\"")).await;
    assert_eq!(ids(&back), ids(&first));
    assert_eq!(ids(&ask("last:2").await), ids(&all)[3..].to_vec());
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_that_end_with_something_else_are_in_the_log() {
    let world = World::new().await;
    let (mirel, bram) = (world.pilot(demo::MIREL).await, world.pilot(demo::BRAM).await);
    let (gone, inner, open) = (
        group(&world, "Gone", CLOSED).await,
        group(&world, "Inner", CLOSED).await,
        group(&world, "Council", CLOSED).await,
    );
    for id in [gone, inner, open] {
        assert_eq!(join(&mirel, id).await, "REQUESTED");
    }
    assert_eq!(join(&bram, open).await, "REQUESTED");
    world.apply(Change::GroupDeleted { group_id: gone }).await.unwrap();
    let internal = super::settings("Inner", super::INTERNAL);
    world.apply(Change::GroupEdited { group_id: inner, settings: internal }).await.unwrap();
    let user_id = mirel.user_id().await;
    world.apply(Change::ActiveChanged { user_id, is_active: false }).await.unwrap();
    let noted = texts(
        &world,
        &format!("select group_name || ': ' || kind || ' ' || action || ' ' || note as text from group_log where user_id = {user_id} order by id"),
    )
    .await;
    assert_eq!(
        noted,
        [
            "Gone: join rejected The group was deleted.",
            "Inner: join rejected The group became internal.",
            "Council: join rejected The account was switched off."
        ]
    );
    assert_eq!(world.number("select count(*) from group_requests").await, 1, "another's stays");
}
