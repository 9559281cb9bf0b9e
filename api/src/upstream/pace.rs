//! Time, waiting and jitter, as one parameter.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::clock::SharedClock;

/// A way to wait.
#[async_trait]
pub trait Sleeper: Send + Sync + fmt::Debug {
    /// Returns when `duration` has passed.
    async fn sleep(&self, duration: Duration);
}

/// Waits on tokio's timer.
#[derive(Debug, Default, Clone, Copy)]
pub struct TokioSleeper;

#[async_trait]
impl Sleeper for TokioSleeper {
    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}

/// How long to wait between attempts: doubling from `first`, never above `longest`, and of that a random part between
/// one half and all, so that many clients do not come back at the same instant.
#[derive(Debug, Clone, Copy)]
pub struct Backoff {
    /// How many attempts to make in total, including the first.
    pub attempts: u32,
    /// The wait after the first failure, before jitter.
    pub first: Duration,
    /// The longest wait, before jitter.
    pub longest: Duration,
}

impl Default for Backoff {
    fn default() -> Self {
        Self { attempts: 3, first: Duration::from_millis(300), longest: Duration::from_secs(3) }
    }
}

/// A client's clock, way to wait, and source of jitter.
#[derive(Debug, Clone)]
pub struct Pace {
    clock: SharedClock,
    sleeper: Arc<dyn Sleeper>,
    jitter: Arc<Mutex<ChaCha8Rng>>,
}

impl Pace {
    /// Waits on tokio's timer; `seed` decides the jitter.
    #[must_use]
    pub fn new(clock: SharedClock, seed: u64) -> Self {
        Self::with_sleeper(clock, Arc::new(TokioSleeper), seed)
    }

    /// As [`Pace::new`], waiting by means of `sleeper`.
    #[must_use]
    pub fn with_sleeper(clock: SharedClock, sleeper: Arc<dyn Sleeper>, seed: u64) -> Self {
        Self { clock, sleeper, jitter: Arc::new(Mutex::new(ChaCha8Rng::seed_from_u64(seed))) }
    }

    /// The current moment.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// Waits.
    pub async fn sleep(&self, duration: Duration) {
        if !duration.is_zero() {
            self.sleeper.sleep(duration).await;
        }
    }

    /// The wait after the failed attempt number `attempt` (1 is the first).
    #[must_use]
    pub fn delay(&self, backoff: &Backoff, attempt: u32) -> Duration {
        let doubled = 2_u32.saturating_pow(attempt.saturating_sub(1).min(16));
        let full = backoff.first.saturating_mul(doubled).min(backoff.longest);
        let part = self.jitter.lock().unwrap_or_else(PoisonError::into_inner).random_range(0.5..=1.0);
        full.mul_f64(part)
    }
}
