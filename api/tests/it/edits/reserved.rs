use fealty_simulator::demo;
use serde_json::{Value, json};

use super::{codes, edit, staff, state_id, superuser};
use crate::support::{Browser, World};

async fn reserve(browser: &Browser<'_>, name: &str, reason: &str) -> Value {
    let document = "mutation($i:CreateReservedGroupNameInput!){createReservedGroupName(input:$i){status problems{field code}
        reservedGroupName{id name reason createdBy}}}";
    browser.gql(document, json!({"i": {"name": name, "reason": reason}})).await.data()["createReservedGroupName"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn names_are_reserved_and_released() {
    let world = World::new().await;
    let admin = superuser(&world, demo::KAELEN).await;
    let made = reserve(&admin, " Admins ", "The bot's own role").await;
    assert_eq!(made["reservedGroupName"]["name"], "Admins");
    assert_eq!(made["reservedGroupName"]["createdBy"], "Kaelen_Vashtar");
    assert_eq!(
        reserve(&admin, "ADMINS", "again").await["problems"],
        json!([{"field": "name", "code": "taken"}])
    );
    for (name, reason, field, code) in [
        ("", "x", "name", "required"),
        (&"x".repeat(151), "x", "name", "too_long"),
        ("X", " ", "reason", "required"),
    ] {
        assert_eq!(reserve(&admin, name, reason).await["problems"], json!([{"field": field, "code": code}]));
    }
    let document =
        "mutation($i:CreateGroupInput!){createGroup(input:$i){status problems{field code message}}}";
    let answer = admin.gql(document, json!({"i": {"name": "admins"}})).await.data()["createGroup"].clone();
    assert_eq!(answer["problems"][0]["code"], "reserved");
    assert!(answer["problems"][0]["message"].as_str().unwrap().contains("The bot's own role"));
    // A clerk with a view sees them, and cannot release them.
    let clerk = staff(&world, demo::MIREL, &["groupmanagement.view_reservedgroupname"]).await;
    let seen = clerk.ask("{reservedGroupNames{totalCount nodes{name reason}}}").await;
    let expected = json!({"totalCount": 1, "nodes": [{"name": "Admins", "reason": "The bot's own role"}]});
    assert_eq!(seen["reservedGroupNames"], expected);
    let release = "mutation($id:ID!){deleteReservedGroupName(input:{id:$id}){status}}";
    let id = json!({"id": made["reservedGroupName"]["id"]});
    assert_eq!(clerk.gql(release, id.clone()).await.code(), "FORBIDDEN");
    let released = admin.gql(release, id.clone()).await.data()["deleteReservedGroupName"]["status"].clone();
    assert_eq!(released, "DELETED");
    let again = admin.gql(release, id).await.data()["deleteReservedGroupName"]["status"].clone();
    assert_eq!(again, "NOT_FOUND");
    assert_eq!(admin.gql(release, json!({"id": "x"})).await.code(), "INVALID");
    assert_eq!(
        world.number("select count(*) from audit_entries where object_kind = 'reserved_group_name'").await,
        2
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn reserved_names_are_searched_and_paged() {
    let world = World::new().await;
    let admin = superuser(&world, demo::KAELEN).await;
    for (name, reason) in [("beta", "A bot"), ("Alpha", "x"), ("100%", "y"), ("Gamma", "its bot, too")] {
        assert_eq!(reserve(&admin, name, reason).await["problems"], json!([]));
    }
    let list = "query($f:ReservedGroupNameFilter,$n:Int,$a:String,$l:Int,$b:String){
        reservedGroupNames(filter:$f,first:$n,after:$a,last:$l,before:$b){
            totalCount nodes{name} pageInfo{hasNextPage startCursor endCursor}}}";
    let ask = async |variables: Value| admin.gql(list, variables).await.data()["reservedGroupNames"].clone();
    let names = |page: &Value| -> Vec<String> {
        let nodes = page["nodes"].as_array().unwrap();
        nodes.iter().map(|node| node["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names(&ask(json!({})).await), ["100%", "Alpha", "beta", "Gamma"]);
    for (search, expected) in [
        ("ALPH", vec!["Alpha"]),
        ("bot", vec!["beta", "Gamma"]),
        ("%", vec!["100%"]),
        ("_", vec![]),
        (" ", vec!["100%", "Alpha", "beta", "Gamma"]),
        ("a\u{0}lpha", vec!["Alpha"]),
    ] {
        let page = ask(json!({"f": {"search": search}})).await;
        assert_eq!(names(&page), expected, "{search}");
        assert_eq!(page["totalCount"], expected.len(), "{search}");
    }
    let page = ask(json!({"n": 3})).await;
    assert_eq!(page["pageInfo"]["hasNextPage"], true);
    assert_eq!(names(&ask(json!({"n": 3, "a": page["pageInfo"]["endCursor"]})).await), ["Gamma"]);
    let page = ask(json!({"l": 2})).await;
    assert_eq!(names(&page), ["beta", "Gamma"]);
    assert_eq!(names(&ask(json!({"l": 2, "b": page["pageInfo"]["startCursor"]})).await), ["100%", "Alpha"]);
    for bad in [json!({"n": 101}), json!({"n": 1, "l": 1}), json!({"a": "x"})] {
        assert_eq!(admin.gql(list, bad.clone()).await.code(), "INVALID", "{bad}");
    }
    let pilot = world.pilot(demo::TEODRIC).await;
    assert_eq!(pilot.gql(list, json!({})).await.code(), "FORBIDDEN");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_database_keeps_groups_and_reservations_apart() {
    let world = World::new().await;
    let admin = superuser(&world, demo::KAELEN).await;
    world.sql("insert into groups (name, created_at) values ('Scouts', now())").await;
    let answer = reserve(&admin, "scouts", "late").await;
    assert_eq!(answer["problems"], json!([{"field": "name", "code": "in_use"}]));
    // The last line, under whatever the actions check.
    use diesel_async::RunQueryDsl;
    let mut conn = world.conn().await;
    let direct = diesel::sql_query(
        "insert into reserved_group_names (name, reason, created_by, created_at) values ('SCOUTS', 'x', 'x', now())",
    );
    assert!(direct.execute(&mut conn).await.is_err());
    reserve(&admin, "Rangers", "x").await;
    for direct in [
        "insert into groups (name, created_at) values ('rangers', now())",
        "update groups set name = 'RANGERS'",
    ] {
        assert!(diesel::sql_query(direct).execute(&mut conn).await.is_err(), "{direct}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn states_take_no_reserved_name_either() {
    use diesel_async::RunQueryDsl;
    let world = World::new().await;
    let admin = superuser(&world, demo::KAELEN).await;
    assert_eq!(
        reserve(&admin, "mEMBER", "late").await["problems"],
        json!([{"field": "name", "code": "in_use"}])
    );
    reserve(&admin, "Rangers", "The bot's own role").await;
    let new = json!({"name": "RANGERS", "priority": 77, "isPublic": false});
    assert_eq!(codes(&edit(&admin, "CreateState", new).await), ["name reserved"]);
    let id = state_id(&world, "Blue").await;
    let renamed = json!({"id": id, "name": "rangers"});
    assert_eq!(codes(&edit(&admin, "UpdateState", renamed).await), ["name reserved"]);
    // The last line, under whatever the actions check.
    let mut conn = world.conn().await;
    for direct in [
        "insert into states (name, priority, created_at) values ('rangers', 77, now())",
        "update states set name = 'RANGERS' where name = 'Blue'",
        "insert into reserved_group_names (name, reason, created_by, created_at) values ('BLUE', 'x', 'x', now())",
    ] {
        let refused = diesel::sql_query(direct).execute(&mut conn).await;
        let error = refused.expect_err(direct).to_string();
        assert!(error.contains("reserved") || error.contains("a state has the name"), "{direct}: {error}");
    }
    // One that was called so before stays as it is, and its other settings are edited.
    world.sql("alter table states disable trigger keep_state_names_apart").await;
    world.sql("update states set name = 'Rangers' where name = 'Blue'").await;
    world.sql("alter table states enable trigger keep_state_names_apart").await;
    assert_eq!(edit(&admin, "UpdateState", json!({"id": id, "priority": 78})).await["status"], "PREVIEW");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_left_the_staff_while_he_waited_reserves_and_releases_nothing() {
    use diesel_async::SimpleAsyncConnection;
    let world = World::new().await;
    let may = ["groupmanagement.add_reservedgroupname", "groupmanagement.delete_reservedgroupname"];
    let clerk = staff(&world, demo::KAELEN, &may).await;
    let made = reserve(&clerk, "Admins", "The bot's own role").await;
    let (make, release) = (
        "mutation{createReservedGroupName(input:{name:\"Bots\",reason:\"x\"}){status}}",
        format!(
            "mutation{{deleteReservedGroupName(input:{{id:{}}}){{status}}}}",
            made["reservedGroupName"]["id"]
        ),
    );
    // They wait for somebody's edit, by which he leaves the staff.
    let mut other = world.conn().await;
    other.batch_execute("begin; select pg_advisory_xact_lock(hashtext('fealty.access'))").await.unwrap();
    let demote = async {
        world.until_waiting(2).await;
        other.batch_execute("update users set is_staff = false; commit").await.unwrap();
    };
    let (made, released, ()) =
        tokio::join!(clerk.gql(make, json!({})), clerk.gql(&release, json!({})), demote);
    assert_eq!((made.code(), released.code()), ("FORBIDDEN".into(), "FORBIDDEN".into()));
    assert_eq!(world.number("select count(*) from reserved_group_names where name = 'Admins'").await, 1);
    assert_eq!(world.number("select count(*) from reserved_group_names").await, 1);
}
