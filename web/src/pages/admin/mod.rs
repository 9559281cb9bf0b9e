//! Pages for administrators.

pub mod filter;
pub mod user;
pub mod users;
