//! Switches that make an upstream slow, wrong or absent.

use serde::{Deserialize, Serialize};

use crate::{http::Reply, log::Upstream};
use poem::http::{Method, StatusCode, header};
use serde_json::json;

/// What goes wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum FaultKind {
    /// The answer comes late. Combines with any other fault.
    Latency {
        /// How late.
        millis: u64,
    },
    /// A bare error status.
    Status {
        /// The status.
        status: u16,
    },
    /// The answer never comes.
    Timeout {
        /// Whether the request takes effect all the same.
        #[serde(default)]
        applied: bool,
    },
    /// 429 in the upstream's own form; on ESI `status` 420 gives the error limit's form.
    RateLimited {
        /// 429 or 420.
        #[serde(default = "too_many")]
        status: u16,
        /// Seconds until it is worth trying again.
        retry_after: u64,
    },
    /// 503 in the upstream's own form (ESI docs: daily downtime).
    Downtime,
    /// The request takes effect, but the body that comes back is cut in half.
    Malformed,
    /// The connection is closed without an answer.
    Drop {
        /// Whether the request takes effect all the same.
        #[serde(default)]
        applied: bool,
    },
}

const fn too_many() -> u16 {
    429
}

/// A fault and where it strikes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Fault {
    /// Assigned by the simulator.
    #[serde(default)]
    pub id: u64,
    /// Which upstream.
    pub upstream: Upstream,
    /// Only paths (below the upstream's prefix) that start like this.
    #[serde(default)]
    pub path_prefix: Option<String>,
    /// Only this HTTP method.
    #[serde(default)]
    pub method: Option<String>,
    /// For how many requests; absent: until cleared.
    #[serde(default)]
    pub remaining: Option<u32>,
    /// What goes wrong.
    #[serde(flatten)]
    pub kind: FaultKind,
}

impl Fault {
    /// A fault of the whole upstream, until it is cleared.
    pub fn new(upstream: Upstream, kind: FaultKind) -> Self {
        Self { id: 0, upstream, path_prefix: None, method: None, remaining: None, kind }
    }

    /// Only on paths (below the upstream's prefix) that start with `prefix`.
    #[must_use]
    pub fn on(mut self, prefix: impl Into<String>) -> Self {
        self.path_prefix = Some(prefix.into());
        self
    }

    /// Only for the next `count` requests.
    #[must_use]
    pub fn times(mut self, count: u32) -> Self {
        self.remaining = Some(count);
        self
    }

    fn strikes(&self, upstream: Upstream, method: &Method, path: &str) -> bool {
        self.upstream == upstream
            && self.remaining != Some(0)
            && self.method.as_deref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(method.as_str()))
            && self.path_prefix.as_deref().is_none_or(|prefix| path.starts_with(prefix))
    }
}

/// The switches that are on.
#[derive(Default)]
pub(crate) struct Faults {
    list: Vec<Fault>,
    last: u64,
}

/// What one request meets.
#[derive(Default)]
pub(crate) struct Struck {
    pub(crate) latency: u64,
    pub(crate) kind: Option<FaultKind>,
}

impl Faults {
    pub(crate) fn add(&mut self, mut fault: Fault) -> u64 {
        self.last += 1;
        fault.id = self.last;
        self.list.push(fault);
        self.last
    }

    pub(crate) fn list(&self) -> &[Fault] {
        &self.list
    }

    pub(crate) fn remove(&mut self, id: u64) -> bool {
        let before = self.list.len();
        self.list.retain(|fault| fault.id != id);
        before != self.list.len()
    }

    pub(crate) fn clear(&mut self, upstream: Option<Upstream>) {
        self.list.retain(|fault| upstream.is_some_and(|upstream| fault.upstream != upstream));
    }

    /// All latencies that apply and the first other fault, each counted down.
    pub(crate) fn strike(&mut self, upstream: Upstream, method: &Method, path: &str) -> Struck {
        let mut struck = Struck::default();
        for fault in self.list.iter_mut().filter(|fault| fault.strikes(upstream, method, path)) {
            match &fault.kind {
                FaultKind::Latency { millis } => struck.latency += millis,
                _ if struck.kind.is_some() => continue,
                kind => struck.kind = Some(kind.clone()),
            }
            fault.remaining = fault.remaining.map(|left| left - 1);
        }
        self.list.retain(|fault| fault.remaining != Some(0));
        struck
    }
}

/// The body that an upstream sends with a status that comes from no handler.
pub(crate) fn bare(upstream: Upstream, status: u16) -> Reply {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let reason = status.canonical_reason().unwrap_or("Error");
    match upstream {
        Upstream::Esi => Reply::json(status, &json!({ "error": reason })),
        Upstream::Discord => {
            Reply::json(status, &json!({ "message": format!("{}: {reason}", status.as_u16()), "code": 0 }))
        }
        Upstream::Sso => Reply::html(status, format!("<html><body><h1>{reason}</h1></body></html>")),
        Upstream::Images => Reply::text(status, reason),
    }
}

/// Downtime as each upstream shows it (ESI docs, SSO guide, Discord docs code 130000).
pub(crate) fn downtime(upstream: Upstream) -> Reply {
    let status = StatusCode::SERVICE_UNAVAILABLE;
    match upstream {
        Upstream::Esi => {
            Reply::json(status, &json!({ "error": "The datasource tranquility is temporarily unavailable" }))
        }
        Upstream::Discord => {
            let message = "API resource is currently overloaded. Try again a little later.";
            Reply::json(status, &json!({ "message": message, "code": 130_000 }))
        }
        _ => bare(upstream, 503),
    }
}

/// "Come back later" as each upstream says it.
pub(crate) fn rate_limited(upstream: Upstream, status: u16, retry_after: u64) -> Reply {
    let seconds = retry_after.to_string();
    match upstream {
        Upstream::Esi if status == 420 => crate::esi::error_limited(retry_after),
        Upstream::Esi => {
            let body = json!({ "error": "Too many requests" });
            Reply::json(StatusCode::TOO_MANY_REQUESTS, &body).with(header::RETRY_AFTER, seconds)
        }
        Upstream::Discord => crate::discord::rate_limited(retry_after as f64, false),
        _ => bare(upstream, 429).with(header::RETRY_AFTER, seconds),
    }
}
