//! Sending one request: span, metrics, bounded answer.

use std::time::{Duration, Instant};

use ::http::{HeaderMap, StatusCode};
use tracing::Instrument;

/// What is being called, for metrics and logs. `route` is a template ("GET /characters/{id}"), never a real path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Call {
    /// The upstream's short name: `esi`, `sso`, `discord`.
    pub upstream: &'static str,
    /// Method and path template.
    pub route: &'static str,
}

/// A complete answer, whatever its status.
#[derive(Debug, Clone)]
pub struct Answer {
    /// HTTP status.
    pub status: StatusCode,
    /// HTTP headers.
    pub headers: HeaderMap,
    /// The whole body.
    pub body: Vec<u8>,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// No connection was made, so the upstream has seen nothing of the request.
    #[error("no connection")]
    Connect,
    /// It took too long; the upstream may have done what was asked.
    #[error("timed out")]
    Timeout,
    /// The connection broke; the upstream may have done what was asked.
    #[error("connection broke")]
    Broken,
    /// The answer was larger than anything sensible.
    #[error("answer larger than {limit} bytes")]
    TooLarge {
        /// The limit in bytes.
        limit: usize,
    },
    /// The request could not be built: a fault on our side.
    #[error("request could not be built")]
    Unbuildable,
}

impl SendError {
    /// Whether the upstream may have acted on the request.
    #[must_use]
    pub fn may_have_arrived(&self) -> bool {
        !matches!(self, Self::Connect | Self::Unbuildable)
    }

    /// Whether trying again may help.
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        matches!(self, Self::Connect | Self::Timeout | Self::Broken)
    }

    fn label(&self) -> &'static str {
        match self {
            Self::Connect => "connect",
            Self::Timeout => "timeout",
            Self::Broken => "broken",
            Self::TooLarge { .. } => "too_large",
            Self::Unbuildable => "unbuildable",
        }
    }
}

impl From<reqwest::Error> for SendError {
    fn from(error: reqwest::Error) -> Self {
        // The order matters: a timeout while connecting is both, and "connect" says more.
        if error.is_builder() {
            Self::Unbuildable
        } else if error.is_connect() {
            Self::Connect
        } else if error.is_timeout() {
            Self::Timeout
        } else {
            Self::Broken
        }
    }
}

/// Sends `request` once and reads its answer up to `max_body` bytes.
///
/// # Errors
/// When there is no complete answer; a status such as 500 is an answer.
pub async fn send(
    request: reqwest::RequestBuilder,
    call: Call,
    max_body: usize,
) -> Result<Answer, SendError> {
    let span = tracing::info_span!(
        "upstream",
        upstream = call.upstream,
        route = call.route,
        status = tracing::field::Empty
    );
    let started = Instant::now();
    let result = transfer(request, max_body).instrument(span.clone()).await;
    let outcome = match &result {
        Ok(answer) => {
            span.record("status", answer.status.as_u16());
            class(answer.status)
        }
        Err(error) => {
            span.in_scope(|| tracing::debug!(%error, "no answer"));
            error.label()
        }
    };
    measure(call, outcome, started.elapsed());
    result
}

async fn transfer(request: reqwest::RequestBuilder, max_body: usize) -> Result<Answer, SendError> {
    let mut response = request.send().await?;
    let too_large = SendError::TooLarge { limit: max_body };
    if response.content_length().is_some_and(|length| usize::try_from(length).is_ok_and(|n| n > max_body)) {
        return Err(too_large);
    }
    let (status, headers) = (response.status(), std::mem::take(response.headers_mut()));
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        if body.len() + chunk.len() > max_body {
            return Err(too_large);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Answer { status, headers, body })
}

fn class(status: StatusCode) -> &'static str {
    match status.as_u16() {
        200..=299 => "ok",
        304 => "not_modified",
        300..=399 => "redirect",
        420 | 429 => "rate_limited",
        401 | 403 => "refused",
        400..=499 => "rejected",
        _ => "failed",
    }
}

fn measure(call: Call, outcome: &'static str, took: Duration) {
    metrics::counter!(
        "fealty_upstream_requests_total",
        "upstream" => call.upstream, "route" => call.route, "outcome" => outcome
    )
    .increment(1);
    metrics::histogram!(
        "fealty_upstream_request_seconds",
        "upstream" => call.upstream, "route" => call.route
    )
    .record(took);
}
