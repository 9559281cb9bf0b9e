//! Builds a pristine world from the shipped data, the demo cast and generated pilots.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    data,
    model::{Alliance, Biomass, Character, Corporation, CorporationState, World},
    names::{Names, mix},
};
use crate::{clock, demo};

/// First generated id of the range handed out from 2010-11 to 2016-05 (ESI docs, ids).
const OLD_BASE: i64 = 90_000_123;
const OLD_STEP: i64 = 23;
/// First generated id of the range handed out since 2016-05-30.
const NEW_BASE: i64 = 2_112_000_051;
const NEW_STEP: i64 = 17;

/// More generated pilots than this would leave their id ranges.
pub(crate) const MOST_CHARACTERS: usize = 600_000;

/// Id of the generated pilot with this index; even ones are older characters, odd ones newer.
pub fn generated_character_id(index: usize) -> i64 {
    let half = (index / 2) as i64;
    if index.is_multiple_of(2) { OLD_BASE + half * OLD_STEP } else { NEW_BASE + half * NEW_STEP }
}

/// The inverse of [`generated_character_id`].
pub(super) fn generated_index(id: i64) -> Option<u64> {
    let (base, step, odd) = if id >= NEW_BASE { (NEW_BASE, NEW_STEP, 1) } else { (OLD_BASE, OLD_STEP, 0) };
    let distance = id.checked_sub(base).filter(|distance| *distance >= 0 && distance % step == 0)?;
    Some(distance as u64 / step as u64 * 2 + odd)
}

impl World {
    /// A world with the demo cast and `generated` further pilots.
    pub(crate) fn new(seed: u64, generated: usize) -> Self {
        let mut world = Self {
            seed,
            names: Names::new(seed),
            factions: data::factions(),
            characters: BTreeMap::new(),
            named: BTreeSet::new(),
            corporations: BTreeMap::new(),
            alliances: BTreeMap::new(),
            character_moves: BTreeMap::new(),
            corporation_moves: BTreeMap::new(),
            changed: clock::now(),
        };
        world.add_npc_corporations();
        world.add_demo();
        let employers = world.add_shipped();
        world.add_generated(generated.min(MOST_CHARACTERS), &employers);
        world
    }

    fn add_npc_corporations(&mut self) {
        for (id, name, ticker, faction, ceo, _, _, _, deleted) in data::npc_corporations() {
            let state = if deleted { CorporationState::Closed } else { CorporationState::Active };
            let ceo = ceo.unwrap_or(1);
            let corporation =
                Corporation { name, ticker, alliance: None, faction, ceo, state, npc: true, members: 0 };
            self.corporations.insert(id, corporation);
        }
    }

    fn add_demo(&mut self) {
        for (id, name, ticker, executor) in demo::ALLIANCES {
            self.add_alliance(id, name.into(), ticker.into(), executor);
        }
        for (id, name, ticker, alliance, ceo) in demo::CORPORATIONS {
            self.add_corporation(id, name.into(), ticker.into(), alliance, ceo);
        }
        for pilot in demo::PILOTS {
            self.add_character(pilot.id, pilot.corporation, Some(pilot.name.into()));
        }
        if let Some(enlisted) = self.characters.get_mut(&demo::ANSGAR) {
            enlisted.faction = Some(demo::CALDARI_STATE);
        }
    }

    /// Adds the shipped corporations: every sixth without an alliance, the others five to an
    /// alliance. Returns their ids.
    fn add_shipped(&mut self) -> Vec<i64> {
        let corporations = data::corporations();
        let alliances = data::alliances();
        for (index, (id, name, ticker)) in alliances.iter().enumerate() {
            let executor = corporations.get(index * 6).map_or(0, |(id, _, _)| *id);
            self.add_alliance(*id, name.clone(), ticker.clone(), executor);
        }
        let mut ids = Vec::with_capacity(corporations.len());
        for (index, (id, name, ticker)) in corporations.into_iter().enumerate() {
            let alliance = if index % 6 == 5 { None } else { alliances.get(index / 6).map(|(id, _, _)| *id) };
            self.add_corporation(id, name, ticker, alliance, 0);
            ids.push(id);
        }
        ids
    }

    /// One pilot in twenty flies for the home corporations, the others for the shipped ones, some of which are
    /// crowded and some nearly empty, as in real life.
    fn add_generated(&mut self, count: usize, employers: &[i64]) {
        const HOME: [i64; 3] =
            [demo::HOME_CORPORATION, demo::INDUSTRY_CORPORATION, demo::ACADEMY_CORPORATION];
        for index in 0..count {
            let draw = mix(self.seed ^ (index as u64) << 8);
            let corporation = if index % 20 == 7 {
                HOME[(draw % 3) as usize]
            } else if index < employers.len() * 2 {
                employers[index / 2]
            } else {
                let (a, b) =
                    (draw as u32 as usize % employers.len(), (draw >> 32) as usize % employers.len());
                employers[a.min(b)]
            };
            let id = generated_character_id(index);
            self.add_character(id, corporation, None);
            if let Some(corporation) = self.corporations.get_mut(&corporation)
                && corporation.ceo == 0
            {
                corporation.ceo = id;
            }
        }
    }

    fn add_alliance(&mut self, id: i64, name: String, ticker: String, executor: i64) {
        let alliance = Alliance { name, ticker, executor: Some(executor), faction: None };
        self.alliances.insert(id, alliance);
    }

    fn add_corporation(&mut self, id: i64, name: String, ticker: String, alliance: Option<i64>, ceo: i64) {
        let state = CorporationState::Active;
        let corporation =
            Corporation { name, ticker, alliance, faction: None, ceo, state, npc: false, members: 0 };
        self.corporations.insert(id, corporation);
    }

    fn add_character(&mut self, id: i64, corporation: i64, name: Option<Box<str>>) {
        if let Some(employer) = self.corporations.get_mut(&corporation) {
            employer.members += 1;
        }
        if name.is_some() {
            self.named.insert(id);
        }
        let character = Character { corporation, name, faction: None, sales: 0, biomassed: Biomass::No };
        self.characters.insert(id, character);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generated_ids_are_a_bijection() {
        for index in [0, 1, 2, 3, 4_711, 299_999, MOST_CHARACTERS - 1] {
            assert_eq!(generated_index(generated_character_id(index)), Some(index as u64));
        }
        assert!(generated_character_id(MOST_CHARACTERS - 2) < 98_000_000);
        assert!(generated_character_id(MOST_CHARACTERS - 1) < demo::KAELEN);
    }

    #[test]
    fn a_seed_fixes_the_world() {
        let (a, b) = (World::new(3, 500), World::new(3, 500));
        assert!(a.characters.keys().eq(b.characters.keys()));
        let id = generated_character_id(123);
        assert_eq!(a.character_name(id), b.character_name(id));
        assert_ne!(a.character_name(id), World::new(4, 500).character_name(id));
        assert!(a.corporations.values().all(|corporation| corporation.ceo != 0 || corporation.members == 0));
    }
}
