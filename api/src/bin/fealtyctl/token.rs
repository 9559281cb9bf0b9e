//! `fealtyctl token`.

use chrono::Duration;
use clap::{Args, Subcommand};
use fealty_api::{
    app::App,
    error::{Error, Result},
    identity::{api_token, users},
};

#[derive(Subcommand)]
pub enum Command {
    /// Makes a token that may do what its user may. Prints it once.
    Create(Create),
    /// Lists tokens: number, user, name, last use.
    List,
    /// Revokes a token by its number.
    Revoke { id: i64 },
}

#[derive(Args)]
pub struct Create {
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

pub async fn run(app: &App, command: Command) -> Result<()> {
    match command {
        Command::Create(new) => create(app, new).await,
        Command::List => list(app).await,
        Command::Revoke { id } => {
            let mut conn = app.db.conn().await?;
            api_token::revoke(&mut conn, app.clock.now(), id).await?;
            println!("Token {id} is revoked.");
            Ok(())
        }
    }
}

async fn create(app: &App, new: Create) -> Result<()> {
    let mut conn = app.db.conn().await?;
    let user = users::find_by_username(&mut conn, &new.username).await?.ok_or(Error::NotFound)?;
    let scopes = (!new.permissions.is_empty()).then_some(new.permissions.as_slice());
    let lifetime = new.days.map(|days| Duration::days(i64::from(days)));
    let (number, token) = api_token::create(&mut conn, app, user.id, &new.name, scopes, lifetime).await?;
    eprintln!("Token {number} of {}. This is shown once:", user.username);
    println!("{}", token.expose());
    Ok(())
}

async fn list(app: &App) -> Result<()> {
    let mut conn = app.db.conn().await?;
    for token in api_token::list(&mut conn).await? {
        let used = token.last_used_at.map_or_else(|| "never".to_owned(), |at| at.to_rfc3339());
        let end = if token.revoked_at.is_some() { " (revoked)" } else { "" };
        println!("{}\t{}\t{}\tlast used {used}{end}", token.id, token.username, token.name);
    }
    Ok(())
}
