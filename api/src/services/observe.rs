//! The job that compares what a service holds with what was confirmed.

use diesel_async::AsyncConnection;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Account, Connector, ConnectorError, Spec, link, store};
use crate::{
    access::{Actor, Cause},
    app::App,
    audit,
    error::{Error, Result},
    jobs::Job,
};

/// Looks at all accounts on one service.
///
/// - An account with other roles than were last confirmed is marked: somebody changed them by hand, or a
///   call of ours arrived late.
/// - An account that was removed recently, has no row here and is back with a role of ours is removed again: a call
///   sent before the removal arrived after it. Accounts that never were ours are left alone.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Observe {
    pub service: String,
}

impl Job for Observe {
    const NAME: &'static str = "observe";
    const PRIORITY: i32 = 6;
    /// The schedule brings the next one soon enough.
    const MAX_ATTEMPTS: i32 = 3;
    // Not the service's own queue: revocations in the meantime do not wait for a long list.
    const QUEUE: Option<&'static str> = Some("observe");

    fn key(&self) -> Option<String> {
        Some(format!("{}:{}", Self::NAME, self.service))
    }

    async fn run(self, app: &App) -> Result<()> {
        let Some(connector) = app.connectors.get(&self.service) else { return Ok(()) };
        let spec = connector.spec();
        let Looked { changed, returned, .. } = look(app, connector.as_ref()).await?;
        {
            let mut conn = app.db.conn().await?;
            let now = store::now(&mut conn, &app.clock).await?;
            store::forget_removals(&mut conn, now).await?;
            if !changed.is_empty() {
                let accounts = changed.len();
                tracing::warn!(service = spec.key, accounts, "accounts hold other roles than confirmed");
            }
            let ids: Vec<i64> = changed.iter().map(|account| account.id).collect();
            store::mark(&mut conn, now, spec.key, &ids).await?;
        }
        // One that cannot be removed does not hold up the others.
        let mut failure = None;
        for external_id in returned {
            tracing::warn!(
                service = spec.key,
                account = external_id,
                "a removed account is back; removing it again"
            );
            let account =
                Account { external_id: external_id.clone(), credentials: None, username: String::new() };
            match connector.remove(&account).await {
                Ok(_) => removed_again(app, spec, &external_id).await?,
                Err(error) => failure = Some(failed(spec, &error)),
            }
        }
        failure.map_or(Ok(()), Err)
    }
}

async fn removed_again(app: &App, spec: &Spec, external_id: &str) -> Result<()> {
    let now = app.clock.now();
    let title = spec.title;
    let cause = Cause::new(
        Actor::System,
        "service_account_removed",
        ("service", spec.key.to_owned(), title.to_owned()),
        format!(
            "The {title} account {external_id} was there again after its removal, and was removed again."
        ),
    )
    .with_values(link::logged(spec.key, external_id, external_id), Value::Null);
    let mut conn = app.db.conn().await?;
    conn.transaction::<_, Error, _>(async |conn| {
        // Somebody who linked it at this very moment wants it back.
        let linked = store::by_external(conn, spec.key, external_id).await?;
        store::mark(conn, now, spec.key, linked.as_slice()).await?;
        audit::write(conn, now, &cause).await.map(|_| ())
    })
    .await
}

/// What a service holds although it should not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drift {
    /// Names of accounts with other roles than were last confirmed.
    pub changed: Vec<String>,
    /// Ids (on the service) of accounts that were removed recently and are back with a role of ours.
    pub returned: Vec<String>,
    /// Ids (on the service) of accounts that hold a role of ours and belong to nobody here: somebody gave it to them
    /// by hand. They are left alone.
    pub strangers: Vec<String>,
}

/// What [`Observe`] would put right, and what it would leave alone; changes nothing.
///
/// # Errors
/// `NotFound` for a service that is not configured; `Upstream` when it does not list its accounts.
pub async fn drift(app: &App, service: &str) -> Result<Drift> {
    let connector = app.connectors.get(service).ok_or(Error::NotFound)?;
    let Looked { changed, returned, strangers } = look(app, connector.as_ref()).await?;
    Ok(Drift {
        changed: changed.into_iter().map(|account| account.external_name).collect(),
        returned,
        strangers,
    })
}

struct Looked {
    changed: Vec<store::Drifted>,
    returned: Vec<String>,
    strangers: Vec<String>,
}

async fn look(app: &App, connector: &dyn Connector) -> Result<Looked> {
    let spec = connector.spec();
    // Accounts removed while the list is being read may still be on it.
    let listed_at = store::now(&mut *app.db.conn().await?, &app.clock).await?;
    let registry = store::registry(&mut *app.db.conn().await?, spec.key).await?;
    let observed = connector.observe(&registry).await.map_err(|error| failed(spec, &error))?;
    let mut conn = app.db.conn().await?;
    Ok(Looked {
        changed: store::drifted(&mut conn, spec.key, &observed).await?,
        returned: store::returned(&mut conn, listed_at, spec.key, &observed).await?,
        strangers: store::strangers(&mut conn, listed_at, spec.key, &observed).await?,
    })
}

fn failed(spec: &Spec, error: &ConnectorError) -> Error {
    Error::Upstream { service: spec.key, detail: format!("observing accounts: {error:?}") }
}
