//! The members of a group as the administration sees and edits them, of internal groups, too.

use chrono::Duration;
use fealty_api::{access::Change, clock::Clock};
use fealty_simulator::demo;
use serde_json::{Value, json};

use super::{CLOSED, Flags, INTERNAL, edit, edit_with, grant, group, look, put, superuser};
use crate::support::{Browser, World};

async fn staff<'w>(world: &'w World, character: i64, permissions: &[&str]) -> Browser<'w> {
    let browser = world.pilot(character).await;
    let user_id = browser.user_id().await;
    grant(world, user_id, permissions).await;
    world.apply(Change::StaffChanged { user_id, is_staff: true }).await.unwrap();
    browser
}

const MEMBERS: &str =
    "settings{canEditMembers members{totalCount nodes{person{username} isStarted startsAt endsAt reason}}}";

async fn settings(browser: &Browser<'_>, id: i64) -> Value {
    look(browser, id, MEMBERS).await["settings"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_staff_sees_members_of_internal_groups() {
    let world = World::new().await;
    let (mirel, rhea) = (world.pilot(demo::MIREL).await, world.pilot(demo::RHEA).await);
    let admin = staff(&world, demo::TEODRIC, &["auth.change_group"]).await;
    let internal = group(&world, "Inner circle", INTERNAL).await;
    let now = world.clock.now();
    let times =
        json!({"startsAt": now + Duration::days(1), "endsAt": now + Duration::days(2), "reason": "A trial"});
    let users = [mirel.user_id().await, rhea.user_id().await];
    assert_eq!(edit_with(&admin, "addGroupMembers", internal, &users[..1], times).await.1, ["ADDED"]);
    assert_eq!(edit(&admin, "addGroupMembers", internal, &users[1..]).await.1, ["ADDED"]);
    let seen = settings(&admin, internal).await;
    assert_eq!((&seen["canEditMembers"], &seen["members"]["totalCount"]), (&json!(true), &json!(2)));
    let first = &seen["members"]["nodes"][0];
    assert_eq!(
        (&first["person"]["username"], &first["reason"]),
        (&json!("Mirel_Ostavane"), &json!("A trial"))
    );
    assert_eq!(first["isStarted"], false);
    assert!(first["startsAt"].is_string() && first["endsAt"].is_string());
    // Those to come, those who are in, those who are called so.
    for (filter, found) in [
        ("isStarted:false", vec!["Mirel_Ostavane"]),
        ("isStarted:true", vec!["Rhea_Solvane"]),
        ("search:\"rhea\"", vec!["Rhea_Solvane"]),
        ("search:\"nobody\"", vec![]),
    ] {
        let fields =
            format!("settings{{members(filter:{{{filter}}}){{totalCount nodes{{person{{username}}}}}}}}");
        let members = look(&admin, internal, &fields).await["settings"]["members"].clone();
        let names: Vec<&str> = members["nodes"]
            .as_array()
            .unwrap()
            .iter()
            .map(|m| m["person"]["username"].as_str().unwrap())
            .collect();
        assert_eq!((names, &members["totalCount"]), (found.clone(), &json!(found.len())), "{filter}");
    }
    // A page and the one behind it.
    let page = "settings{members(first:1){nodes{person{username}} pageInfo{hasNextPage endCursor}}}";
    let first = look(&admin, internal, page).await["settings"]["members"].clone();
    assert_eq!(first["pageInfo"]["hasNextPage"], true);
    let after = first["pageInfo"]["endCursor"].as_str().unwrap();
    let page = format!(
        "settings{{members(first:1,after:\"{after}\"){{nodes{{person{{username}}}} pageInfo{{hasNextPage}}}}}}"
    );
    let second = look(&admin, internal, &page).await["settings"]["members"].clone();
    assert_eq!(second["nodes"][0]["person"]["username"], "Rhea_Solvane");
    assert_eq!(second["pageInfo"]["hasNextPage"], false);
    assert_eq!(edit(&admin, "removeGroupMembers", internal, &users).await.1, ["REMOVED", "REMOVED"]);
    assert_eq!(settings(&admin, internal).await["members"]["totalCount"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_else_sees_them() {
    let world = World::new().await;
    let mirel = world.pilot(demo::MIREL).await;
    let member = mirel.user_id().await;
    let internal = group(&world, "Inner circle", INTERNAL).await;
    put(&world, internal, &[member]).await;
    let denied = json!({"canEditMembers": false, "members": null});
    // To see groups is not to edit them; to edit them takes the staff.
    let viewer = staff(&world, demo::TEODRIC, &["auth.view_group", "auth.group_management"]).await;
    assert_eq!(settings(&viewer, internal).await, denied);
    let pilot = world.pilot(demo::ORRIN).await;
    grant(&world, pilot.user_id().await, &["auth.change_group"]).await;
    assert_eq!(settings(&pilot, internal).await, denied);
    // Who sees no groups has no settings at all, a leader neither.
    assert_eq!(settings(&mirel, internal).await, json!(null));
    let roams = group(&world, "Roams", CLOSED).await;
    super::lead(&world, roams, &[member], &[]).await;
    assert_eq!(settings(&mirel, roams).await, json!(null));
}

#[tokio::test(flavor = "multi_thread")]
async fn members_of_a_restricted_group_are_seen_and_left_alone() {
    let world = World::new().await;
    let mirel = world.pilot(demo::MIREL).await;
    let member = mirel.user_id().await;
    let vault = group(&world, "Vault", Flags { restricted: true, ..INTERNAL }).await;
    put(&world, vault, &[member]).await;
    let admin = staff(&world, demo::TEODRIC, &["auth.change_group"]).await;
    let seen = settings(&admin, vault).await;
    assert_eq!((&seen["canEditMembers"], &seen["members"]["totalCount"]), (&json!(false), &json!(1)));
    assert_eq!(edit(&admin, "removeGroupMembers", vault, &[member]).await.0, "NOT_ALLOWED");
    superuser(&world, admin.user_id().await).await;
    assert_eq!(settings(&admin, vault).await["canEditMembers"], true);
    assert_eq!(edit(&admin, "removeGroupMembers", vault, &[member]).await.1, ["REMOVED"]);
}
