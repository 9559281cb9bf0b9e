//! The search: who finds what, in which order, at what cost.

use std::slice::from_ref;

use fealty_simulator::demo;
use serde_json::{Value, json};

use crate::{
    groups::{self, CLOSED, HIDDEN, INTERNAL, grant, group, lead, put},
    support::{Browser, World},
};

const ASK: &str = "query($q:String!,$n:Int!){search(query:$q,first:$n){
    users{username} characters{name} corporations{name} alliances{name} groups{name}}}";

async fn search(browser: &Browser<'_>, text: &str) -> Value {
    browser.gql(ASK, json!({"q": text, "n": 5})).await.data()["search"].clone()
}

fn names(found: &Value, kind: &str) -> Vec<String> {
    let key = if kind == "users" { "username" } else { "name" };
    found[kind].as_array().unwrap().iter().map(|one| one[key].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_finds_his_own_and_nobody_else() {
    let world = World::new().await;
    let mirel = world.pilot(demo::MIREL).await;
    let _others = (world.pilot(demo::TEODRIC).await, world.pilot(demo::VESPER).await);
    mirel.add(demo::SUNNIVA).await;
    let everybody: Vec<String> =
        groups::texts(&world, "select name as text from characters order by name").await;
    let own: Vec<String> = groups::texts(
        &world,
        "select c.name as text from characters c join character_ownerships o on o.character_id = c.id
         join users u on u.id = o.user_id join characters m on m.id = u.main_character_id where m.name like 'Mirel%'",
    )
    .await;
    assert_eq!(own.len(), 2);
    for name in &everybody {
        let found = search(&mirel, name).await;
        assert_eq!(found["users"], json!([]), "{name}");
        assert_eq!(names(&found, "characters").contains(name), own.contains(name), "{name}");
    }
    // Where they fly, and nowhere else.
    let known = "select k.name as text from corporations k where k.name is not null";
    let flown = "select k.name as text from corporations k join characters c on c.corporation_id = k.id
                 join character_ownerships o on o.character_id = c.id join users u on u.id = o.user_id
                 join characters m on m.id = u.main_character_id where m.name like 'Mirel%'";
    let flown = groups::texts(&world, flown).await;
    for name in groups::texts(&world, known).await {
        let found = search(&mirel, &name).await;
        assert_eq!(names(&found, "corporations").contains(&name), flown.contains(&name), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_see_users_finds_them_by_any_character() {
    let world = World::new().await;
    let (mirel, chief) = (world.pilot(demo::MIREL).await, world.pilot(demo::TEODRIC).await);
    mirel.add(demo::SUNNIVA).await;
    grant(&world, chief.user_id().await, &["auth.view_user"]).await;
    let username =
        &groups::texts(&world, "select username as text from users where username ilike 'mirel%'").await[0];
    for text in ["mirel", "MIREL OST", "sunniva"] {
        let found = search(&chief, text).await;
        assert_eq!(names(&found, "users").as_slice(), from_ref(username), "{text}");
        assert_eq!(names(&found, "characters").len(), 1, "{text}");
    }
    // Within a name, from three characters on.
    assert_eq!(names(&search(&chief, "ostavane").await, "users").as_slice(), from_ref(username));
    assert!(names(&search(&chief, "os").await, "users").iter().all(|name| name != username));
    assert!(!names(&search(&chief, "ashen van").await, "corporations").is_empty());
    for nothing in ["", " ", "m", "%%", "__", "nobody has this name", "\u{10ffff}\u{10ffff}"] {
        let found = search(&chief, nothing).await;
        assert!(found.as_object().unwrap().values().all(|list| *list == json!([])), "{nothing:?}: {found}");
    }
    let reply = chief.gql(ASK, json!({"q": "mirel", "n": 21})).await;
    assert_eq!(reply.code(), "INVALID");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_users_many_characters_do_not_crowd_out_others() {
    let world = World::new().await;
    let (mirel, chief) = (world.pilot(demo::MIREL).await, world.pilot(demo::TEODRIC).await);
    let other = world.pilot(demo::SUNNIVA).await;
    for (n, owner) in [(1, &mirel), (2, &mirel), (3, &mirel), (4, &mirel), (5, &mirel), (6, &other)] {
        let id = 90_000_000 + n;
        let owner = owner.user_id().await;
        world
            .sql(&format!("insert into characters (id, name, created_at) values ({id}, 'Quill {n}', now())"))
            .await;
        world
            .sql(&format!(
                "insert into character_ownerships (character_id, user_id, owner_hash, created_at)
                 values ({id}, {owner}, 'hash {n}', now())"
            ))
            .await;
    }
    grant(&world, chief.user_id().await, &["auth.view_user"]).await;
    assert_eq!(names(&search(&chief, "quill").await, "users").len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_see_states_finds_characters_but_no_users() {
    let world = World::new().await;
    let (_mirel, keeper) = (world.pilot(demo::MIREL).await, world.pilot(demo::TEODRIC).await);
    grant(&world, keeper.user_id().await, &["authentication.view_state"]).await;
    let found = search(&keeper, "mirel").await;
    assert_eq!(names(&found, "characters").len(), 1);
    assert_eq!(found["users"], json!([]));
    let owners = keeper.ask("{search(query:\"mirel\"){characters{user{username}}}}").await;
    assert_eq!(owners["search"]["characters"][0]["user"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn hidden_and_internal_groups_are_found_by_those_who_know_them() {
    let world = World::new().await;
    let mirel = world.pilot(demo::MIREL).await;
    let (leader, chief) = (world.pilot(demo::TEODRIC).await, world.pilot(demo::ORRIN).await);
    let open = group(&world, "Ops open", CLOSED).await;
    let hidden = group(&world, "Ops hidden", HIDDEN).await;
    let internal = group(&world, "Black Ops internal", INTERNAL).await;
    assert!(open > 0);
    assert_eq!(names(&search(&mirel, "ops").await, "groups"), ["Ops open"]);
    // Not even who is in an internal group.
    put(&world, internal, &[mirel.user_id().await]).await;
    assert_eq!(names(&search(&mirel, "ops").await, "groups"), ["Ops open"]);
    put(&world, hidden, &[mirel.user_id().await]).await;
    assert_eq!(names(&search(&mirel, "ops").await, "groups"), ["Ops hidden", "Ops open"]);
    lead(&world, hidden, &[leader.user_id().await], &[]).await;
    assert_eq!(names(&search(&leader, "ops").await, "groups"), ["Ops hidden", "Ops open"]);
    grant(&world, chief.user_id().await, &["auth.view_group"]).await;
    assert_eq!(
        names(&search(&chief, "ops").await, "groups"),
        ["Ops hidden", "Ops open", "Black Ops internal"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_begins_so_comes_first_and_the_cost_does_not_grow() {
    let world = World::counting().await;
    let chief = world.pilot(demo::TEODRIC).await;
    grant(&world, chief.user_id().await, &["auth.view_user"]).await;
    world
        .sql(
            "insert into characters (id, name, created_at)
             select 90000000 + n, case when n % 2 = 0 then 'Zyx ' || n else 'Old Zyx ' || n end, now()
             from generate_series(1, 40) n",
        )
        .await;
    let found = names(&search(&chief, "zyx").await, "characters");
    assert_eq!(found, ["Zyx 10", "Zyx 12", "Zyx 14", "Zyx 16", "Zyx 18"]);
    assert_eq!(names(&search(&chief, "zyx 2").await, "characters").len(), 5);
    assert_eq!(names(&search(&chief, "old zyx 39").await, "characters"), ["Old Zyx 39"]);
    let few =
        world.cost(&chief, "{search(query:\"mirel\",first:5){characters{name corporation{name}}}}").await;
    let many =
        world.cost(&chief, "{search(query:\"zyx\",first:20){characters{name corporation{name}}}}").await;
    assert!(many <= few + 1, "{few} and {many}");
}
