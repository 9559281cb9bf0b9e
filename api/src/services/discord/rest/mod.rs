//! The client for Discord's REST API, version 10: linking accounts by OAuth 2.0, and the
//! members and roles of one guild.
//!
//! Rules:
//! - "Not a member" is only believed if Discord says so by its code (10007, 10013); any other 404 is an error.
//! - Discord bans addresses that ignore its limits, so every call goes through `limits.rs`: short waits are waited
//!   out, longer ones are returned as [`DiscordError::RateLimited`].
//! - Calls that are safe to repeat are repeated after 5xx and broken connections. Creating a role and the OAuth
//!   grants are only repeated if Discord cannot have seen them.
//! - [`DiscordRest::edit_member`] replaces the whole list of roles: the caller includes roles that are not its own.

mod client;
mod config;
mod error;
mod limits;
mod members;
mod model;
mod oauth;
mod roles;
mod send;
#[cfg(test)]
mod tests;

pub use client::DiscordRest;
pub use config::{DiscordConfig, user_agent};
pub use error::{DiscordError, FieldProblem};
pub use members::{AddOutcome, MEMBERS_PAGE};
pub use model::{DiscordUser, Member, Role, is_snowflake};
pub use oauth::DiscordTokens;
pub use roles::ROLE_NAME_LENGTH;
