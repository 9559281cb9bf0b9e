//! Groups: all that the viewer sees, those the viewer manages, and those that fit a user.

use cynic::QueryBuilder;
use leptos::prelude::*;

use super::{
    Found, LookupVariables, LookupVariablesFields, NameVariables, NameVariablesFields, filter::Source,
    look_up, use_hits,
};
use crate::{
    api::{encode, read, schema},
    i18n::texts::rules as text,
    ui::picker::{Hits, Pick},
};

#[derive(cynic::QueryFragment, Clone, Debug)]
#[cynic(graphql_type = "Query", variables = "LookupVariables")]
pub struct FindGroups {
    #[arguments(filter: { search: $search }, first: 8)]
    groups: GroupsFound,
}

#[derive(cynic::QueryFragment, Clone, Debug)]
#[cynic(graphql_type = "GroupConnection")]
struct GroupsFound {
    nodes: Vec<GroupFound>,
}

#[derive(cynic::QueryFragment, Clone, Debug)]
#[cynic(graphql_type = "Group")]
struct GroupFound {
    id: cynic::Id,
    name: String,
    description: String,
}

/// Groups that the viewer manages, by name.
#[derive(cynic::QueryFragment, Clone, Debug)]
#[cynic(graphql_type = "Query", variables = "LookupVariables")]
pub struct FindManagedGroups {
    #[arguments(filter: { search: $search, isManaged: true }, first: 8)]
    groups: GroupsFound,
}

/// Groups by name, and for which states they are.
#[derive(cynic::QueryFragment, Clone, Debug)]
#[cynic(graphql_type = "Query", variables = "LookupVariables")]
pub struct FindGroupsFor {
    #[arguments(filter: { search: $search }, first: 20)]
    groups: GroupsForFound,
}

#[derive(cynic::QueryFragment, Clone, Debug)]
#[cynic(graphql_type = "GroupConnection")]
struct GroupsForFound {
    nodes: Vec<GroupForFound>,
}

#[derive(cynic::QueryFragment, Clone, Debug)]
#[cynic(graphql_type = "Group")]
struct GroupForFound {
    id: cynic::Id,
    name: String,
    description: String,
    is_state_limited: bool,
    states: Vec<StateOfGroup>,
}

#[derive(cynic::QueryFragment, Clone, Debug)]
#[cynic(graphql_type = "State")]
struct StateOfGroup {
    name: String,
}

impl GroupForFound {
    /// Why a user of a state cannot be in it; empty when he can.
    fn unfit(&self, state: &str) -> String {
        if !self.is_state_limited || self.states.iter().any(|fit| fit.name == state) {
            return String::new();
        }
        let names: Vec<&str> = self.states.iter().map(|fit| fit.name.as_str()).collect();
        if names.is_empty() { text::unfit_nobody().to_owned() } else { text::unfit_state(&names.join(", ")) }
    }
}

impl FindGroupsFor {
    /// As things to choose for a user of a state: those that fit him first.
    fn picks(self, state: &str) -> Vec<Pick> {
        let pick = |group: GroupForFound| Pick {
            unfit: group.unfit(state),
            id: group.id.into_inner(),
            name: group.name,
            detail: group.description,
            ..Pick::default()
        };
        let mut all: Vec<Pick> = self.groups.nodes.into_iter().map(pick).collect();
        all.sort_by_key(|pick| !pick.unfit.is_empty());
        all
    }
}

impl GroupsFound {
    fn picks(self) -> Vec<Pick> {
        // The description says why one was found whose name has nothing of the words.
        let pick = |group: GroupFound| Pick {
            id: group.id.into_inner(),
            name: group.name,
            detail: group.description,
            ..Pick::default()
        };
        self.nodes.into_iter().map(pick).collect()
    }
}

impl Found for FindGroups {
    fn picks(self) -> Vec<Pick> {
        self.groups.picks()
    }
}

impl Found for FindManagedGroups {
    fn picks(self) -> Vec<Pick> {
        self.groups.picks()
    }
}

/// What a group is called that an address names.
#[derive(cynic::QueryFragment, Clone, Debug)]
#[cynic(graphql_type = "Query", variables = "NameVariables")]
pub struct GroupName {
    #[arguments(id: $id)]
    group: Option<NamedGroup>,
}

#[derive(cynic::QueryFragment, Clone, Debug)]
#[cynic(graphql_type = "Group")]
struct NamedGroup {
    id: cynic::Id,
    name: String,
}

impl Found for GroupName {
    fn picks(self) -> Vec<Pick> {
        let pick =
            |group: NamedGroup| Pick { id: group.id.into_inner(), name: group.name, ..Pick::default() };
        self.group.into_iter().map(pick).collect()
    }
}

/// Groups that match the words typed, for a user of a state.
pub fn use_groups_for(words: RwSignal<String>, state: String) -> Hits {
    let ask = |typed: &str| encode(&FindGroupsFor::build(LookupVariables::of(typed)));
    let take = move |answer: &str| read::<FindGroupsFor>(answer).map(|found| found.picks(&state));
    look_up(words, Box::new(ask), Box::new(take), false)
}

/// Groups.
pub const GROUPS: Source = Source {
    hits: |words| use_hits(words, FindGroups::build, false),
    ask: |id| encode(&GroupName::build(NameVariables::of(id))),
    take: |answer| read::<GroupName>(answer).map(Found::picks),
};

/// Groups that the viewer manages.
pub const MANAGED_GROUPS: Source =
    Source { hits: |words| use_hits(words, FindManagedGroups::build, false), ..GROUPS };

/// The operations, for the list of them.
#[cfg(test)]
pub fn documents() -> Vec<String> {
    let typed = || LookupVariables::of("");
    vec![
        FindGroups::build(typed()).query,
        FindManagedGroups::build(typed()).query,
        FindGroupsFor::build(typed()).query,
        GroupName::build(NameVariables::of("")).query,
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_that_fit_come_first() {
        let group = |name: &str, states: Option<&[&str]>| GroupForFound {
            id: cynic::Id::new(name),
            name: name.to_owned(),
            description: String::new(),
            is_state_limited: states.is_some(),
            states: states
                .unwrap_or_default()
                .iter()
                .map(|name| StateOfGroup { name: (*name).to_owned() })
                .collect(),
        };
        let nodes = vec![
            group("Blue only", Some(&["Blue"])),
            group("Nobody", Some(&[])),
            group("All", None),
            group("Members", Some(&["Blue", "Member"])),
        ];
        let picks = FindGroupsFor { groups: GroupsForFound { nodes } }.picks("Member");
        let fit: Vec<(&str, bool)> =
            picks.iter().map(|pick| (pick.name.as_str(), pick.unfit.is_empty())).collect();
        assert_eq!(fit, [("All", true), ("Members", true), ("Blue only", false), ("Nobody", false)]);
    }
}
