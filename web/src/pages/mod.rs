//! The pages: each loads with its own operations and composes parts. One file per page; what several pages share of
//! the same subject (characters, services) is a file here too.

pub mod access;
pub mod admin;
pub mod admin_login;
pub mod character_actions;
pub mod characters;
pub mod choose_main;
pub mod confirm_email;
pub mod dashboard;
pub mod explain;
pub mod gate;
pub mod groups;
pub mod history;
pub mod inbox;
pub mod login;
pub mod lookup;
pub mod not_found;
pub mod notifications;
pub mod own_change;
pub mod register;
pub mod service_card;
pub mod services;
pub mod settings;
pub mod status;
