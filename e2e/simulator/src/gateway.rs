//! The way from HTTP to an upstream and back: reads the request, lets faults strike, writes the log.

use std::{panic::resume_unwind, sync::Arc, time::Duration};

use poem::{Endpoint, Request, Response, http::header};

use crate::{
    clock,
    core::{Core, lock},
    discord, esi,
    faults::{self, FaultKind},
    http::{Call, Reply, pairs},
    images,
    log::{LoggedRequest, Upstream, kept_body},
    sso,
};

/// No request to any upstream is larger than this.
const LARGEST_BODY: usize = 1 << 20;

/// Serves one upstream below its prefix.
pub(crate) struct Gateway {
    pub(crate) upstream: Upstream,
    pub(crate) core: Arc<Core>,
}

impl Endpoint for Gateway {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        let started = tokio::time::Instant::now();
        let call = read(request).await?;
        let struck = lock(&self.core.faults).strike(self.upstream, &call.method, &call.path);
        if struck.latency > 0 {
            tokio::time::sleep(Duration::from_millis(struck.latency)).await;
        }
        let reply = self.answer(&call, struck.kind.as_ref());
        self.core.log.add(LoggedRequest {
            sequence: 0,
            at: clock::now(),
            upstream: self.upstream,
            method: call.method.to_string(),
            path: call.path.clone(),
            query: call.raw_query.clone(),
            status: reply.as_ref().map_or(0, |reply| reply.status.as_u16()),
            millis: started.elapsed().as_millis() as u64,
            user_agent: call.header(header::USER_AGENT).filter(|agent| !agent.is_empty()).map(Into::into),
            fault: struck.kind.as_ref().map(|kind| format!("{kind:?}")),
            body: kept_body(call.is_type("application/json"), &call.body),
        });
        match (reply, struck.kind) {
            (Some(reply), _) => Ok(reply.into_response()),
            (None, Some(FaultKind::Timeout { .. })) => std::future::pending().await,
            // Unwinding is how a handler ends its connection without an answer; the panic hook stays silent.
            (None, _) => resume_unwind(Box::new("fault: connection dropped")),
        }
    }
}

impl Gateway {
    /// The answer, or `None` when none is sent.
    fn answer(&self, call: &Call, fault: Option<&FaultKind>) -> Option<Reply> {
        match fault {
            None | Some(FaultKind::Latency { .. }) => Some(self.ask(call)),
            Some(FaultKind::Status { status }) => Some(faults::bare(self.upstream, *status)),
            Some(FaultKind::Downtime) => Some(faults::downtime(self.upstream)),
            Some(FaultKind::RateLimited { status, retry_after }) => {
                Some(faults::rate_limited(self.upstream, *status, *retry_after))
            }
            Some(FaultKind::Malformed) => {
                let mut reply = self.ask(call);
                reply.body.truncate(reply.body.len() / 2);
                Some(reply)
            }
            Some(FaultKind::Timeout { applied } | FaultKind::Drop { applied }) => {
                if *applied {
                    self.ask(call);
                }
                None
            }
        }
    }

    fn ask(&self, call: &Call) -> Reply {
        match self.upstream {
            Upstream::Sso => sso::answer(&self.core, call),
            Upstream::Esi => esi::answer(&self.core, call),
            Upstream::Images => images::answer(&self.core, call),
            Upstream::Discord => discord::answer(&self.core, call),
        }
    }
}

async fn read(mut request: Request) -> poem::Result<Call> {
    let body = request.take_body().into_bytes_limit(LARGEST_BODY).await?.to_vec();
    let path = request.uri().path();
    let path = format!("/{}", path.trim_matches('/'));
    let raw_query = request.uri().query().unwrap_or_default().to_owned();
    let host = request.header(header::HOST).unwrap_or("127.0.0.1");
    Ok(Call {
        method: request.method().clone(),
        path,
        query: pairs(raw_query.as_bytes()),
        raw_query,
        headers: request.headers().clone(),
        body,
        peer: request
            .remote_addr()
            .as_socket_addr()
            .map_or_else(String::new, |address| address.ip().to_string()),
        base: format!("http://{host}"),
    })
}
