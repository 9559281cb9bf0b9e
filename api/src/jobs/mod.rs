//! Background work: the jobs, how they are enqueued, and when they run by themselves.
//!
//! Rules
//! - A job is enqueued on the connection, and so in the transaction, of the facts that cause it: rolled back, it never
//!   was; committed, it is not lost.
//! - Payloads carry ids, not data. Bodies are idempotent: they compute what should be and apply the difference.
//! - Effects on the outside (ESI, Discord, mail) happen in jobs only.
//! - What takes access away never waits for an upstream: such jobs have slots of their own ([`Lane`]).
//! - Few jobs: work on many rows is one job that walks over them, never a job per row.
//!
//! The queue is `graphile_worker` (schema `graphile_worker` of the same database).

pub mod brake;
pub mod late;
mod registry;
mod runner;

use std::time::Duration;

use chrono::{DateTime, Utc};
use diesel::{
    sql_query,
    sql_types::{Integer, Nullable, Text, Timestamptz},
};
use diesel_async::RunQueryDsl;
use serde::{Serialize, de::DeserializeOwned};

pub use registry::{NAMES, RunJob, run_named};
pub use runner::{Runner, RunnerOptions, is_crontab, migrate};

use crate::{
    app::App,
    db::Conn,
    error::{Error, Result},
};

/// Which slots of a worker run a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    /// Slots of their own for what takes access away: revocations, and ends that have come. While EVE hangs, jobs that ask
    /// it may fill all the others, for up to an hour.
    Ending,
    /// The rest.
    Ordinary,
}

/// A kind of background work.
pub trait Job: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// Stable name, also in the queue's table.
    const NAME: &'static str;
    /// Lower runs first.
    const PRIORITY: i32 = 0;
    /// Whose slots it runs in.
    const LANE: Lane = Lane::Ordinary;
    /// How often it is tried; waits grow exponentially in between (graphile: `exp(min(10, attempt))` seconds).
    const MAX_ATTEMPTS: i32 = 25;
    /// A job that takes longer is given up and tried again: something it waits for will not come. Far more than any job
    /// needs; what walks over very much ends by itself before and goes on as another job.
    const TIME_LIMIT: Duration = Duration::from_secs(3_600);
    /// Jobs of one queue never run at the same time, whatever the number of workers.
    const QUEUE: Option<&'static str> = None;

    /// Jobs with the same key wait as one: enqueued twice before it started, it runs once.
    fn key(&self) -> Option<String> {
        Some(Self::NAME.to_owned())
    }

    /// The queue, where it depends on the payload.
    fn queue(&self) -> Option<String> {
        Self::QUEUE.map(str::to_owned)
    }

    /// Does the work. An error makes it run again later.
    fn run(self, app: &App) -> impl Future<Output = Result<()>> + Send;
}

/// Enqueues a job with the present transaction.
///
/// # Errors
/// When the database fails.
pub async fn enqueue<J: Job>(conn: &mut Conn, job: &J) -> Result<()> {
    enqueue_at(conn, job, None).await
}

/// Enqueues a job that does not start before `run_at`.
///
/// # Errors
/// When the database fails.
pub async fn enqueue_at<J: Job>(conn: &mut Conn, job: &J, run_at: Option<DateTime<Utc>>) -> Result<()> {
    let payload = serde_json::to_string(job).map_err(Error::internal)?;
    sql_query(
        "select graphile_worker.add_job($1, payload := $2::json, queue_name := $3, run_at := $4, max_attempts := $5,
                                        job_key := $6, priority := $7)",
    )
    .bind::<Text, _>(J::NAME)
    .bind::<Text, _>(payload)
    .bind::<Nullable<Text>, _>(job.queue())
    .bind::<Nullable<Timestamptz>, _>(run_at)
    .bind::<Integer, _>(J::MAX_ATTEMPTS)
    .bind::<Nullable<Text>, _>(job.key())
    .bind::<Integer, _>(J::PRIORITY)
    .execute(conn)
    .await?;
    Ok(())
}

/// Does a job's work, no longer than it may take.
async fn within_limit<J: Job>(work: impl Future<Output = Result<()>>) -> Result<()> {
    tokio::time::timeout(J::TIME_LIMIT, work)
        .await
        .unwrap_or_else(|_| Err(Error::internal(format!("{} took too long", J::NAME))))
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Serialize, Deserialize)]
    struct Hangs;

    impl Job for Hangs {
        const NAME: &'static str = "hangs";
        const TIME_LIMIT: Duration = Duration::from_millis(10);

        async fn run(self, _: &App) -> Result<()> {
            std::future::pending().await
        }
    }

    #[tokio::test]
    async fn a_job_that_waits_for_ever_is_given_up() {
        let error = within_limit::<Hangs>(std::future::pending()).await.unwrap_err();
        assert!(error.for_operators().contains("hangs took too long"), "{error:?}");
    }
}
