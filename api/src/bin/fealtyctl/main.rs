//! The operator's tool. Each command is a module with its `Command` and `run`; this file provides what they need:
//! nothing, the settings, or the application.
#![expect(clippy::print_stdout, reason = "its output is for people and scripts")]

mod audit;
mod config;
mod database;
mod demo;
mod drift;
mod healthcheck;
mod recompute;
mod role;
mod state;
mod superuser;
mod sync;
mod token;

use std::{process::ExitCode, sync::Arc};

use clap::{Parser, Subcommand};
use fealty_api::{
    app::App,
    clock::SystemClock,
    config::{Config, ConfigError},
    error::Error,
    graphql,
    process::{self, ConfigOption},
};

/// Looks after a Fealty installation.
#[derive(Parser)]
#[command(version)]
struct Options {
    #[command(flatten)]
    config: ConfigOption,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Checks the configuration.
    #[command(subcommand)]
    Config(config::Command),
    /// Brings the database up to date.
    Migrate,
    /// Prints the GraphQL schema.
    Schema,
    /// Creates superusers.
    #[command(subcommand)]
    Superuser(superuser::Command),
    /// Creates and revokes bots' tokens.
    #[command(subcommand)]
    Token(token::Command),
    /// Shows states and sets who they list and what they carry.
    #[command(subcommand)]
    State(state::Command),
    /// Recomputes everybody's access.
    Recompute,
    /// Starts synchronisations now.
    #[command(subcommand)]
    Sync(sync::Command),
    /// Shows which of a service's roles stand for which states and groups, and adopts a role
    /// that was created by hand.
    #[command(subcommand)]
    Role(role::Command),
    /// Shows which accounts on services hold other roles than they should, or are back after being removed.
    Drift(drift::Command),
    /// Checks and exports the audit log.
    #[command(subcommand)]
    Audit(audit::Command),
    /// The demo organisation of a development installation.
    #[command(subcommand)]
    Demo(demo::Command),
    /// Asks a running server whether it is ready; exit code 0 if so.
    Healthcheck(healthcheck::Command),
}

/// Why a command failed.
enum Failure {
    /// The settings are not usable.
    Settings(ConfigError),
    /// Something it was to be done with does not exist: what.
    Unknown(String),
    /// What the command itself reports.
    Command(Error),
}

impl Failure {
    /// There is no such user.
    fn no_user(name: &str) -> Self {
        Self::Unknown(format!("user \"{name}\""))
    }
}

/// What commands return.
type Done<T = ()> = Result<T, Failure>;

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::Settings(error)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Command(error)
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let Options { config, command } = Options::parse();
    run(&config, command).await.unwrap_or_else(|failure| report(&failure))
}

async fn run(options: &ConfigOption, command: Command) -> Done<ExitCode> {
    match command {
        Command::Schema => print!("{}", graphql::sdl()),
        Command::Config(command) => config::run(&options.load()?, command)?,
        Command::Migrate => database::migrate(&options.load()?).await?,
        Command::Healthcheck(command) => healthcheck::run(&options.load()?, command).await?,
        Command::Superuser(command) => superuser::run(&open(options)?, command).await?,
        Command::Token(command) => token::run(&open(options)?, command).await?,
        Command::State(command) => state::run(&open(options)?, command).await?,
        Command::Recompute => recompute::run(&open(options)?).await?,
        Command::Sync(command) => sync::run(&open(options)?, command).await?,
        Command::Role(command) => role::run(&open(options)?, command).await?,
        Command::Drift(command) => drift::run(&open(options)?, command).await?,
        Command::Demo(command) => demo::run(&open(options)?, command).await?,
        Command::Audit(command) => return audit::run(&open(options)?, command).await,
    }
    Ok(ExitCode::SUCCESS)
}

/// The application, for every command that needs it. The time limits for the server's statements are for people
/// waiting for a page, not for operators.
fn open(options: &ConfigOption) -> Done<App> {
    let config: Config = options.load()?;
    Ok(App::new(config.without_time_limits(), Arc::new(SystemClock))?)
}

/// Prints what went wrong. Exit code 2: the input was wrong; 1: anything else.
fn report(failure: &Failure) -> ExitCode {
    match failure {
        Failure::Settings(error) => {
            eprint!("{error}");
            ExitCode::from(2)
        }
        Failure::Command(Error::Invalid(problems)) => {
            for problem in problems {
                eprintln!("{}: {}", option(problem.field), problem.message);
            }
            ExitCode::from(2)
        }
        Failure::Unknown(what) => {
            eprintln!("there is no {what}");
            ExitCode::FAILURE
        }
        Failure::Command(error) => {
            eprintln!("{}", process::explained(error));
            ExitCode::FAILURE
        }
    }
}

/// A field of what an action takes, as the command line spells it.
fn option(field: &'static str) -> &'static str {
    match field {
        "username" => "--username",
        "email" => "--email",
        "name" => "--name",
        "scopes" | "permissions" => "--permission",
        "members" => "--alliance or --corporation",
        "state" => "--state",
        "group" => "--group",
        "filter.from" => "--from",
        "filter.to" => "--to",
        "filter.kinds" => "--kind",
        "filter.search" => "--search",
        other => other,
    }
}

/// What commands print that leave work to the worker.
const QUEUED: &str = "Queued: the worker takes it up at once.";
