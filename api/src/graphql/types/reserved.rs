//! Reserved group names.

use async_graphql::{Description, Enum, ID, InputObject, Object, SimpleObject};
use fealty_shared::id::ReservedGroupNameId;

use super::payload::Problem;
use crate::{graphql::loaders::Time, groups::reserved};

/// A name that no group may have.
#[derive(Description)]
pub struct ReservedGroupName(pub reserved::Reserved);

#[Object(use_type_description)]
impl ReservedGroupName {
    async fn id(&self) -> ID {
        ReservedGroupNameId(self.0.id).to_string().into()
    }

    async fn name(&self) -> &str {
        &self.0.name
    }

    async fn reason(&self) -> &str {
        &self.0.reason
    }

    /// Who reserved it, by name.
    async fn created_by(&self) -> &str {
        &self.0.created_by
    }

    async fn created_at(&self) -> Time {
        self.0.created_at
    }
}

/// A name to reserve.
#[derive(InputObject)]
pub struct CreateReservedGroupNameInput {
    /// At most 150 characters; any case counts.
    pub name: String,
    /// At most 1,000 characters.
    pub reason: String,
}

/// What came of reserving a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum CreateReservedGroupNameStatus {
    Created,
    Invalid,
}

/// What came of reserving a name.
#[derive(SimpleObject)]
pub struct CreateReservedGroupNamePayload {
    pub status: CreateReservedGroupNameStatus,
    pub problems: Vec<Problem>,
    pub reserved_group_name: Option<ReservedGroupName>,
}

/// Which name to release.
#[derive(InputObject)]
pub struct DeleteReservedGroupNameInput {
    pub id: ID,
}

/// What came of releasing a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum DeleteReservedGroupNameStatus {
    Deleted,
    NotFound,
}

/// What came of releasing a name.
#[derive(SimpleObject)]
pub struct DeleteReservedGroupNamePayload {
    pub status: DeleteReservedGroupNameStatus,
}
