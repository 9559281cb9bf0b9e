//! New Eden itself: who exists, and who flies for whom.
//!
//! - `model.rs`: the facts that can change; everything else about an object is derived from its id and the seed,
//!   which keeps a world of 300,000 pilots small.
//! - `names.rs`: pilot names and ids, both computed from an index.
//! - `data.rs`: the shipped files.
//! - `generate.rs`: builds a pristine world.
//! - `change.rs`: what a player, an admin of the simulator or fate can do to it.
//! - `view.rs`: looks things up for the upstreams and the admin API.
//!
//! No upstream keeps facts of its own about characters or organisations: all of them ask the world, so a change is
//! seen everywhere at once.

mod change;
mod data;
mod generate;
mod model;
mod names;
mod view;

pub use change::Unknown;
pub use generate::generated_character_id;
pub use view::{AllianceInfo, CharacterInfo, CorporationInfo};

pub(crate) use data::scopes;
pub(crate) use model::{Biomass, CorporationState, Saved, World};
pub(crate) use names::mix;
