//! Characters, corporations and alliances: by name, or by EVE's id.

use cynic::QueryBuilder;

use super::{Found, LookupVariables, LookupVariablesFields, filter::Source, use_hits};
use crate::{
    api::{EveId, encode, read, schema},
    ui::picker::Pick,
};

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

fn organisation(id: EveId, name: String, ticker: &str, logo: String) -> Pick {
    Pick { id: id.to_string(), name, detail: bracketed(ticker), picture: logo, ..Pick::default() }
}

impl Corporation {
    /// As something chosen.
    pub fn pick(self) -> Pick {
        organisation(self.id, self.name, &self.ticker, self.logo_url)
    }
}

impl Alliance {
    /// As something chosen.
    pub fn pick(self) -> Pick {
        organisation(self.id, self.name, &self.ticker, self.logo_url)
    }
}

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

/// The operations, for the list of them.
#[cfg(test)]
pub fn documents() -> Vec<String> {
    let typed = || LookupVariables::of("");
    vec![
        FindCharacters::build(typed()).query,
        FindCorporations::build(typed()).query,
        FindAlliances::build(typed()).query,
    ]
}
