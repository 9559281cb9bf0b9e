//! What the edits of the rules send. Absent fields are not sent, and stay as they are.

use crate::api::{DateTime, EveId, schema};

/// Whom a state lists.
#[derive(cynic::InputObject, Clone, Debug, Default, PartialEq)]
pub struct StateMembersInput {
    /// Characters.
    pub character_ids: Vec<EveId>,
    /// Corporations.
    pub corporation_ids: Vec<EveId>,
    /// Alliances.
    pub alliance_ids: Vec<EveId>,
    /// Factions.
    pub faction_ids: Vec<EveId>,
}

/// A new state.
#[derive(cynic::InputObject, Clone, Debug, PartialEq)]
pub struct CreateStateInput {
    /// Its name.
    pub name: String,
    /// The highest that fits wins.
    pub priority: i32,
    /// For everybody.
    pub is_public: bool,
    /// Whom it lists.
    #[cynic(skip_serializing_if = "Option::is_none")]
    pub members: Option<StateMembersInput>,
    /// What it carries; superusers only.
    #[cynic(skip_serializing_if = "Option::is_none")]
    pub permissions: Option<Vec<String>>,
    /// That of the latest preview; without it nothing is written.
    #[cynic(skip_serializing_if = "Option::is_none")]
    pub preview_token: Option<String>,
}

/// Another state; absent fields stay.
#[derive(cynic::InputObject, Clone, Debug, PartialEq)]
pub struct UpdateStateInput {
    /// Which.
    pub id: cynic::Id,
    /// Its name.
    #[cynic(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The highest that fits wins.
    #[cynic(skip_serializing_if = "Option::is_none")]
    pub priority: Option<i32>,
    /// For everybody.
    #[cynic(skip_serializing_if = "Option::is_none")]
    pub is_public: Option<bool>,
    /// Whom it lists.
    #[cynic(skip_serializing_if = "Option::is_none")]
    pub members: Option<StateMembersInput>,
    /// What it carries; superusers only.
    #[cynic(skip_serializing_if = "Option::is_none")]
    pub permissions: Option<Vec<String>>,
    /// That of the latest preview; without it nothing is written.
    #[cynic(skip_serializing_if = "Option::is_none")]
    pub preview_token: Option<String>,
}

/// No state any more.
#[derive(cynic::InputObject, Clone, Debug, PartialEq)]
pub struct DeleteStateInput {
    /// Which.
    pub id: cynic::Id,
    /// That of the latest preview; without it nothing is written.
    #[cynic(skip_serializing_if = "Option::is_none")]
    pub preview_token: Option<String>,
}

/// A new group.
#[derive(cynic::InputObject, Clone, Debug, PartialEq)]
pub struct CreateGroupInput {
    /// Its name.
    pub name: String,
    /// Nobody joins by himself.
    pub is_internal: bool,
    /// Not listed.
    pub is_hidden: bool,
    /// Without approval.
    pub is_open: bool,
    /// For everybody.
    pub is_public: bool,
    /// Members are changed by superusers only.
    pub is_restricted: bool,
    /// For those who may join.
    #[cynic(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Only these may be members; empty for all.
    #[cynic(skip_serializing_if = "Option::is_none")]
    pub state_ids: Option<Vec<cynic::Id>>,
    /// Users who lead it.
    #[cynic(skip_serializing_if = "Option::is_none")]
    pub leader_ids: Option<Vec<cynic::Id>>,
    /// Groups whose members lead it.
    #[cynic(skip_serializing_if = "Option::is_none")]
    pub leader_group_ids: Option<Vec<cynic::Id>>,
    /// What it carries; superusers only.
    #[cynic(skip_serializing_if = "Option::is_none")]
    pub permissions: Option<Vec<String>>,
    /// That of the latest preview; without it nothing is written.
    #[cynic(skip_serializing_if = "Option::is_none")]
    pub preview_token: Option<String>,
}

