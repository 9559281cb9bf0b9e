//! What an edit sends, and what comes back: one mutation per kind of edit, and one answer for all of them.

use cynic::{MutationBuilder, Operation};
use serde::{Serialize, de::DeserializeOwned};

use super::{
    super::inputs::{
        CreateGroupInput, CreateStateInput, DeleteGroupInput, DeleteStateInput, UpdateGroupInput,
        UpdateStateInput, UpdateUserInput,
    },
    Edit,
};
use crate::{
    api::{ApiError, PageInfo, PageVariables, Problem, encode, post, read, schema},
    ui::{pager::Turn, person::Person, timeline::AccessKind},
};

/// Names shown at once.
const PAGE: i32 = 10;

impl Edit {
    /// Sends it, and asks for some of the names that it concerns.
    pub(super) async fn send(self, names: &Names) -> Result<Outcome, ApiError> {
        let (body, read) = match self {
            Self::CreateState(input) => prepared(&CreateState::of(input, names)),
            Self::UpdateState(input) => prepared(&UpdateState::of(input, names)),
            Self::DeleteState(input) => prepared(&DeleteState::of(input, names)),
            Self::CreateGroup(input) => prepared(&CreateGroup::of(input, names)),
            Self::UpdateGroup(input) => prepared(&UpdateGroup::of(input, names)),
            Self::DeleteGroup(input) => prepared(&DeleteGroup::of(input, names)),
            Self::UpdateUser(input) => prepared(&UpdateUser::of(input, names)),
        };
        read(&post(body?).await?)
    }
}

type Read = fn(&str) -> Result<Outcome, ApiError>;

/// What is posted, and how the answer to it is read: all that depends on the edit.
fn prepared<T, V>(operation: &Operation<T, V>) -> (Result<String, ApiError>, Read)
where
    T: DeserializeOwned + Into<Outcome>,
    V: Serialize,
{
    (encode(operation), |text| read::<T>(text).map(Into::into))
}

/// Which of the changed users are shown.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Names {
    /// Which of them.
    pub filter: AccessPreviewFilter,
    /// Which page.
    pub turn: Option<Turn>,
}

impl Names {
    fn page(&self) -> PageVariables {
        match self.turn.clone() {
            None => PageVariables::of(None, None, PAGE),
            Some(Turn::After(cursor)) => PageVariables::of(Some(cursor), None, PAGE),
            Some(Turn::Before(cursor)) => PageVariables::of(None, Some(cursor), PAGE),
        }
    }
}

/// Which changes.
#[derive(cynic::InputObject, Clone, Debug, Default, PartialEq)]
pub struct AccessPreviewFilter {
    /// Of this kind.
    #[cynic(skip_serializing_if = "Option::is_none")]
    pub kind: Option<AccessKind>,
    /// Of the thing of this name.
    #[cynic(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Part of a name.
    #[cynic(skip_serializing_if = "Option::is_none")]
    pub search: Option<String>,
}

/// What every edit has besides its input. The operations bring their own of the same names; of these only the types
/// are needed.
#[derive(cynic::QueryVariables, Debug)]
#[expect(dead_code, reason = "names the payloads' variables, and is never made")]
pub struct PreviewVariables {
    first: Option<i32>,
    after: Option<String>,
    last: Option<i32>,
    before: Option<String>,
    filter: Option<AccessPreviewFilter>,
}

/// What an edit would do.
#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(variables = "PreviewVariables")]
pub struct AccessPreview {
    /// Makes the edit count.
    pub(super) token: String,
    /// In words.
    pub summary: String,
    /// Users whose access changes.
    pub user_count: i32,
    /// Those who lose something.
    pub loser_count: i32,
    /// By kind and name.
    pub counts: Vec<AccessCount>,
    /// By user; not for whoever may not see users.
    #[arguments(filter: $filter, first: $first, after: $after, last: $last, before: $before)]
    pub changes: Option<PreviewedChanges>,
}

/// How many gain and lose one thing.
#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
pub struct AccessCount {
    /// What kind of thing.
    pub kind: AccessKind,
    /// Its stable name.
    pub name: String,
    /// What people call it.
    pub title: String,
    /// How many gain it.
    pub gained: i32,
    /// How many lose it.
    pub lost: i32,
}

/// Some of the changed users.
#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "PreviewedChangeConnection")]
pub struct PreviewedChanges {
    /// By name.
    pub nodes: Vec<PreviewedChange>,
    /// Whether there are more.
    pub page_info: PageInfo,
    /// How many the filter leaves.
    pub total_count: i32,
}

