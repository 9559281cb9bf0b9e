//! Groups in the API: seeing, joining, leaving and managing them.

mod group;
mod loaders;
mod log;
mod management;
mod mutation;
mod payload;
mod query;
mod request;
mod viewer;

pub use group::{Group, Sight, UserGroup};
pub use loaders::GroupsOf;
pub use mutation::{GroupsMutation, fresh};
pub use query::GroupsQuery;
pub use viewer::{manages_any, request_count};
