//! The job that works off the marks of one service.

use async_trait::async_trait;
use chrono::{DateTime, Duration, Utc};
use diesel_async::AsyncConnection;
use fealty_shared::id::UserId;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    Connector, ConnectorError, Keeper, RoleRegistry, StandsFor, link, status::Failure, store, title_of,
    wanted,
};
use crate::{
    access::{Actor, Cause},
    app::App,
    audit,
    db::Conn,
    error::{Error, Result},
    events::{self, Topic},
    jobs::{self, Job, Lane},
    notifications,
};

/// Works off the marks of one service until nothing is due.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Reconcile {
    pub service: String,
}

/// The same, but later. It has a key of its own: a wake-up for a fresh mark must not be pushed into the future by one
/// that waits for a pause to end.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ReconcileLater {
    pub service: String,
}

/// How long one job works off marks before another one takes over.
const TURN: Duration = Duration::minutes(10);
/// If one call never ends, what is due is revoked late.
const LIMIT: std::time::Duration = std::time::Duration::from_secs(15 * 60);

impl Job for Reconcile {
    const NAME: &'static str = "reconcile";
    const PRIORITY: i32 = -3;
    const LANE: Lane = Lane::Ending;
    const TIME_LIMIT: std::time::Duration = LIMIT;

    fn key(&self) -> Option<String> {
        Some(format!("{}:{}", Self::NAME, self.service))
    }

    fn queue(&self) -> Option<String> {
        Some(format!("service:{}", self.service))
    }

    async fn run(self, app: &App) -> Result<()> {
        run(app, &self.service).await
    }
}

impl Job for ReconcileLater {
    const NAME: &'static str = "reconcile_later";
    const PRIORITY: i32 = -3;
    const LANE: Lane = Lane::Ending;
    const TIME_LIMIT: std::time::Duration = LIMIT;

    fn key(&self) -> Option<String> {
        Some(format!("{}:{}", Self::NAME, self.service))
    }

    fn queue(&self) -> Option<String> {
        Some(format!("service:{}", self.service))
    }

    async fn run(self, app: &App) -> Result<()> {
        run(app, &self.service).await
    }
}

/// Looks for marks that nobody works off: those of a service that was not configured for a while, or whose wake-up
/// was lost along with a worker. Notifies superusers of accounts that have been failing for long. Runs every minute
/// and when a worker starts.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SweepServices {}

impl Job for SweepServices {
    const NAME: &'static str = "sweep_services";
    const PRIORITY: i32 = 8;
    const LANE: Lane = Lane::Ending;

    async fn run(self, app: &App) -> Result<()> {
        let mut conn = app.db.conn().await?;
        let now = store::now(&mut conn, &app.clock).await?;
        for service in store::due_services(&mut conn, now).await? {
            if app.connectors.get(&service).is_some() {
                jobs::enqueue(&mut conn, &Reconcile { service }).await?;
            }
        }
        tell_of_stuck(&mut conn, now).await
    }
}

/// Stores things for the account that is being worked on.
struct Kept<'a> {
    app: &'a App,
    service: &'static str,
    claimed: &'a store::Claimed,
}

#[async_trait]
impl Keeper for Kept<'_> {
    async fn keep(&self, credentials: &[u8]) -> Result<(), ConnectorError> {
        let kept = async {
            let mut conn = self.app.db.conn().await?;
            store::keep_credentials(&mut conn, self.claimed, credentials).await
        };
        kept.await.map_err(|error: Error| lost(&error))
    }

    async fn registry(&self) -> Result<RoleRegistry, ConnectorError> {
        let registry = async { store::registry(&mut *self.app.db.conn().await?, self.service).await };
        registry.await.map_err(|error: Error| lost(&error))
    }

    async fn keep_role(&self, stands_for: StandsFor, external_id: &str) -> Result<(), ConnectorError> {
        let kept = async {
            let mut conn = self.app.db.conn().await?;
            store::keep_role(&mut conn, self.service, stands_for, external_id).await
        };
        kept.await.map_err(|error: Error| lost(&error))
    }
}

/// Our own database is failing: that says nothing about the account.
fn lost(error: &Error) -> ConnectorError {
    ConnectorError::Unavailable { retry_after: None, detail: error.for_operators() }
}

