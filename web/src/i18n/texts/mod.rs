//! The texts, one file per area of the SPA.

pub mod account;
pub mod admin;
pub mod audit;
pub mod common;
pub mod dashboard;
pub mod errors;
pub mod frame;
pub mod notifications;
pub mod rules;
pub mod services;
pub mod settings;
pub mod time;
