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
    /// Opaque.
    async fn id(&self) -> ID {
        ReservedGroupNameId(self.0.id).to_string().into()
    }

    /// The name, in any case.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Why it is reserved.
    async fn reason(&self) -> &str {
        &self.0.reason
    }

    /// Who reserved it, by name.
    async fn created_by(&self) -> &str {
        &self.0.created_by
    }

    /// When it was reserved.
    async fn created_at(&self) -> Time {
        self.0.created_at
    }
}

/// Which reserved names.
#[derive(InputObject, Default)]
pub struct ReservedGroupNameFilter {
    /// Part of the name or reason, any case.
    pub search: Option<String>,
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
    /// The name is reserved.
    Created,
    /// Nothing was done: see `problems`.
    Invalid,
}

/// What came of reserving a name.
#[derive(SimpleObject)]
pub struct CreateReservedGroupNamePayload {
    /// What came of it.
    pub status: CreateReservedGroupNameStatus,
    /// What is wrong with which field; empty unless `status` is INVALID.
    pub problems: Vec<Problem>,
    /// The new one; null unless `status` is CREATED.
    pub reserved_group_name: Option<ReservedGroupName>,
}

/// Which name to release.
#[derive(InputObject)]
pub struct DeleteReservedGroupNameInput {
    /// Which name.
    pub id: ID,
}

/// What came of releasing a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum DeleteReservedGroupNameStatus {
    /// Groups may have the name again.
    Deleted,
    /// There is no such reservation.
    NotFound,
}

/// What came of releasing a name.
#[derive(SimpleObject)]
pub struct DeleteReservedGroupNamePayload {
    /// What came of it.
    pub status: DeleteReservedGroupNameStatus,
}
