//! `/corporations/..`

use serde_json::{Value, json};

use super::{
    Answer, EsiError,
    auth::forbidden,
    characters::{optional, record_id, time},
    compat, ok,
};
use crate::{
    sso::AccessToken,
    world::{CorporationState, World},
};

fn unknown() -> EsiError {
    EsiError::not_found("Corporation not found")
}

/// `GET /corporations/{corporation_id}`; the answer depends on the compatibility date.
pub(super) fn detail(world: &World, id: i64, date: &str) -> Answer {
    let corporation = world.corporations.get(&id).ok_or_else(unknown)?;
    let tax = (world.derived(id, 11) % 16) as f64;
    let mut body = json!({
        "ceo_id": corporation.ceo,
        "creator_id": corporation.ceo,
        "description": "",
        "home_station_id": 60_003_760,
        "member_count": corporation.members,
        "name": corporation.name,
        "shares": 1_000,
        "ticker": corporation.ticker,
        "war_eligible": !corporation.npc && corporation.alliance.is_some(),
    });
    optional(&mut body, "alliance_id", corporation.alliance);
    if !corporation.npc {
        optional(&mut body, "date_founded", Some(time(world.founded(id))));
        optional(&mut body, "url", Some(""));
    }
    if date < compat::CORPORATION_STATE {
        body["tax_rate"] = json!(tax / 100.0);
        optional(&mut body, "faction_id", corporation.faction);
        return ok(&body);
    }
    body["tax_rates"] = json!({ "isk": tax, "loyalty_point": 0.0 });
    body["state"] = json!(corporation.state);
    body["type"] = json!(if corporation.npc { "npc_owned" } else { "player_owned" });
    body["friendly_fire"] = json!("legal");
    optional(&mut body, "enlisted_faction_id", corporation.faction.filter(|_| !corporation.npc));
    if corporation.npc || corporation.state == CorporationState::Closed {
        // Optional since this date: there is nobody to name.
        remove(&mut body, &["ceo_id", "creator_id"]);
    }
    ok(&body)
}

fn remove(body: &mut Value, names: &[&str]) {
    if let Some(body) = body.as_object_mut() {
        body.retain(|name, _| !names.contains(&name.as_str()));
    }
}

/// `GET /corporations/{corporation_id}/alliancehistory`, newest first.
pub(super) fn history(world: &World, id: i64) -> Answer {
    let corporation = world.corporations.get(&id).ok_or_else(unknown)?;
    let moves = world.corporation_moves.get(&id).map_or(&[][..], Vec::as_slice);
    let first = moves.first().map_or(corporation.alliance, |first| first.from);
    let start = (!corporation.npc).then(|| (first, world.founded(id)));
    let all = start.into_iter().chain(moves.iter().map(|entry| (entry.to, entry.at)));
    let entry = |(index, (to, at)): (usize, (Option<i64>, _))| {
        let mut entry = json!({ "record_id": record_id(world, id, index), "start_date": time(at) });
        optional(&mut entry, "alliance_id", to);
        entry
    };
    let mut entries: Vec<Value> = all.enumerate().map(entry).collect();
    entries.reverse();
    ok(&entries)
}

/// `GET /corporations/{corporation_id}/members`, for members only.
pub(super) fn members(world: &World, id: i64, token: Option<&AccessToken>) -> Answer {
    world.corporations.get(&id).ok_or_else(unknown)?;
    let character = token.and_then(|token| world.characters.get(&token.character));
    if character.is_some_and(|character| character.corporation == id) {
        ok(&world.members(id))
    } else {
        Err(forbidden("Character is not in the corporation"))
    }
}

/// `GET /corporations/npccorps`
pub(super) fn npc(world: &World) -> Answer {
    let npc = world.corporations.iter().filter(|(_, corporation)| corporation.npc);
    ok(&npc.map(|(id, _)| *id).collect::<Vec<_>>())
}
