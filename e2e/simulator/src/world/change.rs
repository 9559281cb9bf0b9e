//! What can happen to characters, corporations and alliances.

use std::fmt;

use super::model::{Biomass, Character, Corporation, CorporationState, Move, World};
use crate::{clock, demo};

/// A change named something that does not exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unknown {
    /// No such character.
    Character(i64),
    /// No such corporation.
    Corporation(i64),
    /// No such alliance.
    Alliance(i64),
    /// No such faction.
    Faction(i64),
}

impl fmt::Display for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Character(id) => write!(f, "no character {id}"),
            Self::Corporation(id) => write!(f, "no corporation {id}"),
            Self::Alliance(id) => write!(f, "no alliance {id}"),
            Self::Faction(id) => write!(f, "no faction {id}"),
        }
    }
}

impl std::error::Error for Unknown {}

impl World {
    /// The pilot joins another corporation.
    pub(crate) fn move_character(&mut self, id: i64, corporation: i64) -> Result<(), Unknown> {
        if !self.corporations.contains_key(&corporation) {
            return Err(Unknown::Corporation(corporation));
        }
        let at = clock::now();
        let character = self.characters.get_mut(&id).ok_or(Unknown::Character(id))?;
        let from = std::mem::replace(&mut character.corporation, corporation);
        if from != corporation {
            self.count(from, -1);
            self.count(corporation, 1);
            let entry = Move { to: Some(corporation), from: Some(from), at };
            self.character_moves.entry(id).or_default().push(entry);
        }
        self.changed = at;
        Ok(())
    }

    /// The character moves to another account: its owner hash changes (SSO guide, transferred characters).
    pub(crate) fn sell_character(&mut self, id: i64) -> Result<(), Unknown> {
        self.character_mut(id)?.sales += 1;
        Ok(())
    }

    /// The character is deleted; `doomheim` keeps it visible as a member of Doomheim.
    pub(crate) fn biomass(&mut self, id: i64, doomheim: bool) -> Result<(), Unknown> {
        self.character_mut(id)?.biomassed = if doomheim { Biomass::Doomheim } else { Biomass::Gone };
        self.move_character(id, demo::DOOMHEIM)
    }

    /// The pilot is renamed; id and owner stay (SSO guide).
    pub(crate) fn rename_character(&mut self, id: i64, name: &str) -> Result<(), Unknown> {
        self.character_mut(id)?.name = Some(name.into());
        self.named.insert(id);
        Ok(())
    }

    /// The pilot enlists with a faction, or leaves it.
    pub(crate) fn enlist_character(&mut self, id: i64, faction: Option<i64>) -> Result<(), Unknown> {
        self.known_faction(faction)?;
        self.character_mut(id)?.faction = faction;
        Ok(())
    }

    /// The corporation, and with it every member, enlists with a faction or leaves it.
    pub(crate) fn enlist_corporation(&mut self, id: i64, faction: Option<i64>) -> Result<(), Unknown> {
        self.known_faction(faction)?;
        self.corporation_mut(id)?.faction = faction;
        Ok(())
    }

    /// The corporation joins another alliance, or none.
    pub(crate) fn move_corporation(&mut self, id: i64, alliance: Option<i64>) -> Result<(), Unknown> {
        if let Some(alliance) = alliance
            && !self.alliances.contains_key(&alliance)
        {
            return Err(Unknown::Alliance(alliance));
        }
        let at = clock::now();
        let from = std::mem::replace(&mut self.corporation_mut(id)?.alliance, alliance);
        if from == alliance {
            return Ok(());
        }
        self.corporation_moves.entry(id).or_default().push(Move { to: alliance, from, at });
        for (alliance_id, left) in self.alliances.iter_mut().filter(|(_, left)| left.executor == Some(id)) {
            if Some(*alliance_id) != alliance {
                left.executor = None;
            }
        }
        Ok(())
    }

    /// The corporation closes: it leaves its alliance, and its members end up in an NPC corporation.
    pub(crate) fn close_corporation(&mut self, id: i64) -> Result<(), Unknown> {
        self.move_corporation(id, None)?;
        let corporation = self.corporation_mut(id)?;
        corporation.state = CorporationState::Closed;
        corporation.ceo = 1;
        for member in self.members(id) {
            self.move_character(member, demo::NPC_CORPORATION)?;
        }
        Ok(())
    }

    fn character_mut(&mut self, id: i64) -> Result<&mut Character, Unknown> {
        self.changed = clock::now();
        self.characters.get_mut(&id).ok_or(Unknown::Character(id))
    }

    fn corporation_mut(&mut self, id: i64) -> Result<&mut Corporation, Unknown> {
        self.changed = clock::now();
        self.corporations.get_mut(&id).ok_or(Unknown::Corporation(id))
    }

    fn known_faction(&self, faction: Option<i64>) -> Result<(), Unknown> {
        match faction {
            Some(id) if !self.factions.iter().any(|faction| faction.faction_id == id) => {
                Err(Unknown::Faction(id))
            }
            _ => Ok(()),
        }
    }

    fn count(&mut self, corporation: i64, by: i32) {
        if let Some(corporation) = self.corporations.get_mut(&corporation) {
            corporation.members = corporation.members.saturating_add_signed(by);
        }
    }
}
