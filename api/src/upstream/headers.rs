//! Headers that tell us when to come back.

use std::{str::FromStr, time::Duration};

use ::http::{HeaderMap, header::RETRY_AFTER};
use chrono::{DateTime, Utc};

/// The longest wait we believe: a day. Anything longer is treated as this.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// A header as a value of type `T`; `None` if it is absent or unreadable.
#[must_use]
pub fn header<T: FromStr>(headers: &HeaderMap, name: &str) -> Option<T> {
    headers.get(name)?.to_str().ok()?.trim().parse().ok()
}

/// A number of seconds (with or without decimals) as a duration; `None` for negative or absurd numbers.
#[must_use]
pub fn delay_seconds(seconds: f64) -> Option<Duration> {
    if !seconds.is_finite() || seconds < 0.0 {
        return None;
    }
    Some(Duration::try_from_secs_f64(seconds).unwrap_or(LONGEST).min(LONGEST))
}

/// `Retry-After`, which may be a number of seconds or an HTTP date. A date in the past means "now".
#[must_use]
pub fn retry_after(headers: &HeaderMap, now: DateTime<Utc>) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<f64>() {
        return delay_seconds(seconds);
    }
    let date = DateTime::parse_from_rfc2822(text).ok()?;
    Some((date.to_utc() - now).to_std().unwrap_or(Duration::ZERO).min(LONGEST))
}