/// Notifies superusers once of accounts that have been failing, or have not been removed, for long.
async fn tell_of_stuck(conn: &mut Conn, now: DateTime<Utc>) -> Result<()> {
    conn.transaction::<_, Error, _>(async |conn| {
        for stuck in store::newly_stuck(conn, now).await? {
            let (service, accounts) = (title_of(&stuck.service), stuck.accounts);
            let named = stuck.names.join(", ");
            let more = usize::try_from(accounts).unwrap_or(0).saturating_sub(stuck.names.len());
            let named = if more > 0 { format!("{named} and {more} more") } else { named };
            let notice = if stuck.is_revocation {
                notifications::New {
                    level: notifications::Level::Danger,
                    kind: "service_revocation_stuck",
                    about: None,
                    title: format!("Accounts on {service} are not being removed"),
                    body: format!(
                        "For an hour, {service} has not confirmed that these are gone: {named}. Their owners may still \
                         have access there. Each account says why."
                    ),
                }
            } else {
                notifications::New {
                    level: notifications::Level::Warning,
                    kind: "service_accounts_failing",
                    about: None,
                    title: format!("Accounts on {service} keep failing"),
                    body: format!("For an hour, these could not be updated: {named}. Each account says why."),
                }
            };
            tracing::error!(service, accounts, is_revocation = stuck.is_revocation, "accounts fail for long");
            let superusers = notifications::superusers(conn).await?;
            notifications::send(conn, now, &superusers, &notice).await?;
        }
        Ok(())
    })
    .await
}

async fn run(app: &App, service: &str) -> Result<()> {
    let Some(connector) = app.connectors.get(service) else {
        tracing::warn!(service, "marks wait for a service that is not configured");
        return Ok(());
    };
    {
        let mut conn = app.db.conn().await?;
        let now = store::now(&mut conn, &app.clock).await?;
        if let Some(until) = store::paused_until(&mut conn, service).await?.filter(|until| *until > now) {
            return later(&mut conn, service, until).await;
        }
    }
    let ends = app.clock.now() + TURN;
    loop {
        if app.clock.now() > ends {
            let mut conn = app.db.conn().await?;
            return jobs::enqueue(&mut conn, &Reconcile { service: service.to_owned() }).await;
        }
        let claimed = {
            let mut conn = app.db.conn().await?;
            let now = store::now(&mut conn, &app.clock).await?;
            store::claim(&mut conn, now, service).await?
        };
        let Some(claimed) = claimed else { break };
        let Some(until) = work(app, connector.as_ref(), &claimed).await? else { continue };
        let mut conn = app.db.conn().await?;
        return later(&mut conn, service, until).await;
    }
    let mut conn = app.db.conn().await?;
    match store::next_due(&mut conn, service).await? {
        Some(at) => later(&mut conn, service, at).await,
        None => Ok(()),
    }
}

async fn later(conn: &mut Conn, service: &str, at: DateTime<Utc>) -> Result<()> {
    jobs::enqueue_at(conn, &ReconcileLater { service: service.to_owned() }, Some(at)).await
}

