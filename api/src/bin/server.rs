//! The web server: GraphQL, logins, the SPA.

use std::{process::ExitCode, sync::Arc};

use clap::Parser;
use fealty_api::{
    app::App,
    clock::SystemClock,
    config::Config,
    db,
    error::Result,
    http,
    process::{ConfigOption, shutdown_signal, start_logs},
};

/// Fealty's web server.
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
            eprintln!("the server ended: {}", error.for_operators());
            ExitCode::FAILURE
        }
    }
}

async fn run(config: Config) -> Result<()> {
    start_logs(&config.log)?;
    http::metrics_recorder();
    let shutdown = shutdown_signal()?;
    db::migrate(config.database.url.expose()).await?;
    let app = App::new(config, Arc::new(SystemClock))?;
    let site = app.config.site.url.clone();
    http::serve(app, shutdown, |address| tracing::info!(%address, %site, "the server listens")).await
}
