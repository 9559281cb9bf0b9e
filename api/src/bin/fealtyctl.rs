//! The operator's tool.
#![expect(clippy::print_stdout, reason = "its output is for people and scripts")]

use std::{io::BufRead, process::ExitCode, sync::Arc};

use chrono::Duration;
use clap::{Args, Parser, Subcommand};
use fealty_api::{
    app::App,
    clock::SystemClock,
    config::Config,
    db, demo,
    error::{Error, Result},
    eve::sync::{RefreshOrganisations, SyncAffiliations},
    graphql,
    identity::{api_token, jobs::CheckTokens, password, users},
    jobs,
    process::ConfigOption,
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
    Config(ConfigCommand),
    /// Brings the database up to date.
    Migrate,
    /// Prints the GraphQL schema.
    Schema,
    /// Makes superusers.
    #[command(subcommand)]
    Superuser(SuperuserCommand),
    /// Makes and revokes tokens of bots.
    #[command(subcommand)]
    Token(TokenCommand),
    /// Starts synchronisations now.
    #[command(subcommand)]
    Sync(SyncCommand),
    /// The demo organisation of a development installation.
    #[command(subcommand)]
    Demo(DemoCommand),
    /// Asks a running server whether it is ready; exit code 0 if so.
    Healthcheck {
        /// Ask the worker instead.
        #[arg(long)]
        worker: bool,
    },
}

#[derive(Subcommand)]
enum ConfigCommand {
    /// Says everything that is wrong with it.
    Check,
}

#[derive(Subcommand)]
enum SuperuserCommand {
    /// Makes a superuser with a password, or gives an existing user one. The password is read from standard input.
    Create {
        #[arg(long)]
        username: String,
        #[arg(long)]
        email: String,
    },
    /// Makes an existing user superuser, by user name. He goes on logging in through EVE SSO.
    Promote { username: String },
}

#[derive(Subcommand)]
enum TokenCommand {
    /// Makes a token that may do what its user may. Prints it once.
    Create(TokenCreate),
    /// Revokes a token by its number.
    Revoke { id: i64 },
}

#[derive(Args)]
struct TokenCreate {
    /// Whose.
    #[arg(long)]
    username: String,
    /// What it is for.
    #[arg(long)]
    name: String,
    /// Limit it to a permission; may be repeated.
    #[arg(long = "permission")]
    permissions: Vec<String>,
    /// Days until it expires.
    #[arg(long)]
    days: Option<u16>,
}

#[derive(Subcommand)]
enum SyncCommand {
    /// Where every character flies.
    Affiliations {
        /// Let it take the state from unusually many users.
        #[arg(long)]
        release_brake: bool,
    },
    /// Corporations, alliances and factions.
    Organisations,
    /// Whether characters were sold or access was revoked.
    Tokens,
}

#[derive(Subcommand)]
enum DemoCommand {
    /// Loads it: an alliance in state Member, another in state Blue, Discord for members.
    Load,
}

#[tokio::main]
async fn main() -> ExitCode {
    let options = Options::parse();
    if matches!(options.command, Command::Schema) {
        print!("{}", graphql::sdl());
        return ExitCode::SUCCESS;
    }
    let config = match options.config.load() {
        Ok(config) => config,
        Err(error) => {
            eprint!("{error}");
            return ExitCode::from(2);
        }
    };
    match run(config, options.command).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(Error::Invalid(problems)) => {
            for problem in problems {
                eprintln!("{}: {}", problem.field, problem.message);
            }
            ExitCode::from(2)
        }
        Err(Error::NotFound) => {
            eprintln!("there is no such user, token or thing");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("{}", error.for_operators());
            ExitCode::FAILURE
        }
    }
}

async fn run(config: Config, command: Command) -> Result<()> {
    let url = config.database.url.clone();
    match command {
        Command::Config(ConfigCommand::Check) => {
            println!("The configuration is usable. The site is {}.", config.site.url);
            Ok(())
        }
        Command::Schema => Ok(()),
        Command::Migrate => {
            let done = db::migrate(url.expose()).await?;
            if done.is_empty() {
                println!("The database is up to date.");
            }
            for name in done {
                println!("Applied {name}.");
            }
            Ok(())
        }
        Command::Healthcheck { worker } => healthcheck(&config, worker).await,
        command => {
            let app = App::new(config, Arc::new(SystemClock))?;
            with_app(&app, command).await
        }
    }
}

