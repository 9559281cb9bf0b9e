//! Rate limits: a global one, and one per bucket and guild, each with a window that opens with its first request.
//!
//! The numbers are what libraries have observed (Discord docs, rate limits); Discord publishes none.

use std::{collections::HashMap, time::Duration};

use poem::http::Method;
use sha1::{Digest, Sha1};
use tokio::time::Instant;

use super::{auth::Caller, errors::rate_limited};
use crate::{clock, http::Reply};

const GLOBAL: u32 = 50;
const GLOBAL_WINDOW: Duration = Duration::from_secs(1);

#[derive(Clone, Copy)]
struct Count {
    opened: Instant,
    used: u32,
}

/// What has been used up.
#[derive(Default)]
pub(super) struct Limits {
    global: HashMap<u64, Count>,
    buckets: HashMap<(&'static str, String, u64), Count>,
}

struct Bucket {
    name: &'static str,
    limit: u32,
    window: Duration,
}

/// The state of a bucket after a request, for its headers.
pub(super) struct Window {
    bucket: Bucket,
    remaining: u32,
    reset_after: f64,
}

/// Which bucket an operation draws from.
fn bucket(method: &Method, segments: &[&str]) -> Bucket {
    let (name, limit, seconds) = match (method.as_str(), segments) {
        ("PATCH", ["guilds", _, "members", _]) => ("member-update", 10, 10),
        ("PUT" | "DELETE", ["guilds", _, "members", _, "roles", _]) => ("member-role", 10, 10),
        ("PUT", ["guilds", _, "members", _]) => ("member-add", 10, 10),
        ("DELETE", ["guilds", _, "members", _]) => ("member-remove", 5, 1),
        ("GET", ["guilds", _, "members"]) => ("member-list", 10, 10),
        ("GET", ["guilds", _, "members", "search"]) => ("member-search", 10, 10),
        ("GET", ["guilds", _, "members", _]) => ("member-get", 5, 1),
        ("GET", ["guilds", _, "roles"]) => ("role-list", 5, 5),
        ("POST", ["guilds", _, "roles"]) => ("role-create", 250, 48 * 3_600),
        ("PATCH" | "DELETE", ["guilds", _, "roles", _]) => ("role-update", 10, 10),
        (_, ["guilds", ..]) => ("guild", 10, 10),
        _ => ("user", 10, 10),
    };
    Bucket { name, limit, window: Duration::from_secs(seconds) }
}

impl Limits {
    /// Counts a request, or returns the 429 that answers it.
    pub(super) fn enter(
        &mut self,
        method: &Method,
        segments: &[&str],
        caller: &Caller,
        now: Instant,
    ) -> Result<Window, Reply> {
        let global = self.global.entry(caller.key()).or_insert(Count { opened: now, used: 0 });
        if let Err(wait) = take(global, GLOBAL, GLOBAL_WINDOW, now) {
            return Err(rate_limited(wait, true));
        }
        let bucket = bucket(method, segments);
        let major = if segments.first() == Some(&"guilds") { segments.get(1).copied() } else { None };
        let key = (bucket.name, major.unwrap_or_default().to_owned(), caller.key());
        let count = self.buckets.entry(key).or_insert(Count { opened: now, used: 0 });
        let taken = take(count, bucket.limit, bucket.window, now);
        let window = Window {
            remaining: bucket.limit.saturating_sub(count.used),
            reset_after: bucket.window.saturating_sub(now - count.opened).as_secs_f64(),
            bucket,
        };
        match taken {
            Ok(()) => Ok(window),
            Err(wait) => Err(window.stamp(rate_limited(wait, false))),
        }
    }
}

/// Uses one up, or says for how many seconds there are none.
fn take(count: &mut Count, limit: u32, window: Duration, now: Instant) -> Result<(), f64> {
    if now - count.opened >= window {
        *count = Count { opened: now, used: 0 };
    }
    if count.used >= limit {
        return Err(window.saturating_sub(now - count.opened).as_secs_f64());
    }
    count.used += 1;
    Ok(())
}

impl Window {
    pub(super) fn stamp(&self, reply: Reply) -> Reply {
        let reset = clock::now().timestamp_millis() as f64 / 1_000.0 + self.reset_after;
        let hash = hex::encode(&Sha1::digest(self.bucket.name)[..16]);
        reply
            .with("X-RateLimit-Limit", self.bucket.limit.to_string())
            .with("X-RateLimit-Remaining", self.remaining.to_string())
            .with("X-RateLimit-Reset", format!("{reset:.3}"))
            .with("X-RateLimit-Reset-After", format!("{:.3}", self.reset_after))
            .with("X-RateLimit-Bucket", hash)
    }
}