/// Another group; absent fields stay.
#[derive(cynic::InputObject, Clone, Debug, PartialEq)]
pub struct UpdateGroupInput {
    /// Which.
    pub id: cynic::Id,
    /// Its name.
    #[cynic(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// For those who may join.
    #[cynic(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Nobody joins by himself.
    #[cynic(skip_serializing_if = "Option::is_none")]
    pub is_internal: Option<bool>,
    /// Not listed.
    #[cynic(skip_serializing_if = "Option::is_none")]
    pub is_hidden: Option<bool>,
    /// Without approval.
    #[cynic(skip_serializing_if = "Option::is_none")]
    pub is_open: Option<bool>,
    /// For everybody.
    #[cynic(skip_serializing_if = "Option::is_none")]
    pub is_public: Option<bool>,
    /// Members are changed by superusers only.
    #[cynic(skip_serializing_if = "Option::is_none")]
    pub is_restricted: Option<bool>,
    /// Only these may be members; empty for all.
    #[cynic(skip_serializing_if = "Option::is_none")]
    pub state_ids: Option<Vec<cynic::Id>>,
    /// Users who lead it.
    #[cynic(skip_serializing_if = "Option::is_none")]
    pub leader_ids: Option<Vec<cynic::Id>>,
    /// Groups whose members lead it.
    #[cynic(skip_serializing_if = "Option::is_none")]
    pub leader_group_ids: Option<Vec<cynic::Id>>,
    /// What it carries; superusers only.
    #[cynic(skip_serializing_if = "Option::is_none")]
    pub permissions: Option<Vec<String>>,
    /// That of the latest preview; without it nothing is written.
    #[cynic(skip_serializing_if = "Option::is_none")]
    pub preview_token: Option<String>,
}

/// No group any more.
#[derive(cynic::InputObject, Clone, Debug, PartialEq)]
pub struct DeleteGroupInput {
    /// Which.
    pub id: cynic::Id,
    /// That of the latest preview; without it nothing is written.
    #[cynic(skip_serializing_if = "Option::is_none")]
    pub preview_token: Option<String>,
}

/// Another user; absent fields stay.
#[derive(cynic::InputObject, Clone, Debug, PartialEq)]
pub struct UpdateUserInput {
    /// Which.
    pub id: cynic::Id,
    /// Whether he may log in.
    #[cynic(skip_serializing_if = "Option::is_none")]
    pub is_active: Option<bool>,
    /// Whether he may administrate.
    #[cynic(skip_serializing_if = "Option::is_none")]
    pub is_staff: Option<bool>,
    /// Whether he may do everything.
    #[cynic(skip_serializing_if = "Option::is_none")]
    pub is_superuser: Option<bool>,
    /// What it carries; superusers only.
    #[cynic(skip_serializing_if = "Option::is_none")]
    pub permissions: Option<Vec<PermissionGrantInput>>,
    /// Why.
    #[cynic(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// That of the latest preview; without it nothing is written.
    #[cynic(skip_serializing_if = "Option::is_none")]
    pub preview_token: Option<String>,
}

/// A permission for one user.
#[derive(cynic::InputObject, Clone, Debug, PartialEq)]
pub struct PermissionGrantInput {
    /// `app.codename`.
    pub permission: String,
    /// Absent: at once.
    #[cynic(skip_serializing_if = "Option::is_none")]
    pub starts_at: Option<DateTime>,
    /// Absent: for good.
    #[cynic(skip_serializing_if = "Option::is_none")]
    pub ends_at: Option<DateTime>,
    /// Why.
    #[cynic(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl UpdateStateInput {
    /// Nothing changes yet.
    pub fn new(id: cynic::Id) -> Self {
        Self {
            id,
            name: None,
            priority: None,
            is_public: None,
            members: None,
            permissions: None,
            preview_token: None,
        }
    }
}

impl UpdateGroupInput {
    /// Nothing changes yet.
    pub fn new(id: cynic::Id) -> Self {
        Self {
            id,
            name: None,
            description: None,
            is_internal: None,
            is_hidden: None,
            is_open: None,
            is_public: None,
            is_restricted: None,
            state_ids: None,
            leader_ids: None,
            leader_group_ids: None,
            permissions: None,
            preview_token: None,
        }
    }
}

impl UpdateUserInput {
    /// Nothing changes yet.
    pub fn new(id: cynic::Id) -> Self {
        Self {
            id,
            is_active: None,
            is_staff: None,
            is_superuser: None,
            permissions: None,
            reason: None,
            preview_token: None,
        }
    }
}