/// Brings one account in step. If the service as a whole failed, returns until when to leave it alone.
async fn work(
    app: &App,
    connector: &dyn Connector,
    claimed: &store::Claimed,
) -> Result<Option<DateTime<Utc>>> {
    let service = connector.spec().key;
    let wanted = wanted(&claimed.facts);
    let started = std::time::Instant::now();
    let keeper = Kept { app, service, claimed };
    let answer = match &wanted {
        Some(wanted) => connector.ensure(&claimed.account, wanted, &keeper).await.map(Some),
        None => connector.remove(&claimed.account).await.map(|()| None),
    };
    let label = match (&answer, &wanted) {
        (Ok(Some(confirmed)), _) if confirmed.left.is_some() => "partly",
        (Ok(_), Some(_)) => "ensured",
        (Ok(_), None) => "removed",
        (Err(_), _) => "failed",
    };
    metrics::counter!("fealty_service_accounts_total", "service" => service, "outcome" => label).increment(1);
    metrics::histogram!("fealty_service_call_seconds", "service" => service)
        .record(started.elapsed().as_secs_f64());
    let mut conn = app.db.conn().await?;
    let now = store::now(&mut conn, &app.clock).await?;
    // Behind the others that are waiting: one account that always fails must not hold up the rest.
    let soon = now + backoff(claimed.attempts).min(Duration::seconds(60));
    conn.transaction::<_, Error, _>(async |conn| {
        let paused = match (answer, &wanted) {
            (Ok(Some(confirmed)), Some(wanted)) if confirmed.left.is_some() => {
                let reason = confirmed.left.as_deref().unwrap_or_default();
                store::healthy(conn, now, service).await?;
                store::note_part(conn, now, claimed, wanted, &confirmed).await?;
                let failure = (Failure::Partial, reason);
                store::postpone(conn, now, claimed, now + backoff(claimed.attempts), failure).await?;
                None
            }
            (Ok(Some(confirmed)), Some(wanted)) => {
                store::settle(conn, now, claimed, wanted, &confirmed).await?;
                store::healthy(conn, now, service).await?;
                None
            }
            (Ok(_), _) => {
                store::healthy(conn, now, service).await?;
                if store::forget(conn, claimed).await? {
                    store::note_removal(conn, now, service, &claimed.account.external_id).await?;
                    write_removal(conn, now, connector, claimed, "was removed").await?;
                }
                None
            }
            (Err(ConnectorError::Gone), _) => {
                store::healthy(conn, now, service).await?;
                if store::forget(conn, claimed).await? {
                    write_removal(conn, now, connector, claimed, "is no longer there").await?;
                    tell_gone(conn, now, connector, claimed).await?;
                }
                None
            }
            (Err(ConnectorError::Rejected { reason }), _) => {
                store::healthy(conn, now, service).await?;
                let failure = (Failure::Rejected, reason.as_str());
                store::postpone(conn, now, claimed, now + backoff(claimed.attempts), failure).await?;
                None
            }
            (Err(ConnectorError::RateLimited { retry_after }), _) => {
                let failure = (Failure::RateLimited, "the service asks for a pause");
                store::postpone(conn, now, claimed, soon, failure).await?;
                Some(store::pause(conn, now, service, Some(retry_after), "rate limited").await?)
            }
            (Err(ConnectorError::Unavailable { retry_after, detail }), _) => {
                tracing::warn!(service, %detail, "a service does not answer as it should");
                let failure = (Failure::Unavailable, "the service does not answer");
                store::postpone(conn, now, claimed, soon, failure).await?;
                Some(store::pause(conn, now, service, retry_after, &detail).await?)
            }
            (Err(ConnectorError::Misconfigured { detail }), _) => {
                tracing::error!(service, %detail, "a service refuses us; an operator has to act");
                let pause = std::time::Duration::from_secs(60);
                let until = store::pause(conn, now, service, Some(pause), &detail).await?;
                let failure = (Failure::Misconfigured, "the service refuses us; the administrators see why");
                // When the pause is over others come first: what they meet may be another thing.
                let again = until + backoff(claimed.attempts).min(Duration::seconds(60));
                store::postpone(conn, now, claimed, again, failure).await?;
                Some(until)
            }
            (Err(ConnectorError::Unusable { detail }), _) => {
                tracing::error!(
                    service,
                    account = claimed.account.external_id,
                    %detail,
                    "what is stored of an account cannot be used; an operator has to act"
                );
                let failure = (Failure::Misconfigured, UNUSABLE);
                store::postpone(conn, now, claimed, now + backoff(claimed.attempts), failure).await?;
                None
            }
        };
        events::send(conn, Topic::Services, &[claimed.user_id]).await?;
        Ok(paused)
    })
    .await
}

/// What the owner of an account reads whose credentials cannot be opened.
const UNUSABLE: &str =
    "what is stored of this account cannot be read; an administrator has to check the secret key";

/// From 10 s, doubling, to at most an hour.
fn backoff(attempts: i32) -> Duration {
    Duration::seconds((10_i64 << attempts.clamp(0, 9)).min(3_600))
}

async fn write_removal(
    conn: &mut Conn,
    now: DateTime<Utc>,
    connector: &dyn Connector,
    claimed: &store::Claimed,
    how: &str,
) -> Result<()> {
    let title = connector.spec().title;
    let cause = Cause::new(
        Actor::System,
        "service_account_removed",
        ("user", UserId(claimed.user_id).to_string(), claimed.account.username.clone()),
        format!("The {title} account {} {how}.", claimed.external_name),
    )
    .with_values(
        link::logged(connector.spec().key, &claimed.account.external_id, &claimed.external_name),
        Value::Null,
    );
    audit::write(conn, now, &cause).await.map(|_| ())
}

async fn tell_gone(
    conn: &mut Conn,
    now: DateTime<Utc>,
    connector: &dyn Connector,
    claimed: &store::Claimed,
) -> Result<()> {
    let title = connector.spec().title;
    let notice = notifications::New {
        level: notifications::Level::Warning,
        kind: "service_account_gone",
        about: None,
        title: format!("Your {title} account is no longer linked"),
        body: format!("{} is no longer on {title}. Link it again to come back.", claimed.external_name),
    };
    notifications::send(conn, now, &[claimed.user_id], &notice).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_end_growing() {
        assert_eq!(backoff(0), Duration::seconds(10));
        assert_eq!(backoff(3), Duration::seconds(80));
        assert_eq!(backoff(1_000), Duration::hours(1));
    }
}
