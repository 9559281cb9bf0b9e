//! Keeps us within ESI's limits.
//!
//! ESI has two: an *error limit* for most routes (100 failed calls per minute and address, then 420 for everything)
//! and *token buckets* for groups of routes (429 with `Retry-After`). The guard remembers what the answers said and
//! refuses calls that would go too far. It only knows what this process saw, but ESI's counters cover a whole
//! address, so several workers learn of each other's errors from their own answers.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use chrono::{DateTime, Utc};
use http::HeaderMap;

use super::EsiError;
use crate::upstream::{header, retry_after};

/// For when ESI does not say how long: the length of its error window.
const DEFAULT_PAUSE: Duration = Duration::from_secs(60);

/// What ESI last said about its limits.
#[derive(Debug, Default)]
pub(super) struct Guard {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    errors: Option<ErrorWindow>,
    /// 420: nothing may be called.
    all_paused_until: Option<DateTime<Utc>>,
    /// Daily downtime.
    down_until: Option<DateTime<Utc>>,
    /// 429, by group; routes whose group is unknown stand for themselves.
    groups_paused_until: HashMap<String, DateTime<Utc>>,
    /// Which group a route belongs to, according to the answers.
    group_of: HashMap<&'static str, String>,
}

#[derive(Debug, Clone, Copy)]
struct ErrorWindow {
    remain: u32,
    resets_at: DateTime<Utc>,
}

impl Guard {
    /// Fails when `route` must not be called now. `error_floor` errors must be left.
    pub fn check(&self, route: &'static str, error_floor: u32, now: DateTime<Utc>) -> Result<(), EsiError> {
        let mut state = self.lock();
        state.forget_past(now);
        let group = state.group_of.get(route).map_or(route, String::as_str);
        let errors = state.errors.filter(|errors| errors.remain < error_floor).map(|errors| errors.resets_at);
        let until = [state.all_paused_until, state.groups_paused_until.get(group).copied(), errors];
        if let Some(until) = until.into_iter().flatten().max() {
            return Err(EsiError::RateLimited { retry_after: span(now, until) });
        }
        if let Some(until) = state.down_until {
            let reason = "Tranquility is down".to_owned();
            return Err(EsiError::Unavailable { retry_after: Some(span(now, until)), reason });
        }
        Ok(())
    }

    /// How many errors are left in the current window, if ESI has said so.
    pub fn errors_left(&self, now: DateTime<Utc>) -> Option<u32> {
        let mut state = self.lock();
        state.forget_past(now);
        state.errors.map(|errors| errors.remain)
    }

    /// Learns from the headers of an answer, whatever it is.
    pub fn learn(&self, route: &'static str, headers: &HeaderMap, now: DateTime<Utc>) {
        let mut state = self.lock();
        if let Some(group) = header::<String>(headers, "x-ratelimit-group").filter(|group| group.len() <= 64)
        {
            state.group_of.insert(route, group);
        }
        let (remain, reset) =
            (header(headers, "x-esi-error-limit-remain"), header::<u32>(headers, "x-esi-error-limit-reset"));
        if let (Some(remain), Some(reset)) = (remain, reset) {
            let resets_at = now + Duration::from_secs(u64::from(reset.min(600)));
            // Answers may overtake each other: within one window only the lowest count is right.
            let remain = match state.errors {
                Some(known) if known.resets_at > now && same_window(known.resets_at, resets_at) => {
                    known.remain.min(remain)
                }
                _ => remain,
            };
            state.errors = Some(ErrorWindow { remain, resets_at });
            metrics::gauge!("fealty_esi_errors_left").set(f64::from(remain));
        }
    }

    /// 420: everything stops until the window ends.
    pub fn pause_all(&self, headers: &HeaderMap, now: DateTime<Utc>) -> Duration {
        let pause = header::<u32>(headers, "x-esi-error-limit-reset")
            .map(|seconds| Duration::from_secs(u64::from(seconds.min(600))))
            .or_else(|| retry_after(headers, now))
            .unwrap_or(DEFAULT_PAUSE)
            .max(Duration::from_secs(1));
        self.lock().all_paused_until = Some(now + pause);
        pause
    }

    /// 429: the route's group stops.
    pub fn pause_group(&self, route: &'static str, headers: &HeaderMap, now: DateTime<Utc>) -> Duration {
        let pause = retry_after(headers, now).unwrap_or(DEFAULT_PAUSE).max(Duration::from_secs(1));
        let mut state = self.lock();
        let group = state.group_of.get(route).cloned().unwrap_or_else(|| route.to_owned());
        state.groups_paused_until.insert(group, now + pause);
        pause
    }

    /// The daily downtime.
    pub fn down(&self, pause: Duration, now: DateTime<Utc>) {
        self.lock().down_until = Some(now + pause);
    }

    /// Something was answered properly, so Tranquility is up.
    pub fn up(&self) {
        self.lock().down_until = None;
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn forget_past(&mut self, now: DateTime<Utc>) {
        self.all_paused_until = self.all_paused_until.filter(|until| *until > now);
        self.down_until = self.down_until.filter(|until| *until > now);
        self.errors = self.errors.filter(|errors| errors.resets_at > now);
        self.groups_paused_until.retain(|_, until| *until > now);
    }
}

/// Whether two statements about the end of a window mean the same window (whole seconds and transit times blur them).
fn same_window(a: DateTime<Utc>, b: DateTime<Utc>) -> bool {
    (a - b).abs() <= chrono::Duration::seconds(5)
}

/// The time until `until`, at least one second, so that nobody comes back in a tight loop.
fn span(now: DateTime<Utc>, until: DateTime<Utc>) -> Duration {
    (until - now).to_std().unwrap_or_default().max(Duration::from_secs(1))
}
