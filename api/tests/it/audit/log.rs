//! Reading the log by GraphQL.

use fealty_api::access::{Change, PermissionGrant};
use fealty_simulator::demo;
use serde_json::{Value, json};

use super::write;
use crate::support::{Browser, World};

const QUERY: &str = "query($f:AuditFilter,$first:Int,$after:String,$last:Int,$before:String){
    auditEntries(filter:$f,first:$first,after:$after,last:$last,before:$before){
        totalCount nodes{summary} edges{cursor} pageInfo{hasNextPage hasPreviousPage startCursor endCursor}}}";

/// Somebody who may see the log.
async fn auditor(world: &World) -> Browser<'_> {
    let browser = world.pilot(demo::MIREL).await;
    let user_id = browser.user_id().await;
    world
        .apply(Change::UserPermissions {
            user_id,
            grants: &[PermissionGrant::lasting("admin.view_logentry")],
        })
        .await
        .unwrap();
    browser
}

async fn ask(auditor: &Browser<'_>, variables: Value) -> Value {
    auditor.gql(QUERY, variables).await.data()["auditEntries"].clone()
}

fn summaries(list: &Value) -> Vec<&str> {
    list["nodes"].as_array().unwrap().iter().map(|node| node["summary"].as_str().unwrap()).collect()
}

/// What the filter finds; the total says the same.
async fn found(auditor: &Browser<'_>, filter: Value) -> Vec<String> {
    let list = ask(auditor, json!({"f": filter})).await;
    let found = summaries(&list);
    assert_eq!(list["totalCount"], found.len(), "{filter}");
    found.into_iter().map(str::to_owned).collect()
}

