//! The roots, merged from one object per area: adding an area means adding one name here.

use async_graphql::MergedObject;

use super::{
    explain::ExplainQuery,
    groups::{GroupsMutation, GroupsQuery},
    insight::InsightQuery,
    mutation::CoreMutation,
    new_eden::NewEdenQuery,
    past::PastQuery,
    people::PeopleQuery,
    query::CoreQuery,
    rules::{RulesMutation, RulesQuery},
    search::SearchQuery,
};

/// The queries.
#[derive(Debug, Default, MergedObject)]
pub struct Query(
    CoreQuery,
    PeopleQuery,
    NewEdenQuery,
    GroupsQuery,
    RulesQuery,
    InsightQuery,
    ExplainQuery,
    PastQuery,
    SearchQuery,
);

/// The mutations.
#[derive(Debug, Default, MergedObject)]
pub struct Mutation(CoreMutation, GroupsMutation, RulesMutation);
