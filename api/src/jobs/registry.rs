//! Every kind of job, in one list.

use graphile_worker::{IntoTaskHandlerResult, TaskHandler, WorkerContext, WorkerOptions};
use serde::{Deserialize, Serialize};
use tracing::Instrument;

use super::{Job, Lane, within_limit};
use crate::{
    app::App,
    error::{Error, Result},
    origin,
};

/// Lets the queue run one of our jobs: finds the application, opens a span, counts the outcome.
#[derive(Serialize, Deserialize)]
#[serde(bound(deserialize = "J: serde::de::DeserializeOwned"), transparent)]
pub struct RunJob<J: Serialize>(J);

impl<J: Job> TaskHandler for RunJob<J> {
    const IDENTIFIER: &'static str = J::NAME;

    async fn run(self, ctx: WorkerContext) -> impl IntoTaskHandlerResult {
        let Some(app) = ctx.get_ext::<App>() else {
            return Err("the application is not attached to the worker".to_owned());
        };
        let id = *ctx.job().id();
        let span = tracing::info_span!("job", job.name = J::NAME, job.id = id);
        let outcome =
            origin::within(format!("job:{id}"), within_limit::<J>(self.0.run(app)).instrument(span.clone()))
                .await;
        let label = if outcome.is_ok() { "done" } else { "failed" };
        metrics::counter!("fealty_jobs_total", "job" => J::NAME, "outcome" => label).increment(1);
        outcome.map_err(|error| {
            let text = error.for_operators();
            span.in_scope(|| tracing::warn!(error = %text, "a job failed and will be tried again"));
            text
        })
    }
}

macro_rules! jobs {
    ($($job:ty),* $(,)?) => {
        /// Names of all jobs.
        pub const NAMES: &[&str] = &[$(<$job as Job>::NAME),*];

        /// Registers the jobs of one lane with a worker, which takes no others.
        pub(super) fn define(lane: Lane, mut options: WorkerOptions) -> WorkerOptions {
            $(if <$job as Job>::LANE == lane {
                options = options.define_job::<RunJob<$job>>();
            })*
            options
        }

        /// Runs one job here and now, by name: for operators and tests.
        ///
        /// # Errors
        /// `NotFound` for an unknown name, `Invalid` for a payload of the wrong shape,
        /// otherwise what the job returns.
        pub async fn run_named(app: &App, name: &str, payload: serde_json::Value) -> Result<()> {
            $(if name == <$job as Job>::NAME {
                let job: $job = serde_json::from_value(payload)
                    .map_err(|e| Error::invalid("payload", "invalid", e.to_string()))?;
                return job.run(app).await;
            })*
            Err(Error::NotFound)
        }
    };
}

jobs! {
    crate::access::EndTimed,
    crate::access::RecomputeAccess,
    crate::eve::names::RefreshNames,
    crate::eve::sync::SyncAffiliations,
    crate::eve::sync::RefreshCharacters,
    crate::eve::sync::RefreshOrganisations,
    crate::identity::jobs::SendConfirmation,
    crate::identity::jobs::CheckTokens,
    crate::identity::jobs::CleanUp,
    crate::services::Observe,
    crate::services::Reconcile,
    crate::services::ReconcileLater,
    crate::services::SweepServices,
}
