//! Why somebody has or lacks something: the tree of reasons, one sentence, and what would have to change.
//!
//! Rules
//! - [`load`] reads the facts with a fixed number of statements; [`explain`] is a pure function of them. It repeats
//!   the engine's rules for one user: a property test compares the two.
//! - Who is asking decides what is named. Groups exist for them as in the query `group`, by the same rule: their own,
//!   those they manage, those they could join (hidden ones once they have the link), and all with `auth.view_group`.
//!   Those who may not see states are told which list of their own state they are on, and nothing about other states
//!   except which ones their own characters would get, and which ones a group they may know of is limited to. They
//!   can ask about states they could know: their own, those they once had, those for everybody, and those that list
//!   one of their characters. The others do not exist for them.
//! - What would have to change is ordered by who can do it: the users themselves, leaders of groups, admins. A
//!   proposal either helps at once, or is needed before another one: following one and asking again leads there.
//!   Joining follows the rule of joining itself ([`groups::Pilot::obstacle`]).

mod facts;
mod reasons;
mod remedies;
#[cfg(test)]
mod tests;
mod words;

pub use facts::{Character, Facts, Grant, Group, Listed, Member, State, Target, load};
pub use remedies::{By, Remedy, Step};

use crate::groups;

/// Who is asking, as far as it decides what is named.
#[derive(Debug, Clone)]
pub struct Asker {
    /// Which groups they may know of: those of the query `group`.
    pub who: groups::Asker,
    /// `authentication.view_state` or `authentication.change_state`.
    pub sees_states: bool,
}

impl Asker {
    /// Whether the asker is this user.
    #[must_use]
    pub const fn is(&self, user_id: i64) -> bool {
        self.who.pilot.user_id == user_id
    }
}

/// One node of the tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// Index of an earlier reason.
    pub parent: Option<usize>,
    /// Whether what the sentence is about holds, in favour of what was asked.
    pub holds: bool,
    /// Machine-readable.
    pub rule: &'static str,
    pub sentence: String,
    /// Kind and id (in the API's spelling) of what it is about.
    pub about: Option<(&'static str, String)>,
}

/// The whole answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// What the question was about, as people call it.
    pub subject: String,
    pub is_granted: bool,
    /// The whole answer in one sentence.
    pub sentence: String,
    /// Depth first.
    pub reasons: Vec<Reason>,
    /// Empty when it is granted.
    pub remedies: Vec<Remedy>,
}

/// Answers the question. `None` when the asker may not know that the thing exists.
#[must_use]
pub fn explain(facts: &Facts, asker: &Asker) -> Option<Explanation> {
    let may_ask = match &facts.target {
        Target::Group(group) => Facts::may_ask_about(group, asker),
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
