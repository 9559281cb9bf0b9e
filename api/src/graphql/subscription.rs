//! Live updates: passes the database's wake-ups on to the users they concern.
//!
//! No database code here: `diesel_async::RunQueryDsl` in scope breaks the `Subscription` macro.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use async_graphql::{Context, Description, SimpleObject, Subscription as GraphqlSubscription};
use futures_util::{Stream, StreamExt, stream};
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;

use super::{
    connection,
    context::{app, viewer},
    guards::Declared,
    types::{
        audit::{AuditEntry, AuditFilter},
        history::{AccessChangeFilter, UserAccessChange},
        notification::Notification,
    },
    watch,
};
use crate::{
    app::App,
    error::Result,
    events::{Event, Topic},
    groups::{self, Asker},
    notifications,
};

/// Hands the wake-ups from this process's LISTEN to its subscriptions.
#[derive(Debug, Clone)]
pub struct Hub {
    sender: broadcast::Sender<Arc<Event>>,
    shutdown: CancellationToken,
}

impl Hub {
    /// An empty hub; subscriptions end when `shutdown` is cancelled.
    #[must_use]
    pub fn new(shutdown: CancellationToken) -> Self {
        Self { sender: broadcast::channel(256).0, shutdown }
    }

    /// Passes a wake-up on.
    pub fn publish(&self, event: Event) {
        // An error means that nobody is listening.
        let _ = self.sender.send(Arc::new(event));
    }

    /// What concerns one user. A subscriber that fell behind is told to look at everything again.
    pub fn of(&self, user_id: i64) -> impl Stream<Item = Topic> + use<> {
        let shutdown = self.shutdown.clone();
        let receiver = self.sender.subscribe();
        stream::unfold(
            (receiver, Vec::new()),
            move |(mut receiver, mut waiting): (broadcast::Receiver<Arc<Event>>, Vec<Topic>)| async move {
                loop {
                    if let Some(topic) = waiting.pop() {
                        return Some((topic, (receiver, waiting)));
                    }
                    match receiver.recv().await {
                        Ok(event) if event.topic != Topic::Audit && event.concerns(user_id) => {
                            return Some((event.topic, (receiver, waiting)));
                        }
                        Ok(_) => {}
                        Err(broadcast::error::RecvError::Lagged(_)) => {
                            waiting = Topic::ALL.to_vec();
                        }
                        Err(broadcast::error::RecvError::Closed) => return None,
                    }
                }
            },
        )
        .take_until(async move { shutdown.cancelled().await })
    }

    /// Signals that the audit log may have new entries. A subscriber that fell behind is signalled as well.
    pub fn of_audit(&self) -> impl Stream<Item = ()> + use<> {
        let shutdown = self.shutdown.clone();
        stream::unfold(self.sender.subscribe(), |mut receiver| async move {
            loop {
                match receiver.recv().await {
                    Ok(event) if event.topic == Topic::Audit => return Some(((), receiver)),
                    Ok(_) => {}
                    Err(broadcast::error::RecvError::Lagged(_)) => return Some(((), receiver)),
                    Err(broadcast::error::RecvError::Closed) => return None,
                }
            }
        })
        .take_until(async move { shutdown.cancelled().await })
    }
}

/// Something about the viewer changed.
#[derive(SimpleObject)]
pub struct ViewerChange {
    /// Machine-readable kind: `access`, `services`, `characters`, `notifications`, `groups`, `session_ended`.
    kind: &'static str,
}

/// The number of requests the viewer may decide on changed, or may have changed.
#[derive(SimpleObject)]
pub struct GroupRequestsChange {
    /// How many requests the viewer may decide on.
    count: i32,
}

/// What clients can subscribe to.
#[derive(Description)]
pub struct Subscription;

#[GraphqlSubscription(use_type_description)]
impl Subscription {
    /// Something about the viewer changed: query again for what is shown.
    #[graphql(guard = "Declared(\"Subscription.viewerChanged\")")]
    async fn viewer_changed(&self, ctx: &Context<'_>) -> Result<impl Stream<Item = ViewerChange> + use<>> {
        let hub = hub(ctx)?;
        let user_id = viewer(ctx)?.user.id;
        // The number of requests waiting for them has a subscription of its own.
        let told =
            |topic: Topic| (topic != Topic::GroupRequests).then(|| ViewerChange { kind: topic.as_str() });
        Ok(hub.of(user_id).filter_map(move |topic| std::future::ready(told(topic))))
    }

