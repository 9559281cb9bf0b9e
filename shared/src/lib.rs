//! What Fealty's server and its SPA must agree on: names of permissions, ids, and rules that both ends check.
//!
//! Rules of this crate: no I/O, no clock, no randomness; it compiles for wasm32 and for the host. GraphQL types are
//! not here (they live in the schema), nor are rows or configuration.

pub mod id;
pub mod links;
pub mod permission;
pub mod validate;
