//! PostgreSQL: the pool, the tables, the migrations.
//!
//! Rules: functions that read or write take `&mut Conn`; only `actions`, jobs and HTTP handlers take the pool.
//! A write happens in `conn.transaction(async |conn| ..)`, opened by an action or a job: the closure's `Result` decides
//! between commit and rollback, so that neither can be forgotten.

pub mod keyset;
mod migrate;
mod rollback;
pub mod schema;

pub use migrate::{MIGRATIONS, migrate, revert_all};
pub use rollback::Rollback;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use deadpool::managed::QueueMode;
use diesel::connection::{Instrumentation, InstrumentationEvent};
use diesel_async::{
    AsyncConnection as _, AsyncPgConnection,
    pooled_connection::{
        AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod,
        deadpool::{Hook, Object, Pool},
    },
};

use crate::error::Error;

/// One connection.
pub type Conn = AsyncPgConnection;

/// The pool of connections of one process.
#[derive(Clone)]
pub struct Db {
    pool: Pool<Conn>,
    statements: Arc<AtomicU64>,
}

impl std::fmt::Debug for Db {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Db").field("pool", &self.pool.status()).finish()
    }
}

/// Counts statements, so that tests can show that their number does not follow the number of rows.
struct StatementCounter(Arc<AtomicU64>);

impl Instrumentation for StatementCounter {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        if matches!(event, InstrumentationEvent::StartQuery { .. }) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl Db {
    /// Makes the pool; connections are opened when needed.
    ///
    /// # Errors
    /// When the pool cannot be built (a size of 0).
    pub fn new(url: &str, size: usize) -> Result<Self, Error> {
        let statements = Arc::new(AtomicU64::new(0));
        let mut config = ManagerConfig::default();
        // `Fast`: a broken connection shows itself at its first use; the default asks the server before every use.
        config.recycling_method = RecyclingMethod::Fast;
        let manager = AsyncDieselConnectionManager::<Conn>::new_with_config(url, config);
        let counter = Arc::clone(&statements);
        let pool = Pool::builder(manager)
            .max_size(size)
            // The connection used last first: its process has the plans and tables in the processor's caches.
            .queue_mode(QueueMode::Lifo)
            .wait_timeout(Some(Duration::from_secs(10)))
            .create_timeout(Some(Duration::from_secs(10)))
            .runtime(deadpool::Runtime::Tokio1)
            .post_create(Hook::sync_fn(move |conn: &mut Conn, _| {
                conn.set_instrumentation(StatementCounter(Arc::clone(&counter)));
                Ok(())
            }))
            .build()
            .map_err(Error::internal)?;
        Ok(Self { pool, statements })
    }

    /// A connection of the pool.
    ///
    /// # Errors
    /// When the database cannot be reached or all connections stay busy for 10 seconds.
    pub async fn conn(&self) -> Result<Object<Conn>, Error> {
        self.pool.get().await.map_err(Error::internal)
    }

    /// How many statements all connections of this pool have run.
    #[must_use]
    pub fn statement_count(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
    }

    /// Closes the pool: for tests and shutdown.
    pub fn close(&self) {
        self.pool.close();
    }
}
