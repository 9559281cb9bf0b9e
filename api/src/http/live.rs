//! What a WebSocket may ask: subscriptions, each with a loader of its own.

use std::sync::Arc;

use async_graphql::{
    Data, Executor, Request, Response,
    parser::types::{ExecutableDocument, OperationType},
};
use futures_util::{
    StreamExt,
    stream::{self, BoxStream},
};

use crate::{
    app::App,
    graphql::{
        ApiSchema,
        limits::{self, Documents},
    },
};

/// The schema, for subscriptions only: queries and mutations go by POST, where every request proves anew who asks.
#[derive(Clone)]
pub struct SubscriptionsOnly {
    pub schema: ApiSchema,
    pub app: App,
    pub documents: Documents,
}

fn refused() -> Response {
    Response::from_errors(vec![limits::too_much(
        "Only subscriptions go over this connection; use POST /graphql.".into(),
    )])
}

/// Whether everything the document defines is a subscription.
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
        let document = match self.documents.read(&request.query) {
            Ok(document) => document,
            Err(refused) => return stream::once(std::future::ready(*refused)).boxed(),
        };
        if !is_subscription(&document) {
            return stream::once(std::future::ready(refused())).boxed();
        }
        let mut request = request.data(crate::graphql::loader(&self.app));
        request.set_parsed_query(ExecutableDocument::clone(&document));
        Executor::execute_stream(&self.schema, request, session_data)
    }
}
