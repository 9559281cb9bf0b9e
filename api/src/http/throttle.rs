//! How often one may knock: bots by token, people by user, visitors by address. Kept in memory, per process: this
//! stops one client from crowding out the others, but is not a quota.
//!
//! What counts is the work: every field at a request's root counts as one, or as [`CHANGE`] if it changes something.

use std::{
    collections::HashMap,
    num::NonZeroU32,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use governor::{
    Quota, RateLimiter,
    clock::{Clock, DefaultClock},
};

use crate::{
    error::{Error, Result},
    graphql::Viewer,
    origin,
};

type Keyed<K> = RateLimiter<K, governor::state::keyed::DefaultKeyedStateStore<K>, DefaultClock>;

/// The limits in one process.
#[derive(Clone)]
pub struct Throttle {
    tokens: Arc<Keyed<i64>>,
    users: Arc<Keyed<i64>>,
    visitors: Arc<Keyed<String>>,
    logins: Arc<Keyed<String>>,
    callbacks: Arc<Keyed<String>>,
    failures: Arc<Failures>,
}

/// How much a field that changes something counts.
const CHANGE: NonZeroU32 = NonZeroU32::new(5).unwrap();
/// Root fields per second that a token may ask for in the long run; ten times as many at once.
const TOKEN_RATE: NonZeroU32 = NonZeroU32::new(50).unwrap();
const TOKEN_BURST: NonZeroU32 = NonZeroU32::new(500).unwrap();
/// Root fields per second that a user's browsers may ask for in the long run; ten times as many at once: many tabs
/// opened together, or a page reloaded in anger.
const USER_RATE: NonZeroU32 = NonZeroU32::new(20).unwrap();
const USER_BURST: NonZeroU32 = NonZeroU32::new(200).unwrap();
/// What visitors at one address may ask for per second in the long run, not counting documents that were answered
/// before; twenty times as many at once.
const VISITOR_RATE: NonZeroU32 = NonZeroU32::new(10).unwrap();
const VISITOR_BURST: NonZeroU32 = NonZeroU32::new(200).unwrap();
/// How many logins may begin from one address per minute, and how many may come back.
const LOGINS: NonZeroU32 = NonZeroU32::new(120).unwrap();

/// Invalid tokens and session cookies from one network per minute; as many at once.
const BAD_CREDENTIALS: u32 = 120;

/// Failures by network. They are only known afterwards, so checking whether another one is allowed costs nothing: the
/// limiters above count what they let through.
#[derive(Default)]
struct Failures {
    /// When the failures so far will have been paid off, one by one (GCRA's "theoretical arrival time").
    paid_off: Mutex<HashMap<String, Instant>>,
}

impl Failures {
    const EACH: Duration = Duration::from_secs(60).checked_div(BAD_CREDENTIALS).unwrap();

    fn check(&self, address: &str, now: Instant) -> Result<()> {
        let all = self.paid_off.lock().unwrap_or_else(PoisonError::into_inner);
        // Usually nobody fails, and every request comes through here.
        if all.is_empty() {
            return Ok(());
        }
        let paid_off = all.get(&origin::network(address));
        let Some(ahead) = paid_off.map(|at| at.saturating_duration_since(now)) else { return Ok(()) };
        match ahead.checked_sub(Self::EACH * (BAD_CREDENTIALS - 1)) {
            Some(wait) if !wait.is_zero() => Err(Error::RateLimited(wait.max(Duration::from_secs(1)))),
            _ => Ok(()),
        }
    }

    fn add(&self, address: &str, now: Instant) {
        let mut all = self.paid_off.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() > 10_000 {
            all.retain(|_, at| *at > now);
        }
        let at = all.entry(origin::network(address)).or_insert(now);
        *at = (*at).max(now) + Self::EACH;
    }
}

impl Default for Throttle {
    fn default() -> Self {
        Self {
            tokens: Arc::new(RateLimiter::keyed(Quota::per_second(TOKEN_RATE).allow_burst(TOKEN_BURST))),
            users: Arc::new(RateLimiter::keyed(Quota::per_second(USER_RATE).allow_burst(USER_BURST))),
            visitors: Arc::new(RateLimiter::keyed(
                Quota::per_second(VISITOR_RATE).allow_burst(VISITOR_BURST),
            )),
            logins: Arc::new(RateLimiter::keyed(Quota::per_minute(LOGINS))),
            callbacks: Arc::new(RateLimiter::keyed(Quota::per_minute(LOGINS))),
            failures: Arc::default(),
        }
    }
}

fn check<K: std::hash::Hash + Eq + Clone>(limiter: &Keyed<K>, key: &K, weight: NonZeroU32) -> Result<()> {
    // Keys unused for a while are forgotten, so that they do not pile up.
    if limiter.len() > 10_000 {
        limiter.retain_recent();
    }
    let wait = match limiter.check_key_n(key, weight) {
        Ok(Ok(())) => return Ok(()),
        Ok(Err(until)) => until.wait_time_from(DefaultClock::default().now()),
        // More than anybody may ask for at once, however long they wait.
        Err(_) => Duration::from_secs(60),
    };
    Err(Error::RateLimited(wait.max(Duration::from_secs(1))))
}

/// How much a request with this many root fields counts.
fn weight(root_fields: u32, is_change: bool) -> NonZeroU32 {
    let fields = NonZeroU32::new(root_fields).unwrap_or(NonZeroU32::MIN);
    if is_change { fields.saturating_mul(CHANGE) } else { fields }
}

impl Throttle {
    /// Counts a request by somebody who is logged in, or by a bot.
    ///
    /// # Errors
    /// `RateLimited` when there were too many.
    pub fn viewer(&self, viewer: &Viewer, root_fields: u32, is_change: bool) -> Result<()> {
        let weight = weight(root_fields, is_change);
        match viewer.token_id {
            Some(id) => check(&self.tokens, &id, weight),
            None => check(&self.users, &viewer.user.id, weight),
        }
    }

    /// Counts a request by somebody who is registering.
    ///
    /// # Errors
    /// `RateLimited` when there were too many.
    pub fn registration(&self, user_id: i64, root_fields: u32, is_change: bool) -> Result<()> {
        check(&self.users, &user_id, weight(root_fields, is_change))
    }

    /// Whether a token or session from this address may be looked up, valid or not.
    ///
    /// # Errors
    /// `RateLimited` when too many from its network were invalid.
    pub fn credentials(&self, address: &str) -> Result<()> {
        self.failures.check(address, Instant::now())
    }

    /// Records that a token or session from this address was invalid.
    pub fn bad_credentials(&self, address: &str) {
        self.failures.add(address, Instant::now());
    }

    /// Counts a visitor's request that is new or changes something. What was answered before costs little.
    ///
    /// # Errors
    /// `RateLimited` when there were too many from this address.
    pub fn visitor(&self, address: &str, root_fields: u32, is_change: bool) -> Result<()> {
        check(&self.visitors, &origin::network(address), weight(root_fields, is_change))
    }

    /// Counts the beginning of a login.
    ///
    /// # Errors
    /// `RateLimited` when there were too many from this address.
    pub fn login(&self, address: &str) -> Result<()> {
        check(&self.logins, &origin::network(address), NonZeroU32::MIN)
    }

    /// Counts a browser coming back from an authorization server. Separate from beginnings: each one costs a database
    /// lookup, and a call to that server if its state is valid.
    ///
    /// # Errors
    /// `RateLimited` when there were too many from this address.
    pub fn callback(&self, address: &str) -> Result<()> {
        check(&self.callbacks, &origin::network(address), NonZeroU32::MIN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bad_credentials_are_counted_by_network_and_forgotten() {
        let failures = Failures::default();
        let now = Instant::now();
        for n in 0..BAD_CREDENTIALS {
            assert!(failures.check("a", now).is_ok(), "{n}");
            failures.add("a", now);
        }
        assert!(matches!(failures.check("a", now), Err(Error::RateLimited(_))));
        assert!(failures.check("b", now).is_ok());
        let later = now + Failures::EACH;
        assert!(failures.check("a", later).is_ok(), "one is paid off");
        failures.add("a", later);
        assert!(failures.check("a", later).is_err());
        assert!(failures.check("a", now + Duration::from_secs(61)).is_ok());
    }

    #[test]
    fn one_client_does_not_use_up_anothers_share() {
        let throttle = Throttle::default();
        let one = NonZeroU32::MIN;
        let count =
            |limiter: &Keyed<i64>, weight| (0..1_000).filter(|_| check(limiter, &1, weight).is_ok()).count();
        let allowed = count(&throttle.tokens, one);
        assert!((500..600).contains(&allowed), "{allowed}");
        assert!(matches!(check(&throttle.tokens, &1, one), Err(Error::RateLimited(_))));
        assert!(check(&throttle.tokens, &2, one).is_ok());
        let allowed = count(&throttle.users, weight(1, true));
        assert!((40..60).contains(&allowed), "{allowed}");
        assert!(check(&throttle.users, &2, weight(30, true)).is_ok(), "as much as a request may ask for");
        assert!(check(&throttle.users, &3, NonZeroU32::MAX).is_err());
        let allowed = (0..1_000).filter(|_| throttle.visitor("::1", 2, false).is_ok()).count();
        assert!((100..120).contains(&allowed), "{allowed}");
        assert!(throttle.visitor("1::2", 30, true).is_ok());
        let allowed = (0..1_000).filter(|_| throttle.login("::1").is_ok()).count();
        assert!((120..130).contains(&allowed), "{allowed}");
        assert!(throttle.login("1::2").is_ok());
        let allowed = (0..1_000).filter(|_| throttle.callback("::1").is_ok()).count();
        assert!((120..130).contains(&allowed), "{allowed}");
        assert!(throttle.callback("1::2").is_ok());
    }
}
