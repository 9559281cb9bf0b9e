//! Who somebody is: users, their characters, EVE SSO, sessions, passwords of superusers, tokens of bots.
//!
//! Rules
//! - Only a fresh SSO answer, bound to the browser that asked for it, proves that somebody plays a character. No id or
//!   token that a client sends ever does.
//! - A character has one owner. A new owner hash means that it was sold: the old user loses it, and with it his main.
//! - One logs in with the main. A user who owns characters but has no main may log in with any of them and is asked to
//!   choose.
//! - Session ids, API tokens and links are random, stored hashed, and revocable; refresh tokens are sealed.
//! - An inactive user without e-mail address has not finished his registration; one with an address was switched off.

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
