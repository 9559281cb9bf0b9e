//! The texts, one file per area of the SPA.

pub mod access;
pub mod account;
pub mod admin;
pub mod audit;
pub mod common;
pub mod conditions;
pub mod dashboard;
pub mod errors;
pub mod frame;
pub mod groups;
pub mod inbox;
pub mod manage;
pub mod notifications;
pub mod rules;
pub mod search;
pub mod services;
pub mod settings;
pub mod time;
