//! The objects of the schema. Each file holds one object (or a few that belong together) with its resolvers.

pub mod audit;
pub mod character;
pub mod condition;
pub mod edit;
pub mod explanation;
pub mod history;
pub mod notification;
pub mod organisation;
pub mod payload;
pub mod permission;
pub mod person;
pub mod preview;
pub mod reserved;
pub mod service;
pub mod site;
pub mod state;
pub mod user;
pub mod viewer;

use std::hash::Hash;

use async_graphql::{Context, dataloader::Loader};
use futures_util::{FutureExt, future::BoxFuture};

use super::loaders::{Batches, LoadFailed, Rows};
use crate::error::{Error, Result};

/// The request's loader.
pub(super) fn rows<'c>(ctx: &Context<'c>) -> Result<&'c Rows> {
    ctx.data_opt::<Rows>().ok_or_else(|| Error::internal("no loader in the context"))
}

/// Loads one thing with the request's loader. Boxed: the future of every field is as large as the largest among its
/// object's fields, and most fields never wait.
pub(super) fn load<'c, K>(
    ctx: &Context<'c>,
    key: K,
) -> BoxFuture<'c, Result<Option<<Batches as Loader<K>>::Value>>>
where
    K: Send + Sync + Hash + Eq + Clone + 'static,
    Batches: Loader<K, Error = LoadFailed>,
{
    let rows = rows(ctx);
    async move { Ok(rows?.load_one(key).await?) }.boxed()
}
