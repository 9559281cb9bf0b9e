//! A document that is fetched when needed, cached for a while, and used for longer when it cannot be renewed.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use tokio::sync::Mutex;

use super::SsoError;

/// After a failure nobody tries again for this long; doubles with each further failure.
const FIRST_PAUSE: Duration = Duration::from_secs(5);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// The document and when it was fetched. The lock is held while fetching, so that many callers cause one fetch.
#[derive(Debug)]
pub(super) struct Fetched<T> {
    keep_for: Duration,
    state: Mutex<State<T>>,
}

#[derive(Debug)]
struct State<T> {
    value: Option<Kept<T>>,
    failures: u32,
    not_before: Option<DateTime<Utc>>,
    forced_at: Option<DateTime<Utc>>,
}

#[derive(Debug)]
struct Kept<T> {
    value: Arc<T>,
    until: DateTime<Utc>,
}

impl<T> Fetched<T> {
    /// Nothing yet; documents are to be cached for `keep_for`.
    pub fn new(keep_for: Duration) -> Self {
        let state = State { value: None, failures: 0, not_before: None, forced_at: None };
        Self { keep_for, state: Mutex::new(state) }
    }

    /// The document, fetched if there is none or it is old. An old one is better than none. `fetch` is
    /// not polled unless needed.
    pub async fn get(
        &self,
        now: DateTime<Utc>,
        fetch: impl Future<Output = Result<T, SsoError>>,
    ) -> Result<Arc<T>, SsoError> {
        let mut state = self.state.lock().await;
        if let Some(kept) = state.value.as_ref().filter(|kept| kept.until > now) {
            return Ok(kept.value.clone());
        }
        let renewed = match state.pause(now) {
            Some(rest) => Err(pausing(rest)),
            None => state.fill(now, self.keep_for, fetch.await),
        };
        match (renewed, &state.value) {
            (Err(error), Some(old)) => {
                tracing::warn!(%error, "using an older document of the EVE SSO");
                Ok(old.value.clone())
            }
            (result, _) => result,
        }
    }

    /// A document newer than `seen`. It is fetched at most once per `cooldown`; within that time the answer is `None`
    /// if the document is known to be fresh, or the error of the last attempt.
    pub async fn newer_than(
        &self,
        seen: &Arc<T>,
        now: DateTime<Utc>,
        cooldown: Duration,
        fetch: impl Future<Output = Result<T, SsoError>>,
    ) -> Result<Option<Arc<T>>, SsoError> {
        let mut state = self.state.lock().await;
        if let Some(kept) = state.value.as_ref().filter(|kept| !Arc::ptr_eq(&kept.value, seen)) {
            return Ok(Some(kept.value.clone()));
        }
        if let Some(forced_at) = state.forced_at.filter(|at| now < *at + cooldown) {
            let rest = (forced_at + cooldown - now).to_std().unwrap_or_default();
            return if state.failures > 0 { Err(pausing(rest)) } else { Ok(None) };
        }
        state.forced_at = Some(now);
        let fetched = fetch.await;
        state.fill(now, self.keep_for, fetched).map(Some)
    }
}

impl<T> State<T> {
    fn pause(&self, now: DateTime<Utc>) -> Option<Duration> {
        self.not_before.filter(|until| *until > now).map(|until| (until - now).to_std().unwrap_or_default())
    }

    fn fill(
        &mut self,
        now: DateTime<Utc>,
        keep_for: Duration,
        fetched: Result<T, SsoError>,
    ) -> Result<Arc<T>, SsoError> {
        match fetched {
            Ok(value) => {
                let value = Arc::new(value);
                self.value = Some(Kept { value: value.clone(), until: now + keep_for });
                self.failures = 0;
                self.not_before = None;
                Ok(value)
            }
            Err(error) => {
                let pause = FIRST_PAUSE.saturating_mul(2_u32.saturating_pow(self.failures.min(8)));
                let pause = error.retry_after().unwrap_or_default().max(pause.min(LONGEST_PAUSE));
                self.failures += 1;
                self.not_before = Some(now + pause);
                Err(error)
            }
        }
    }
}

fn pausing(rest: Duration) -> SsoError {
    let reason = "failed a moment ago; not trying again yet".to_owned();
    SsoError::Unavailable { retry_after: Some(rest.max(Duration::from_secs(1))), reason, is_lost: false }
}
