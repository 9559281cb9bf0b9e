//! The worker: takes jobs from the queue and runs them, on as many machines as you like.

use std::time::Duration;

use graphile_worker::{Worker, WorkerOptions, WorkerRecoveryConfig, WorkerShutdownConfig};
use tokio_util::sync::CancellationToken;

use super::{Job, Lane, registry};
use crate::{
    app::App,
    error::{Error, Result},
};

/// Brings the queue's own tables up to date.
///
/// # Errors
/// When the database cannot be reached.
pub async fn migrate(database_url: &str) -> Result<()> {
    let worker = WorkerOptions::default()
        .database_url(database_url)
        .max_pg_conn(2)
        .listen_os_shutdown_signals(false)
        .init()
        .await
        .map_err(|e| Error::internal(e.to_string()))?;
    drop(worker);
    Ok(())
}

/// How a worker runs.
#[derive(Debug, Clone)]
pub struct RunnerOptions {
    /// Whether the schedule runs here.
    pub cron: bool,
    /// How often a worker signals that it is alive; one that is silent for four times as long is considered dead,
    /// and its jobs run elsewhere.
    pub heartbeat: Duration,
}

impl Default for RunnerOptions {
    fn default() -> Self {
        Self { cron: true, heartbeat: Duration::from_secs(5) }
    }
}

/// A worker that is ready to run: one queue worker per lane.
pub struct Runner {
    ordinary: Worker,
    ending: Worker,
    /// Stops both.
    stop: CancellationToken,
}

/// In addition to one slot per service: for memberships and grants that end, and for finding
/// marks that nobody works off.
const OTHER_ENDINGS: usize = 2;
/// The queue's own database connections, in addition to one per slot.
const OWN_CONNECTIONS: usize = 4;

impl Runner {
    /// Connects and registers the jobs. Stops when `shutdown` is cancelled: running jobs get ten seconds; those not
    /// done by then run again on the next worker.
    ///
    /// # Errors
    /// When the database cannot be reached or a crontab in the settings is wrong.
    pub async fn new(app: &App, options: RunnerOptions, shutdown: CancellationToken) -> Result<Self> {
        let stop = shutdown.child_token();
        // One of them handles the schedule for both.
        let schedule = options.cron.then(|| crontab(app)).transpose()?;
        let slots = app.config.worker.concurrency;
        let ordinary = start(app, Lane::Ordinary, slots, &options, schedule, &stop).await?;
        let slots = app.connectors.specs().count() + OTHER_ENDINGS;
        let ending = start(app, Lane::Ending, slots, &options, None, &stop).await?;
        Ok(Self { ordinary, ending, stop })
    }

    /// Runs until shutdown.
    ///
    /// # Errors
    /// When the queue fails for good.
    pub async fn run(self) -> Result<()> {
        let Self { ordinary, ending, stop } = self;
        let (ordinary, ending) = tokio::join!(until_end(ordinary, &stop), until_end(ending, &stop));
        ordinary.and(ending)
    }

    /// Runs what is due now and what that enqueues, then returns: for tests. The ending lane comes last; it enqueues
    /// nothing for the other one.
    ///
    /// # Errors
    /// When the queue fails.
    pub async fn run_once(&self) -> Result<()> {
        for worker in [&self.ordinary, &self.ending] {
            worker.run_once().await.map_err(|e| Error::internal(e.to_string()))?;
        }
        Ok(())
    }
}

/// Whether the queue accepts `when` as the time of a schedule: the five fields of a crontab.
#[must_use]
pub fn is_crontab(when: &str) -> bool {
    // Leaves nothing on the line that the parser could take for the job or for another line.
    when.split_whitespace().count() == 5
        && !when.contains(['\n', '\r'])
        && WorkerOptions::default().with_cron(format!("{when} job").as_str()).is_ok()
}

/// Runs one of them to its end, and stops the other: neither goes on alone.
async fn until_end(worker: Worker, stop: &CancellationToken) -> Result<()> {
    let ended = worker.run().await;
    stop.cancel();
    ended.map_err(|e| Error::internal(e.to_string()))
}

/// Connects to the queue and registers the jobs of one lane.
async fn start(
    app: &App,
    lane: Lane,
    slots: usize,
    options: &RunnerOptions,
    schedule: Option<String>,
    stop: &CancellationToken,
) -> Result<Worker> {
    let recovery = WorkerRecoveryConfig::default()
        .enabled(true)
        .heartbeat_interval(options.heartbeat)
        .sweep_interval(options.heartbeat * 2)
        .sweep_threshold(options.heartbeat * 4)
        .recovery_delay(Duration::ZERO);
    let stop = stop.clone();
    let shutdown = WorkerShutdownConfig::default()
        .listen_os_shutdown_signals(false)
        .grace_period(Duration::from_secs(10))
        .interrupted_job_retry_delay(Duration::ZERO)
        .shutdown_signal(async move { stop.cancelled().await });
    let mut worker = registry::define(lane, WorkerOptions::default())
        .database_url(app.config.database.url.expose())
        .max_pg_conn(u32::try_from(slots + OWN_CONNECTIONS).unwrap_or(u32::MAX))
        .concurrency(slots)
        .worker_recovery(recovery)
        .worker_shutdown(shutdown)
        .add_extension(app.clone());
    if let Some(schedule) = schedule {
        worker = worker.with_cron(schedule.as_str()).map_err(|e| Error::internal(format!("crontab: {e}")))?;
    }
    worker.init().await.map_err(|e| Error::internal(e.to_string()))
}

/// The schedule. Each line carries the same settings as an enqueued job of its kind: a tick that comes while the
/// previous job is still waiting or running does not add another one.
fn crontab(app: &App) -> Result<String> {
    use crate::{
        access::{EndTimed, RecomputeAccess},
        eve::{names::RefreshNames, sync},
        identity::jobs as identity,
        services::{Observe, SweepServices},
    };
    let settings = &app.config.worker;
    let observed = app.connectors.specs().map(|spec| Observe { service: spec.key.to_owned() });
    let lines: Vec<String> = [
        line::<sync::SyncAffiliations>(&settings.affiliation_cron),
        line::<sync::RefreshOrganisations>(&settings.organisation_cron),
        line::<identity::CheckTokens>(&settings.token_cron),
        line::<identity::CleanUp>("13 * * * *"),
        line::<RecomputeAccess>("37 3 * * *"),
        line::<RefreshNames>("11 4 * * *"),
        line::<EndTimed>("* * * * *"),
        line::<SweepServices>("* * * * *"),
    ]
    .into_iter()
    .chain(observed.map(|job| line_of("*/15 * * * *", &job)))
    .collect::<Result<_>>()?;
    Ok(lines.join("\n"))
}

fn line<J: Job + Default>(when: &str) -> Result<String> {
    line_of(when, &J::default())
}

fn line_of<J: Job>(when: &str, job: &J) -> Result<String> {
    let key = job.key().map(|key| format!("job_key={key}&")).unwrap_or_default();
    let queue = job.queue().map(|queue| format!("&queue={queue}")).unwrap_or_default();
    let (name, max, priority) = (J::NAME, J::MAX_ATTEMPTS, J::PRIORITY);
    let payload = serde_json::to_value(job).map_err(Error::internal)?;
    Ok(format!("{when} {name} ?{key}max={max}&priority={priority}{queue} {payload}"))
}
