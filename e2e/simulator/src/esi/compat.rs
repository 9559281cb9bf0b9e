//! `X-Compatibility-Date` (ESI docs, versioning).

use chrono::{Duration, NaiveDate};

use crate::{clock, http::Call};

/// The published dates, newest first, as `/meta/compatibility-dates` answered on 2026-09-30.
pub(super) const DATES: [&str; 14] = [
    "2026-08-18",
    "2026-08-04",
    "2026-07-21",
    "2026-07-17",
    "2026-06-09",
    "2026-05-19",
    "2025-12-16",
    "2025-11-06",
    "2025-09-30",
    "2025-09-26",
    "2025-08-26",
    "2025-04-02",
    "2025-04-01",
    "2020-01-01",
];

/// From here on a character's `title` is `corporation_title`, and there is an achievement score.
pub(super) const CORPORATION_TITLE: &str = "2026-06-09";
/// From here on a corporation has `tax_rates`, `enlisted_faction_id`, `state`, `type` and more.
pub(super) const CORPORATION_STATE: &str = "2026-07-21";

/// An accepted date.
pub(super) struct Date {
    /// The newest published date that is not after the requested one. ISO dates compare as text.
    pub(super) newest: &'static str,
}

/// Header, or else query, or else the oldest date. ESI's day begins at 11:00 UTC.
pub(super) fn negotiate(call: &Call) -> Result<Date, String> {
    let oldest = DATES[DATES.len() - 1];
    let asked = call.header("X-Compatibility-Date").or(call.query("compatibility_date")).unwrap_or(oldest);
    let date = NaiveDate::parse_from_str(asked, "%Y-%m-%d").ok().filter(|date| date.to_string() == asked);
    let date =
        date.ok_or_else(|| format!("X-Compatibility-Date {asked:?} is not a date of the form YYYY-MM-DD"))?;
    if date > (clock::now() - Duration::hours(11)).date_naive() {
        return Err(format!("X-Compatibility-Date {asked} is in the future"));
    }
    let newest = DATES.into_iter().find(|published| *published <= asked);
    newest
        .map(|newest| Date { newest })
        .ok_or_else(|| format!("X-Compatibility-Date {asked} is before {oldest}"))
}
