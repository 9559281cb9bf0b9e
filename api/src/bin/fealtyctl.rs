//! The operator's tool.
#![expect(clippy::print_stdout, reason = "its output is for people and scripts")]

use std::{
    io::{BufRead, Write},
    process::ExitCode,
    sync::Arc,
};

use chrono::{DateTime, Duration, Utc};
use clap::{Args, Parser, Subcommand};
use fealty_api::{
    access::{RecomputeAccess, StateMembers},
    app::App,
    audit::{
        export::Export,
        log::{self, Filter},
        verify::{self, Expected},
    },
    clock::SystemClock,
    config::Config,
    db, demo,
    error::{Error, Result},
    eve::sync::{RefreshOrganisations, SyncAffiliations},
    graphql,
    identity::{api_token, jobs::CheckTokens, password, users},
    jobs,
    permissions::StaffGrant,
    process::ConfigOption,
    services, states,
};
use fealty_shared::id::UserId;

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
    /// Shows states and sets whom they list and what they carry.
    #[command(subcommand)]
    State(StateCommand),
    /// Computes everybody's access anew.
    Recompute,
    /// Starts synchronisations now.
    #[command(subcommand)]
    Sync(SyncCommand),
    /// Shows which accounts on services hold other roles than they should, or are back after their removal.
    Drift {
        /// Have the worker put them right; it looks every 15 minutes by itself.
        #[arg(long)]
        repair: bool,
    },
    /// Checks and exports the audit log.
    #[command(subcommand)]
    Audit(AuditCommand),
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
    /// Makes a superuser with a password: asked for at a terminal, else read from standard input.
    Create {
        #[arg(long)]
        username: String,
        #[arg(long)]
        email: String,
        /// Give an existing user a (new) password instead, and make him superuser. Ends his sessions and tokens.
        #[arg(long)]
        existing: bool,
    },
    /// Makes an existing user superuser, by user name. He goes on logging in through EVE SSO.
    Promote { username: String },
}

#[derive(Subcommand)]
enum TokenCommand {
    /// Makes a token that may do what its user may. Prints it once.
    Create(TokenCreate),
    /// Lists tokens: number, user, name, last use.
    List,
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
enum StateCommand {
    /// Lists them, highest priority first.
    List,
    /// Sets exactly whom a state lists and what it carries. Says first who would gain and lose what.
    Set(StateSet),
}

#[derive(Args)]
struct StateSet {
    /// Its name, for example Member.
    name: String,
    /// EVE id of an alliance it lists; may be repeated.
    #[arg(long = "alliance")]
    alliances: Vec<i64>,
    /// EVE id of a corporation it lists; may be repeated.
    #[arg(long = "corporation")]
    corporations: Vec<i64>,
    /// A permission it carries; may be repeated.
    #[arg(long = "permission")]
    permissions: Vec<String>,
    /// Do it. Without this it is only previewed.
    #[arg(long)]
    apply: bool,
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
    Tokens {
        /// Let it take characters from unusually many users.
        #[arg(long)]
        release_brake: bool,
    },
}

#[derive(Subcommand)]
enum AuditCommand {
    /// Recomputes the chain of hashes and names the first entry that was changed, removed, moved or slipped in; exit code 1
    /// if there is one. Prints the number of entries and the head when all is well.
    Verify {
        /// A head that was printed earlier, HEX or HEX@POSITION: fails if the log was cut off before it, or made anew.
        #[arg(long, value_name = "HEX[@POSITION]")]
        expect_head: Option<Expected>,
    },
    /// Prints entries as lines of JSON, oldest first.
    Export(AuditExport),
}

#[derive(Args)]
struct AuditExport {
    /// Not before this: a time like 2026-01-31T18:00:00Z, or a day (UTC).
    #[arg(long, value_parser = time)]
    from: Option<DateTime<Utc>>,
    /// Before this.
    #[arg(long, value_parser = time)]
    to: Option<DateTime<Utc>>,
    /// For example `main_changed`; may be repeated.
    #[arg(long = "kind")]
    kinds: Vec<String>,
    /// Who did it or whom it happened to: user name, or an id like user:42 where the user is gone.
    #[arg(long)]
    person: Option<String>,
    /// For example `user` or `state`.
    #[arg(long)]
    object_kind: Option<String>,
    /// The object's id, for example state:3.
    #[arg(long)]
    object: Option<String>,
    /// Part of the summary or of a name.
    #[arg(long)]
    search: Option<String>,
    /// In the order of the chain, behind this position: to go on where an export ended without missing anything.
    #[arg(long)]
    after_position: Option<i64>,
}

fn time(text: &str) -> Result<DateTime<Utc>, &'static str> {
    log::parse_time(text).ok_or("a time like 2026-01-31T18:00:00Z, or a day like 2026-01-31")
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
        Ok(code) => code,
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

async fn run(config: Config, command: Command) -> Result<ExitCode> {
    if let Command::Audit(AuditCommand::Verify { expect_head }) = command {
        return verify(&App::new(config, Arc::new(SystemClock))?, expect_head.as_ref()).await;
    }
    execute(config, command).await.map(|()| ExitCode::SUCCESS)
}

async fn execute(config: Config, command: Command) -> Result<()> {
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
            let app = App::new(config.without_time_limits(), Arc::new(SystemClock))?;
            with_app(&app, command).await
        }
    }
}

