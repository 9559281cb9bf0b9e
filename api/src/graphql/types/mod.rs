//! The objects of the schema. Each file holds one object (or a few that belong together) with its resolvers.

pub mod audit;
pub mod character;
pub mod history;
pub mod notification;
pub mod organisation;
pub mod payload;
pub mod service;
pub mod site;
pub mod state;
pub mod user;
pub mod viewer;

use async_graphql::Context;

use super::loaders::Rows;
use crate::error::{Error, Result};

/// The request's loader.
pub(super) fn rows<'c>(ctx: &Context<'c>) -> Result<&'c Rows> {
    ctx.data_opt::<Rows>().ok_or_else(|| Error::internal("no loader in the context"))
}
