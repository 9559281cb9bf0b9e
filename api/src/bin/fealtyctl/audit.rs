//! `fealtyctl audit`.

use std::{io::Write, process::ExitCode};

use chrono::{DateTime, Utc};
use clap::{Args, Subcommand};
use fealty_api::{
    app::App,
    audit::{
        export::Export,
        log::{self, Filter},
        verify::{self, Expected},
    },
    error::Error,
    identity::users,
    permissions::Grant,
};
use fealty_shared::id::UserId;

use crate::{Done, Failure};

#[derive(Subcommand)]
pub enum Command {
    /// Recomputes the chain of hashes and names the first entry that was changed, removed, moved or slipped in; exit
    /// code 1 if there is one. Otherwise prints the number of entries and the head.
    Verify {
        /// A head that was printed earlier, HEX or HEX@POSITION: fails if the log was cut off
        /// before it, or recomputed.
        #[arg(long, value_name = "HEX[@POSITION]")]
        expect_head: Option<Expected>,
    },
    /// Prints entries as lines of JSON, oldest first.
    Export(ExportOptions),
}

#[derive(Args)]
pub struct ExportOptions {
    /// Not before this: a time like 2026-01-31T18:00:00Z, or a day (UTC).
    #[arg(long, value_parser = time)]
    from: Option<DateTime<Utc>>,
    /// Before this.
    #[arg(long, value_parser = time)]
    to: Option<DateTime<Utc>>,
    /// For example `main_changed`; may be repeated.
    #[arg(long = "kind")]
    kinds: Vec<String>,
    /// Who did it or who it happened to: user name, or an id like user:42 if the user is gone.
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
    /// In the order of the chain, after this position: continues where an export ended, without missing anything.
    #[arg(long)]
    after_position: Option<i64>,
}

fn time(text: &str) -> Result<DateTime<Utc>, &'static str> {
    log::parse_time(text).ok_or("a time like 2026-01-31T18:00:00Z, or a day like 2026-01-31")
}

pub async fn run(app: &App, command: Command) -> Done<ExitCode> {
    match command {
        Command::Verify { expect_head } => verify(app, expect_head.as_ref()).await,
        Command::Export(options) => export(app, options).await.map(|()| ExitCode::SUCCESS),
    }
}

async fn verify(app: &App, expected: Option<&Expected>) -> Done<ExitCode> {
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

async fn export(app: &App, options: ExportOptions) -> Done {
    let person = match options.person.as_deref() {
        None => None,
        Some(text) => Some(match text.parse::<UserId>() {
            Ok(UserId(id)) => id,
            Err(_) => {
                let mut conn = app.db.conn().await?;
                let found = users::find_by_username(&mut conn, text).await?;
                found.ok_or_else(|| Failure::no_user(text))?.id
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
    while let Some(lines) = export.next(app, &Grant::operator()).await? {
        match std::io::stdout().write_all(lines.as_bytes()) {
            // The reader has had enough.
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => break,
            written => written.map_err(Error::internal)?,
        }
    }
    Ok(())
}
