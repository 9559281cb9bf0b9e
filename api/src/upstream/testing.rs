//! For tests of clients: time that only moves by waiting.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use chrono::{DateTime, TimeZone, Utc};

use super::{Pace, Sleeper};
use crate::clock::{Clock, ManualClock};

/// Records each wait and moves the clock by it instead of waiting.
#[derive(Debug)]
pub struct SkippingSleeper {
    clock: Arc<ManualClock>,
    waits: Mutex<Vec<Duration>>,
}

#[async_trait]
impl Sleeper for SkippingSleeper {
    async fn sleep(&self, duration: Duration) {
        self.clock.advance(chrono::Duration::from_std(duration).unwrap());
        self.waits.lock().unwrap().push(duration);
    }
}

/// A clock, a pace that follows it, and the waits so far.
#[derive(Debug, Clone)]
pub struct TestTime {
    /// The clock.
    pub clock: Arc<ManualClock>,
    /// The pace to give to a client.
    pub pace: Pace,
    sleeper: Arc<SkippingSleeper>,
}

impl TestTime {
    /// Starts on an ordinary afternoon.
    pub fn new() -> Self {
        let start = Utc.with_ymd_and_hms(2026, 9, 1, 15, 0, 0).unwrap();
        let clock = Arc::new(ManualClock::new(start));
        let sleeper = Arc::new(SkippingSleeper { clock: clock.clone(), waits: Mutex::default() });
        let pace = Pace::with_sleeper(clock.clone(), sleeper.clone(), 7);
        Self { clock, pace, sleeper }
    }

    /// The current moment.
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// Moves the clock forward.
    pub fn advance_secs(&self, seconds: i64) {
        self.clock.advance(chrono::Duration::seconds(seconds));
    }

    /// The waits so far.
    pub fn waits(&self) -> Vec<Duration> {
        self.sleeper.waits.lock().unwrap().clone()
    }
}
