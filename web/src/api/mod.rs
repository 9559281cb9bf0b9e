//! How the SPA talks to the server: operations checked by cynic against `schema.graphql`, sent by one client.
//!
//! A page calls [`use_query`] or [`use_mutation`] and draws the [`Remote`] it gets; it never touches HTTP. What the
//! server says by itself comes over one WebSocket ([`live`]), and every query shown asks again when told to.
//! Fragments live in the files of the parts that draw them, operations in the files of the pages that load them.

mod client;
mod error;
pub mod live;
mod operation;
mod page;
mod remote;
mod scalars;
pub mod socket;

pub use client::{encode, post, read, send};
pub use error::{ApiError, ErrorCode, Problem};
pub use operation::{Mutation, Query, use_checked_query, use_mutation, use_query};
pub use page::{PageInfo, PageVariables};
pub use remote::Remote;
pub use scalars::{DateTime, EveId};

/// The types of `schema.graphql`, for cynic's derives.
#[cynic::schema("fealty")]
pub mod schema {}
