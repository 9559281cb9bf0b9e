//! Inputs and payloads for editing rules. Without `previewToken` an edit is a preview; with it, it is saved.

use async_graphql::{Enum, ID, InputObject, SimpleObject};
use fealty_shared::id::{GroupId, StateId, UserId};

use super::{payload::Problem, preview::AccessPreview, state::State, user::User};
use crate::{
    access::{StateMembers, edit::Edited},
    error::{Error, Result},
    graphql::{
        groups::Group,
        input::{ids, some_ids},
        loaders::Time,
        scalars::EveId,
    },
    groups, identity, states,
};

/// The outcome of an edit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum EditStatus {
    /// Nothing was written: `preview` says what would happen, and has the token for saving it.
    Preview,
    /// It was saved; `preview` says what happened.
    Saved,
    /// Nothing was written; `problems` says what is wrong.
    Invalid,
    /// It does not exist, or no longer does.
    NotFound,
}

/// The outcome of an edit, whatever was edited.
pub struct Outcome {
    pub status: EditStatus,
    pub problems: Vec<Problem>,
    pub preview: Option<AccessPreview>,
}

impl Outcome {
    /// Separates what users can cause from errors.
    ///
    /// # Errors
    /// Everything but `Invalid` and `NotFound`.
    pub fn of(edited: Result<Edited>) -> Result<Self> {
        let without = |status, problems| Self { status, problems, preview: None };
        Ok(match edited {
            Ok(edited) => Self {
                status: if edited.is_saved { EditStatus::Saved } else { EditStatus::Preview },
                problems: Vec::new(),
                preview: Some(edited.into()),
            },
            Err(Error::Invalid(problems)) => {
                without(EditStatus::Invalid, problems.into_iter().map(Into::into).collect())
            }
            Err(Error::NotFound) => without(EditStatus::NotFound, Vec::new()),
            Err(error) => return Err(error),
        })
    }
}

