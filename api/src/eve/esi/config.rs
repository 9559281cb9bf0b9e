//! How to reach ESI, and how careful to be.

use std::time::Duration;

use chrono::NaiveDate;
use url::Url;

use crate::upstream::{Backoff, HttpOptions};

/// The version of ESI this client was written against.
pub const COMPATIBILITY_DATE: NaiveDate = NaiveDate::from_ymd_opt(2026, 8, 18).expect("a real date");

/// Settings of the ESI client.
#[derive(Debug, Clone)]
pub struct EsiConfig {
    /// Where ESI is: `https://esi.evetech.net`.
    pub base_url: Url,
    /// Sent as `X-Compatibility-Date`.
    pub compatibility_date: NaiveDate,
    /// Who we are; see [`user_agent`].
    pub user_agent: String,
    /// Timeouts and connections.
    pub http: HttpOptions,
    /// Attempts per call, and the waits between them.
    pub backoff: Backoff,
    /// How many calls may be in flight at once. Stays below [`EsiConfig::error_floor`], so that the error limit is
    /// not exceeded even if all of them fail.
    pub max_in_flight: usize,
    /// No call is made while fewer errors than this are left in ESI's window.
    pub error_floor: u32,
    /// How long to leave ESI alone after it said that Tranquility is down.
    pub downtime_pause: Duration,
    /// How many errors a search for bad ids may cost.
    pub bisect: BisectLimits,
}

/// How many errors [`super::Esi::affiliations_bisecting`] may cause.
#[derive(Debug, Clone, Copy)]
pub struct BisectLimits {
    /// Stop when ESI says that fewer errors than this are left.
    pub error_floor: u32,
    /// Stop after this many refused calls, whatever ESI says is left.
    pub max_refusals: u32,
}

impl EsiConfig {
    /// The usual settings for `base_url`.
    #[must_use]
    pub fn new(base_url: Url, user_agent: impl Into<String>) -> Self {
        Self {
            base_url,
            compatibility_date: COMPATIBILITY_DATE,
            user_agent: user_agent.into(),
            http: HttpOptions::default(),
            backoff: Backoff::default(),
            max_in_flight: 8,
            error_floor: 10,
            downtime_pause: Duration::from_secs(30),
            bisect: BisectLimits { error_floor: 30, max_refusals: 45 },
        }
    }
}

/// The `User-Agent` CCP asks for: `Fealty/1.2.3 (ops@example.org; +https://example.org/source)`. Characters that
/// cannot be in a header or the comment are dropped.
#[must_use]
pub fn user_agent(product: &str, version: &str, contact: &str, source: &str) -> String {
    let clean = |text: &str| -> String {
        text.chars().filter(|c| c.is_ascii_graphic() && !matches!(c, '(' | ')' | ';')).collect()
    };
    format!("{}/{} ({}; +{})", clean(product), clean(version), clean(contact), clean(source))
}
