//! Who gained and who lost what.

use std::collections::{BTreeMap, HashSet};

/// What kind of access.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    State,
    Group,
    Permission,
    Service,
    /// Leading a group.
    Leadership,
}

impl Kind {
    /// As stored in `access_changes.kind`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::State => "state",
            Self::Group => "group",
            Self::Permission => "permission",
            Self::Service => "service",
            Self::Leadership => "leadership",
        }
    }

    /// From what is stored.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::State, Self::Group, Self::Permission, Self::Service, Self::Leadership]
            .into_iter()
            .find(|kind| kind.as_str() == text)
    }
}

/// One user's gains and losses of one kind.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct UserDiff {
    pub user_id: i64,
    pub kind: Kind,
    /// Names of states, groups, permissions, services or groups led, sorted.
    pub gained: Vec<String>,
    /// As `gained`.
    pub lost: Vec<String>,
}

/// Everything that followed from one change.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccessDiff {
    /// Sorted by user and kind.
    pub entries: Vec<UserDiff>,
}

impl AccessDiff {
    /// How many users gained or lost anything.
    #[must_use]
    pub fn users(&self) -> usize {
        self.entries.iter().map(|entry| entry.user_id).collect::<HashSet<_>>().len()
    }

    /// How many users are worse off: became Guest, or lost a permission or a service. What a brake looks at; who moves
    /// to another state and keeps what he had is not.
    #[must_use]
    pub fn demoted(&self) -> usize {
        let is_worse = |entry: &&UserDiff| match entry.kind {
            Kind::State => entry.gained.iter().any(|name| name == "Guest"),
            Kind::Group | Kind::Permission | Kind::Service | Kind::Leadership => !entry.lost.is_empty(),
        };
        self.entries.iter().filter(is_worse).map(|entry| entry.user_id).collect::<HashSet<_>>().len()
    }

    /// How many users lost something of `kind`.
    #[must_use]
    pub fn losers(&self, kind: Kind) -> usize {
        self.entries.iter().filter(|entry| entry.kind == kind && !entry.lost.is_empty()).count()
    }

    /// Users gaining and losing, by kind and name.
    #[must_use]
    pub fn counts(&self) -> BTreeMap<(Kind, String), (usize, usize)> {
        let mut counts = BTreeMap::new();
        for entry in &self.entries {
            for name in &entry.gained {
                counts.entry((entry.kind, name.clone())).or_insert((0, 0)).0 += 1;
            }
            for name in &entry.lost {
                counts.entry((entry.kind, name.clone())).or_insert((0, 0)).1 += 1;
            }
        }
        counts
    }
}
