//! Looking before members are added and removed: what follows is shown, and done as it was shown.

use fealty_api::access::Change;
use fealty_simulator::demo;
use serde_json::{Value, json};

use super::{CLOSED, INTERNAL, OPEN, RESTRICTED, edit, grant, group, is_member, lead, put, request_of};
use crate::support::{Browser, World};

/// Sends an edit of members and returns its payload, or the error's code.
async fn send(
    browser: &Browser<'_>,
    mutation: &str,
    group_id: i64,
    users: &[i64],
    more: Value,
) -> Result<Value, String> {
    let kind = format!("{}{}Input", mutation[..1].to_uppercase(), &mutation[1..]);
    let document = format!(
        "mutation($i:{kind}!){{{mutation}(input:$i){{status problems{{field code}} results{{outcome}}
         preview{{token summary userCount loserCount counts{{kind name gained lost}} changes{{totalCount}}}}}}}}"
    );
    let mut input = json!({
        "groupId": format!("group:{group_id}"),
        "userIds": users.iter().map(|id| format!("user:{id}")).collect::<Vec<_>>(),
    });
    input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let reply = browser.gql(&document, json!({"i": input})).await;
    let data = reply.json();
    match data["errors"][0]["extensions"]["code"].as_str() {
        Some(code) => Err(code.to_owned()),
        None => Ok(data["data"][mutation].clone()),
    }
}

fn look() -> Value {
    json!({"preview": true})
}

fn saving(preview: &Value) -> Value {
    json!({"previewToken": preview["preview"]["token"]})
}

fn counts(payload: &Value) -> Vec<String> {
    let counts = payload["preview"]["counts"].as_array().unwrap().iter();
    counts
        .map(|c| {
            format!(
                "{} {} +{} -{}",
                c["kind"].as_str().unwrap(),
                c["name"].as_str().unwrap(),
                c["gained"],
                c["lost"]
            )
        })
        .collect()
}

/// A group that carries Discord and a permission.
async fn speakers(world: &World, flags: super::Flags) -> i64 {
    let id = group(world, "Speakers", flags).await;
    let permissions = ["discord.access_discord", "auth.timer_view"];
    world.apply(Change::GroupPermissionsSet { group_id: id, permissions: &permissions }).await.unwrap();
    id
}

