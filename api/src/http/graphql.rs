//! `POST /graphql`, subscriptions over WebSocket, and GraphiQL in development.

use std::sync::Arc;

use async_graphql::{Data, Request as Query, Response as Answer, ServerError, http::GraphiQLSource};
use async_graphql_poem::GraphQLWebSocket;
use poem::{
    IntoResponse, Request, Response, handler,
    http::{HeaderValue, StatusCode, header},
    web::{
        Data as Shared, Html,
        websocket::{WebSocket, WebSocketConfig},
    },
};

use super::{Protocol, Web, auth, cookies, live::SubscriptionsOnly};
use crate::{
    error::Error,
    graphql::{Asked, RequestContext, documents::Document, limits},
};

/// What is sent when an answer cannot be serialised as JSON.
const UNWRITABLE: &str =
    r#"{"data":null,"errors":[{"message":"Something went wrong.","extensions":{"code":"INTERNAL"}}]}"#;

fn answer(status: StatusCode, body: &Answer, cookies: Vec<String>) -> Response {
    let (status, text) = match serde_json::to_vec(body) {
        Ok(text) => (status, text),
        Err(error) => {
            tracing::error!(%error, "an answer could not be written");
            (StatusCode::INTERNAL_SERVER_ERROR, UNWRITABLE.into())
        }
    };
    let mut response = text.with_content_type("application/json").into_response();
    response.set_status(status);
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    for cookie in cookies {
        if let Ok(value) = HeaderValue::from_str(&cookie) {
            headers.append(header::SET_COOKIE, value);
        }
    }
    response
}

/// An error as the API shows it.
pub(super) fn refusal(error: Error) -> Answer {
    let shown: async_graphql::Error = error.into();
    Answer::from_errors(vec![shown.into_server_error(async_graphql::Pos::default())])
}

/// An error instead of an answer.
pub(super) fn refuse(status: StatusCode, error: Error) -> Response {
    answer(status, &refusal(error), Vec::new())
}

/// The sender is unknown: the credentials are invalid, or cannot be looked up now.
fn unidentified(error: Error) -> Response {
    let status = match error {
        Error::Unauthenticated => StatusCode::UNAUTHORIZED,
        Error::RateLimited(_) => StatusCode::TOO_MANY_REQUESTS,
        _ => StatusCode::SERVICE_UNAVAILABLE,
    };
    refuse(status, error)
}

fn refuse_input(status: StatusCode, message: &str) -> Response {
    let error = limits::with_code(ServerError::new(message, None), "INVALID");
    answer(status, &Answer::from_errors(vec![error]), Vec::new())
}

/// Executes one operation.
#[handler]
pub async fn execute(request: &Request, body: poem::Body, Shared(web): Shared<&Web>) -> Response {
    let content_type = request.content_type().unwrap_or_default();
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case("application/json") {
        return refuse_input(StatusCode::UNSUPPORTED_MEDIA_TYPE, "Send application/json.");
    }
    if auth::has_cookie(&web.app, request) && !auth::is_same_origin(&web.app, request) {
        return refuse(StatusCode::FORBIDDEN, Error::Forbidden);
    }
    let Ok(bytes) = body.into_bytes_limit(limits::BODY).await else {
        let text = format!("A request has at most {} bytes.", limits::BODY);
        return refuse_input(StatusCode::PAYLOAD_TOO_LARGE, &text);
    };
    let is_object = bytes.trim_ascii_start().first() == Some(&b'{');
    let query: Query = match serde_json::from_slice(&bytes) {
        Ok(query) if is_object => query,
        _ => {
            return refuse_input(
                StatusCode::BAD_REQUEST,
                "This is not a GraphQL request: {\"query\": ..} is expected.",
            );
        }
    };
    let known = web.documents.known(&query.query);
    let is_new = known.is_none();
    let document = match known.map_or_else(|| Document::read(&query.query).map(Arc::new), Ok) {
        Ok(document) => document,
        Err(refused) => return answer(StatusCode::OK, &refused, Vec::new()),
    };
    let asked = Asked::by(&document.read, query.operation_name.as_deref(), &query.variables);
    let context = match auth::identify(web, request, asked.as_ref()).await {
        Ok(context) => Arc::new(context),
        Err(error) => return unidentified(error),
    };
    let throttled = match (context.viewer.as_deref(), &context.registration) {
        (Some(viewer), _) => web.throttle.viewer(viewer, document.root_fields, document.is_mutation),
        (None, Some(session)) => {
            web.throttle.registration(session.user.id, document.root_fields, document.is_mutation)
        }
        (None, None) if is_new || !document.is_light() => {
            web.throttle.visitor(&context.address, document.root_fields, document.is_mutation)
        }
        (None, None) => Ok(()),
    };
    if let Err(error) = throttled {
        return refuse(StatusCode::TOO_MANY_REQUESTS, error);
    }
    let mut response = run(web, query, &document, &context, is_new).await;
    limits::add_codes(&mut response);
    let changed = context.take_cookies();
    let cookies = changed.iter().map(|change| cookies::changed(&web.app, change)).collect();
    answer(StatusCode::OK, &response, cookies)
}

