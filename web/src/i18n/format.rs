//! Numbers and times as people read them.

use chrono::{Datelike, Timelike};

use super::texts::time as text;
use crate::api::DateTime;

/// A whole number with its thousands apart: `12 345` (with a narrow space that does not break).
pub fn number(value: i64) -> String {
    let digits = value.unsigned_abs().to_string();
    let mut out = String::with_capacity(digits.len() + 4);
    if value < 0 {
        out.push('−');
    }
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push('\u{202f}');
        }
        out.push(digit);
    }
    out
}

/// How long ago something was (or how far ahead it is), as one would say it.
pub fn ago(at: DateTime, now_ms: i64) -> String {
    let seconds = (now_ms - at.timestamp_millis()).div_euclid(1000);
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    match seconds {
        ..-59 => text::ahead(&date(at)),
        -59..45 => text::just_now().to_owned(),
        45..3_570 => text::minutes_ago(minutes.max(1)),
        3_570..84_600 => text::hours_ago(hours.max(1)),
        84_600..2_592_000 => text::days_ago(days.max(1)),
        _ => date(at),
    }
}

/// How far ahead something is: what is due within two months in words, the rest as a day.
pub fn until(at: DateTime, now_ms: i64) -> String {
    let seconds = (at.timestamp_millis() - now_ms).div_euclid(1000);
    match seconds {
        ..60 => text::in_moments().to_owned(),
        60..3_600 => text::in_minutes(seconds / 60),
        3_600..172_800 => text::in_hours(seconds / 3600),
        172_800..5_184_000 => text::in_days(seconds / 86_400),
        _ => text::ahead(&date(at)),
    }
}

/// A day: `21 Nov 2026`.
pub fn date(at: DateTime) -> String {
    format!("{} {} {}", at.day(), month(at.month()), at.year())
}

/// A moment in EVE's time, which is UTC: `2026-11-21 07:24 EVE`.
pub fn eve_time(at: DateTime) -> String {
    format!("{:04}-{:02}-{:02} {:02}:{:02} EVE", at.year(), at.month(), at.day(), at.hour(), at.minute())
}

/// The time of day in EVE, for a clock.
pub fn eve_clock(now_ms: i64) -> (i64, i64, i64) {
    let seconds = now_ms.div_euclid(1000).rem_euclid(86_400);
    (seconds / 3600, seconds / 60 % 60, seconds % 60)
}

fn month(number: u32) -> &'static str {
    match number {
        1 => text::jan(),
        2 => text::feb(),
        3 => text::mar(),
        4 => text::apr(),
        5 => text::may(),
        6 => text::jun(),
        7 => text::jul(),
        8 => text::aug(),
        9 => text::sep(),
        10 => text::oct(),
        11 => text::nov(),
        _ => text::dec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime {
        text.parse().unwrap_or_default()
    }

    #[test]
    fn thousands_stand_apart() {
        assert_eq!(number(7), "7");
        assert_eq!(number(1_234_567), "1\u{202f}234\u{202f}567");
        assert_eq!(number(-1000), "−1\u{202f}000");
    }

    #[test]
    fn the_past_is_told_in_the_unit_that_fits() {
        let then = at("2026-11-21T07:00:00Z");
        let after = |seconds: i64| ago(then, then.timestamp_millis() + seconds * 1000);
        assert_eq!(after(0), "just now");
        assert_eq!(after(60), "1 minute ago");
        assert_eq!(after(3599), "1 hour ago");
        assert_eq!(after(7200), "2 hours ago");
        assert_eq!(after(86_400 * 3), "3 days ago");
        assert_eq!(after(86_400 * 40), "21 Nov 2026");
        assert_eq!(after(-600), "on 21 Nov 2026");
    }

    #[test]
    fn the_future_is_told_in_the_unit_that_fits() {
        let then = at("2026-11-21T07:00:00Z");
        let before = |seconds: i64| until(then, then.timestamp_millis() - seconds * 1000);
        assert_eq!(before(-5), "in a moment");
        assert_eq!(before(60), "in 1 minute");
        assert_eq!(before(7200), "in 2 hours");
        assert_eq!(before(86_400 * 3), "in 3 days");
        assert_eq!(before(86_400 * 90), "on 21 Nov 2026");
    }

    #[test]
    fn eve_time_is_utc() {
        assert_eq!(eve_time(at("2026-01-02T03:04:05+02:00")), "2026-01-02 01:04 EVE");
        assert_eq!(eve_clock(86_399_000), (23, 59, 59));
    }
}
