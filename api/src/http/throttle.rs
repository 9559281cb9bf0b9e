//! How often one may knock: bots by token, people by user, visitors who begin a login or come back from one by address.
//! Kept in memory, per process: this keeps one client from crowding out the others, it is no quota.

use std::{num::NonZeroU32, sync::Arc, time::Duration};

use governor::{
    Quota, RateLimiter,
    clock::{Clock, DefaultClock},
};

use crate::{
    error::{Error, Result},
    graphql::Viewer,
};

type Keyed<K> = RateLimiter<K, governor::state::keyed::DefaultKeyedStateStore<K>, DefaultClock>;

/// The limits of one process.
#[derive(Clone)]
pub struct Throttle {
    tokens: Arc<Keyed<i64>>,
    users: Arc<Keyed<i64>>,
    logins: Arc<Keyed<String>>,
    callbacks: Arc<Keyed<String>>,
}

/// Requests per second a token may send in the long run; ten times as many at once.
const TOKEN_RATE: NonZeroU32 = NonZeroU32::new(50).unwrap();
const TOKEN_BURST: NonZeroU32 = NonZeroU32::new(500).unwrap();
/// Requests per second that somebody's browsers may send in the long run; ten times as many at once: many tabs that are
/// opened at the same time, or a page that is reloaded in anger.
const USER_RATE: NonZeroU32 = NonZeroU32::new(20).unwrap();
const USER_BURST: NonZeroU32 = NonZeroU32::new(200).unwrap();
/// Logins that may be begun from one address per minute, and as many that may come back.
const LOGINS: NonZeroU32 = NonZeroU32::new(120).unwrap();

impl Default for Throttle {
    fn default() -> Self {
        Self {
            tokens: Arc::new(RateLimiter::keyed(Quota::per_second(TOKEN_RATE).allow_burst(TOKEN_BURST))),
            users: Arc::new(RateLimiter::keyed(Quota::per_second(USER_RATE).allow_burst(USER_BURST))),
            logins: Arc::new(RateLimiter::keyed(Quota::per_minute(LOGINS))),
            callbacks: Arc::new(RateLimiter::keyed(Quota::per_minute(LOGINS))),
        }
    }
}

fn check<K: std::hash::Hash + Eq + Clone>(limiter: &Keyed<K>, key: &K) -> Result<()> {
    // What nobody used for a while is forgotten, so that keys do not pile up.
    if limiter.len() > 10_000 {
        limiter.retain_recent();
    }
    limiter.check_key(key).map_err(|until| {
        let wait = until.wait_time_from(DefaultClock::default().now());
        Error::RateLimited(wait.max(Duration::from_secs(1)))
    })
}

impl Throttle {
    /// A request of a bot.
    ///
    /// # Errors
    /// `RateLimited` when there were too many.
    pub fn token(&self, id: i64) -> Result<()> {
        check(&self.tokens, &id)
    }

    /// A request of somebody in the browser.
    ///
    /// # Errors
    /// `RateLimited` when there were too many.
    pub fn user(&self, id: i64) -> Result<()> {
        check(&self.users, &id)
    }

    /// Somebody who asks, with whatever he asks with; visitors are not counted.
    ///
    /// # Errors
    /// `RateLimited` when there were too many.
    pub fn viewer(&self, viewer: Option<&Viewer>) -> Result<()> {
        match viewer {
            None => Ok(()),
            Some(viewer) => viewer.token_id.map_or_else(|| self.user(viewer.user.id), |id| self.token(id)),
        }
    }

    /// The beginning of a login.
    ///
    /// # Errors
    /// `RateLimited` when there were too many from this address.
    pub fn login(&self, address: &str) -> Result<()> {
        check(&self.logins, &address.to_owned())
    }

    /// A browser that comes back from an authorization server. Counted apart from beginnings: each costs a look into the
    /// database, and a call to that server when its state is good.
    ///
    /// # Errors
    /// `RateLimited` when there were too many from this address.
    pub fn callback(&self, address: &str) -> Result<()> {
        check(&self.callbacks, &address.to_owned())
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
        let allowed = (0..1_000).filter(|_| throttle.user(1).is_ok()).count();
        assert!((200..260).contains(&allowed), "{allowed}");
        assert!(throttle.user(2).is_ok());
        let allowed = (0..1_000).filter(|_| throttle.login("::1").is_ok()).count();
        assert!((120..130).contains(&allowed), "{allowed}");
        assert!(throttle.login("::2").is_ok());
        let allowed = (0..1_000).filter(|_| throttle.callback("::1").is_ok()).count();
        assert!((120..130).contains(&allowed), "{allowed}");
        assert!(throttle.callback("::2").is_ok());
    }
}
