//! `fealtyctl superuser`.

use std::io::{BufRead, IsTerminal};

use clap::Subcommand;
use fealty_api::{
    app::App,
    error::{Error, Result},
    identity::{password, superusers},
};

use crate::{Done, Failure};

#[derive(Subcommand)]
pub enum Command {
    /// Creates a superuser with a password: asked for at a terminal, otherwise read from standard input.
    Create {
        #[arg(long)]
        username: String,
        #[arg(long)]
        email: String,
        /// Give an existing user a (new) password instead, and make them a superuser. Ends their sessions and tokens.
        #[arg(long)]
        existing: bool,
    },
    /// Makes an existing user a superuser. They keep logging in through EVE SSO.
    Promote {
        #[arg(long)]
        username: String,
    },
}

pub async fn run(app: &App, command: Command) -> Done {
    match command {
        Command::Create { username, email, existing } => {
            let password = read_password()?;
            superusers::create(app, &username, &email, &password, existing).await?;
            println!("{username} is a superuser and logs in at {}.", app.config.site_link("/admin/login"));
        }
        Command::Promote { username } => {
            let promoted = superusers::promote(app, &username).await;
            let (username, is_new) = promoted.map_err(|error| match error {
                Error::NotFound => Failure::no_user(&username),
                other => other.into(),
            })?;
            let already = if is_new { "" } else { " already" };
            println!("{username} is a superuser{already}.");
        }
    }
    Ok(())
}

/// From the terminal without echoing it, or a line from standard input.
fn read_password() -> Result<String> {
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
