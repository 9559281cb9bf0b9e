//! The database guards the rules, and diesel's view of it is true.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use diesel::{QueryableByName, sql_query};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use fealty_api::{db, error::Error};
use fealty_simulator::demo;
use serde_json::json;

use crate::support::{TestDatabase, World};

#[derive(QueryableByName, Debug)]
struct Text {
    #[diesel(sql_type = diesel::sql_types::Text)]
    text: String,
}

async fn texts(world: &World, sql: &str) -> Vec<String> {
    let mut conn = world.conn().await;
    let rows: Vec<Text> = sql_query(sql).load(&mut conn).await.expect(sql);
    rows.into_iter().map(|row| row.text).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn migrations_go_down_and_up_again() {
    let database = TestDatabase::bare().await;
    assert!(!db::migrate(&database.url).await.unwrap().is_empty());
    db::revert_all(&database.url).await.unwrap();
    let mut conn = AsyncPgConnection::establish(&database.url).await.unwrap();
    let left: Vec<Text> = sql_query(
        "select c.relname::text as text from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where n.nspname = 'public' and c.relkind in ('r', 'v', 'S') and c.relname <> '__diesel_schema_migrations'
         union all
         select proname::text from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname = 'public'",
    )
    .load(&mut conn)
    .await
    .unwrap();
    assert!(left.is_empty(), "left behind: {left:?}");
    assert!(!db::migrate(&database.url).await.unwrap().is_empty());
    assert!(db::migrate(&database.url).await.unwrap().is_empty(), "a second time there is nothing to do");
}

#[tokio::test(flavor = "multi_thread")]
async fn members_ask_for_groups_from_the_start_and_nobody_is_overruled_later() {
    let database = TestDatabase::bare().await;
    db::migrate(&database.url).await.unwrap();
    let mut conn = AsyncPgConnection::establish(&database.url).await.unwrap();
    let carried =
        "select s.name || ' ' || p.name as text from state_permissions sp join states s on s.id = sp.state_id
                   join permissions p on p.id = sp.permission_id where p.description <> ''";
    let found: Vec<Text> = sql_query(carried).load(&mut conn).await.unwrap();
    assert_eq!(
        found.iter().map(|row| row.text.as_str()).collect::<Vec<_>>(),
        ["Member groupmanagement.request_groups"]
    );
    // A site that is older than this, whose operator took it away.
    for sql in [
        "delete from state_permissions",
        "delete from __diesel_schema_migrations where version = '20261126000012'",
    ] {
        assert_eq!(sql_query(sql).execute(&mut conn).await.unwrap(), 1);
    }
    assert_eq!(db::migrate(&database.url).await.unwrap().len(), 1);
    let found: Vec<Text> = sql_query(carried).load(&mut conn).await.unwrap();
    assert_eq!(found.len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn schema_rs_says_what_the_tables_are() {
    let world = World::empty("").await;
    let source = include_str!("../../src/db/schema.rs");
    let tables = texts(
        &world,
        "select table_name || ' ' || string_agg(column_name || case is_nullable when 'YES' then '?' else '' end, ' '
                order by ordinal_position) as text
         from information_schema.columns where table_schema = 'public' and table_name <> '__diesel_schema_migrations'
           and table_name !~ '^state_(characters|corporations|alliances|factions)$'
         group by table_name order by table_name",
    )
    .await;
    assert!(tables.len() > 20);
    let compact: String = source.split_whitespace().collect::<Vec<_>>().join(" ");
    for table in tables {
        let (name, columns) = table.split_once(' ').unwrap();
        let at = compact.find(&format!("{{ {name} (")).unwrap_or_else(|| panic!("schema.rs has no {name}"));
        let body = compact[at..].split("} }").next().unwrap();
        let body = &body[body.rfind('{').unwrap()..];
        let listed: Vec<String> = body
            .trim_matches(['{', ' '])
            .split(", ")
            .filter_map(|column| column.trim_end_matches(',').split_once(" -> "))
            .map(
                |(name, kind)| {
                    if kind.starts_with("Nullable") { format!("{name}?") } else { name.to_owned() }
                },
            )
            .collect();
        assert_eq!(listed.join(" "), columns, "{name}");
    }
}

/// After a failover a counter could give the number of a change that was lost to another one.
#[tokio::test(flavor = "multi_thread")]
async fn what_groups_look_like_has_the_number_of_the_last_transaction() {
    let world = World::new().await;
    let version = "select version from group_catalogue";
    let mut last = world.number(version).await;
    for sql in [
        "insert into groups (name, created_at) values ('Scouts', now())",
        "update groups set description = 'x'",
    ] {
        world.sql(sql).await;
        let now = world.number(version).await;
        assert!(now > last, "{sql}");
        // A young database's transactions have numbers of 32 bits.
        assert_eq!(now, world.number("select xmin::text from group_catalogue").await);
        last = now;
    }
}

/// What is stored and not known is a defect, not something else.
#[tokio::test(flavor = "multi_thread")]
async fn unknown_words_are_not_taken_for_known_ones() {
    let world = World::new().await;
    let mirel = world.pilot(demo::MIREL).await;
    let user_id = mirel.user_id().await;
    let query = "{viewer{notifications(first:1){nodes{level}}}}";
    let told = format!(
        "insert into notifications (user_id, level, kind, title, body, created_at)
         values ({user_id}, 'danger', 'test', 'x', 'x', now() + interval '1 hour')"
    );
    world.sql(&told).await;
    assert_eq!(mirel.ask(query).await["viewer"]["notifications"]["nodes"][0]["level"], "DANGER");
    world.sql("alter table notifications drop constraint notifications_level_check").await;
    world.sql(&told.replace("danger", "doom")).await;
    assert_eq!(mirel.gql(query, json!({})).await.code(), "INTERNAL");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_reference_is_indexed() {
    let world = World::empty("").await;
    let missing = texts(
        &world,
        "select c.conrelid::regclass || '.' || a.attname as text
         from pg_constraint c join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]
         where c.contype = 'f' and c.connamespace = 'public'::regnamespace
           and not exists (select from pg_index i where i.indrelid = c.conrelid and i.indkey[0] = c.conkey[1])",
    )
    .await;
    assert!(missing.is_empty(), "{missing:?}");
}

async fn refuses(world: &World, sql: &str) -> String {
    let mut conn = world.conn().await;
    match sql_query(sql).execute(&mut conn).await {
        Ok(_) => panic!("the database lets this pass: {sql}"),
        Err(error) => error.to_string(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn history_and_audit_are_append_only() {
    let world = World::new().await;
    let mirel = world.pilot(demo::MIREL).await.user_id().await;
    world
        .sql(&format!(
            "insert into group_log (at, group_id, group_name, user_id, username, kind, action, actor_kind, actor_name)
             values (now(), 1, 'Scouts', {mirel}, 'Mirel', 'join', 'accepted', 'system', 'system')"
        ))
        .await;
    for (table, column) in [
        ("audit_entries", "at"),
        ("audit_chain", "hash"),
        ("audit_concerned", "user_id"),
        ("access_changes", "at"),
        ("group_log", "note"),
    ] {
        assert!(world.number(&format!("select count(*) from {table}")).await > 0);
        // A replica's session skips ordinary triggers; tests are superusers and may say that they are one.
        for role in ["origin", "replica"] {
            for sql in [
                format!("update {table} set {column} = {column}"),
                format!("delete from {table}"),
                format!("truncate {table} cascade"),
            ] {
                let mut conn = world.conn().await;
                sql_query(format!("set session_replication_role = {role}")).execute(&mut conn).await.unwrap();
                let refused = sql_query(&sql).execute(&mut conn).await;
                sql_query("reset session_replication_role").execute(&mut conn).await.unwrap();
                let error = refused.expect_err(&sql).to_string();
                assert!(error.contains("append-only"), "{sql} as {role}: {error}");
            }
        }
    }
}

/// A statement that lets Guest list something.
fn guest_lists(column: &str, found: &str) -> String {
    let table = found.split(' ').next().unwrap();
    format!(
        "insert into state_{table} (state_id, {column}) select (select id from states where is_guest), id from {found} limit 1"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn of_guest_the_permissions_change() {
    let world = World::new().await;
    world
        .sql("insert into state_permissions (state_id, permission_id) select s.id, p.id from states s, permissions p where s.is_guest limit 1")
        .await;
    world.sql("update states set revision = revision + 1 where is_guest").await;
    world.sql("update states set priority = 51, is_public = true where name = 'Blue'").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn constraints_are_the_last_line() {
    let world = World::new().await;
    let mirel = world.pilot(demo::MIREL).await.user_id().await;
    let teodric = world.pilot(demo::TEODRIC).await.user_id().await;
    for (sql, constraint) in [
        // A main is one of one's own characters.
        (
            format!("update users set main_character_id = {} where id = {teodric}", demo::KAELEN),
            "users_main_is_owned",
        ),
        (format!("update users set main_character_id = {} where id = {teodric}", demo::MIREL), "users_main"),
        // One owner per character.
        (
            format!(
                "insert into character_ownerships (character_id, user_id, owner_hash, created_at) values ({}, {teodric}, 'x', now())",
                demo::MIREL
            ),
            "character_ownerships_pkey",
        ),
        ("insert into states (name, priority) values ('Second', 100)".into(), "states_priority_key"),
        ("insert into states (name, priority) values ('MEMBER', 7)".into(), "states_name"),
        ("insert into states (name, priority, is_guest) values ('Guest ', 7, true)".into(), "states_"),
        ("update states set name = 'Visitor' where is_guest".into(), "Guest"),
        ("delete from states where is_guest".into(), "Guest"),
        ("update states set priority = 7 where is_guest".into(), "Guest"),
        ("update states set is_public = false where is_guest".into(), "Guest"),
        ("update states set is_guest = false where is_guest".into(), "Guest"),
        (guest_lists("character_id", "characters"), "Guest"),
        (guest_lists("corporation_id", "corporations"), "Guest"),
        (guest_lists("alliance_id", "alliances"), "Guest"),
        (guest_lists("faction_id", "factions where militia_corporation_id is not null"), "Guest"),
        ("update state_alliances set state_id = (select id from states where is_guest)".into(), "Guest"),
        // Nobody comes below it.
        ("insert into states (name, priority) values ('Last', -1)".into(), "states_priority_check"),
        ("insert into states (name, priority) values ('Last', 0)".into(), "states_priority_key"),
        (
            format!(
                "insert into users (username, state_id, state_since, permission_set_id, created_at) select upper(username), state_id, now(), permission_set_id, now() from users where id = {mirel}"
            ),
            "users_username",
        ),
    ] {
        let error = refuses(&world, &sql).await;
        assert!(error.contains(constraint), "{sql}: {error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_transactions_that_wait_for_each_other_both_succeed() {
    let world = World::new().await;
    world.sql("create table pairs (id int primary key, n int not null)").await;
    world.sql("insert into pairs values (1, 0), (2, 0)").await;
    let (meet, tries) = (tokio::sync::Barrier::new(2), AtomicUsize::new(0));
    let both = async |first: i32, second: i32| {
        let (meet, tries) = (&meet, &tries);
        let db = &world.app.db;
        db.transaction(async |conn| {
            let raise = |id| sql_query(format!("update pairs set n = n + 1 where id = {id}"));
            raise(first).execute(conn).await?;
            // The first time each holds what the other wants.
            if tries.fetch_add(1, Ordering::SeqCst) < 2 {
                meet.wait().await;
            }
            raise(second).execute(conn).await?;
            Ok(())
        })
        .await
    };
    let (one, other) = tokio::join!(both(1, 2), both(2, 1));
    assert!(one.is_ok() && other.is_ok(), "{one:?} {other:?}");
    // On a busy machine the one that is done again may meet the other once more.
    let tries = AtomicUsize::load(&tries, Ordering::SeqCst);
    assert!((3..=6).contains(&tries), "one of them was done again: {tries}");
    assert_eq!(world.number("select sum(n) from pairs").await, 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_is_not_done_again_for_ever_nor_for_other_reasons() {
    let world = World::empty("").await;
    let states = world.number("select count(*) from states").await;
    let tries = AtomicUsize::new(0);
    for (sql, expected) in [
        ("do $$ begin raise exception 'no' using errcode = '40001'; end $$", 3),
        ("insert into states (name, priority) values ('Other', 100)", 1),
        ("select nothing", 1),
    ] {
        let (tries, db) = (&tries, &world.app.db);
        let result = db.transaction(async |conn| {
            tries.fetch_add(1, Ordering::SeqCst);
            sql_query("insert into states (name, priority) values ('New', 77)").execute(conn).await?;
            sql_query(sql).execute(conn).await?;
            Ok(())
        });
        let error = result.await.expect_err(sql);
        assert_eq!(matches!(error, Error::Contention), expected == 3, "{sql}: {error:?}");
        assert_eq!(tries.swap(0, Ordering::SeqCst), expected, "{sql}");
        assert_eq!(world.number("select count(*) from states").await, states, "rolled back");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_takes_too_long_is_given_up_in_words() {
    let world = World::empty("").await;
    let limits = db::TimeLimits {
        statement: Some(Duration::from_millis(200)),
        idle_transaction: Some(Duration::from_millis(300)),
    };
    let pool = db::Db::new(world.app.config.database.url.expose(), 1, limits).unwrap();
    let sleep = async |db: &db::Db| -> Result<(), Error> {
        let mut conn = db.conn().await?;
        sql_query("select pg_sleep(1)").execute(&mut conn).await?;
        Ok(())
    };
    let error = sleep(&pool).await.unwrap_err();
    assert!(matches!(error, Error::Timeout), "{error:?}");
    let shown: async_graphql::Error = error.into();
    let shown = format!("{shown:?}");
    assert!(shown.contains("TIMEOUT") && shown.contains("took too long"), "{shown}");
    assert!(!shown.contains("statement") && !shown.contains("pg_sleep"), "{shown}");
    // The connection is good for the next one.
    let result = pool.transaction(async |conn| {
        sql_query("select 1").execute(conn).await?;
        tokio::time::sleep(Duration::from_millis(800)).await;
        sql_query("select 1").execute(conn).await?;
        Ok(())
    });
    let error = result.await.unwrap_err();
    assert!(matches!(error, Error::Internal(_)), "{error:?}");
    assert!(
        pool.transaction(async |conn| Ok(sql_query("select 1").execute(conn).await?)).await.is_ok(),
        "the lost connection is replaced"
    );
    // Jobs have no limits.
    let limits = world.app.config.clone().without_time_limits().database.time_limits();
    let pool = db::Db::new(world.app.config.database.url.expose(), 1, limits).unwrap();
    assert!(sleep(&pool).await.is_ok());
}
