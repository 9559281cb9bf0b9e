//! `/characters/..`

use chrono::{DateTime, Duration, SecondsFormat, Utc};
use serde::Serialize;
use serde_json::{Value, json};

use super::{Answer, EsiError, auth::forbidden, body, compat, ok};
use crate::{
    clock, demo,
    http::Call,
    sso::AccessToken,
    world::{Biomass, World},
};

/// A time as ESI writes it.
pub(super) fn time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

#[derive(Serialize)]
struct Affiliation {
    #[serde(skip_serializing_if = "Option::is_none")]
    alliance_id: Option<i64>,
    character_id: i64,
    corporation_id: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    faction_id: Option<i64>,
}

/// `POST /characters/affiliation`: one id that is not a character fails the whole call.
pub(super) fn affiliation(world: &World, call: &Call) -> Answer {
    let ids = body::ids(call, 1_000)?;
    let mut found = Vec::with_capacity(ids.len());
    for id in ids {
        let character =
            world.characters.get(&id).ok_or_else(|| EsiError::bad_request("Invalid character ID!"))?;
        if character.biomassed == Biomass::Gone {
            return Err(deleted());
        }
        found.push(Affiliation {
            alliance_id: world.alliance_of(character),
            character_id: id,
            corporation_id: character.corporation,
            faction_id: world.faction_of(character),
        });
    }
    ok(&found)
}

fn deleted() -> EsiError {
    EsiError::not_found("Character has been deleted!")
}

/// 404 for characters that never existed and for those that no longer do.
fn exists(world: &World, id: i64) -> Result<(), EsiError> {
    match world.characters.get(&id).map(|character| character.biomassed) {
        None => Err(EsiError::not_found("Character not found")),
        Some(Biomass::Gone) => Err(deleted()),
        Some(Biomass::No | Biomass::Doomheim) => Ok(()),
    }
}

/// `GET /characters/{character_id}`
pub(super) fn detail(world: &World, id: i64, date: &str) -> Answer {
    exists(world, id)?;
    let info = world.character_info(id).ok_or_else(|| EsiError::not_found("Character not found"))?;
    let (race, bloodline) = RACES[(world.derived(id, 4) % RACES.len() as u64) as usize];
    let mut body = json!({
        "birthday": time(info.birthday),
        "bloodline_id": bloodline,
        "corporation_id": info.corporation_id,
        "description": "",
        "gender": if world.derived(id, 5).is_multiple_of(2) { "female" } else { "male" },
        "name": info.name,
        "race_id": race,
        "security_status": info.security_status,
    });
    optional(&mut body, "alliance_id", info.alliance_id);
    optional(&mut body, "faction_id", info.faction_id);
    let is_ceo =
        world.corporations.get(&info.corporation_id).is_some_and(|corporation| corporation.ceo == id);
    let title = is_ceo.then_some("Founder");
    if date >= compat::CORPORATION_TITLE {
        optional(&mut body, "corporation_title", title);
        body["achievement_score"] = json!(world.derived(id, 6) % 5_000);
    } else {
        optional(&mut body, "title", title);
    }
    ok(&body)
}

/// Race and one of its bloodlines.
const RACES: [(i64, i64); 8] = [(1, 1), (1, 2), (2, 3), (2, 4), (4, 5), (4, 6), (8, 7), (8, 8)];

/// Sets a member only if there is a value: ESI leaves out what it does not know.
pub(super) fn optional(body: &mut Value, name: &str, value: Option<impl Serialize>) {
    if let Some(value) = value {
        body[name] = json!(value);
    }
}

/// `GET /characters/{character_id}/corporationhistory`, newest first.
pub(super) fn history(world: &World, id: i64) -> Answer {
    exists(world, id)?;
    let moves = world.character_moves.get(&id).map_or(&[][..], Vec::as_slice);
    let first = match moves.first().and_then(|first| first.from) {
        Some(from) => from,
        None => world.characters.get(&id).map_or(demo::DOOMHEIM, |character| character.corporation),
    };
    let start = [(Some(first), world.birthday(id))];
    let all = start.into_iter().chain(moves.iter().map(|entry| (entry.to, entry.at)));
    let mut entries: Vec<Value> = all
        .enumerate()
        .filter_map(|(index, (to, at))| {
            let record = record_id(world, id, index);
            Some(json!({ "corporation_id": to?, "record_id": record, "start_date": time(at) }))
        })
        .collect();
    entries.reverse();
    ok(&entries)
}

/// A record id that grows along one history.
pub(super) fn record_id(world: &World, id: i64, index: usize) -> u64 {
    30_000_000 + world.derived(id, 7) % 30_000_000 + index as u64
}

/// `GET /characters/{character_id}/online`
pub(super) fn online(world: &World, id: i64, token: Option<&AccessToken>) -> Answer {
    own(world, id, token)?;
    let login = clock::now() - Duration::minutes((world.derived(id, 8) % 600) as i64);
    ok(&json!({
        "online": world.derived(id, 9).is_multiple_of(3),
        "last_login": time(login),
        "last_logout": time(login - Duration::hours(30)),
        "logins": world.derived(id, 10) % 3_000,
    }))
}

/// `GET /characters/{character_id}/roles`
pub(super) fn roles(world: &World, id: i64, token: Option<&AccessToken>) -> Answer {
    own(world, id, token)?;
    let corporation =
        world.characters.get(&id).and_then(|character| world.corporations.get(&character.corporation));
    let director = corporation.is_some_and(|corporation| corporation.ceo == id);
    let roles: &[&str] = if director { &["Director"] } else { &[] };
    ok(&json!({ "roles": roles, "roles_at_base": [], "roles_at_hq": [], "roles_at_other": [] }))
}

/// A token only speaks for its own character.
fn own(world: &World, id: i64, token: Option<&AccessToken>) -> Result<(), EsiError> {
    exists(world, id)?;
    if token.is_some_and(|token| token.character == id) {
        Ok(())
    } else {
        Err(forbidden("Character ID does not match the token"))
    }
}
