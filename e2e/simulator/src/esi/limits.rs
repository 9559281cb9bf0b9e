//! ESI's two limit systems (ESI docs, limits). A route falls under exactly one of them.

use std::{
    collections::{HashMap, VecDeque},
    time::Duration,
};

use poem::http::{StatusCode, header};
use serde_json::json;
use tokio::time::Instant;

use crate::http::Reply;

/// Errors per address and window.
const ERRORS: u32 = 100;
const ERROR_WINDOW: Duration = Duration::from_secs(60);
/// Window of every token bucket served here: 15 minutes.
const BUCKET_WINDOW: Duration = Duration::from_secs(900);

/// The token bucket of a route.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bucket {
    pub(super) group: &'static str,
    pub(super) tokens: u32,
}

/// What has been used up.
#[derive(Default)]
pub(crate) struct Limits {
    /// By address: start of the fixed window and errors in it.
    errors: HashMap<String, (Instant, u32)>,
    /// By group and user: when how many tokens were spent; they come back one window later.
    spent: HashMap<(&'static str, String), VecDeque<(Instant, u32)>>,
}

impl Limits {
    /// Seconds until the window ends, if the address has no errors left.
    pub(super) fn errors_used_up(&self, peer: &str, now: Instant) -> Option<u64> {
        let (start, count) = *self.errors.get(peer)?;
        let left = ERROR_WINDOW.checked_sub(now - start)?;
        (count >= ERRORS).then(|| left.as_secs() + 1)
    }

    /// 429 if the bucket is empty.
    pub(super) fn check(&mut self, bucket: Bucket, owner: &str, now: Instant) -> Result<(), Reply> {
        let spent = self.spent.entry((bucket.group, owner.to_owned())).or_default();
        while spent.front().is_some_and(|(at, _)| now - *at >= BUCKET_WINDOW) {
            spent.pop_front();
        }
        let used: u32 = spent.iter().map(|(_, tokens)| tokens).sum();
        if used < bucket.tokens {
            return Ok(());
        }
        let wait = spent.front().map_or(1, |(at, _)| (BUCKET_WINDOW.saturating_sub(now - *at)).as_secs() + 1);
        let reply = Reply::json(StatusCode::TOO_MANY_REQUESTS, &json!({ "error": "Rate limit exceeded" }));
        Err(headers(reply, bucket, used, 0).with(header::RETRY_AFTER, wait.to_string()))
    }

    /// Charges the answer to one system or the other and adds the headers.
    pub(super) fn spend(
        &mut self,
        bucket: Option<Bucket>,
        owner: &str,
        peer: &str,
        now: Instant,
        reply: Reply,
    ) -> Reply {
        match bucket {
            Some(bucket) => self.spend_tokens(bucket, owner, now, reply),
            None => self.count_error(peer, now, reply),
        }
    }

    /// 2xx costs 2 tokens, 3xx 1, 4xx 5, 5xx nothing.
    fn spend_tokens(&mut self, bucket: Bucket, owner: &str, now: Instant, reply: Reply) -> Reply {
        let cost = match reply.status.as_u16() / 100 {
            2 => 2,
            3 => 1,
            4 => 5,
            _ => 0,
        };
        let spent = self.spent.entry((bucket.group, owner.to_owned())).or_default();
        if cost > 0 {
            spent.push_back((now, cost));
        }
        let used = spent.iter().map(|(_, tokens)| tokens).sum();
        headers(reply, bucket, used, cost)
    }

    /// Anything but 2xx and 3xx counts; the window is fixed and begins with the first request in it.
    fn count_error(&mut self, peer: &str, now: Instant, reply: Reply) -> Reply {
        let window = self.errors.entry(peer.to_owned()).or_insert((now, 0));
        if now - window.0 >= ERROR_WINDOW {
            *window = (now, 0);
        }
        if !reply.status.is_success() && !reply.status.is_redirection() {
            window.1 += 1;
        }
        let left = ERROR_WINDOW.saturating_sub(now - window.0).as_secs().max(1);
        reply
            .with("X-ESI-Error-Limit-Remain", ERRORS.saturating_sub(window.1).to_string())
            .with("X-ESI-Error-Limit-Reset", left.to_string())
    }
}

fn headers(reply: Reply, bucket: Bucket, used: u32, cost: u32) -> Reply {
    reply
        .with("X-Ratelimit-Group", bucket.group)
        .with("X-Ratelimit-Limit", format!("{}/15m", bucket.tokens))
        .with("X-Ratelimit-Remaining", bucket.tokens.saturating_sub(used).to_string())
        .with("X-Ratelimit-Used", cost.to_string())
}
