//! The job that compares what a service holds with what was confirmed.

use diesel_async::AsyncConnection;
use serde::{Deserialize, Serialize};

use super::{Account, store};
use crate::{
    access::{Actor, Cause},
    app::App,
    audit,
    error::{Error, Result},
    jobs::Job,
};

/// Looks at all accounts of one service.
///
/// - One that holds other roles than was last confirmed is marked: somebody changed them by hand, or a call of ours came
///   late.
/// - One that was removed lately, has no row here and is back with a role of ours is removed again: a call that was sent
///   before the removal arrived after it. Whoever never was ours is left alone.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Observe {
    pub service: String,
}

impl Job for Observe {
    const NAME: &'static str = "observe";
    const PRIORITY: i32 = 6;
    /// The schedule brings the next one soon enough.
    const MAX_ATTEMPTS: i32 = 3;
    // Not the queue of the service: what is revoked meanwhile does not wait for a long list.
    const QUEUE: Option<&'static str> = Some("observe");

    fn key(&self) -> Option<String> {
        Some(format!("{}:{}", Self::NAME, self.service))
    }

    async fn run(self, app: &App) -> Result<()> {
        let Some(connector) = app.connectors.get(&self.service) else { return Ok(()) };
        let spec = connector.spec();
        let failed =
            |error| Error::Upstream { service: spec.key, detail: format!("observing accounts: {error:?}") };
        let observed = connector.observe().await.map_err(failed)?;
        let now = app.clock.now();
        let returned = {
            let mut conn = app.db.conn().await?;
            let drifted = store::mark_drifted(&mut conn, now, spec.key, &observed).await?;
            if drifted > 0 {
                tracing::warn!(
                    service = spec.key,
                    accounts = drifted,
                    "accounts hold other roles than confirmed"
                );
            }
            store::returned(&mut conn, now, spec.key, &observed).await?
        };
        for external_id in returned {
            tracing::warn!(
                service = spec.key,
                account = external_id,
                "a removed account is back; removing it again"
            );
            let account =
                Account { external_id: external_id.clone(), credentials: None, username: String::new() };
            connector.remove(&account).await.map_err(failed)?;
            let cause = Cause::new(
                Actor::System,
                "service_account_removed",
                ("service", spec.key.to_owned(), spec.title.to_owned()),
                format!(
                    "The {} account {external_id} was there again after its removal, and was removed again.",
                    spec.title
                ),
            );
            let mut conn = app.db.conn().await?;
            conn.transaction::<_, Error, _>(async |conn| {
                store::mark_external(conn, now, spec.key, &external_id).await?;
                audit::write(conn, now, &cause).await.map(|_| ())
            })
            .await?;
        }
        Ok(())
    }
}
