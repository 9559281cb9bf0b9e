//! Memberships for a time.

use chrono::Duration;
use fealty_api::{
    access::{Change, Joined, Membership, PermissionGrant},
    clock::Clock,
};
use fealty_simulator::demo;
use serde_json::{Value, json};

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

/// What the newest entry of a kind says it was and is since.
async fn values(world: &World, kind: &str) -> (Value, Value) {
    let sql = format!(
        "select jsonb_build_array(before, after)::text as text from audit_entries where kind = '{kind}' order by id desc limit 1"
    );
    let text = super::texts(world, &sql).await.remove(0);
    let mut both: Vec<Value> = serde_json::from_str(&text).unwrap();
    let after = both.remove(1);
    (both.remove(0), after)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_began_and_ended_is_written_down() {
    let world = World::new().await;
    let (mirel, auditor) = (world.pilot(demo::MIREL).await, world.pilot(demo::TEODRIC).await);
    let (member, auditing) = (mirel.user_id().await, auditor.user_id().await);
    super::grant(&world, auditing, &["admin.view_logentry"]).await;
    let (scouts, eyes) = (group(&world, "Scouts", CLOSED).await, group(&world, "Eyes", CLOSED).await);
    let now = world.clock.now();
    let in_minutes = |n| Some(now + Duration::minutes(n));
    for (group_id, starts_at, ends_at) in [(scouts, None, in_minutes(10)), (eyes, in_minutes(5), None)] {
        let membership =
            Membership { group_id, users: &[member], starts_at, ends_at, reason: "", how: Joined::Added };
        world.apply(Change::MembersAdded(membership)).await.unwrap();
    }
    // He has it from his state, too: nothing about his access changes when the grant ends.
    let grants =
        [PermissionGrant { ends_at: in_minutes(20), ..PermissionGrant::lasting("discord.access_discord") }];
    world.apply(Change::UserPermissions { user_id: member, grants: &grants }).await.unwrap();
    let user = json!({"userId": format!("user:{member}"), "username": "Mirel_Ostavane"});
    let with = |key: &str, value: Value| {
        let mut user = user.clone();
        user[key] = value;
        user
    };
    let mut in_eyes = with("groupId", json!(format!("group:{eyes}")));
    in_eyes["group"] = json!("Eyes");
    let mut in_scouts = with("groupId", json!(format!("group:{scouts}")));
    in_scouts["group"] = json!("Scouts");
    let granted = with("permission", json!("discord.access_discord"));
    for (minutes, before, after) in [
        (6, json!(null), json!({"count": 1, "began": [in_eyes]})),
        (5, json!({"count": 1, "ended": [in_scouts]}), json!(null)),
        (10, json!({"count": 1, "ended": [granted]}), json!(null)),
    ] {
        let changes = world.number("select count(*) from access_changes").await;
        world.wait(Duration::minutes(minutes));
        world.run_job("end_timed", json!({})).await.unwrap();
        assert_eq!(values(&world, "time_passed").await, (before.clone(), after.clone()));
        let moved = world.number("select count(*) from access_changes").await - changes;
        assert_eq!(moved, i64::from(minutes != 10), "{before} {after}");
    }
    let query = "query($f:AuditFilter){auditEntries(filter:$f){totalCount}}";
    let count = async |id: i64| {
        let filter = json!({"personId": format!("user:{id}"), "kinds": ["time_passed"]});
        auditor.gql(query, json!({ "f": filter })).await.data()["auditEntries"]["totalCount"].clone()
    };
    assert_eq!(count(member).await, 3, "found as what happened to him, all of it");
    assert_eq!(count(auditing).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_that_end_at_once_some_are_named_and_all_are_counted() {
    let world = World::new().await;
    let scouts = group(&world, "Scouts", CLOSED).await;
    world
        .sql(
            "insert into users (username, state_id, state_since, permission_set_id, created_at)
             select 'crowd_' || n, s.id, now(), p.id, now() from generate_series(1, 60) n, states s, permission_sets p
             where s.is_guest and p.permission_ids = '{}'",
        )
        .await;
    let now = world.clock.now();
    world
        .sql(&format!(
            "insert into group_members (group_id, user_id, since, ends_at, is_started)
             select {scouts}, id, '{now}', '{}', true from users where username like 'crowd%'",
            now + Duration::minutes(1)
        ))
        .await;
    world.wait(Duration::minutes(2));
    world.run_job("end_timed", json!({})).await.unwrap();
    let (before, after) = values(&world, "time_passed").await;
    assert_eq!((&before["count"], after), (&json!(60), json!(null)));
    assert_eq!(before["ended"].as_array().unwrap().len(), 50);
    assert_eq!(world.number("select count(*) from audit_concerned c join audit_entries e on e.id = c.audit_id where e.kind = 'time_passed'").await, 60);
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
    assert_eq!(set(json!({"endsAt": now + Duration::hours(1), "reason": "A trial"})).await, ["ADDED"]);
    let (before, after) = values(&world, "group_members_added").await;
    assert_eq!((before, &after["reason"]), (json!(null), &json!("A trial")), "there was nothing before");
    assert_eq!(set(json!({"endsAt": now + Duration::days(9)})).await, ["CHANGED"]);
    let (before, after) = values(&world, "group_members_added").await;
    let old = &before["members"][0];
    assert_eq!((&old["user"]["id"], &old["reason"]), (&json!(format!("user:{member}")), &json!("A trial")));
    assert_eq!((&old["startsAt"], &after["reason"]), (&json!(null), &json!("")));
    let time = |value: &Value| value.as_str().unwrap().parse::<chrono::DateTime<chrono::Utc>>().unwrap();
    assert!((time(&old["endsAt"]) - now - Duration::hours(1)).num_seconds().abs() < 1);
    assert_eq!((time(&after["endsAt"]) - now).num_days(), 9);
    world.wait(Duration::days(1));
    world.run_job("end_timed", json!({})).await.unwrap();
    assert!(is_member(&world, scouts, member).await, "prolonged");
    assert_eq!(set(json!({"startsAt": now + Duration::days(5)})).await, ["CHANGED"]);
    assert!(!is_member(&world, scouts, member).await, "put off");
    assert_eq!(leave(&mirel, scouts).await, "REQUESTED", "what lies ahead can be declined");
    assert_eq!(set(json!({})).await, ["CHANGED"]);
    assert!(is_member(&world, scouts, member).await, "at once, without end");
}
