//! Adds headers to every response, a request id, a log line and metrics.

use std::time::Instant;

use poem::{
    Endpoint, IntoResponse, Middleware, Request, Response, Result,
    http::{HeaderName, HeaderValue, header},
};
use tracing::Instrument;

use crate::{app::App, crypto, origin};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Adds the headers.
pub struct Headers {
    policy: HeaderValue,
    development_policy: Option<HeaderValue>,
    is_https: bool,
}

impl Headers {
    /// According to the settings: pictures come from EVE's image server.
    #[must_use]
    pub fn new(app: &App) -> Self {
        let images = app.config.images.base_url.origin().ascii_serialization();
        // In Chromium 'self' covers ws:, in Safari before 15.4 it does not.
        let socket = app.config.site.url.origin().ascii_serialization().replacen("http", "ws", 1);
        let policy = format!(
            "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data: {images}; \
             font-src 'self'; connect-src 'self' {socket}; manifest-src 'self'; base-uri 'none'; form-action 'self'; \
             frame-ancestors 'none'"
        );
        // GraphiQL loads itself from elsewhere.
        let development_policy =
            app.config.site.development.then_some(HeaderValue::from_static("frame-ancestors 'none'"));
        Self {
            policy: HeaderValue::from_str(&policy).unwrap_or(HeaderValue::from_static("default-src 'none'")),
            development_policy,
            is_https: app.config.site.url.scheme() == "https",
        }
    }
}

impl<E: Endpoint> Middleware<E> for Headers {
    type Output = WithHeaders<E>;

    fn transform(&self, inner: E) -> WithHeaders<E> {
        WithHeaders {
            inner,
            policy: self.policy.clone(),
            development_policy: self.development_policy.clone(),
            is_https: self.is_https,
        }
    }
}

/// An endpoint whose responses carry the headers.
pub struct WithHeaders<E> {
    inner: E,
    policy: HeaderValue,
    development_policy: Option<HeaderValue>,
    is_https: bool,
}

impl<E: Endpoint> Endpoint for WithHeaders<E> {
    type Output = Response;

    async fn call(&self, request: Request) -> Result<Response> {
        let started = Instant::now();
        let id = hex::encode(crypto::random_bytes::<8>());
        let method = request.method().clone();
        let path = request.uri().path().to_owned();
        let span = tracing::info_span!("request", request.id = %id, http.method = %method, http.path = %path);
        let mut response =
            match origin::within(id.clone(), self.inner.call(request).instrument(span.clone())).await {
                Ok(response) => response.into_response(),
                Err(error) => {
                    if error.status().is_server_error() {
                        span.in_scope(|| tracing::error!(%error, "a request failed"));
                    }
                    // The framework's own errors: wrong method, unreadable query. Their texts are for programmers.
                    let status = error.status();
                    status.canonical_reason().unwrap_or("error").with_status(status).into_response()
                }
            };
        let status = response.status();
        let policy = match &self.development_policy {
            Some(loose) if path.starts_with("/graphiql") => loose,
            _ => &self.policy,
        };
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_SECURITY_POLICY, policy.clone());
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
        headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
        headers.insert("cross-origin-opener-policy", HeaderValue::from_static("same-origin"));
        headers.insert(
            "permissions-policy",
            HeaderValue::from_static("camera=(), geolocation=(), microphone=()"),
        );
        if self.is_https {
            headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
        }
        if let Ok(value) = HeaderValue::from_str(&id) {
            headers.insert(REQUEST_ID, value);
        }
        let seconds = started.elapsed().as_secs_f64();
        metrics::counter!("fealty_http_requests_total", "route" => route(&path), "status" => status_class(status.as_u16())).increment(1);
        metrics::histogram!("fealty_http_request_seconds", "route" => route(&path)).record(seconds);
        span.in_scope(|| tracing::debug!(http.status = status.as_u16(), seconds, "answered"));
        Ok(response)
    }
}

/// A label with few values: paths that people make up must not become time series.
fn route(path: &str) -> &'static str {
    match path {
        "/graphql" => "/graphql",
        "/graphql/ws" => "/graphql/ws",
        "/export/audit.jsonl" => "/export",
        "/sso/login" => "/sso/login",
        "/sso/callback" => "/sso/callback",
        "/services/discord/callback" => "/services/discord/callback",
        "/metrics" => "/metrics",
        _ if path.starts_with("/health/") => "/health",
        _ if path.starts_with("/assets/") => "/assets",
        _ => "other",
    }
}

const fn status_class(status: u16) -> &'static str {
    match status {
        0..=199 => "1xx",
        200..=299 => "2xx",
        300..=399 => "3xx",
        400..=499 => "4xx",
        _ => "5xx",
    }
}
