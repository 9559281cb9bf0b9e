//! The worker: background jobs and the schedule. Any number may run.

use std::{process::ExitCode, sync::Arc};

use clap::Parser;
use fealty_api::{
    app::App,
    clock::SystemClock,
    config::Config,
    error::Result,
    http,
    jobs::{self, Runner, RunnerOptions},
    process::{self, ConfigOption},
    services::SweepServices,
};
use tokio_util::sync::CancellationToken;

/// Fealty's worker.
#[derive(Parser)]
#[command(version)]
struct Options {
    #[command(flatten)]
    config: ConfigOption,
}

#[tokio::main]
async fn main() -> ExitCode {
    process::run("worker", &Options::parse().config, work).await
}

async fn work(config: Config, shutdown: CancellationToken) -> Result<()> {
    let app = App::new(config.without_time_limits(), Arc::new(SystemClock))?;
    if let Some(address) = app.config.worker.listen {
        tokio::spawn(http::serve_health(app.clone(), address, shutdown.clone()));
    }
    {
        // Marks that were left while no worker was running.
        let mut conn = app.db.conn().await?;
        jobs::enqueue(&mut conn, &SweepServices::default()).await?;
    }
    let runner = Runner::new(&app, RunnerOptions::default(), shutdown).await?;
    tracing::info!("the worker waits for jobs");
    runner.run().await
}
