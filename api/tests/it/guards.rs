//! Who may what: every root field declares it, and what is declared is what happens.

use async_graphql::{Request, Response};
use fealty_api::{
    access::{Change, PermissionGrant},
    graphql::guards::{DECLARED, Need},
};
use fealty_simulator::demo;
use serde_json::{Value, json};

use crate::support::{Browser, World};

const INTROSPECTION: &str = "{__schema{queryType{name fields{name args{name type{...T}} type{...T}}}
    mutationType{name fields{name args{name type{...T}} type{...T}}}
    subscriptionType{name fields{name args{name type{...T}} type{...T}}}
    types{kind name isOneOf fields{name type{...T}} inputFields{name type{...T}} enumValues{name}}}}
    fragment T on __Type{kind name ofType{kind name ofType{kind name ofType{kind name}}}}";

async fn introspect(world: &World) -> Value {
    let response: Response = world.schema.execute(Request::new(INTROSPECTION)).await;
    assert!(response.errors.is_empty(), "{:?}", response.errors);
    response.data.into_json().unwrap()["__schema"].clone()
}

fn roots(schema: &Value) -> Vec<(String, Value)> {
    ["queryType", "mutationType", "subscriptionType"]
        .into_iter()
        .flat_map(|root| {
            let name = schema[root]["name"].as_str().unwrap().to_owned();
            let fields = schema[root]["fields"].as_array().unwrap().clone();
            fields.into_iter().map(move |field| (name.clone(), field))
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_root_field_declares_its_guard() {
    let world = World::empty("").await;
    let schema = introspect(&world).await;
    let fields: Vec<String> = roots(&schema)
        .iter()
        .map(|(root, field)| format!("{root}.{}", field["name"].as_str().unwrap()))
        .collect();
    for field in &fields {
        assert!(DECLARED.iter().any(|(name, _)| name == field), "{field} declares no guard");
    }
    for (name, _) in DECLARED {
        let (kind, field) = name.split_once('.').unwrap();
        let is_root = fields.iter().any(|f| f == name);
        let types = schema["types"].as_array().unwrap();
        let exists = is_root
            || types.iter().any(|t| {
                t["name"] == kind
                    && t["fields"].as_array().is_some_and(|f| f.iter().any(|f| f["name"] == field))
            });
        assert!(exists, "{name} is declared and does not exist");
    }
}

/// The innermost type, and whether the outermost is non-null.
fn named(kind: &Value) -> (String, String, bool) {
    let is_required = kind["kind"] == "NON_NULL";
    let mut at = kind;
    while !at["ofType"].is_null() {
        at = &at["ofType"];
    }
    (at["kind"].as_str().unwrap().to_owned(), at["name"].as_str().unwrap().to_owned(), is_required)
}

/// Some value of an input type.
fn value(schema: &Value, kind: &Value) -> String {
    let (class, name, _) = named(kind);
    match (class.as_str(), name.as_str()) {
        ("SCALAR", "ID") => "\"user:1\"".into(),
        ("SCALAR", "EveId" | "Int") => "1".into(),
        ("SCALAR", "Boolean") => "true".into(),
        ("SCALAR", "DateTime") => "\"2026-01-01T00:00:00Z\"".into(),
        ("SCALAR", _) => "\"x\"".into(),
        ("INPUT_OBJECT", _) => {
            let input =
                schema["types"].as_array().unwrap().iter().find(|t| t["name"] == name.as_str()).unwrap();
            let is_one_of = input["isOneOf"] == true;
            let fields: Vec<String> = input["inputFields"]
                .as_array()
                .unwrap()
                .iter()
                .enumerate()
                .filter(|(n, f)| f["type"]["kind"] == "NON_NULL" || (is_one_of && *n == 0))
                .map(|(_, f)| f)
                .map(|f| format!("{}:{}", f["name"].as_str().unwrap(), value(schema, &f["type"])))
                .collect();
            format!("{{{}}}", fields.join(","))
        }
        ("ENUM", _) => {
            let values =
                schema["types"].as_array().unwrap().iter().find(|t| t["name"] == name.as_str()).unwrap();
            values["enumValues"][0]["name"].as_str().unwrap().to_owned()
        }
        _ => panic!("no value for {kind}"),
    }
}

fn document(schema: &Value, root: &str, field: &Value) -> String {
    let args: Vec<String> = field["args"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|arg| arg["type"]["kind"] == "NON_NULL")
        .map(|arg| format!("{}:{}", arg["name"].as_str().unwrap(), value(schema, &arg["type"])))
        .collect();
    let args = if args.is_empty() { String::new() } else { format!("({})", args.join(",")) };
    format!("{} {{ {}{args} {{ __typename }} }}", root.to_lowercase(), field["name"].as_str().unwrap())
}

/// The code of the first error, or nothing.
async fn outcome(browser: &Browser<'_>, document: &str) -> Option<String> {
    let json = browser.gql(document, json!({})).await.json();
    json["errors"][0]["extensions"]["code"].as_str().map(str::to_owned)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_matrix_of_roles_and_operations_is_as_declared() {
    let world = World::new().await;
    let schema = introspect(&world).await;
    let visitor = world.browser();
    let registering = world.browser();
    registering.log_in(demo::YELENA).await;
    let member = world.pilot(demo::MIREL).await;
    for (root, field) in roots(&schema) {
        if root == "Subscription" {
            continue;
        }
        let name = format!("{root}.{}", field["name"].as_str().unwrap());
        // These end the session or register it, and are tried elsewhere.
        if matches!(name.as_str(), "Mutation.logout" | "Mutation.register" | "Mutation.loginWithPassword") {
            continue;
        }
        // Everybody's are for auditors, his own for everybody.
        let document = if name == "Query.accessChanges" {
            format!("{{accessChanges(filter:{{personId:\"user:{}\"}}){{__typename}}}}", member.user_id().await)
        } else {
            document(&schema, &root, &field)
        };
        let need = DECLARED.iter().find(|(n, _)| *n == name).unwrap().1;
        let (v, r, m) = (
            outcome(&visitor, &document).await,
            outcome(&registering, &document).await,
            outcome(&member, &document).await,
        );
        let denied = |code: &Option<String>| matches!(code.as_deref(), Some("UNAUTHENTICATED" | "FORBIDDEN"));
        match need {
            Need::Nothing => assert!(!denied(&v) && !denied(&r) && !denied(&m), "{name}: {v:?} {r:?} {m:?}"),
            Need::Registration => assert!(denied(&v) && !denied(&r), "{name}: {v:?} {r:?}"),
            Need::Viewer | Need::Browser => {
                assert_eq!(v.as_deref(), Some("UNAUTHENTICATED"), "{name}");
                assert_eq!(r.as_deref(), Some("UNAUTHENTICATED"), "{name}");
                assert!(!denied(&m), "{name}: {m:?}");
            }
            Need::Permission(_) | Need::Staff(_) => {
                assert_eq!(v.as_deref(), Some("UNAUTHENTICATED"), "{name}");
                assert_eq!(m.as_deref(), Some("FORBIDDEN"), "{name}");
            }
        }
        for code in [v, r, m].into_iter().flatten() {
            assert_ne!(code, "INTERNAL", "{name}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn others_are_seen_only_with_the_permission() {
    let world = World::new().await;
    let mirel = world.pilot(demo::MIREL).await;
    let teodric = world.pilot(demo::TEODRIC).await;
    let other = format!("user:{}", teodric.user_id().await);
    let user = "query($id:ID!){user(id:$id){username email permissions history(first:1){totalCount}}}";
    assert_eq!(mirel.gql(user, json!({"id": other})).await.data()["user"], json!(null));
    assert_eq!(
        mirel.gql(user, json!({"id": "user:999999"})).await.data()["user"],
        json!(null),
        "no difference to one that does not exist"
    );
    let owner = "query($id:EveId!){character(id:$id){name isMain user{username}}}";
    let data = mirel.gql(owner, json!({"id": demo::TEODRIC})).await.data();
    assert_eq!(data["character"], json!({"name": "Teodric Varn", "isMain": false, "user": null}));
    // Granted.
    let user_id = mirel.user_id().await;
    world
        .apply(Change::UserPermissions { user_id, grants: &[PermissionGrant::lasting("auth.view_user")] })
        .await
        .unwrap();
    let data = mirel.gql(user, json!({"id": other})).await.data();
    assert_eq!(data["user"]["username"], "Teodric_Varn");
    assert_eq!(data["user"]["email"], json!(null), "addresses need more");
    let data = mirel.gql(owner, json!({"id": demo::TEODRIC})).await.data();
    assert_eq!(data["character"]["user"]["username"], "Teodric_Varn");
    assert_eq!(mirel.ask("{users{totalCount nodes{username}}}").await["users"]["totalCount"], 2);
    // And taken.
    world.apply(Change::UserPermissions { user_id, grants: &[] }).await.unwrap();
    assert_eq!(mirel.gql("{users{totalCount}}", json!({})).await.code(), "FORBIDDEN");
}

#[tokio::test(flavor = "multi_thread")]
async fn notifications_of_others_are_out_of_reach() {
    let world = World::new().await;
    let mirel = world.pilot(demo::MIREL).await;
    let teodric = world.pilot(demo::TEODRIC).await;
    let ids = teodric.ask("{viewer{notifications{nodes{id}}}}").await;
    let id = ids["viewer"]["notifications"]["nodes"][0]["id"].clone();
    let read = "mutation($ids:[ID!]){readNotifications(input:{ids:$ids}){count}}";
    assert_eq!(mirel.gql(read, json!({"ids": [id]})).await.data()["readNotifications"]["count"], 0);
    assert_eq!(teodric.ask("{viewer{unreadNotifications}}").await["viewer"]["unreadNotifications"], 1);
    assert_eq!(teodric.gql(read, json!({"ids": [id]})).await.data()["readNotifications"]["count"], 1);
    assert_eq!(
        teodric.gql(read, json!({"ids": [id]})).await.data()["readNotifications"]["count"],
        0,
        "twice"
    );
    assert_eq!(teodric.gql(read, json!({"ids": ["user:1"]})).await.code(), "INVALID");
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_do_not_cost_a_statement_per_row() {
    let world = World::counting().await;
    let admin = world.pilot(demo::KAELEN).await;
    let user_id = admin.user_id().await;
    world.apply(Change::SuperuserChanged { user_id, is_superuser: true }).await.unwrap();
    let query = "{users(first:100){totalCount nodes{username state{name} permissions services{status} mainCharacter{name isMain corporation{name alliance{name}} alliance{name} faction{name} user{username}} characters{name corporation{ticker}}}}}";
    let cost = async || {
        let rows = admin.ask(query).await["users"]["totalCount"].as_i64().unwrap();
        (rows, world.cost(&admin, query).await)
    };
    // All kinds of things that can be loaded occur among the first four.
    for pilot in [demo::MIREL, demo::RHEA, demo::ANSGAR] {
        world.pilot(pilot).await;
    }
    let (rows, few) = cost().await;
    assert_eq!(rows, 4);
    for pilot in [
        demo::TEODRIC,
        demo::ORRIN,
        demo::YELENA,
        demo::BRAM,
        demo::NIMUE,
        demo::JOREK,
        demo::DAGAN,
        demo::VESPER,
        demo::TALLIS,
    ] {
        world.pilot(pilot).await;
    }
    let (rows, many) = cost().await;
    assert_eq!(rows, 13);
    assert_eq!(few, many, "for four users and for thirteen");
    assert!(many <= 20, "{many}");
}

#[test]
fn the_guide_tells_of_every_field() {
    let guide = include_str!("../../../docs/api.md");
    for (field, _) in DECLARED {
        let name = field.split_once('.').filter(|(of, _)| ["Query", "Mutation", "Subscription"].contains(of));
        let shown = format!("`{}`", name.map_or(*field, |(_, name)| name));
        assert!(guide.contains(&shown), "docs/api.md does not say who may use {field}");
    }
}
