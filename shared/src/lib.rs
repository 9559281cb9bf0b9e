//! What Fealty's server and its SPA must agree on: names of permissions, ids, rules that both ends check.
//!
//! Rules of this crate: no I/O, no clock, no randomness; it compiles for wasm32 and for the host. GraphQL types
//! are not here (the schema is their home), nor rows, nor configuration.

pub mod id;
pub mod links;
pub mod permission;
pub mod validate;
