//! What is measured: a database of its own, the simulator, and the programs as an operator runs them.

use std::{
    net::SocketAddr,
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use diesel::{QueryableByName, sql_query, sql_types::Integer};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use fealty_api::{
    app::App,
    clock::SystemClock,
    config::Config,
    db,
    error::{Error, Result},
};
use fealty_simulator::{Handle, Simulator, demo};
use tempfile::TempDir;

use crate::{process::Program, progress, seed, settings::Settings, world};

/// Databases made by this run; the process's number keeps two runs apart.
fn database_name(which: &str) -> String {
    format!("fealty_bench_{which}_{}", std::process::id())
}

/// Databases beside the big one.
const OTHERS: &[&str] = &["small", "audit"];

/// Everything that is measured.
pub struct Stack {
    /// This process's own view of the big database.
    pub app: App,
    /// The simulator.
    pub handle: Handle,
    /// Users in the big database.
    pub users: usize,
    simulator: Simulator,
    folder: TempDir,
    address: SocketAddr,
    admin_url: String,
}

impl Stack {
    /// Starts the simulator and fills the database.
    ///
    /// # Errors
    /// When something does not start.
    pub async fn start(settings: &Settings) -> Result<Self> {
        let started = Instant::now();
        let users = settings.users();
        let simulator = world::start(users * 3).map_err(Error::internal)?;
        let handle = simulator.handle();
        let folder = tempfile::tempdir().map_err(Error::internal)?;
        let address = free_address().map_err(Error::internal)?;
        let app = database(&settings.database_url, "big", folder.path(), address, simulator.url()).await?;
        let stack =
            Self { app, handle, users, simulator, folder, address, admin_url: settings.database_url.clone() };
        seed::facts_and_rules(&stack.app, &stack.handle, users).await?;
        progress(format!(
            "{users} users and {} characters are there after {:.1} s",
            users * 3,
            started.elapsed().as_secs_f64()
        ));
        Ok(stack)
    }

    /// Another database on the same cluster with a few users, named as in [`OTHERS`].
    ///
    /// # Errors
    /// When it cannot be filled.
    pub async fn other(&self, name: &str, users: usize) -> Result<App> {
        let app =
            database(&self.admin_url, name, self.folder.path(), self.address, self.simulator.url()).await?;
        seed::facts_and_rules(&app, &self.handle, users).await?;
        Ok(app)
    }

    /// Starts the web server.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn server(&self) -> Result<(Program, SocketAddr)> {
        let mut server = Program::start(
            env!("CARGO_BIN_EXE_server"),
            &self.config(),
            &self.folder.path().join("server.log"),
        )?;
        server.wait_for(self.address).await.map_err(|error| self.with_log(&error, "server"))?;
        Ok((server, self.address))
    }

    /// Starts a worker and waits until it listens for jobs.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn worker(&self) -> Result<Program> {
        let mut conn = self.app.db.conn().await?;
        // Nothing of the measurements before may be due.
        seed::settle(&mut conn).await?;
        let worker = Program::start(
            env!("CARGO_BIN_EXE_worker"),
            &self.config(),
            &self.folder.path().join("worker.log"),
        )?;
        let started = Instant::now();
        while started.elapsed() < Duration::from_secs(20) {
            let listening = "select count(*) from pg_stat_activity where datname = current_database() and query ilike 'listen \"jobs:insert\"%'";
            if seed::count(&mut conn, listening).await? > 0 {
                return Ok(worker);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Err(self.with_log(&Error::internal("the worker does not listen for jobs"), "worker"))
    }

    fn config(&self) -> PathBuf {
        self.folder.path().join("big.toml")
    }

    fn with_log(&self, error: &Error, program: &str) -> Error {
        let log =
            std::fs::read_to_string(self.folder.path().join(format!("{program}.log"))).unwrap_or_default();
        Error::internal(format!("{}\n{log}", error.for_operators()))
    }

    /// Processes of the database that work for it. Empty when the database is on another machine.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn backends(&self) -> Result<Vec<u32>> {
        #[derive(QueryableByName)]
        struct Pid {
            #[diesel(sql_type = Integer)]
            pid: i32,
        }
        let mut conn = self.app.db.conn().await?;
        let rows: Vec<Pid> = sql_query("select pid from pg_stat_activity").load(&mut conn).await?;
        Ok(rows.into_iter().filter_map(|row| u32::try_from(row.pid).ok()).collect())
    }

    /// Drops the databases.
    pub async fn stop(self) {
        self.app.db.close();
        for which in ["big"].iter().chain(OTHERS) {
            if let Ok(mut conn) = AsyncPgConnection::establish(&self.admin_url).await {
                let _ = conn
                    .batch_execute(&format!("drop database if exists {} with (force)", database_name(which)))
                    .await;
            }
        }
    }
}

fn free_address() -> std::io::Result<SocketAddr> {
    std::net::TcpListener::bind(("127.0.0.1", 0))?.local_addr()
}

/// Makes a database, its settings file and an [`App`] on it.
async fn database(
    admin_url: &str,
    which: &str,
    folder: &std::path::Path,
    address: SocketAddr,
    simulator: &str,
) -> Result<App> {
    let name = database_name(which);
    let mut admin = AsyncPgConnection::establish(admin_url).await.map_err(Error::internal)?;
    admin.batch_execute(&format!("create database {name}")).await?;
    let mut url: url::Url = admin_url.parse().map_err(Error::internal)?;
    url.set_path(&name);
    db::migrate(url.as_str()).await?;
    let path = folder.join(format!("{which}.toml"));
    std::fs::write(&path, toml(url.as_str(), folder, address, simulator)).map_err(Error::internal)?;
    let config = Config::load(Some(&path)).map_err(Error::internal)?;
    App::new(config.without_time_limits(), Arc::new(SystemClock))
}

/// Production's defaults, with the simulator for the rest of the world and nothing on the schedule.
fn toml(database: &str, folder: &std::path::Path, address: SocketAddr, simulator: &str) -> String {
    let spa = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../web/dist");
    format!(
        "[site]
url = \"http://{address}\"
secret_key = \"benchmarks have nothing worth sealing\"
[http]
listen = \"{address}\"
spa_dir = {spa:?}
[database]
url = \"{database}\"
[sso]
metadata_url = \"{simulator}/sso/.well-known/oauth-authorization-server\"
client_id = \"{client}\"
client_secret = \"{secret}\"
[esi]
base_url = \"{simulator}/esi\"
contact = \"developer@example.com\"
[images]
base_url = \"{simulator}/images\"
[mail]
transport = \"outbox\"
from = \"Fealty <fealty@example.com>\"
outbox_dir = {folder:?}
[discord]
guild_id = \"{guild}\"
client_id = \"{application}\"
client_secret = \"{discord_secret}\"
bot_token = \"{bot}\"
api_base_url = \"{simulator}/discord/api/v10\"
authorize_url = \"{simulator}/discord/oauth2/authorize\"
token_url = \"{simulator}/discord/api/oauth2/token\"
[worker]
affiliation_cron = \"0 0 29 2 *\"
organisation_cron = \"0 0 29 2 *\"
token_cron = \"0 0 29 2 *\"
",
        client = demo::EVE_CLIENT_ID,
        secret = demo::EVE_CLIENT_SECRET,
        guild = demo::DISCORD_GUILD_ID,
        application = demo::DISCORD_APPLICATION_ID,
        discord_secret = demo::DISCORD_CLIENT_SECRET,
        bot = demo::DISCORD_BOT_TOKEN,
    )
}
