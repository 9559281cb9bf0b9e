//! `fealtyctl sync`.

use clap::Subcommand;
use fealty_api::{
    app::App,
    error::Result,
    eve::sync::{RefreshOrganisations, SyncAffiliations},
    identity::jobs::CheckTokens,
    jobs,
};

use crate::QUEUED;

#[derive(Subcommand)]
pub enum Command {
    /// Where every character flies.
    Affiliations {
        /// Let it take the state away from unusually many users.
        #[arg(long)]
        release_brake: bool,
    },
    /// Corporations, alliances and factions.
    Organisations,
    /// Whether characters were sold or access was revoked.
    Tokens {
        /// Let it take characters away from unusually many users.
        #[arg(long)]
        release_brake: bool,
    },
}

pub async fn run(app: &App, command: Command) -> Result<()> {
    let mut conn = app.db.conn().await?;
    match command {
        Command::Affiliations { release_brake } => {
            jobs::enqueue(&mut conn, &SyncAffiliations { release_brake }).await?;
        }
        Command::Organisations => jobs::enqueue(&mut conn, &RefreshOrganisations::default()).await?,
        Command::Tokens { release_brake } => {
            jobs::enqueue(&mut conn, &CheckTokens { all: true, release_brake }).await?;
        }
    }
    println!("{QUEUED}");
    Ok(())
}