/// What changes for one user.
#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
pub struct PreviewedChange {
    /// For whom.
    pub person: Person,
    /// What kind of thing.
    pub kind: AccessKind,
    /// What he gains.
    pub gained: Vec<String>,
    /// What he loses.
    pub lost: Vec<String>,
}

#[derive(cynic::Enum, Clone, Copy, Debug, PartialEq)]
pub(super) enum EditStatus {
    Preview,
    Saved,
    Invalid,
    NotFound,
}

#[derive(cynic::QueryFragment, Debug)]
#[cynic(graphql_type = "State")]
struct SavedState {
    id: cynic::Id,
}

#[derive(cynic::QueryFragment, Debug)]
#[cynic(graphql_type = "Group")]
struct SavedGroup {
    id: cynic::Id,
}

#[derive(cynic::QueryFragment, Debug)]
#[cynic(variables = "PreviewVariables")]
struct StateEditPayload {
    status: EditStatus,
    problems: Vec<Problem>,
    preview: Option<AccessPreview>,
    state: Option<SavedState>,
}

#[derive(cynic::QueryFragment, Debug)]
#[cynic(variables = "PreviewVariables")]
struct GroupEditPayload {
    status: EditStatus,
    problems: Vec<Problem>,
    preview: Option<AccessPreview>,
    group: Option<SavedGroup>,
}

#[derive(cynic::QueryFragment, Debug)]
#[cynic(variables = "PreviewVariables")]
struct UserEditPayload {
    status: EditStatus,
    problems: Vec<Problem>,
    preview: Option<AccessPreview>,
}

/// What came of an edit, whichever it was.
pub(super) struct Outcome {
    pub(super) status: EditStatus,
    pub(super) problems: Vec<Problem>,
    pub(super) preview: Option<AccessPreview>,
    pub(super) id: Option<String>,
}

impl From<StateEditPayload> for Outcome {
    fn from(StateEditPayload { status, problems, preview, state }: StateEditPayload) -> Self {
        Self { status, problems, preview, id: state.map(|state| state.id.into_inner()) }
    }
}

impl From<GroupEditPayload> for Outcome {
    fn from(GroupEditPayload { status, problems, preview, group }: GroupEditPayload) -> Self {
        Self { status, problems, preview, id: group.map(|group| group.id.into_inner()) }
    }
}

impl From<UserEditPayload> for Outcome {
    fn from(UserEditPayload { status, problems, preview }: UserEditPayload) -> Self {
        Self { status, problems, preview, id: None }
    }
}

#[derive(cynic::QueryVariables, Debug)]
struct CreateStateVariables {
    input: CreateStateInput,
    first: Option<i32>,
    after: Option<String>,
    last: Option<i32>,
    before: Option<String>,
    filter: Option<AccessPreviewFilter>,
}

#[derive(cynic::QueryFragment, Debug)]
#[cynic(graphql_type = "Mutation", variables = "CreateStateVariables")]
struct CreateState {
    #[arguments(input: $input)]
    create_state: StateEditPayload,
}

#[derive(cynic::QueryVariables, Debug)]
struct UpdateStateVariables {
    input: UpdateStateInput,
    first: Option<i32>,
    after: Option<String>,
    last: Option<i32>,
    before: Option<String>,
    filter: Option<AccessPreviewFilter>,
}

#[derive(cynic::QueryFragment, Debug)]
#[cynic(graphql_type = "Mutation", variables = "UpdateStateVariables")]
struct UpdateState {
    #[arguments(input: $input)]
    update_state: StateEditPayload,
}

#[derive(cynic::QueryVariables, Debug)]
struct DeleteStateVariables {
    input: DeleteStateInput,
    first: Option<i32>,
    after: Option<String>,
    last: Option<i32>,
    before: Option<String>,
    filter: Option<AccessPreviewFilter>,
}

#[derive(cynic::QueryFragment, Debug)]
#[cynic(graphql_type = "Mutation", variables = "DeleteStateVariables")]
struct DeleteState {
    #[arguments(input: $input)]
    delete_state: StateEditPayload,
}

#[derive(cynic::QueryVariables, Debug)]
struct CreateGroupVariables {
    input: CreateGroupInput,
    first: Option<i32>,
    after: Option<String>,
    last: Option<i32>,
    before: Option<String>,
    filter: Option<AccessPreviewFilter>,
}

#[derive(cynic::QueryFragment, Debug)]
#[cynic(graphql_type = "Mutation", variables = "CreateGroupVariables")]
struct CreateGroup {
    #[arguments(input: $input)]
    create_group: GroupEditPayload,
}

