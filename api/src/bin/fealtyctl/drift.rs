//! `fealtyctl drift`.

use clap::Args;
use fealty_api::{app::App, error::Result, jobs, services};

#[derive(Args)]
pub struct Command {
    /// Have the worker fix them; it checks every 15 minutes anyway.
    #[arg(long)]
    repair: bool,
}

pub async fn run(app: &App, command: Command) -> Result<()> {
    for spec in app.connectors.specs() {
        let drift = services::drift(app, spec.key).await?;
        for name in &drift.changed {
            println!("{}: {name} holds other roles than confirmed", spec.title);
        }
        for id in &drift.returned {
            println!("{}: account {id} is back after its removal", spec.title);
        }
        for id in &drift.strangers {
            println!(
                "{}: account {id} is linked with nobody and holds a role of ours; it is left alone",
                spec.title
            );
        }
        let is_repairable = !(drift.changed.is_empty() && drift.returned.is_empty());
        if !is_repairable && drift.strangers.is_empty() {
            println!("{}: everything is as it should be.", spec.title);
        } else if is_repairable && command.repair {
            let mut conn = app.db.conn().await?;
            jobs::enqueue(&mut conn, &services::Observe { service: spec.key.to_owned() }).await?;
            println!("{}: queued; the worker takes it up at once.", spec.title);
        }
    }
    Ok(())
}
