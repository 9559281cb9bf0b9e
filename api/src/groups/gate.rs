//! What decides who may know of a group and join it.

use super::model::Group;

/// The part of a group's settings that matters for seeing and joining it. Explanations read groups in their own way:
/// through this, they use the same rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "the flags are independent, and documented as such")]
pub struct Gate<'a> {
    pub group_id: i64,
    pub is_internal: bool,
    pub is_hidden: bool,
    pub is_open: bool,
    pub is_public: bool,
    pub is_restricted: bool,
    /// Ids of the only states whose users may be members; `None`: all.
    pub states: Option<&'a [i64]>,
}

impl Gate<'_> {
    /// Whether the limit to states, if there is one, allows somebody in this state to be a member.
    #[must_use]
    pub fn fits(&self, state_id: i64) -> bool {
        self.states.is_none_or(|states| states.contains(&state_id))
    }

    /// Whether anybody who may join is in without a decision. Restricted groups only take members through superusers.
    #[must_use]
    pub const fn opens_at_once(&self, is_superuser: bool) -> bool {
        self.is_open && (is_superuser || !self.is_restricted)
    }
}

impl Group {
    /// What decides about seeing and joining it.
    #[must_use]
    pub fn gate(&self) -> Gate<'_> {
        Gate {
            group_id: self.id,
            is_internal: self.is_internal,
            is_hidden: self.is_hidden,
            is_open: self.is_open,
            is_public: self.is_public,
            is_restricted: self.is_restricted,
            states: self.is_state_limited.then_some(self.states.as_slice()),
        }
    }
}

/// Why somebody cannot join a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Obstacle {
    Internal,
    SwitchedOff,
    NoMain,
    OtherStates,
    NotPublic,
}

impl Obstacle {
    /// The reason in one sentence.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Internal => "Nobody can join an internal group on their own.",
            Self::SwitchedOff => "The account is switched off.",
            Self::NoMain => "There is no main character.",
            Self::OtherStates => "The group is for other states.",
            Self::NotPublic => "The group is not public: joining it needs the permission to request groups.",
        }
    }
}
