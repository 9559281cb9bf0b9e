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
    /// An opaque id.
    async fn id(&self) -> ID {
        ReservedGroupNameId(self.0.id).to_string().into()
    }

    /// The name; case does not matter.
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

/// Filter for reserved names.
#[derive(InputObject, Default)]
pub struct ReservedGroupNameFilter {
    /// Part of the name or reason, ignoring case.
    pub search: Option<String>,
}

/// A name to reserve.
#[derive(InputObject)]
pub struct CreateReservedGroupNameInput {
    /// At most 150 characters; case does not matter.
    pub name: String,
    /// At most 1,000 characters.
    pub reason: String,
}

/// The outcome of reserving a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum CreateReservedGroupNameStatus {
    /// The name is reserved.
    Created,
    /// Nothing was done: see `problems`.
    Invalid,
}

/// The outcome of reserving a name.
#[derive(SimpleObject)]
pub struct CreateReservedGroupNamePayload {
    /// The outcome.
    pub status: CreateReservedGroupNameStatus,
    /// What is wrong, by field; empty unless `status` is INVALID.
    pub problems: Vec<Problem>,
    /// The new reservation; null unless `status` is CREATED.
    pub reserved_group_name: Option<ReservedGroupName>,
}

/// The name to release.
#[derive(InputObject)]
pub struct DeleteReservedGroupNameInput {
    /// The reservation.
    pub id: ID,
}

/// The outcome of releasing a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum DeleteReservedGroupNameStatus {
    /// Groups may have the name again.
    Deleted,
    /// There is no such reservation.
    NotFound,
}

/// The outcome of releasing a name.
#[derive(SimpleObject)]
pub struct DeleteReservedGroupNamePayload {
    /// The outcome.
    pub status: DeleteReservedGroupNameStatus,
}
