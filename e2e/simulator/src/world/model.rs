//! The facts of the world that can change.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{data::Faction, names::Names};

/// A pilot. Name, birthday, security status and so on follow from the id unless they are set here.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Character {
    /// Current corporation.
    pub(crate) corporation: i64,
    /// Name, if it is not the generated one.
    pub(crate) name: Option<Box<str>>,
    /// Faction the pilot enlisted with directly.
    pub(crate) faction: Option<i64>,
    /// How often the character changed hands; part of the owner hash.
    pub(crate) sales: u32,
    /// Deleted by its owner.
    pub(crate) biomassed: Biomass,
}

/// Whether and how a character is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Biomass {
    /// Alive.
    No,
    /// Gone: 404 "Character has been deleted!" (ESI docs, errors: today's usual answer).
    Gone,
    /// Gone, but still shown as a member of Doomheim (ESI docs: what some deleted characters look like).
    Doomheim,
}

/// Whether a corporation still exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum CorporationState {
    /// Running.
    Active,
    /// Closed by its CEO.
    Closed,
}

/// A corporation, of players or of NPCs.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Corporation {
    pub(crate) name: String,
    pub(crate) ticker: String,
    pub(crate) alliance: Option<i64>,
    /// Faction the corporation enlisted with, or the faction an NPC corporation belongs to.
    pub(crate) faction: Option<i64>,
    pub(crate) ceo: i64,
    pub(crate) state: CorporationState,
    pub(crate) npc: bool,
    /// Number of members; stored because counting 300,000 pilots for each answer would be slow.
    pub(crate) members: u32,
}

/// An alliance.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Alliance {
    pub(crate) name: String,
    pub(crate) ticker: String,
    pub(crate) executor: Option<i64>,
    pub(crate) faction: Option<i64>,
}

/// One entry of a corporation or alliance history made during this run.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Move {
    /// Where to; `None` for "left the alliance".
    pub(crate) to: Option<i64>,
    pub(crate) at: DateTime<Utc>,
    /// Where from; needed once, to write the entry before the first change.
    pub(crate) from: Option<i64>,
}

/// The whole world.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) seed: u64,
    pub(crate) names: Names,
    pub(crate) factions: Vec<Faction>,
    pub(crate) characters: BTreeMap<i64, Character>,
    /// Characters without their generated name: few, and so quick to search.
    pub(crate) named: BTreeSet<i64>,
    pub(crate) corporations: BTreeMap<i64, Corporation>,
    pub(crate) alliances: BTreeMap<i64, Alliance>,
    pub(crate) character_moves: BTreeMap<i64, Vec<Move>>,
    pub(crate) corporation_moves: BTreeMap<i64, Vec<Move>>,
    /// When anything last changed: the `Last-Modified` of everything.
    pub(crate) changed: DateTime<Utc>,
}

/// The part of a world that is written to a state file.
#[derive(Serialize, Deserialize)]
pub(crate) struct Saved {
    seed: u64,
    characters: BTreeMap<i64, Character>,
    corporations: BTreeMap<i64, Corporation>,
    alliances: BTreeMap<i64, Alliance>,
    character_moves: BTreeMap<i64, Vec<Move>>,
    corporation_moves: BTreeMap<i64, Vec<Move>>,
    changed: DateTime<Utc>,
}

impl World {
    /// What a state file needs.
    pub(crate) fn save(&self) -> Saved {
        Saved {
            seed: self.seed,
            characters: self.characters.clone(),
            corporations: self.corporations.clone(),
            alliances: self.alliances.clone(),
            character_moves: self.character_moves.clone(),
            corporation_moves: self.corporation_moves.clone(),
            changed: self.changed,
        }
    }

    /// Restores the state, unless it belongs to a world with another seed.
    pub(crate) fn restore(&mut self, saved: Saved) -> bool {
        if saved.seed != self.seed {
            return false;
        }
        self.characters = saved.characters;
        let named = self.characters.iter().filter(|(_, character)| character.name.is_some());
        self.named = named.map(|(id, _)| *id).collect();
        self.corporations = saved.corporations;
        self.alliances = saved.alliances;
        self.character_moves = saved.character_moves;
        self.corporation_moves = saved.corporation_moves;
        self.changed = saved.changed;
        true
    }
}
