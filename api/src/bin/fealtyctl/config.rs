//! `fealtyctl config`.

use clap::Subcommand;
use fealty_api::{config::Config, error::Result};

#[derive(Subcommand)]
pub enum Command {
    /// Reports everything that is wrong with it.
    Check,
}

/// Settings that load are usable: loading them reports what is wrong.
pub fn run(config: &Config, Command::Check: Command) -> Result<()> {
    println!("The configuration is usable. The site is {}.", config.site.url);
    Ok(())
}
