//! What a WebSocket may ask: subscriptions, each with a loader of its own.

use std::sync::Arc;

use async_graphql::{Data, Executor, Request, Response, parser::types::OperationType};
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
fn is_subscription(request: &mut Request) -> bool {
    match request.parsed_query() {
        Ok(document) => document.operations.iter().all(|(_, o)| o.node.ty == OperationType::Subscription),
        // The schema says what is wrong with it.
        Err(_) => true,
    }
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
        let mut request = match self.documents.read(request) {
            Ok(request) => request,
            Err(refused) => return stream::once(std::future::ready(*refused)).boxed(),
        };
        if !is_subscription(&mut request) {
            return stream::once(std::future::ready(refused())).boxed();
        }
        let request = request.data(crate::graphql::loader(&self.app));
        Executor::execute_stream(&self.schema, request, session_data)
    }
}
