//! Background work: the jobs, how they are enqueued, and when they run by themselves.
//!
//! Rules
//! - A job is enqueued on the connection, and so in the transaction, of the facts that cause it: after a rollback it
//!   never existed; after a commit it cannot get lost.
//! - Payloads carry ids, not data. Jobs are idempotent: they compute what should be and apply the difference.
//! - Effects on the outside (ESI, Discord, mail) only happen in jobs.
//! - What takes access away never waits for an upstream: such jobs have slots of their own ([`Lane`]).
//! - Few jobs: work on many rows is one job that walks over them, never a job per row.
//!
//! The queue is `graphile_worker` (schema `graphile_worker` in the same database).

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

/// Which of a worker's slots run a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    /// Slots reserved for what takes access away: revocations, and memberships and grants that end. While EVE hangs,
    /// jobs that ask it may fill all the other slots, for up to an hour.
    Ending,
    /// All the others.
    Ordinary,
}

/// A kind of background work.
pub trait Job: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// Stable name, also in the queue's table.
    const NAME: &'static str;
    /// Lower runs first.
    const PRIORITY: i32 = 0;
    /// Which slots it runs in.
    const LANE: Lane = Lane::Ordinary;
    /// How often it is tried; the waits in between grow exponentially (graphile: `exp(min(10, attempt))` seconds).
    const MAX_ATTEMPTS: i32 = 25;
    /// A job that takes longer is aborted and retried: what it is waiting for will not come. Far more than any job
    /// needs; one with a lot to walk over stops earlier by itself and continues as another job.
    const TIME_LIMIT: Duration = Duration::from_secs(3_600);
    /// Jobs in the same queue never run at the same time, however many workers there are.
    const QUEUE: Option<&'static str> = None;

    /// Waiting jobs with the same key are merged: enqueued twice before it starts, it runs once.
    fn key(&self) -> Option<String> {
        Some(Self::NAME.to_owned())
    }

    /// The queue, if it depends on the payload.
    fn queue(&self) -> Option<String> {
        Self::QUEUE.map(str::to_owned)
    }

    /// Does the work. After an error it runs again later.
    fn run(self, app: &App) -> impl Future<Output = Result<()>> + Send;
}

/// Enqueues a job as part of the current transaction.
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

/// Does a job's work, within its time limit.
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
