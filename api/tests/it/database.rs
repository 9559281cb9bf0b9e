//! The database guards the rules, and diesel's view of it is true.

use diesel::{QueryableByName, sql_query};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use fealty_api::db;
use fealty_simulator::demo;

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
    world.pilot(demo::MIREL).await;
    for (table, column) in [("audit_entries", "at"), ("audit_chain", "hash"), ("access_changes", "at")] {
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
