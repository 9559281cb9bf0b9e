//! New Eden according to EVE Online: the ESI client, what we store of it, and how it is kept fresh.
//!
//! Rules
//! - Facts are yes, no or unknown. A call that fails or is answered oddly yields *unknown*, and
//!   unknown changes nothing.
//! - Only `POST /characters/affiliation` says where characters fly; a character's details are just its name.
//! - Corporations and alliances that turn up are stored at once as bare ids; their names follow.

pub mod directory;
pub mod esi;
pub mod images;
pub(crate) mod known;
pub mod learn;
pub mod names;
pub mod shown;
pub mod store;
pub mod sync;