async fn admin<'w>(world: &'w World, permissions: &[&str]) -> Browser<'w> {
    let browser = world.pilot(demo::TEODRIC).await;
    let user_id = browser.user_id().await;
    grant(world, user_id, permissions).await;
    world.apply(Change::StaffChanged { user_id, is_staff: true }).await.unwrap();
    browser
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_shown_is_what_is_done() {
    let world = World::new().await;
    let (ansgar, mirel) = (world.pilot(demo::ANSGAR).await, world.pilot(demo::MIREL).await);
    // He has neither Discord nor anything else; she has Discord by her state.
    assert_eq!((ansgar.state().await.as_str(), mirel.state().await.as_str()), ("Guest", "Member"));
    let users = [ansgar.user_id().await, mirel.user_id().await];
    let id = speakers(&world, INTERNAL).await;
    let admin = admin(&world, &["auth.change_group"]).await;
    let entries = async || world.number("select count(*) from audit_entries").await;
    let before = entries().await;
    // What he gains besides would say what he had: that is for those who see users.
    let shown = send(&admin, "addGroupMembers", id, &users, look()).await.unwrap();
    let given = [
        "GROUP Speakers +2 -0",
        "PERMISSION auth.timer_view +2 -0",
        "PERMISSION discord.access_discord +2 -0",
        "SERVICE discord +2 -0",
    ];
    assert_eq!(counts(&shown), given);
    assert_eq!(shown["preview"]["changes"], json!(null), "and no names");
    grant(&world, admin.user_id().await, &["auth.change_group", "auth.view_user"]).await;
    let before = entries().await.max(before);
    let shown = send(&admin, "addGroupMembers", id, &users, look()).await.unwrap();
    assert_eq!(shown["status"], "PREVIEW");
    assert_eq!(shown["results"], json!([{"outcome": "ADDED"}, {"outcome": "ADDED"}]));
    let gained = [
        "GROUP Speakers +2 -0",
        "PERMISSION auth.timer_view +2 -0",
        "PERMISSION discord.access_discord +1 -0",
        "SERVICE discord +1 -0",
    ];
    assert_eq!(counts(&shown), gained);
    assert_ne!(shown["preview"]["changes"], json!(null));
    assert!(!is_member(&world, id, users[0]).await, "nothing was done");
    assert_eq!(entries().await, before, "and nothing noted");
    let mut token = saving(&shown);
    // Why is said when one has looked.
    token["reason"] = json!("Good voices");
    let saved = send(&admin, "addGroupMembers", id, &users, token).await.unwrap();
    assert_eq!((saved["status"].as_str(), counts(&saved)), (Some("DONE"), counts(&shown)));
    assert!(is_member(&world, id, users[0]).await && is_member(&world, id, users[1]).await);
    let again = send(&admin, "addGroupMembers", id, &users, saving(&shown)).await;
    assert_eq!(again, Err("CONFLICT".into()), "a token is good once");
    // And back.
    let shown = send(&admin, "removeGroupMembers", id, &users, look()).await.unwrap();
    assert_eq!((&shown["status"], &shown["preview"]["loserCount"]), (&json!("PREVIEW"), &json!(2)));
    assert_eq!(counts(&shown)[3], "SERVICE discord +0 -1");
    assert_ne!(shown["preview"]["changes"], json!(null));
    let saved = send(&admin, "removeGroupMembers", id, &users, saving(&shown)).await.unwrap();
    assert_eq!(saved["results"], json!([{"outcome": "REMOVED"}, {"outcome": "REMOVED"}]));
    assert!(!is_member(&world, id, users[0]).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_world_that_moved_on_is_looked_at_again() {
    let world = World::new().await;
    let (ansgar, mirel) = (world.pilot(demo::ANSGAR).await, world.pilot(demo::MIREL).await);
    let users = [ansgar.user_id().await, mirel.user_id().await];
    let id = speakers(&world, INTERNAL).await;
    let admin = admin(&world, &["auth.change_group", "auth.view_user"]).await;
    let refused = async |more: &Value, users: &[i64]| {
        let answer = send(&admin, "addGroupMembers", id, users, more.clone()).await;
        assert_eq!(answer, Err("CONFLICT".to_owned()));
        assert!(!is_member(&world, id, users[0]).await, "nothing was done");
    };
    let shown = send(&admin, "addGroupMembers", id, &users, look()).await.unwrap();
    let token = saving(&shown);
    refused(&token, &users[..1]).await;
    let mut other = token.clone();
    other["endsAt"] = json!("2050-01-01T00:00:00Z");
    refused(&other, &users).await;
    refused(&json!({"previewToken": "x".repeat(1_000)}), &users).await;
    // He has Discord by now.
    grant(&world, users[0], &["discord.access_discord"]).await;
    refused(&token, &users).await;
    // Somebody else did it for one of them.
    let token = saving(&send(&admin, "addGroupMembers", id, &users, look()).await.unwrap());
    put(&world, id, &users[1..]).await;
    refused(&token, &users).await;
    let both = json!({"preview": true, "previewToken": "x"});
    let invalid = send(&admin, "addGroupMembers", id, &users, both).await.unwrap();
    assert_eq!(
        (&invalid["status"], &invalid["problems"][0]["field"]),
        (&json!("INVALID"), &json!("previewToken"))
    );
    // Bots may do it at once, as before.
    let done = send(&admin, "addGroupMembers", id, &users, json!({})).await.unwrap();
    assert_eq!(done["results"], json!([{"outcome": "ADDED"}, {"outcome": "CHANGED"}]));
    assert_eq!(counts(&done), ["GROUP Speakers +1 -0", "PERMISSION auth.timer_view +1 -0"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leader_is_told_what_his_group_gives_and_no_more() {
    let world = World::new().await;
    let (mirel, leader) = (world.pilot(demo::MIREL).await, world.pilot(demo::TEODRIC).await);
    let ansgar = world.pilot(demo::ANSGAR).await;
    let users = [ansgar.user_id().await, mirel.user_id().await];
    let id = speakers(&world, CLOSED).await;
    assert_eq!(
        send(&leader, "addGroupMembers", id, &users, look()).await.unwrap()["status"],
        "NOT_FOUND",
        "denied"
    );
    lead(&world, id, &[leader.user_id().await], &[]).await;
    // Of whom he may not know there is nothing to look at.
    let unknown = send(&leader, "addGroupMembers", id, &users, look()).await.unwrap();
    assert_eq!(unknown["results"], json!([{"outcome": "NOT_FOUND"}, {"outcome": "NOT_FOUND"}]));
    assert_eq!((&unknown["preview"]["userCount"], counts(&unknown)), (&json!(0), vec![]));
    grant(&world, leader.user_id().await, &["auth.view_user"]).await;
    // She has Discord otherwise, and timers; he has neither, and more comes with the group than it gives: he leads another.
    grant(&world, users[1], &["auth.timer_view"]).await;
    let led = group(&world, "Led", CLOSED).await;
    lead(&world, led, &[], &[id]).await;
    let shown = send(&leader, "addGroupMembers", id, &users, look()).await.unwrap();
    let given = [
        "GROUP Speakers +2 -0",
        "PERMISSION auth.timer_view +2 -0",
        "PERMISSION discord.access_discord +2 -0",
        "SERVICE discord +2 -0",
    ];
    assert_eq!(counts(&shown), given, "the same for both");
    let saved = send(&leader, "addGroupMembers", id, &users, saving(&shown)).await.unwrap();
    assert_eq!((&saved["status"], counts(&saved)), (&json!("DONE"), given.map(str::to_owned).to_vec()));
    let gone = send(&leader, "removeGroupMembers", id, &users[1..], look()).await.unwrap();
    assert_eq!(counts(&gone).len(), 4);
    assert!(counts(&gone).iter().all(|count| count.ends_with("+0 -1")), "{gone:#}");
    // A membership that begins later gives nothing yet.
    let later = json!({"preview": true, "startsAt": "2050-01-01T00:00:00Z"});
    let shown = send(&leader, "addGroupMembers", id, &[leader.user_id().await], later).await.unwrap();
    assert_eq!(counts(&shown), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn restricted_groups_are_not_looked_into() {
    let world = World::new().await;
    let mirel = world.pilot(demo::MIREL).await;
    let id = speakers(&world, RESTRICTED).await;
    let admin = admin(&world, &["auth.change_group", "auth.view_user"]).await;
    for mutation in ["addGroupMembers", "removeGroupMembers"] {
        let shown = send(&admin, mutation, id, &[mirel.user_id().await], look()).await.unwrap();
        assert_eq!((&shown["status"], &shown["preview"]), (&json!("NOT_ALLOWED"), &json!(null)));
    }
    assert_eq!(edit(&admin, "addGroupMembers", id, &[mirel.user_id().await]).await.0, "NOT_ALLOWED");
}

/// Leaves a group, or looks at it: the payload.
async fn leaving(browser: &Browser<'_>, group_id: i64, more: Value) -> Value {
    let document = "mutation($i:LeaveGroupInput!){leaveGroup(input:$i){status problems{field}
        preview{userCount loserCount counts{kind name gained lost} changes{totalCount}} group{membership{isMember}}}}";
    let mut input = json!({"groupId": format!("group:{group_id}")});
    input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    browser.gql(document, json!({"i": input})).await.data()["leaveGroup"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_leaves_sees_first_what_they_lose() {
    let world = World::new().await;
    let (mirel, other) = (world.pilot(demo::MIREL).await, world.pilot(demo::TEODRIC).await);
    let user_id = mirel.user_id().await;
    let id = speakers(&world, OPEN).await;
    let led = group(&world, "Led", CLOSED).await;
    lead(&world, led, &[], &[id]).await;
    put(&world, id, &[user_id, other.user_id().await]).await;
    let entries = async || world.number("select count(*) from audit_entries").await;
    let before = entries().await;
    let shown = leaving(&mirel, id, look()).await;
    assert_eq!(
        (&shown["status"], &shown["group"]["membership"]["isMember"]),
        (&json!("PREVIEW"), &json!(true))
    );
    // Discord she has by her state.
    let lost = ["GROUP Speakers +0 -1", "PERMISSION auth.timer_view +0 -1", "LEADERSHIP Led +0 -1"];
    assert_eq!(counts(&shown), lost);
    assert_eq!((&shown["preview"]["userCount"], &shown["preview"]["changes"]), (&json!(1), &json!(null)));
    assert!(is_member(&world, id, user_id).await, "nothing was done");
    assert_eq!(entries().await, before, "and nothing noted");
    // Whatever happened since, it is done: what was shown binds nobody.
    grant(&world, user_id, &["auth.timer_view"]).await;
    let left = leaving(&mirel, id, json!({})).await;
    assert_eq!(
        (&left["status"], counts(&left)),
        (&json!("LEFT"), vec![lost[0].to_owned(), lost[2].to_owned()])
    );
    assert!(!is_member(&world, id, user_id).await && is_member(&world, id, other.user_id().await).await);
    let again = leaving(&mirel, id, look()).await;
    assert_eq!((&again["status"], &again["preview"]), (&json!("NOT_MEMBER"), &json!(null)));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_request_to_leave_would_take_is_shown_without_making_it() {
    let world = World::new().await;
    let mirel = world.pilot(demo::MIREL).await;
    let user_id = mirel.user_id().await;
    let closed = speakers(&world, CLOSED).await;
    put(&world, closed, &[user_id]).await;
    let shown = leaving(&mirel, closed, look()).await;
    assert_eq!(shown["status"], "PREVIEW");
    assert_eq!(counts(&shown), ["GROUP Speakers +0 -1", "PERMISSION auth.timer_view +0 -1"]);
    assert_eq!(request_of(&world, closed, user_id).await, 0);
    let asked = leaving(&mirel, closed, json!({"reason": "Enough said"})).await;
    assert_eq!((&asked["status"], &asked["preview"]), (&json!("REQUESTED"), &json!(null)));
    for more in [look(), json!({})] {
        let twice = leaving(&mirel, closed, more).await;
        assert_eq!((&twice["status"], &twice["preview"]), (&json!("ALREADY_REQUESTED"), &json!(null)));
    }
    // What nobody leaves, what one may not know of, and what makes no sense.
    let internal = group(&world, "Internal one", INTERNAL).await;
    for (id, status) in [(internal, "NOT_FOUND"), (999_999, "NOT_FOUND")] {
        assert_eq!(leaving(&mirel, id, look()).await["status"], status);
    }
    put(&world, internal, &[user_id]).await;
    let kept = leaving(&mirel, internal, look()).await;
    assert_eq!((&kept["status"], &kept["preview"]), (&json!("NOT_ALLOWED"), &json!(null)));
    let long = json!({"preview": true, "reason": "x".repeat(1_001)});
    let invalid = leaving(&mirel, closed, long).await;
    assert_eq!((&invalid["status"], &invalid["problems"][0]["field"]), (&json!("INVALID"), &json!("reason")));
    let visitor = world.browser();
    let document =
        format!("mutation{{leaveGroup(input:{{groupId:\"group:{closed}\",preview:true}}){{status}}}}");
    assert_eq!(visitor.gql(&document, json!({})).await.code(), "UNAUTHENTICATED");
}
