//! What a member does himself: join, leave, take back.

use fealty_api::access::Change;
use fealty_simulator::demo;
use serde_json::json;

use super::{
    CLOSED, HIDDEN, INTERNAL, OPEN, group, is_member, join, leave, limit, log, look, put, request_of,
    retract, state,
};
use crate::support::World;

#[tokio::test(flavor = "multi_thread")]
async fn an_open_group_is_joined_and_left_at_once() {
    let world = World::new().await;
    let mirel = world.pilot(demo::MIREL).await;
    let id = mirel.user_id().await;
    let open = group(&world, "Miners", OPEN).await;
    assert_eq!(join(&mirel, open).await, "JOINED");
    assert!(is_member(&world, open, id).await);
    assert_eq!(join(&mirel, open).await, "ALREADY_MEMBER", "twice");
    let seen = look(&mirel, open, "membership{isMember since action request{id}}").await;
    assert_eq!(seen["membership"]["isMember"], true);
    assert_eq!(seen["membership"]["action"], "LEAVE");
    assert!(seen["membership"]["since"].is_string());
    assert_eq!(leave(&mirel, open).await, "LEFT");
    assert_eq!(leave(&mirel, open).await, "NOT_MEMBER", "twice");
    assert!(!is_member(&world, open, id).await);
    let by = "Mirel_Ostavane";
    assert_eq!(
        log(&world, open).await,
        [format!("join accepted by {by}"), format!("leave accepted by {by}")]
    );
    assert_eq!(
        world.number("select count(*) from notifications where kind in ('group_joined', 'group_lost')").await,
        0,
        "he did it himself"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_group_is_asked_for() {
    let world = World::new().await;
    let mirel = world.pilot(demo::MIREL).await;
    let id = mirel.user_id().await;
    let closed = group(&world, "Scouts", CLOSED).await;
    let document = "mutation($i:JoinGroupInput!){joinGroup(input:$i){status problems{field code} group{membership{action request{kind reason canDecide person{username} group{name}}}}}}";
    let input = json!({"i": {"groupId": format!("group:{closed}"), "reason": "  I can see \u{0}far.  "}});
    let payload = mirel.gql(document, input.clone()).await.data()["joinGroup"].clone();
    assert_eq!(
        payload,
        json!({"status": "REQUESTED", "problems": [], "group": {"membership": {"action": "RETRACT", "request": {
            "kind": "JOIN", "reason": "I can see far.", "canDecide": false,
            "person": {"username": "Mirel_Ostavane"}, "group": {"name": "Scouts"},
        }}}})
    );
    assert_eq!(mirel.gql(document, input).await.data()["joinGroup"]["status"], "ALREADY_REQUESTED");
    assert_eq!(leave(&mirel, closed).await, "NOT_MEMBER");
    assert!(!is_member(&world, closed, id).await);
    assert_eq!(retract(&mirel, closed).await, "RETRACTED");
    assert_eq!(retract(&mirel, closed).await, "NOT_FOUND", "twice");
    assert_eq!(log(&world, closed).await, ["join retracted by Mirel_Ostavane"]);
    assert_eq!(look(&mirel, closed, "membership{action}").await["membership"]["action"], "REQUEST_JOIN");
}

#[tokio::test(flavor = "multi_thread")]
async fn leaving_a_closed_group_is_asked_for_and_can_be_taken_back() {
    let world = World::new().await;
    let mirel = world.pilot(demo::MIREL).await;
    let id = mirel.user_id().await;
    let closed = group(&world, "Scouts", CLOSED).await;
    put(&world, closed, &[id]).await;
    assert_eq!(leave(&mirel, closed).await, "REQUESTED");
    assert_eq!(leave(&mirel, closed).await, "ALREADY_REQUESTED", "twice");
    assert_eq!(join(&mirel, closed).await, "ALREADY_MEMBER");
    assert_eq!(retract(&mirel, closed).await, "RETRACTED");
    assert!(is_member(&world, closed, id).await);
    assert_eq!(
        log(&world, closed).await,
        ["addition added by fealtyctl", "leave retracted by Mirel_Ostavane"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn with_auto_leave_nobody_is_asked() {
    let world = World::empty("[groups]\nauto_leave = true").await;
    fealty_api::demo::load(&world.app).await.unwrap();
    let mirel = world.pilot(demo::MIREL).await;
    let id = mirel.user_id().await;
    let closed = group(&world, "Closed one", CLOSED).await;
    let internal = group(&world, "Internal one", INTERNAL).await;
    put(&world, closed, &[id]).await;
    put(&world, internal, &[id]).await;
    // A request from before the setting was made settles itself.
    world.sql(&format!("insert into group_requests (group_id, user_id, kind, created_at) values ({closed}, {id}, 'leave', now())")).await;
    assert_eq!(leave(&mirel, closed).await, "LEFT");
    assert_eq!(request_of(&world, closed, id).await, 0);
    assert_eq!(leave(&mirel, internal).await, "NOT_ALLOWED");
    assert!(is_member(&world, internal, id).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_may_not_know_of_is_not_found() {
    let world = World::new().await;
    let mirel = world.pilot(demo::MIREL).await;
    let internal = group(&world, "Internal one", INTERNAL).await;
    let other = group(&world, "For guests", HIDDEN).await;
    limit(&world, other, &[state(&world, "Guest").await]).await;
    for id in [internal, other, 999_999] {
        assert_eq!(join(&mirel, id).await, "NOT_FOUND");
        assert_eq!(leave(&mirel, id).await, "NOT_FOUND");
        assert_eq!(retract(&mirel, id).await, "NOT_FOUND");
        assert!(look(&mirel, id, "name").await.is_null());
    }
    // Who may see all groups is told why he cannot.
    super::grant(&world, mirel.user_id().await, &["auth.view_group"]).await;
    for id in [internal, other] {
        assert_eq!(join(&mirel, id).await, "NOT_ALLOWED");
        assert_eq!(leave(&mirel, id).await, "NOT_MEMBER");
        let seen = look(&mirel, id, "membership{action detail} settings{permissions memberCount}").await;
        assert_eq!(seen["membership"]["action"], "NONE");
        assert!(seen["membership"]["detail"].is_string() && seen["settings"].is_object(), "{seen}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn input_is_checked() {
    let world = World::new().await;
    let mirel = world.pilot(demo::MIREL).await;
    let open = group(&world, "Miners", OPEN).await;
    for (name, kind) in [("joinGroup", "JoinGroupInput"), ("leaveGroup", "LeaveGroupInput")] {
        let document = format!("mutation($i:{kind}!){{{name}(input:$i){{status problems{{field code}}}}}}");
        for (input, field) in [
            (json!({"groupId": format!("group:{open}"), "reason": "x".repeat(1_001)}), "reason"),
            (json!({"groupId": "state:1"}), "groupId"),
            (json!({"groupId": "group:99999999999999999999"}), "groupId"),
        ] {
            let payload = mirel.gql(&document, json!({"i": input})).await.data()[name].clone();
            assert_eq!(
                (&payload["status"], &payload["problems"][0]["field"]),
                (&json!("INVALID"), &json!(field))
            );
        }
    }
    assert_eq!(mirel.gql("{group(id:\"user:1\"){id}}", json!({})).await.code(), "INVALID");
    assert_eq!(world.number("select count(*) from group_members").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_loses_the_state_or_the_permission_leaves_by_himself() {
    let world = World::new().await;
    let mirel = world.pilot(demo::MIREL).await;
    let id = mirel.user_id().await;
    let limited = group(&world, "Limited", OPEN).await;
    limit(&world, limited, &[state(&world, "Member").await]).await;
    let closed = group(&world, "Scouts", OPEN).await;
    let public = group(&world, "Public", super::Flags { public: true, ..OPEN }).await;
    for group in [limited, closed, public] {
        assert_eq!(join(&mirel, group).await, "JOINED");
    }
    world.sim.move_character(demo::MIREL, demo::NEUTRAL_CORPORATION).unwrap();
    world.sync().await;
    for (group, stays) in [(limited, false), (closed, false), (public, true)] {
        assert_eq!(is_member(&world, group, id).await, stays);
    }
    world.apply(Change::ActiveChanged { user_id: id, is_active: false }).await.unwrap();
    assert!(!is_member(&world, public, id).await);
}
