//! Adding and removing members.

use fealty_api::access::Change;
use fealty_simulator::demo;
use serde_json::json;

use super::{
    CLOSED, INTERNAL, edit, edit_with, grant, group, is_member, join, lead, limit, log, request_of, state,
};
use crate::support::World;

#[tokio::test(flavor = "multi_thread")]
async fn a_leader_adds_and_removes() {
    let world = World::new().await;
    let (mirel, leader) = (world.pilot(demo::MIREL).await, world.pilot(demo::TEODRIC).await);
    let (member, leading) = (mirel.user_id().await, leader.user_id().await);
    let scouts = group(&world, "Scouts", CLOSED).await;
    let others = group(&world, "Others", CLOSED).await;
    for mutation in ["addGroupMembers", "removeGroupMembers"] {
        assert_eq!(edit(&leader, mutation, scouts, &[member]).await, ("NOT_FOUND".into(), vec![]), "denied");
    }
    lead(&world, scouts, &[leading], &[]).await;
    grant(&world, leading, &["auth.view_user"]).await;
    join(&mirel, scouts).await;
    let added = edit_with(
        &leader,
        "addGroupMembers",
        scouts,
        &[member, 999_999, leading],
        json!({"reason": " Good eyes "}),
    )
    .await;
    assert_eq!(added, ("DONE".into(), vec!["ADDED".into(), "NOT_FOUND".into(), "ADDED".into()]));
    assert!(is_member(&world, scouts, member).await);
    assert_eq!(request_of(&world, scouts, member).await, 0, "his request is settled");
    assert_eq!(edit(&leader, "addGroupMembers", scouts, &[member]).await.1, ["CHANGED"], "twice");
    let removed = edit(&leader, "removeGroupMembers", scouts, &[member, 999_999]).await;
    assert_eq!(removed, ("DONE".into(), vec!["REMOVED".into(), "NOT_FOUND".into()]));
    assert_eq!(edit(&leader, "removeGroupMembers", scouts, &[member]).await.1, ["NOT_MEMBER"], "twice");
    assert!(!is_member(&world, scouts, member).await);
    assert_eq!(log(&world, scouts).await.last().unwrap(), "removal removed by Teodric_Varn");
    // Another group, an unknown one: no difference.
    for id in [others, 999_999] {
        assert_eq!(edit(&leader, "addGroupMembers", id, &[member]).await.0, "NOT_FOUND");
        assert_eq!(edit(&leader, "removeGroupMembers", id, &[member]).await.0, "NOT_FOUND");
    }
    let told = mirel.ask("{viewer{notifications(first:3){nodes{kind title}}}}").await;
    assert_eq!(
        told["viewer"]["notifications"]["nodes"][0],
        json!({"kind": "group_lost", "title": "You are no longer in Scouts"})
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leader_who_may_not_see_users_knows_only_his_own() {
    let world = World::new().await;
    let (mirel, leader) = (world.pilot(demo::MIREL).await, world.pilot(demo::TEODRIC).await);
    mirel.add(demo::SUNNIVA).await;
    let (member, leading) = (mirel.user_id().await, leader.user_id().await);
    let scouts = group(&world, "Scouts", CLOSED).await;
    lead(&world, scouts, &[leading], &[]).await;
    let add = async || edit(&leader, "addGroupMembers", scouts, &[member]).await.1;
    let remove = async || edit(&leader, "removeGroupMembers", scouts, &[member, 999_999]).await.1;
    assert_eq!(add().await, ["NOT_FOUND"], "a guessed id");
    assert_eq!(remove().await, ["NOT_MEMBER", "NOT_MEMBER"], "a guessed id");
    assert_eq!(join(&mirel, scouts).await, "REQUESTED");
    assert_eq!(remove().await, ["NOT_MEMBER", "NOT_MEMBER"], "who asks");
    assert_eq!(add().await, ["ADDED"], "who asks");
    assert_eq!(add().await, ["CHANGED"], "who is in");
    assert_eq!(remove().await, ["REMOVED", "NOT_MEMBER"], "who is in");
    assert_eq!(remove().await, ["NOT_MEMBER", "NOT_MEMBER"], "twice");
    assert_eq!(join(&mirel, scouts).await, "REQUESTED");
    assert_eq!(add().await, ["ADDED"]);
    let found = async |search: &str| {
        let query = format!(
            "{{group(id:\"group:{scouts}\"){{management{{members(filter:{{search:\"{search}\"}}){{totalCount}}}}}}}}"
        );
        leader.ask(&query).await["group"]["management"]["members"]["totalCount"].clone()
    };
    assert_eq!((found("mirel").await, found("unniv").await), (json!(1), json!(0)), "whose alt is not told");
    grant(&world, leading, &["auth.view_user"]).await;
    assert_eq!(found("unniv").await, 1);
    edit(&leader, "removeGroupMembers", scouts, &[member]).await;
    assert_eq!(add().await, ["ADDED"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn staff_edits_groups_nobody_leads() {
    let world = World::new().await;
    let (mirel, admin) = (world.pilot(demo::MIREL).await, world.pilot(demo::TEODRIC).await);
    let (member, staff) = (mirel.user_id().await, admin.user_id().await);
    let internal = group(&world, "Internal one", INTERNAL).await;
    grant(&world, staff, &["auth.change_group"]).await;
    assert_eq!(edit(&admin, "addGroupMembers", internal, &[member]).await.0, "NOT_FOUND", "no staff");
    world.apply(Change::StaffChanged { user_id: staff, is_staff: true }).await.unwrap();
    assert_eq!(edit(&admin, "addGroupMembers", internal, &[member]).await.1, ["ADDED"]);
    assert_eq!(edit(&admin, "removeGroupMembers", internal, &[member]).await.1, ["REMOVED"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_limit_to_states_holds_for_leaders_too() {
    let world = World::new().await;
    let (rhea, leader) = (world.pilot(demo::RHEA).await, world.pilot(demo::TEODRIC).await);
    let blue = rhea.user_id().await;
    let limited = group(&world, "Limited", CLOSED).await;
    lead(&world, limited, &[leader.user_id().await], &[]).await;
    grant(&world, leader.user_id().await, &["auth.view_user"]).await;
    assert_eq!(
        edit(&leader, "addGroupMembers", limited, &[blue]).await.1,
        ["ADDED"],
        "needs no permission to request"
    );
    edit(&leader, "removeGroupMembers", limited, &[blue]).await;
    limit(&world, limited, &[state(&world, "Member").await]).await;
    assert_eq!(edit(&leader, "addGroupMembers", limited, &[blue]).await.1, ["NOT_ELIGIBLE"]);
    world.apply(Change::ActiveChanged { user_id: blue, is_active: false }).await.unwrap();
    limit(&world, limited, &[state(&world, "Guest").await]).await;
    assert_eq!(edit(&leader, "addGroupMembers", limited, &[blue]).await.1, ["NOT_ELIGIBLE"], "switched off");
    assert_eq!(world.number("select count(*) from group_members").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn times_and_reasons_are_checked() {
    let world = World::new().await;
    let (mirel, leader) = (world.pilot(demo::MIREL).await, world.pilot(demo::TEODRIC).await);
    let member = mirel.user_id().await;
    let scouts = group(&world, "Scouts", CLOSED).await;
    lead(&world, scouts, &[leader.user_id().await], &[]).await;
    grant(&world, leader.user_id().await, &["auth.view_user"]).await;
    let document = "mutation($i:AddGroupMembersInput!){addGroupMembers(input:$i){status problems{field} results{outcome}}}";
    let user = format!("user:{member}");
    for (more, field) in [
        (json!({"endsAt": "2020-01-01T00:00:00Z"}), "endsAt"),
        (json!({"startsAt": "2050-01-02T00:00:00Z", "endsAt": "2050-01-02T00:00:00Z"}), "endsAt"),
        (json!({"startsAt": "9999-01-02T00:00:00Z"}), "startsAt"),
        (json!({"endsAt": "+200000-01-02T00:00:00Z"}), "endsAt"),
        (json!({"reason": "x".repeat(1_001)}), "reason"),
        (json!({"userIds": []}), "userIds"),
        (json!({"userIds": ["group:1"]}), "userIds"),
        (json!({"userIds": vec![&user; 101]}), "userIds"),
        (json!({"groupId": "user:1"}), "groupId"),
    ] {
        let mut input = json!({"groupId": format!("group:{scouts}"), "userIds": [user]});
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let reply = leader.gql(document, json!({"i": input})).await.json();
        if reply["errors"].is_array() {
            assert_eq!(reply["errors"][0]["extensions"]["code"], "INVALID", "{more}: no DateTime at all");
            continue;
        }
        let payload = &reply["data"]["addGroupMembers"];
        assert_eq!(
            (&payload["status"], &payload["problems"][0]["field"]),
            (&json!("INVALID"), &json!(field)),
            "{more}"
        );
    }
    assert_eq!(world.number("select count(*) from group_members").await, 0);
    let past = edit_with(
        &leader,
        "addGroupMembers",
        scouts,
        &[member],
        json!({"startsAt": "-4000-01-01T00:00:00Z"}),
    )
    .await;
    assert_eq!(past.1, ["ADDED"], "a past start is at once");
    assert!(is_member(&world, scouts, member).await);
}
