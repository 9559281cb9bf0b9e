//! The files shipped in `data/`.

use serde::{Deserialize, de::DeserializeOwned};

const FACTIONS: &str = include_str!("../../data/factions.json");
const NPC_CORPORATIONS: &str = include_str!("../../data/npc_corporations.json");
const CORPORATIONS: &str = include_str!("../../data/corporations.json");
const ALLIANCES: &str = include_str!("../../data/alliances.json");
const SCOPES: &str = include_str!("../../data/esi-scopes.txt");

/// A faction, as in the static data.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Faction {
    pub(crate) faction_id: i64,
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) corporation_id: Option<i64>,
    pub(crate) militia_corporation_id: Option<i64>,
    pub(crate) solar_system_id: Option<i64>,
    pub(crate) size_factor: f64,
    pub(crate) is_unique: bool,
}

/// `[id, name, ticker, faction_id, ceo_id, station_id, tax_rate, size, deleted]`
pub(crate) type NpcCorporation =
    (i64, String, String, Option<i64>, Option<i64>, Option<i64>, f64, String, bool);

/// `[id, name, ticker]`
pub(crate) type Organisation = (i64, String, String);

#[derive(Deserialize)]
struct Table<R> {
    rows: Vec<R>,
}

pub(crate) fn factions() -> Vec<Faction> {
    parse(FACTIONS)
}

pub(crate) fn npc_corporations() -> Vec<NpcCorporation> {
    parse::<Table<_>>(NPC_CORPORATIONS).rows
}

pub(crate) fn corporations() -> Vec<Organisation> {
    parse::<Table<_>>(CORPORATIONS).rows
}

pub(crate) fn alliances() -> Vec<Organisation> {
    parse::<Table<_>>(ALLIANCES).rows
}

/// Every existing ESI scope.
pub(crate) fn scopes() -> impl Iterator<Item = &'static str> {
    SCOPES.lines().map(str::trim).filter(|line| !line.is_empty())
}

/// The files are part of the program: if they do not parse, the program is broken, and every test says so.
fn parse<T: DeserializeOwned>(text: &str) -> T {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("shipped data file: {error}"))
}
