//! Keeps us within Discord's limits.
//!
//! Discord counts calls in *buckets* (several routes may share one; only answers reveal which) per *major
//! parameter* (here: the guild), and allows 50 calls per second in total. Until an answer has named a route's
//! bucket, the route stands for itself.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use chrono::{DateTime, Utc};
use http::HeaderMap;

use crate::upstream::{delay_seconds, header};

/// Calls per second: a few below Discord's 50, because its seconds are not ours.
const GLOBAL_PER_SECOND: u32 = 45;

/// Why and for how long a call has to wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Wait {
    pub duration: Duration,
    pub global: bool,
}

/// What Discord last said about its limits.
#[derive(Debug, Default)]
pub(super) struct Limits {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    bucket_of: HashMap<&'static str, String>,
    buckets: HashMap<(String, String), Bucket>,
    all_paused_until: Option<DateTime<Utc>>,
    second_began: Option<DateTime<Utc>>,
    calls_in_second: u32,
}

#[derive(Debug, Clone, Copy)]
struct Bucket {
    limit: u32,
    remaining: u32,
    resets_at: DateTime<Utc>,
    /// Whether the end was guessed because no answer from this window has come yet.
    guessed: bool,
}

impl Limits {
    /// Takes a slot for one call, or says how long to wait for one.
    pub fn reserve(&self, route: &'static str, major: &str, now: DateTime<Utc>) -> Result<(), Wait> {
        let mut state = self.lock();
        let key = state.key(route, major);
        if let Some(until) = state.all_paused_until.filter(|until| *until > now) {
            return Err(Wait { duration: span(now, until), global: true });
        }
        let second_ends = state.second_began.map(|began| began + Duration::from_secs(1));
        match second_ends.filter(|ends| *ends > now) {
            Some(ends) if state.calls_in_second >= GLOBAL_PER_SECOND => {
                return Err(Wait { duration: span(now, ends), global: true });
            }
            Some(_) => {}
            None => {
                state.second_began = Some(now);
                state.calls_in_second = 0;
            }
        }
        if let Some(bucket) = state.buckets.get_mut(&key) {
            if bucket.resets_at <= now {
                bucket.remaining = bucket.limit;
                // The next answer will tell the new end; until then these slots must last.
                bucket.resets_at = now + Duration::from_secs(1);
                bucket.guessed = true;
            }
            if bucket.remaining == 0 {
                return Err(Wait { duration: span(now, bucket.resets_at), global: false });
            }
            bucket.remaining -= 1;
        }
        state.calls_in_second += 1;
        Ok(())
    }

    /// Learns from the headers of an answer, whatever it is.
    pub fn learn(&self, route: &'static str, major: &str, headers: &HeaderMap, now: DateTime<Utc>) {
        let mut state = self.lock();
        if let Some(bucket) = header::<String>(headers, "x-ratelimit-bucket").filter(|id| id.len() <= 128) {
            state.bucket_of.insert(route, bucket);
        }
        let (Some(limit), Some(remaining), Some(reset_after)) = (
            header::<u32>(headers, "x-ratelimit-limit"),
            header::<u32>(headers, "x-ratelimit-remaining"),
            header::<f64>(headers, "x-ratelimit-reset-after").and_then(delay_seconds),
        ) else {
            return;
        };
        let resets_at = now + reset_after;
        let key = state.key(route, major);
        // Calls still in flight have taken slots that this answer does not count.
        let remaining = match state.buckets.get(&key) {
            Some(known) if known.counts_towards(resets_at, now) => remaining.min(known.remaining),
            _ => remaining,
        };
        // A limit of zero would never let anything through again.
        state.buckets.insert(key, Bucket { limit: limit.max(1), remaining, resets_at, guessed: false });
    }

    /// Handles a 429.
    pub fn pause(&self, route: &'static str, major: &str, wait: Wait, now: DateTime<Utc>) {
        let mut state = self.lock();
        let until = now + wait.duration;
        if wait.global {
            state.all_paused_until = Some(until);
            return;
        }
        let key = state.key(route, major);
        let limit = state.buckets.get(&key).map_or(1, |bucket| bucket.limit);
        state.buckets.insert(key, Bucket { limit, remaining: 0, resets_at: until, guessed: false });
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Bucket {
    /// Whether the slots taken so far belong to the window that ends at `end`.
    fn counts_towards(&self, end: DateTime<Utc>, now: DateTime<Utc>) -> bool {
        self.resets_at > now && (self.guessed || end <= self.resets_at + Duration::from_secs(1))
    }
}

impl State {
    fn key(&self, route: &'static str, major: &str) -> (String, String) {
        let bucket = self.bucket_of.get(route).map_or(route, String::as_str);
        (bucket.to_owned(), major.to_owned())
    }
}

fn span(now: DateTime<Utc>, until: DateTime<Utc>) -> Duration {
    (until - now).to_std().unwrap_or_default().max(Duration::from_millis(1))
}
