//! Memberships for a time.

use chrono::Duration;
use fealty_api::clock::Clock;
use fealty_simulator::demo;
use serde_json::json;

use super::{CLOSED, OPEN, edit_with, group, is_member, join, lead, leave, log, look};
use crate::support::World;

#[tokio::test(flavor = "multi_thread")]
async fn a_membership_begins_and_ends_by_itself() {
    let world = World::new().await;
    let (mirel, leader) = (world.pilot(demo::MIREL).await, world.pilot(demo::TEODRIC).await);
    let member = mirel.user_id().await;
    let scouts = group(&world, "Scouts", OPEN).await;
    lead(&world, scouts, &[leader.user_id().await], &[]).await;
    super::grant(&world, leader.user_id().await, &["auth.view_user"]).await;
    let now = world.clock.now();
    let times = json!({"startsAt": now + Duration::hours(1), "endsAt": now + Duration::hours(2), "reason": "A trial"});
    assert_eq!(edit_with(&leader, "addGroupMembers", scouts, &[member], times).await.1, ["ADDED"]);
    let run = async || world.run_job("end_timed", json!({})).await.unwrap();
    run().await;
    assert!(!is_member(&world, scouts, member).await);
    let seen = look(&mirel, scouts, "membership{isMember action detail}").await["membership"].clone();
    assert_eq!((&seen["isMember"], &seen["action"]), (&json!(false), &json!("NONE")));
    assert!(seen["detail"].as_str().unwrap().contains("begins"));
    assert_eq!(join(&mirel, scouts).await, "ALREADY_MEMBER", "the time is not his to change");
    let row = look(
        &leader,
        scouts,
        "management{memberCount members{totalCount nodes{isStarted startsAt endsAt reason isLeader}}}",
    )
    .await;
    assert_eq!(row["management"]["memberCount"], 0);
    assert_eq!(row["management"]["members"]["totalCount"], 1);
    let node = &row["management"]["members"]["nodes"][0];
    assert_eq!(
        (&node["isStarted"], &node["reason"], &node["isLeader"]),
        (&json!(false), &json!("A trial"), &json!(false))
    );
    world.wait(Duration::minutes(61));
    run().await;
    assert!(is_member(&world, scouts, member).await);
    let seen = look(&mirel, scouts, "membership{isMember endsAt action}").await["membership"].clone();
    assert_eq!((&seen["isMember"], &seen["action"]), (&json!(true), &json!("LEAVE")));
    assert!(seen["endsAt"].is_string());
    world.wait(Duration::minutes(60));
    run().await;
    assert!(!is_member(&world, scouts, member).await);
    assert_eq!(log(&world, scouts).await, ["addition added by Teodric_Varn", "removal ended by system"]);
    let audits = world.number("select count(*) from audit_entries").await;
    run().await;
    assert_eq!(
        world.number("select count(*) from audit_entries").await,
        audits,
        "nothing is due: nothing is written"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fell_due_while_no_worker_ran_is_caught_up_with() {
    let world = World::new().await;
    let (mirel, leader) = (world.pilot(demo::MIREL).await, world.pilot(demo::TEODRIC).await);
    let (member, leading) = (mirel.user_id().await, leader.user_id().await);
    let scouts = group(&world, "Scouts", CLOSED).await;
    lead(&world, scouts, &[leading], &[]).await;
    let now = world.clock.now();
    let times = json!({"startsAt": now + Duration::hours(1), "endsAt": now + Duration::hours(2)});
    edit_with(&leader, "addGroupMembers", scouts, &[member], times).await;
    edit_with(&leader, "addGroupMembers", scouts, &[leading], json!({"endsAt": now + Duration::hours(3)}))
        .await;
    world.wait(Duration::days(3));
    world.run_job("end_timed", json!({})).await.unwrap();
    assert_eq!(world.number("select count(*) from group_members").await, 0);
    assert!(!is_member(&world, scouts, member).await && !is_member(&world, scouts, leading).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn other_times_replace_the_old_ones() {
    let world = World::new().await;
    let (mirel, leader) = (world.pilot(demo::MIREL).await, world.pilot(demo::TEODRIC).await);
    let member = mirel.user_id().await;
    let scouts = group(&world, "Scouts", CLOSED).await;
    lead(&world, scouts, &[leader.user_id().await], &[]).await;
    super::grant(&world, leader.user_id().await, &["auth.view_user"]).await;
    let now = world.clock.now();
    let set = async |more| edit_with(&leader, "addGroupMembers", scouts, &[member], more).await.1;
    assert_eq!(set(json!({"endsAt": now + Duration::hours(1)})).await, ["ADDED"]);
    assert_eq!(set(json!({"endsAt": now + Duration::days(9)})).await, ["CHANGED"]);
    world.wait(Duration::days(1));
    world.run_job("end_timed", json!({})).await.unwrap();
    assert!(is_member(&world, scouts, member).await, "prolonged");
    assert_eq!(set(json!({"startsAt": now + Duration::days(5)})).await, ["CHANGED"]);
    assert!(!is_member(&world, scouts, member).await, "put off");
    assert_eq!(leave(&mirel, scouts).await, "REQUESTED", "what lies ahead can be declined");
    assert_eq!(set(json!({})).await, ["CHANGED"]);
    assert!(is_member(&world, scouts, member).await, "at once, without end");
}
