//! Two people edit at the same moment: one of them does it, the other is told, and the world is as the one left it.

use fealty_simulator::demo;
use serde_json::{Value, json};

use super::{edit, state_id, superuser, with_token};
use crate::support::{Browser, World};

/// Each race is run this often: who wins differs.
const ROUNDS: usize = 6;

/// What somebody is told: the payload's status, with the codes of its problems, or the error's code.
async fn outcome(browser: &Browser<'_>, kind: &str, input: &Value) -> String {
    let field = format!("{}{}", kind[..1].to_lowercase(), &kind[1..]);
    let document =
        format!("mutation($i:{kind}Input!){{ {field}(input:$i){{status problems{{field code}}}} }}");
    let reply = browser.gql(&document, json!({ "i": input })).await;
    let payload = &reply.json()["data"][&field];
    let Some(status) = payload["status"].as_str() else { return reply.code() };
    let problems = payload["problems"].as_array().unwrap().iter();
    problems.fold(status.to_owned(), |text, p| {
        format!("{text} {} {}", p["field"].as_str().unwrap(), p["code"].as_str().unwrap())
    })
}

/// The input with the token of its preview.
async fn previewed(browser: &Browser<'_>, kind: &str, input: Value) -> Value {
    with_token(&input, &edit(browser, kind, input.clone()).await)
}

