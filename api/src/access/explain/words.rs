//! Words about the user: "you" when they are asking about themselves, their name and "they" when somebody else is.

use chrono::{DateTime, Utc};

use super::{Asker, Character, Facts, Group, Listed, Member, State};

/// How to refer to the user.
#[derive(Debug, Clone, Copy)]
pub(super) struct Voice<'a> {
    /// Their name; `None`: "you".
    name: Option<&'a str>,
}

impl<'a> Voice<'a> {
    pub fn new(facts: &'a Facts, asker: &Asker) -> Self {
        Self { name: (!asker.is(facts.user_id)).then_some(facts.username.as_str()) }
    }

    /// The name, for the beginning of an answer.
    pub fn who(self) -> &'a str {
        self.name.unwrap_or("you")
    }

    // Pronouns; both take the plural form of the verb.

    pub const fn they(self) -> &'static str {
        if self.name.is_some() { "they" } else { "you" }
    }

    pub const fn them(self) -> &'static str {
        if self.name.is_some() { "them" } else { "you" }
    }

    pub const fn their(self) -> &'static str {
        if self.name.is_some() { "their" } else { "your" }
    }

    // Verbs, to follow [`Self::who`].

    pub const fn is(self) -> &'static str {
        if self.name.is_some() { "is" } else { "are" }
    }

    pub const fn has(self) -> &'static str {
        if self.name.is_some() { "has" } else { "have" }
    }

    pub const fn does_not(self) -> &'static str {
        if self.name.is_some() { "does not" } else { "do not" }
    }

    /// Turns a clause into a sentence. A name at the beginning keeps its spelling.
    pub fn sentence(self, clause: &str) -> String {
        let mut letters = clause.chars();
        let begins_with_name = self.name.is_some_and(|name| clause.starts_with(name));
        match letters.next() {
            Some(first) if !begins_with_name => format!("{}{}.", first.to_uppercase(), letters.as_str()),
            _ => format!("{clause}."),
        }
    }
}

/// A moment, to the minute.
pub(super) fn moment(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M").to_string()
}

/// " until ...", or nothing.
pub(super) fn until(ends_at: Option<DateTime<Utc>>) -> String {
    ends_at.map_or_else(String::new, |at| format!(" until {}", moment(at)))
}

/// What a list names about a character.
pub(super) fn listed(character: &Character, list: Listed) -> String {
    let of = |what: &str, name: &Option<String>| {
        let name = name.as_deref().map_or_else(String::new, |name| format!(" {name}"));
        format!("{what}{name}, where {} flies", character.name)
    };
    match list {
        Listed::Character => format!("the character {}", character.name),
        Listed::Corporation => of("the corporation", &character.corporation),
        Listed::Alliance => of("the alliance", &character.alliance),
        Listed::Faction => format!(
            "the faction{}, for which {} fights",
            character.faction.as_deref().map_or_else(String::new, |name| format!(" {name}")),
            character.name
        ),
    }
}

/// A list of names: "A", "A or B", "A, B or C".
pub(super) fn any_of<'s>(names: impl IntoIterator<Item = &'s str>) -> String {
    let names: Vec<&str> = names.into_iter().collect();
    match names.as_slice() {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [others @ .., last] => format!("{} or {last}", others.join(", ")),
    }
}

/// From when and until when somebody is a member.
pub(super) fn times(member: &Member) -> String {
    let from = member.starts_at.unwrap_or(member.since).max(member.since);
    format!("since {}{}", moment(from), until(member.ends_at))
}

/// The names of the states a group is limited to.
pub(super) fn states_of(facts: &Facts, group: &Group) -> String {
    let ids = group.states.as_deref().unwrap_or_default();
    any_of(facts.states.iter().filter(|state| ids.contains(&state.id)).map(|state| state.name.as_str()))
}

pub(super) fn state_name(state: Option<&State>) -> &str {
    state.map_or("Guest", |state| state.name.as_str())
}
