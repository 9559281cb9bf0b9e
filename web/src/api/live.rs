//! What the server says by itself: one WebSocket for as long as somebody is logged in.
//!
//! The line tells only *that* something changed; queries on the screen then ask again. After a gap in the line they
//! ask once more, because what was said meanwhile is lost. A dead line is a quiet sign, never an obstacle.
//!
//! The server closes the line when the session ends and gives visitors none, so a lost line first makes us ask whether
//! the session still lives.

use std::sync::Arc;

use futures_util::{
    FutureExt, SinkExt, StreamExt,
    future::{AbortHandle, Either, abortable, poll_fn, select},
};
use gloo_net::websocket::{Message, State, WebSocketError, futures::WebSocket};
use gloo_timers::future::TimeoutFuture;
use leptos::{prelude::*, task::spawn_local};
use serde::Deserialize;

use super::{schema, socket};
use crate::{
    pages::notifications,
    session,
    ui::toast::{Lead, NotificationLevel, Toasts},
    web,
};

const CHANGES: &str = "changes";
const NOTIFICATIONS: &str = "notifications";
const REQUESTS: &str = "requests";
/// Milliseconds of silence after which the line is tried with a ping, and after as many more given up.
const SILENCE: u32 = 25_000;

#[derive(cynic::QueryFragment, Debug)]
#[cynic(graphql_type = "Subscription")]
struct ViewerChanged {
    viewer_changed: ViewerChange,
}

#[derive(cynic::QueryFragment, Debug)]
struct ViewerChange {
    kind: String,
}

#[derive(cynic::QueryFragment, Debug)]
#[cynic(graphql_type = "Subscription")]
struct NotificationAdded {
    notification_added: AddedNotification,
}

#[derive(cynic::QueryFragment, Debug)]
#[cynic(graphql_type = "Notification")]
struct AddedNotification {
    id: cynic::Id,
    href: Option<String>,
    level: NotificationLevel,
    title: String,
}

#[derive(cynic::QueryFragment, Debug)]
#[cynic(graphql_type = "Subscription")]
struct GroupRequestsChanged {
    #[expect(dead_code, reason = "queries on the screen ask for what they show")]
    group_requests_changed: GroupRequestsChange,
}

#[derive(cynic::QueryFragment, Debug)]
struct GroupRequestsChange {
    #[expect(dead_code, reason = "as above")]
    count: i32,
}

