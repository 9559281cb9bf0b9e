//! The client for ESI, EVE Online's public API, pinned to one compatibility date.
//!
//! Rules:
//! - An answer is either sound (it has the right type and names only what was asked for) or an error; in an answer
//!   about many characters each record is judged on its own. "Not found" and "deleted" are only believed if ESI says
//!   so in its own words; an outage, an odd page or a limit is never a fact about a pilot.
//! - ESI bans those who ignore its limits, so every call goes through `guard.rs`: it stops before the error limit is
//!   used up, and stays away for as long as ESI asks.
//! - Only 502, 503, 504 and broken connections are retried; all calls here only read, even the POSTs.
//! - Callers keep `expires` and `etag` of [`Cached`] and do not ask again before then.

mod affiliations;
mod client;
mod config;
mod error;
mod guard;
mod model;
mod send;
#[cfg(test)]
mod tests;

pub use affiliations::AffiliationBatch;
pub use client::Esi;
pub use config::{BisectLimits, COMPATIBILITY_DATE, EsiConfig, user_agent};
pub use error::EsiError;
pub use model::{
    Affiliation, Alliance, Cached, Character, Corporation, DOOMHEIM, Faction, NameCategory, ResolvedName,
};

/// The most ids one affiliation or names call takes.
pub const MAX_IDS: usize = 1000;
