//! The access engine against an obvious model, on random worlds; and what it records.

mod both;
mod following;
mod insight;
mod model;
mod past;
mod play;
mod properties;
mod records;
mod steps;
mod take;
