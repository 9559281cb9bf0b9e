//! Leaders and managers: whose requests they see and decide, and nobody else's.

use fealty_simulator::demo;
use serde_json::{Value, json};

use super::{
    CLOSED, HIDDEN, INTERNAL, decide, edit, grant, group, is_member, join, lead, leave, limit, log, look,
    put, request_of, retract, state, superuser,
};
use crate::support::{Browser, World};

const MANAGEMENT: &str = "management{memberCount requestCount canEditMembers joinPath members{nodes{person{username}}} log{nodes{kind}}}";

/// Ids of the requests somebody sees.
async fn seen(browser: &Browser<'_>) -> Vec<Value> {
    let data = browser.ask("{groupRequests{totalCount nodes{id kind canDecide group{name} person{username mainCharacter{name} state{name}}}}}").await;
    let nodes = data["groupRequests"]["nodes"].as_array().unwrap().clone();
    assert_eq!(data["groupRequests"]["totalCount"], nodes.len());
    nodes
}

async fn waiting(browser: &Browser<'_>) -> (Value, Value) {
    let data = browser.ask("{viewer{groupRequestCount managesGroups}}").await;
    (data["viewer"]["groupRequestCount"].clone(), data["viewer"]["managesGroups"].clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leader_decides_for_his_group_and_learns_nothing_of_others() {
    let world = World::new().await;
    let (mirel, leader) = (world.pilot(demo::MIREL).await, world.pilot(demo::TEODRIC).await);
    let (member, leading) = (mirel.user_id().await, leader.user_id().await);
    let scouts = group(&world, "Scouts", CLOSED).await;
    let others = group(&world, "Others", CLOSED).await;
    assert_eq!(join(&mirel, scouts).await, "REQUESTED");
    assert_eq!(join(&mirel, others).await, "REQUESTED");
    let (his, foreign) = (request_of(&world, scouts, member).await, request_of(&world, others, member).await);
    // Nobody leads: denied, and not told that there is anything.
    assert_eq!(waiting(&leader).await, (json!(0), json!(false)));
    assert_eq!(seen(&leader).await, Vec::<Value>::new());
    assert_eq!(decide(&leader, &[his, foreign], true).await, ["NOT_FOUND", "NOT_FOUND"]);
    lead(&world, scouts, &[leading], &[]).await;
    assert_eq!(waiting(&leader).await, (json!(1), json!(true)));
    let requests = seen(&leader).await;
    assert_eq!(
        requests,
        [
            json!({"id": format!("group_request:{his}"), "kind": "JOIN", "canDecide": true, "group": {"name": "Scouts"},
            "person": {"username": "Mirel_Ostavane", "mainCharacter": {"name": "Mirel Ostavane"}, "state": {"name": "Member"}}})
        ]
    );
    assert_eq!(
        decide(&leader, &[foreign, 999_999], true).await,
        ["NOT_FOUND", "NOT_FOUND"],
        "another group's"
    );
    assert!(look(&leader, others, MANAGEMENT).await["management"].is_null());
    assert_eq!(decide(&leader, &[his], true).await, ["ACCEPTED"]);
    assert_eq!(decide(&leader, &[his], true).await, ["NOT_FOUND"], "twice");
    assert!(is_member(&world, scouts, member).await);
    assert!(!is_member(&world, others, member).await);
    assert_eq!(log(&world, scouts).await, ["join accepted by Teodric_Varn"]);
    let management = look(&leader, scouts, MANAGEMENT).await["management"].clone();
    assert_eq!(
        management,
        json!({"memberCount": 1, "requestCount": 0, "canEditMembers": true, "joinPath": format!("/groups/group:{scouts}"),
            "members": {"nodes": [{"person": {"username": "Mirel_Ostavane"}}]}, "log": {"nodes": [{"kind": "JOIN"}]}})
    );
    assert!(look(&mirel, scouts, MANAGEMENT).await["management"].is_null(), "members do not see members");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rejection_is_told_and_logged() {
    let world = World::new().await;
    let (mirel, leader) = (world.pilot(demo::MIREL).await, world.pilot(demo::TEODRIC).await);
    let member = mirel.user_id().await;
    let scouts = group(&world, "Scouts", CLOSED).await;
    lead(&world, scouts, &[leader.user_id().await], &[]).await;
    join(&mirel, scouts).await;
    let id = request_of(&world, scouts, member).await;
    assert_eq!(decide(&leader, &[id, id], false).await.len(), 1, "asked for once");
    assert_eq!(decide(&leader, &[id], false).await, ["NOT_FOUND"], "twice");
    assert!(!is_member(&world, scouts, member).await);
    assert_eq!(log(&world, scouts).await, ["join rejected by Teodric_Varn"]);
    let told = mirel.ask("{viewer{notifications(first:1){nodes{level kind title body}}}}").await;
    assert_eq!(
        told["viewer"]["notifications"]["nodes"][0],
        json!({"level": "DANGER", "kind": "group_request_rejected", "title": "Your request to join Scouts was rejected",
            "body": "Teodric_Varn rejected the request to join Scouts: So be it"})
    );
    let entry = leader.ask(&format!("{{group(id:\"group:{scouts}\"){{management{{log{{totalCount nodes{{username mainName corporationName kind action actor note}}}}}}}}}}")).await;
    assert_eq!(
        entry["group"]["management"]["log"],
        json!({"totalCount": 1, "nodes": [{"username": "Mirel_Ostavane", "mainName": "Mirel Ostavane", "corporationName": "Ashen Vanguard",
            "kind": "JOIN", "action": "REJECTED", "actor": "Teodric_Varn", "note": "So be it"}]})
    );
    assert_eq!(world.number("select count(*) from audit_entries where kind = 'group_request_rejected' and after->'requests'->0->>'user' is not null").await, 1);
    // He may ask again, and is told by the engine when he is let in.
    join(&mirel, scouts).await;
    decide(&leader, &[request_of(&world, scouts, member).await], true).await;
    let told = mirel.ask("{viewer{notifications(first:1){nodes{level title body}}}}").await;
    assert_eq!(
        told["viewer"]["notifications"]["nodes"][0],
        json!({"level": "SUCCESS", "title": "You are now in Scouts", "body": "Teodric_Varn accepted the request to join Scouts: So be it"})
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_to_leave_are_decided_too() {
    let world = World::new().await;
    let (mirel, leader) = (world.pilot(demo::MIREL).await, world.pilot(demo::TEODRIC).await);
    let member = mirel.user_id().await;
    let scouts = group(&world, "Scouts", CLOSED).await;
    let officers = group(&world, "Officers", INTERNAL).await;
    // He leads through an internal group.
    put(&world, officers, &[leader.user_id().await]).await;
    lead(&world, scouts, &[], &[officers]).await;
    put(&world, scouts, &[member]).await;
    assert_eq!(leave(&mirel, scouts).await, "REQUESTED");
    assert_eq!(decide(&leader, &[request_of(&world, scouts, member).await], false).await, ["REJECTED"]);
    assert!(is_member(&world, scouts, member).await);
    leave(&mirel, scouts).await;
    assert_eq!(decide(&leader, &[request_of(&world, scouts, member).await], true).await, ["ACCEPTED"]);
    assert!(!is_member(&world, scouts, member).await);
    assert_eq!(
        log(&world, scouts).await[1..],
        ["leave rejected by Teodric_Varn", "leave accepted by Teodric_Varn"]
    );
    // Mirel does not learn of the internal group that leads; its member does.
    let names = async |browser: &Browser<'_>| {
        look(browser, scouts, "leaderGroups{name}").await["leaderGroups"].clone()
    };
    assert_eq!(names(&mirel).await, json!([]));
    assert_eq!(names(&leader).await, json!([{"name": "Officers"}]));
    assert!(
        look(&leader, officers, MANAGEMENT).await["management"].is_null(),
        "internal groups are managed by nobody"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn managers_decide_for_every_group_but_internal_ones() {
    let world = World::new().await;
    let (mirel, manager) = (world.pilot(demo::MIREL).await, world.pilot(demo::TEODRIC).await);
    let member = mirel.user_id().await;
    grant(&world, manager.user_id().await, &["auth.group_management"]).await;
    let (one, two) = (group(&world, "One", CLOSED).await, group(&world, "Two", HIDDEN).await);
    let internal = group(&world, "Internal one", INTERNAL).await;
    join(&mirel, one).await;
    join(&mirel, two).await;
    assert_eq!(waiting(&manager).await, (json!(2), json!(true)));
    let ids = [request_of(&world, one, member).await, request_of(&world, two, member).await];
    assert_eq!(decide(&manager, &ids, true).await, ["ACCEPTED", "ACCEPTED"]);
    assert_eq!(waiting(&manager).await, (json!(0), json!(true)));
    assert!(look(&manager, internal, "name").await.is_null());
    assert_eq!(edit(&manager, "addGroupMembers", internal, &[member]).await.0, "NOT_FOUND");
    let listed = manager.ask("{groups{nodes{name}}}").await;
    assert_eq!(listed["groups"]["nodes"], json!([{"name": "One"}, {"name": "Two"}]));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_fits_no_more_is_not_accepted() {
    let world = World::new().await;
    let (mirel, manager) = (world.pilot(demo::MIREL).await, world.pilot(demo::TEODRIC).await);
    let member = mirel.user_id().await;
    grant(&world, manager.user_id().await, &["auth.group_management"]).await;
    let limited = group(&world, "Limited", CLOSED).await;
    limit(&world, limited, &[state(&world, "Member").await]).await;
    let public = group(&world, "Public", super::Flags { public: true, ..CLOSED }).await;
    let closed = group(&world, "Scouts", CLOSED).await;
    for id in [limited, public, closed] {
        assert_eq!(join(&mirel, id).await, "REQUESTED");
    }
    // He leaves the alliance: neither the state nor the permission to request is his any more.
    world.sim.move_character(demo::MIREL, demo::NEUTRAL_CORPORATION).unwrap();
    world.sync().await;
    let mut ids = Vec::new();
    for id in [limited, public, closed] {
        ids.push(request_of(&world, id, member).await);
    }
    assert_eq!(decide(&manager, &ids, true).await, ["NOT_ELIGIBLE", "ACCEPTED", "NOT_ELIGIBLE"]);
    assert_eq!(request_of(&world, limited, member).await, ids[0], "the request stays");
    assert_eq!(decide(&manager, &ids, false).await, ["REJECTED", "NOT_FOUND", "REJECTED"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn retracted_requests_are_gone_for_leaders() {
    let world = World::new().await;
    let (mirel, leader) = (world.pilot(demo::MIREL).await, world.pilot(demo::TEODRIC).await);
    let scouts = group(&world, "Scouts", CLOSED).await;
    lead(&world, scouts, &[leader.user_id().await], &[]).await;
    join(&mirel, scouts).await;
    let id = request_of(&world, scouts, mirel.user_id().await).await;
    retract(&mirel, scouts).await;
    assert_eq!(decide(&leader, &[id], true).await, ["NOT_FOUND"]);
    assert_eq!(seen(&leader).await, Vec::<Value>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_that_becomes_internal_is_out_of_its_leaders_hands() {
    let world = World::new().await;
    let (mirel, leader) = (world.pilot(demo::MIREL).await, world.pilot(demo::TEODRIC).await);
    let scouts = group(&world, "Scouts", CLOSED).await;
    lead(&world, scouts, &[leader.user_id().await], &[]).await;
    join(&mirel, scouts).await;
    let id = request_of(&world, scouts, mirel.user_id().await).await;
    let settings = super::settings("Scouts", INTERNAL);
    world.apply(fealty_api::access::Change::GroupEdited { group_id: scouts, settings }).await.unwrap();
    assert_eq!(decide(&leader, &[id], true).await, ["NOT_FOUND"]);
    assert_eq!(waiting(&leader).await, (json!(0), json!(false)));
    assert!(look(&leader, scouts, "name").await.is_null());
}

#[tokio::test(flavor = "multi_thread")]
async fn decisions_are_checked() {
    let world = World::new().await;
    let admin = world.pilot(demo::TEODRIC).await;
    superuser(&world, admin.user_id().await).await;
    let document = "mutation($i:DecideGroupRequestsInput!){decideGroupRequests(input:$i){status problems{field} results{id}}}";
    let many: Vec<String> = (1..=101).map(|n| format!("group_request:{n}")).collect();
    for (ids, note, field) in [
        (json!([]), "", "ids"),
        (json!(["group:1"]), "", "ids"),
        (json!(many), "", "ids"),
        (json!(["group_request:1"]), &*"x".repeat(1_001), "note"),
    ] {
        let payload =
            admin.gql(document, json!({"i": {"ids": ids, "accept": true, "note": note}})).await.data();
        assert_eq!(payload["decideGroupRequests"]["status"], "INVALID", "{ids}");
        assert_eq!(payload["decideGroupRequests"]["problems"][0]["field"], field);
    }
}
