//! New Eden as EVE Online tells it: the ESI client, what we keep of it, and how it is kept fresh.
//!
//! Rules
//! - Facts are yes, no or unknown. A call that fails or answers oddly gives *unknown*, and unknown changes nothing.
//! - `POST /characters/affiliation` alone says where characters fly; the details of a character are only a name.
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