#[derive(cynic::QueryVariables, Debug)]
struct UpdateGroupVariables {
    input: UpdateGroupInput,
    first: Option<i32>,
    after: Option<String>,
    last: Option<i32>,
    before: Option<String>,
    filter: Option<AccessPreviewFilter>,
}

#[derive(cynic::QueryFragment, Debug)]
#[cynic(graphql_type = "Mutation", variables = "UpdateGroupVariables")]
struct UpdateGroup {
    #[arguments(input: $input)]
    update_group: GroupEditPayload,
}

#[derive(cynic::QueryVariables, Debug)]
struct DeleteGroupVariables {
    input: DeleteGroupInput,
    first: Option<i32>,
    after: Option<String>,
    last: Option<i32>,
    before: Option<String>,
    filter: Option<AccessPreviewFilter>,
}

#[derive(cynic::QueryFragment, Debug)]
#[cynic(graphql_type = "Mutation", variables = "DeleteGroupVariables")]
struct DeleteGroup {
    #[arguments(input: $input)]
    delete_group: GroupEditPayload,
}

#[derive(cynic::QueryVariables, Debug)]
struct UpdateUserVariables {
    input: UpdateUserInput,
    first: Option<i32>,
    after: Option<String>,
    last: Option<i32>,
    before: Option<String>,
    filter: Option<AccessPreviewFilter>,
}

#[derive(cynic::QueryFragment, Debug)]
#[cynic(graphql_type = "Mutation", variables = "UpdateUserVariables")]
struct UpdateUser {
    #[arguments(input: $input)]
    update_user: UserEditPayload,
}

/// Makes an edit's operation of its input and the names to show.
macro_rules! operation {
    ($mutation:ident, $variables:ident, $fields:ident, $run:ident, $input:ty) => {
        // The payload's variables are among the mutation's.
        impl cynic::queries::VariableMatch<PreviewVariablesFields> for $fields {}

        impl $mutation {
            fn of(input: $input, names: &Names) -> Operation<Self, $variables> {
                let PageVariables { first, after, last, before } = names.page();
                let filter = Some(names.filter.clone());
                Self::build($variables { input, first, after, last, before, filter })
            }
        }

        impl From<$mutation> for Outcome {
            fn from(answer: $mutation) -> Self {
                answer.$run.into()
            }
        }
    };
}

operation!(CreateState, CreateStateVariables, CreateStateVariablesFields, create_state, CreateStateInput);
operation!(UpdateState, UpdateStateVariables, UpdateStateVariablesFields, update_state, UpdateStateInput);
operation!(DeleteState, DeleteStateVariables, DeleteStateVariablesFields, delete_state, DeleteStateInput);
operation!(CreateGroup, CreateGroupVariables, CreateGroupVariablesFields, create_group, CreateGroupInput);
operation!(UpdateGroup, UpdateGroupVariables, UpdateGroupVariablesFields, update_group, UpdateGroupInput);
operation!(DeleteGroup, DeleteGroupVariables, DeleteGroupVariablesFields, delete_group, DeleteGroupInput);
operation!(UpdateUser, UpdateUserVariables, UpdateUserVariablesFields, update_user, UpdateUserInput);
/// Every edit's operation, for the list of them.
#[cfg(test)]
pub fn documents() -> Vec<String> {
    let (id, names) = (|| cynic::Id::new(""), Names::default());
    let (name, preview_token, permissions) = (String::new(), None, None);
    let state = CreateStateInput {
        name: name.clone(),
        priority: 0,
        is_public: false,
        members: None,
        permissions: permissions.clone(),
        preview_token: preview_token.clone(),
    };
    let group = CreateGroupInput {
        name,
        is_internal: true,
        is_hidden: true,
        is_open: false,
        is_public: false,
        is_restricted: false,
        description: None,
        state_ids: None,
        leader_ids: None,
        leader_group_ids: None,
        permissions,
        preview_token: preview_token.clone(),
    };
    vec![
        CreateState::of(state, &names).query,
        UpdateState::of(UpdateStateInput::new(id()), &names).query,
        DeleteState::of(DeleteStateInput { id: id(), preview_token: preview_token.clone() }, &names).query,
        CreateGroup::of(group, &names).query,
        UpdateGroup::of(UpdateGroupInput::new(id()), &names).query,
        DeleteGroup::of(DeleteGroupInput { id: id(), preview_token }, &names).query,
        UpdateUser::of(UpdateUserInput::new(id()), &names).query,
    ]
}
