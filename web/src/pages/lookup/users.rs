//! Users, by any of their characters.

use cynic::QueryBuilder;

use super::{
    Found, LookupVariablesFields, NameVariables, NameVariablesFields, eve::Character, filter::Source,
    use_hits,
};
use crate::{
    api::{encode, read, schema},
    ui::picker::Pick,
};

#[derive(cynic::QueryFragment, Clone, Debug)]
#[cynic(graphql_type = "Query", variables = "LookupVariables")]
pub struct FindUsers {
    #[arguments(filter: { search: $search }, first: 8)]
    users: UsersFound,
}

#[derive(cynic::QueryFragment, Clone, Debug)]
#[cynic(graphql_type = "UserConnection")]
struct UsersFound {
    nodes: Vec<UserFound>,
}

#[derive(cynic::QueryFragment, Clone, Debug)]
#[cynic(graphql_type = "User")]
struct UserFound {
    id: cynic::Id,
    username: String,
    main_character: Option<Character>,
}

impl Found for FindUsers {
    fn picks(self) -> Vec<Pick> {
        let pick = |user: UserFound| {
            let main = user.main_character.map(Character::pick);
            let id = user.id.into_inner();
            match main {
                Some(main) => Pick { id, detail: user.username, ..main },
                None => Pick { id, name: user.username, ..Pick::default() },
            }
        };
        self.users.nodes.into_iter().map(pick).collect()
    }
}

/// What a user is called whom an address names.
#[derive(cynic::QueryFragment, Clone, Debug)]
#[cynic(graphql_type = "Query", variables = "NameVariables")]
pub struct UserName {
    #[arguments(id: $id)]
    user: Option<NamedUser>,
}

#[derive(cynic::QueryFragment, Clone, Debug)]
#[cynic(graphql_type = "User")]
struct NamedUser {
    id: cynic::Id,
    username: String,
}

impl Found for UserName {
    fn picks(self) -> Vec<Pick> {
        let pick =
            |user: NamedUser| Pick { id: user.id.into_inner(), name: user.username, ..Pick::default() };
        self.user.into_iter().map(pick).collect()
    }
}

/// Users, for filters.
pub const USERS: Source = Source {
    hits: |words| use_hits(words, FindUsers::build, false),
    ask: |id| encode(&UserName::build(NameVariables::of(id))),
    take: |answer| read::<UserName>(answer).map(Found::picks),
};

/// The operations, for the list of them.
#[cfg(test)]
pub fn documents() -> Vec<String> {
    vec![FindUsers::build(super::LookupVariables::of("")).query, UserName::build(NameVariables::of("")).query]
}