async fn with_app(app: &App, command: Command) -> Result<()> {
    match command {
        Command::Superuser(SuperuserCommand::Create { username, email, existing }) => {
            let password = read_password()?;
            password::create_superuser(app, &username, &email, &password, existing).await?;
            println!("{username} is a superuser and logs in at {}.", app.config.site_link("/admin/login"));
            Ok(())
        }
        Command::Superuser(SuperuserCommand::Promote { username }) => promote(app, &username).await,
        Command::Token(TokenCommand::Create(create)) => create_token(app, create).await,
        Command::Token(TokenCommand::Revoke { id }) => {
            let mut conn = app.db.conn().await?;
            api_token::revoke(&mut conn, app.clock.now(), id).await?;
            println!("Token {id} is revoked.");
            Ok(())
        }
        Command::Token(TokenCommand::List) => {
            let mut conn = app.db.conn().await?;
            for token in api_token::list(&mut conn).await? {
                let used = token.last_used_at.map_or_else(|| "never".to_owned(), |at| at.to_rfc3339());
                let end = if token.revoked_at.is_some() { " (revoked)" } else { "" };
                println!("{}\t{}\t{}\tlast used {used}{end}", token.id, token.username, token.name);
            }
            Ok(())
        }
        Command::State(command) => state(app, command).await,
        Command::Recompute => {
            let mut conn = app.db.conn().await?;
            jobs::enqueue(&mut conn, &RecomputeAccess::default()).await?;
            println!("Queued: the worker takes it up at once.");
            Ok(())
        }
        Command::Drift { repair } => drift(app, repair).await,
        Command::Sync(sync) => {
            let mut conn = app.db.conn().await?;
            match sync {
                SyncCommand::Affiliations { release_brake } => {
                    jobs::enqueue(&mut conn, &SyncAffiliations { release_brake }).await?;
                }
                SyncCommand::Organisations => {
                    jobs::enqueue(&mut conn, &RefreshOrganisations::default()).await?;
                }
                SyncCommand::Tokens { release_brake } => {
                    jobs::enqueue(&mut conn, &CheckTokens { all: true, release_brake }).await?;
                }
            }
            println!("Queued: the worker takes it up at once.");
            Ok(())
        }
        Command::Demo(DemoCommand::Load) => {
            demo::load(app).await?;
            demo::load_groups(app).await?;
            println!("The demo organisation is loaded.");
            Ok(())
        }
        Command::Audit(AuditCommand::Export(options)) => export(app, options).await,
        Command::Audit(AuditCommand::Verify { .. })
        | Command::Config(_)
        | Command::Schema
        | Command::Migrate
        | Command::Healthcheck { .. } => Ok(()),
    }
}

/// From the terminal without showing it, or a line of standard input.
fn read_password() -> Result<String> {
    use std::io::IsTerminal;
    if std::io::stdin().is_terminal() {
        let text = format!("Password (at least {} characters): ", password::MIN_LENGTH);
        let first = rpassword::prompt_password(text).map_err(Error::internal)?;
        let second = rpassword::prompt_password("Once more: ").map_err(Error::internal)?;
        if first != second {
            return Err(Error::invalid("password", "different", "The two passwords differ."));
        }
        return Ok(first);
    }
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).map_err(Error::internal)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

