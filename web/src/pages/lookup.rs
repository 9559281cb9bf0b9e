//! Finds what is chosen in forms: characters, organisations, users, groups.

use cynic::Operation;
use leptos::{prelude::*, task::spawn_local};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    api::{ApiError, EveId, encode, post, read, schema},
    i18n::texts::rules as text,
    session,
    ui::picker::Pick,
};

/// An id that nothing of New Eden has: the query wants one even where only words are looked for.
const NO_EVE_ID: EveId = EveId(1);

#[derive(cynic::QueryVariables, Debug)]
pub struct LookupVariables {
    search: String,
    /// What was typed, as EVE's id; that of nothing when it is none.
    id: EveId,
}

impl LookupVariables {
    /// For what was typed.
    pub fn of(words: &str) -> Self {
        Self { search: words.to_owned(), id: eve_id(words).unwrap_or(NO_EVE_ID) }
    }
}

fn eve_id(words: &str) -> Option<EveId> {
    words.parse().ok().filter(|id| *id > 0).map(EveId)
}

/// Characters by name, or by EVE's id.
#[derive(cynic::QueryFragment, Clone, Debug)]
#[cynic(graphql_type = "Query", variables = "LookupVariables")]
pub struct FindCharacters {
    #[arguments(filter: { search: $search }, first: 8)]
    characters: Characters,
    #[arguments(id: $id)]
    character: Option<Character>,
}

#[derive(cynic::QueryFragment, Clone, Debug)]
#[cynic(graphql_type = "CharacterConnection")]
struct Characters {
    nodes: Vec<Character>,
}

impl Found for FindCharacters {
    fn picks(self) -> Vec<Pick> {
        self.character.into_iter().chain(self.characters.nodes).map(Character::pick).collect()
    }
}

/// Corporations by name, or by EVE's id.
#[derive(cynic::QueryFragment, Clone, Debug)]
#[cynic(graphql_type = "Query", variables = "LookupVariables")]
pub struct FindCorporations {
    #[arguments(filter: { search: $search }, first: 8)]
    corporations: Corporations,
    #[arguments(id: $id)]
    corporation: Option<Corporation>,
}

#[derive(cynic::QueryFragment, Clone, Debug)]
#[cynic(graphql_type = "CorporationConnection")]
struct Corporations {
    nodes: Vec<Corporation>,
}

impl Found for FindCorporations {
    fn picks(self) -> Vec<Pick> {
        self.corporation.into_iter().chain(self.corporations.nodes).map(Corporation::pick).collect()
    }
}

/// Alliances by name, or by EVE's id.
#[derive(cynic::QueryFragment, Clone, Debug)]
#[cynic(graphql_type = "Query", variables = "LookupVariables")]
pub struct FindAlliances {
    #[arguments(filter: { search: $search }, first: 8)]
    alliances: Alliances,
    #[arguments(id: $id)]
    alliance: Option<Alliance>,
}

#[derive(cynic::QueryFragment, Clone, Debug)]
#[cynic(graphql_type = "AllianceConnection")]
struct Alliances {
    nodes: Vec<Alliance>,
}

impl Found for FindAlliances {
    fn picks(self) -> Vec<Pick> {
        self.alliance.into_iter().chain(self.alliances.nodes).map(Alliance::pick).collect()
    }
}

/// A character to choose.
#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
pub struct Character {
    /// EVE's id.
    pub id: EveId,
    name: String,
    #[arguments(size: 64)]
    portrait_url: String,
    corporation: Option<CorporationTicker>,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "Corporation")]
struct CorporationTicker {
    ticker: String,
}

/// A corporation to choose.
#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
pub struct Corporation {
    /// EVE's id.
    pub id: EveId,
    name: String,
    ticker: String,
    #[arguments(size: 64)]
    logo_url: String,
}

/// An alliance to choose.
#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
pub struct Alliance {
    /// EVE's id.
    pub id: EveId,
    name: String,
    ticker: String,
    #[arguments(size: 64)]
    logo_url: String,
}

fn bracketed(ticker: &str) -> String {
    if ticker.is_empty() { String::new() } else { format!("[{ticker}]") }
}

impl Character {
    /// As something chosen.
    pub fn pick(self) -> Pick {
        let detail = self.corporation.map(|corporation| bracketed(&corporation.ticker)).unwrap_or_default();
        Pick { id: self.id.to_string(), name: self.name, detail, picture: self.portrait_url }
    }
}

