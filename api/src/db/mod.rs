//! PostgreSQL: the pool, the tables, the migrations.
//!
//! Rules
//! - Functions that read or write take `&mut Conn`; only actions, jobs, resolvers and HTTP handlers take the pool.
//! - Code that reads what only some may read takes a `&Grant<P>`, as actions do.
//! - A write happens in a transaction opened by an action or a job: the closure's `Result` decides between commit and
//!   rollback, so neither can be forgotten.
//! - Actions that somebody is waiting for use `app.db.transaction(async |conn| ..)` (or `app.db.tentative(..)`, if a
//!   preview is not committed), which starts over when PostgreSQL aborts a transaction; jobs, which the queue
//!   retries, use `conn.transaction(..)`.

pub mod keyset;
mod migrate;
pub mod part;
mod rollback;
pub mod schema;
mod unreachable;

pub use migrate::{MIGRATIONS, migrate, revert_all};
pub use rollback::Rollback;
pub use unreachable::Unreachable;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use deadpool::managed::{PoolError as NotGiven, QueueMode, TimeoutType};
use diesel::connection::{Instrumentation, InstrumentationEvent};
use diesel_async::{
    AsyncConnection as _, AsyncPgConnection, SimpleAsyncConnection,
    pooled_connection::{
        AsyncDieselConnectionManager, ManagerConfig, PoolError, RecyclingMethod,
        deadpool::{Hook, HookError, Object, Pool},
    },
};

use crate::{
    error::{Error, Result},
    upstream::Secret,
};

/// How long PostgreSQL lets a pool's statements and transactions take.
#[derive(Debug, Clone, Copy, Default)]
pub struct TimeLimits {
    /// A statement that takes longer is cancelled.
    pub statement: Option<Duration>,
    /// The connection of a transaction that is idle for longer is closed, which releases its locks.
    pub idle_transaction: Option<Duration>,
}

impl TimeLimits {
    /// The settings of a connection. To PostgreSQL, statements over many users look expensive enough to be compiled
    /// first, which takes seconds and gains nothing here.
    fn session_sql(self) -> String {
        let millis = |limit: Option<Duration>| limit.map_or(0, |limit| limit.as_millis());
        format!(
            "set jit = off; set statement_timeout = {}; set idle_in_transaction_session_timeout = {}",
            millis(self.statement),
            millis(self.idle_transaction)
        )
    }
}

/// Adds settings to the URL that notice a server that has silently disappeared, as after a failover: otherwise a
/// connection that nobody closed would be waited on for hours. Settings already in the URL stay.
#[must_use]
pub fn watched(url: &str) -> String {
    const SETTINGS: [(&str, u32); 5] = [
        ("connect_timeout", 10),
        ("keepalives_idle", 30),
        ("keepalives_interval", 10),
        ("keepalives_retries", 3),
        // In seconds for this driver. For data that was sent but not acknowledged, during
        // which no keepalives are sent.
        ("tcp_user_timeout", 60),
    ];
    let given = url.split_once('?').map_or("", |(_, query)| query);
    let has = |name: &str| given.split('&').any(|pair| pair.split('=').next() == Some(name));
    let added: Vec<String> = SETTINGS
        .iter()
        .filter(|(name, _)| !has(name))
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let glue = match (url.contains('?'), given.is_empty() || added.is_empty()) {
        (false, _) => "?",
        (true, true) => "",
        (true, false) => "&",
    };
    format!("{url}{glue}{}", added.join("&"))
}

/// How often a transaction that PostgreSQL aborts is attempted in total.
const ATTEMPTS: u64 = 3;

/// One connection.
pub type Conn = AsyncPgConnection;

/// The pool of connections of one process.
#[derive(Clone)]
pub struct Db {
    pool: Pool<Conn>,
    url: Arc<Secret>,
    statements: Arc<AtomicU64>,
}

impl std::fmt::Debug for Db {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Db").field("pool", &self.pool.status()).finish()
    }
}

/// Counts statements, so that tests can show that their number does not grow with the number of rows.
struct StatementCounter(Arc<AtomicU64>);

