//! `/status` and `/meta/..`

use chrono::{Duration, DurationRound};
use serde_json::json;

use super::{Answer, characters::time, compat, ok};
use crate::{clock, world::World};

/// `GET /status`: the cluster came up after the last downtime.
pub(super) fn status(world: &World) -> Answer {
    let now = clock::now();
    let day = (now - Duration::hours(11)).duration_trunc(Duration::days(1)).unwrap_or(now);
    ok(&json!({
        "players": 18_000 + world.derived(0, 13) % 9_000,
        "server_version": "3650286",
        "start_time": time(day + Duration::minutes(11 * 60 + 4)),
        "vip": false,
    }))
}

/// `GET /meta/compatibility-dates`, newest first.
pub(super) fn compatibility_dates() -> Answer {
    ok(&json!({ "compatibility_dates": compat::DATES }))
}
