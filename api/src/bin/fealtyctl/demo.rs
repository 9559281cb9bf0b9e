//! `fealtyctl demo`.

use clap::Subcommand;
use fealty_api::{app::App, demo, error::Result};

#[derive(Subcommand)]
pub enum Command {
    /// Loads it: one alliance in state Member, another one in state Blue, Discord for members.
    Load,
}

pub async fn run(app: &App, Command::Load: Command) -> Result<()> {
    demo::load(app).await?;
    demo::load_groups(app).await?;
    println!("The demo organisation is loaded.");
    Ok(())
}
