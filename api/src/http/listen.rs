//! Hears the database's wake-ups and passes them to the subscriptions of this process.

use std::time::Duration;

use diesel_async::{AsyncConnection, AsyncPgConnection, SimpleAsyncConnection};
use futures_util::StreamExt;
use tokio_util::sync::CancellationToken;

use crate::{
    app::App,
    events::{CHANNEL, Event, Topic},
    graphql::Hub,
};

/// Listens until shutdown; a lost connection is made anew, and then everybody is told to look again, because what was
/// said in between was not heard.
pub async fn listen(app: App, hub: Hub, shutdown: CancellationToken) {
    let mut was_connected = false;
    loop {
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = listen_once(&app, &hub, &mut was_connected) => {}
        }
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = tokio::time::sleep(Duration::from_secs(1)) => {}
        }
    }
}

async fn listen_once(app: &App, hub: &Hub, was_connected: &mut bool) {
    let mut conn = match AsyncPgConnection::establish(app.config.database.url.expose()).await {
        Ok(conn) => conn,
        Err(error) => {
            tracing::warn!(%error, "no live updates: the database does not answer");
            return;
        }
    };
    if let Err(error) = conn.batch_execute(&format!("listen {CHANNEL}")).await {
        tracing::warn!(%error, "no live updates: LISTEN failed");
        return;
    }
    if *was_connected {
        for topic in Topic::ALL {
            hub.publish(Event { topic, users: Vec::new() });
        }
    }
    *was_connected = true;
    let mut notices = std::pin::pin!(conn.notifications_stream());
    while let Some(notice) = notices.next().await {
        match notice {
            Ok(notice) => match serde_json::from_str(&notice.payload) {
                Ok(event) => hub.publish(event),
                Err(error) => tracing::warn!(%error, "a wake-up that cannot be understood"),
            },
            Err(error) => {
                tracing::warn!(%error, "the connection for live updates broke");
                return;
            }
        }
    }
}
