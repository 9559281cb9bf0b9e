//! Explanations, the audit of permissions and the past by the API: who may ask, what he is told, what is refused.

use chrono::Duration;
use diesel_async::AsyncConnection;
use fealty_api::{
    access::{
        Change, GroupSettings, Joined, Membership, PermissionGrant, Subject,
        as_of::{self, ChangeFilter},
    },
    db::keyset::Slice,
    error::Error,
};
use fealty_simulator::demo;
use serde_json::{Value, json};

use crate::support::{Browser, World, entries_read, new_group, plain_group};

const EXPLAIN: &str = "query($i:ExplainInput!){explain(input:$i){person{username} subject isGranted sentence
    reasons{parent holds rule sentence subjectKind subjectId} remedies{by sentence href}}}";

async fn explain(browser: &Browser<'_>, input: Value) -> Value {
    browser.gql(EXPLAIN, json!({ "i": input })).await.data()["explain"].clone()
}

/// A group of these flags, and its id.
async fn group(world: &World, name: &str, is_internal: bool, is_hidden: bool, is_public: bool) -> i64 {
    let settings = GroupSettings { is_internal, is_hidden, is_open: true, is_public, ..plain_group(name) };
    let id = world.number("select coalesce(max(id), 0) + 1 from groups").await;
    world.apply(new_group(id, settings)).await.unwrap();
    id
}

async fn join(world: &World, group_id: i64, users: &[i64]) {
    let membership =
        Membership { group_id, users, starts_at: None, ends_at: None, reason: "", how: Joined::Added };
    world.apply(Change::MembersAdded(membership)).await.unwrap();
}

