//! Lists: filtered, ordered, searched and paged by the server.

use fealty_api::access::{Change, Joined, Membership};
use fealty_simulator::demo;
use serde_json::{Value, json};

use super::{CLOSED, Flags, HIDDEN, INTERNAL, OPEN, grant, group, join, lead, leave, put, superuser};
use crate::support::{Browser, World};

async fn names(browser: &Browser<'_>, args: &str) -> Vec<String> {
    let args = if args.is_empty() { String::new() } else { format!("({args})") };
    let data = browser.ask(&format!("{{groups{args}{{totalCount nodes{{name}}}}}}")).await;
    let nodes = data["groups"]["nodes"].as_array().unwrap();
    assert_eq!(data["groups"]["totalCount"], nodes.len());
    nodes.iter().map(|node| node["name"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_are_filtered_and_ordered() {
    let world = World::new().await;
    let (admin, leader) = (world.pilot(demo::KAELEN).await, world.pilot(demo::TEODRIC).await);
    let (id, leading) = (admin.user_id().await, leader.user_id().await);
    grant(&world, id, &["auth.view_group", "auth.view_user"]).await;
    let alpha = group(&world, "alpha", OPEN).await;
    let beta = group(&world, "Beta 100%", CLOSED).await;
    group(&world, "Gamma", Flags { public: true, restricted: true, ..HIDDEN }).await;
    let delta = group(&world, "Delta", INTERNAL).await;
    lead(&world, alpha, &[leading], &[]).await;
    lead(&world, beta, &[], &[delta]).await;
    put(&world, beta, &[id, leading]).await;
    put(&world, delta, &[id]).await;
    assert_eq!(names(&admin, "").await, ["alpha", "Beta 100%", "Delta", "Gamma"]);
    for (filter, expected) in [
        ("search:\"ALPH\"", vec!["alpha"]),
        ("search:\"%\"", vec!["Beta 100%"]),
        ("search:\"\\u0000\"", vec!["alpha", "Beta 100%", "Delta", "Gamma"]),
        ("isInternal:true", vec!["Delta"]),
        ("isHidden:true", vec!["Gamma"]),
        ("isOpen:true", vec!["alpha"]),
        ("isOpen:false,isInternal:false", vec!["Beta 100%", "Gamma"]),
        ("isPublic:true", vec!["Gamma"]),
        ("isRestricted:true", vec!["Gamma"]),
        ("hasLeader:true", vec!["alpha", "Beta 100%"]),
        ("hasLeader:false", vec!["Delta", "Gamma"]),
        ("isManaged:true", vec!["Beta 100%"]),
        ("isManaged:false", vec!["alpha", "Delta", "Gamma"]),
    ] {
        assert_eq!(names(&admin, &format!("filter:{{{filter}}}")).await, expected, "{filter}");
    }
    for (order, expected) in [
        ("field:NAME,direction:DESC", ["Gamma", "Delta", "Beta 100%", "alpha"]),
        ("field:MEMBER_COUNT,direction:DESC", ["Beta 100%", "Delta", "Gamma", "alpha"]),
        ("field:CREATED_AT,direction:ASC", ["alpha", "Beta 100%", "Gamma", "Delta"]),
    ] {
        assert_eq!(names(&admin, &format!("orderBy:{{{order}}}")).await, expected, "{order}");
    }
    assert_eq!(names(&leader, "").await, ["alpha"], "leaders see theirs");
    assert_eq!(names(&leader, "filter:{isManaged:false}").await, [""; 0]);
    // Page by page.
    let mut after = String::new();
    let mut all = Vec::new();
    for _ in 0..4 {
        let data =
            admin.ask(&format!("{{groups(first:1{after}){{nodes{{name}} pageInfo{{endCursor}}}}}}")).await;
        all.push(data["groups"]["nodes"][0]["name"].as_str().unwrap().to_owned());
        after = format!(",after:{}", data["groups"]["pageInfo"]["endCursor"]);
    }
    assert_eq!(all, ["alpha", "Beta 100%", "Delta", "Gamma"]);
    // Users by group.
    let users = admin.gql("query($g:ID!){users(filter:{groupId:$g}){nodes{username isStaff stateSince groups{group{name}}}}}", json!({"g": format!("group:{beta}")})).await.data();
    let found: Vec<&Value> =
        users["users"]["nodes"].as_array().unwrap().iter().map(|node| &node["username"]).collect();
    assert_eq!(found, ["Kaelen_Vashtar", "Teodric_Varn"]);
    assert_eq!(
        users["users"]["nodes"][0]["groups"],
        json!([{"group": {"name": "Beta 100%"}}, {"group": {"name": "Delta"}}])
    );
    let staff =
        async || admin.ask("{users(filter:{isStaff:true}){totalCount}}").await["users"]["totalCount"].clone();
    assert_eq!(staff().await, 0);
    superuser(&world, leading).await;
    assert_eq!(staff().await, 1);
    assert_eq!(
        admin.gql("{users(filter:{groupId:\"user:1\"}){totalCount}}", json!({})).await.code(),
        "INVALID"
    );
    assert_eq!(admin.ask("{viewer{isStaff}}").await["viewer"]["isStaff"], false);
}

#[tokio::test(flavor = "multi_thread")]
async fn members_are_found_by_any_of_their_characters() {
    let world = World::new().await;
    let (mirel, leader) = (world.pilot(demo::MIREL).await, world.pilot(demo::TEODRIC).await);
    mirel.add(demo::SUNNIVA).await;
    let scouts = group(&world, "Scouts", CLOSED).await;
    let (member, leading) = (mirel.user_id().await, leader.user_id().await);
    lead(&world, scouts, &[leading], &[]).await;
    grant(&world, leading, &["auth.view_user"]).await;
    put(&world, scouts, &[member, leading]).await;
    let found = async |search: &str| {
        let query = "query($g:ID!,$s:String){group(id:$g){management{members(filter:{search:$s}){totalCount nodes{isLeader person{username}}}}}}";
        let data = leader.gql(query, json!({"g": format!("group:{scouts}"), "s": search})).await.data();
        let members = data["group"]["management"]["members"].clone();
        let nodes = members["nodes"].as_array().unwrap().clone();
        assert_eq!(members["totalCount"], nodes.len());
        nodes
            .iter()
            .map(|n| (n["person"]["username"].as_str().unwrap().to_owned(), n["isLeader"] == true))
            .collect::<Vec<_>>()
    };
    let (m, t) = (("Mirel_Ostavane".to_owned(), false), ("Teodric_Varn".to_owned(), true));
    assert_eq!(found("").await, [m.clone(), t.clone()]);
    assert_eq!(found("unniv").await, [m], "his alt");
    assert_eq!(found("VARN").await, [t]);
    assert_eq!(found("_%").await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_come_oldest_first_and_can_be_narrowed() {
    let world = World::new().await;
    let (mirel, bram, manager) =
        (world.pilot(demo::MIREL).await, world.pilot(demo::BRAM).await, world.pilot(demo::TEODRIC).await);
    grant(&world, manager.user_id().await, &["auth.group_management"]).await;
    let (one, two) = (group(&world, "One", CLOSED).await, group(&world, "Two", CLOSED).await);
    put(&world, two, &[bram.user_id().await]).await;
    for (browser, id) in [(&mirel, two), (&mirel, one), (&bram, one)] {
        assert_eq!(join(browser, id).await, if id == two || id == one { "REQUESTED" } else { "" });
        world.wait(chrono::Duration::minutes(1));
    }
    assert_eq!(leave(&bram, two).await, "REQUESTED");
    let list = async |filter: &str| {
        let data = manager.ask(&format!("{{groupRequests(filter:{{{filter}}}){{totalCount nodes{{kind group{{name}} person{{username}}}}}}}}")).await;
        let nodes = data["groupRequests"]["nodes"].as_array().unwrap().clone();
        assert_eq!(data["groupRequests"]["totalCount"], nodes.len());
        nodes
            .iter()
            .map(|n| {
                format!(
                    "{} {} {}",
                    n["person"]["username"].as_str().unwrap(),
                    n["kind"].as_str().unwrap(),
                    n["group"]["name"].as_str().unwrap()
                )
            })
            .collect::<Vec<_>>()
    };
    let all = [
        "Mirel_Ostavane JOIN Two",
        "Mirel_Ostavane JOIN One",
        "Bram_Okonta JOIN One",
        "Bram_Okonta LEAVE Two",
    ];
    let all: Vec<String> = {
        let bram = bram.ask("{viewer{user{username}}}").await["viewer"]["user"]["username"]
            .as_str()
            .unwrap()
            .to_owned();
        all.iter().map(|text| text.replace("Bram_Okonta", &bram)).collect()
    };
    assert_eq!(list("").await, all);
    assert_eq!(list("kind:LEAVE").await, all[3..]);
    assert_eq!(list(&format!("groupId:\"group:{one}\"")).await, all[1..3]);
    assert_eq!(list("search:\"ostav\"").await, all[..2]);
    assert_eq!(
        manager.gql("{groupRequests(filter:{groupId:\"x\"}){totalCount}}", json!({})).await.code(),
        "INVALID"
    );
}

/// Every row of a list of a group's management by pages of one, as `field` says it.
async fn one_by_one(
    browser: &Browser<'_>,
    group_id: i64,
    list: &str,
    args: &str,
    field: &str,
) -> Vec<String> {
    let (mut all, mut after) = (Vec::new(), String::new());
    loop {
        let query = format!(
            "{{group(id:\"group:{group_id}\"){{management{{{list}(first:1{args}{after}){{nodes{{{field}}} pageInfo{{endCursor hasNextPage}}}}}}}}}}"
        );
        let page = browser.ask(&query).await["group"]["management"][list].clone();
        for node in page["nodes"].as_array().unwrap() {
            let text = if field.starts_with("person") { &node["person"]["username"] } else { &node[field] };
            all.push(text.as_str().unwrap().to_owned());
        }
        if page["pageInfo"]["hasNextPage"] == false {
            return all;
        }
        after = format!(",after:{}", page["pageInfo"]["endCursor"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn members_and_requests_are_ordered() {
    let world = World::new().await;
    let (mirel, teodric) = (world.pilot(demo::MIREL).await, world.pilot(demo::TEODRIC).await);
    let manager = world.pilot(demo::KAELEN).await;
    grant(&world, manager.user_id().await, &["auth.group_management"]).await;
    let scouts = group(&world, "Scouts", CLOSED).await;
    for browser in [&teodric, &mirel] {
        assert_eq!(join(browser, scouts).await, "REQUESTED");
        world.wait(chrono::Duration::minutes(1));
    }
    let requests = async |order: &str| -> Vec<String> {
        let (mut all, mut after) = (Vec::new(), String::new());
        loop {
            let query = format!(
                "{{groupRequests(first:1{order}{after}){{nodes{{person{{username}}}} pageInfo{{endCursor hasNextPage}}}}}}"
            );
            let page = manager.ask(&query).await["groupRequests"].clone();
            all.push(page["nodes"][0]["person"]["username"].as_str().unwrap().to_owned());
            if page["pageInfo"]["hasNextPage"] == false {
                return all;
            }
            after = format!(",after:{}", page["pageInfo"]["endCursor"]);
        }
    };
    let (m, t, k) = ("Mirel_Ostavane", "Teodric_Varn", "Kaelen_Vashtar");
    assert_eq!(requests("").await, [t, m], "oldest first");
    assert_eq!(requests(",orderBy:{field:CREATED_AT,direction:DESC}").await, [m, t]);
    assert_eq!(requests(",orderBy:{field:NAME,direction:ASC}").await, [m, t]);
    assert_eq!(requests(",orderBy:{field:NAME,direction:DESC}").await, [t, m]);
    for browser in [&teodric, &manager, &mirel] {
        put(&world, scouts, &[browser.user_id().await]).await;
        world.wait(chrono::Duration::minutes(1));
    }
    let members =
        async |order: &str| one_by_one(&manager, scouts, "members", order, "person{username}").await;
    assert_eq!(members("").await, [k, m, t]);
    assert_eq!(members(",orderBy:{field:NAME,direction:DESC}").await, [t, m, k]);
    assert_eq!(members(",orderBy:{field:SINCE,direction:ASC}").await, [t, k, m]);
    assert_eq!(members(",orderBy:{field:SINCE,direction:DESC}").await, [m, k, t]);
    let last = format!(
        "{{group(id:\"group:{scouts}\"){{management{{members(last:2,orderBy:{{field:SINCE,direction:ASC}}){{nodes{{person{{username}}}}}}}}}}}}"
    );
    let last = manager.ask(&last).await["group"]["management"]["members"]["nodes"].clone();
    assert_eq!(last, json!([{"person": {"username": k}}, {"person": {"username": m}}]));
    let now = fealty_api::clock::Clock::now(&*world.clock);
    for (browser, days) in [(&teodric, 1), (&manager, 2)] {
        let membership = Membership {
            group_id: scouts,
            users: &[browser.user_id().await],
            starts_at: None,
            ends_at: Some(now + chrono::Duration::days(days)),
            reason: "",
            how: Joined::Added,
        };
        world.apply(Change::MembersAdded(membership)).await.unwrap();
    }
    assert_eq!(members(",orderBy:{field:ENDS_AT,direction:ASC}").await, [t, k, m], "who stays for good last");
    assert_eq!(members(",orderBy:{field:ENDS_AT,direction:DESC}").await, [m, k, t]);
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_are_ordered_by_the_requests_that_one_may_know_of() {
    let world = World::new().await;
    let (mirel, bram) = (world.pilot(demo::MIREL).await, world.pilot(demo::BRAM).await);
    let (manager, viewer) = (world.pilot(demo::KAELEN).await, world.pilot(demo::TEODRIC).await);
    grant(&world, manager.user_id().await, &["auth.group_management"]).await;
    grant(&world, viewer.user_id().await, &["auth.view_group"]).await;
    let few = group(&world, "Few", CLOSED).await;
    let many = group(&world, "Many", CLOSED).await;
    group(&world, "None", CLOSED).await;
    for (browser, id) in [(&mirel, many), (&bram, many), (&mirel, few)] {
        assert_eq!(join(browser, id).await, "REQUESTED");
    }
    let (rising, falling) =
        ("orderBy:{field:REQUEST_COUNT,direction:ASC}", "orderBy:{field:REQUEST_COUNT,direction:DESC}");
    assert_eq!(names(&manager, falling).await, ["Many", "Few", "None"]);
    assert_eq!(names(&manager, rising).await, ["None", "Few", "Many"]);
    // Whoever only sees groups is not told which of them are sought.
    assert_eq!(names(&viewer, rising).await, ["Few", "Many", "None"], "by id");
    lead(&world, few, &[viewer.user_id().await], &[]).await;
    assert_eq!(names(&viewer, rising).await, ["Many", "None", "Few"], "his own alone");
}

const LOG: &str = "query($g:ID!,$f:GroupLogFilter,$n:Int,$a:String){
    groupLog(groupId:$g,filter:$f,first:$n,after:$a){totalCount nodes{groupName userId username kind action} pageInfo{endCursor hasNextPage}}}";

#[tokio::test(flavor = "multi_thread")]
async fn logs_are_narrowed_and_outlive_their_group() {
    use fealty_api::access::Removed;
    let world = World::new().await;
    let (mirel, teodric) = (world.pilot(demo::MIREL).await, world.pilot(demo::TEODRIC).await);
    let leader = world.pilot(demo::KAELEN).await;
    let scouts = group(&world, "Scouts", CLOSED).await;
    let (m, t, l) = (mirel.user_id().await, teodric.user_id().await, leader.user_id().await);
    lead(&world, scouts, &[l], &[]).await;
    put(&world, scouts, &[m]).await;
    world.wait(chrono::Duration::minutes(1));
    let between = fealty_api::clock::Clock::now(&*world.clock).to_rfc3339();
    join(&teodric, scouts).await;
    super::retract(&teodric, scouts).await;
    let removed = Change::MembersRemoved { group_id: scouts, users: &[m], how: Removed::Removed, note: "" };
    world.apply(removed).await.unwrap();
    // Another group's log is another log.
    put(&world, group(&world, "Haulers", CLOSED).await, &[m, t]).await;
    let said = |list: &Value| -> Vec<String> {
        let nodes = list["nodes"].as_array().unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        nodes
            .iter()
            .map(|n| format!("{} {} {}", text(&n["username"]), text(&n["kind"]), text(&n["action"])))
            .collect()
    };
    let theirs = async |filter: Value| {
        let query = "query($g:ID!,$f:GroupLogFilter){group(id:$g){management{log(filter:$f){totalCount nodes{username kind action}}}}}";
        let data = leader.gql(query, json!({"g": format!("group:{scouts}"), "f": filter})).await.data();
        let list = data["group"]["management"]["log"].clone();
        assert_eq!(list["totalCount"], list["nodes"].as_array().unwrap().len());
        said(&list)
    };
    let all =
        ["Mirel_Ostavane REMOVAL REMOVED", "Teodric_Varn JOIN RETRACTED", "Mirel_Ostavane ADDITION ADDED"];
    for (filter, expected) in [
        (json!({}), all.to_vec()),
        (json!({"search": "OSTAV"}), vec![all[0], all[2]]),
        (json!({"search": "odric v"}), vec![all[1]]),
        (json!({"search": "_%"}), vec![]),
        (json!({"search": "\u{0}"}), all.to_vec()),
        (json!({"personId": format!("user:{t}")}), vec![all[1]]),
        (json!({"personId": "user:999999"}), vec![]),
        (json!({"kinds": ["JOIN", "ADDITION"]}), vec![all[1], all[2]]),
        (json!({"kinds": [], "actions": ["REMOVED"]}), vec![all[0]]),
        (json!({"kinds": ["JOIN"], "actions": ["REMOVED"]}), vec![]),
        (json!({"from": between}), vec![all[0], all[1]]),
        (json!({"to": between}), vec![all[2]]),
        (json!({"from": "0000-01-01T00:00:00Z", "to": between, "search": "mirel"}), vec![all[2]]),
    ] {
        assert_eq!(theirs(filter.clone()).await, expected, "{filter}");
    }
    // Leaders find theirs there; the rest is for who may see groups, or the audit log.
    let variables = json!({"g": format!("group:{scouts}")});
    for browser in [&leader, &mirel] {
        assert_eq!(browser.gql(LOG, variables.clone()).await.code(), "FORBIDDEN");
    }
    assert_eq!(world.browser().gql(LOG, variables.clone()).await.code(), "UNAUTHENTICATED");
    for permission in ["auth.view_group", "auth.change_group", "admin.view_logentry"] {
        grant(&world, t, &[permission]).await;
        let list = teodric.gql(LOG, variables.clone()).await.data()["groupLog"].clone();
        assert_eq!(said(&list), all, "{permission}");
        assert_eq!(list["nodes"][1]["userId"], format!("user:{t}"));
    }
    // Renamed, internal, deleted: it stays, with names as they were.
    let settings = super::settings("Eyes", INTERNAL);
    world.apply(Change::GroupEdited { group_id: scouts, settings }).await.unwrap();
    put(&world, scouts, &[t]).await;
    world.apply(Change::GroupDeleted { group_id: scouts }).await.unwrap();
    let list = teodric.gql(LOG, variables.clone()).await.data()["groupLog"].clone();
    assert_eq!(said(&list)[..2], ["Teodric_Varn REMOVAL REMOVED", "Teodric_Varn ADDITION ADDED"]);
    assert_eq!(said(&list)[2..], all);
    let names: Vec<_> = list["nodes"].as_array().unwrap().iter().map(|n| n["groupName"].clone()).collect();
    assert_eq!(names, ["Eyes", "Eyes", "Scouts", "Scouts", "Scouts"]);
    // Page by page, and what makes no sense.
    let (mut seen, mut after) = (Vec::new(), json!(null));
    loop {
        let page = json!({"g": format!("group:{scouts}"), "n": 2, "a": after});
        let list = teodric.gql(LOG, page).await.data()["groupLog"].clone();
        assert_eq!(list["totalCount"], 5);
        seen.extend(said(&list));
        after = list["pageInfo"]["endCursor"].clone();
        if list["pageInfo"]["hasNextPage"] == false {
            break;
        }
    }
    assert_eq!(seen, said(&list));
    let never = teodric.gql(LOG, json!({"g": "group:999999"})).await.data();
    assert_eq!(never["groupLog"]["totalCount"], 0);
    for (id, filter) in [
        ("user:1", json!({})),
        ("group:1", json!({"personId": "x"})),
        ("group:1", json!({"from": between, "to": "2000-01-01T00:00:00Z"})),
    ] {
        assert_eq!(teodric.gql(LOG, json!({"g": id, "f": filter})).await.code(), "INVALID", "{filter}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn limited_bots_lead_nothing() {
    use fealty_api::identity::api_token;
    let world = World::new().await;
    let (mirel, leader) = (world.pilot(demo::MIREL).await, world.pilot(demo::TEODRIC).await);
    let scouts = group(&world, "Scouts", CLOSED).await;
    let leading = leader.user_id().await;
    lead(&world, scouts, &[leading], &[]).await;
    join(&mirel, scouts).await;
    let ask = async |scopes: Option<&[String]>, query: &str| {
        let mut conn = world.conn().await;
        let token = api_token::create(&mut conn, &world.app, leading, "A bot", scopes, None).await.unwrap().1;
        drop(conn);
        let mut request = crate::support::graphql(query, &json!({}));
        request.headers_mut().remove("origin");
        request.headers_mut().insert("authorization", format!("Bearer {}", token.expose()).parse().unwrap());
        crate::support::send(&world, request).await
    };
    let query = "{groups{totalCount} groupRequests{totalCount} viewer{groupRequestCount managesGroups}}";
    let full = ask(None, query).await.data();
    assert_eq!((&full["groups"]["totalCount"], &full["groupRequests"]["totalCount"]), (&json!(1), &json!(1)));
    let limited = ask(Some(&["auth.view_user".into()]), query).await.data();
    assert_eq!(
        (&limited["groups"]["totalCount"], &limited["groupRequests"]["totalCount"]),
        (&json!(0), &json!(0))
    );
    assert_eq!(limited["viewer"], json!({"groupRequestCount": 0, "managesGroups": false}));
    let add = format!(
        "mutation{{addGroupMembers(input:{{groupId:\"group:{scouts}\",userIds:[\"user:{leading}\"]}}){{status}}}}"
    );
    assert_eq!(
        ask(Some(&["auth.view_user".into()]), &add).await.data()["addGroupMembers"]["status"],
        "NOT_FOUND"
    );
    assert_eq!(ask(None, &add).await.data()["addGroupMembers"]["status"], "DONE");
    let join = format!("mutation{{joinGroup(input:{{groupId:\"group:{scouts}\"}}){{status}}}}");
    assert_eq!(ask(None, &join).await.code(), "FORBIDDEN", "one's own memberships are for the browser");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_has_a_group_of_each_kind() {
    let world = World::new().await;
    fealty_api::demo::load_groups(&world.app).await.unwrap();
    let mirel = world.pilot(demo::MIREL).await;
    let rhea = world.pilot(demo::RHEA).await;
    assert_eq!(
        super::page(&mirel).await,
        ["Capital Pilots", "Council", "Mining Fleet", "Public Roams", "Scouts", "Treasury"]
    );
    assert_eq!(super::page(&rhea).await, ["Public Roams"]);
    let council = world.number("select id from groups where name = 'Council'").await;
    assert_eq!(join(&mirel, council).await, "JOINED");
    assert_eq!(names(&mirel, "").await, ["Black Ops", "Capital Pilots", "Scouts"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn loading_the_demo_again_changes_nothing() {
    let load = async |world: &World| {
        fealty_api::demo::load(&world.app).await.unwrap();
        fealty_api::demo::load_groups(&world.app).await.unwrap();
    };
    let entries = "select count(*) from audit_entries";
    let edits = "select count(*) from audit_entries where kind = 'state_edited' and actor_kind = 'operator'
                 and before <> after";
    let world = World::new().await;
    load(&world).await;
    assert_eq!(world.number("select count(*) from groups").await, 8);
    assert_eq!(world.number(edits).await, 2, "Member and Blue, with what they were and are");
    let before = world.number(entries).await;
    load(&world).await;
    assert_eq!(world.number("select count(*) from groups").await, 8);
    assert_eq!(world.number(entries).await, before, "nothing was done, so nothing is said");
    // What somebody tried out is taken back, and that is said.
    let state_id = super::state(&world, "Blue").await;
    let permissions = &["discord.access_discord"];
    world.apply(Change::StatePermissionsSet { state_id, permissions }).await.unwrap();
    load(&world).await;
    assert_eq!(world.number(edits).await, 3);
    let left = format!("select count(*) from state_permissions where state_id = {state_id}");
    assert_eq!(world.number(&left).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_shown_of_groups_is_never_stale() {
    let world = World::new().await;
    let (mirel, leader) = (world.pilot(demo::MIREL).await, world.pilot(demo::TEODRIC).await);
    leader.add(demo::SUNNIVA).await;
    let leading = leader.user_id().await;
    let query =
        "{viewer{groups{name isOpen states{name} leaders{username mainCharacter{name}} leaderGroups{name}}}}";
    let shown = async || mirel.ask(query).await["viewer"]["groups"].clone();
    assert_eq!(shown().await, json!([]));
    let scouts = group(&world, "Scouts", CLOSED).await;
    let mut expected =
        json!({"name": "Scouts", "isOpen": false, "states": [], "leaders": [], "leaderGroups": []});
    assert_eq!(shown().await, json!([expected]));
    lead(&world, scouts, &[leading], &[]).await;
    expected["leaders"] = json!([{"username": "Teodric_Varn", "mainCharacter": {"name": "Teodric Varn"}}]);
    assert_eq!(shown().await, json!([expected]));
    world.apply(Change::MainChanged { user_id: leading, character_id: demo::SUNNIVA }).await.unwrap();
    expected["leaders"][0]["mainCharacter"]["name"] = json!("Sunniva Hald");
    assert_eq!(shown().await, json!([expected]), "another main");
    world.sql(&format!("update characters set name = 'Sunniva Ek' where id = {}", demo::SUNNIVA)).await;
    expected["leaders"][0]["mainCharacter"]["name"] = json!("Sunniva Ek");
    assert_eq!(shown().await, json!([expected]), "another name");
    world.sql(&format!("update users set username = 'Chief' where id = {leading}")).await;
    expected["leaders"][0]["username"] = json!("Chief");
    assert_eq!(shown().await, json!([expected]), "another user name");
    super::limit(&world, scouts, &[super::state(&world, "Member").await]).await;
    expected["states"] = json!([{"name": "Member"}]);
    assert_eq!(shown().await, json!([expected]));
    let settings = super::settings("Eyes", OPEN);
    world.apply(Change::GroupEdited { group_id: scouts, settings }).await.unwrap();
    (expected["name"], expected["isOpen"]) = (json!("Eyes"), json!(true));
    assert_eq!(shown().await, json!([expected]));
    let council = group(&world, "Council", OPEN).await;
    lead(&world, scouts, &[], &[council]).await;
    assert_eq!(shown().await[1]["leaderGroups"], json!([{"name": "Council"}]));
    world.apply(Change::GroupDeleted { group_id: council }).await.unwrap();
    (expected["leaders"], expected["leaderGroups"]) = (json!([]), json!([]));
    assert_eq!(shown().await, json!([expected]));
}
