//! `/alliances/..`

use serde_json::json;

use super::{
    Answer, EsiError,
    characters::{optional, time},
    ok,
};
use crate::world::World;

fn unknown() -> EsiError {
    EsiError::not_found("Alliance not found")
}

/// `GET /alliances`
pub(super) fn list(world: &World) -> Answer {
    ok(&world.alliances.keys().collect::<Vec<_>>())
}

/// `GET /alliances/{alliance_id}`
pub(super) fn detail(world: &World, id: i64) -> Answer {
    let alliance = world.alliances.get(&id).ok_or_else(unknown)?;
    let founder = alliance.executor.or_else(|| world.corporations_of(id).first().copied()).unwrap_or(1);
    let creator = world.corporations.get(&founder).map_or(1, |corporation| corporation.ceo);
    let mut body = json!({
        "creator_corporation_id": founder,
        "creator_id": creator,
        "date_founded": time(world.founded(id)),
        "name": alliance.name,
        "ticker": alliance.ticker,
    });
    optional(&mut body, "executor_corporation_id", alliance.executor);
    optional(&mut body, "faction_id", alliance.faction);
    ok(&body)
}

/// `GET /alliances/{alliance_id}/corporations`
pub(super) fn corporations(world: &World, id: i64) -> Answer {
    world.alliances.get(&id).ok_or_else(unknown)?;
    ok(&world.corporations_of(id))
}