/// The texts of the subscriptions, for the wire and for the test that keeps them.
pub(crate) fn documents() -> [(&'static str, String); 3] {
    use cynic::SubscriptionBuilder;
    [
        (CHANGES, ViewerChanged::build(()).query().to_owned()),
        (NOTIFICATIONS, NotificationAdded::build(()).query().to_owned()),
        (REQUESTS, GroupRequestsChanged::build(()).query().to_owned()),
    ]
}

/// The state of the line, in the context of the whole app.
#[derive(Clone, Copy)]
pub struct Live {
    /// Goes up whenever queries on the screen shall ask again.
    pub revision: RwSignal<u32>,
    /// Whether the line was up and is down now.
    pub down: RwSignal<bool>,
    wanted: RwSignal<bool>,
    running: StoredValue<Option<AbortHandle>>,
    due: StoredValue<bool>,
}

impl Live {
    /// Makes it and puts it into the context.
    pub fn provide() -> Self {
        let live = Self {
            revision: RwSignal::new(0),
            down: RwSignal::new(false),
            wanted: RwSignal::new(false),
            running: StoredValue::new(None),
            due: StoredValue::new(false),
        };
        provide_context(live);
        live
    }

    /// Makes every query on the screen ask again, once for all that is said within a moment.
    pub fn changed(&self) {
        if session::is_ending() || self.due.try_get_value() != Some(false) {
            return;
        }
        self.due.set_value(true);
        let live = *self;
        spawn_local(async move {
            TimeoutFuture::new(150).await;
            live.due.try_set_value(false);
            if !session::is_ending() {
                live.revision.try_update(|revision| *revision = revision.wrapping_add(1));
            }
        });
    }

    /// Keeps the line up while somebody is logged in; hangs up when nobody is.
    pub fn want(&self, wanted: bool, toasts: Toasts) {
        self.wanted.set(wanted);
        let running = self.running.get_value();
        match (wanted, running) {
            (true, None) => {
                let (keeping, handle) = abortable(self.keep(toasts));
                self.running.set_value(Some(handle));
                let live = *self;
                spawn_local(async move {
                    // Dropping it closes the socket, whatever it was waiting for.
                    let _ = keeping.await;
                    live.running.set_value(None);
                    live.down.set(false);
                    // Wanted again while it was hanging up.
                    if live.wanted.get_untracked() {
                        live.want(true, toasts);
                    }
                });
            }
            (false, Some(handle)) => handle.abort(),
            _ => {}
        }
    }

    async fn keep(self, toasts: Toasts) {
        let mut attempt = 0;
        let mut was_up = false;
        while self.wanted.get_untracked() {
            if let Some(url) = web::websocket_url("/graphql/ws")
                && let Ok(socket) = WebSocket::open_with_protocol(&url, socket::PROTOCOL)
            {
                // What happened while the first tries failed was not told to anybody either.
                let up = self.talk(socket, was_up || attempt > 0, toasts).await;
                if up {
                    attempt = 0;
                    was_up = true;
                }
            }
            if !self.wanted.get_untracked() {
                break;
            }
            // One lost try is not worth a sign: the next one is a second away.
            if attempt > 0 {
                self.down.set(true);
            }
            TimeoutFuture::new(socket::backoff(attempt, js_sys::Math::random())).await;
            attempt += 1;
            // A closed or refused line may mean that the session ended.
            if !session::still_lives().await {
                self.wanted.set(false);
            }
        }
    }

    /// Serves one connection until it ends; tells whether it ever got through.
    async fn talk(self, mut socket: WebSocket, again: bool, toasts: Toasts) -> bool {
        let opened = poll_fn(|cx| socket.poll_ready_unpin(cx)).await;
        // The handshake was refused, which the browser has told the console. Sending now would be one more error there.
        if opened.is_err() || !matches!(socket.state(), State::Open) {
            return false;
        }
        let (mut write, mut read) = socket.split();
        let mut up = false;
        let mut silent = 0;
        if write.send(Message::Text(socket::init())).await.is_err() {
            return false;
        }
        while self.wanted.get_untracked() {
            let silence = TimeoutFuture::new(SILENCE).fuse();
            let text = match select(read.next(), silence).await {
                Either::Left((Some(Ok(Message::Text(text))), _)) => text,
                Either::Left((Some(Ok(Message::Bytes(_))), _)) => continue,
                Either::Left((Some(Err(WebSocketError::ConnectionClose(_) | _)) | None, _)) => return up,
                Either::Right(_) if silent == 0 => {
                    silent = 1;
                    if write.send(Message::Text(socket::ping())).await.is_err() {
                        return up;
                    }
                    continue;
                }
                Either::Right(_) => return up,
            };
            silent = 0;
            match serde_json::from_str(&text) {
                Ok(socket::Incoming::ConnectionAck) => {
                    for (id, query) in documents() {
                        if write.send(Message::Text(socket::subscribe(id, &query))).await.is_err() {
                            return up;
                        }
                    }
                    up = true;
                    self.down.set(false);
                    if again {
                        self.changed();
                    } else {
                        self.catch_up();
                    }
                }
                Ok(socket::Incoming::Ping) => {
                    if write.send(Message::Text(socket::pong())).await.is_err() {
                        return up;
                    }
                }
                Ok(socket::Incoming::Next { id, payload }) => self.heard(&id, payload, toasts),
                Ok(socket::Incoming::Error { .. } | socket::Incoming::Complete { .. }) => return up,
                Ok(socket::Incoming::Pong) | Err(_) => {}
            }
        }
        up
    }

    /// What changed after the page had asked and before the line was up was told to nobody. Nearly always that is nothing,
    /// so only the session is asked, which says what the viewer may do and what waits for them.
    fn catch_up(self) {
        spawn_local(async move {
            // The subscriptions begin a moment after they were sent.
            TimeoutFuture::new(150).await;
            if !session::is_ending() && session::has_changed().await {
                self.changed();
            }
        });
    }

    fn heard(self, id: &str, payload: serde_json::Value, toasts: Toasts) {
        if session::is_ending() {
            return;
        }
        #[derive(Deserialize)]
        struct Payload<T> {
            data: Option<T>,
        }
        match id {
            NOTIFICATIONS => {
                if let Ok(Payload { data: Some(NotificationAdded { notification_added: added }) }) =
                    serde_json::from_value(payload)
                {
                    let lead = added.href.map(|href| Lead {
                        href,
                        on_follow: Arc::new(move || notifications::mark_read(added.id.clone(), self, toasts)),
                    });
                    toasts.notification(added.level, added.title, lead);
                }
                self.changed();
            }
            CHANGES => {
                if let Ok(Payload { data: Some(ViewerChanged { viewer_changed: change }) }) =
                    serde_json::from_value(payload)
                    && change.kind == "session_ended"
                {
                    // This session, or another one of the same user.
                    spawn_local(async move {
                        if session::still_lives().await {
                            self.changed();
                        }
                    });
                } else {
                    self.changed();
                }
            }
            REQUESTS => self.changed(),
            _ => {}
        }
    }
}
