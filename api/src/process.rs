//! What the binaries share: settings from the command line, logs, signals, and how server and worker begin and end.

use std::{io::IsTerminal, path::PathBuf, process::ExitCode};

use tokio_util::sync::CancellationToken;
use tracing_subscriber::EnvFilter;

use crate::{
    config::{Config, ConfigError, Log, LogFormat},
    db,
    error::{Error, Result},
    http,
};

/// The option every binary has.
#[derive(Debug, Clone, clap::Args)]
pub struct ConfigOption {
    /// The configuration file (TOML). Settings can also be given as `FEALTY_SECTION__KEY`.
    #[arg(long, env = "FEALTY_CONFIG", global = true)]
    pub config: Option<PathBuf>,
}

impl ConfigOption {
    /// Reads the settings.
    ///
    /// # Errors
    /// Everything that is wrong with them.
    pub fn load(&self) -> Result<Config, ConfigError> {
        Config::load(self.config.as_deref())
    }
}

/// Runs `serve` as the program `name` until it ends or is told to. Before that, starts logs and metrics, and brings
/// the database up to date.
pub async fn run(
    name: &str,
    options: &ConfigOption,
    serve: impl AsyncFnOnce(Config, CancellationToken) -> Result<()>,
) -> ExitCode {
    let config = match options.load() {
        Ok(config) => config,
        Err(error) => {
            eprint!("{error}");
            return ExitCode::from(2);
        }
    };
    let served = async {
        start_logs(&config.log)?;
        http::metrics_recorder();
        let shutdown = shutdown_signal()?;
        if config.database.migrate {
            db::migrate(config.database.url.expose()).await?;
        }
        serve(config, shutdown).await
    };
    match served.await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("the {name} ended: {}", explained(&error));
            ExitCode::FAILURE
        }
    }
}

/// What went wrong, in a line for whoever started a program, with what to do about it where that is known.
#[must_use]
pub fn explained(error: &Error) -> String {
    match error {
        Error::Internal(cause) if cause.is::<db::Unreachable>() => {
            format!("{cause:?}. {}", db::Unreachable::REMEDY)
        }
        Error::Internal(cause) => format!("{cause:?}"),
        Error::Upstream { service, detail } => format!("{service} does not answer as it should: {detail}"),
        Error::NotFound => "something that this needs does not exist, or was deleted meanwhile".to_owned(),
        Error::Conflict(what) => format!("{what}; nothing was changed, try again"),
        Error::Contention => {
            "others changed the same at that moment; nothing was changed, try again".to_owned()
        }
        Error::Timeout => "the database took too long; nothing was changed".to_owned(),
        other => other.for_operators(),
    }
}

/// Starts logging to standard output, in colours if that is a terminal (and `NO_COLOR` is not set).
///
/// # Errors
/// When the filter in the settings cannot be parsed.
fn start_logs(log: &Log) -> Result<()> {
    let filter = EnvFilter::try_new(&log.filter).map_err(Error::internal)?;
    let mut builder = tracing_subscriber::fmt().with_env_filter(filter);
    if !std::io::stdout().is_terminal() {
        builder = builder.with_ansi(false);
    }
    match log.format {
        LogFormat::Pretty => builder.with_target(false).init(),
        LogFormat::Json => {
            builder.json().flatten_event(true).with_current_span(true).with_span_list(false).init();
        }
    }
    Ok(())
}

/// A token cancelled by SIGINT and SIGTERM.
///
/// # Errors
/// When the handlers cannot be installed.
fn shutdown_signal() -> Result<CancellationToken> {
    use tokio::signal::unix::{SignalKind, signal};
    let token = CancellationToken::new();
    let mut interrupt = signal(SignalKind::interrupt()).map_err(Error::internal)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(Error::internal)?;
    let cancelled = token.clone();
    tokio::spawn(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        tracing::info!("shutting down");
        cancelled.cancel();
    });
    Ok(token)
}
