//! The chain of hashes, and what is found when somebody who owns the database bends it.

use std::{process::Output, time::Duration};

use diesel::{QueryableByName, sql_query};
use diesel_async::{AsyncConnection, RunQueryDsl, SimpleAsyncConnection};
use fealty_api::{
    access::{self, Actor, Cause, Change, Token},
    audit::{
        self,
        verify::{Break, Expected, Flaw, Report, verify},
    },
    db,
    error::Error,
};
use fealty_simulator::demo;

use super::write_some;
use crate::support::{self, World, cause};

async fn check(world: &World, expected: Option<&str>) -> Report {
    let expected: Option<Expected> = expected.map(|text| text.parse().unwrap());
    verify(&mut *world.conn().await, expected.as_ref())
        .await
        .unwrap_or_else(|e| panic!("{}", e.for_operators()))
}

#[track_caller]
fn assert_whole(report: &Report, entries: i64) {
    assert_eq!(report.first_break, None);
    assert_eq!(report.entries, entries);
    assert_eq!(report.head.as_ref().map_or(0, |(position, _)| *position), entries);
}

/// Ids of the entries in the order of the chain.
async fn order(world: &World) -> Vec<i64> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        audit_id: i64,
    }
    let rows: Vec<Row> = sql_query("select audit_id from audit_chain order by position")
        .load(&mut world.conn().await)
        .await
        .unwrap();
    rows.into_iter().map(|row| row.audit_id).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn which_token_acted_is_sealed_too() {
    let world = World::empty("").await;
    let token = Token { id: 7, name: "Standings bot".into() };
    let actor = Actor::Token { id: 1, name: "Mirel".into(), token };
    let cause = Cause::new(actor, "test", ("test", String::new(), String::new()), "A bot did it.");
    let id = audit::write(&mut *world.conn().await, world.app.clock.now(), &cause).await.unwrap();
    let entries = world.number("select count(*) from audit_entries").await;
    assert_whole(&check(&world, None).await, entries);
    let mut conn = world.conn().await;
    conn.batch_execute(
        "set session_replication_role = replica; alter table audit_entries disable trigger user",
    )
    .await
    .unwrap();
    for change in
        ["token_id = 8", "token_id = 7, token_name = 'Another bot'", "token_id = null, token_name = null"]
    {
        conn.batch_execute(&format!("update audit_entries set {change} where id = {id}")).await.unwrap();
        let found = check(&world, None).await.first_break.unwrap();
        assert_eq!((found.flaw, found.audit_id), (Flaw::Changed, Some(id)), "{change}");
    }
}

