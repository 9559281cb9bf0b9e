//! Who somebody is: users, their characters, EVE SSO, sessions, superusers' passwords, bots' tokens.
//!
//! Rules
//! - Only a fresh SSO answer, bound to the browser that asked for it, proves that somebody plays a character. No id
//!   or token that a client sends ever does.
//! - A character has one owner. A new owner hash means that it was sold: the old user loses it, and with it
//!   their main if it was that.
//! - Users log in with their main. Those who own characters but have no main may log in with any of them
//!   and are asked to choose.
//! - Session ids, API tokens and links are random, stored hashed, and revocable; refresh tokens are sealed.
//! - An inactive user with `switched_off_at` was switched off; one without has not finished their registration.

pub mod api_token;
pub mod characters;
pub mod directory;
pub mod edit;
pub mod jobs;
pub mod login;
pub mod mail;
pub mod oauth_attempt;
pub mod password;
pub mod preferences;
pub mod registration;
pub mod session;
pub mod sso;
pub mod superusers;
pub mod tokens;
pub mod username;
pub mod users;
