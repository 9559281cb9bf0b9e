//! `fealtyctl config`.

use clap::Subcommand;
use fealty_api::{config::Config, error::Result};

#[derive(Subcommand)]
pub enum Command {
    /// Says everything that is wrong with it.
    Check,
}

/// Settings that could be loaded are usable: loading them says what is wrong.
pub fn run(config: &Config, Command::Check: Command) -> Result<()> {
    println!("The configuration is usable. The site is {}.", config.site.url);
    Ok(())
}
