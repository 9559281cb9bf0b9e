//! What a WebSocket may ask for: subscriptions, each with a loader of its own, and not too many of them.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use async_graphql::{
    Data, Executor, Request, Response,
    parser::types::{ExecutableDocument, OperationType},
};
use futures_util::{
    StreamExt,
    stream::{self, BoxStream},
};

use super::{Web, graphql};
use crate::graphql::{Viewer, documents::Document, limits, loader};

/// Concurrent subscriptions per connection; the SPA has three.
const SUBSCRIPTIONS: usize = 10;
/// Concurrent connections per user: browser tabs, and bots.
const CONNECTIONS: usize = 50;

/// How many connections each user has open.
#[derive(Clone, Default)]
pub struct Connections(Arc<Mutex<HashMap<i64, usize>>>);

/// One open connection.
pub struct Connection {
    all: Connections,
    user_id: i64,
}

impl Connections {
    /// Opens another one for a user; `None` if they have too many.
    pub fn open(&self, user_id: i64) -> Option<Connection> {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(user_id).or_default();
        if *count >= CONNECTIONS {
            return None;
        }
        *count += 1;
        Some(Connection { all: self.clone(), user_id })
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        let mut open = self.all.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&self.user_id) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.user_id);
            }
        }
    }
}

/// The schema, for subscriptions only: queries and mutations use POST, where every request proves who is asking.
#[derive(Clone)]
pub struct SubscriptionsOnly {
    web: Web,
    viewer: Arc<Viewer>,
    open: Arc<AtomicUsize>,
}

impl SubscriptionsOnly {
    /// Creates it for one connection.
    pub fn new(web: Web, viewer: Arc<Viewer>) -> Self {
        Self { web, viewer, open: Arc::default() }
    }
}

/// Counts a subscription for as long as it lives.
struct Open(Arc<AtomicUsize>);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

fn once(response: Response) -> BoxStream<'static, Response> {
    stream::once(std::future::ready(response)).boxed()
}

fn refused() -> Response {
    Response::from_errors(vec![limits::too_much(
        "Only subscriptions go over this connection; use POST /graphql.".into(),
    )])
}

/// Whether everything that the document defines is a subscription.
fn is_subscription(document: &ExecutableDocument) -> bool {
    document.operations.iter().all(|(_, o)| o.node.ty == OperationType::Subscription)
}

impl Executor for SubscriptionsOnly {
    async fn execute(&self, _request: Request) -> Response {
        refused()
    }

    fn execute_stream(
        &self,
        request: Request,
        session_data: Option<Arc<Data>>,
    ) -> BoxStream<'static, Response> {
        let document = match Document::read(&request.query) {
            Ok(document) => document,
            Err(refused) => return once(*refused),
        };
        if !is_subscription(&document.read) {
            return once(refused());
        }
        if let Err(error) = self.web.throttle.viewer(&self.viewer, document.root_fields, false) {
            return once(graphql::refusal(error));
        }
        if self.open.fetch_add(1, Ordering::Relaxed) >= SUBSCRIPTIONS {
            self.open.fetch_sub(1, Ordering::Relaxed);
            let message = format!("A connection has at most {SUBSCRIPTIONS} subscriptions at the same time.");
            return once(Response::from_errors(vec![limits::too_much(message)]));
        }
        let open = Open(Arc::clone(&self.open));
        let rows = loader(&self.web.app);
        // Something that runs for hours must not keep showing what was true at the beginning, nor remember
        // everything it ever showed.
        rows.enable_all_cache(false);
        let mut request = request.data(rows);
        request.set_parsed_query(document.read);
        let answers = Executor::execute_stream(&self.web.schema, request, session_data);
        answers
            .inspect(move |_| {
                let _ = &open;
            })
            .boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_are_counted_by_user_and_given_back() {
        let all = Connections::default();
        let open: Vec<_> = (0..CONNECTIONS).map_while(|_| all.open(1)).collect();
        assert_eq!(open.len(), CONNECTIONS);
        assert!(all.open(1).is_none());
        assert!(all.open(2).is_some(), "another's");
        drop(open);
        assert!(all.open(1).is_some());
        assert!(all.0.lock().unwrap().is_empty(), "nobody is remembered");
    }
}