async fn run(
    web: &Web,
    query: Query,
    document: &Arc<Document>,
    context: &Arc<RequestContext>,
    is_new: bool,
) -> Answer {
    let text = if is_new { query.query.clone() } else { String::new() };
    let mut query = query.data(Arc::clone(context)).data(crate::graphql::loader(&web.app));
    query.set_parsed_query(document.read.clone());
    let is_valid = !is_new && document.is_constant;
    let schema = if is_valid { &web.schema_for_valid } else { &web.schema };
    let response = schema.execute(query).await;
    if is_new && response.errors.is_empty() {
        web.documents.keep(&text, document);
    }
    response
}

/// Subscriptions: `graphql-transport-ws`. The handshake's cookie or token decides who is asking, and is checked again
/// while the connection is open. Visitors have nothing to subscribe to.
#[handler]
pub async fn subscribe(
    request: &Request,
    protocol: Protocol,
    socket: WebSocket,
    Shared(web): Shared<&Web>,
) -> Response {
    // A handshake is not subject to CORS: without this check any page could listen using its visitor's cookie.
    if auth::has_cookie(&web.app, request) && !auth::is_same_origin(&web.app, request) {
        return refuse(StatusCode::FORBIDDEN, Error::Forbidden);
    }
    let context = match auth::identify(web, request, None).await {
        Ok(context) => Arc::new(context),
        Err(error) => return unidentified(error),
    };
    let Some(viewer) = context.viewer.clone() else {
        return refuse(StatusCode::UNAUTHORIZED, Error::Unauthenticated);
    };
    if let Err(error) = web.throttle.viewer(&viewer, 1, false) {
        return refuse(StatusCode::TOO_MANY_REQUESTS, error);
    }
    let user_id = viewer.user.id;
    let Some(connection) = web.connections.open(user_id) else {
        let error = Error::RateLimited(std::time::Duration::from_secs(60));
        return refuse(StatusCode::TOO_MANY_REQUESTS, error);
    };
    let credentials = auth::credentials_of(request);
    let web = web.clone();
    let mut data = Data::default();
    data.insert(context);
    let schema = SubscriptionsOnly::new(web.clone(), Arc::clone(&viewer));
    let config =
        WebSocketConfig::default().max_message_size(Some(limits::BODY)).max_frame_size(Some(limits::BODY));
    socket
        .protocols(async_graphql::http::ALL_WEBSOCKET_PROTOCOLS)
        .config(config)
        .on_upgrade(move |stream| async move {
            let _connection = connection;
            let serving = GraphQLWebSocket::new(stream, schema, protocol)
                .with_data(data)
                .keepalive_timeout(std::time::Duration::from_secs(60))
                .serve();
            // Nobody goes on listening with a session that has ended, or with rights that they lost.
            tokio::select! {
                () = serving => {}
                () = auth::until_invalid(&web, &viewer, &credentials) => {}
            }
        })
        .into_response()
}

/// An editor for queries, in development.
#[handler]
pub async fn graphiql() -> Html<String> {
    Html(
        GraphiQLSource::build()
            .endpoint("/graphql")
            .subscription_endpoint("/graphql/ws")
            .title("Fealty")
            .finish(),
    )
}
