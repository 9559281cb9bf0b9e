//! `fealtyctl migrate`.

use fealty_api::{config::Config, db, error::Result};

/// Brings the database up to date.
pub async fn migrate(config: &Config) -> Result<()> {
    let done = db::migrate(config.database.url.expose()).await?;
    if done.is_empty() {
        println!("The database is up to date.");
    }
    for name in done {
        println!("Applied {name}.");
    }
    Ok(())
}
