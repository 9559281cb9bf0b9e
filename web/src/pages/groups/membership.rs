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
        moment::{HalfEntered, Lengths, Moment, MomentField},
        timeline::AccessKind,
    },
};

#[derive(cynic::QueryVariables, Clone, Debug)]
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
    /// Whether only what would follow is wanted.
    pub preview: bool,
    /// Of what was shown.
    pub token: Option<String>,
}

impl AddVariables {
    /// At once, for good, for no reason, and without looking.
    pub fn of(group_id: cynic::Id, user_ids: Vec<cynic::Id>) -> Self {
        Self { group_id, user_ids, starts_at: None, ends_at: None, reason: None, preview: false, token: None }
    }
}

#[derive(cynic::QueryFragment, Debug)]
#[cynic(graphql_type = "Mutation", variables = "AddVariables")]
pub struct AddGroupMembers {
    /// The answer.
    #[arguments(input: { groupId: $group_id, userIds: $user_ids, startsAt: $starts_at, endsAt: $ends_at, reason: $reason, preview: $preview, previewToken: $token })]
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
    /// What would follow.
    pub preview: Option<MembersPreview>,
}

/// What came of adding.
#[derive(cynic::Enum, Clone, Copy, Debug, PartialEq)]
pub enum AddGroupMembersStatus {
    /// See the results.
    Done,
    /// See the problems.
    Invalid,
    /// Nothing was written.
    Preview,
    /// Not by this viewer.
    NotAllowed,
    /// No such group.
    NotFound,
}

#[derive(cynic::QueryVariables, Clone, Debug)]
pub struct RemoveVariables {
    /// From which group.
    pub group_id: cynic::Id,
    /// Whom.
    pub user_ids: Vec<cynic::Id>,
    /// Why.
    pub reason: Option<String>,
    /// Whether only what would follow is wanted.
    pub preview: bool,
    /// Of what was shown.
    pub token: Option<String>,
}

impl RemoveVariables {
    /// For no reason, and without looking.
    pub fn of(group_id: cynic::Id, user_ids: Vec<cynic::Id>) -> Self {
        Self { group_id, user_ids, reason: None, preview: false, token: None }
    }
}

#[derive(cynic::QueryFragment, Debug)]
#[cynic(graphql_type = "Mutation", variables = "RemoveVariables")]
pub struct RemoveGroupMembers {
    /// The answer.
    #[arguments(input: { groupId: $group_id, userIds: $user_ids, reason: $reason, preview: $preview, previewToken: $token })]
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
    /// What would follow.
    pub preview: Option<MembersPreview>,
}

/// What came of removing.
#[derive(cynic::Enum, Clone, Copy, Debug, PartialEq)]
pub enum RemoveGroupMembersStatus {
    /// See the results.
    Done,
    /// See the problems.
    Invalid,
    /// Nothing was written.
    Preview,
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

/// What an edit of members would do, as far as its editor may know.
#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "AccessPreview")]
pub struct MembersPreview {
    /// Makes the edit count.
    pub token: String,
    /// In words.
    pub summary: String,
    /// By kind and name.
    pub counts: Vec<MembersCount>,
}

/// How many gain and lose one thing.
#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "AccessCount")]
pub struct MembersCount {
    /// What kind of thing.
    pub kind: AccessKind,
    /// What people call it.
    pub title: String,
    /// How many gain it.
    pub gained: i32,
    /// How many lose it.
    pub lost: i32,
}

/// From when, until when, and why.
#[derive(Clone, Copy)]
pub struct Terms {
    starts: Moment,
    ends: Moment,
    reason: RwSignal<String>,
}

/// The same as it is sent.
#[derive(Clone, Debug)]
pub struct GivenTerms {
    /// From when.
    pub starts_at: Option<DateTime>,
    /// Until when.
    pub ends_at: Option<DateTime>,
    /// Why.
    pub reason: Option<String>,
}

impl Terms {
    /// At once, for good, and for no reason.
    pub fn new() -> Self {
        Self { starts: Moment::new(), ends: Moment::new(), reason: RwSignal::new(String::new()) }
    }

    /// What was entered; or what is only half entered, and must not pass for empty.
    pub fn read(self) -> Result<GivenTerms, Vec<Problem>> {
        let mut problems = Vec::new();
        let mut moment = |field: &str, entered: Result<Option<DateTime>, HalfEntered>| {
            entered.unwrap_or_else(|HalfEntered| {
                let message = text::half_entered().to_owned();
                problems.push(Problem { field: field.to_owned(), code: "invalid".to_owned(), message });
                None
            })
        };
        let starts_at = moment("startsAt", self.starts.read());
        let ends_at = moment("endsAt", self.ends.read());
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(GivenTerms { starts_at, ends_at, reason: self.reason() })
    }

    /// Why, as far as it is said.
    pub fn reason(self) -> Option<String> {
        given(&self.reason.get_untracked())
    }

    /// The fields of a form.
    pub fn fields(self, problems: RwSignal<Vec<Problem>>) -> AnyView {
        view! {
            <div class="field-pair">
                <MomentField name="startsAt" label=text::starts() moment=self.starts problems=problems />
                <MomentField name="endsAt" label=text::ends() moment=self.ends problems=problems />
            </div>
            <Lengths start=self.starts end=self.ends />
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
    vec![
        AddGroupMembers::build(AddVariables::of(id(), vec![])).query,
        RemoveGroupMembers::build(RemoveVariables::of(id(), vec![])).query,
    ]
}