macro_rules! payload {
    ($(#[$doc:meta])* $name:ident { $(#[$field_doc:meta])* $field:ident: $type:ty }) => {
        $(#[$doc])*
        #[derive(SimpleObject)]
        pub struct $name {
            /// The outcome.
            status: EditStatus,
            /// What is wrong, by field; empty unless `status` is INVALID.
            problems: Vec<Problem>,
            /// What the edit would do, or did; null if there is nothing to look at.
            preview: Option<AccessPreview>,
            $(#[$field_doc])*
            $field: Option<$type>,
        }

        impl $name {
            /// The payload, with what was edited as it is now.
            #[must_use]
            pub fn new(outcome: Outcome, $field: Option<$type>) -> Self {
                let Outcome { status, problems, preview } = outcome;
                Self { status, problems, preview, $field }
            }
        }
    };
}

payload! {
    /// The outcome of editing a state.
    StateEditPayload {
        /// The state as it is now; null for a preview of a new one and after deletion.
        state: State
    }
}
payload! {
    /// The outcome of editing a user.
    UserEditPayload {
        /// The user as they are now.
        user: User
    }
}

payload! {
    /// The outcome of editing a group.
    GroupEditPayload {
        /// The group as it is now; null for a preview of a new one and after deletion.
        group: Group
    }
}

/// The most of one kind that a rule may name.
const MOST: usize = 1_000;

/// Who a state lists.
#[derive(InputObject)]
pub struct StateMembersInput {
    /// These characters.
    character_ids: Vec<EveId>,
    /// Every character of these corporations.
    corporation_ids: Vec<EveId>,
    /// Every character of these alliances.
    alliance_ids: Vec<EveId>,
    /// Every character fighting for these factions.
    faction_ids: Vec<EveId>,
}

impl StateMembersInput {
    fn parse(self) -> Result<StateMembers> {
        let numbers = |ids: Vec<EveId>| -> Result<Vec<i64>> {
            if ids.len() > MOST {
                return Err(Error::invalid("members", "too_many", format!("At most {MOST} of a kind.")));
            }
            Ok(ids.into_iter().map(|id| id.0).collect())
        };
        Ok(StateMembers {
            characters: numbers(self.character_ids)?,
            corporations: numbers(self.corporation_ids)?,
            alliances: numbers(self.alliance_ids)?,
            factions: numbers(self.faction_ids)?,
        })
    }
}

/// A new state.
#[derive(InputObject)]
pub struct CreateStateInput {
    /// Unique (ignoring case), at most 32 characters.
    name: String,
    /// Unique; the highest that fits wins.
    priority: i32,
    /// Whether it is available to everybody with a main character.
    is_public: bool,
    /// Who it lists; absent: nobody.
    members: Option<StateMembersInput>,
    /// Superusers only.
    permissions: Option<Vec<String>>,
    /// Absent: only a preview.
    pub preview_token: Option<String>,
}

impl CreateStateInput {
    /// Converts it for the action.
    ///
    /// # Errors
    /// `Invalid` for lists that are too long.
    pub fn parse(self) -> Result<states::edit::Settings> {
        Ok(states::edit::Settings {
            name: self.name,
            priority: self.priority,
            is_public: self.is_public,
            members: self.members.map(StateMembersInput::parse).transpose()?.unwrap_or_default(),
            permissions: self.permissions.unwrap_or_default(),
        })
    }
}

/// What to change about a state. Absent fields stay as they are.
#[derive(InputObject)]
pub struct UpdateStateInput {
    /// The state.
    pub id: ID,
    /// Unique (ignoring case), at most 32 characters.
    name: Option<String>,
    /// Unique; the highest that fits wins.
    priority: Option<i32>,
    /// Whether it is available to everybody with a main character.
    is_public: Option<bool>,
    /// Exactly who it lists.
    members: Option<StateMembersInput>,
    /// Superusers only.
    permissions: Option<Vec<String>>,
    /// Absent: only a preview.
    pub preview_token: Option<String>,
}

impl UpdateStateInput {
    /// Converts it for the action.
    ///
    /// # Errors
    /// `Invalid` for lists that are too long.
    pub fn parse(self) -> Result<states::edit::Update> {
        Ok(states::edit::Update {
            name: self.name,
            priority: self.priority,
            is_public: self.is_public,
            members: self.members.map(StateMembersInput::parse).transpose()?,
            permissions: self.permissions,
        })
    }
}

/// The state to delete.
#[derive(InputObject)]
pub struct DeleteStateInput {
    /// The state.
    pub id: ID,
    /// Absent: only a preview.
    pub preview_token: Option<String>,
}

/// A new group.
#[derive(InputObject)]
pub struct CreateGroupInput {
    /// Unique (ignoring case), at most 150 characters, not reserved.
    name: String,
    /// At most 512 characters.
    description: Option<String>,
    /// As in `Group.isInternal`; absent: true.
    #[graphql(default = true)]
    is_internal: bool,
    /// As in `Group.isHidden`; absent: true.
    #[graphql(default = true)]
    is_hidden: bool,
    /// As in `Group.isOpen`; absent: false.
    #[graphql(default)]
    is_open: bool,
    /// As in `Group.isPublic`; absent: false.
    #[graphql(default)]
    is_public: bool,
    /// Superusers only.
    #[graphql(default)]
    is_restricted: bool,
    /// The only states whose users may be members; absent or empty: all.
    state_ids: Option<Vec<ID>>,
    /// Users who lead it.
    leader_ids: Option<Vec<ID>>,
    /// Groups whose members lead it.
    leader_group_ids: Option<Vec<ID>>,
    /// Superusers only.
    permissions: Option<Vec<String>>,
    /// Absent: only a preview.
    pub preview_token: Option<String>,
}

impl CreateGroupInput {
    /// Converts it for the action.
    ///
    /// # Errors
    /// `Invalid` for ids of another kind and lists that are too long.
    pub fn parse(self) -> Result<groups::edit::Settings> {
        Ok(groups::edit::Settings {
            name: self.name,
            description: self.description.unwrap_or_default(),
            is_internal: self.is_internal,
            is_hidden: self.is_hidden,
            is_open: self.is_open,
            is_public: self.is_public,
            is_restricted: self.is_restricted,
            states: some_ids::<StateId>("stateIds", self.state_ids.as_deref(), MOST)?
                .filter(|states| !states.is_empty()),
            leaders: ids::<UserId>("leaderIds", &self.leader_ids.unwrap_or_default(), MOST)?,
            leader_groups: ids::<GroupId>(
                "leaderGroupIds",
                &self.leader_group_ids.unwrap_or_default(),
                MOST,
            )?,
            permissions: self.permissions.unwrap_or_default(),
        })
    }
}

/// What to change about a group. Absent fields stay as they are.
#[derive(InputObject)]
pub struct UpdateGroupInput {
    /// The group.
    pub id: ID,
    /// Unique (ignoring case), at most 150 characters, not reserved.
    name: Option<String>,
    /// At most 512 characters.
    description: Option<String>,
    /// As in `Group.isInternal`.
    is_internal: Option<bool>,
    /// As in `Group.isHidden`.
    is_hidden: Option<bool>,
    /// As in `Group.isOpen`.
    is_open: Option<bool>,
    /// As in `Group.isPublic`.
    is_public: Option<bool>,
    /// Superusers only.
    is_restricted: Option<bool>,
    /// The only states whose users may be members; empty: all.
    state_ids: Option<Vec<ID>>,
    /// Exactly these users lead it.
    leader_ids: Option<Vec<ID>>,
    /// The members of exactly these groups lead it.
    leader_group_ids: Option<Vec<ID>>,
    /// Superusers only.
    permissions: Option<Vec<String>>,
    /// Absent: only a preview.
    pub preview_token: Option<String>,
}

impl UpdateGroupInput {
    /// Converts it for the action.
    ///
    /// # Errors
    /// `Invalid` for ids of another kind and lists that are too long.
    pub fn parse(self) -> Result<groups::edit::Update> {
        Ok(groups::edit::Update {
            name: self.name,
            description: self.description,
            is_internal: self.is_internal,
            is_hidden: self.is_hidden,
            is_open: self.is_open,
            is_public: self.is_public,
            is_restricted: self.is_restricted,
            states: some_ids::<StateId>("stateIds", self.state_ids.as_deref(), MOST)?,
            leaders: some_ids::<UserId>("leaderIds", self.leader_ids.as_deref(), MOST)?,
            leader_groups: some_ids::<GroupId>("leaderGroupIds", self.leader_group_ids.as_deref(), MOST)?,
            permissions: self.permissions,
        })
    }
}

/// The group to delete.
#[derive(InputObject)]
pub struct DeleteGroupInput {
    /// The group.
    pub id: ID,
    /// Absent: only a preview.
    pub preview_token: Option<String>,
}

/// A permission granted to a user directly.
#[derive(InputObject)]
pub struct PermissionGrantInput {
    /// `app.codename`
    permission: String,
    /// When it begins; absent: immediately.
    starts_at: Option<Time>,
    /// When it ends by itself.
    ends_at: Option<Time>,
    /// Why; at most 1,000 characters.
    reason: Option<String>,
}

/// What to change about a user. Absent fields stay as they are.
#[derive(InputObject)]
pub struct UpdateUserInput {
    /// The user.
    pub id: ID,
    /// Whether the account is on.
    is_active: Option<bool>,
    /// Superusers only.
    is_staff: Option<bool>,
    /// Superusers only.
    is_superuser: Option<bool>,
    /// Exactly these; superusers only.
    permissions: Option<Vec<PermissionGrantInput>>,
    /// Why, for the audit log.
    reason: Option<String>,
    /// Absent: only a preview.
    pub preview_token: Option<String>,
}

impl UpdateUserInput {
    /// Converts it for the action.
    ///
    /// # Errors
    /// `Invalid` for lists that are too long.
    pub fn parse(self) -> Result<identity::edit::Update> {
        let grant = |input: PermissionGrantInput| identity::edit::Grant {
            permission: input.permission,
            starts_at: input.starts_at,
            ends_at: input.ends_at,
            reason: input.reason.unwrap_or_default(),
        };
        if self.permissions.as_ref().is_some_and(|grants| grants.len() > MOST) {
            return Err(Error::invalid("permissions", "too_many", format!("At most {MOST}.")));
        }
        Ok(identity::edit::Update {
            is_active: self.is_active,
            is_staff: self.is_staff,
            is_superuser: self.is_superuser,
            permissions: self.permissions.map(|grants| grants.into_iter().map(grant).collect()),
            reason: self.reason.unwrap_or_default(),
        })
    }
}
