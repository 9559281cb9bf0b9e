//! Pages for administrators.
//!
//! Edits of the rules of access go through [`edit`] and are shown by [`preview`] before they are made; [`rights`] says
//! what a viewer is offered, [`part`] how these pages come to the browser.

pub mod as_of;
pub mod audit;
pub mod catalogue;
pub mod edit;
pub mod export;
pub mod filter;
pub mod form;
pub mod group;
pub mod groups;
pub mod inputs;
pub mod part;
pub mod permission;
pub mod permissions;
pub mod person;
pub mod preview;
pub mod reserved;
pub mod rights;
pub mod state;
pub mod states;
pub mod user;
pub mod user_access;
pub mod users;
