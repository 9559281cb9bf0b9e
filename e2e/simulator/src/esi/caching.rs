//! `ETag`, `Last-Modified` and how long an answer may be cached (ESI docs, caching rules).

use chrono::{DateTime, Duration, Timelike, Utc};
use poem::http::{StatusCode, header};
use sha1::{Digest, Sha1};

use super::routes::{Route, Ttl};
use crate::{
    clock,
    core::Core,
    http::{Call, Reply},
};

/// 200 with the cache headers, or 304 if the caller already has this very answer.
pub(super) fn fresh(core: &Core, call: &Call, route: &Route, body: Vec<u8>) -> Reply {
    let now = clock::now();
    let etag = format!("\"{}\"", hex::encode(&Sha1::digest(&body)[..]));
    let changed = core.world().changed;
    let seconds = core.options.cache_seconds.unwrap_or_else(|| match route.ttl() {
        Ttl::Seconds(seconds) => seconds,
        Ttl::Downtime => until_downtime(now),
    });
    let reply = if unchanged(call, &etag, changed) {
        Reply::empty(StatusCode::NOT_MODIFIED)
    } else {
        Reply { body, ..Reply::json(StatusCode::OK, &()) }
    };
    let reply =
        if matches!(route, Route::Factions) { reply.with(header::CONTENT_LANGUAGE, "en") } else { reply };
    reply
        .with(header::ETAG, etag)
        .with(header::CACHE_CONTROL, format!("public, max-age={seconds}"))
        .with(header::EXPIRES, clock::http_date(now + Duration::seconds(seconds as i64)))
        .with(header::LAST_MODIFIED, clock::http_date(changed))
}

/// `If-None-Match` decides; `If-Modified-Since` only in its absence (RFC 9110, 13.2.2).
fn unchanged(call: &Call, etag: &str, changed: DateTime<Utc>) -> bool {
    match call.header(header::IF_NONE_MATCH) {
        Some(known) => known
            .split(',')
            .map(str::trim)
            .any(|known| known == "*" || known.trim_start_matches("W/") == etag),
        None => {
            let since = call.header(header::IF_MODIFIED_SINCE).and_then(clock::parse_http_date);
            since.is_some_and(|since| changed.timestamp() <= since.timestamp())
        }
    }
}

fn until_downtime(now: DateTime<Utc>) -> u64 {
    const DOWNTIME: u32 = 11 * 3_600;
    const DAY: u32 = 86_400;
    let today = now.num_seconds_from_midnight();
    u64::from((DOWNTIME + DAY - today) % DAY).max(1)
}
