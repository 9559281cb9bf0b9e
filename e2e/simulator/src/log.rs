//! What was asked of each upstream, so that tests can assert which calls were (not) made.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Mutex, PoisonError},
};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// How many requests per upstream are remembered.
const KEPT: usize = 2_000;
/// How much of a JSON request body is remembered.
const BODY_KEPT: usize = 4_000;

/// The neighbours the simulator stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Upstream {
    /// `login.eveonline.com`
    Sso,
    /// `esi.evetech.net`
    Esi,
    /// `images.evetech.net`
    Images,
    /// `discord.com`
    Discord,
}

impl Upstream {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Sso, Self::Esi, Self::Images, Self::Discord];
}

/// A request that was made.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LoggedRequest {
    /// Grows by one with every request, whatever the upstream.
    pub sequence: u64,
    /// When it came in.
    pub at: DateTime<Utc>,
    /// Who was asked.
    pub upstream: Upstream,
    /// HTTP method.
    pub method: String,
    /// Path below the upstream's prefix, without a trailing slash.
    pub path: String,
    /// Query string.
    pub query: String,
    /// Status of the answer; 0 when none was sent.
    pub status: u16,
    /// How long it took.
    pub millis: u64,
    /// `User-Agent`; its absence is answered, but a reason to be banned from ESI.
    pub user_agent: Option<String>,
    /// The fault that struck, by kind.
    pub fault: Option<String>,
    /// Start of a JSON request body. Forms are left out: they carry secrets.
    pub body: Option<String>,
}

/// Totals of one upstream.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Counters {
    /// All requests.
    pub requests: u64,
    /// Requests without a `User-Agent`.
    pub without_user_agent: u64,
    /// Requests by status; 0 for those without an answer.
    pub by_status: BTreeMap<u16, u64>,
}

#[derive(Default)]
struct Book {
    sequence: u64,
    recent: BTreeMap<Upstream, VecDeque<LoggedRequest>>,
    counters: BTreeMap<Upstream, Counters>,
}

/// The log of all upstreams.
#[derive(Default)]
pub(crate) struct Log(Mutex<Book>);

impl Log {
    pub(crate) fn add(&self, mut request: LoggedRequest) {
        let mut book = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        book.sequence += 1;
        request.sequence = book.sequence;
        let counters = book.counters.entry(request.upstream).or_default();
        counters.requests += 1;
        counters.without_user_agent += u64::from(request.user_agent.is_none());
        *counters.by_status.entry(request.status).or_default() += 1;
        let recent = book.recent.entry(request.upstream).or_default();
        if recent.len() == KEPT {
            recent.pop_front();
        }
        recent.push_back(request);
    }

    /// Oldest first.
    pub(crate) fn requests(&self, upstream: Option<Upstream>) -> Vec<LoggedRequest> {
        let book = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let wanted = book.recent.iter().filter(|(of, _)| upstream.is_none_or(|upstream| upstream == **of));
        let mut found: Vec<_> = wanted.flat_map(|(_, recent)| recent.iter().cloned()).collect();
        found.sort_by_key(|request| request.sequence);
        found
    }

    pub(crate) fn counters(&self) -> BTreeMap<Upstream, Counters> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).counters.clone()
    }

    pub(crate) fn clear(&self) {
        let mut book = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        book.recent.clear();
        book.counters.clear();
    }
}

/// The part of a JSON body that is worth keeping.
pub(crate) fn kept_body(json: bool, body: &[u8]) -> Option<String> {
    let kept = &body[..body.len().min(BODY_KEPT)];
    (json && !body.is_empty()).then(|| String::from_utf8_lossy(kept).into_owned())
}
