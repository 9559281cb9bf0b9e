//! The roots, merged from one object per area: adding an area is one name here.

use async_graphql::MergedObject;

use super::{
    groups::{GroupsMutation, GroupsQuery},
    insight::InsightQuery,
    mutation::CoreMutation,
    query::CoreQuery,
    rules::{RulesMutation, RulesQuery},
};

/// What can be asked.
#[derive(Debug, Default, MergedObject)]
pub struct Query(CoreQuery, GroupsQuery, RulesQuery, InsightQuery);

/// What can be done.
#[derive(Debug, Default, MergedObject)]
pub struct Mutation(CoreMutation, GroupsMutation, RulesMutation);
