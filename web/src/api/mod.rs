//! How the SPA talks to the server: operations checked by cynic against `schema.graphql`, sent by one client.
//!
//! A page calls [`use_query`] or [`use_mutation`] and draws the [`Remote`] it gets; it never touches HTTP. What the
//! server says by itself comes over one WebSocket ([`live`]), and every query shown asks again when told to.
//! Fragments live in the files of the parts that draw them, operations in the files of the pages that load them.

mod client;
mod error;
pub mod live;
mod operation;
mod remote;
mod scalars;
pub mod socket;

pub use client::send;
pub use error::{ApiError, ErrorCode, Problem};
pub use operation::{Mutation, Query, use_mutation, use_query};
pub use remote::Remote;
pub use scalars::{DateTime, EveId};

/// The types of `schema.graphql`, for cynic's derives.
#[cynic::schema("fealty")]
pub mod schema {}

/// Where one page of a list begins and ends.
#[derive(cynic::QueryFragment, Clone, Debug, Default, PartialEq)]
pub struct PageInfo {
    /// Whether there is something before it.
    pub has_previous_page: bool,
    /// Whether there is something after it.
    pub has_next_page: bool,
    /// Cursor of its first entry.
    pub start_cursor: Option<String>,
    /// Cursor of its last entry.
    pub end_cursor: Option<String>,
}
