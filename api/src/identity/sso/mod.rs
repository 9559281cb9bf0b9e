//! The client of EVE SSO v2: sends pilots there, turns the code they come back with into a verified login,
//! refreshes and revokes tokens.
//!
//! EVE SSO is OAuth 2.0 with a signed access token, and nothing more: there is no `id_token` and no
//! `openid-configuration`. `openidconnect` does the OAuth 2.0 part with explicit endpoints; the
//! access token is checked here.
//!
//! Rules:
//! - Nobody is who they claim to be until [`EveSso::exchange`] or [`EveSso::refresh`] has
//!   returned a [`VerifiedLogin`].
//! - Only RS256 with a key from the SSO's own set counts; the token's header chooses among
//!   those keys and nothing else.
//! - A refresh token is dead only when the SSO says so ([`SsoError::InvalidGrant`]). Whatever
//!   else happens, it is kept.
//! - A code can be used once, so an exchange is only repeated if the SSO cannot have seen it.

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
