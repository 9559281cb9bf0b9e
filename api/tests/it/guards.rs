//! Who may what: every root field declares it, and what is declared is what happens.

use std::{sync::Arc, time::Duration};

use async_graphql::{Request, Response};
use fealty_api::{
    access::{Change, PermissionGrant},
    events::{Event, Topic},
    graphql::{
        RequestContext, Viewer,
        guards::{DECLARED, INNER, Need, need_of},
    },
    identity::{api_token, session::Session, users},
    permissions::Grant,
};
use fealty_simulator::demo;
use futures_util::StreamExt;
use poem::http::header;
use serde_json::{Value, json};

use crate::support::{Browser, World, graphql, plain_group, send};

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
    let inner = INNER.iter().map(|(name, _)| *name);
    for name in DECLARED.iter().map(|(name, _)| *name).chain(inner) {
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

/// Somebody who asks.
enum Asker<'w> {
    Browser(Browser<'w>),
    Bot { token: String, user_id: i64 },
}

impl Asker<'_> {
    /// The code of the first error, or nothing.
    async fn outcome(&self, world: &World, document: &str) -> Option<String> {
        let reply = match self {
            Self::Browser(browser) => browser.gql(document, json!({})).await,
            Self::Bot { token, .. } => {
                let mut request = graphql(document, &json!({}));
                request.headers_mut().remove(header::ORIGIN);
                request
                    .headers_mut()
                    .insert(header::AUTHORIZATION, format!("Bearer {token}").parse().unwrap());
                send(world, request).await
            }
        };
        reply.json()["errors"][0]["extensions"]["code"].as_str().map(str::to_owned)
    }

    /// The user who asks; a visitor is none.
    async fn user_id(&self) -> i64 {
        match self {
            Self::Browser(browser) => browser.user_id().await,
            Self::Bot { user_id, .. } => *user_id,
        }
    }
}

async fn bot(world: &World, user_id: i64, scopes: Option<&[&str]>) -> Asker<'static> {
    let scopes: Option<Vec<String>> = scopes.map(|list| list.iter().map(|name| (*name).to_owned()).collect());
    let mut conn = world.conn().await;
    let made = api_token::create(&mut conn, &world.app, user_id, "A bot", scopes.as_deref(), None).await;
    Asker::Bot { token: made.unwrap().1.expose().to_owned(), user_id }
}

async fn hold(world: &World, user_id: i64, permissions: &[&str], is_staff: bool) {
    let grants: Vec<_> = permissions.iter().map(|name| PermissionGrant::lasting(name)).collect();
    world.apply(Change::UserPermissions { user_id, grants: &grants }).await.unwrap();
    world.apply(Change::StaffChanged { user_id, is_staff }).await.unwrap();
}

/// Every root field but the subscriptions, with what it needs and a document that asks for it. `user_id` asks.
async fn operations(schema: &Value, user_id: i64) -> Vec<(String, Need, String)> {
    let mut all = Vec::new();
    for (root, field) in roots(schema) {
        let name = format!("{root}.{}", field["name"].as_str().unwrap());
        // These end the session or register it, and are tried elsewhere.
        let ends = ["Mutation.logout", "Mutation.register", "Mutation.loginWithPassword"];
        if root == "Subscription" || ends.contains(&name.as_str()) {
            continue;
        }
        // Everybody's changes are for auditors, one's own for everybody.
        let document = if name == "Query.accessChanges" {
            format!("{{accessChanges(filter:{{personId:\"user:{user_id}\"}}){{__typename}}}}")
        } else {
            document(schema, &root, &field)
        };
        let need = need_of(&name).unwrap();
        all.push((name, need, document));
    }
    all
}

/// What somebody is told who has no permission: `None` lets him pass.
fn without_permission(
    need: Need,
    is_viewer: bool,
    is_registering: bool,
    is_bot: bool,
) -> Option<&'static str> {
    match need {
        Need::Nothing => None,
        Need::Registration => (!is_registering).then_some("UNAUTHENTICATED"),
        _ if !is_viewer => Some("UNAUTHENTICATED"),
        Need::Viewer => None,
        Need::Browser => is_bot.then_some("FORBIDDEN"),
        Need::Permission(_) | Need::Staff(_) => Some("FORBIDDEN"),
    }
}

