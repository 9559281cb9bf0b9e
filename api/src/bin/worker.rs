//! The worker: background jobs and the schedule. Any number may run.

use std::{process::ExitCode, sync::Arc};

use clap::Parser;
use fealty_api::{
    app::App,
    clock::SystemClock,
    config::Config,
    db,
    error::Result,
    http,
    jobs::{self, Runner, RunnerOptions},
    process::{ConfigOption, shutdown_signal, start_logs},
    services::SweepServices,
};

/// Fealty's worker.
#[derive(Parser)]
#[command(version)]
struct Options {
    #[command(flatten)]
    config: ConfigOption,
}

#[tokio::main]
async fn main() -> ExitCode {
    let config = match Options::parse().config.load() {
        Ok(config) => config,
        Err(error) => {
            eprint!("{error}");
            return ExitCode::from(2);
        }
    };
    match run(config).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("the worker ended: {}", error.for_operators());
            ExitCode::FAILURE
        }
    }
}

async fn run(config: Config) -> Result<()> {
    start_logs(&config.log)?;
    http::metrics_recorder();
    let shutdown = shutdown_signal()?;
    db::migrate(config.database.url.expose()).await?;
    let app = App::new(config.without_time_limits(), Arc::new(SystemClock))?;
    if let Some(address) = app.config.worker.listen {
        tokio::spawn(http::serve_health(app.clone(), address, shutdown.clone()));
    }
    {
        // Marks that were left while no worker ran.
        let mut conn = app.db.conn().await?;
        jobs::enqueue(&mut conn, &SweepServices::default()).await?;
    }
    let runner = Runner::new(&app, RunnerOptions::default(), shutdown).await?;
    tracing::info!("the worker waits for jobs");
    runner.run().await
}
