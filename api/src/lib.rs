//! Fealty's library: everything the binaries `server`, `worker` and `fealtyctl` are made of.
//!
//! Facts decide access, and access causes effects: `eve` and `identity` bring in facts, `access` decides,
//! `services`, `notifications` and `events` carry it out. `graphql` and `http` are how people and bots get in;
//! `jobs` is how work goes on without them.

pub mod access;
pub mod app;
pub mod audit;
pub mod clock;
pub mod conditions;
pub mod config;
pub mod crypto;
pub mod db;
pub mod demo;
pub mod error;
pub mod eve;
pub mod events;
pub mod graphql;
pub mod groups;
pub mod http;
pub mod identity;
pub mod jobs;
pub mod notifications;
pub mod origin;
pub mod permissions;
pub mod process;
pub mod search;
pub mod services;
pub mod states;
pub mod text;
pub mod upstream;