async fn grant(world: &World, user_id: i64, names: &[&str]) {
    let grants: Vec<_> = names.iter().map(|name| PermissionGrant::lasting(name)).collect();
    world.apply(Change::UserPermissions { user_id, grants: &grants }).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pilot_reads_why_he_may_and_why_not() {
    let world = World::new().await;
    let mirel = world.pilot(demo::MIREL).await;
    let said = explain(&mirel, json!({"subject": {"service": "discord"}})).await;
    assert_eq!(said["isGranted"], true);
    assert_eq!(said["subject"], "Discord");
    assert_eq!(said["person"]["username"], "Mirel_Ostavane");
    let sentence = said["sentence"].as_str().unwrap();
    assert!(
        sentence.starts_with(
            "You may use Discord: you have the permission “Can access the Discord service” (discord.access_discord), \
             because your state Member carries it, and lists the alliance"
        ),
        "{sentence}"
    );
    assert_eq!(said["remedies"], json!([]));
    let scouts = group(&world, "Scouts", false, false, true).await;
    world
        .apply(Change::GroupPermissionsSet { group_id: scouts, permissions: &["auth.timer_view"] })
        .await
        .unwrap();
    let said = explain(&mirel, json!({"subject": {"permission": "auth.timer_view"}})).await;
    assert_eq!(said["isGranted"], false);
    assert_eq!(
        said["remedies"],
        json!([
            {"by": "SELF", "sentence": "Join the group Scouts.", "href": format!("/groups/group:{scouts}")},
            {"by": "ADMIN", "sentence": "A superuser can grant the permission to you directly.", "href": null},
        ])
    );
    assert_eq!(said["reasons"][0]["parent"], json!(null));
    assert_eq!(said["reasons"][0]["subjectId"], "auth.timer_view");
    assert_eq!(said["reasons"][1]["parent"], 0);
    join(&world, scouts, &[mirel.user_id().await]).await;
    let said = explain(&mirel, json!({"subject": {"permission": "auth.timer_view"}})).await;
    assert_eq!(said["isGranted"], true);
    let member = world.number("select id from states where name = 'Member'").await;
    let said = explain(&mirel, json!({"subject": {"stateId": format!("state:{member}")}})).await;
    assert_eq!(said["isGranted"], true);
    let said = explain(&mirel, json!({"subject": {"groupId": format!("group:{scouts}")}})).await;
    assert_eq!(said["isGranted"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn states_that_are_none_of_ones_business_do_not_exist() {
    let world = World::new().await;
    let (mirel, vesper) = (world.pilot(demo::MIREL).await, world.pilot(demo::VESPER).await);
    let of = async |name: &str| {
        let id = world.number(&format!("select id from states where name = '{name}'")).await;
        json!({"subject": {"stateId": format!("state:{id}")}})
    };
    let (member, blue, guest) = (of("Member").await, of("Blue").await, of("Guest").await);
    let unknown = explain(&vesper, json!({"subject": {"stateId": "state:999999"}})).await;
    for state in [&member, &blue] {
        assert_eq!(explain(&vesper, state.clone()).await, unknown);
    }
    assert_eq!(explain(&vesper, guest.clone()).await["isGranted"], true);
    assert_eq!(explain(&mirel, blue.clone()).await, unknown);
    // What he lost he may ask about.
    world.sim.move_character(demo::MIREL, demo::NEUTRAL_CORPORATION).unwrap();
    world.sync().await;
    assert_eq!(mirel.state().await, "Guest");
    let said = explain(&mirel, member.clone()).await;
    assert!(said["sentence"].as_str().unwrap().starts_with("You do not have the state Member"), "{said}");
    // And about what one of his characters would get.
    assert!(vesper.add(demo::RHEA).await.starts_with("/characters?added="));
    assert_eq!(explain(&vesper, blue.clone()).await["isGranted"], false);
    assert_eq!(explain(&vesper, member.clone()).await, unknown);
    // Whoever sees states asks about any.
    grant(&world, vesper.user_id().await, &["authentication.view_state"]).await;
    assert_eq!(explain(&vesper, member).await["isGranted"], false);
}

#[tokio::test(flavor = "multi_thread")]
async fn explanations_about_others_need_the_permission() {
    let world = World::new().await;
    let mirel = world.pilot(demo::MIREL).await;
    let teodric = world.pilot(demo::TEODRIC).await;
    let other = format!("user:{}", teodric.user_id().await);
    let about = |id: &str| json!({"userId": id, "subject": {"service": "discord"}});
    assert_eq!(explain(&mirel, about(&other)).await, json!(null));
    assert_eq!(explain(&mirel, about("user:999999")).await, json!(null), "as if he did not exist");
    grant(&world, mirel.user_id().await, &["auth.view_user"]).await;
    let said = explain(&mirel, about(&other)).await;
    assert!(
        said["sentence"].as_str().unwrap().starts_with("Teodric_Varn may use Discord: they have"),
        "{said}"
    );
    assert_eq!(explain(&mirel, about("user:999999")).await, json!(null));
    // He sees users, but neither groups nor states.
    let moles = group(&world, "Moles", true, true, false).await;
    let id = format!("group:{moles}");
    let hidden = json!({"userId": other, "subject": {"groupId": id}});
    assert_eq!(explain(&mirel, hidden.clone()).await, json!(null));
    grant(&world, mirel.user_id().await, &["auth.view_user", "auth.view_group"]).await;
    assert_eq!(explain(&mirel, hidden).await["isGranted"], false);
    assert_eq!(
        world.browser().gql(EXPLAIN, json!({"i": {"subject": {"service": "discord"}}})).await.code(),
        "UNAUTHENTICATED"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_nobody_may_know_of_stay_unknown() {
    let world = World::new().await;
    let mirel = world.pilot(demo::MIREL).await;
    // A Blue pilot: he may not ask for groups that are not public.
    let rhea = world.pilot(demo::RHEA).await;
    for (name, is_internal, is_hidden) in
        [("Inner Circle", true, false), ("Moles", false, true), ("Deep Moles", true, true)]
    {
        let group_id = group(&world, name, is_internal, is_hidden, false).await;
        world
            .apply(Change::GroupPermissionsSet { group_id, permissions: &["auth.timer_view"] })
            .await
            .unwrap();
        let id = format!("group:{group_id}");
        let unknown = explain(&rhea, json!({"subject": {"groupId": "group:999999"}})).await;
        assert_eq!(explain(&rhea, json!({"subject": {"groupId": id}})).await, unknown);
        for browser in [&mirel, &rhea] {
            let said = explain(browser, json!({"subject": {"permission": "auth.timer_view"}})).await;
            assert_eq!(said["isGranted"], false);
            assert!(!said.to_string().contains(name), "{said}");
            assert!(!said.to_string().contains(&id), "{said}");
        }
        join(&world, group_id, &[rhea.user_id().await]).await;
        let said = explain(&rhea, json!({"subject": {"permission": "auth.timer_view"}})).await;
        assert!(said["sentence"].as_str().unwrap().contains(name), "his own: {said}");
        world.apply(Change::GroupDeleted { group_id }).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn explain_knows_exactly_the_groups_that_group_shows() {
    let world = World::new().await;
    let (mirel, vesper) = (world.pilot(demo::MIREL).await, world.pilot(demo::VESPER).await);
    let (leader, staff) = (world.pilot(demo::TEODRIC).await, world.pilot(demo::ORRIN).await);
    grant(&world, staff.user_id().await, &["auth.view_group"]).await;
    let member = world.number("select id from states where name = 'Member'").await;
    let (mut known, mut unknown) = (0, 0);
    for flags in 0..16 {
        let [is_internal, is_hidden, is_public, is_limited] = [1, 2, 4, 8].map(|bit| flags & bit != 0);
        let name = format!("Secret {flags:02}");
        let group_id = group(&world, &name, is_internal, is_hidden, is_public).await;
        if is_limited {
            world.apply(Change::GroupStatesSet { group_id, states: Some(&[member]) }).await.unwrap();
        }
        let leaders = [leader.user_id().await];
        world.apply(Change::GroupLeadersSet { group_id, users: &leaders, groups: &[] }).await.unwrap();
        let carried = &["auth.timer_view"];
        world.apply(Change::GroupPermissionsSet { group_id, permissions: carried }).await.unwrap();
        let id = format!("group:{group_id}");
        for (browser, sees) in [
            (&mirel, !is_internal),
            (&vesper, !is_internal && is_public && !is_limited),
            (&leader, !is_internal),
            (&staff, true),
        ] {
            let query = "query($id:ID!){group(id:$id){name}}";
            let shown = browser.gql(query, json!({ "id": id })).await.data();
            let said = explain(browser, json!({"subject": {"groupId": id}})).await;
            assert_eq!(shown["group"].is_object(), sees, "{name}");
            assert_eq!(said.is_object(), sees, "{name}: {said}");
            if sees {
                known += 1;
                continue;
            }
            unknown += 1;
            assert_eq!(said, explain(browser, json!({"subject": {"groupId": "group:999999"}})).await);
            let said = explain(browser, json!({"subject": {"permission": "auth.timer_view"}})).await;
            assert!(!said.to_string().contains(&name), "{said}");
        }
    }
    assert!(known > 10 && unknown > 10, "{known}, {unknown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_questions_are_refused_or_answered_with_nothing() {
    let world = World::new().await;
    let mirel = world.pilot(demo::MIREL).await;
    for subject in [
        json!({}),
        json!({"service": "discord", "permission": "auth.view_user"}),
        json!({"service": null}),
        json!({"groupId": "state:1"}),
        json!({"groupId": "7"}),
        json!({"stateId": "group:1"}),
        json!({"stateId": "state:99999999999999999999"}),
        json!({"nothing": 1}),
        json!("discord"),
    ] {
        let reply = mirel.gql(EXPLAIN, json!({"i": {"subject": subject}})).await;
        assert_eq!(reply.code(), "INVALID", "{subject}");
    }
    assert_eq!(
        mirel.gql(EXPLAIN, json!({"i": {"userId": "7", "subject": {"service": "discord"}}})).await.code(),
        "INVALID"
    );
    for subject in [
        json!({"service": "carrier_pigeon"}),
        json!({"service": "dis\u{0}cord"}),
        json!({"permission": "auth.fly"}),
        json!({"permission": "' or true --"}),
        json!({"permission": "\u{0}"}),
        json!({"permission": "x".repeat(10_000)}),
        json!({"groupId": "group:999"}),
        json!({"stateId": "state:999"}),
    ] {
        assert_eq!(explain(&mirel, json!({"subject": subject})).await, json!(null), "{subject}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_explanation_costs_as_many_statements_for_many_groups_as_for_none() {
    let world = World::new().await;
    let mirel = world.pilot(demo::MIREL).await;
    let user_id = mirel.user_id().await;
    let cost = async || {
        let input = json!({"subject": {"service": "discord"}});
        explain(&mirel, input.clone()).await;
        let before = world.app.db.statement_count();
        explain(&mirel, input).await;
        world.app.db.statement_count() - before
    };
    let few = cost().await;
    for n in 0..30 {
        let group_id = group(&world, &format!("Group {n}"), false, false, true).await;
        world
            .apply(Change::GroupPermissionsSet { group_id, permissions: &["discord.access_discord"] })
            .await
            .unwrap();
        join(&world, group_id, &[user_id]).await;
    }
    let many = cost().await;
    assert_eq!(few, many);
    assert!(many <= 12, "{many}");
}

/// A superuser, and two pilots of whom one has a permission in three ways.
async fn audited(world: &World) -> (Browser<'_>, i64, i64) {
    let admin = world.pilot(demo::KAELEN).await;
    let user_id = admin.user_id().await;
    world.apply(Change::SuperuserChanged { user_id, is_superuser: true }).await.unwrap();
    let mirel = world.pilot(demo::MIREL).await.user_id().await;
    let rhea = world.pilot(demo::RHEA).await.user_id().await;
    for name in ["Scouts", "Haulers"] {
        let group_id = group(world, name, false, false, true).await;
        world
            .apply(Change::GroupPermissionsSet { group_id, permissions: &["discord.access_discord"] })
            .await
            .unwrap();
        let users = [mirel, rhea];
        join(world, group_id, if name == "Scouts" { &users } else { &users[..1] }).await;
    }
    grant(world, mirel, &["discord.access_discord", "auth.timer_view"]).await;
    (admin, mirel, rhea)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_overview_counts_what_is_used() {
    let world = World::new().await;
    let (admin, mirel, rhea) = audited(&world).await;
    world.apply(Change::ActiveChanged { user_id: rhea, is_active: false }).await.unwrap();
    let list = "query($f:PermissionUsageFilter,$o:PermissionUsageOrder,$n:Int,$a:String,$l:Int){permissionUsages(filter:$f,orderBy:$o,first:$n,after:$a,last:$l){totalCount pageInfo{hasNextPage hasPreviousPage endCursor}
        nodes{permission{name app model codename description} directUserCount groupCount groupUserCount stateCount stateUserCount effectiveUserCount paths{kind name userCount}}}}";
    let ask = async |variables: Value| admin.gql(list, variables).await.data()["permissionUsages"].clone();
    let names = |page: &Value| -> Vec<String> {
        let nodes = page["nodes"].as_array().unwrap();
        nodes.iter().map(|node| node["permission"]["name"].as_str().unwrap().to_owned()).collect()
    };
    let page = ask(json!({})).await;
    assert_eq!(names(&page), ["auth.timer_view", "discord.access_discord", "groupmanagement.request_groups"]);
    assert_eq!(page["totalCount"], 3);
    assert_eq!(
        page["nodes"][1],
        json!({
            "permission": {"name": "discord.access_discord", "app": "discord", "model": "discorduser",
                           "codename": "access_discord", "description": "Can access the Discord service"},
            // Rhea left Scouts when she was switched off.
            "directUserCount": 1, "groupCount": 2, "groupUserCount": 1, "stateCount": 1, "stateUserCount": 2,
            "effectiveUserCount": 2,
            "paths": [
                {"kind": "DIRECT", "name": null, "userCount": 1},
                {"kind": "GROUP", "name": "Haulers", "userCount": 1},
                {"kind": "GROUP", "name": "Scouts", "userCount": 1},
                {"kind": "STATE", "name": "Member", "userCount": 2},
                {"kind": "SUPERUSER", "name": null, "userCount": 1},
            ],
        })
    );
    let all = ask(json!({"f": {"includeUnused": true}, "n": 100})).await;
    assert_eq!(all["totalCount"], fealty_shared::permission::CATALOGUE.len());
    assert_eq!(names(&ask(json!({"f": {"app": "auth"}})).await), ["auth.timer_view"]);
    assert_eq!(names(&ask(json!({"f": {"model": "authgroup"}})).await), ["groupmanagement.request_groups"]);
    assert_eq!(names(&ask(json!({"f": {"app": "auth", "model": "state"}})).await), Vec::<String>::new());
    let of_tool = ask(json!({"f": {"model": "permissionstool", "includeUnused": true}})).await;
    assert_eq!(names(&of_tool), ["permissions_tool.audit_permissions"]);
    assert_eq!(names(&ask(json!({"f": {"model": "", "includeUnused": true}})).await), Vec::<String>::new());
    assert_eq!(names(&ask(json!({"f": {"search": "STRUCTURE tim"}})).await), ["auth.timer_view"]);
    assert_eq!(names(&ask(json!({"f": {"search": "\u{0}%"}})).await), Vec::<String>::new());
    assert_eq!(names(&ask(json!({"l": 1})).await), ["groupmanagement.request_groups"]);
    for (field, direction, shown) in [
        ("NAME", "ASC", None),
        ("NAME", "DESC", None),
        ("USERS", "ASC", Some("effectiveUserCount")),
        ("USERS", "DESC", Some("effectiveUserCount")),
        ("DIRECT_USERS", "DESC", Some("directUserCount")),
        ("GROUPS", "ASC", Some("groupCount")),
        ("GROUP_USERS", "ASC", Some("groupUserCount")),
        ("GROUP_USERS", "DESC", Some("groupUserCount")),
        ("STATES", "DESC", Some("stateCount")),
        ("STATE_USERS", "ASC", Some("stateUserCount")),
    ] {
        let order = json!({"field": field, "direction": direction});
        let page = ask(json!({"o": order, "n": 100, "f": {"includeUnused": true}})).await;
        if let Some(shown) = shown {
            let nodes = page["nodes"].as_array().unwrap();
            let counts: Vec<_> = nodes.iter().map(|node| node[shown].as_i64().unwrap()).collect();
            let is_ordered = |a: &i64, b: &i64| if direction == "ASC" { a <= b } else { a >= b };
            assert!(counts.is_sorted_by(is_ordered), "{field} {direction}: {counts:?}");
            assert!(counts.iter().any(|count| *count > 0), "{field}");
        }
        let whole = names(&page);
        let (mut seen, mut after) = (Vec::new(), json!(null));
        loop {
            let page = ask(json!({"o": order, "n": 7, "a": after, "f": {"includeUnused": true}})).await;
            seen.extend(names(&page));
            after = page["pageInfo"]["endCursor"].clone();
            if page["pageInfo"]["hasNextPage"] == false {
                break;
            }
        }
        assert_eq!(seen, whole, "{field} {direction}");
    }
    let most =
        ask(json!({"o": {"field": "USERS", "direction": "DESC"}, "n": 100, "f": {"includeUnused": true}}))
            .await;
    let counts: Vec<_> =
        most["nodes"].as_array().unwrap().iter().map(|n| n["effectiveUserCount"].as_i64().unwrap()).collect();
    assert!(counts.is_sorted_by(|a, b| a >= b) && counts[0] == 2 && counts.contains(&1), "{counts:?}");
    // Somebody who may not.
    let pilot = world.pilot(demo::TEODRIC).await;
    assert_eq!(pilot.gql(list, json!({})).await.code(), "FORBIDDEN");
    let _ = mirel;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_audit_lists_everybody_once_for_each_path() {
    let world = World::new().await;
    let (admin, mirel, rhea) = audited(&world).await;
    world.apply(Change::ActiveChanged { user_id: mirel, is_active: false }).await.unwrap();
    let list = "query($p:String!,$f:PermissionGrantFilter,$o:PermissionGrantOrder,$n:Int,$a:String,$l:Int,$b:String){permissionUsage(name:$p){permission{name} grants(filter:$f,orderBy:$o,first:$n,after:$a,last:$l,before:$b){totalCount pageInfo{hasNextPage endCursor} nodes{path pathName isSuperuser endsAt person{username isActive state{name} mainCharacter{name corporation{name}}}}}}}";
    let ask = async |mut variables: Value| {
        variables["p"] = json!("discord.access_discord");
        admin.gql(list, variables).await.data()["permissionUsage"]["grants"].clone()
    };
    let rows = |page: &Value| -> Vec<(String, String, String, bool)> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let nodes = page["nodes"].as_array().unwrap();
        nodes
            .iter()
            .map(|n| {
                (
                    text(&n["path"]),
                    text(&n["pathName"]),
                    text(&n["person"]["username"]),
                    n["person"]["isActive"] == true,
                )
            })
            .collect()
    };
    let row = |path: &str, name: &str, user: &str, is_active: bool| {
        (path.to_owned(), name.to_owned(), user.to_owned(), is_active)
    };
    let whole = rows(&ask(json!({})).await);
    assert_eq!(
        whole,
        [
            row("DIRECT", "", "Mirel_Ostavane", false),
            row("GROUP", "Scouts", "Rhea_Solvane", true),
            row("STATE", "Member", "Kaelen_Vashtar", true),
            row("SUPERUSER", "", "Kaelen_Vashtar", true),
        ]
    );
    assert_eq!(ask(json!({})).await["totalCount"], 4);
    let (mut seen, mut after) = (Vec::new(), json!(null));
    loop {
        let page = ask(json!({"n": 1, "a": after})).await;
        seen.extend(rows(&page));
        after = page["pageInfo"]["endCursor"].clone();
        if page["pageInfo"]["hasNextPage"] == false {
            break;
        }
    }
    assert_eq!(seen, whole);
    assert_eq!(rows(&ask(json!({"l": 2})).await), whole[2..]);
    assert_eq!(rows(&ask(json!({"l": 1, "b": after})).await), whole[2..3]);
    assert_eq!(rows(&ask(json!({"f": {"kind": "STATE"}})).await), whole[2..3]);
    assert_eq!(rows(&ask(json!({"f": {"kind": "GROUP", "name": "Scouts"}})).await), whole[1..2]);
    assert_eq!(rows(&ask(json!({"f": {"name": "scouts"}})).await), []);
    let found = ask(json!({"f": {"search": "VASHTAR"}})).await;
    assert_eq!((rows(&found), found["totalCount"].clone()), (whole[2..].to_vec(), json!(2)));
    assert_eq!(rows(&ask(json!({"f": {"search": "100%\u{0}"}})).await), []);
    // Ordered as users are, the paths of one user together.
    for (field, expected) in [
        ("PATH", [0, 1, 2, 3]),
        ("USERNAME", [2, 3, 0, 1]),
        ("MAIN", [2, 3, 0, 1]),
        // Who is switched off is Guest.
        ("STATE", [0, 1, 2, 3]),
    ] {
        let mut expected: Vec<_> = expected.iter().map(|at: &usize| whole[*at].clone()).collect();
        for direction in ["ASC", "DESC"] {
            let order = json!({"field": field, "direction": direction});
            let (mut seen, mut after) = (Vec::new(), json!(null));
            loop {
                let page = ask(json!({"o": order, "n": 1, "a": after})).await;
                assert_eq!(page["totalCount"], 4);
                seen.extend(rows(&page));
                after = page["pageInfo"]["endCursor"].clone();
                if page["pageInfo"]["hasNextPage"] == false {
                    break;
                }
            }
            assert_eq!(seen, expected, "{field} {direction}");
            let last = ask(json!({"o": order, "l": 1})).await;
            assert_eq!(rows(&last), expected[3..], "{field} {direction}");
            expected.reverse();
        }
    }
    world.sql("update corporations set name = 'Corporation ' || id").await;
    let page = ask(json!({"o": {"field": "CORPORATION", "direction": "DESC"}})).await;
    let corporation = |node: &Value| {
        node["person"]["mainCharacter"]["corporation"]["name"].as_str().unwrap_or_default().to_lowercase()
    };
    let names: Vec<String> = page["nodes"].as_array().unwrap().iter().map(corporation).collect();
    assert!(names.len() == 4 && names.is_sorted_by(|a, b| a >= b), "{names:?}");
    // All of his characters, not only the main.
    world.sql(&format!("insert into character_ownerships (character_id, user_id, owner_hash, created_at) select {}, {rhea}, 'an alt', now() where exists (select from characters where id = {})", demo::SUNNIVA, demo::SUNNIVA)).await;
    if world.number(&format!("select count(*) from characters where id = {}", demo::SUNNIVA)).await == 1 {
        assert_eq!(rows(&ask(json!({"f": {"search": "sunniva"}})).await), whole[1..2]);
    }
    // A grant that ends says when.
    let ends_at = fealty_api::clock::Clock::now(&*world.clock) + Duration::days(1);
    let grants =
        [PermissionGrant { ends_at: Some(ends_at), ..PermissionGrant::lasting("discord.access_discord") }];
    world.apply(Change::UserPermissions { user_id: rhea, grants: &grants }).await.unwrap();
    let page = ask(json!({"f": {"kind": "DIRECT", "search": "rhea"}})).await;
    assert!(page["nodes"][0]["endsAt"].is_string(), "{page}");
    let unknown = admin.gql(list, json!({"p": "auth.fly"})).await.data();
    assert_eq!(unknown["permissionUsage"], json!(null));
    for bad in ["garbage", "bnVsbA", "WyIAIiwxXQ"] {
        let reply = admin.gql(list, json!({"p": "discord.access_discord", "a": bad})).await;
        assert_eq!(reply.code(), "INVALID", "{bad}");
    }
}

const HOLDERS: &str = "query($s:AccessSubjectInput!,$t:DateTime!,$n:Int,$a:String){accessHolders(subject:$s,at:$t,first:$n,after:$a){totalCount pageInfo{hasNextPage endCursor} nodes{username isActive}}}";

#[tokio::test(flavor = "multi_thread")]
async fn the_past_is_asked_by_moment_and_thing() {
    let world = World::new().await;
    let (admin, mirel, _) = audited(&world).await;
    let clock = || fealty_api::clock::Clock::now(&*world.clock).to_rfc3339();
    let discord = json!({"permission": "discord.access_discord"});
    let ask = async |subject: &Value, at: &str| {
        let data = admin.gql(HOLDERS, json!({"s": subject, "t": at})).await.data()["accessHolders"].clone();
        let nodes = data["nodes"].as_array().unwrap();
        assert_eq!(data["totalCount"], nodes.len());
        nodes.iter().map(|node| node["username"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    world.wait(Duration::minutes(1));
    let then = clock();
    assert_eq!(ask(&discord, &then).await, ["Kaelen_Vashtar", "Mirel_Ostavane", "Rhea_Solvane"]);
    let scouts = world.number("select id from groups where name = 'Scouts'").await;
    let group = json!({"groupId": format!("group:{scouts}")});
    world.wait(Duration::minutes(1));
    world.apply(Change::GroupDeleted { group_id: scouts }).await.unwrap();
    world.wait(Duration::minutes(1));
    assert_eq!(ask(&discord, &clock()).await, ["Kaelen_Vashtar", "Mirel_Ostavane"]);
    assert_eq!(ask(&discord, &then).await, ["Kaelen_Vashtar", "Mirel_Ostavane", "Rhea_Solvane"]);
    assert_eq!(ask(&group, &then).await, ["Mirel_Ostavane", "Rhea_Solvane"], "deleted, and known by its id");
    assert_eq!(ask(&group, &clock()).await, Vec::<String>::new());
    assert_eq!(
        ask(&json!({"service": "discord"}), &then).await,
        ["Kaelen_Vashtar", "Mirel_Ostavane", "Rhea_Solvane"]
    );
    let member = world.number("select id from states where name = 'Member'").await;
    let member = json!({"stateId": format!("state:{member}")});
    assert_eq!(ask(&member, &then).await, ["Kaelen_Vashtar", "Mirel_Ostavane"]);
    assert_eq!(ask(&member, "2003-05-06T00:00:00Z").await, Vec::<String>::new(), "before anybody registered");
    assert_eq!(ask(&json!({"groupId": "group:999"}), &then).await, Vec::<String>::new());
    // What nobody can know or mean.
    let future = (fealty_api::clock::Clock::now(&*world.clock) + Duration::seconds(1)).to_rfc3339();
    for (subject, at) in [
        (discord.clone(), future.as_str()),
        (discord.clone(), "yesterday"),
        (discord.clone(), "9999-12-31T23:59:59Z"),
        (json!({"permission": "auth.fly"}), &then),
        (json!({"permission": "\u{0}"}), &then),
        (json!({"service": "carrier_pigeon"}), &then),
        (json!({"groupId": "user:1"}), &then),
        (json!({}), &then),
    ] {
        assert_eq!(
            admin.gql(HOLDERS, json!({"s": subject, "t": at})).await.code(),
            "INVALID",
            "{subject} {at}"
        );
    }
    assert_eq!(ask(&member, "0000-01-01T00:00:00Z").await, Vec::<String>::new());
    let garbage = admin.gql(HOLDERS, json!({"s": discord, "t": then, "a": "garbage"})).await;
    assert_eq!(garbage.code(), "INVALID");
    let pilot = world.pilot(demo::TEODRIC).await;
    assert_eq!(pilot.gql(HOLDERS, json!({"s": discord, "t": then})).await.code(), "FORBIDDEN");
    let _ = mirel;
}

const CHANGES: &str = "query($f:AccessChangeFilter!,$n:Int,$a:String,$l:Int){accessChanges(filter:$f,first:$n,after:$a,last:$l){totalCount pageInfo{hasNextPage endCursor} nodes{person{username} change{id at kind gained lost cause{kind summary actor}}}}}";

#[tokio::test(flavor = "multi_thread")]
async fn changes_are_found_by_kind_name_person_and_time() {
    let world = World::new().await;
    let (admin, mirel, rhea) = audited(&world).await;
    let clock = || fealty_api::clock::Clock::now(&*world.clock).to_rfc3339();
    let ask = async |variables: Value| admin.gql(CHANGES, variables).await.data()["accessChanges"].clone();
    let count = async |filter: Value| ask(json!({"f": filter})).await["totalCount"].as_i64().unwrap();
    world.wait(Duration::minutes(1));
    let before = clock();
    world.wait(Duration::minutes(1));
    grant(&world, rhea, &["auth.optimer_view"]).await;
    world.wait(Duration::minutes(1));
    let after = clock();
    let page = ask(json!({"f": {"from": before, "to": after}})).await;
    assert_eq!(page["totalCount"], 1);
    assert_eq!(page["nodes"][0]["person"]["username"], "Rhea_Solvane");
    assert_eq!(page["nodes"][0]["change"]["kind"], "PERMISSION");
    assert_eq!(page["nodes"][0]["change"]["gained"], json!(["auth.optimer_view"]));
    assert_eq!(page["nodes"][0]["change"]["cause"]["actor"], "fealtyctl");
    let person = format!("user:{rhea}");
    assert_eq!(count(json!({"name": "auth.optimer_view", "personId": person})).await, 1);
    assert_eq!(count(json!({"name": "auth.optimer_view"})).await, 2, "the superuser got it with everything");
    assert_eq!(count(json!({"name": "auth.optimer_view", "kind": "STATE"})).await, 0);
    assert_eq!(count(json!({"name": "optimer_view"})).await, 0, "exactly");
    let discord = count(json!({"kind": "SERVICE", "name": "discord"})).await;
    assert_eq!(count(json!({"kind": "SERVICE", "name": "Discord"})).await, discord, "as it is shown");
    assert!(discord >= 3, "{discord}");
    assert_eq!(count(json!({"name": "a\u{0}"})).await, 0);
    assert_eq!(count(json!({"kind": "GROUP", "name": "Scouts"})).await, 2);
    assert_eq!(count(json!({"personId": format!("user:{mirel}"), "kind": "GROUP"})).await, 2);
    assert_eq!(count(json!({"personId": "user:999999"})).await, 0);
    assert_eq!(count(json!({"to": before, "from": before})).await, 0);
    assert_eq!(
        count(json!({"from": "0000-01-01T00:00:00Z", "to": "9999-12-31T23:59:59Z"})).await,
        count(json!({})).await
    );
    // Newest first, every row once, both ways.
    let whole = ask(json!({"f": {}, "n": 100})).await;
    let ids = |page: &Value| -> Vec<Value> {
        page["nodes"].as_array().unwrap().iter().map(|node| node["change"]["id"].clone()).collect()
    };
    let (mut seen, mut cursor) = (Vec::new(), json!(null));
    loop {
        let page = ask(json!({"f": {}, "n": 2, "a": cursor})).await;
        seen.extend(ids(&page));
        cursor = page["pageInfo"]["endCursor"].clone();
        if page["pageInfo"]["hasNextPage"] == false {
            break;
        }
    }
    assert_eq!(seen, ids(&whole));
    assert_eq!(ids(&ask(json!({"f": {}, "l": 3})).await), seen[seen.len() - 3..]);
    assert_eq!(whole["nodes"][0]["change"]["gained"], json!(["auth.optimer_view"]));
    // Who is gone is nobody.
    world.sql(&format!("delete from users where id = {rhea}")).await;
    let page = ask(json!({"f": {"name": "auth.optimer_view"}})).await;
    assert_eq!(page["nodes"][0]["person"], json!(null));
    // WzkyMjMzNzIwMzY4NTQ3NzU4MDcsMV0 is a moment beyond all calendars.
    for variables in [
        json!({"f": {"from": after, "to": before}}),
        json!({"f": {"personId": "state:1"}}),
        json!({"f": {"from": "today"}}),
        json!({"f": {}, "a": "garbage"}),
        json!({"f": {}, "a": "WzkyMjMzNzIwMzY4NTQ3NzU4MDcsMV0"}),
    ] {
        assert_eq!(admin.gql(CHANGES, variables.clone()).await.code(), "INVALID", "{variables}");
    }
    let pilot = world.pilot(demo::TEODRIC).await;
    assert_eq!(pilot.gql(CHANGES, json!({"f": {}})).await.code(), "FORBIDDEN");
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_of_a_group_go_by_its_id_whatever_it_is_called() {
    let world = World::new().await;
    let (admin, mirel, rhea) = audited(&world).await;
    let ask = async |filter: Value| {
        admin.gql(CHANGES, json!({"f": filter, "n": 100})).await.data()["accessChanges"].clone()
    };
    let said = async |filter: Value| -> Vec<String> {
        let page = ask(filter).await;
        let nodes = page["nodes"].as_array().unwrap();
        assert_eq!(page["totalCount"], nodes.len());
        let names = |value: &Value| {
            value.as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect::<Vec<_>>().join(",")
        };
        let row = |node: &Value| {
            let (who, change) = (&node["person"]["username"], &node["change"]);
            format!("{} +{} -{}", who.as_str().unwrap(), names(&change["gained"]), names(&change["lost"]))
        };
        nodes.iter().map(row).collect()
    };
    let settings = |name| GroupSettings { is_open: true, is_public: true, ..plain_group(name) };
    let old = group(&world, "Eyes", false, false, true).await;
    join(&world, old, &[mirel]).await;
    world.apply(Change::GroupEdited { group_id: old, settings: settings("Ears") }).await.unwrap();
    let new = group(&world, "Eyes", false, false, true).await;
    join(&world, new, &[rhea]).await;
    world.apply(Change::GroupDeleted { group_id: old }).await.unwrap();
    let of = |id: i64| json!({"subject": {"groupId": format!("group:{id}")}});
    assert_eq!(said(of(old)).await, ["Mirel_Ostavane + -Ears", "Mirel_Ostavane +Eyes -"], "renamed, deleted");
    assert_eq!(said(of(new)).await, ["Rhea_Solvane +Eyes -"], "a name that was used before");
    assert_eq!(
        said(json!({"kind": "GROUP", "name": "Eyes"})).await,
        ["Rhea_Solvane +Eyes -", "Mirel_Ostavane +Eyes -"],
        "by name both"
    );
    let mut narrow = of(old);
    narrow["personId"] = json!(format!("user:{rhea}"));
    assert_eq!(said(narrow).await, [""; 0]);
    let mut narrow = of(old);
    narrow["kind"] = json!("PERMISSION");
    assert_eq!(said(narrow).await, [""; 0]);
    assert_eq!(said(of(999_999)).await, [""; 0]);
    // States go by id, and a state's id is no group's.
    let member = world.number("select id from states where name = 'Member'").await;
    let states = ask(json!({"subject": {"stateId": format!("state:{member}")}})).await;
    assert_eq!(states["totalCount"], ask(json!({"kind": "STATE", "name": "Member"})).await["totalCount"]);
    assert!(states["totalCount"].as_i64().unwrap() > 0);
    assert!(states["nodes"].as_array().unwrap().iter().all(|node| node["change"]["kind"] == "STATE"));
    // Permissions and services by their keys.
    for (subject, filter) in [
        (json!({"permission": "auth.timer_view"}), json!({"kind": "PERMISSION", "name": "auth.timer_view"})),
        (json!({"service": "discord"}), json!({"kind": "SERVICE", "name": "discord"})),
    ] {
        let found = ask(json!({ "subject": subject })).await["totalCount"].clone();
        assert_eq!(found, ask(filter).await["totalCount"], "{subject}");
        assert!(found.as_i64().unwrap() > 0, "{subject}");
    }
    for subject in
        [json!({"groupId": "user:1"}), json!({"groupId": "group:1", "service": "discord"}), json!({})]
    {
        assert_eq!(
            admin.gql(CHANGES, json!({"f": {"subject": subject}})).await.code(),
            "INVALID",
            "{subject}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_ids_in_the_history_are_indexed() {
    let world = World::new().await;
    let mirel = world.pilot(demo::MIREL).await.user_id().await;
    world
        .sql(&format!(
            "insert into access_changes (user_id, kind, gained, lost, gained_ids, lost_ids, audit_id, at)
             select {mirel}, 'group', '{{x}}', '{{}}', array[n % 500], '{{}}', (select min(id) from audit_entries), now()
             from generate_series(1, 20000) n"
        ))
        .await;
    world.sql("analyze access_changes").await;
    let filter = ChangeFilter { subject: Some(Subject::Group(7)), ..ChangeFilter::default() };
    let mut conn = world.conn().await;
    conn.transaction::<_, Error, _>(async |conn| {
        let index = "access_changes_of_group";
        let before = entries_read(conn, index).await;
        let slice = Slice { is_descending: true, after: None, limit: 26 };
        let found = as_of::changes(conn, &filter, &slice).await?;
        let read = entries_read(conn, index).await - before;
        assert_eq!((found.len(), read), (26, 40), "the changes of this group, and no others");
        Ok(())
    })
    .await
    .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_history_of_one_user_is_for_whoever_may_see_him() {
    let world = World::new().await;
    let (_, mirel, rhea) = audited(&world).await;
    let pilot = world.pilot(demo::TEODRIC).await;
    let own = pilot.user_id().await;
    let ask = async |filter: Value| pilot.gql(CHANGES, json!({"f": filter, "n": 2})).await;
    let him = json!({"personId": format!("user:{own}")});
    let other = json!({"personId": format!("user:{mirel}")});
    assert_eq!(ask(json!({})).await.code(), "FORBIDDEN");
    assert_eq!(ask(other.clone()).await.code(), "FORBIDDEN");
    assert_eq!(ask(json!({"personId": "user:999999"})).await.code(), "FORBIDDEN", "no difference");
    assert_eq!(world.browser().gql(CHANGES, json!({"f": him})).await.code(), "UNAUTHENTICATED");
    let owned = ask(him).await.data()["accessChanges"].clone();
    let expected = world.number(&format!("select count(*) from access_changes where user_id = {own}")).await;
    assert_eq!(owned["totalCount"], expected);
    for permission in ["auth.view_user", "auth.change_user", "permissions_tool.audit_permissions"] {
        grant(&world, own, &[permission]).await;
        let expected =
            world.number(&format!("select count(*) from access_changes where user_id = {mirel}")).await;
        let (mut seen, mut after) = (Vec::new(), json!(null));
        loop {
            let page =
                pilot.gql(CHANGES, json!({"f": other, "n": 2, "a": after})).await.data()["accessChanges"]
                    .clone();
            assert_eq!(page["totalCount"], expected);
            seen.extend(
                page["nodes"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|n| n["change"]["id"].as_str().unwrap().to_owned()),
            );
            after = page["pageInfo"]["endCursor"].clone();
            if page["pageInfo"]["hasNextPage"] == false {
                break;
            }
        }
        seen.sort();
        seen.dedup();
        assert_eq!(i64::try_from(seen.len()).unwrap(), expected, "{permission}");
        let all = ask(json!({})).await;
        assert_eq!(permission.starts_with("auth."), all.json()["errors"].is_array(), "{permission}");
    }
    let _ = rhea;
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_of_people_do_not_cost_a_statement_per_row() {
    let world = World::counting().await;
    let (admin, _, _) = audited(&world).await;
    let now = fealty_api::clock::Clock::now(&*world.clock).to_rfc3339();
    let queries = [
        format!("{{accessHolders(subject:{{service:\"discord\"}},at:\"{now}\",first:100){{nodes{{username state{{name}} mainCharacter{{name corporation{{name}} alliance{{name}}}}}}}}}}"),
        "{accessChanges(filter:{},first:20){nodes{change{kind cause{summary}} person{username mainCharacter{name}}}}}".to_owned(),
        "{permissionUsages(first:10){nodes{permission{name} paths{kind userCount}}}}".to_owned(),
        "{permissionUsage(name:\"discord.access_discord\"){grants(first:50){nodes{path person{username mainCharacter{name corporation{name}}}}}}}".to_owned(),
    ];
    let cost = async || {
        let mut costs = Vec::new();
        for query in &queries {
            costs.push(world.cost(&admin, query).await);
        }
        costs
    };
    let few = cost().await;
    for pilot in [demo::TEODRIC, demo::ORRIN, demo::YELENA, demo::BRAM, demo::NIMUE, demo::JOREK] {
        world.pilot(pilot).await;
    }
    let many = cost().await;
    assert_eq!(few, many, "for three users and for nine");
}

#[tokio::test(flavor = "multi_thread")]
async fn grants_are_shown_with_their_times() {
    let world = World::new().await;
    let mirel = world.pilot(demo::MIREL).await;
    let now = fealty_api::clock::Clock::now(&*world.clock);
    let grants = [
        PermissionGrant {
            reason: "Holidays",
            starts_at: Some(now + Duration::days(1)),
            ..PermissionGrant::lasting("auth.timer_view")
        },
        PermissionGrant {
            ends_at: Some(now + Duration::days(2)),
            ..PermissionGrant::lasting("auth.optimer_view")
        },
    ];
    world.apply(Change::UserPermissions { user_id: mirel.user_id().await, grants: &grants }).await.unwrap();
    let data = mirel.ask("{viewer{user{permissionGrants{permission startsAt isStarted endsAt reason grantedAt}}} permissions{name app codename description}}").await;
    let shown = &data["viewer"]["user"]["permissionGrants"];
    assert_eq!(shown[0]["permission"], "auth.optimer_view");
    assert_eq!((&shown[0]["isStarted"], &shown[0]["startsAt"]), (&json!(true), &json!(null)));
    assert_eq!((&shown[1]["isStarted"], &shown[1]["reason"]), (&json!(false), &json!("Holidays")));
    assert!(
        shown[1]["startsAt"].is_string() && shown[1]["endsAt"].is_null() && shown[1]["grantedAt"].is_string()
    );
    assert_eq!(data["permissions"].as_array().unwrap().len(), fealty_shared::permission::CATALOGUE.len());
    let said = explain(&mirel, json!({"subject": {"permission": "auth.timer_view"}})).await;
    assert!(said["remedies"][0]["sentence"].as_str().unwrap().starts_with("Wait until "), "{said}");
}
