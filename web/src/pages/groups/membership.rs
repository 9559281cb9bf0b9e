//! Making users members and ending that: the operations, and what is asked for besides. For the pages of leaders and of
//! the administration.

#[cfg(test)]
use cynic::MutationBuilder;
use leptos::prelude::*;

use crate::{
    api::{DateTime, Problem, schema},
    i18n::texts::rules as text,
    ui::{
        ask::given,
        field::Field,
        moment::{self, MomentField},
    },
};

#[derive(cynic::QueryVariables, Debug)]
pub struct AddVariables {
    /// To which group.
    pub group_id: cynic::Id,
    /// Whom.
    pub user_ids: Vec<cynic::Id>,
    /// From when.
    pub starts_at: Option<DateTime>,
    /// Until when.
    pub ends_at: Option<DateTime>,
    /// Why.
    pub reason: Option<String>,
}

#[derive(cynic::QueryFragment, Debug)]
#[cynic(graphql_type = "Mutation", variables = "AddVariables")]
pub struct AddGroupMembers {
    /// The answer.
    #[arguments(input: { groupId: $group_id, userIds: $user_ids, startsAt: $starts_at, endsAt: $ends_at, reason: $reason })]
    pub add_group_members: AddGroupMembersPayload,
}

#[derive(cynic::QueryFragment, Debug)]
pub struct AddGroupMembersPayload {
    /// In a word.
    pub status: AddGroupMembersStatus,
    /// What is wrong with the input.
    pub problems: Vec<Problem>,
    /// One per user.
    pub results: Vec<GroupMemberChange>,
}

/// What came of adding.
#[derive(cynic::Enum, Clone, Copy, Debug, PartialEq)]
pub enum AddGroupMembersStatus {
    /// See the results.
    Done,
    /// See the problems.
    Invalid,
    /// Not by this viewer.
    NotAllowed,
    /// No such group.
    NotFound,
}

#[derive(cynic::QueryVariables, Debug)]
pub struct RemoveVariables {
    /// From which group.
    pub group_id: cynic::Id,
    /// Whom.
    pub user_ids: Vec<cynic::Id>,
    /// Why.
    pub reason: Option<String>,
}

#[derive(cynic::QueryFragment, Debug)]
#[cynic(graphql_type = "Mutation", variables = "RemoveVariables")]
pub struct RemoveGroupMembers {
    /// The answer.
    #[arguments(input: { groupId: $group_id, userIds: $user_ids, reason: $reason })]
    pub remove_group_members: RemoveGroupMembersPayload,
}

#[derive(cynic::QueryFragment, Debug)]
pub struct RemoveGroupMembersPayload {
    /// In a word.
    pub status: RemoveGroupMembersStatus,
    /// What is wrong with the input.
    pub problems: Vec<Problem>,
    /// One per user.
    pub results: Vec<GroupMemberChange>,
}

/// What came of removing.
#[derive(cynic::Enum, Clone, Copy, Debug, PartialEq)]
pub enum RemoveGroupMembersStatus {
    /// See the results.
    Done,
    /// See the problems.
    Invalid,
    /// Not by this viewer.
    NotAllowed,
    /// No such group.
    NotFound,
}

/// What came of one of them.
#[derive(cynic::QueryFragment, Debug)]
pub struct GroupMemberChange {
    /// In a word.
    pub outcome: GroupMemberOutcome,
}

/// What came of a change of members.
#[derive(cynic::Enum, Clone, Copy, Debug, PartialEq)]
pub enum GroupMemberOutcome {
    /// New.
    Added,
    /// A member already, with new times.
    Changed,
    /// His state does not fit.
    NotEligible,
    /// No such user.
    NotFound,
    /// Was none.
    NotMember,
    /// Out.
    Removed,
}

/// From when, until when, and why.
#[derive(Clone, Copy)]
pub struct Terms {
    starts: RwSignal<String>,
    ends: RwSignal<String>,
    reason: RwSignal<String>,
}

impl Terms {
    /// At once, for good, and for no reason.
    pub fn new() -> Self {
        Self {
            starts: RwSignal::new(String::new()),
            ends: RwSignal::new(String::new()),
            reason: RwSignal::new(String::new()),
        }
    }

    /// From when.
    pub fn starts(self) -> Option<DateTime> {
        moment::parse(&self.starts.get_untracked())
    }

    /// Until when.
    pub fn ends(self) -> Option<DateTime> {
        moment::parse(&self.ends.get_untracked())
    }

    /// Why.
    pub fn reason(self) -> Option<String> {
        given(&self.reason.get_untracked())
    }

    /// The fields of a form.
    pub fn fields(self, problems: RwSignal<Vec<Problem>>) -> AnyView {
        view! {
            <div class="field-pair">
                <MomentField name="startsAt" label=text::starts() value=self.starts problems=problems />
                <MomentField name="endsAt" label=text::ends() value=self.ends problems=problems />
            </div>
            <p class="form-text">{text::times_hint()}</p>
            <Field
                name="reason"
                label=text::reason()
                hint=text::reason_hint()
                autocomplete="off"
                value=self.reason
                problems=problems
                optional=true
            />
        }
        .into_any()
    }
}

/// The operations, for the list of them.
#[cfg(test)]
pub fn documents() -> Vec<String> {
    let id = || cynic::Id::new("");
    let add = AddVariables { group_id: id(), user_ids: vec![], starts_at: None, ends_at: None, reason: None };
    vec![
        AddGroupMembers::build(add).query,
        RemoveGroupMembers::build(RemoveVariables { group_id: id(), user_ids: vec![], reason: None }).query,
    ]
}
