//! What the engine writes beside access: causes, notifications, marks; and that it costs the same for many as for few.

use fealty_api::{
    access::{Change, Kind, NewId, StateMembers},
    error::Error,
};
use fealty_simulator::demo;
use serde_json::json;

use crate::support::{World, cause};

#[tokio::test(flavor = "multi_thread")]
async fn a_moved_main_has_a_cause_in_words() {
    let world = World::new().await;
    let mirel = world.pilot(demo::MIREL).await;
    world.sim.move_character(demo::MIREL, demo::NEUTRAL_CORPORATION).unwrap();
    world.sync().await;
    let data = mirel
        .ask("{viewer{user{state{name} history(first:3){nodes{kind gained lost cause{kind summary actor}}}} notifications(first:1){nodes{kind level title body}}}}")
        .await;
    assert_eq!(data["viewer"]["user"]["state"]["name"], "Guest");
    let cause = json!({
        "kind": "affiliation_changed", "actor": "system",
        "summary": "Mirel Ostavane left Ashen Vanguard and flies for Driftglass Traders.",
    });
    assert_eq!(
        data["viewer"]["user"]["history"]["nodes"],
        json!([
            {"kind": "SERVICE", "gained": [], "lost": ["Discord"], "cause": cause},
            {"kind": "PERMISSION", "gained": [], "lost": ["discord.access_discord", "groupmanagement.request_groups"], "cause": cause},
            {"kind": "STATE", "gained": ["Guest"], "lost": ["Member"], "cause": cause},
        ])
    );
    assert_eq!(
        data["viewer"]["notifications"]["nodes"][0],
        json!({
            "kind": "state_changed", "level": "INFO", "title": "State changed to Guest",
            "body": "Your state is now Guest. Mirel Ostavane left Ashen Vanguard and flies for Driftglass Traders.",
        })
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deactivated_user_stays_guest_whatever_his_main_does() {
    let world = World::new().await;
    let user_id = world.pilot(demo::MIREL).await.user_id().await;
    let diff = world.apply(Change::ActiveChanged { user_id, is_active: false }).await.unwrap();
    assert_eq!(diff.losers(Kind::State), 1);
    world.sim.move_character(demo::MIREL, demo::INDUSTRY_CORPORATION).unwrap();
    world.sync().await;
    assert_eq!(world.number(&format!("select count(*) from users u join states s on s.id = u.state_id where u.id = {user_id} and s.name = 'Guest'")).await, 1);
    world.apply(Change::ActiveChanged { user_id, is_active: true }).await.unwrap();
    assert_eq!(world.number(&format!("select count(*) from users u join states s on s.id = u.state_id where u.id = {user_id} and s.name = 'Member'")).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fails_leaves_nothing() {
    let world = World::new().await;
    let before = world.number("select count(*) from audit_entries").await;
    assert!(matches!(world.apply(Change::StateDeleted { state_id: 999 }).await, Err(Error::NotFound)));
    assert!(matches!(
        world
            .apply(Change::StateCreated {
                id: NewId(999_999),
                name: "Second",
                priority: 100,
                is_public: false,
                members: &StateMembers::default(),
                permissions: &[],
            })
            .await,
        Err(Error::Conflict(_))
    ));
    assert_eq!(world.number("select count(*) from audit_entries").await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_preview_writes_nothing() {
    use diesel_async::AsyncConnection;
    use fealty_api::clock::Clock;
    let world = World::new().await;
    world.pilot(demo::MIREL).await;
    let state_id = world.number("select id from states where name = 'Member'").await;
    let members = StateMembers::default();
    let count = "select (select count(*) from audit_entries) + (select count(*) from access_changes) + (select count(*) from notifications)";
    let before = world.number(count).await;
    let mut conn = world.conn().await;
    let diff = conn
        .transaction::<_, Error, _>(async |conn| {
            fealty_api::access::preview(
                conn,
                world.clock.now(),
                &cause(),
                &[Change::StateMembersSet { state_id, members: &members }],
            )
            .await
        })
        .await
        .unwrap();
    drop(conn);
    assert_eq!(diff.losers(Kind::State), 1);
    assert_eq!(diff.losers(Kind::Service), 1);
    assert_eq!(world.number(count).await, before);
    assert_eq!(
        world
            .number("select count(*) from users u join states s on s.id = u.state_id where s.name = 'Member'")
            .await,
        1
    );
}

/// Users with mains in a corporation of their own, in one statement.
async fn crowd(world: &World, from: i64, count: i64) {
    world.sql("insert into corporations (id, name) values (98000777, 'Crowd') on conflict do nothing").await;
    let to = from + count - 1;
    world.sql(&format!("insert into characters (id, name, corporation_id, created_at) select 90000000 + n, 'Crowd ' || n, 98000777, now() from generate_series({from}, {to}) n")).await;
    world.sql(&format!("insert into users (username, email, is_active, state_id, state_since, permission_set_id, created_at) select 'crowd' || n, 'c@example.com', true, (select id from states where is_guest), now(), (select id from permission_sets where permission_ids = '{{}}'), now() from generate_series({from}, {to}) n")).await;
    world.sql("insert into character_ownerships (character_id, user_id, owner_hash, created_at) select 90000000 + substr(username, 6)::bigint, id, username, now() from users where username like 'crowd%' on conflict do nothing").await;
    world.sql("update users set main_character_id = 90000000 + substr(username, 6)::bigint where username like 'crowd%'").await;
    world.sql("insert into service_accounts (user_id, service, external_id, external_name, marked_at, settled_revision, next_attempt_at, linked_at) select id, 'discord', id::text, username, now(), 1, now(), now() from users where username like 'crowd%' on conflict do nothing").await;
}

async fn statements_of_an_edit(world: &World) -> (u64, usize) {
    let state_id = world.number("select id from states where name = 'Member'").await;
    let members = StateMembers {
        corporations: vec![98_000_777],
        alliances: vec![demo::HOME_ALLIANCE],
        ..StateMembers::default()
    };
    let before = world.app.db.statement_count();
    let diff = world.apply(Change::StateMembersSet { state_id, members: &members }).await.unwrap();
    let statements = world.app.db.statement_count() - before;
    let none = StateMembers { alliances: vec![demo::HOME_ALLIANCE], ..StateMembers::default() };
    world.apply(Change::StateMembersSet { state_id, members: &none }).await.unwrap();
    (statements, diff.users())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_costs_as_many_statements_for_a_thousand_as_for_one() {
    let world = World::new().await;
    crowd(&world, 1, 1).await;
    let (few, moved) = statements_of_an_edit(&world).await;
    assert_eq!(moved, 1);
    crowd(&world, 2, 999).await;
    let (many, moved) = statements_of_an_edit(&world).await;
    assert_eq!(moved, 1_000);
    assert_eq!(few, many);
    assert!(many < 60, "{many}");
    // And one job, however many accounts are marked.
    assert_eq!(
        world.number("select count(*) from service_accounts where marked_revision > settled_revision").await,
        1_000
    );
    assert_eq!(
        world.number("select count(*) from graphile_worker.jobs where task_identifier = 'reconcile'").await,
        1
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_lives_and_dies_with_its_transaction() {
    use diesel_async::AsyncConnection;
    use fealty_api::{jobs, services::Reconcile};
    let world = World::new().await;
    let waiting = "select count(*) from graphile_worker.jobs where task_identifier = 'reconcile'";
    let mut conn = world.conn().await;
    let job = Reconcile { service: "discord".into() };
    let failed: Result<(), Error> = conn
        .transaction(async |conn| {
            jobs::enqueue(conn, &job).await?;
            Err(Error::NotFound)
        })
        .await;
    assert!(failed.is_err());
    assert_eq!(world.number(waiting).await, 0);
    conn.transaction::<_, Error, _>(async |conn| {
        jobs::enqueue(conn, &job).await?;
        jobs::enqueue(conn, &job).await
    })
    .await
    .unwrap();
    assert_eq!(world.number(waiting).await, 1);
}
