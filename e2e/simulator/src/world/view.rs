//! Looking things up.

use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, Duration, TimeZone, Utc};
use serde::Serialize;
use sha1::{Digest, Sha1};

use super::{
    generate::generated_index,
    model::{Biomass, Character, CorporationState, World},
    names::mix,
};
use crate::demo;

/// A character with everything derived filled in.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CharacterInfo {
    /// Character id.
    pub id: i64,
    /// Name.
    pub name: String,
    /// Corporation.
    pub corporation_id: i64,
    /// Name of the corporation.
    pub corporation_name: String,
    /// Ticker of the corporation.
    pub corporation_ticker: String,
    /// Alliance of the corporation.
    pub alliance_id: Option<i64>,
    /// Name of the alliance.
    pub alliance_name: Option<String>,
    /// Faction the pilot, or the corporation or alliance, enlisted with.
    pub faction_id: Option<i64>,
    /// Owner hash, as in the SSO's tokens.
    pub owner_hash: String,
    /// Creation date.
    pub birthday: DateTime<Utc>,
    /// Security status, -10 to 10.
    pub security_status: f64,
    /// Deleted by its owner.
    pub biomassed: bool,
}

/// A corporation.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CorporationInfo {
    /// Corporation id.
    pub id: i64,
    /// Name.
    pub name: String,
    /// Ticker.
    pub ticker: String,
    /// Alliance.
    pub alliance_id: Option<i64>,
    /// Enlisted (player corporations) or own (NPC corporations) faction.
    pub faction_id: Option<i64>,
    /// CEO.
    pub ceo_id: i64,
    /// Number of members.
    pub member_count: u32,
    /// Closed by its CEO.
    pub closed: bool,
    /// Owned by NPCs.
    pub npc: bool,
}

/// An alliance.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AllianceInfo {
    /// Alliance id.
    pub id: i64,
    /// Name.
    pub name: String,
    /// Ticker.
    pub ticker: String,
    /// Executor corporation.
    pub executor_corporation_id: Option<i64>,
    /// Number of member corporations.
    pub corporation_count: usize,
}

impl World {
    /// A number that only depends on the object, the question and the world.
    pub(crate) fn derived(&self, id: i64, question: u64) -> u64 {
        mix(mix(self.seed ^ id as u64) ^ question)
    }

    pub(crate) fn character_name(&self, id: i64) -> Option<String> {
        let character = self.characters.get(&id)?;
        match &character.name {
            Some(name) => Some(name.to_string()),
            None => Some(self.names.name(generated_index(id)?)),
        }
    }

    /// Exact but case-insensitive, as `POST /universe/ids` resolves names.
    pub(crate) fn character_by_name(&self, name: &str) -> Option<i64> {
        let generated = self.names.index(name).map(|index| super::generated_character_id(index as usize));
        if let Some(id) =
            generated.filter(|id| self.characters.get(id).is_some_and(|found| found.name.is_none()))
        {
            return Some(id);
        }
        let name = name.to_lowercase();
        self.named
            .iter()
            .copied()
            .find(|id| self.character_name(*id).is_some_and(|known| known.to_lowercase() == name))
    }

    /// Whether the character can log in and be looked up.
    pub(crate) fn is_alive(&self, id: i64) -> bool {
        self.characters.get(&id).is_some_and(|character| character.biomassed == Biomass::No)
    }

    pub(crate) fn alliance_of(&self, character: &Character) -> Option<i64> {
        self.corporations.get(&character.corporation)?.alliance
    }

    /// Their own enlistment, or else that of the corporation or its alliance. NPC corporations enlist nobody.
    pub(crate) fn faction_of(&self, character: &Character) -> Option<i64> {
        let corporation =
            self.corporations.get(&character.corporation).filter(|corporation| !corporation.npc);
        let alliance = corporation.and_then(|corporation| self.alliances.get(&corporation.alliance?));
        character.faction.or(corporation.and_then(|it| it.faction)).or(alliance.and_then(|it| it.faction))
    }

    /// 28 characters of base64: SHA-1 over the character and its current account (SSO guide, access token).
    pub(crate) fn owner_hash(&self, id: i64) -> String {
        let sales = self.characters.get(&id).map_or(0, |character| character.sales);
        STANDARD.encode(Sha1::digest(format!("{}:{id}:{sales}", self.seed)))
    }