impl Instrumentation for StatementCounter {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        if matches!(event, InstrumentationEvent::StartQuery { .. }) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// A closure that a transaction can run. Like diesel-async's own trait of this name, which cannot be named here:
/// bounds on `AsyncFnOnce` cannot express yet that the future is `Send`.
pub trait AsyncFunc<A, R>: AsyncFnOnce(A) -> R + FnOnce(A) -> <Self as AsyncFunc<A, R>>::Fut {
    /// What the closure returns.
    type Fut: Future<Output = R>;
}

impl<F, A, Fut, R> AsyncFunc<A, R> for F
where
    F: AsyncFnOnce(A) -> R + FnOnce(A) -> Fut,
    Fut: Future<Output = R>,
{
    type Fut = Fut;
}

/// Whether PostgreSQL aborted a transaction in favour of another one: a second attempt may succeed.
trait MayBeGivenUp {
    fn is_given_up(&self) -> bool;
}

impl MayBeGivenUp for Error {
    fn is_given_up(&self) -> bool {
        matches!(self, Self::Contention)
    }
}

impl<T> MayBeGivenUp for Rollback<T> {
    fn is_given_up(&self) -> bool {
        matches!(self, Self::Failed(Error::Contention))
    }
}

impl Db {
    /// Creates the pool; connections are opened when needed.
    ///
    /// # Errors
    /// When the pool cannot be built (a size of 0).
    pub fn new(url: &str, size: usize, limits: TimeLimits) -> Result<Self> {
        let statements = Arc::new(AtomicU64::new(0));
        let mut config = ManagerConfig::default();
        // `Fast`: a broken connection shows at its first use; the default asks the server before every use.
        config.recycling_method = RecyclingMethod::Fast;
        let manager = AsyncDieselConnectionManager::<Conn>::new_with_config(url, config);
        let counter = Arc::clone(&statements);
        let pool = Pool::builder(manager)
            .max_size(size)
            // The most recently used connection first: its process has the plans and tables in the CPU's caches.
            .queue_mode(QueueMode::Lifo)
            .wait_timeout(Some(Duration::from_secs(10)))
            .create_timeout(Some(Duration::from_secs(10)))
            .runtime(deadpool::Runtime::Tokio1)
            .post_create(Hook::async_fn(move |conn: &mut Conn, _| {
                Box::pin(async move {
                    let set = conn.batch_execute(&limits.session_sql()).await;
                    set.map_err(|error| HookError::Backend(PoolError::QueryError(error)))
                })
            }))
            .post_create(Hook::sync_fn(move |conn: &mut Conn, _| {
                conn.set_instrumentation(StatementCounter(Arc::clone(&counter)));
                Ok(())
            }))
            .build()
            .map_err(Error::internal)?;
        Ok(Self { pool, url: Arc::new(Secret::new(url)), statements })
    }

    /// A connection from the pool.
    ///
    /// # Errors
    /// When the database cannot be reached or all connections stay busy for 10 seconds.
    pub async fn conn(&self) -> Result<Object<Conn>> {
        let unreachable =
            |why: &dyn std::fmt::Display| Error::internal(Unreachable::new(self.url.expose(), why));
        self.pool.get().await.map_err(|error| match error {
            NotGiven::Backend(PoolError::ConnectionError(why)) => unreachable(&why),
            NotGiven::Timeout(TimeoutType::Create) => unreachable(&"no answer within 10 seconds"),
            other => Error::internal(other),
        })
    }

    /// Runs `work` in a transaction: committed when it succeeds, rolled back when it fails. When PostgreSQL aborts it
    /// in favour of another one (a deadlock, a serialization failure), it is run again, up to three times in total.
    /// So `work` must have no effects outside the database, and only borrow what it needs.
    ///
    /// # Errors
    /// What `work` returns, `Contention` when it was aborted each time, and what [`Db::conn`] returns.
    pub async fn transaction<T: Send, F>(&self, work: F) -> Result<T>
    where
        for<'r> F: AsyncFnOnce(&'r mut Conn) -> Result<T>
            + AsyncFunc<&'r mut Conn, Result<T>, Fut: Send>
            + Copy
            + Send,
    {
        self.repeated(work).await
    }

    /// As [`Db::transaction`], for work that can have a result without being committed.
    ///
    /// # Errors
    /// As `transaction`.
    pub async fn tentative<T: Send, F>(&self, work: F) -> Result<T>
    where
        for<'r> F: AsyncFnOnce(&'r mut Conn) -> Result<T, Rollback<T>>
            + AsyncFunc<&'r mut Conn, Result<T, Rollback<T>>, Fut: Send>
            + Copy
            + Send,
    {
        Rollback::outcome(self.repeated(work).await)
    }

    async fn repeated<T: Send, E, F>(&self, work: F) -> Result<T, E>
    where
        E: From<Error> + From<diesel::result::Error> + MayBeGivenUp + Send,
        for<'r> F: AsyncFnOnce(&'r mut Conn) -> Result<T, E>
            + AsyncFunc<&'r mut Conn, Result<T, E>, Fut: Send>
            + Copy
            + Send,
    {
        let mut pooled = self.conn().await?;
        let conn: &mut Conn = &mut pooled;
        let mut attempt = 1;
        loop {
            match conn.transaction(work).await {
                Err(error) if error.is_given_up() && attempt < ATTEMPTS => {
                    tracing::info!(attempt, "a transaction was given up; doing it again");
                    // So that they do not collide again.
                    let [jitter] = crate::crypto::random_bytes::<1>();
                    tokio::time::sleep(Duration::from_millis(u64::from(jitter) / 4 * attempt)).await;
                    attempt += 1;
                }
                done => return done,
            }
        }
    }

    /// How many statements all connections in this pool have run.
    #[must_use]
    pub fn statement_count(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
    }

    /// Closes the pool: for tests and shutdown.
    pub fn close(&self) {
        self.pool.close();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_is_gone_is_noticed() {
        let all = "connect_timeout=10&keepalives_idle=30&keepalives_interval=10&keepalives_retries=3&tcp_user_timeout=60";
        assert_eq!(watched("postgres://a@b/c"), format!("postgres://a@b/c?{all}"));
        assert_eq!(watched("postgres://a@b/c?"), format!("postgres://a@b/c?{all}"));
        assert_eq!(watched("postgres://a@b/c?x=y"), format!("postgres://a@b/c?x=y&{all}"));
        let own = watched("postgres://a@b/c?tcp_user_timeout=5");
        assert!(own.contains("tcp_user_timeout=5&") && !own.contains("=60"), "{own}");
        assert_eq!(watched(&own), own, "twice");
    }
}
