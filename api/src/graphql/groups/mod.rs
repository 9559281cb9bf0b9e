//! Groups in the API: what one may see of them, join, leave, manage.

mod group;
mod loaders;
mod log;
mod management;
mod mutation;
mod payload;
mod query;
mod request;
mod viewer;

use async_graphql::ID;
use fealty_shared::id::GroupId;

pub use group::{Group, Sight, UserGroup};
pub use loaders::GroupsOf;
pub use mutation::{GroupsMutation, fresh};
pub use query::GroupsQuery;
pub use viewer::{manages_any, request_count};

use crate::error::{Error, Result};

/// A group's id.
///
/// # Errors
/// `Invalid`, naming `field`, for anything else.
pub(in crate::graphql) fn group_id(field: &'static str, id: &ID) -> Result<i64> {
    id.parse::<GroupId>()
        .map(|id| id.0)
        .map_err(|_| Error::invalid(field, "invalid", "This is no id of a group."))
}
