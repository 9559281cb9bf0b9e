//! What was before and after: in every entry, with things called by id and by the name of that moment.

use std::collections::BTreeMap;

use diesel::{QueryableByName, sql_query, sql_types as t};
use diesel_async::RunQueryDsl;
use fealty_api::{
    access::{Change, GroupSettings},
    identity::api_token,
};
use fealty_simulator::demo;
use serde_json::{Value, json};

use crate::support::{Browser, World, new_group};

#[derive(QueryableByName)]
struct Entry {
    #[diesel(sql_type = t::Text)]
    kind: String,
    #[diesel(sql_type = t::Nullable<t::Jsonb>)]
    before: Option<Value>,
    #[diesel(sql_type = t::Nullable<t::Jsonb>)]
    after: Option<Value>,
}

/// The newest entry of each kind.
async fn entries(world: &World) -> BTreeMap<String, (Value, Value)> {
    let mut conn = world.conn().await;
    // Of what a test changes past the actions it says itself why.
    let rows: Vec<Entry> =
        sql_query("select kind, before, after from audit_entries where kind <> 'test' order by id")
            .load(&mut conn)
            .await
            .unwrap();
    rows.into_iter()
        .map(|row| (row.kind, (row.before.unwrap_or_default(), row.after.unwrap_or_default())))
        .collect()
}

async fn did(browser: &Browser<'_>, mutation: &str, input: Value) -> Value {
    let kind = format!("{}{}Input", mutation[..1].to_uppercase(), &mutation[1..]);
    let document = format!("mutation($i:{kind}!){{{mutation}(input:$i){{status}}}}");
    browser.gql(&document, json!({ "i": input })).await.data()[mutation]["status"].clone()
}

/// Looks at an edit and saves it.
async fn saved(browser: &Browser<'_>, mutation: &str, mut input: Value) {
    let kind = format!("{}{}Input", mutation[..1].to_uppercase(), &mutation[1..]);
    let document = format!("mutation($i:{kind}!){{{mutation}(input:$i){{status preview{{token}}}}}}");
    let seen = browser.gql(&document, json!({ "i": input })).await.data();
    input["previewToken"] = seen[mutation]["preview"]["token"].clone();
    assert_eq!(did(browser, mutation, input).await, "SAVED", "{seen}");
}

async fn group(world: &World, name: &str, is_open: bool) -> String {
    let settings = GroupSettings {
        name,
        description: "",
        is_internal: false,
        is_hidden: false,
        is_open,
        is_public: true,
        is_restricted: false,
    };
    let id = world.number("select coalesce(max(id), 0) + 1 from groups").await;
    world.apply(new_group(id, settings)).await.unwrap();
    format!("group:{id}")
}

fn user(id: i64, name: &str) -> Value {
    json!({"id": format!("user:{id}"), "name": name})
}

