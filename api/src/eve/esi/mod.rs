//! The client of ESI, EVE Online's public API, pinned to one compatibility date.
//!
//! Rules:
//! - An answer is either sound (it fits its type, names only what was asked) or an error; of an answer about many
//!   characters each record is judged by itself. "Not found" and "deleted" are
//!   believed only when ESI says so in its own words; an outage, an odd page or a limit is never a fact about a pilot.
//! - ESI bans those who ignore its limits, so every call passes `guard.rs`: it stops before the error limit is
//!   burnt and stays away for as long as ESI asked.
//! - Only 502, 503, 504 and broken connections are tried again; all calls here only read, the POSTs too.
//! - Callers keep `expires` and `etag` of [`Cached`] and do not ask again before.

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
