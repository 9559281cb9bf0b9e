//! Why somebody has or lacks something: the tree of reasons, one sentence, and what would have to change.
//!
//! Rules
//! - [`load`] reads the facts with a number of statements that does not depend on anything; [`explain`] is a pure
//!   function of them. It follows the rules of the engine once more, for one user: a property test compares the two.
//! - Who asks decides what is named. Whoever may not see groups is not told of groups that are internal or hidden and
//!   that are not his own; whoever may not see states is told which list of his own state fits him, and nothing of
//!   other states but which of them his own characters would get. He asks about states he could know: his own, those he
//!   once had, those for everybody, and those that list one of his characters. The others do not exist to him.
//! - What would have to change is ordered by who can do it: he himself, leaders of groups, admins.

mod facts;
mod reasons;
mod remedies;
#[cfg(test)]
mod tests;
mod words;

pub use facts::{Character, Facts, Grant, Group, Listed, Member, State, Target, load};
pub use remedies::{By, Remedy, Step};

/// Who asks, as far as it decides what is named.
#[derive(Debug, Clone, Copy)]
pub struct Asker {
    pub user_id: i64,
    /// `auth.view_group`.
    pub sees_groups: bool,
    /// `authentication.view_state`.
    pub sees_states: bool,
    /// `auth.group_management`: all groups that are not internal.
    pub manages_groups: bool,
}

/// One node of the tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// Index of a reason before it.
    pub parent: Option<usize>,
    /// Whether what the sentence is about is so, in favour of what was asked.
    pub holds: bool,
    /// Machine-readable.
    pub rule: &'static str,
    pub sentence: String,
    /// Kind and id, in the API's spelling, of what it speaks of.
    pub about: Option<(&'static str, String)>,
}

/// The whole answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// What was asked about, as people call it.
    pub subject: String,
    pub is_granted: bool,
    /// All of it in one sentence.
    pub sentence: String,
    /// Depth first.
    pub reasons: Vec<Reason>,
    /// Empty when it is granted.
    pub remedies: Vec<Remedy>,
}

/// Says why. `None` when the asker may not know that there is such a thing.
#[must_use]
pub fn explain(facts: &Facts, asker: &Asker) -> Option<Explanation> {
    let may_ask = match &facts.target {
        Target::Group(group) => facts.may_ask_about(group, asker),
        Target::State(state) => facts.may_ask_about_state(state, asker),
        Target::Permission { .. } | Target::Service(_) => true,
    };
    if !may_ask {
        return None;
    }
    let tree = reasons::tree(facts, asker);
    let is_granted = facts.is_granted();
    Some(Explanation {
        subject: facts.target.title().to_owned(),
        is_granted,
        sentence: tree.sentence(),
        remedies: if is_granted { Vec::new() } else { remedies::of(facts, asker) },
        reasons: tree.into_reasons(),
    })
}
