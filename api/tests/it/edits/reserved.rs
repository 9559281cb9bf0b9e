use fealty_simulator::demo;
use serde_json::{Value, json};

use super::{staff, superuser};
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
    assert_eq!(
        clerk.ask("{reservedGroupNames{name reason}}").await["reservedGroupNames"].as_array().unwrap().len(),
        1
    );
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
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        other.batch_execute("update users set is_staff = false; commit").await.unwrap();
    };
    let (made, released, ()) =
        tokio::join!(clerk.gql(make, json!({})), clerk.gql(&release, json!({})), demote);
    assert_eq!((made.code(), released.code()), ("FORBIDDEN".into(), "FORBIDDEN".into()));
    assert_eq!(world.number("select count(*) from reserved_group_names where name = 'Admins'").await, 1);
    assert_eq!(world.number("select count(*) from reserved_group_names").await, 1);
}
