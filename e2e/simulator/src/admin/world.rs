//! New Eden.

use serde::Deserialize;
use serde_json::json;

use super::{AdminError, Outcome, Question, done};
use crate::{demo, handle::Handle};

/// How many characters are listed unless `limit` asks for more.
const LISTED: usize = 50;

/// `GET /_sim/state?search=&limit=`
pub(super) fn state(handle: &Handle, question: &Question) -> Outcome {
    let limit = question.parse("limit")?.unwrap_or(LISTED);
    Ok(json!({
        "characters": handle.characters(question.get("search").unwrap_or_default(), limit),
        "corporations": handle.corporations(false),
        "alliances": handle.alliances(),
        "demo": {
            "homeAlliance": demo::HOME_ALLIANCE,
            "blueAlliance": demo::BLUE_ALLIANCE,
            "npcCorporation": demo::NPC_CORPORATION,
            "corporations": demo::CORPORATIONS.map(|(id, ..)| id),
            "pilots": demo::PILOTS.map(|pilot| pilot.id),
        },
    }))
}

/// `GET /_sim/characters/{id}`: the character and its grants.
pub(super) fn character(handle: &Handle, question: &Question) -> Outcome {
    let id = question.last.parse().map_err(AdminError::bad)?;
    let character = handle.character(id).ok_or_else(|| AdminError::missing(format!("no character {id}")))?;
    Ok(json!({ "character": character, "grants": handle.grants(id) }))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct MoveCharacter {
    character_id: i64,
    corporation_id: i64,
}

pub(super) fn move_character(handle: &Handle, body: &MoveCharacter) -> Outcome {
    handle.move_character(body.character_id, body.corporation_id).map_err(AdminError::missing)?;
    done()
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct OneCharacter {
    pub(super) character_id: i64,
}

pub(super) fn sell_character(handle: &Handle, body: &OneCharacter) -> Outcome {
    handle.sell_character(body.character_id).map_err(AdminError::missing)?;
    done()
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Biomass {
    character_id: i64,
    #[serde(default)]
    doomheim: bool,
}

pub(super) fn biomass(handle: &Handle, body: &Biomass) -> Outcome {
    handle.biomass(body.character_id, body.doomheim).map_err(AdminError::missing)?;
    done()
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct RenameCharacter {
    character_id: i64,
    name: String,
}

pub(super) fn rename_character(handle: &Handle, body: &RenameCharacter) -> Outcome {
    handle.rename_character(body.character_id, &body.name).map_err(AdminError::missing)?;
    done()
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Enlist {
    character_id: Option<i64>,
    corporation_id: Option<i64>,
    faction_id: Option<i64>,
}

/// A character or a corporation; without a faction it leaves the one it serves.
pub(super) fn enlist(handle: &Handle, body: &Enlist) -> Outcome {
    let enlisted = match (body.character_id, body.corporation_id) {
        (Some(id), None) => handle.enlist_character(id, body.faction_id),
        (None, Some(id)) => handle.enlist_corporation(id, body.faction_id),
        _ => return Err(AdminError::bad("either characterId or corporationId is needed")),
    };
    enlisted.map_err(AdminError::missing)?;
    done()
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct MoveCorporation {
    corporation_id: i64,
    alliance_id: Option<i64>,
}

pub(super) fn move_corporation(handle: &Handle, body: &MoveCorporation) -> Outcome {
    handle.move_corporation(body.corporation_id, body.alliance_id).map_err(AdminError::missing)?;
    done()
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct OneCorporation {
    corporation_id: i64,
}

pub(super) fn close_corporation(handle: &Handle, body: &OneCorporation) -> Outcome {
    handle.close_corporation(body.corporation_id).map_err(AdminError::missing)?;
    done()
}
