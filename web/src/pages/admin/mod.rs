//! Pages for administrators.
//!
//! Edits of the rules of access go through [`edit`] and are shown by [`preview`] before they are made; [`rights`] says
//! what a viewer is offered, [`part`] how these pages come to the browser.

pub mod as_of;
pub mod ask_about;
pub mod audit;
pub mod audit_kinds;
pub mod catalogue;
pub mod edit;
pub mod export;
pub mod filter;
pub mod form;
pub mod group;
pub mod group_gives;
pub mod group_log;
pub mod groups;
pub mod inputs;
pub mod part;
pub mod permission;
pub mod permissions;
pub mod person;
pub mod preview;
pub mod reserved;
pub mod rights;
pub mod rule_form;
pub mod state;
pub mod states;
pub mod user;
pub mod user_access;
pub mod users;