/// Eight entries of the far past, where nothing else happens: by and about users 901 and 902, and a state.
async fn past(world: &World) {
    world
        .sql(
            "insert into audit_entries (at, actor_kind, actor_id, actor_name, kind, object_kind, object_id, object_name, summary)
             values
             ('2020-01-01', 'user', 901, 'Orrin', 'main_changed', 'user', 'user:901', 'Orrin', 'one'),
             ('2020-01-02', 'user', 902, 'Bram', 'activated', 'user', 'user:901', 'Orrin', 'two'),
             ('2020-01-03', 'token', 901, 'Orrin', 'state_edited', 'state', 'state:2', 'Blue', 'three'),
             ('2020-01-03', 'system', null, 'system', 'affiliation_changed', 'user', 'user:902', 'Bram', 'four'),
             ('2020-01-05', 'user', 901, 'Orrin', 'activated', 'user', 'user:902', 'Bram', 'five 100%'),
             ('2020-01-06', 'operator', null, 'fealtyctl', 'state_edited', 'state', 'state:3', 'Member', 'six'),
             ('2020-01-07', 'system', null, 'system', 'main_changed', 'user', 'user:90', 'Nimue', 'seven'),
             ('2020-01-08', 'system', null, 'system', 'odd', 'thing', 'user:901', 'no user', 'eight')",
        )
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_did_it_or_it_happened_to_him() {
    let world = World::new().await;
    let auditor = auditor(&world).await;
    past(&world).await;
    assert_eq!(found(&auditor, json!({"personId": "user:901"})).await, ["five 100%", "three", "two", "one"]);
    assert_eq!(found(&auditor, json!({"personId": "user:902"})).await, ["five 100%", "four", "two"]);
    assert_eq!(found(&auditor, json!({"personId": "user:90"})).await, ["seven"]);
    assert!(found(&auditor, json!({"personId": "user:424242"})).await.is_empty(), "nobody");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happened_to_somebody_is_found_once() {
    let world = World::new().await;
    let auditor = auditor(&world).await;
    past(&world).await;
    world
        .sql(
            "insert into audit_entries (at, actor_kind, actor_id, actor_name, kind, object_kind, object_id, object_name, summary)
             values
             ('2020-02-01', 'user', 902, 'Bram', 'state_edited', 'state', 'state:2', 'Blue', 'moved him'),
             ('2020-02-02', 'system', null, 'system', 'group_edited', 'group', 'group:1', 'Scouts', 'put him out'),
             ('2020-02-02', 'system', null, 'system', 'character_transferred', 'character', '77', 'Alt', 'took his alt'),
             ('2020-02-04', 'user', 901, 'Orrin', 'state_edited', 'state', 'state:2', 'Blue', 'he moved himself'),
             ('2020-02-05', 'user', 902, 'Bram', 'activated', 'user', 'user:901', 'Orrin', 'activated'),
             ('2020-02-06', 'user', 902, 'Bram', 'state_edited', 'state', 'state:2', 'Blue', 'moved Nimue')",
        )
        .await;
    // Each in several ways, which must not make it several entries.
    let among = |texts: &str| format!("select id from audit_entries where summary in ({texts})");
    let moved = among("'moved him', 'he moved himself', 'activated'");
    let named = among("'moved him', 'put him out', 'he moved himself'");
    let concerned = among("'moved him', 'took his alt', 'he moved himself', 'activated'");
    for sql in [
        format!("insert into access_changes (user_id, kind, gained, lost, audit_id, at) select 901, k, '{{x}}', '{{}}', id, now() from ({moved}) e, unnest('{{state,permission}}'::text[]) k"),
        format!("insert into group_log (at, group_id, group_name, user_id, username, kind, action, actor_kind, actor_name, audit_id) select now(), 1, 'Scouts', 901, 'Orrin', k, 'removed', 'system', 'system', id from ({named}) e, unnest('{{removal,leave}}'::text[]) k"),
        format!("insert into audit_concerned (user_id, audit_id) select 901, id from ({concerned}) e"),
        "insert into access_changes (user_id, kind, gained, lost, audit_id, at) select 90, 'state', '{x}', '{}', id, now() from audit_entries where summary = 'moved Nimue'".to_owned(),
        // Of a request without a cause.
        "insert into group_log (at, group_id, group_name, user_id, username, kind, action, actor_kind, actor_name) values (now(), 1, 'Scouts', 901, 'Orrin', 'join', 'accepted', 'system', 'system')".to_owned(),
    ] {
        world.sql(&sql).await;
    }
    let since = "2020-02-01T00:00:00Z";
    let his = ["activated", "he moved himself", "took his alt", "put him out", "moved him"];
    assert_eq!(found(&auditor, json!({"personId": "user:901", "from": since})).await, his);
    assert_eq!(found(&auditor, json!({"personId": "user:90", "from": since})).await, ["moved Nimue"]);
    for (filter, expected) in [
        (json!({"kinds": ["state_edited"]}), vec![his[1], his[4]]),
        (json!({"objectKind": "character"}), vec![his[2]]),
        (json!({"objectId": "group:1"}), vec![his[3]]),
        (json!({"search": "him"}), vec![his[1], his[3], his[4]]),
        (json!({"from": "2020-02-02T00:00:00Z", "to": "2020-02-04T00:00:00Z"}), vec![his[2], his[3]]),
    ] {
        let mut filter = filter;
        filter["personId"] = json!("user:901");
        filter.as_object_mut().unwrap().entry("from").or_insert(json!(since));
        assert_eq!(found(&auditor, filter.clone()).await, expected, "{filter}");
    }
    // One by one, forth and back: two of them happened at the same moment.
    let person = json!({"personId": "user:901", "from": since});
    for (size, place) in [("first", "after"), ("last", "before")] {
        let (mut seen, mut at) = (Vec::new(), Value::Null);
        for _ in 0..his.len() {
            let list = ask(&auditor, json!({"f": person, size: 1, place: at})).await;
            seen.extend(summaries(&list).into_iter().map(str::to_owned));
            at = list["pageInfo"][if size == "first" { "endCursor" } else { "startCursor" }].clone();
        }
        if size == "last" {
            seen.reverse();
        }
        assert_eq!(seen, his, "{size}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn characters_that_change_hands_concern_both_users() {
    let world = World::new().await;
    let auditor = auditor(&world).await;
    let (one, two) = (world.pilot(demo::TEODRIC).await, world.pilot(demo::ORRIN).await);
    let (a, b) = (one.user_id().await, two.user_id().await);
    one.add(demo::SUNNIVA).await;
    two.add(demo::SUNNIVA).await;
    let query = "query($f:AuditFilter){auditEntries(filter:$f){nodes{kind objectId before after}}}";
    let entries = async |filter: Value| -> Vec<Value> {
        let nodes = auditor.gql(query, json!({ "f": filter })).await.data()["auditEntries"]["nodes"].clone();
        let read =
            |value: &Value| -> Value { serde_json::from_str(value.as_str().unwrap_or("null")).unwrap() };
        let row = |node: &Value| json!([node["kind"], read(&node["before"]), read(&node["after"])]);
        nodes.as_array().unwrap().iter().map(row).collect()
    };
    let owned = |id: i64, name: &str| json!({"characterId": demo::SUNNIVA, "characterName": "Sunniva Hald", "userId": format!("user:{id}"), "username": name});
    let added = json!(["character_added", null, owned(a, "Teodric_Varn")]);
    let username = |browser: Value| browser["viewer"]["user"]["username"].as_str().unwrap().to_owned();
    let orrin = username(two.ask("{viewer{user{username}}}").await);
    let taken = json!(["character_added", owned(a, "Teodric_Varn"), owned(b, &orrin)]);
    let of = |id: i64| json!({"personId": format!("user:{id}"), "kinds": ["character_added"]});
    assert_eq!(entries(of(a)).await, [taken.clone(), added], "who lost it, too");
    assert_eq!(entries(of(b)).await, [taken]);
    // Sold: nobody here has it any more, until its buyer comes.
    world.sim.sell_character(demo::SUNNIVA).unwrap();
    let buyer = world.browser();
    assert_eq!(buyer.log_in(demo::SUNNIVA).await, "/register");
    let sold = json!({"personId": format!("user:{b}"), "kinds": ["character_transferred", "registered"]});
    assert_eq!(
        entries(sold).await,
        [
            json!(["character_transferred", owned(b, &orrin), null]),
            json!(["registered", null, {"characterId": demo::ORRIN, "characterName": orrin.replace('_', " "),
                   "userId": format!("user:{b}"), "username": orrin}]),
        ]
    );
    // No more: its owner is found by it.
    world.sim.biomass(demo::TEODRIC, true).unwrap();
    world.sync().await;
    let gone = entries(json!({"personId": format!("user:{a}"), "kinds": ["character_biomassed"]})).await;
    assert_eq!(gone[0][1]["userId"], format!("user:{a}"));
    assert_eq!((gone.len(), &gone[0][2]), (1, &json!(null)));
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_hold_together() {
    let world = World::new().await;
    let auditor = auditor(&world).await;
    past(&world).await;
    let old = "2020-01-31T00:00:00Z";
    for (filter, expected) in [
        (json!({}), vec!["eight", "seven", "six", "five 100%", "four", "three", "two", "one"]),
        (json!({"kinds": []}), vec!["eight", "seven", "six", "five 100%", "four", "three", "two", "one"]),
        (json!({"kinds": ["activated"]}), vec!["five 100%", "two"]),
        (
            json!({"kinds": ["state_edited", "activated", "activated", "unheard_of"]}),
            vec!["six", "five 100%", "three", "two"],
        ),
        (json!({"kinds": ["unheard_of"]}), vec![]),
        (json!({"objectKind": "state"}), vec!["six", "three"]),
        (json!({"objectKind": "state", "objectId": "state:2"}), vec!["three"]),
        (json!({"objectId": "user:901"}), vec!["eight", "two", "one"]),
        (json!({"objectKind": "user", "objectId": "user:901"}), vec!["two", "one"]),
        (json!({"objectKind": "us\u{0}er", "objectId": "state:2"}), vec![]),
        (json!({"from": "2020-01-03T00:00:00Z", "kinds": ["main_changed"]}), vec!["seven"]),
        (json!({"from": "2020-01-03T00:00:00Z", "to": "2020-01-05T00:00:00Z"}), vec!["four", "three"]),
        (
            json!({"from": "2020-01-03T01:00:00+01:00", "to": "2020-01-03T00:00:00.000001Z"}),
            vec!["four", "three"],
        ),
        (json!({"from": "2020-01-03T00:00:00Z", "to": "2020-01-03T00:00:00Z"}), vec![]),
        (
            json!({"personId": "user:901", "kinds": ["activated", "state_edited"]}),
            vec!["five 100%", "three", "two"],
        ),
        (
            json!({"personId": "user:901", "kinds": ["activated"], "from": "2020-01-03T00:00:00Z"}),
            vec!["five 100%"],
        ),
        (json!({"personId": "user:901", "objectId": "user:902"}), vec!["five 100%"]),
        (json!({"personId": "user:901", "search": "w"}), vec!["two"]),
        (json!({"search": "ORRIN"}), vec!["five 100%", "three", "two", "one"]),
        (json!({"search": "bram", "objectKind": "user", "kinds": ["activated"]}), vec!["five 100%", "two"]),
        (json!({"search": "e 100%"}), vec!["five 100%"]),
        (json!({"search": "_e_"}), vec![]),
        (json!({"search": "oneorrin"}), vec![]),
        (json!({"search": "one\nOrrin"}), vec![]),
        (json!({"search": " "}), vec!["eight", "seven", "six", "five 100%", "four", "three", "two", "one"]),
    ] {
        let mut filter = filter;
        filter.as_object_mut().unwrap().entry("to").or_insert(json!(old));
        assert_eq!(found(&auditor, filter.clone()).await, expected, "{filter}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_lead_through_the_whole_log_and_back() {
    let world = World::new().await;
    let auditor = auditor(&world).await;
    // Nine entries, three at a time at the same moment: by him, about him, both.
    world
        .sql(
            "insert into audit_entries (at, actor_kind, actor_id, actor_name, kind, object_kind, object_id, object_name, summary)
             select timestamptz '2020-01-01' + n / 3 * interval '1 day', 'user', case when n % 3 = 0 then 902 else 901 end, 'Orrin',
                    'kind_' || chr(97 + n % 4), 'user', case when n % 3 = 1 then 'user:902' else 'user:901' end, 'Orrin', 'entry ' || n
             from generate_series(0, 8) n order by n",
        )
        .await;
    let person = json!({"personId": "user:901"});
    let kinds = json!({"kinds": ["kind_a", "kind_b", "kind_c", "kind_d"]});
    for filter in [person, kinds] {
        let all: Vec<String> = (0..9).rev().map(|n| format!("entry {n}")).collect();
        assert_eq!(found(&auditor, filter.clone()).await, all);
        let (mut seen, mut after) = (Vec::new(), Value::Null);
        loop {
            let list = ask(&auditor, json!({"f": filter, "first": 2, "after": after})).await;
            seen.extend(summaries(&list).into_iter().map(str::to_owned));
            assert_eq!(list["pageInfo"]["hasPreviousPage"], !after.is_null());
            after = list["pageInfo"]["endCursor"].clone();
            if list["pageInfo"]["hasNextPage"] == false {
                break;
            }
        }
        assert_eq!(seen, all);
        let list = ask(&auditor, json!({"f": filter, "last": 3})).await;
        assert_eq!(summaries(&list), ["entry 2", "entry 1", "entry 0"]);
        let before = list["pageInfo"]["startCursor"].clone();
        let list = ask(&auditor, json!({"f": filter, "last": 3, "before": before})).await;
        assert_eq!(summaries(&list), ["entry 5", "entry 4", "entry 3"]);
        assert_eq!(list["pageInfo"]["hasNextPage"], true);
        assert_eq!(list["pageInfo"]["hasPreviousPage"], true);
    }
    assert!(summaries(&ask(&auditor, json!({"first": 0})).await).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_makes_no_sense_is_refused() {
    let world = World::new().await;
    let auditor = auditor(&world).await;
    let many: Vec<String> = (0..21).map(|n| format!("kind_{n}")).collect();
    for (filter, field) in [
        (json!({"personId": "state:1"}), "filter.personId"),
        (json!({"personId": "901"}), "filter.personId"),
        (json!({"personId": ""}), "filter.personId"),
        (json!({"from": "2020-01-02T00:00:00Z", "to": "2020-01-01T00:00:00Z"}), "filter.to"),
        (json!({"from": "+99999-01-01T00:00:00Z"}), "filter.from"),
        (json!({"to": "-0044-03-15T00:00:00Z"}), "filter.to"),
        (json!({"kinds": many}), "filter.kinds"),
        (json!({"search": "xy"}), "filter.search"),
        (json!({"search": "x", "objectKind": "user"}), "filter.search"),
    ] {
        let reply = auditor.gql(QUERY, json!({"f": filter})).await;
        assert_eq!(reply.code(), "INVALID", "{filter}");
        assert_eq!(reply.json()["errors"][0]["extensions"]["problems"][0]["field"], field, "{filter}");
    }
    for variables in [
        json!({"f": {"from": "yesterday"}}),
        json!({"f": {"unknown": 1}}),
        json!({"first": 101}),
        json!({"first": -1}),
        json!({"first": 1, "last": 1}),
        json!({"after": "nonsense"}),
        // A cursor of another list, and places outside the calendar.
        json!({"after": cursor(&json!(["x", 1]))}),
        json!({"after": cursor(&json!([i64::MAX, 1]))}),
        json!({"after": cursor(&json!([i64::MIN, 1]))}),
    ] {
        assert_eq!(auditor.gql(QUERY, variables.clone()).await.code(), "INVALID", "{variables}");
    }
    for at in [0, 253_402_300_799_999_999_i64] {
        let place = cursor(&json!([at, i64::MIN]));
        ask(&auditor, json!({"after": place})).await;
        ask(&auditor, json!({"before": place})).await;
    }
}

fn cursor(value: &Value) -> String {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    URL_SAFE_NO_PAD.encode(value.to_string())
}

#[tokio::test(flavor = "multi_thread")]
async fn entries_say_everything() {
    let world = World::new().await;
    let auditor = auditor(&world).await;
    let id = auditor.ask("{viewer{user{id}}}").await["viewer"]["user"]["id"].clone();
    world
        .sql(
            "insert into audit_entries (at, actor_kind, actor_id, actor_name, kind, object_kind, object_id, object_name, summary,
                 before, after, request_id)
             values ('2020-01-01 12:00:00.000001+00', 'token', 901, 'Orrin', 'state_edited', 'state', 'state:2', 'Blue', 'Edited.',
                     '{\"b\": 1, \"a\": null}', 'null', 'abc')",
        )
        .await;
    let fields = "id at actorKind actorName kind objectKind objectId objectName summary before after requestId affectedUserCount";
    let query = format!("query($f:AuditFilter){{auditEntries(filter:$f){{nodes{{{fields}}}}}}}");
    let data = auditor.gql(&query, json!({"f": {"personId": "user:901"}})).await.data();
    let mut entry = data["auditEntries"]["nodes"][0].clone();
    assert!(entry["id"].take().as_str().unwrap().starts_with("audit:"));
    let expected = json!({
        "id": null, "at": "2020-01-01T12:00:00.000001+00:00", "actorKind": "token", "actorName": "Orrin",
        "kind": "state_edited", "objectKind": "state", "objectId": "state:2", "objectName": "Blue", "summary": "Edited.",
        "before": "{\"a\": null, \"b\": 1}", "after": "null", "requestId": "abc", "affectedUserCount": 0,
    });
    assert_eq!(entry, expected);
    // His permission came with the newest entry but one, his state when he registered.
    let data = auditor.gql(&query, json!({"f": {"kinds": ["test"]}})).await.data();
    assert_eq!(data["auditEntries"]["nodes"][0]["affectedUserCount"], 1);
    let data = auditor
        .gql(&query, json!({"f": {"personId": id, "kinds": ["activated", "registered"]}}))
        .await
        .data();
    assert!(
        data["auditEntries"]["nodes"].as_array().unwrap().iter().any(|e| e["affectedUserCount"] == 1),
        "{data}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_number_of_statements_does_not_follow_the_number_of_rows() {
    let world = World::counting().await;
    let auditor = auditor(&world).await;
    write(
        &world,
        100,
        "actor_name, kind, object_kind, object_id, object_name, summary",
        "'system', 'system', 'many', 'user', 'user:7', 'Ansgar', 'Entry {n}.'",
    )
    .await;
    world
        .sql(
            "insert into access_changes (user_id, kind, gained, lost, audit_id, at)
             select u, k, '{x}', '{}', e.id, e.at from audit_entries e, generate_series(1, 3) u, unnest('{state,service}'::text[]) k
             where e.kind = 'many'",
        )
        .await;
    let query = "query($n:Int){auditEntries(first:$n,filter:{kinds:[\"many\"]}){nodes{affectedUserCount}}}";
    let mut costs = Vec::new();
    for n in [2, 2, 100] {
        let before = world.app.db.statement_count();
        let data = auditor.gql(query, json!({"n": n})).await.data();
        costs.push(world.app.db.statement_count() - before);
        let counts = data["auditEntries"]["nodes"].as_array().unwrap().clone();
        assert_eq!(counts.len(), n);
        assert!(counts.iter().all(|node| node["affectedUserCount"] == 3), "users, not changes");
    }
    assert_eq!(costs[2], costs[1]);
    // Counted only when asked for.
    let before = world.app.db.statement_count();
    auditor.ask("{auditEntries(first:2){nodes{summary}}}").await;
    let without = world.app.db.statement_count() - before;
    let before = world.app.db.statement_count();
    auditor.ask("{auditEntries(first:2){totalCount nodes{summary}}}").await;
    assert_eq!(world.app.db.statement_count() - before, without + 1);
}
