//! The paths that are served, with what the specification says about each.

use poem::http::{Method, StatusCode};
use serde_json::json;

use super::{EsiError, limits::Bucket};

/// A known operation with its path parameters.
#[derive(Clone, Copy, Debug)]
pub(super) enum Route {
    Affiliation,
    Character(i64),
    CharacterHistory(i64),
    Online(i64),
    Roles(i64),
    NpcCorporations,
    Corporation(i64),
    AllianceHistory(i64),
    Members(i64),
    Alliances,
    Alliance(i64),
    AllianceCorporations(i64),
    Factions,
    Names,
    Ids,
    Status,
    CompatibilityDates,
}

/// How long an answer may be cached (`x-client-cache-ttl`).
#[derive(Clone, Copy)]
pub(super) enum Ttl {
    Seconds(u64),
    /// Until the daily downtime at 11:00 UTC.
    Downtime,
}

/// Finds the operation; `/a/b` and `/a/b/` are the same path.
pub(super) fn find(method: &Method, segments: &[&str]) -> Result<Route, EsiError> {
    let character = |id: &str| path_id("character_id", id);
    let corporation = |id: &str| path_id("corporation_id", id);
    let alliance = |id: &str| path_id("alliance_id", id);
    let (wanted, route) = match segments {
        ["characters", "affiliation"] => (Method::POST, Route::Affiliation),
        ["characters", id] => (Method::GET, Route::Character(character(id)?)),
        ["characters", id, "corporationhistory"] => (Method::GET, Route::CharacterHistory(character(id)?)),
        ["characters", id, "online"] => (Method::GET, Route::Online(character(id)?)),
        ["characters", id, "roles"] => (Method::GET, Route::Roles(character(id)?)),
        ["corporations", "npccorps"] => (Method::GET, Route::NpcCorporations),
        ["corporations", id] => (Method::GET, Route::Corporation(corporation(id)?)),
        ["corporations", id, "alliancehistory"] => (Method::GET, Route::AllianceHistory(corporation(id)?)),
        ["corporations", id, "members"] => (Method::GET, Route::Members(corporation(id)?)),
        ["alliances"] => (Method::GET, Route::Alliances),
        ["alliances", id] => (Method::GET, Route::Alliance(alliance(id)?)),
        ["alliances", id, "corporations"] => (Method::GET, Route::AllianceCorporations(alliance(id)?)),
        ["universe", "factions"] => (Method::GET, Route::Factions),
        ["universe", "names"] => (Method::POST, Route::Names),
        ["universe", "ids"] => (Method::POST, Route::Ids),
        ["status"] => (Method::GET, Route::Status),
        ["meta", "compatibility-dates"] => (Method::GET, Route::CompatibilityDates),
        _ => return Err(EsiError::not_found("Not found")),
    };
    if *method == wanted {
        Ok(route)
    } else {
        Err(EsiError::new(StatusCode::METHOD_NOT_ALLOWED, "Method not allowed"))
    }
}

fn path_id(name: &str, text: &str) -> Result<i64, EsiError> {
    let bad = || {
        EsiError::bad_request("Bad request").detail(format!("path.{name}"), "invalid integer", &json!(text))
    };
    text.parse().map_err(|_| bad())
}

impl Route {
    /// `security`
    pub(super) fn scope(&self) -> Option<&'static str> {
        match self {
            Self::Online(_) => Some("esi-location.read_online.v1"),
            Self::Roles(_) => Some("esi-characters.read_corporation_roles.v1"),
            Self::Members(_) => Some("esi-corporations.read_corporation_membership.v1"),
            _ => None,
        }
    }

    /// `x-rate-limit`; routes without one fall under the error limit.
    pub(super) fn bucket(&self) -> Option<Bucket> {
        let (group, tokens) = match self {
            Self::Online(_) => ("char-location", 1_200),
            Self::Roles(_) => ("char-detail", 600),
            Self::Members(_) => ("corp-member", 300),
            Self::Status => ("status", 600),
            Self::CompatibilityDates => ("meta", 150),
            _ => return None,
        };
        Some(Bucket { group, tokens })
    }

    pub(super) fn ttl(&self) -> Ttl {
        match self {
            Self::Character(_) | Self::CharacterHistory(_) => Ttl::Seconds(86_400),
            Self::Online(_) => Ttl::Seconds(60),
            Self::Status => Ttl::Seconds(30),
            Self::CompatibilityDates => Ttl::Seconds(600),
            Self::NpcCorporations | Self::Factions => Ttl::Downtime,
            _ => Ttl::Seconds(3_600),
        }
    }
}
