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

/// A group.
#[derive(Debug, Clone, Default)]
pub struct Group {
    pub name: String,
    pub is_internal: bool,
    pub is_public: bool,
    /// Names of the only states whose users may be members.
    pub states: Option<BTreeSet<String>>,
    pub permissions: BTreeSet<String>,
    pub leaders: BTreeSet<i64>,
    pub leader_groups: BTreeSet<i64>,
}

/// Something given for a time, in minutes since the world began.
#[derive(Debug, Clone, Copy, Default)]
pub struct Time {
    pub starts: Option<i64>,
    pub ends: Option<i64>,
    pub is_started: bool,
}

impl Time {
    /// Given `now`.
    pub fn given(now: i64, starts: Option<i64>, ends: Option<i64>) -> Self {
        Self { starts, ends, is_started: starts.is_none_or(|at| at <= now) }
    }

    /// Whether it is still there after `now`; begins what has to begin.
    fn passes(&mut self, now: i64) -> bool {
        if self.ends.is_some_and(|at| at <= now) {
            return false;
        }
        self.is_started |= self.starts.is_some_and(|at| at <= now);
        true
    }
}

/// A user.
#[derive(Debug, Clone, Default)]
pub struct User {
    pub is_active: bool,
    pub is_superuser: bool,
    pub main: Option<i64>,
    pub permissions: BTreeMap<String, Time>,
}

/// Everything access depends on.
#[derive(Debug, Clone, Default)]
pub struct World {
    pub characters: BTreeMap<i64, Character>,
    pub states: BTreeMap<String, State>,
    pub users: BTreeMap<i64, User>,
    pub groups: BTreeMap<i64, Group>,
    /// By group and user.
    pub members: BTreeMap<(i64, i64), Time>,
    /// Who had `groupmanagement.request_groups` when the present change began.
    pub could_request: BTreeSet<i64>,
}

const REQUEST_GROUPS: &str = "groupmanagement.request_groups";

/// What a user has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    pub state: String,
    pub permissions: BTreeSet<String>,
    pub services: BTreeSet<String>,
    /// Names of the groups he is in.
    pub groups: BTreeSet<String>,
    /// Names of the groups he leads.
    pub leads: BTreeSet<String>,
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

    /// A change begins.
    pub fn begin(&mut self) {
        let able = |id: &i64| self.permissions(*id).contains(REQUEST_GROUPS);
        self.could_request = self.users.keys().copied().filter(able).collect();
    }

    /// The change is done: ends what the rules do not allow any more, one membership after the other.
    pub fn settle(&mut self) {
        loop {
            let wrong = self.members.keys().copied().find(|(group, user)| {
                let (g, u) = (&self.groups[group], &self.users[user]);
                let lost_requests =
                    self.could_request.contains(user) && !self.permissions(*user).contains(REQUEST_GROUPS);
                g.states.as_ref().is_some_and(|states| !states.contains(&self.state_of(u)))
                    || (!u.is_active && !g.is_internal)
                    || (lost_requests && !g.is_public && !g.is_internal)
            });
            match wrong {
                Some(key) => self.members.remove(&key),
                None => return,
            };
        }
    }

    /// Minutes pass.
    pub fn pass(&mut self, now: i64) {
        self.members.retain(|_, time| time.passes(now));
        for user in self.users.values_mut() {
            user.permissions.retain(|_, time| time.passes(now));
        }
    }

    fn is_in(&self, group: i64, user: i64) -> bool {
        self.members.get(&(group, user)).is_some_and(|time| time.is_started)
    }

    fn permissions(&self, id: i64) -> BTreeSet<String> {
        let user = &self.users[&id];
        if !user.is_active {
            return BTreeSet::new();
        }
        if user.is_superuser {
            return fealty_shared::permission::CATALOGUE.iter().map(|(name, _)| (*name).to_owned()).collect();
        }
        let own = user.permissions.iter().filter(|(_, time)| time.is_started).map(|(name, _)| name);
        let of_state = &self.states[&self.state_of(user)].permissions;
        let groups = self.groups.iter().filter(|(group, _)| self.is_in(**group, id));
        own.chain(of_state).chain(groups.flat_map(|(_, group)| &group.permissions)).cloned().collect()
    }

    /// What a user should have.
    pub fn access(&self, id: i64) -> Access {
        let user = &self.users[&id];
        let state = self.state_of(user);
        let permissions = self.permissions(id);
        let has_discord = user.main.is_some() && permissions.contains("discord.access_discord");
        let services = has_discord.then(|| "discord".to_owned()).into_iter().collect();
        let groups = self.groups.iter().filter(|(group, _)| self.is_in(**group, id));
        let leads = self.groups.values().filter(|group| {
            user.is_active
                && (group.leaders.contains(&id)
                    || group.leader_groups.iter().any(|other| self.is_in(*other, id)))
        });
        Access {
            state,
            permissions,
            services,
            groups: groups.map(|(_, group)| group.name.clone()).collect(),
            leads: leads.map(|group| group.name.clone()).collect(),
        }
    }
}
