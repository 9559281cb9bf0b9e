//! What the tests are made of: a world ([`World`]) with application, database and simulator, and browsers in it.

mod browser;
mod database;
mod line;

use std::sync::{Arc, Mutex};

pub use browser::{Browser, Reply, endpoint, graphql, send, send_to};
use chrono::Duration;
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use fealty_api::{
    access::{self, AccessDiff, Actor, Cause, Change, GroupSettings, NewId},
    app::App,
    clock::{Clock, ManualClock, SystemClock},
    config::Config,
    db::Conn,
    demo,
    error::{Error, Result},
    graphql::{ApiSchema, Hub, schema},
    identity::superusers,
    jobs,
};
use fealty_simulator::{Handle, Options, Simulator};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

pub use database::TestDatabase;
pub use line::Line;

/// A world of one test.
pub struct World {
    pub app: App,
    pub clock: Arc<ManualClock>,
    pub sim: Handle,
    pub schema: ApiSchema,
    pub hub: Hub,
    pub outbox: tempfile::TempDir,
    _simulator: Simulator,
}

impl World {
    /// With the demo organisation: the home alliance is Member and has Discord.
    pub async fn new() -> Self {
        let world = Self::empty("").await;
        demo::load(&world.app).await.expect("the demo organisation loads");
        world
    }

    /// As [`World::new`], to count statements in: the fields of a level are always loaded together.
    pub async fn counting() -> Self {
        let world = Self::made("", std::time::Duration::from_millis(50)).await;
        demo::load(&world.app).await.expect("the demo organisation loads");
        world
    }

    /// Without any rules but the three states of every installation. `toml` overrides settings.
    pub async fn empty(toml: &str) -> Self {
        Self::made(toml, std::time::Duration::from_micros(500)).await
    }

    async fn made(toml: &str, gathering: std::time::Duration) -> Self {
        let database = TestDatabase::new().await;
        // Limits are real, except where a test would wait for them.
        let simulator = Simulator::start(Options::default()).expect("the simulator starts");
        let outbox = tempfile::tempdir().expect("a folder for mails");
        let clock = Arc::new(ManualClock::new(SystemClock.now()));
        let config = config(&database.url, simulator.url(), outbox.path(), toml);
        let rng = Arc::new(Mutex::new(ChaCha20Rng::seed_from_u64(7)));
        let app = App::with_rng(config, clock.clone(), rng).expect("an application").gathering_for(gathering);
        let hub = Hub::new(CancellationToken::new());
        let schema = schema(app.clone(), hub.clone());
        let sim = simulator.handle();
        Self { app, clock, sim, schema, hub, outbox, _simulator: simulator }
    }

    /// How many statements a query costs once what is kept in memory is there.
    pub async fn cost(&self, browser: &Browser<'_>, query: &str) -> u64 {
        browser.ask(query).await;
        let before = self.app.db.statement_count();
        browser.ask(query).await;
        self.app.db.statement_count() - before
    }

    /// A connection.
    pub async fn conn(
        &self,
    ) -> deadpool::managed::Object<diesel_async::pooled_connection::AsyncDieselConnectionManager<Conn>> {
        self.app.db.conn().await.expect("a connection")
    }

    /// Lets time pass.
    pub fn wait(&self, by: Duration) {
        self.clock.advance(by);
    }

    /// An active superuser without characters, `admin`.
    pub async fn superuser(&self) -> i64 {
        let made = superusers::create(&self.app, "admin", "a@example.com", "correct horse battery", false);
        made.await.unwrap()
    }

    /// Begins to hand the database's wake-ups to subscriptions.
    pub fn listen(&self) -> Line {
        Line::open(self)
    }

