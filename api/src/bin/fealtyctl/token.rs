//! `fealtyctl token`.

use chrono::Duration;
use clap::{Args, Subcommand};
use fealty_api::{
    app::App,
    error::{Error, Result},
    identity::{
        api_token,
        users::{self, User},
    },
    permissions::granted,
};

use crate::{Done, Failure};

#[derive(Subcommand)]
pub enum Command {
    /// Creates a token that may do what its user may. Prints it once.
    Create(Create),
    /// Lists tokens: number, user, name, last use, end.
    List,
    /// Revokes a token by its number.
    Revoke { id: i64 },
}

#[derive(Args)]
pub struct Create {
    /// Whose token it is.
    #[arg(long)]
    username: String,
    /// What it is for.
    #[arg(long)]
    name: String,
    #[command(flatten)]
    scope: Scope,
    #[command(flatten)]
    end: End,
}

/// What it may do: must be given explicitly, so that nobody unintentionally creates a token that may do everything.
#[derive(Args)]
#[group(required = true, multiple = false)]
struct Scope {
    /// Limit it to a permission; may be repeated. Its user may get the permission later.
    #[arg(long = "permission")]
    permissions: Vec<String>,
    /// Do not limit it: it has every permission its user has, and a superuser's may do everything.
    #[arg(long)]
    all_permissions: bool,
}

/// When it expires: after [`DAYS`] unless specified otherwise.
#[derive(Args)]
#[group(multiple = false)]
struct End {
    /// Days until it expires; 90 by default.
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..))]
    days: Option<u16>,
    /// It works until it is revoked.
    #[arg(long)]
    never_expires: bool,
}

/// For how many days a token works by default: even a forgotten one ends some day.
const DAYS: u16 = 90;

pub async fn run(app: &App, command: Command) -> Done {
    match command {
        Command::Create(new) => create(app, new).await,
        Command::List => Ok(list(app).await?),
        Command::Revoke { id } => revoke(app, id).await,
    }
}

async fn create(app: &App, new: Create) -> Done {
    let mut conn = app.db.conn().await?;
    let found = users::find_by_username(&mut conn, &new.username).await?;
    let user = found.ok_or_else(|| Failure::no_user(&new.username))?;
    let scopes = (!new.scope.all_permissions).then_some(new.scope.permissions.as_slice());
    let days = (!new.end.never_expires).then(|| new.end.days.unwrap_or(DAYS));
    let lifetime = days.map(|days| Duration::days(days.into()));
    let (number, token) = api_token::create(&mut conn, app, user.id, &new.name, scopes, lifetime).await?;
    let end = days.map_or_else(|| "until it is revoked".to_owned(), |days| format!("for {days} days"));
    eprintln!("Token {number} of {}, good {end}. This is shown once:", user.username);
    println!("{}", token.expose());
    // Last: the token is there, and nobody can be shown it again.
    drop(conn);
    Ok(warn_of_missing(app, &user, &new.scope.permissions).await?)
}

/// Says which of a token's permissions are worth nothing yet: it never has more than its user.
async fn warn_of_missing(app: &App, user: &User, permissions: &[String]) -> Result<()> {
    // A connection of its own, given back before the names take one.
    let sets = granted::sets(&mut *app.db.conn().await?, &[user.permission_set_id]).await?;
    let ids: Vec<i32> = sets.into_iter().flat_map(|(_, ids)| ids).collect();
    let held = app.permission_names.of(&app.db, &ids).await?;
    let missing: Vec<&str> = permissions
        .iter()
        .map(String::as_str)
        .filter(|name| !held.iter().any(|held| **held == **name))
        .collect();
    if !missing.is_empty() {
        let (name, missing) = (&user.username, missing.join(", "));
        eprintln!(
            "Warning: {name} does not have {missing} now. The token can use it only while {name} has it."
        );
    }
    Ok(())
}

async fn revoke(app: &App, id: i64) -> Done {
    let mut conn = app.db.conn().await?;
    api_token::revoke(&mut conn, app.clock.now(), id).await.map_err(|error| match error {
        Error::NotFound => Failure::Unknown(format!("token {id} that still works")),
        other => other.into(),
    })?;
    println!("Token {id} is revoked.");
    Ok(())
}

async fn list(app: &App) -> Result<()> {
    let mut conn = app.db.conn().await?;
    for token in api_token::list(&mut conn).await? {
        let used = token.last_used_at.map_or_else(|| "never".to_owned(), |at| at.to_rfc3339());
        let end = match (token.revoked_at, token.expires_at) {
            (Some(_), _) => "revoked".to_owned(),
            (None, Some(at)) if at <= app.clock.now() => "expired".to_owned(),
            (None, Some(at)) => format!("expires {}", at.to_rfc3339()),
            (None, None) => "never expires".to_owned(),
        };
        println!("{}\t{}\t{}\tlast used {used}\t{end}", token.id, token.username, token.name);
    }
    Ok(())
}