    /// Ids grow with time; both ranges run from one known date to another (ESI docs, ids).
    pub(crate) fn birthday(&self, id: i64) -> DateTime<Utc> {
        let old = (90_000_000, 98_000_000, (2010, 11, 2), 2_035);
        let new = (2_112_000_000, 2_130_000_000, (2016, 5, 30), 3_700);
        let (from, to, (year, month, day), days) = if id < 100_000_000 { old } else { new };
        let start = Utc.with_ymd_and_hms(year, month, day, 11, 15, 0).single().unwrap_or_default();
        let share = (id.clamp(from, to) - from) * days * 86_400 / (to - from);
        start + Duration::seconds(share + (self.derived(id, 1) % 3_600) as i64)
    }

    pub(crate) fn security_status(&self, id: i64) -> f64 {
        (self.derived(id, 2) % 1_500) as f64 / 100.0 - 9.99
    }

    /// The day an organisation was founded.
    pub(crate) fn founded(&self, id: i64) -> DateTime<Utc> {
        let start = Utc.with_ymd_and_hms(2011, 3, 1, 19, 0, 0).single().unwrap_or_default();
        start + Duration::minutes((self.derived(id, 3) % (12 * 365 * 1_440)) as i64)
    }

    /// Members, in ascending order.
    pub(crate) fn members(&self, corporation: i64) -> Vec<i64> {
        let members = self.characters.iter().filter(|(_, character)| character.corporation == corporation);
        members.map(|(id, _)| *id).collect()
    }

    /// Corporations of an alliance, in ascending order.
    pub(crate) fn corporations_of(&self, alliance: i64) -> Vec<i64> {
        let members =
            self.corporations.iter().filter(|(_, corporation)| corporation.alliance == Some(alliance));
        members.map(|(id, _)| *id).collect()
    }

    pub(crate) fn character_info(&self, id: i64) -> Option<CharacterInfo> {
        let character = self.characters.get(&id)?;
        let corporation = self.corporations.get(&character.corporation)?;
        let alliance = corporation.alliance.and_then(|id| self.alliances.get(&id));
        Some(CharacterInfo {
            id,
            name: self.character_name(id)?,
            corporation_id: character.corporation,
            corporation_name: corporation.name.clone(),
            corporation_ticker: corporation.ticker.clone(),
            alliance_id: corporation.alliance,
            alliance_name: alliance.map(|alliance| alliance.name.clone()),
            faction_id: self.faction_of(character),
            owner_hash: self.owner_hash(id),
            birthday: self.birthday(id),
            security_status: self.security_status(id),
            biomassed: character.biomassed != Biomass::No,
        })
    }

    pub(crate) fn corporation_info(&self, id: i64) -> Option<CorporationInfo> {
        let corporation = self.corporations.get(&id)?;
        Some(CorporationInfo {
            id,
            name: corporation.name.clone(),
            ticker: corporation.ticker.clone(),
            alliance_id: corporation.alliance,
            faction_id: corporation.faction,
            ceo_id: corporation.ceo,
            member_count: corporation.members,
            closed: corporation.state == CorporationState::Closed,
            npc: corporation.npc,
        })
    }

    pub(crate) fn alliance_info(&self, id: i64) -> Option<AllianceInfo> {
        let alliance = self.alliances.get(&id)?;
        Some(AllianceInfo {
            id,
            name: alliance.name.clone(),
            ticker: alliance.ticker.clone(),
            executor_corporation_id: alliance.executor,
            corporation_count: self.corporations_of(id).len(),
        })
    }

    /// Characters whose name, id, corporation or alliance contains the text; the demo cast first.
    pub(crate) fn search_characters(&self, text: &str, limit: usize) -> Vec<CharacterInfo> {
        let text = text.trim().to_lowercase();
        let demo = demo::PILOTS.iter().map(|pilot| pilot.id);
        let others =
            self.characters.keys().copied().filter(|id| !demo::PILOTS.iter().any(|pilot| pilot.id == *id));
        let found = demo.chain(others).filter_map(|id| self.matching(id, &text));
        found.take(limit).collect()
    }

    fn matching(&self, id: i64, text: &str) -> Option<CharacterInfo> {
        if text.is_empty() || self.character_name(id)?.to_lowercase().contains(text) || id.to_string() == text
        {
            return self.character_info(id);
        }
        let corporation = self.corporations.get(&self.characters.get(&id)?.corporation)?;
        let alliance = corporation.alliance.and_then(|id| self.alliances.get(&id));
        let names =
            [Some(&corporation.name), Some(&corporation.ticker), alliance.map(|alliance| &alliance.name)];
        let hit = names.into_iter().flatten().any(|name| name.to_lowercase().contains(text));
        if hit { self.character_info(id) } else { None }
    }
}