    /// A fresh browser.
    pub fn browser(&self) -> Browser<'_> {
        Browser::new(self)
    }

    /// A pilot who has registered and is logged in.
    pub async fn pilot(&self, character: i64) -> Browser<'_> {
        let browser = self.browser();
        assert_eq!(browser.log_in(character).await, "/register", "a new pilot registers");
        let payload = browser
            .gql(
                "mutation($e:String!){register(input:{email:$e}){status problems{code}}}",
                json!({"e": format!("p{character}@example.com")}),
            )
            .await
            .data();
        assert_eq!(payload["register"]["status"], "MAIL_SENT");
        self.run_jobs().await;
        let token = self.mailed_token();
        let payload = browser
            .gql("mutation($t:String!){confirmEmail(input:{token:$t}){status next}}", json!({"t": token}))
            .await
            .data();
        assert_eq!(payload["confirmEmail"], json!({"status": "CONFIRMED", "next": "/"}));
        browser
    }

    /// The secret of the newest confirmation mail.
    pub fn mailed_token(&self) -> String {
        self.mails()
            .last()
            .and_then(|mail| mail.split("confirm-email?token=3D").nth(1).map(str::to_owned))
            .map_or_else(
                || panic!("no confirmation mail"),
                |rest| rest.replace("=\r\n", "").chars().take(43).collect(),
            )
    }

    /// All mails, oldest first.
    pub fn mails(&self) -> Vec<String> {
        let mut files: Vec<_> = std::fs::read_dir(self.outbox.path())
            .expect("the outbox")
            .flatten()
            .filter(|entry| entry.path().extension().is_some_and(|e| e == "eml"))
            .map(|entry| (entry.metadata().and_then(|m| m.modified()).expect("a date"), entry.path()))
            .collect();
        files.sort();
        files.into_iter().map(|(_, path)| std::fs::read_to_string(path).expect("a mail")).collect()
    }

    /// Runs everything that waits in the queue, by name, as the worker would, until nothing is due; later jobs stay.
    pub async fn run_jobs(&self) {
        for _ in 0..100 {
            let Some((id, name, payload)) = self.next_job().await else { return };
            jobs::run_named(&self.app, &name, payload)
                .await
                .unwrap_or_else(|e| panic!("{name}: {}", e.for_operators()));
            let mut conn = self.conn().await;
            sql_query("delete from graphile_worker._private_jobs where id = $1")
                .bind::<diesel::sql_types::BigInt, _>(id)
                .execute(&mut conn)
                .await
                .expect("the job is done");
        }
        panic!("the queue does not become empty");
    }

    async fn next_job(&self) -> Option<(i64, String, Value)> {
        #[derive(QueryableByName)]
        struct Row {
            #[diesel(sql_type = diesel::sql_types::BigInt)]
            id: i64,
            #[diesel(sql_type = diesel::sql_types::Text)]
            name: String,
            #[diesel(sql_type = diesel::sql_types::Json)]
            payload: Value,
        }
        let mut conn = self.conn().await;
        let row: Vec<Row> = sql_query(
            "select j.id, t.identifier as name, j.payload from graphile_worker._private_jobs j
             join graphile_worker._private_tasks t on t.id = j.task_id
             where j.run_at <= greatest(now(), $1) order by j.priority, j.id limit 1",
        )
        .bind::<diesel::sql_types::Timestamptz, _>(self.clock.now())
        .load(&mut conn)
        .await
        .expect("the queue");
        row.into_iter().next().map(|row| (row.id, row.name, row.payload))
    }

    /// Runs one job now, whatever waits.
    pub async fn run_job(&self, name: &str, payload: Value) -> Result<()> {
        jobs::run_named(&self.app, name, payload).await
    }

    /// The affiliation sync and everything it causes.
    pub async fn sync(&self) {
        self.run_job("sync_affiliations", json!({}))
            .await
            .unwrap_or_else(|e| panic!("{}", e.for_operators()));
        self.run_jobs().await;
    }

    /// Applies a change in a transaction of its own.
    pub async fn apply(&self, change: Change<'_>) -> Result<AccessDiff> {
        use diesel_async::AsyncConnection;
        let mut conn = self.conn().await;
        let now = self.clock.now();
        conn.transaction::<_, Error, _>(async |conn| access::apply(conn, now, &cause(), change).await).await
    }

    /// One number.
    pub async fn number(&self, sql: &str) -> i64 {
        #[derive(QueryableByName)]
        struct Row {
            #[diesel(sql_type = diesel::sql_types::BigInt)]
            n: i64,
        }
        let mut conn = self.conn().await;
        let row: Row =
            sql_query(format!("select ({sql})::bigint as n")).get_result(&mut conn).await.expect(sql);
        row.n
    }

    /// Ids, in the order of the statement.
    pub async fn ids(&self, sql: &str) -> Vec<i64> {
        #[derive(QueryableByName)]
        struct Row {
            #[diesel(sql_type = diesel::sql_types::BigInt)]
            id: i64,
        }
        let mut conn = self.conn().await;
        let rows: Vec<Row> = sql_query(sql).load(&mut conn).await.expect(sql);
        rows.into_iter().map(|row| row.id).collect()
    }

    /// Waits until so many of this world's statements wait for a lock.
    pub async fn until_waiting(&self, n: i64) {
        let waiting = "select count(*) from pg_stat_activity
                       where datname = current_database() and wait_event_type = 'Lock'";
        let all = async {
            while self.number(waiting).await < n {
                tokio::time::sleep(std::time::Duration::from_millis(10)).await;
            }
        };
        let waited = tokio::time::timeout(std::time::Duration::from_secs(20), all).await;
        waited.unwrap_or_else(|_| panic!("{n} never waited"));
    }

    /// Runs a statement.
    pub async fn sql(&self, sql: &str) {
        let mut conn = self.conn().await;
        sql_query(sql).execute(&mut conn).await.expect(sql);
    }
}