#[tokio::test(flavor = "multi_thread")]
async fn every_entry_says_what_was_and_what_is() {
    let world = World::new().await;
    let admin = world.pilot(demo::KAELEN).await;
    let root = admin.user_id().await;
    world.apply(Change::SuperuserChanged { user_id: root, is_superuser: true }).await.unwrap();
    let mirel = world.pilot(demo::MIREL).await;
    let id = mirel.user_id().await;
    let main = json!({"mainCharacter": {"id": demo::MIREL.to_string(), "name": "Mirel Ostavane"}});
    let seen = entries(&world).await;
    assert_eq!(seen["main_changed"], (json!({"mainCharacter": null}), main.clone()), "at the first login");
    assert_eq!(seen["activated"], (json!({"isActive": false}), json!({"isActive": true})));
    // Another main.
    assert!(mirel.add(demo::VESPER).await.starts_with("/characters?added="));
    did(&mirel, "setMainCharacter", json!({"characterId": demo::VESPER})).await;
    assert_eq!(entries(&world).await["main_changed"].0, main);
    did(&mirel, "setMainCharacter", json!({"characterId": demo::MIREL})).await;
    // Groups: joined, left, asked, taken back, decided, put in, taken out.
    let (open, closed) = (group(&world, "Open", true).await, group(&world, "Closed", false).await);
    for mutation in ["joinGroup", "leaveGroup"] {
        did(&mirel, mutation, json!({"groupId": open, "reason": "why not"})).await;
    }
    for mutation in ["joinGroup", "retractGroupRequest"] {
        let mut input = json!({"groupId": closed});
        if mutation == "joinGroup" {
            input["reason"] = json!("please");
        }
        did(&mirel, mutation, input).await;
    }
    for accept in [false, true] {
        did(&mirel, "joinGroup", json!({"groupId": closed, "reason": "please"})).await;
        let request = world.number("select max(id) from group_requests").await;
        let input = json!({"ids": [format!("group_request:{request}")], "accept": accept});
        did(&admin, "decideGroupRequests", input).await;
    }
    let members = json!({"groupId": closed, "userIds": [format!("user:{id}")], "reason": "a raid"});
    did(&admin, "addGroupMembers", members.clone()).await;
    let ended = "2030-01-01T00:00:00Z";
    let mut timed = members.clone();
    timed["endsAt"] = json!(ended);
    did(&admin, "addGroupMembers", timed).await;
    did(&admin, "removeGroupMembers", members).await;
    // A service.
    assert!(mirel.link_discord(demo::DISCORD_NEWCOMER).await.contains("linked"));
    world.run_jobs().await;
    did(&mirel, "unlinkService", json!({"service": "discord"})).await;
    world.run_jobs().await;
    // A token.
    {
        let mut conn = world.conn().await;
        let scopes = ["auth.view_user".to_owned()];
        let (token, _) =
            api_token::create(&mut conn, &world.app, id, "bot", Some(&scopes), None).await.unwrap();
        api_token::revoke(&mut conn, fealty_api::clock::Clock::now(&*world.clock), token).await.unwrap();
    }
    // Rules.
    let (blue, member) = (
        world.number("select id from states where name = 'Blue'").await,
        world.number("select id from states where name = 'Member'").await,
    );
    let leading = json!({"id": closed, "leaderIds": [format!("user:{id}")], "leaderGroupIds": [open],
                         "stateIds": [format!("state:{member}")]});
    saved(&admin, "updateGroup", leading).await;
    saved(&admin, "updateGroup", json!({"id": closed, "leaderIds": []})).await;
    let lists =
        json!({"characterIds": [demo::MIREL], "corporationIds": [], "allianceIds": [], "factionIds": []});
    saved(&admin, "updateState", json!({"id": format!("state:{blue}"), "members": lists})).await;
    let seen = entries(&world).await;
    let lacking: Vec<&str> = seen
        .iter()
        .filter(|(_, (before, after))| before.is_null() && after.is_null())
        .map(|(kind, _)| kind.as_str())
        .collect();
    assert_eq!(lacking, [""; 0]);
    let of = |kind: &str| seen.get(kind).unwrap_or_else(|| panic!("{kind} is written"));
    assert_eq!(of("group_joined").1["reason"], "why not");
    assert!(of("group_left").0["since"].is_string() && of("group_left").1["reason"] == "why not");
    assert_eq!(of("group_request_retracted").0["reason"], "please");
    assert_eq!(of("group_request_accepted").1["requests"][0]["user"], user(id, "Mirel_Ostavane"));
    assert_eq!(of("group_members_added").0["members"][0]["reason"], "a raid");
    assert_eq!(of("group_members_added").1["users"], json!([user(id, "Mirel_Ostavane")]));
    let removed = &of("group_members_removed").0["members"][0];
    assert_eq!((&removed["user"], &removed["reason"]), (&user(id, "Mirel_Ostavane"), &json!("a raid")));
    assert_eq!(removed["endsAt"], json!(ended));
    let linked = of("service_linked");
    assert_eq!(
        (&linked.0, &linked.1["account"]["id"]),
        (&Value::Null, &json!(demo::DISCORD_NEWCOMER.to_string()))
    );
    assert_eq!(of("service_unlinked"), &(linked.1.clone(), Value::Null));
    assert_eq!(of("token_revoked").0, of("token_created").1);
    assert_eq!(of("token_revoked").0["user"], user(id, "Mirel_Ostavane"));
    let edited = &of("group_edited").0;
    assert_eq!(edited["leaders"], json!([user(id, "Mirel_Ostavane")]));
    assert_eq!(edited["leaderGroups"], json!([{"id": open, "name": "Open"}]));
    assert_eq!(edited["states"], json!([{"id": format!("state:{member}"), "name": "Member"}]));
    let state = &of("state_edited").1;
    assert_eq!(state["characters"], json!([{"id": demo::MIREL.to_string(), "name": "Mirel Ostavane"}]));
}
