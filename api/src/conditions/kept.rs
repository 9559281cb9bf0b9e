//! The facts, as this process last read them.

use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};
use tokio::sync::Mutex;

use super::facts::{self, Facts};
use crate::{app::App, error::Result};

/// How long they stay valid: every open page asks, and nothing here changes by the second.
const GOOD_FOR: Duration = Duration::seconds(5);

/// Facts, and when they were read.
#[derive(Debug, Default)]
pub struct Kept(Mutex<Option<(DateTime<Utc>, Arc<Facts>)>>);

impl Kept {
    /// The facts, no older than a few seconds. While one request reads them, the others wait for it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn facts(&self, app: &App) -> Result<Arc<Facts>> {
        let now = app.clock.now();
        let mut kept = self.0.lock().await;
        if let Some((read_at, facts)) = &*kept
            && now - *read_at < GOOD_FOR
            && *read_at <= now
        {
            return Ok(Arc::clone(facts));
        }
        let mut facts = facts::read(&mut *app.db.conn().await?, now).await?;
        // Nobody hears any more whether a service is well again that was taken out of the settings.
        facts.services.retain(|trouble| app.connectors.get(&trouble.service).is_some());
        let facts = Arc::new(facts);
        *kept = Some((now, Arc::clone(&facts)));
        Ok(facts)
    }
}