/// Of two outcomes exactly one is `won`; the other one.
fn lost<'o>((first, second): (&'o str, &'o str), won: &str) -> &'o str {
    assert!((first == won) != (second == won), "{first} and {second}");
    if first == won { second } else { first }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_people_edit_the_same_state() {
    let world = World::new().await;
    let (kaelen, mirel) = (superuser(&world, demo::KAELEN).await, superuser(&world, demo::MIREL).await);
    let blue = state_id(&world, "Blue").await;
    for round in 0..ROUNDS {
        let name = json!({"id": blue, "name": format!("Name {round}")});
        let priority = json!({"id": blue, "priority": 60 + round});
        let (name, priority) =
            (previewed(&kaelen, "UpdateState", name).await, previewed(&mirel, "UpdateState", priority).await);
        let (first, second) =
            tokio::join!(outcome(&kaelen, "UpdateState", &name), outcome(&mirel, "UpdateState", &priority));
        assert_eq!(lost((&first, &second), "SAVED"), "CONFLICT");
        let is_named =
            world.number(&format!("select count(*) from states where name = 'Name {round}'")).await;
        let is_moved =
            world.number(&format!("select count(*) from states where priority = {}", 60 + round)).await;
        assert_eq!((is_named, is_moved), if first == "SAVED" { (1, 0) } else { (0, 1) });
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_deletes_what_the_other_edits() {
    let world = World::new().await;
    let (kaelen, mirel) = (superuser(&world, demo::KAELEN).await, superuser(&world, demo::MIREL).await);
    for round in 0..ROUNDS {
        let made = json!({"name": format!("Group {round}"), "isInternal": false});
        let made = previewed(&kaelen, "CreateGroup", made).await;
        assert_eq!(outcome(&kaelen, "CreateGroup", &made).await, "SAVED");
        let id = world.number(&format!("select id from groups where name = 'Group {round}'")).await;
        let id = format!("group:{id}");
        let rename =
            previewed(&kaelen, "UpdateGroup", json!({"id": id, "name": format!("New {round}")})).await;
        let delete = previewed(&mirel, "DeleteGroup", json!({"id": id})).await;
        let (renamed, deleted) =
            tokio::join!(outcome(&kaelen, "UpdateGroup", &rename), outcome(&mirel, "DeleteGroup", &delete));
        let other = lost((&renamed, &deleted), "SAVED");
        assert_eq!(other, if renamed == "SAVED" { "CONFLICT" } else { "NOT_FOUND" });
        let left = world.number(&format!("select count(*) from groups where name like '% {round}'")).await;
        assert_eq!(left, i64::from(renamed == "SAVED"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_deletes_the_state_that_the_other_edits() {
    let world = World::new().await;
    let (kaelen, mirel) = (superuser(&world, demo::KAELEN).await, superuser(&world, demo::MIREL).await);
    let vesper = world.pilot(demo::VESPER).await;
    for round in 0..ROUNDS {
        let made = json!({"name": format!("State {round}"), "priority": 10 + round, "isPublic": true});
        let made = previewed(&kaelen, "CreateState", made).await;
        assert_eq!(outcome(&kaelen, "CreateState", &made).await, "SAVED");
        let id = state_id(&world, &format!("State {round}")).await;
        let rename =
            previewed(&kaelen, "UpdateState", json!({"id": id, "name": format!("New {round}")})).await;
        let delete = previewed(&mirel, "DeleteState", json!({"id": id})).await;
        let (renamed, deleted) =
            tokio::join!(outcome(&kaelen, "UpdateState", &rename), outcome(&mirel, "DeleteState", &delete));
        let other = lost((&renamed, &deleted), "SAVED");
        assert_eq!(other, if renamed == "SAVED" { "CONFLICT" } else { "NOT_FOUND" });
        // Whoever was in it is where the one left them.
        let left = if renamed == "SAVED" { format!("New {round}") } else { "Guest".to_owned() };
        assert_eq!(vesper.state().await, left);
        if renamed == "SAVED" {
            let delete = previewed(&kaelen, "DeleteState", json!({"id": id})).await;
            assert_eq!(outcome(&kaelen, "DeleteState", &delete).await, "SAVED");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_states_want_one_priority() {
    let world = World::new().await;
    let (kaelen, mirel) = (superuser(&world, demo::KAELEN).await, superuser(&world, demo::MIREL).await);
    for round in 0..ROUNDS {
        let state = |name: &str| json!({"name": format!("{name} {round}"), "priority": 10 + round, "isPublic": false});
        let (one, two) = (
            previewed(&kaelen, "CreateState", state("One")).await,
            previewed(&mirel, "CreateState", state("Two")).await,
        );
        let (first, second) =
            tokio::join!(outcome(&kaelen, "CreateState", &one), outcome(&mirel, "CreateState", &two));
        assert_eq!(lost((&first, &second), "SAVED"), "INVALID priority taken");
        let with = format!("select count(*) from states where priority = {}", 10 + round);
        assert_eq!(world.number(&with).await, 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_is_reserved_while_a_group_takes_it() {
    let world = World::new().await;
    let (kaelen, mirel) = (superuser(&world, demo::KAELEN).await, superuser(&world, demo::MIREL).await);
    for round in 0..ROUNDS {
        let name = format!("Rangers {round}");
        let group = previewed(&kaelen, "CreateGroup", json!({"name": name})).await;
        let reserve = json!({"name": name.to_uppercase(), "reason": "a bot's role"});
        let (made, reserved) = tokio::join!(
            outcome(&kaelen, "CreateGroup", &group),
            outcome(&mirel, "CreateReservedGroupName", &reserve)
        );
        match (made.as_str(), reserved.as_str()) {
            ("SAVED", "INVALID name in_use") | ("INVALID name reserved", "CREATED") => {}
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_is_reserved_while_something_is_renamed_to_it() {
    let world = World::new().await;
    let (kaelen, mirel) = (superuser(&world, demo::KAELEN).await, superuser(&world, demo::MIREL).await);
    for (kind, table) in [("Group", "groups"), ("State", "states")] {
        let mut made = json!({"name": format!("Old {kind}")});
        if kind == "State" {
            made["priority"] = json!(77);
            made["isPublic"] = json!(false);
        }
        let create = format!("Create{kind}");
        let made = previewed(&kaelen, &create, made).await;
        assert_eq!(outcome(&kaelen, &create, &made).await, "SAVED");
        let id = world.number(&format!("select id from {table} where name = 'Old {kind}'")).await;
        let id = format!("{}:{id}", kind.to_lowercase());
        let update = format!("Update{kind}");
        for round in 0..ROUNDS {
            let name = format!("{kind} {round}");
            let rename = previewed(&kaelen, &update, json!({"id": id, "name": name})).await;
            let reserve = json!({"name": name.to_uppercase(), "reason": "a bot's role"});
            let (renamed, reserved) = tokio::join!(
                outcome(&kaelen, &update, &rename),
                outcome(&mirel, "CreateReservedGroupName", &reserve)
            );
            match (renamed.as_str(), reserved.as_str()) {
                ("SAVED", "INVALID name in_use") | ("INVALID name reserved", "CREATED") => {}
                other => panic!("{other:?}"),
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_people_reserve_one_name() {
    let world = World::new().await;
    let (kaelen, mirel) = (superuser(&world, demo::KAELEN).await, superuser(&world, demo::MIREL).await);
    for round in 0..ROUNDS {
        let reserve = json!({"name": format!("Admins {round}"), "reason": "a bot's role"});
        let (first, second) = tokio::join!(
            outcome(&kaelen, "CreateReservedGroupName", &reserve),
            outcome(&mirel, "CreateReservedGroupName", &reserve)
        );
        assert_eq!(lost((&first, &second), "CREATED"), "INVALID name taken");
    }
}
