//! `/universe/..`

use std::collections::{BTreeMap, HashMap};

use serde_json::{Value, json};

use super::{Answer, EsiError, body, characters::optional, ok};
use crate::{http::Call, world::World};

/// `GET /universe/factions`
pub(super) fn factions(world: &World) -> Answer {
    let factions = world.factions.iter().map(|faction| {
        let stations = world.derived(faction.faction_id, 12) % 800;
        let mut body = json!({
            "description": faction.description,
            "faction_id": faction.faction_id,
            "is_unique": faction.is_unique,
            "name": faction.name,
            "size_factor": faction.size_factor,
            "station_count": stations,
            "station_system_count": stations / 2,
        });
        optional(&mut body, "corporation_id", faction.corporation_id);
        optional(&mut body, "militia_corporation_id", faction.militia_corporation_id);
        optional(&mut body, "solar_system_id", faction.solar_system_id);
        body
    });
    ok(&factions.collect::<Vec<_>>())
}

/// `POST /universe/names`: one id that resolves to nothing fails the whole call.
pub(super) fn names(world: &World, call: &Call) -> Answer {
    let ids = body::ids(call, 1_000)?;
    let resolved = ids.into_iter().map(|id| {
        let (category, name) = name(world, id)?;
        Some(json!({ "category": category, "id": id, "name": name }))
    });
    match resolved.collect::<Option<Vec<Value>>>() {
        Some(resolved) => ok(&resolved),
        None => Err(EsiError::not_found("Ensure all IDs are valid before resolving.")),
    }
}

fn name(world: &World, id: i64) -> Option<(&'static str, String)> {
    if let Some(name) = world.character_name(id) {
        return Some(("character", name));
    }
    if let Some(corporation) = world.corporations.get(&id) {
        return Some(("corporation", corporation.name.clone()));
    }
    if let Some(alliance) = world.alliances.get(&id) {
        return Some(("alliance", alliance.name.clone()));
    }
    let faction = world.factions.iter().find(|faction| faction.faction_id == id)?;
    Some(("faction", faction.name.clone()))
}

/// `POST /universe/ids`: names that nobody has are left out, and so are empty categories.
pub(super) fn ids(world: &World, call: &Call) -> Answer {
    let asked = body::names(call, 500)?;
    let corporations = world.corporations.iter().map(|(id, it)| ("corporations", *id, &it.name));
    let alliances = world.alliances.iter().map(|(id, it)| ("alliances", *id, &it.name));
    let factions = world.factions.iter().map(|it| ("factions", it.faction_id, &it.name));
    let mut organisations: HashMap<String, Vec<(&str, i64, &String)>> = HashMap::new();
    for entry in corporations.chain(alliances).chain(factions) {
        organisations.entry(entry.2.to_lowercase()).or_default().push(entry);
    }
    let mut found: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    for name in asked {
        if let Some(id) = world.character_by_name(&name) {
            found
                .entry("characters")
                .or_default()
                .push(json!({ "id": id, "name": world.character_name(id) }));
        }
        for (category, id, name) in organisations.get(&name.to_lowercase()).into_iter().flatten() {
            found.entry(category).or_default().push(json!({ "id": id, "name": name }));
        }
    }
    ok(&found)
}