    /// The number of requests the viewer may decide on changed (or may have changed).
    #[graphql(guard = "Declared(\"Subscription.groupRequestsChanged\")")]
    async fn group_requests_changed(
        &self,
        ctx: &Context<'_>,
    ) -> Result<impl Stream<Item = GroupRequestsChange> + use<>> {
        let wakes = hub(ctx)?
            .of(viewer(ctx)?.user.id)
            .filter(|topic| std::future::ready(matches!(topic, Topic::GroupRequests | Topic::Access)));
        let (app, asker) = (app(ctx)?.clone(), viewer(ctx)?.asker());
        let start = (Box::pin(wakes), app, asker);
        Ok(stream::unfold(start, |(mut wakes, app, asker)| async move {
            loop {
                wakes.next().await?;
                if let Some(count) = decidable(&app, &asker).await {
                    return Some((GroupRequestsChange { count }, (wakes, app, asker)));
                }
            }
        }))
    }

    /// A new notification for the viewer.
    #[graphql(guard = "Declared(\"Subscription.notificationAdded\")")]
    async fn notification_added(
        &self,
        ctx: &Context<'_>,
    ) -> Result<impl Stream<Item = Notification> + use<>> {
        let hub = hub(ctx)?;
        let app = app(ctx)?.clone();
        let user_id = viewer(ctx)?.user.id;
        let wakes = hub
            .of(user_id)
            .filter(|topic| std::future::ready(matches!(topic, Topic::Notifications | Topic::Access)));
        // The hub is already collecting by now, so nothing slips through.
        let last = newest(&app, user_id).await?;
        let start = (Box::pin(wakes), last, VecDeque::new());
        Ok(stream::unfold(start, move |(mut wakes, mut last, mut queue)| {
            let app = app.clone();
            async move {
                loop {
                    if let Some(notification) = queue.pop_front() {
                        let notification: notifications::Notification = notification;
                        last = notification.id;
                        return Some((Notification(notification), (wakes, last, queue)));
                    }
                    wakes.next().await?;
                    queue = since(&app, user_id, last).await.into();
                }
            }
        }))
    }

    /// A change of somebody's access: the viewer's own, that of one other user (`personId`) or that of everybody,
    /// allowed as in `accessChanges`. Ends with FORBIDDEN when the viewer loses the right to see it.
    #[graphql(guard = "Declared(\"Subscription.accessChanged\")")]
    async fn access_changed(
        &self,
        ctx: &Context<'_>,
        filter: AccessChangeFilter,
    ) -> Result<impl Stream<Item = async_graphql::Result<UserAccessChange>> + use<>> {
        watch::access_changes(hub(ctx)?, app(ctx)?, viewer(ctx)?, filter).await
    }

    /// A new entry of the audit log, in the order of its chain. Ends with FORBIDDEN when the viewer
    /// loses the right to see it.
    #[graphql(guard = "Declared(\"Subscription.auditEntryAdded\")")]
    async fn audit_entry_added(
        &self,
        ctx: &Context<'_>,
        filter: Option<AuditFilter>,
    ) -> Result<impl Stream<Item = async_graphql::Result<AuditEntry>> + use<>> {
        watch::audit_entries(hub(ctx)?, app(ctx)?, viewer(ctx)?, filter.unwrap_or_default()).await
    }
}

fn hub(ctx: &Context<'_>) -> Result<Hub> {
    ctx.data_opt::<Hub>().cloned().ok_or_else(|| crate::error::Error::internal("no hub in the context"))
}

/// How many requests they may decide on now; `None` while the database fails.
async fn decidable(app: &App, asker: &Asker) -> Option<i32> {
    let counted = async {
        let mut conn = app.db.conn().await?;
        let Some(asker) = asker.as_of_now(&mut conn).await? else { return Ok(0) };
        groups::decidable(&mut conn, &asker).await
    };
    match counted.await {
        Ok(count) => Some(connection::count(count)),
        Err(error) => {
            tracing::warn!(?error, "requests could not be counted");
            None
        }
    }
}

async fn newest(app: &App, user_id: i64) -> Result<i64> {
    let mut conn = app.db.conn().await?;
    notifications::newest_id(&mut conn, user_id).await
}

/// New notifications. If the database fails, waits a moment; the next wake-up brings what was missed.
async fn since(app: &App, user_id: i64, after: i64) -> Vec<notifications::Notification> {
    let loaded = async {
        let mut conn = app.db.conn().await?;
        notifications::since(&mut conn, user_id, after).await
    };
    match loaded.await {
        Ok(found) => found,
        Err(error) => {
            tracing::warn!(?error, "new notifications could not be loaded");
            tokio::time::sleep(Duration::from_millis(200)).await;
            Vec::new()
        }
    }
}
