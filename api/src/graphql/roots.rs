//! The roots, merged from one object per area: adding an area is one name here.

use async_graphql::MergedObject;

use super::{
    groups::{GroupsMutation, GroupsQuery},
    insight::InsightQuery,
    mutation::CoreMutation,
    query::CoreQuery,
    rules::{RulesMutation, RulesQuery},
    search::SearchQuery,
};

/// What can be asked.
#[derive(Debug, Default, MergedObject)]
pub struct Query(CoreQuery, GroupsQuery, RulesQuery, InsightQuery, SearchQuery);

/// What can be done.
#[derive(Debug, Default, MergedObject)]
pub struct Mutation(CoreMutation, GroupsMutation, RulesMutation);