/// How many entries of an index were read on this connection, of the transaction that is open: what a statement does, not
/// what a copy of it would.
pub async fn entries_read(conn: &mut Conn, index: &str) -> i64 {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        n: i64,
    }
    let sql = format!("select coalesce(pg_stat_get_xact_tuples_returned('{index}'::regclass), 0) as n");
    let row: Row = sql_query(sql).get_result(conn).await.expect("a number of entries");
    row.n
}

/// A cause for changes a test makes.
pub fn cause() -> Cause {
    Cause::new(Actor::Operator, "test", ("test", String::new(), String::new()), "A test did it.")
}

/// Settings of a test, as an operator writes them.
pub fn config_text(database_url: &str, sim: &str, outbox: &std::path::Path) -> String {
    format!(
        r#"
        [site]
        url = "http://127.0.0.1:8000"
        development = true
        secret_key = "0123456789abcdef0123456789abcdef"
        [database]
        url = "{database_url}"
        pool_size = 8
        [sso]
        metadata_url = "{sim}/sso/.well-known/oauth-authorization-server"
        client_id = "fealty-dev"
        client_secret = "fealty-dev-secret"
        [esi]
        base_url = "{sim}/esi"
        contact = "tests@example.com"
        [images]
        base_url = "{sim}/images"
        [mail]
        transport = "outbox"
        outbox_dir = "{}"
        from = "Fealty <fealty@example.com>"
        [discord]
        guild_id = "1100000000000000002"
        client_id = "1100000000000000001"
        client_secret = "fealty-discord-secret"
        bot_token = "fealty-discord-bot-token"
        api_base_url = "{sim}/discord/api/v10"
        authorize_url = "{sim}/discord/oauth2/authorize"
        token_url = "{sim}/discord/api/oauth2/token"
        "#,
        outbox.display()
    )
}

/// The operator's program, done. `settings` go into the section of the database.
pub fn fealtyctl(
    database_url: &str,
    folder: &std::path::Path,
    settings: &str,
    arguments: &[&str],
) -> std::process::Output {
    let path = folder.join("fealty.toml");
    let text = config_text(database_url, "http://127.0.0.1:9", folder)
        .replace("pool_size = 8", &format!("pool_size = 8\n{settings}"));
    std::fs::write(&path, text).expect("a file");
    std::process::Command::new(env!("CARGO_BIN_EXE_fealtyctl"))
        .arg("--config")
        .arg(path)
        .args(arguments)
        .output()
        .expect("the program runs")
}

/// Settings of a group that is nothing in particular.
pub const fn plain_group(name: &str) -> GroupSettings<'_> {
    GroupSettings {
        name,
        description: "",
        is_internal: false,
        is_hidden: false,
        is_open: false,
        is_public: false,
        is_restricted: false,
    }
}

/// A group with nothing but its settings.
pub const fn new_group(id: i64, settings: GroupSettings<'_>) -> Change<'_> {
    Change::GroupCreated {
        id: NewId(id),
        settings,
        states: None,
        leaders: &[],
        leader_groups: &[],
        permissions: &[],
    }
}

/// Settings of a test.
pub fn config(database_url: &str, sim: &str, outbox: &std::path::Path, overrides: &str) -> Config {
    let text = config_text(database_url, sim, outbox);
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("fealty.toml");
    std::fs::write(&path, format!("{text}\n{overrides}")).expect("a file");
    Config::load(Some(&path)).unwrap_or_else(|e| panic!("{e}"))
}
