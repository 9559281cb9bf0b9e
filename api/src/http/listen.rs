//! Listens to the database's wake-ups and passes them on to the subscriptions of this process.

use std::time::Duration;

use diesel_async::{AsyncConnection, AsyncPgConnection, SimpleAsyncConnection};
use futures_util::StreamExt;
use tokio_util::sync::CancellationToken;

use crate::{
    app::App,
    error::Error,
    events::{CHANNEL, Event, Topic},
    graphql::Hub,
};

/// How often to check that the connection is still alive: one that nobody closed, as after a
/// failover, stays silent for ever.
const CHECK: Duration = Duration::from_secs(20);

/// Listens until shutdown. A lost connection is re-established, and then everybody is told to look again, because
/// what was said in between was missed.
pub async fn listen(app: App, hub: Hub, shutdown: CancellationToken) {
    listen_checking(app, hub, shutdown, CHECK).await;
}

/// As [`listen`], checking every `check` that the connection is still alive, and waiting as long for the answer.
pub async fn listen_checking(app: App, hub: Hub, shutdown: CancellationToken, check: Duration) {
    let mut was_connected = false;
    loop {
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = listen_once(&app, &hub, &mut was_connected, check) => {}
        }
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = tokio::time::sleep(Duration::from_secs(1)) => {}
        }
    }
}

/// How long a new connection may take.
const CONNECT: Duration = Duration::from_secs(10);

async fn connect(app: &App) -> Result<AsyncPgConnection, Error> {
    let connecting = async {
        let mut conn =
            AsyncPgConnection::establish(app.config.database.url.expose()).await.map_err(Error::internal)?;
        conn.batch_execute(&format!("listen {CHANNEL}")).await?;
        Ok(conn)
    };
    tokio::time::timeout(CONNECT, connecting).await.unwrap_or_else(|_| Err(Error::internal("no answer")))
}

async fn listen_once(app: &App, hub: &Hub, was_connected: &mut bool, check: Duration) {
    let mut conn = match connect(app).await {
        Ok(conn) => conn,
        Err(error) => {
            tracing::warn!(error = error.for_operators(), "no live updates: the database does not answer");
            return;
        }
    };
    if *was_connected {
        for topic in Topic::ALL.into_iter().chain([Topic::Audit]) {
            hub.publish(Event { topic, users: Vec::new() });
        }
    }
    *was_connected = true;
    loop {
        let notice =
            tokio::time::timeout(check, async { std::pin::pin!(conn.notifications_stream()).next().await });
        match notice.await {
            Ok(Some(Ok(notice))) => match serde_json::from_str(&notice.payload) {
                Ok(event) => hub.publish(event),
                Err(error) => tracing::warn!(%error, "a wake-up that cannot be understood"),
            },
            Ok(Some(Err(error))) => {
                tracing::warn!(%error, "the connection for live updates broke");
                return;
            }
            Ok(None) => return,
            // Nothing was heard for a while.
            Err(_) => match tokio::time::timeout(check, conn.batch_execute("select 1")).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => {
                    tracing::warn!(%error, "the connection for live updates broke");
                    return;
                }
                Err(_) => {
                    tracing::warn!("the connection for live updates does not answer");
                    return;
                }
            },
        }
    }
}
