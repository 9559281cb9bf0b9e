//! `fealtyctl recompute`.

use fealty_api::{access::RecomputeAccess, app::App, error::Result, jobs};

use crate::QUEUED;

pub async fn run(app: &App) -> Result<()> {
    let mut conn = app.db.conn().await?;
    jobs::enqueue(&mut conn, &RecomputeAccess::default()).await?;
    println!("{QUEUED}");
    Ok(())
}
