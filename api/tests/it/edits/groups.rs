use diesel_async::SimpleAsyncConnection;
use fealty_api::access::{Change, Joined, Membership};
use fealty_simulator::demo;
use serde_json::{Value, json};

use super::{codes, edit, refused, save, staff, state_id, superuser, with_token};
use crate::support::{Browser, World};

async fn group_id(world: &World, name: &str) -> i64 {
    world.number(&format!("select id from groups where name = '{name}'")).await
}

async fn make(world: &World, admin: &Browser<'_>, input: Value) -> i64 {
    save(admin, "CreateGroup", input.clone()).await;
    group_id(world, input["name"].as_str().unwrap()).await
}

async fn add(world: &World, group_id: i64, users: &[i64]) {
    let membership =
        Membership { group_id, users, starts_at: None, ends_at: None, reason: "", how: Joined::Added };
    world.apply(Change::MembersAdded(membership)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_group_is_internal_and_hidden() {
    let world = World::new().await;
    let admin = superuser(&world, demo::KAELEN).await;
    let id = make(&world, &admin, json!({"name": "Scouts"})).await;
    let is = format!(
        "select count(*) from groups where id = {id} and is_internal and is_hidden and not is_open
                      and not is_public and not is_restricted and not is_state_limited"
    );
    assert_eq!(world.number(&is).await, 1);
    assert_eq!(
        codes(&edit(&admin, "CreateGroup", json!({"name": "scouts"})).await),
        ["name taken"],
        "any case"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_is_not_called_like_a_state() {
    let world = World::new().await;
    let admin = superuser(&world, demo::KAELEN).await;
    assert_eq!(codes(&edit(&admin, "CreateGroup", json!({"name": "MEMBER"})).await), ["name taken"]);
    let id = make(&world, &admin, json!({"name": "Scouts"})).await;
    let gid = format!("group:{id}");
    assert_eq!(codes(&edit(&admin, "UpdateGroup", json!({"id": gid, "name": "Blue"})).await), ["name taken"]);
    // The database is the last line.
    let mut conn = world.conn().await;
    for sql in [
        "update groups set name = 'member'",
        "update states set name = 'SCOUTS' where name = 'Blue'",
        "insert into groups (name, created_at) values ('guest', now())",
    ] {
        let error = conn.batch_execute(sql).await.unwrap_err().to_string();
        assert!(error.contains("both be called"), "{sql}: {error}");
    }
    // A name that collided before that was forbidden stays until it is changed.
    for sql in [
        "alter table groups disable trigger groups_differ_from_states",
        "update groups set name = 'Member'",
        "alter table groups enable trigger groups_differ_from_states",
    ] {
        conn.batch_execute(sql).await.unwrap();
    }
    save(&admin, "UpdateGroup", json!({"id": gid, "description": "Scouts of old"})).await;
    save(&admin, "UpdateGroup", json!({"id": gid, "name": "Scouts"})).await;
    assert_eq!(
        codes(&edit(&admin, "UpdateGroup", json!({"id": gid, "name": "Member"})).await),
        ["name taken"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn permissions_states_and_leaders_show_in_the_preview_and_act_at_once() {
    let world = World::new().await;
    let admin = superuser(&world, demo::KAELEN).await;
    let pilot = world.pilot(demo::MIREL).await;
    let user_id = pilot.user_id().await;
    let id = make(&world, &admin, json!({"name": "Scouts", "isInternal": false})).await;
    add(&world, id, &[user_id]).await;
    let gid = format!("group:{id}");
    let has_timers = async || {
        let permissions = pilot.ask("{viewer{permissions}}").await["viewer"]["permissions"].clone();
        permissions.as_array().unwrap().contains(&json!("auth.timer_view"))
    };
    let preview = save(&admin, "UpdateGroup", json!({"id": gid, "permissions": ["auth.timer_view"]})).await;
    assert_eq!(
        preview["preview"]["summary"],
        "Gives permission “Can see structure timers” (auth.timer_view) to 1 pilot."
    );
    assert!(has_timers().await);
    let preview =
        save(&admin, "UpdateGroup", json!({"id": gid, "leaderIds": [format!("user:{user_id}")]})).await;
    assert_eq!(preview["preview"]["counts"][0]["kind"], "LEADERSHIP");
    // The limit acts on the very first save.
    let blue = state_id(&world, "Blue").await;
    let preview = save(&admin, "UpdateGroup", json!({"id": gid, "stateIds": [blue]})).await;
    assert_eq!(preview["preview"]["loserCount"], 1);
    assert!(!has_timers().await);
    assert_eq!(world.number("select count(*) from group_members").await, 0);
    assert_eq!(
        world
            .number("select count(*) from group_log where kind = 'removal' and username = 'Mirel_Ostavane'")
            .await,
        1
    );
    // The state it is limited to goes: nobody gets in by that.
    save(&admin, "DeleteState", json!({"id": blue})).await;
    assert_eq!(
        world.number(&format!("select count(*) from groups where id = {id} and is_state_limited")).await,
        1
    );
    // No states: open to all again.
    save(&admin, "UpdateGroup", json!({"id": gid, "stateIds": []})).await;
    add(&world, id, &[user_id]).await;
    assert!(has_timers().await);
    // Its deletion takes what it gave; the log stays.
    let preview = save(&admin, "DeleteGroup", json!({"id": gid})).await;
    assert_eq!(preview["preview"]["loserCount"], 1);
    assert!(!has_timers().await);
    assert_eq!(world.number("select count(*) from group_log where group_name = 'Scouts'").await, 4);
    assert_eq!(edit(&admin, "DeleteGroup", json!({"id": gid})).await["status"], "NOT_FOUND");
}

#[tokio::test(flavor = "multi_thread")]
async fn losing_the_right_to_request_ends_what_it_was_needed_for() {
    let world = World::new().await;
    let admin = superuser(&world, demo::KAELEN).await;
    let pilot = world.pilot(demo::MIREL).await;
    let user_id = pilot.user_id().await;
    let mut ids = Vec::new();
    for (name, is_internal, is_public) in
        [("Closed", false, false), ("Public", false, true), ("Staff", true, false)]
    {
        let input = json!({"name": name, "isInternal": is_internal, "isPublic": is_public});
        ids.push(make(&world, &admin, input).await);
        add(&world, *ids.last().unwrap(), &[user_id]).await;
    }
    assert_eq!(world.number("select count(*) from group_members").await, 3);
    let member = state_id(&world, "Member").await;
    save(&admin, "UpdateState", json!({"id": member, "permissions": ["discord.access_discord"]})).await;
    let left = format!("select count(*) from group_members where group_id in ({}, {})", ids[1], ids[2]);
    assert_eq!(world.number("select count(*) from group_members").await, 2);
    assert_eq!(world.number(&left).await, 2);
    assert_eq!(
        world
            .number("select count(*) from group_log where action = 'removed' and group_name = 'Closed'")
            .await,
        1
    );
    let told = "select count(*) from notifications where kind = 'group_lost' and title like '%Closed%'";
    assert_eq!(world.number(told).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn staff_edits_groups_but_neither_permissions_nor_restricted_ones() {
    let world = World::new().await;
    let admin = superuser(&world, demo::KAELEN).await;
    let clerk =
        staff(&world, demo::MIREL, &["auth.add_group", "auth.change_group", "auth.delete_group"]).await;
    let scouts = make(&world, &clerk, json!({"name": "Scouts"})).await;
    let secret = make(&world, &admin, json!({"name": "Secret", "isRestricted": true})).await;
    let (scouts, secret) = (format!("group:{scouts}"), format!("group:{secret}"));
    save(&clerk, "UpdateGroup", json!({"id": scouts, "description": "Eyes."})).await;
    for (kind, input, expected) in [
        ("CreateGroup", json!({"name": "X", "isRestricted": true}), vec!["isRestricted forbidden"]),
        (
            "CreateGroup",
            json!({"name": "X", "permissions": ["auth.timer_view"]}),
            vec!["permissions forbidden"],
        ),
        ("UpdateGroup", json!({"id": scouts, "isRestricted": true}), vec!["isRestricted forbidden"]),
        (
            "UpdateGroup",
            json!({"id": scouts, "permissions": ["auth.timer_view"]}),
            vec!["permissions forbidden"],
        ),
        ("UpdateGroup", json!({"id": secret, "description": "x"}), vec!["isRestricted forbidden"]),
        ("UpdateGroup", json!({"id": secret, "isRestricted": false}), vec!["isRestricted forbidden"]),
        ("DeleteGroup", json!({"id": secret}), vec!["isRestricted forbidden"]),
    ] {
        assert_eq!(codes(&edit(&clerk, kind, input.clone()).await), expected, "{kind} {input}");
    }
    save(&clerk, "DeleteGroup", json!({"id": scouts})).await;
    save(&admin, "DeleteGroup", json!({"id": secret})).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_input_names_the_field_and_changes_nothing() {
    let world = World::new().await;
    let admin = superuser(&world, demo::KAELEN).await;
    let id = make(&world, &admin, json!({"name": "Scouts"})).await;
    save(
        &admin,
        "DeleteGroup",
        json!({"id": format!("group:{}", make(&world, &admin, json!({"name": "Gone"})).await)}),
    )
    .await;
    for (input, expected) in [
        (json!({"name": " "}), "name required"),
        (json!({"name": "x".repeat(151)}), "name too_long"),
        (json!({"name": "a\nb"}), "name invalid"),
        (json!({"name": "X", "description": "x".repeat(513)}), "description too_long"),
        (json!({"name": "X", "permissions": ["no.such"]}), "permissions unknown"),
        (json!({"name": "X", "stateIds": ["state:999"]}), "stateIds unknown"),
        (json!({"name": "X", "stateIds": ["user:1"]}), "stateIds invalid"),
        (json!({"name": "X", "leaderIds": ["user:999"]}), "leaderIds unknown"),
        (json!({"name": "X", "leaderGroupIds": ["group:999"]}), "leaderGroupIds unknown"),
    ] {
        assert_eq!(codes(&edit(&admin, "CreateGroup", input.clone()).await), [expected], "{input}");
    }
    let own = json!({"id": format!("group:{id}"), "leaderGroupIds": [format!("group:{id}")]});
    assert_eq!(codes(&edit(&admin, "UpdateGroup", own).await), ["leaderGroupIds invalid"]);
    assert_eq!(world.number("select count(*) from groups").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rename_keeps_the_log_and_loses_to_a_reservation() {
    let world = World::new().await;
    let admin = superuser(&world, demo::KAELEN).await;
    let id = make(&world, &admin, json!({"name": "Scouts"})).await;
    let user_id = admin.user_id().await;
    add(&world, id, &[user_id]).await;
    let rename = json!({"id": format!("group:{id}"), "name": "Rangers"});
    let preview = edit(&admin, "UpdateGroup", rename.clone()).await;
    // Reserved between preview and save.
    let reserve =
        "mutation{createReservedGroupName(input:{name:\"rangers\",reason:\"a bot's role\"}){status}}";
    assert_eq!(admin.ask(reserve).await["createReservedGroupName"]["status"], "CREATED");
    assert_eq!(codes(&edit(&admin, "UpdateGroup", with_token(&rename, &preview)).await), ["name reserved"]);
    save(&admin, "UpdateGroup", json!({"id": format!("group:{id}"), "name": "Pathfinders"})).await;
    let log = format!("select count(*) from group_log where group_id = {id} and group_name = 'Scouts'");
    assert_eq!(world.number(&log).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_makes_one_group() {
    let world = World::new().await;
    let admin = superuser(&world, demo::KAELEN).await;
    let input = json!({"name": "Scouts", "isPublic": true, "isInternal": false});
    let preview = edit(&admin, "CreateGroup", input.clone()).await;
    let again = with_token(&input, &preview);
    assert_eq!(edit(&admin, "CreateGroup", again.clone()).await["status"], "SAVED");
    let id = world.number("select id from groups").await;
    save(&admin, "DeleteGroup", json!({"id": format!("group:{id}")})).await;
    assert_eq!(refused(&admin, "CreateGroup", again).await, "CONFLICT", "deleted is deleted");
    assert_eq!(world.number("select count(*) from groups").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn names_that_look_the_same_are_taken() {
    let world = World::new().await;
    let admin = superuser(&world, demo::KAELEN).await;
    make(&world, &admin, json!({"name": "Caf\u{e9} Noir"})).await;
    for (name, expected) in [
        ("Cafe\u{301} noir", "name taken"),
        (" Caf\u{e9} \u{2003} Noir ", "name taken"),
        ("Caf\u{e9} Noir\u{200b}", "name invalid"),
        ("\u{202e}Noir", "name invalid"),
    ] {
        assert_eq!(codes(&edit(&admin, "CreateGroup", json!({"name": name})).await), [expected], "{name:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_catalogue_rises_with_each_transaction() {
    let world = World::new().await;
    let admin = superuser(&world, demo::KAELEN).await;
    let mut leaders = vec![format!("user:{}", admin.user_id().await)];
    for pilot in [demo::MIREL, demo::BRAM, demo::NIMUE] {
        leaders.push(format!("user:{}", world.pilot(pilot).await.user_id().await));
    }
    // The number of the transaction that changed something last, which is the one that wrote it.
    let version = async || {
        let version = world.number("select version from group_catalogue").await;
        assert_eq!(version, world.number("select xmin::text from group_catalogue").await);
        version
    };
    let mut last = version().await;
    let mut has_risen = async |why: &str| {
        let now = version().await;
        assert!(now > last, "{why}: {now} after {last}");
        last = now;
    };
    let id = make(&world, &admin, json!({"name": "Scouts", "leaderIds": leaders})).await;
    has_risen("a group is made").await;
    save(&admin, "UpdateGroup", json!({"id": format!("group:{id}"), "leaderIds": []})).await;
    has_risen("on whichever connection it was made").await;
    // Constraints that are looked at in the middle of a transaction hide nothing that comes later.
    let mut conn = world.conn().await;
    conn.batch_execute(
        "begin; update groups set description = 'a'; set constraints all immediate; update groups set description = 'b'; commit",
    )
    .await
    .unwrap();
    has_risen("in the middle and at the end").await;
    conn.batch_execute("update groups set description = 'c'").await.unwrap();
    has_risen("on the same connection").await;
}
