//! Integration tests: every one starts a simulator of its own and talks to it over HTTP, as a client would.
//!
//! - `client.rs`: the clients' side; `spec.rs`: the official specifications.
//! - The others are named after the upstream or the part of the simulator that they are about.

mod admin;
mod client;
mod discord;
mod discord_oauth;
mod esi;
mod esi_auth;
mod esi_limits;
mod faults;
mod images;
mod spec;
mod sso;
mod sso_tokens;
