//! The client of EVE SSO v2: sends a pilot there, turns the code he comes back with into a verified login, refreshes and
//! revokes tokens.
//!
//! EVE SSO is OAuth 2.0 with a signed access token, and nothing more: there is no `id_token` and no
//! `openid-configuration`. The OAuth 2.0 part is done by `openidconnect` with explicit endpoints, the access token is
//! checked here.
//!
//! Rules:
//! - Nobody is who he says he is until [`EveSso::exchange`] or [`EveSso::refresh`] returned a [`VerifiedLogin`].
//! - Only RS256 with a key of the SSO's own set counts; the token's header chooses among those keys and nothing else.
//! - A refresh token is dead only when the SSO says so ([`SsoError::InvalidGrant`]). Whatever else happens, it is kept.
//! - A code can be used once, so an exchange is repeated only when the SSO cannot have seen it.

mod client;
mod config;
mod error;
mod fetched;
mod keys;
mod metadata;
mod pkce;
#[cfg(test)]
mod tests;
mod token;
mod verify;

pub use client::{EveSso, VerifiedLogin};
pub use config::{DEFAULT_METADATA_URL, SsoConfig, default_issuers};
pub use error::SsoError;
pub use pkce::{Pkce, new_pkce};
