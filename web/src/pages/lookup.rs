//! Finds what is chosen in forms and filters: characters, organisations, users, groups.

use std::rc::Rc;

use cynic::{Operation, QueryBuilder};
use leptos::{prelude::*, task::spawn_local};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    api::{ApiError, EveId, encode, post, read, schema},
    i18n::texts::rules as text,
    session,
    ui::picker::{Pick, Picker},
    url::Address,
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
        Pick {
            id: self.id.to_string(),
            name: self.name,
            detail,
            picture: self.portrait_url,
            ..Pick::default()
        }
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
            ..Pick::default()
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
            ..Pick::default()
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

#[derive(cynic::QueryVariables, Debug)]
pub struct NameVariables {
    id: cynic::Id,
}

impl NameVariables {
    fn of(id: &str) -> Self {
        Self { id: cynic::Id::new(id) }
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

/// The same of a group.
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

impl Found for UserName {
    fn picks(self) -> Vec<Pick> {
        let pick =
            |user: NamedUser| Pick { id: user.id.into_inner(), name: user.username, ..Pick::default() };
        self.user.into_iter().map(pick).collect()
    }
}

impl Found for GroupName {
    fn picks(self) -> Vec<Pick> {
        let pick =
            |group: NamedGroup| Pick { id: group.id.into_inner(), name: group.name, ..Pick::default() };
        self.group.into_iter().map(pick).collect()
    }
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
    let ask = move |typed: &str| encode(&build(LookupVariables::of(typed)));
    look_up(words, Box::new(ask), Box::new(|answer| read::<T>(answer).map(Found::picks)), by_eve_id)
}

/// Groups that match the words typed, for a user of a state.
pub fn use_groups_for(words: RwSignal<String>, state: String) -> RwSignal<Vec<Pick>> {
    let ask = |typed: &str| encode(&FindGroupsFor::build(LookupVariables::of(typed)));
    let take = move |answer: &str| read::<FindGroupsFor>(answer).map(|found| found.picks(&state));
    look_up(words, Box::new(ask), Box::new(take), false)
}

/// Makes the question for some words.
type Ask = Box<dyn Fn(&str) -> Result<String, ApiError>>;
/// Reads the answer.
type Take = Box<dyn Fn(&str) -> Result<Vec<Pick>, ApiError>>;

/// The part that does not depend on what is looked for, so that it is compiled once.
fn look_up(words: RwSignal<String>, ask: Ask, take: Take, by_eve_id: bool) -> RwSignal<Vec<Pick>> {
    let hits = RwSignal::new(Vec::new());
    let take = Rc::new(take);
    Effect::new(move |_| {
        let typed = words.get();
        if typed.is_empty() {
            return;
        }
        let Ok(body) = ask(&typed) else { return };
        let take = Rc::clone(&take);
        spawn_local(async move {
            let found = post(body).await.and_then(|answer| take(&answer)).unwrap_or_default();
            // Somebody who types on has no use for this answer.
            if !session::is_ending() && words.try_with_untracked(|now| *now == typed) == Some(true) {
                hits.try_set(with_unknown(found, &typed, by_eve_id));
            }
        });
    });
    hits
}

/// A kind of thing that a filter may name: how it is searched, and what one is called that an address names.
#[derive(Clone, Copy)]
pub struct Source {
    hits: fn(RwSignal<String>) -> RwSignal<Vec<Pick>>,
    ask: fn(&str) -> Result<String, ApiError>,
    take: fn(&str) -> Result<Vec<Pick>, ApiError>,
}

/// Users, by any of their characters.
pub const USERS: Source = Source {
    hits: |words| use_hits(words, FindUsers::build, false),
    ask: |id| encode(&UserName::build(NameVariables::of(id))),
    take: |answer| read::<UserName>(answer).map(Found::picks),
};

/// Groups.
pub const GROUPS: Source = Source {
    hits: |words| use_hits(words, FindGroups::build, false),
    ask: |id| encode(&GroupName::build(NameVariables::of(id))),
    take: |answer| read::<GroupName>(answer).map(Found::picks),
};

/// Groups that the viewer manages.
pub const MANAGED_GROUPS: Source =
    Source { hits: |words| use_hits(words, FindManagedGroups::build, false), ..GROUPS };

/// Characters.
pub const CHARACTERS: Source = Source {
    hits: |words| use_hits(words, FindCharacters::build, true),
    ask: |id| encode(&FindCharacters::build(LookupVariables::of(id))),
    take: |answer| read::<FindCharacters>(answer).map(Found::picks),
};

/// Corporations.
pub const CORPORATIONS: Source = Source {
    hits: |words| use_hits(words, FindCorporations::build, true),
    ask: |id| encode(&FindCorporations::build(LookupVariables::of(id))),
    take: |answer| read::<FindCorporations>(answer).map(Found::picks),
};

/// Alliances.
pub const ALLIANCES: Source = Source {
    hits: |words| use_hits(words, FindAlliances::build, true),
    ask: |id| encode(&FindAlliances::build(LookupVariables::of(id))),
    take: |answer| read::<FindAlliances>(answer).map(Found::picks),
};

/// A filter by one of many things, found by the server.
#[component]
pub fn PickFilter(
    /// Where it stands.
    address: Address,
    /// The parameter.
    name: &'static str,
    /// What is chosen.
    label: &'static str,
    /// Among what.
    source: Source,
) -> impl IntoView {
    let words = RwSignal::new(String::new());
    let hits = (source.hits)(words);
    let chosen = RwSignal::new(Vec::<Pick>::new());
    let id_now = move || chosen.with(|chosen| chosen.first().map(|pick| pick.id.clone()).unwrap_or_default());
    // The address may name something that nobody chose here.
    Effect::new(move |_| {
        let id = address.text(name);
        if id == untrack(id_now) {
            return;
        }
        if id.is_empty() {
            chosen.set(Vec::new());
            return;
        }
        chosen.set(vec![Pick { id: id.clone(), name: id.clone(), ..Pick::default() }]);
        let Ok(body) = (source.ask)(&id) else { return };
        spawn_local(async move {
            let found = post(body).await.and_then(|answer| (source.take)(&answer)).unwrap_or_default();
            let Some(named) = found.into_iter().find(|pick| pick.id == id) else { return };
            if !session::is_ending()
                && chosen.try_with_untracked(|now| now.first().map(|pick| pick.id == id)) == Some(Some(true))
            {
                chosen.set(vec![named]);
            }
        });
    });
    Effect::new(move |seen: Option<String>| {
        let now = id_now();
        if seen.is_some_and(|seen| seen != now) && address.text_now(name) != now {
            address.set(&[(name, Some(&now))]);
        }
        now
    });
    view! {
        <Picker
            name=name
            label=label
            placeholder=label
            chosen=chosen
            single=true
            words=words
            hits=hits
            compact=true
        />
    }
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
    let typed = || LookupVariables::of("");
    vec![
        FindCharacters::build(typed()).query,
        FindCorporations::build(typed()).query,
        FindAlliances::build(typed()).query,
        FindUsers::build(typed()).query,
        FindGroups::build(typed()).query,
        FindManagedGroups::build(typed()).query,
        FindGroupsFor::build(typed()).query,
        UserName::build(NameVariables::of("")).query,
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

    #[test]
    fn ids_nobody_knows_can_be_chosen() {
        let known = Pick { id: "98000001".to_owned(), name: "Known".to_owned(), ..Pick::default() };
        assert_eq!(with_unknown(vec![known.clone(), known.clone()], "98000001", true), [known]);
        assert_eq!(with_unknown(Vec::new(), "98000002", true).len(), 1);
        assert_eq!(with_unknown(Vec::new(), "98000002", false).len(), 0);
        assert_eq!(with_unknown(Vec::new(), "ayla", true).len(), 0);
    }
}