/// Passed the guard, or was refused as expected; never broke.
fn check(who: &str, name: &str, code: Option<&str>, expected: Option<&str>) {
    let refused = code.filter(|code| matches!(*code, "UNAUTHENTICATED" | "FORBIDDEN"));
    assert_eq!(refused, expected, "{name} as {who}: {code:?}");
    assert_ne!(code, Some("INTERNAL"), "{name} as {who}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_no_permission_gets_what_needs_none() {
    let world = World::new().await;
    let schema = introspect(&world).await;
    let registering = world.browser();
    registering.log_in(demo::YELENA).await;
    let (member, leader) = (world.pilot(demo::MIREL).await, world.pilot(demo::TEODRIC).await);
    let staff = world.pilot(demo::ORRIN).await;
    hold(&world, staff.user_id().await, &[], true).await;
    let led = world.number("select coalesce(max(id), 0) + 1 from groups").await;
    let settings = plain_group("Scouts");
    world.apply(crate::support::new_group(led, settings)).await.unwrap();
    let leading = leader.user_id().await;
    world.apply(Change::GroupLeadersSet { group_id: led, users: &[leading], groups: &[] }).await.unwrap();
    let member_id = member.user_id().await;
    let full = bot(&world, member_id, None).await;
    let limited = bot(&world, member_id, Some(&["discord.access_discord"])).await;
    let askers = [
        ("a visitor", Asker::Browser(world.browser()), false, false, false),
        ("a registration", Asker::Browser(registering), false, true, false),
        ("a pilot", Asker::Browser(member), true, false, false),
        ("a leader", Asker::Browser(leader), true, false, false),
        ("staff without permissions", Asker::Browser(staff), true, false, false),
        ("a bot", full, true, false, true),
        ("a limited bot", limited, true, false, true),
    ];
    for (who, asker, is_viewer, is_registering, is_bot) in askers {
        let user_id = if is_viewer { asker.user_id().await } else { 1 };
        for (name, need, document) in operations(&schema, user_id).await {
            // Nobody else registers.
            let expected = without_permission(need, is_viewer, is_registering, is_bot);
            check(who, &name, asker.outcome(&world, &document).await.as_deref(), expected);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn exactly_the_permission_that_is_declared_is_enough() {
    let world = World::new().await;
    let schema = introspect(&world).await;
    let holder = world.pilot(demo::MIREL).await;
    let user_id = holder.user_id().await;
    let (holder, full) = (Asker::Browser(holder), bot(&world, user_id, None).await);
    let other = bot(&world, user_id, Some(&["auth.timer_view"])).await;
    let operations = operations(&schema, user_id).await;
    let mut names: Vec<&str> = Vec::new();
    for (_, need, _) in &operations {
        match need {
            Need::Permission(all) => names.extend(*all),
            Need::Staff(name) => names.push(name),
            _ => {}
        }
    }
    names.sort_unstable();
    names.dedup();
    assert!(names.len() > 12, "{names:?}");
    for name in names {
        let limited = bot(&world, user_id, Some(&[name])).await;
        for is_staff in [false, true] {
            // Another permission as well, so that the bot which is limited to it is not without any.
            hold(&world, user_id, &[name, "auth.timer_view"], is_staff).await;
            for (field, need, document) in &operations {
                let (is_enough, needs_staff) = match need {
                    Need::Permission(all) => (all.contains(&name), false),
                    Need::Staff(needed) => (*needed == name, true),
                    _ => continue,
                };
                // What it does not open was tried without any permission.
                if !is_enough {
                    continue;
                }
                let passes = (!needs_staff || is_staff).then_some(()).map_or(Some("FORBIDDEN"), |()| None);
                for (who, asker, expected) in [
                    ("its holder", &holder, passes),
                    ("his bot", &full, passes),
                    ("his bot, limited to it", &limited, passes),
                    ("his bot, limited to another", &other, Some("FORBIDDEN")),
                ] {
                    let who = format!("{who} ({name}, staff: {is_staff})");
                    check(&who, field, asker.outcome(&world, document).await.as_deref(), expected);
                }
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn superusers_pass_everywhere_and_their_bots_as_far_as_they_are_let() {
    let world = World::new().await;
    let schema = introspect(&world).await;
    let admin = world.pilot(demo::KAELEN).await;
    let user_id = admin.user_id().await;
    world.apply(Change::SuperuserChanged { user_id, is_superuser: true }).await.unwrap();
    let (full, limited) = (bot(&world, user_id, None).await, bot(&world, user_id, Some(&[])).await);
    let admin = Asker::Browser(admin);
    for (name, need, document) in operations(&schema, user_id).await {
        let for_bots = (need == Need::Browser).then_some("FORBIDDEN");
        let needs_registration = (need == Need::Registration).then_some("UNAUTHENTICATED");
        for (who, asker, expected) in [
            ("a superuser", &admin, needs_registration),
            ("his bot", &full, for_bots.or(needs_registration)),
            ("his bot, limited to nothing", &limited, without_permission(need, true, false, true)),
        ] {
            check(who, &name, asker.outcome(&world, &document).await.as_deref(), expected);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn subscriptions_are_for_whom_they_are_declared() {
    let world = World::new().await;
    let schema = introspect(&world).await;
    let registering = world.browser();
    registering.log_in(demo::YELENA).await;
    let user_id = world.pilot(demo::MIREL).await.user_id().await;
    let registration_id = world.number("select id from users where not is_active").await;
    let mut conn = world.conn().await;
    let user = users::find(&mut conn, user_id).await.unwrap().unwrap();
    let newcomer = users::find(&mut conn, registration_id).await.unwrap().unwrap();
    let state = fealty_api::states::list(&mut conn, &Grant::operator()).await.unwrap().remove(0);
    drop(conn);
    let session = |user: &users::User, is_registration: bool| Session {
        id: 1,
        is_registration,
        user: user.clone(),
        permission_ids: Vec::new(),
        state: state.clone(),
    };
    let bearer = |scopes: Option<Vec<String>>| api_token::Bearer {
        token_id: 1,
        name: "A bot".into(),
        scopes,
        user: user.clone(),
        permission_ids: Vec::new(),
    };
    let viewers = || {
        [
            ("a visitor", None, None),
            ("a registration", None, Some(session(&newcomer, true))),
            ("a pilot", Some(Viewer::from_session(session(&user, false), Vec::new())), None),
            ("a bot", Some(Viewer::from_bearer(bearer(None), Vec::new())), None),
            ("a limited bot", Some(Viewer::from_bearer(bearer(Some(Vec::new())), Vec::new())), None),
        ]
    };
    let happening = format!(
        "insert into notifications (user_id, level, kind, title, body, created_at)
         values ({user_id}, 'info', 'service_linked', 'Linked', '', now())"
    );
    let mut tried = 0;
    for (root, field) in roots(&schema) {
        if root != "Subscription" {
            continue;
        }
        let name = format!("{root}.{}", field["name"].as_str().unwrap());
        let need = need_of(&name).unwrap();
        for (who, viewer, registration) in viewers() {
            let expected =
                without_permission(need, viewer.is_some(), registration.is_some(), who.ends_with("bot"));
            let mut context = RequestContext::default();
            context.viewer = viewer.map(Arc::new);
            context.registration = registration;
            // As in `operations`.
            let document = if name == "Subscription.accessChanged" {
                format!("subscription{{accessChanged(filter:{{personId:\"user:{user_id}\"}}){{__typename}}}}")
            } else {
                document(&schema, &root, &field)
            };
            let request =
                Request::new(document).data(Arc::new(context)).data(fealty_api::graphql::loader(&world.app));
            let mut stream = Box::pin(world.schema.execute_stream(request));
            // Whoever passes hears of what happens to him; it happens until he does, for streams begin when they are polled.
            let heard = async {
                for turn in 0.. {
                    if let Ok(first) = tokio::time::timeout(Duration::from_millis(100), stream.next()).await {
                        return first.expect("an answer");
                    }
                    world.sql(&happening).await;
                    hold(&world, user_id, if turn % 2 == 0 { &["auth.timer_view"] } else { &[] }, false)
                        .await;
                    world.hub.publish(Event { topic: Topic::Access, users: vec![user_id] });
                    world.hub.publish(Event { topic: Topic::Audit, users: Vec::new() });
                }
                unreachable!("turns have no end")
            };
            let first =
                tokio::time::timeout(Duration::from_secs(20), heard).await.expect("silence is no answer");
            let first = serde_json::to_value(&first).unwrap();
            let code = first["errors"][0]["extensions"]["code"].as_str();
            check(who, &name, code, expected);
            assert_eq!(first["data"].is_object(), expected.is_none(), "{name} as {who}: {first}");
            tried += 1;
        }
    }
    assert!(tried >= 15, "{tried}");
}

#[tokio::test(flavor = "multi_thread")]
async fn fields_inside_are_shown_to_whom_the_list_says() {
    let world = World::new().await;
    let (viewer, other) = (world.pilot(demo::MIREL).await, world.pilot(demo::TEODRIC).await);
    let (user_id, other_id) = (viewer.user_id().await, other.user_id().await);
    let member = world.number("select id from states where name = 'Member'").await;
    let open = world.number("select coalesce(max(id), 0) + 1 from groups").await;
    let settings =
        fealty_api::access::GroupSettings { is_open: true, is_public: true, ..plain_group("Roams") };
    world.apply(crate::support::new_group(open, settings)).await.unwrap();
    let state = |field: &str| format!("{{viewer{{user{{state{{{field}}}}}}}}}");
    let group = |field: &str| format!("{{group(id:\"group:{open}\"){{{field}{{memberCount}}}}}}");
    let group_members = format!("{{group(id:\"group:{open}\"){{settings{{members{{totalCount}}}}}}}}");
    let character = |field: &str| format!("{{character(id:{}){{{field}}}}}", demo::TEODRIC);
    let edit = format!(
        "mutation{{updateState(input:{{id:\"state:{member}\",isPublic:true}}){{preview{{changes{{totalCount}}}}}}}}"
    );
    let editor: &[&str] = &["authentication.change_state"];
    // The field, what one needs to come so far, how to ask, where the answer stands, and how nothing looks.
    let cases = [
        (
            "User.email",
            &["auth.view_user"][..],
            format!("{{user(id:\"user:{other_id}\"){{email}}}}"),
            "/user/email",
            json!(null),
        ),
        (
            "Character.user",
            &["authentication.view_state"],
            character("user{id}"),
            "/character/user",
            json!(null),
        ),
        (
            "Character.isMain",
            &["authentication.view_state"],
            character("isMain"),
            "/character/isMain",
            json!(false),
        ),
        ("State.permissions", &[], state("permissions"), "/viewer/user/state/permissions", json!([])),
        (
            "State.members",
            &[],
            state("members{alliances{id}}"),
            "/viewer/user/state/members/alliances",
            json!([]),
        ),
        ("State.userCount", &[], state("userCount"), "/viewer/user/state/userCount", json!(0)),
        ("Group.management", &[], group("management"), "/group/management", json!(null)),
        ("Group.settings", &[], group("settings"), "/group/settings", json!(null)),
        (
            "GroupSettings.members",
            &["auth.view_group"],
            group_members,
            "/group/settings/members",
            json!(null),
        ),
        ("AccessPreview.changes", editor, edit, "/updateState/preview/changes", json!(null)),
    ];
    let named: Vec<&str> = cases.iter().map(|case| case.0).collect();
    let listed: Vec<&str> = INNER.iter().map(|(field, _)| *field).collect();
    assert_eq!(named, listed, "every one is tried");
    for ((field, permissions), (_, base, document, at, nothing)) in INNER.iter().zip(cases) {
        let shown = async |permissions: &[&str]| {
            hold(&world, user_id, permissions, true).await;
            let data = viewer.gql(&document, json!({})).await.data();
            data.pointer(at).unwrap_or_else(|| panic!("{field}: {data}")).clone()
        };
        assert_eq!(shown(base).await, nothing, "{field} without");
        assert_eq!(shown(&[base, &["auth.timer_view"]].concat()).await, nothing, "{field} with another");
        for permission in *permissions {
            assert_ne!(shown(&[base, &[permission]].concat()).await, nothing, "{field} with {permission}");
        }
    }
    // Whose it is sees it.
    hold(&world, user_id, &[], false).await;
    let own = viewer.ask("{viewer{user{email mainCharacter{isMain user{id}}}}}").await;
    assert_eq!(own["viewer"]["user"]["email"], format!("p{}@example.com", demo::MIREL));
    assert_eq!(own["viewer"]["user"]["mainCharacter"]["isMain"], true);
    world.apply(Change::GroupLeadersSet { group_id: open, users: &[user_id], groups: &[] }).await.unwrap();
    assert_ne!(viewer.ask(&group("management")).await["group"]["management"], json!(null));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_change_something_may_see_it() {
    let world = World::new().await;
    let (editor, other) = (world.pilot(demo::MIREL).await, world.pilot(demo::TEODRIC).await);
    let (user_id, other_id) = (editor.user_id().await, other.user_id().await);
    let other_id = format!("user:{other_id}");
    let asked = async |query: &str| editor.gql(query, json!({})).await;
    for (view, change, lists) in [
        ("auth.view_user", "auth.change_user", vec!["{users{totalCount}}".to_owned()]),
        (
            "authentication.view_state",
            "authentication.change_state",
            vec!["{state(id:\"state:1\"){permissions}}".to_owned()],
        ),
        ("auth.view_group", "auth.change_group", vec!["{groupLog(groupId:\"group:1\"){totalCount}}".into()]),
    ] {
        for query in &lists {
            for permission in [view, change] {
                hold(&world, user_id, &[permission], false).await;
                asked(query).await.data();
            }
            // Adding and deleting alone do not tell who is there.
            let only = [change.replace("change_", "add_"), change.replace("change_", "delete_")];
            hold(&world, user_id, &[&only[0], &only[1]], true).await;
            assert_eq!(asked(query).await.code(), "FORBIDDEN", "{query}");
        }
    }
    hold(&world, user_id, &["auth.change_user"], false).await;
    let user = format!(
        "{{user(id:\"{other_id}\"){{username email}} explain(input:{{userId:\"{other_id}\",subject:{{service:\"discord\"}}}}){{isGranted}}}}"
    );
    let seen = asked(&user).await.data();
    assert_eq!(
        (&seen["user"]["username"], &seen["explain"]["isGranted"]),
        (&json!("Teodric_Varn"), &json!(true))
    );
    // Groups that nobody told him of.
    world
        .sql("insert into groups (name, is_internal, created_at) values ('Inner Circle', true, now())")
        .await;
    hold(&world, user_id, &["auth.change_group"], false).await;
    let groups = asked("{groups{nodes{name settings{memberCount}}}}").await.data();
    let expected = json!([{"name": "Inner Circle", "settings": {"memberCount": 0}}]);
    assert_eq!(groups["groups"]["nodes"], expected);
    hold(&world, user_id, &["auth.delete_group"], true).await;
    assert_eq!(asked("{groups{totalCount}}").await.data()["groups"]["totalCount"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_chooses_among_states_knows_their_names_and_no_more() {
    let world = World::new().await;
    let editor = world.pilot(demo::MIREL).await;
    let user_id = editor.user_id().await;
    let query = "{states{name permissions userCount members{alliances{id}}}}";
    let choosing =
        ["auth.add_group", "auth.change_group", "auth.view_group", "auth.view_user", "auth.change_user"];
    for (permission, is_staff) in choosing.into_iter().zip([true, true, false, false, false]) {
        hold(&world, user_id, &[permission], is_staff).await;
        let states = editor.gql(query, json!({})).await.data()["states"].clone();
        let named: Vec<&str> =
            states.as_array().unwrap().iter().map(|s| s["name"].as_str().unwrap()).collect();
        assert_eq!(named, ["Member", "Blue", "Guest"]);
        for state in states.as_array().unwrap() {
            let told = (&state["permissions"], &state["userCount"], &state["members"]["alliances"]);
            assert_eq!(told, (&json!([]), &json!(0), &json!([])), "{state}");
        }
        assert_eq!(editor.gql("{state(id:\"state:1\"){name}}", json!({})).await.code(), "FORBIDDEN");
    }
    for permission in ["auth.add_user", "auth.delete_group", "auth.group_management", "admin.view_logentry"] {
        hold(&world, user_id, &[permission], true).await;
        assert_eq!(editor.gql(query, json!({})).await.code(), "FORBIDDEN", "{permission}");
    }
    hold(&world, user_id, &["auth.view_user"], false).await;
    let blue = world.number("select id from states where name = 'Blue'").await;
    let about = format!("{{explain(input:{{subject:{{stateId:\"state:{blue}\"}}}}){{isGranted}}}}");
    let unknown = editor.gql(&about, json!({})).await.data();
    assert_eq!(unknown["explain"], json!(null), "a name is no right to ask");
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
    assert_eq!(data["character"], json!(null), "that he is known here is a secret, too");
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

/// A hostile CEO logs in and asks which of his members have an account with his enemies.
#[tokio::test(flavor = "multi_thread")]
async fn whom_the_site_knows_is_for_those_who_see_users_or_states() {
    let world = World::new().await;
    let (asker, other) = (world.pilot(demo::VESPER).await, world.pilot(demo::MIREL).await);
    let user_id = asker.user_id().await;
    let where_from = other.ask("{viewer{user{mainCharacter{corporation{id} alliance{id}}}}}").await;
    let main = &where_from["viewer"]["user"]["mainCharacter"];
    let (corporation, alliance) = (main["corporation"]["id"].clone(), main["alliance"]["id"].clone());
    let document = format!(
        "{{character(id:{}){{name}} corporation(id:{corporation}){{id}} alliance(id:{alliance}){{id}}
           characters{{totalCount nodes{{id}}}} found:characters(filter:{{corporationId:{corporation}}}){{totalCount}}
           named:characters(filter:{{search:\"mirel\"}}){{totalCount}}
           corporations(first:100){{totalCount nodes{{id}}}} alliances(first:100){{totalCount nodes{{id}}}}}}",
        demo::MIREL
    );
    let known = async |table: &str| world.number(&format!("select count(*) from {table}")).await;
    let own = async |column: &str| {
        let sql = format!(
            "select count(distinct c.{column}) from character_ownerships o join characters c on c.id = o.character_id
             where o.user_id = {user_id}"
        );
        world.number(&sql).await
    };
    let sees_nothing = |data: &Value| {
        assert_eq!([&data["character"], &data["corporation"], &data["alliance"]], [&json!(null); 3]);
        assert_eq!([&data["found"]["totalCount"], &data["named"]["totalCount"]], [&json!(0); 2]);
    };
    let (k, a) = (known("corporations").await, known("alliances").await);
    let bot = bot(&world, user_id, Some(&["auth.timer_view"])).await;
    for permissions in [&[][..], &["auth.timer_view", "auth.view_group", "auth.group_management"]] {
        hold(&world, user_id, permissions, true).await;
        let data = asker.ask(&document).await;
        sees_nothing(&data);
        assert_eq!(data["characters"], json!({"totalCount": 1, "nodes": [{"id": demo::VESPER}]}));
        assert_eq!(data["corporations"]["totalCount"], own("corporation_id").await);
        assert_eq!(data["alliances"]["totalCount"], own("alliance_id").await);
        assert!(own("corporation_id").await < k && own("alliance_id").await < a);
        let himself =
            asker.ask(&format!("{{character(id:{}){{name corporation{{id}}}}}}", demo::VESPER)).await;
        let corporation = himself["character"]["corporation"]["id"].clone();
        assert_eq!(data["corporations"]["nodes"], json!([{"id": corporation}]));
        let his = asker.ask(&format!("{{corporation(id:{corporation}){{id}}}}")).await;
        assert_eq!(his["corporation"]["id"], corporation);
    }
    for permission in fealty_shared::permission::SEES_DIRECTORY {
        hold(&world, user_id, &[permission, "auth.timer_view"], false).await;
        let data = asker.ask(&document).await;
        assert_eq!(data["character"]["name"], "Mirel Ostavane", "{permission}");
        assert_eq!(data["corporation"]["id"], corporation);
        assert_eq!(data["alliance"]["id"], alliance);
        assert_eq!([&data["found"]["totalCount"], &data["named"]["totalCount"]], [&json!(1); 2]);
        assert_eq!(data["characters"]["totalCount"], known("characters").await);
        assert_eq!(data["corporations"]["totalCount"], k);
        assert_eq!(data["alliances"]["totalCount"], a);
        // A token that is limited to something else does not see it.
        let Asker::Bot { token, .. } = &bot else { unreachable!("a bot") };
        let mut request = graphql(&document, &json!({}));
        request.headers_mut().remove(header::ORIGIN);
        request.headers_mut().insert(header::AUTHORIZATION, format!("Bearer {token}").parse().unwrap());
        sees_nothing(&send(&world, request).await.data());
    }
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
    let inner = INNER.iter().map(|(field, _)| *field);
    for field in DECLARED.iter().map(|(field, _)| *field).chain(inner) {
        let name = field.split_once('.').filter(|(of, _)| ["Query", "Mutation", "Subscription"].contains(of));
        let shown = format!("`{}`", name.map_or(field, |(_, name)| name));
        assert!(guide.contains(&shown), "docs/api.md does not say who may use {field}");
    }
}
