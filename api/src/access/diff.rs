//! Who gained and lost what.

use std::collections::{BTreeMap, HashSet};

/// The kind of access.
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

    /// Parses the stored form.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::State, Self::Group, Self::Permission, Self::Service, Self::Leadership]
            .into_iter()
            .find(|kind| kind.as_str() == text)
    }
}

/// The state of last resort: having it is no gain.
const GUEST: &str = "Guest";

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

    /// Whether anybody gained or lost something of `kind`.
    #[must_use]
    pub fn has(&self, kind: Kind) -> bool {
        self.entries.iter().any(|entry| entry.kind == kind)
    }

    /// The users who are worse off: those who became Guest, or lost a permission or a service. This is what a brake
    /// looks at; moving to another state while keeping the same access does not count.
    #[must_use]
    pub fn demoted(&self) -> HashSet<i64> {
        let is_worse = |entry: &&UserDiff| match entry.kind {
            Kind::State => entry.gained.iter().any(|name| name == GUEST),
            Kind::Group | Kind::Permission | Kind::Service | Kind::Leadership => !entry.lost.is_empty(),
        };
        self.entries.iter().filter(is_worse).map(|entry| entry.user_id).collect()
    }

    /// How many users lost something of `kind`.
    #[must_use]
    pub fn losers(&self, kind: Kind) -> usize {
        self.entries.iter().filter(|entry| entry.kind == kind && !entry.lost.is_empty()).count()
    }

    /// How many users lose anything. Guest, the state of last resort, does not count as a loss.
    #[must_use]
    pub fn all_losers(&self) -> usize {
        let is_loss =
            |entry: &&UserDiff| entry.lost.iter().any(|name| entry.kind != Kind::State || name != GUEST);
        let losing = self.entries.iter().filter(is_loss);
        losing.map(|entry| entry.user_id).collect::<HashSet<_>>().len()
    }

    /// Everything in one or two English sentences, losses first. `title` says what people call a thing.
    #[must_use]
    pub fn in_words(&self, title: impl Fn(Kind, &str) -> String) -> String {
        /// How many things are named; the rest is counted.
        const NAMED: usize = 6;
        let counts = self.counts();
        let sentence = |verb: &str, preposition: &str, pick: fn(&(usize, usize)) -> usize| {
            let mut parts: Vec<(usize, String)> = counts
                .iter()
                .filter(|((kind, name), _)| *kind != Kind::State || name != GUEST)
                .map(|((kind, name), count)| {
                    let named = match kind {
                        Kind::State => format!("state {}", title(*kind, name)),
                        Kind::Group => format!("group {}", title(*kind, name)),
                        Kind::Permission => format!("permission {}", title(*kind, name)),
                        Kind::Service => title(*kind, name),
                        Kind::Leadership => format!("leadership of {}", title(*kind, name)),
                    };
                    (pick(count), named)
                })
                .filter(|(count, _)| *count > 0)
                .collect();
            if parts.is_empty() {
                return None;
            }
            parts.sort_by_key(|part| std::cmp::Reverse(part.0));
            let more = parts.len().saturating_sub(NAMED);
            let mut texts: Vec<String> = parts
                .into_iter()
                .take(NAMED)
                .map(|(count, named)| {
                    format!("{named} {preposition} {count} pilot{}", if count == 1 { "" } else { "s" })
                })
                .collect();
            if more > 0 {
                texts.push(format!("{more} more thing{}", if more == 1 { "" } else { "s" }));
            }
            let last = texts.pop().unwrap_or_default();
            let list = if texts.is_empty() { last } else { format!("{} and {last}", texts.join(", ")) };
            Some(format!("{verb} {list}."))
        };
        let sentences: Vec<String> =
            [sentence("Removes", "from", |count| count.1), sentence("Gives", "to", |count| count.0)]
                .into_iter()
                .flatten()
                .collect();
        if sentences.is_empty() { "Nobody's access changes.".to_owned() } else { sentences.join(" ") }
    }

    /// How many users gain and lose, by kind and name.
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

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(user_id: i64, kind: Kind, gained: &[&str], lost: &[&str]) -> UserDiff {
        let names = |list: &[&str]| list.iter().map(|name| (*name).to_owned()).collect();
        UserDiff { user_id, kind, gained: names(gained), lost: names(lost) }
    }

    #[test]
    fn words_name_losses_first_and_the_biggest_first() {
        let diff = AccessDiff {
            entries: vec![
                entry(1, Kind::State, &["Guest"], &["Member"]),
                entry(1, Kind::Service, &[], &["discord"]),
                entry(2, Kind::State, &["Guest"], &["Member"]),
            ],
        };
        assert_eq!(
            diff.in_words(|kind, name| if kind == Kind::Service { "Discord".into() } else { name.into() }),
            "Removes state Member from 2 pilots and Discord from 1 pilot."
        );
        assert_eq!(diff.all_losers(), 2);
        assert_eq!(AccessDiff::default().in_words(|_, name| name.into()), "Nobody's access changes.");
    }
}