async fn with_app(app: &App, command: Command) -> Result<()> {
    match command {
        Command::Superuser(SuperuserCommand::Create { username, email }) => {
            eprintln!("Password (one line, at least {} characters):", password::MIN_LENGTH);
            let mut line = String::new();
            std::io::stdin().lock().read_line(&mut line).map_err(Error::internal)?;
            password::create_superuser(app, &username, &email, line.trim_end_matches(['\r', '\n'])).await?;
            println!("{username} is a superuser and logs in at {}.", app.config.site_link("/admin/login"));
            Ok(())
        }
        Command::Superuser(SuperuserCommand::Promote { username }) => promote(app, &username).await,
        Command::Token(TokenCommand::Create(create)) => create_token(app, create).await,
        Command::Token(TokenCommand::Revoke { id }) => {
            let mut conn = app.db.conn().await?;
            api_token::revoke(&mut conn, chrono_now(app), id).await?;
            println!("Token {id} is revoked.");
            Ok(())
        }
        Command::Sync(sync) => {
            let mut conn = app.db.conn().await?;
            match sync {
                SyncCommand::Affiliations { release_brake } => {
                    jobs::enqueue(&mut conn, &SyncAffiliations { release_brake }).await?;
                }
                SyncCommand::Organisations => {
                    jobs::enqueue(&mut conn, &RefreshOrganisations::default()).await?;
                }
                SyncCommand::Tokens => jobs::enqueue(&mut conn, &CheckTokens { all: true }).await?,
            }
            println!("Queued: the worker takes it up at once.");
            Ok(())
        }
        Command::Demo(DemoCommand::Load) => {
            demo::load(app).await?;
            println!("The demo organisation is loaded.");
            Ok(())
        }
        Command::Config(_) | Command::Schema | Command::Migrate | Command::Healthcheck { .. } => Ok(()),
    }
}

fn chrono_now(app: &App) -> chrono::DateTime<chrono::Utc> {
    app.clock.now()
}

async fn promote(app: &App, username: &str) -> Result<()> {
    use diesel_async::AsyncConnection;
    let mut conn = app.db.conn().await?;
    let user = users::find_by_username(&mut conn, username).await?.ok_or(Error::NotFound)?;
    let now = app.clock.now();
    conn.transaction::<_, Error, _>(async |conn| password::promote(conn, now, user.id, &user.username).await)
        .await?;
    println!("{} is a superuser.", user.username);
    Ok(())
}

async fn create_token(app: &App, create: TokenCreate) -> Result<()> {
    let mut conn = app.db.conn().await?;
    let user = users::find_by_username(&mut conn, &create.username).await?.ok_or(Error::NotFound)?;
    let scopes = (!create.permissions.is_empty()).then_some(create.permissions.as_slice());
    let lifetime = create.days.map(|days| Duration::days(i64::from(days)));
    let token = api_token::create(&mut conn, app, user.id, &create.name, scopes, lifetime).await?;
    eprintln!("This is shown once:");
    println!("{}", token.expose());
    Ok(())
}

async fn healthcheck(config: &Config, worker: bool) -> Result<()> {
    use fealty_api::upstream::{HttpOptions, http_client};
    let (address, path) = if worker {
        let address =
            config.worker.listen.ok_or_else(|| Error::invalid("worker.listen", "missing", "is not set"))?;
        (address, "/health/live")
    } else {
        (config.http.listen, "/health/ready")
    };
    let client = http_client("fealtyctl", &HttpOptions::default()).map_err(Error::internal)?;
    // A server that listens everywhere is asked here.
    let host = if address.ip().is_unspecified() { "127.0.0.1".to_owned() } else { address.ip().to_string() };
    let url = format!("http://{host}:{}{path}", address.port());
    let answer = client.get(url).send().await.map_err(Error::internal)?;
    let status = answer.status();
    println!("{}", answer.text().await.map_err(Error::internal)?);
    if status.is_success() { Ok(()) } else { Err(Error::internal(format!("status {status}"))) }
}