/// The links cannot be kept without their table, and sealing anew would hide what was changed in between.
#[tokio::test(flavor = "multi_thread")]
async fn a_chain_with_entries_is_not_taken_back() {
    let world = World::new().await;
    world.pilot(demo::MIREL).await;
    let before = check(&world, None).await;
    let url = world.app.config.database.url.expose();
    let error = db::revert_all(url).await.unwrap_err();
    assert!(error.for_operators().contains("sealed"), "{}", error.for_operators());
    db::migrate(url).await.unwrap();
    assert_eq!(check(&world, None).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_that_happens_is_sealed() {
    let world = World::new().await;
    world.pilot(demo::MIREL).await;
    world.pilot(demo::TEODRIC).await;
    world.sim.move_character(demo::MIREL, demo::NEUTRAL_CORPORATION).unwrap();
    world.sync().await;
    let entries = world.number("select count(*) from audit_entries").await;
    assert!(entries > 3);
    assert_whole(&check(&world, None).await, entries);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_told_of_somebody_outlives_them() {
    let world = World::new().await;
    let gone = world.pilot(demo::TEODRIC).await.user_id().await;
    let told = format!(
        "select count(*) from audit_entries where actor_id = {gone} and actor_name <> ''
             and object_id = 'user:{gone}' and object_name <> ''"
    );
    let entries = world.number("select count(*) from audit_entries").await;
    let theirs = world.number(&told).await;
    assert!(theirs > 1);
    world.sql(&format!("delete from users where id = {gone}")).await;
    assert_eq!(world.number("select count(*) from audit_entries").await, entries);
    assert_eq!(world.number(&told).await, theirs);
    assert_whole(&check(&world, None).await, entries);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_log_is_whole() {
    let world = World::empty("").await;
    let entries = world.number("select count(*) from audit_entries").await;
    assert_whole(&check(&world, None).await, entries);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_entries_of_one_transaction_keep_their_order() {
    let world = World::empty("").await;
    write_some(&world, 10_000).await;
    write_some(&world, 1).await;
    assert_whole(&check(&world, None).await, 10_001);
    assert!(order(&world).await.is_sorted());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_rolled_back_to_a_savepoint_is_not_sealed() {
    let world = World::empty("").await;
    let mut conn = world.conn().await;
    let now = world.app.clock.now();
    conn.transaction::<_, Error, _>(async |conn| {
        audit::write(conn, now, &cause()).await?;
        let undone = conn
            .transaction::<(), Error, _>(async |conn| {
                audit::write(conn, now, &cause()).await?;
                Err(Error::NotFound)
            })
            .await;
        assert!(undone.is_err());
        audit::write(conn, now, &cause()).await?;
        // Sealed in between, on request; the rest follows at the commit.
        conn.batch_execute("set constraints all immediate; set constraints all deferred").await?;
        audit::write(conn, now, &cause()).await?;
        Ok(())
    })
    .await
    .unwrap();
    drop(conn);
    assert_whole(&check(&world, None).await, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_order_is_that_of_commits() {
    let world = World::empty("").await;
    let now = world.app.clock.now();
    let mut slow = world.conn().await;
    slow.batch_execute("begin").await.unwrap();
    let first = audit::write(&mut slow, now, &cause()).await.unwrap();
    // Somebody who has not committed keeps nobody waiting.
    let second = tokio::time::timeout(Duration::from_secs(10), async {
        audit::write(&mut *world.conn().await, now, &cause()).await.unwrap()
    })
    .await
    .unwrap();
    slow.batch_execute("commit").await.unwrap();
    assert!(first < second);
    assert_eq!(order(&world).await, [second, first]);
    assert_whole(&check(&world, None).await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn writers_at_the_same_time_make_one_chain() {
    let world = World::empty("").await;
    let now = world.app.clock.now();
    let tasks: Vec<_> = (0..6)
        .map(|_| {
            let app = world.app.clone();
            tokio::spawn(async move {
                for count in [1, 3, 2, 1, 5] {
                    let mut conn = app.db.conn().await.unwrap();
                    conn.transaction::<_, Error, _>(async |conn| {
                        for _ in 0..count {
                            audit::write(conn, now, &cause()).await?;
                        }
                        Ok(())
                    })
                    .await
                    .unwrap();
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_whole(&check(&world, None).await, 72);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_preview_neither_seals_nor_waits() {
    let world = World::new().await;
    let user_id = world.pilot(demo::MIREL).await.user_id().await;
    let before = order(&world).await;
    let mut sealing = world.conn().await;
    sealing.batch_execute("begin; select pg_advisory_xact_lock(hashtext('fealty.audit'))").await.unwrap();
    let change = Change::SuperuserChanged { user_id, is_superuser: true };
    let mut conn = world.conn().await;
    let now = world.app.clock.now();
    let diff =
        tokio::time::timeout(Duration::from_secs(10), access::preview(&mut conn, now, &cause(), &[change]))
            .await
            .expect("it does not wait for whoever commits")
            .unwrap();
    assert_eq!(diff.users(), 1);
    sealing.batch_execute("rollback").await.unwrap();
    assert_eq!(order(&world).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hash_does_not_depend_on_the_session() {
    let world = World::empty("").await;
    let mut conn = world.conn().await;
    let insert = "insert into audit_entries (at, actor_kind, actor_id, actor_name, kind, object_kind, object_id, object_name,
                      summary, before, after, request_id)
                  values ('2026-02-01 10:00:00.000001+09', 'user', 9, E'\"Ünï\\\\ \t \\x01 💥', 'x', 'y', '', ']', '\",\"', 'null',
                          '{\"b\": 1e400, \"a\": [1.10, null, \"é\"]}', null)";
    let foreign = "set timezone = 'Asia/Tokyo'; set datestyle = 'German'; set intervalstyle = 'iso_8601';
                   set extra_float_digits = -10; set bytea_output = 'escape'; set lc_numeric = 'C'";
    conn.batch_execute(insert).await.unwrap();
    conn.batch_execute(foreign).await.unwrap();
    conn.batch_execute(insert).await.unwrap();
    assert_whole(&verify(&mut conn, None).await.unwrap(), 2);
    drop(conn);
    let mut conn = world.conn().await;
    conn.batch_execute("reset all").await.unwrap();
    assert_whole(&verify(&mut conn, None).await.unwrap(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn entries_from_before_the_chain_are_sealed_by_the_migration() {
    let world = World::empty("").await;
    write_some(&world, 20).await;
    let mut conn = world.conn().await;
    // As if there had never been one: a chain with links is not taken back.
    conn.batch_execute("alter table audit_chain disable trigger user; delete from audit_chain")
        .await
        .unwrap();
    conn.batch_execute(include_str!("../../../../migrations/2026-11-21-000008_audit_chain/down.sql"))
        .await
        .unwrap();
    write_some(&world, 5).await;
    conn.batch_execute(include_str!("../../../../migrations/2026-11-21-000008_audit_chain/up.sql"))
        .await
        .unwrap();
    write_some(&world, 1).await;
    assert_whole(&check(&world, None).await, 26);
}

/// A log of 20 entries that somebody bends, and that is then as it was.
struct Bent<'w> {
    world: &'w World,
    ids: Vec<i64>,
}

impl<'w> Bent<'w> {
    async fn new(world: &'w World) -> Self {
        write_some(world, 20).await;
        world.sql("create table kept_entries as table audit_entries").await;
        world.sql("create table kept_chain as table audit_chain").await;
        Self { world, ids: order(world).await }
    }

    /// As the owner of the tables can. `{10}` is the id of the entry at position 10.
    async fn by(&self, sql: &str) -> Option<Break> {
        self.run(sql).await;
        let found = check(self.world, None).await.first_break;
        self.restore().await;
        assert_eq!(check(self.world, None).await.first_break, None, "restored");
        found
    }

    async fn run(&self, sql: &str) {
        let sql =
            self.ids.iter().enumerate().fold(sql.to_owned(), |sql, (at, id)| {
                sql.replace(&format!("{{{}}}", at + 1), &id.to_string())
            });
        let script = format!(
            "begin;
             alter table audit_entries disable trigger user;
             alter table audit_chain disable trigger user;
             {sql};
             alter table audit_entries enable trigger user;
             alter table audit_chain enable trigger user;
             commit"
        );
        self.world.conn().await.batch_execute(&script).await.unwrap_or_else(|e| panic!("{sql}: {e}"));
    }

    async fn restore(&self) {
        self.run(
            "delete from audit_chain; delete from audit_entries;
             insert into audit_entries overriding system value select * from kept_entries;
             insert into audit_chain select * from kept_chain",
        )
        .await;
    }

    fn at(&self, position: usize, flaw: Flaw) -> Option<Break> {
        let audit_id = Some(self.ids[position - 1]);
        Some(Break { flaw, position: i64::try_from(position).ok(), audit_id })
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_broken_entry_is_named() {
    let world = World::empty("").await;
    let log = Bent::new(&world).await;
    for change in [
        "summary = 'Nothing happened.'",
        "at = at + interval '1 microsecond'",
        "actor_kind = 'operator'",
        "actor_id = 1",
        "actor_name = ''",
        "kind = 'state_edited'",
        "object_kind = 'state'",
        "object_id = 'user:2'",
        "object_name = 'Orrin'",
        "before = null",
        "before = '{\"a\": 1.0}'",
        "after = 'null'",
        "request_id = ''",
    ] {
        let found = log.by(&format!("update audit_entries set {change} where id = {{10}}")).await;
        assert_eq!(found, log.at(10, Flaw::Changed), "{change}");
    }
    // The first of several, wherever it stands.
    for (position, id) in [(1, "{1}"), (19, "{19}"), (20, "{20}")] {
        let found =
            log.by(&format!("update audit_entries set summary = '' where id in ({id}, {{20}})")).await;
        assert_eq!(found, log.at(position, Flaw::Changed));
    }
    let found = log.by("update audit_chain set hash = sha256('x') where position = 10").await;
    assert_eq!(found, log.at(10, Flaw::Changed), "the link itself");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_gone_is_missed() {
    let world = World::empty("").await;
    let log = Bent::new(&world).await;
    let found = log.by("delete from audit_entries where id in ({10}, {11})").await;
    assert_eq!(found, log.at(10, Flaw::Missing));
    let found = log
        .by("delete from audit_entries where id = {10}; delete from audit_chain where position = 10")
        .await;
    assert_eq!(found, Some(Break { flaw: Flaw::Gap, position: Some(10), audit_id: None }));
    let found = log
        .by("delete from audit_entries where id in ({1}, {2}); delete from audit_chain where position < 3")
        .await;
    assert_eq!(found, Some(Break { flaw: Flaw::Gap, position: Some(1), audit_id: None }), "at the beginning");
    let found = log
        .by("delete from audit_entries where id = {10}; delete from audit_chain where position = 10;
             update audit_chain set position = position + 1000 where position > 10;
             update audit_chain set position = position - 1001 where position > 1000")
        .await;
    assert_eq!(found.unwrap().position, Some(10), "the gap was closed");
    let found = log.by("delete from audit_chain where position = 10").await;
    assert_eq!(found, log.at(10, Flaw::NotInChain), "only the link");
    let found = log.by("delete from audit_chain").await;
    let first = Break { flaw: Flaw::NotInChain, position: None, audit_id: Some(log.ids[0]) };
    assert_eq!(found, Some(first), "all links");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_moved_or_slipped_in_is_found() {
    let world = World::empty("").await;
    let log = Bent::new(&world).await;
    let found = log
        .by("update audit_chain set audit_id = -audit_id where position in (10, 12);
             update audit_chain set audit_id = {10} where audit_id = -{12};
             update audit_chain set audit_id = {12} where audit_id = -{10}")
        .await;
    let moved = |id: usize| {
        Some(Break { flaw: Flaw::OutOfOrder, position: Some(10), audit_id: Some(log.ids[id - 1]) })
    };
    assert_eq!(found, moved(12), "two links name each other's entries");
    let found = log
        .by("update audit_chain set position = 1000 where position = 10;
             update audit_chain set position = 10 where position = 12;
             update audit_chain set position = 12 where position = 1000")
        .await;
    assert_eq!(found, moved(12), "two links changed places");
    let found = log
        .by("update audit_entries e set summary = o.summary, at = o.at from audit_entries o
             where (e.id, o.id) in (({10}, {12}), ({12}, {10}))")
        .await;
    assert_eq!(found, log.at(10, Flaw::Changed), "two entries have each other's text");
    let forged = "insert into audit_entries (id, at, actor_kind, actor_name, kind, object_kind, object_id, object_name, summary)
                  overriding system value values (ID, now(), 'user', 'Orrin', 'x', 'user', 'user:1', 'Ansgar', 'Orrin did it.')";
    let found = log.by(&forged.replace("ID", "1000000")).await;
    assert_eq!(found, Some(Break { flaw: Flaw::NotInChain, position: None, audit_id: Some(1_000_000) }));
    let found = log
        .by(&format!("delete from audit_entries where id = {{10}}; {}", forged.replace("ID", "{10}")))
        .await;
    assert_eq!(found, log.at(10, Flaw::Changed), "in the place of another");
    let found = log
        .by(&format!(
            "{}; insert into audit_chain values (21, 1000000, sha256('made up'))",
            forged.replace("ID", "1000000")
        ))
        .await;
    assert_eq!(found, Some(Break { flaw: Flaw::Changed, position: Some(21), audit_id: Some(1_000_000) }));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cut_end_is_found_by_an_earlier_head() {
    let world = World::empty("").await;
    let log = Bent::new(&world).await;
    let (position, hash) = check(&world, None).await.head.unwrap();
    let (hash, head) = (hex::encode(&hash), format!("{}@{position}", hex::encode(&hash)));
    assert_eq!(check(&world, Some(&head)).await.first_break, None);
    write_some(&world, 2).await;
    assert_eq!(check(&world, Some(&head)).await.first_break, None, "the log went on");
    log.restore().await;

    log.run("delete from audit_chain where position > 18; delete from audit_entries where id >= {19}").await;
    assert_eq!(check(&world, None).await.first_break, None, "nothing is to be seen without it");
    let lost = |position| Some(Break { flaw: Flaw::HeadMissing, position, audit_id: None });
    assert_eq!(check(&world, Some(&head)).await.first_break, lost(Some(20)));
    assert_eq!(check(&world, Some(&hash)).await.first_break, lost(None));
    write_some(&world, 5).await;
    assert_eq!(check(&world, Some(&head)).await.first_break, lost(Some(20)), "grown again");
    log.restore().await;

    // Somebody who knows how it is made makes it anew.
    log.run(
        "update audit_entries set summary = 'Nothing happened.' where id = {10};
         delete from audit_chain;
         insert into audit_chain
         select row_number() over w, id, audit_running(convert_to(audit_canonical(e), 'UTF8'), null) over w
         from audit_entries e window w as (order by id rows unbounded preceding)",
    )
    .await;
    assert_eq!(check(&world, None).await.first_break, None);
    assert_eq!(check(&world, Some(&head)).await.first_break, lost(Some(20)));
}

fn fealtyctl(world: &World, arguments: &[&str]) -> Output {
    support::fealtyctl(world.app.config.database.url.expose(), world.outbox.path(), "", arguments)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_operator_is_told() {
    let world = World::empty("").await;
    let log = Bent::new(&world).await;
    let (position, hash) = check(&world, None).await.head.unwrap();
    let head = format!("{}@{position}", hex::encode(hash));
    let text = |output: &Output| String::from_utf8(output.stdout.clone()).unwrap();

    let good = fealtyctl(&world, &["audit", "verify", "--expect-head", &head]);
    assert_eq!(good.status.code(), Some(0));
    assert!(text(&good).contains("20 entries") && text(&good).contains(&head), "{}", text(&good));
    let wrong = fealtyctl(&world, &["audit", "verify", "--expect-head", "what"]);
    assert_eq!(wrong.status.code(), Some(2), "not understood");

    let person =
        ["audit", "export", "--person", "user:777", "--kind", "main_changed", "--from", "2026-01-01"];
    let lines = text(&fealtyctl(&world, &person));
    assert_eq!(lines.lines().count(), 20, "{lines}");
    assert_eq!(text(&fealtyctl(&world, &["audit", "export", "--search", "entry 7."])).lines().count(), 1);
    assert_eq!(fealtyctl(&world, &["audit", "export", "--person", "nobody"]).status.code(), Some(1));
    assert_eq!(fealtyctl(&world, &["audit", "export", "--to", "soon"]).status.code(), Some(2));
    let reversed = ["audit", "export", "--from", "2026-02-01", "--to", "2026-01-01"];
    assert_eq!(fealtyctl(&world, &reversed).status.code(), Some(2));

    log.run("update audit_entries set summary = '' where id = {10}").await;
    let bad = fealtyctl(&world, &["audit", "verify"]);
    assert_eq!(bad.status.code(), Some(1));
    let told = format!("entry audit:{} at position 10 was changed", log.ids[9]);
    assert!(text(&bad).contains(&told), "{}", text(&bad));
}
