//! The rules for one user at a time, as slow and obvious as can be.

use std::collections::{BTreeMap, BTreeSet};

/// A character.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Character {
    pub corporation: i64,
    pub alliance: Option<i64>,
    pub faction: Option<i64>,
}

/// A state.
#[derive(Debug, Clone, Default)]
pub struct State {
    pub priority: i32,
    pub is_public: bool,
    pub is_guest: bool,
    pub characters: BTreeSet<i64>,
    pub corporations: BTreeSet<i64>,
    pub alliances: BTreeSet<i64>,
    pub factions: BTreeSet<i64>,
    pub permissions: BTreeSet<String>,
}

/// A user.
#[derive(Debug, Clone, Default)]
pub struct User {
    pub is_active: bool,
    pub is_superuser: bool,
    pub main: Option<i64>,
    pub permissions: BTreeSet<String>,
}

/// Everything access depends on.
#[derive(Debug, Clone, Default)]
pub struct World {
    pub characters: BTreeMap<i64, Character>,
    pub states: BTreeMap<String, State>,
    pub users: BTreeMap<i64, User>,
}

/// What a user has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    pub state: String,
    pub permissions: BTreeSet<String>,
    pub services: BTreeSet<String>,
}

impl World {
    fn guest(&self) -> String {
        self.states.iter().find(|(_, s)| s.is_guest).map(|(name, _)| name.clone()).unwrap()
    }

    fn state_of(&self, user: &User) -> String {
        let Some(main) = user.main.filter(|_| user.is_active) else { return self.guest() };
        let c = &self.characters[&main];
        self.states
            .iter()
            .filter(|(_, s)| {
                s.is_public
                    || s.characters.contains(&main)
                    || s.corporations.contains(&c.corporation)
                    || c.alliance.is_some_and(|id| s.alliances.contains(&id))
                    || c.faction.is_some_and(|id| s.factions.contains(&id))
            })
            .max_by_key(|(_, s)| s.priority)
            .map_or_else(|| self.guest(), |(name, _)| name.clone())
    }

    /// What a user should have.
    pub fn access(&self, id: i64) -> Access {
        let user = &self.users[&id];
        let state = self.state_of(user);
        let permissions: BTreeSet<String> = if !user.is_active {
            BTreeSet::new()
        } else if user.is_superuser {
            fealty_shared::permission::CATALOGUE.iter().map(|(name, _)| (*name).to_owned()).collect()
        } else {
            user.permissions.union(&self.states[&state].permissions).cloned().collect()
        };
        let has_discord = user.main.is_some() && permissions.contains("discord.access_discord");
        let services = has_discord.then(|| "discord".to_owned()).into_iter().collect();
        Access { state, permissions, services }
    }
}
