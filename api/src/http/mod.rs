//! The web server: GraphQL, the flows that need redirects (EVE SSO, Discord), exports, health,
//! metrics, and the SPA's files.
//!
//! Rules
//! - GET changes nothing, except in the two OAuth callbacks, which are bound to this browser by state and cookie.
//! - API requests that come with a session cookie must come from this site's own pages (origin check) and, if
//!   they have a body, be JSON.
//! - Every response carries the security headers and a request id.

mod auth;
pub mod cookies;
mod export;
mod flows;
mod graphql;
mod headers;
mod health;
mod listen;
mod live;
mod loopback;
mod outbox;
mod spa;
mod throttle;

use std::time::Duration;

use async_graphql_poem::GraphQLProtocol;
use poem::{
    Endpoint, EndpointExt, Route, Server, get,
    listener::{Acceptor, Listener, TcpListener},
    post,
};
use tokio_util::sync::CancellationToken;

pub use health::metrics_recorder;
pub use listen::{listen, listen_checking};

use crate::{
    app::App,
    error::{Error, Result},
    graphql::{self as graphql_api, ApiSchema, Hub, documents::Documents},
};

/// What the handlers share.
#[derive(Clone)]
pub struct Web {
    pub app: App,
    pub schema: ApiSchema,
    schema_for_valid: ApiSchema,
    pub hub: Hub,
    throttle: throttle::Throttle,
    documents: Documents,
    connections: live::Connections,
}

/// All routes.
pub fn routes(app: &App, schema: ApiSchema, hub: Hub) -> impl Endpoint + 'static {
    let web = Web {
        app: app.clone(),
        schema,
        schema_for_valid: graphql_api::schema_for_valid(app.clone(), hub.clone()),
        hub,
        throttle: throttle::Throttle::default(),
        documents: Documents::default(),
        connections: live::Connections::default(),
    };
    let mut routes = Route::new()
        .at("/graphql", post(graphql::execute))
        .at("/graphql/ws", get(graphql::subscribe))
        .at("/export/audit.jsonl", get(export::audit))
        .at("/sso/login", get(flows::sso_login))
        .at("/sso/callback", get(flows::sso_callback))
        .at("/services/:service/callback", get(flows::service_callback));
    routes = health_routes(routes);
    if app.config.site.development {
        routes = routes
            .at("/graphiql", get(graphql::graphiql))
            .at("/dev/outbox", get(outbox::list))
            .at("/dev/outbox/:id", get(outbox::show));
    }
    routes
        .nest("/", spa::Spa::new(app.config.http.spa_dir.clone()))
        .data(web)
        .data(app.clone())
        .with(headers::Headers::new(app))
}

fn health_routes(routes: Route) -> Route {
    routes
        .at("/health/live", get(health::live))
        .at("/health/ready", get(health::ready))
        .at("/metrics", get(health::scrape))
}

/// Serves until `shutdown` is cancelled; requests in progress get five seconds.
///
/// `bound` receives the address, which matters if the port is 0.
///
/// # Errors
/// When the address cannot be bound.
pub async fn serve(
    app: App,
    shutdown: CancellationToken,
    bound: impl FnOnce(std::net::SocketAddr) + Send,
) -> Result<()> {
    let hub = Hub::new(shutdown.clone());
    let listening = tokio::spawn(listen(app.clone(), hub.clone(), shutdown.clone()));
    let endpoint = routes(&app, graphql_api::schema(app.clone(), hub.clone()), hub);
    let acceptor =
        TcpListener::bind(app.config.http.listen).into_acceptor().await.map_err(Error::internal)?;
    if let Some(address) = acceptor.local_addr().first().and_then(|a| a.as_socket_addr()) {
        bound(*address);
    }
    let stopped = shutdown.clone();
    let served = Server::new_with_acceptor(acceptor)
        .run_with_graceful_shutdown(
            endpoint,
            async move { stopped.cancelled().await },
            Some(Duration::from_secs(5)),
        )
        .await
        .map_err(Error::internal);
    shutdown.cancel();
    let _ = listening.await;
    served
}

/// Serves only health and metrics: for the worker.
pub async fn serve_health(app: App, address: std::net::SocketAddr, shutdown: CancellationToken) {
    let routes = health_routes(Route::new()).data(app);
    let served = Server::new(TcpListener::bind(address))
        .run_with_graceful_shutdown(
            routes,
            async move { shutdown.cancelled().await },
            Some(Duration::from_secs(1)),
        )
        .await;
    if let Err(error) = served {
        tracing::error!(%error, %address, "health and metrics are not served");
    }
}

/// The sub-protocol of subscriptions.
type Protocol = GraphQLProtocol;
