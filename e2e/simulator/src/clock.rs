//! The simulator's only look at the wall clock.
//!
//! Everything that stamps a token, a header or a log line asks here, so that the rest of the crate stays free of ambient
//! time.

use chrono::{DateTime, Utc};

/// The current time.
#[expect(clippy::disallowed_methods, reason = "the one place that reads the clock; other modules call this")]
pub(crate) fn now() -> DateTime<Utc> {
    Utc::now()
}

/// The time as an RFC 9110 HTTP date.
pub(crate) fn http_date(at: DateTime<Utc>) -> String {
    at.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// Parses an RFC 9110 HTTP date (the preferred form only).
pub(crate) fn parse_http_date(text: &str) -> Option<DateTime<Utc>> {
    chrono::NaiveDateTime::parse_from_str(text, "%a, %d %b %Y %H:%M:%S GMT").ok().map(|at| at.and_utc())
}