impl Corporation {
    /// As something chosen.
    pub fn pick(self) -> Pick {
        Pick {
            id: self.id.to_string(),
            name: self.name,
            detail: bracketed(&self.ticker),
            picture: self.logo_url,
        }
    }
}

impl Alliance {
    /// As something chosen.
    pub fn pick(self) -> Pick {
        Pick {
            id: self.id.to_string(),
            name: self.name,
            detail: bracketed(&self.ticker),
            picture: self.logo_url,
        }
    }
}

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

/// What a search found.
pub trait Found: DeserializeOwned + 'static {
    /// As things to choose.
    fn picks(self) -> Vec<Pick>;
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

impl Found for FindGroups {
    fn picks(self) -> Vec<Pick> {
        // The description says why one was found whose name has nothing of the words.
        let pick = |group: GroupFound| Pick {
            id: group.id.into_inner(),
            name: group.name,
            detail: group.description,
            ..Pick::default()
        };
        self.groups.nodes.into_iter().map(pick).collect()
    }
}

/// What matches the words typed: of EVE's things also an id that nobody here has heard of yet.
pub fn use_hits<T, V>(
    words: RwSignal<String>,
    build: fn(LookupVariables) -> Operation<T, V>,
    by_eve_id: bool,
) -> RwSignal<Vec<Pick>>
where
    T: Found,
    V: Serialize + 'static,
{
    let hits = RwSignal::new(Vec::new());
    let ask = move |typed: &str| encode(&build(LookupVariables::of(typed)));
    look_up(words, hits, Box::new(ask), |answer| read::<T>(answer).map(Found::picks), by_eve_id);
    hits
}

/// Makes the question for some words.
type Ask = Box<dyn Fn(&str) -> Result<String, ApiError>>;

/// The part that does not depend on what is looked for, so that it is compiled once.
fn look_up(
    words: RwSignal<String>,
    hits: RwSignal<Vec<Pick>>,
    ask: Ask,
    take: fn(&str) -> Result<Vec<Pick>, ApiError>,
    by_eve_id: bool,
) {
    Effect::new(move |_| {
        let typed = words.get();
        if typed.is_empty() {
            return;
        }
        let Ok(body) = ask(&typed) else { return };
        spawn_local(async move {
            let found = post(body).await.and_then(|answer| take(&answer)).unwrap_or_default();
            // Somebody who types on has no use for this answer.
            if !session::is_ending() && words.try_with_untracked(|now| *now == typed) == Some(true) {
                hits.try_set(with_unknown(found, &typed, by_eve_id));
            }
        });
    });
}

/// Adds what was typed as a bare id, unless the server knows it.
fn with_unknown(mut found: Vec<Pick>, typed: &str, by_eve_id: bool) -> Vec<Pick> {
    if let Some(id) = eve_id(typed).filter(|_| by_eve_id).map(|id| id.to_string())
        && !found.iter().any(|pick| pick.id == id)
    {
        found.push(Pick {
            name: text::eve_id(&id),
            id,
            detail: text::eve_id_unknown().to_owned(),
            ..Pick::default()
        });
    }
    let mut seen = Vec::new();
    found.retain(|pick| {
        let new = !seen.contains(&pick.id);
        seen.push(pick.id.clone());
        new
    });
    found
}

/// Every search's operation, for the list of them.
#[cfg(test)]
pub fn documents() -> Vec<String> {
    use cynic::QueryBuilder;
    let typed = || LookupVariables::of("");
    vec![
        FindCharacters::build(typed()).query,
        FindCorporations::build(typed()).query,
        FindAlliances::build(typed()).query,
        FindUsers::build(typed()).query,
        FindGroups::build(typed()).query,
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_nobody_knows_can_be_chosen() {
        let known = Pick { id: "98000001".to_owned(), name: "Known".to_owned(), ..Pick::default() };
        assert_eq!(with_unknown(vec![known.clone(), known.clone()], "98000001", true), [known]);
        assert_eq!(with_unknown(Vec::new(), "98000002", true).len(), 1);
        assert_eq!(with_unknown(Vec::new(), "98000002", false).len(), 0);
        assert_eq!(with_unknown(Vec::new(), "ayla", true).len(), 0);
    }
}
