//! How often one may knock: bots by token, visitors who begin a login or come back from one by address. Kept in memory, per process: this
//! keeps one client from crowding out the others, it is no quota.

use std::{num::NonZeroU32, sync::Arc, time::Duration};

use governor::{
    Quota, RateLimiter,
    clock::{Clock, DefaultClock},
};

use crate::error::{Error, Result};

type Keyed<K> = RateLimiter<K, governor::state::keyed::DefaultKeyedStateStore<K>, DefaultClock>;

/// The limits of one process.
#[derive(Clone)]
pub struct Throttle {
    tokens: Arc<Keyed<i64>>,
    logins: Arc<Keyed<String>>,
    callbacks: Arc<Keyed<String>>,
}

/// Requests per second a token may send in the long run; ten times as many at once.
const TOKEN_RATE: NonZeroU32 = NonZeroU32::new(50).unwrap();
const TOKEN_BURST: NonZeroU32 = NonZeroU32::new(500).unwrap();
/// Logins that may be begun from one address per minute, and as many that may come back.
const LOGINS: NonZeroU32 = NonZeroU32::new(120).unwrap();

impl Default for Throttle {
    fn default() -> Self {
        Self {
            tokens: Arc::new(RateLimiter::keyed(Quota::per_second(TOKEN_RATE).allow_burst(TOKEN_BURST))),
            logins: Arc::new(RateLimiter::keyed(Quota::per_minute(LOGINS))),
            callbacks: Arc::new(RateLimiter::keyed(Quota::per_minute(LOGINS))),
        }
    }
}

fn check<K: std::hash::Hash + Eq + Clone>(limiter: &Keyed<K>, key: &K) -> Result<()> {
    limiter.check_key(key).map_err(|until| {
        let wait = until.wait_time_from(DefaultClock::default().now());
        Error::RateLimited(wait.max(Duration::from_secs(1)))
    })
}

fn check_address(limiter: &Keyed<String>, address: &str) -> Result<()> {
    // What nobody used for a while is forgotten, so that addresses do not pile up.
    if limiter.len() > 10_000 {
        limiter.retain_recent();
    }
    check(limiter, &address.to_owned())
}

impl Throttle {
    /// A request of a bot.
    ///
    /// # Errors
    /// `RateLimited` when there were too many.
    pub fn token(&self, id: i64) -> Result<()> {
        check(&self.tokens, &id)
    }

    /// The beginning of a login.
    ///
    /// # Errors
    /// `RateLimited` when there were too many from this address.
    pub fn login(&self, address: &str) -> Result<()> {
        check_address(&self.logins, address)
    }

    /// A browser that comes back from an authorization server. Counted apart from beginnings: each costs a look into the
    /// database, and a call to that server when its state is good.
    ///
    /// # Errors
    /// `RateLimited` when there were too many from this address.
    pub fn callback(&self, address: &str) -> Result<()> {
        check_address(&self.callbacks, address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_client_does_not_use_up_anothers_share() {
        let throttle = Throttle::default();
        let allowed = (0..1_000).filter(|_| throttle.token(1).is_ok()).count();
        assert!((500..600).contains(&allowed), "{allowed}");
        assert!(matches!(throttle.token(1), Err(Error::RateLimited(_))));
        assert!(throttle.token(2).is_ok());
        let allowed = (0..1_000).filter(|_| throttle.login("::1").is_ok()).count();
        assert!((120..130).contains(&allowed), "{allowed}");
        assert!(throttle.login("::2").is_ok());
        let allowed = (0..1_000).filter(|_| throttle.callback("::1").is_ok()).count();
        assert!((120..130).contains(&allowed), "{allowed}");
        assert!(throttle.callback("::2").is_ok());
    }
}
