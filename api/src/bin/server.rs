//! The web server: GraphQL, logins, the SPA.

use std::{process::ExitCode, sync::Arc};

use clap::Parser;
use fealty_api::{
    app::App,
    clock::SystemClock,
    config::Config,
    error::Result,
    http,
    process::{self, ConfigOption},
};
use tokio_util::sync::CancellationToken;

/// A request creates and drops hundreds of small values, which take a tenth of the server's time
/// with the system's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Fealty's web server.
#[derive(Parser)]
#[command(version)]
struct Options {
    #[command(flatten)]
    config: ConfigOption,
}

#[tokio::main]
async fn main() -> ExitCode {
    process::run("server", &Options::parse().config, serve).await
}

async fn serve(config: Config, shutdown: CancellationToken) -> Result<()> {
    let app = App::new(config, Arc::new(SystemClock))?;
    let site = app.config.site.url.clone();
    http::serve(app, shutdown, |address| tracing::info!(%address, %site, "the server listens")).await
}