async fn state(app: &App, command: StateCommand) -> Result<()> {
    match command {
        StateCommand::List => {
            let mut conn = app.db.conn().await?;
            let all = states::list(&mut conn).await?;
            let ids: Vec<i64> = all.iter().map(|state| state.id).collect();
            let counts = states::user_counts(&mut conn, &ids).await?;
            let permissions = states::permissions_of(&mut conn, &ids).await?;
            let members = states::members_of(&mut conn).await?;
            for state in all {
                let users = counts.iter().find(|(id, _)| *id == state.id).map_or(0, |(_, n)| *n);
                let users = if users == 1 { "1 user".to_owned() } else { format!("{users} users") };
                println!("{} (priority {}, {users})", state.name, state.priority);
                for (_, what) in members.iter().filter(|(id, _)| *id == state.id) {
                    println!("    lists {what}");
                }
                for (_, name) in permissions.iter().filter(|(id, _)| *id == state.id) {
                    println!("    carries {name}");
                }
            }
            Ok(())
        }
        StateCommand::Set(set) => {
            let id = {
                let mut conn = app.db.conn().await?;
                states::find_by_name(&mut conn, &set.name).await?.ok_or(Error::NotFound)?
            };
            let update = || states::edit::Update {
                members: Some(StateMembers {
                    alliances: set.alliances.clone(),
                    corporations: set.corporations.clone(),
                    ..StateMembers::default()
                }),
                permissions: Some(set.permissions.clone()),
                ..states::edit::Update::default()
            };
            let operator = StaffGrant::operator();
            let mut edited = states::edit::update(app, &operator, id, &update(), None).await?;
            if set.apply {
                let token = edited.token;
                edited = states::edit::update(app, &operator, id, &update(), Some(&token)).await?;
            }
            let diff = edited.diff;
            for ((kind, name), (gained, lost)) in diff.counts() {
                println!("{} {name}: {gained} gain it, {lost} lose it", kind.as_str());
            }
            match (diff.users(), set.apply) {
                (0, true) => println!("Done; nobody's access changes."),
                (_, true) => println!("Done."),
                (0, false) => println!("Nobody's access would change. Add --apply to do it."),
                (_, false) => println!("Nothing was changed. Add --apply to do it."),
            }
            Ok(())
        }
    }
}

async fn drift(app: &App, repair: bool) -> Result<()> {
    for spec in app.connectors.specs() {
        let drift = services::drift(app, spec.key).await?;
        for name in &drift.changed {
            println!("{}: {name} holds other roles than confirmed", spec.title);
        }
        for id in &drift.returned {
            println!("{}: account {id} is back after its removal", spec.title);
        }
        if drift.changed.is_empty() && drift.returned.is_empty() {
            println!("{}: everything is as it should be.", spec.title);
        } else if repair {
            let mut conn = app.db.conn().await?;
            jobs::enqueue(&mut conn, &services::Observe { service: spec.key.to_owned() }).await?;
            println!("{}: queued; the worker takes it up at once.", spec.title);
        }
    }
    Ok(())
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
    let (number, token) = api_token::create(&mut conn, app, user.id, &create.name, scopes, lifetime).await?;
    eprintln!("Token {number} of {}. This is shown once:", user.username);
    println!("{}", token.expose());
    Ok(())
}

async fn verify(app: &App, expected: Option<&Expected>) -> Result<ExitCode> {
    let mut conn = app.db.conn().await?;
    let report = verify::verify(&mut conn, expected).await?;
    if let Some(broken) = report.first_break {
        println!("The audit log is BROKEN: {broken}.");
        return Ok(ExitCode::FAILURE);
    }
    println!("The audit log is whole: {} entries.", report.entries);
    if let Some((position, hash)) = report.head {
        println!("Its head is {}@{position}", hex::encode(hash));
    }
    Ok(ExitCode::SUCCESS)
}

async fn export(app: &App, options: AuditExport) -> Result<()> {
    let person = match options.person.as_deref() {
        None => None,
        Some(text) => Some(match text.parse::<UserId>() {
            Ok(UserId(id)) => id,
            Err(_) => {
                let mut conn = app.db.conn().await?;
                users::find_by_username(&mut conn, text).await?.ok_or(Error::NotFound)?.id
            }
        }),
    };
    let filter = Filter {
        person,
        object_kind: options.object_kind,
        object_id: options.object,
        kinds: options.kinds,
        from: options.from,
        to: options.to,
        search: options.search,
    };
    let mut export = Export::new(filter.checked()?, options.after_position);
    while let Some(lines) = export.next(app).await? {
        match std::io::stdout().write_all(lines.as_bytes()) {
            // Whoever reads has had enough.
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => break,
            written => written.map_err(Error::internal)?,
        }
    }
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
