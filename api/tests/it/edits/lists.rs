//! Lists of an edit have ends, and ids of their kind: what is wrong with one is a problem of the payload, as all else.

use fealty_simulator::demo;
use serde_json::{Value, json};

use super::{codes, edit, refused, state_id, superuser};
use crate::support::World;

fn many(of: &str) -> Vec<String> {
    (1..=1_001).map(|n| format!("{of}:{n}")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_a_list_is_a_problem() {
    let world = World::new().await;
    let admin = superuser(&world, demo::KAELEN).await;
    let blue = state_id(&world, "Blue").await;
    let made = edit(&admin, "CreateGroup", json!({"name": "Scouts"})).await;
    let token = &made["preview"]["token"];
    edit(&admin, "CreateGroup", json!({"name": "Scouts", "previewToken": token})).await;
    let group = format!("group:{}", world.number("select id from groups where name = 'Scouts'").await);
    let user = format!("user:{}", admin.user_id().await);
    let members = |ids: Vec<u32>| json!({"characterIds": ids, "corporationIds": [], "allianceIds": [], "factionIds": []});
    let long = members((1..=1_001).collect());
    let grants: Vec<Value> = (0..1_001).map(|_| json!({"permission": "auth.timer_view"})).collect();
    for (kind, input, expected) in [
        (
            "CreateState",
            json!({"name": "Many", "priority": 7, "isPublic": false, "members": long}),
            "members too_many",
        ),
        ("UpdateState", json!({"id": blue, "members": long}), "members too_many"),
        ("CreateGroup", json!({"name": "Many", "leaderIds": many("user")}), "leaderIds too_many"),
        ("CreateGroup", json!({"name": "Many", "leaderGroupIds": ["user:1"]}), "leaderGroupIds invalid"),
        ("UpdateGroup", json!({"id": group, "stateIds": many("state")}), "stateIds too_many"),
        ("UpdateGroup", json!({"id": group, "stateIds": ["group:1"]}), "stateIds invalid"),
        ("UpdateUser", json!({"id": user, "permissions": grants}), "permissions too_many"),
    ] {
        let answer = edit(&admin, kind, input).await;
        assert_eq!(codes(&answer), [expected], "{kind}");
        assert_eq!(answer["preview"], json!(null), "{kind}");
    }
    // Whose edit it is no list says: that is an error.
    for (kind, id) in [("UpdateState", &group), ("UpdateGroup", &blue), ("UpdateUser", &blue)] {
        assert_eq!(refused(&admin, kind, json!({ "id": id })).await, "INVALID", "{kind}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_that_is_named_twice_counts_once() {
    let world = World::new().await;
    let admin = superuser(&world, demo::KAELEN).await;
    let user = format!("user:{}", admin.user_id().await);
    let input = json!({"name": "Scouts", "leaderIds": [user, user]});
    let preview = edit(&admin, "CreateGroup", input.clone()).await;
    let saved = edit(&admin, "CreateGroup", super::with_token(&input, &preview)).await;
    assert_eq!(saved["status"], "SAVED", "{saved:#}");
    assert_eq!(world.number("select count(*) from group_leaders").await, 1);
}
