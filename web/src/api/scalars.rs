//! The schema's own scalars as Rust types.

use super::schema;

/// A moment in UTC.
pub type DateTime = chrono::DateTime<chrono::Utc>;

cynic::impl_scalar!(DateTime, schema::DateTime);

/// EVE's id of a character, corporation, alliance or faction.
#[derive(cynic::Scalar, Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct EveId(pub i64);

impl std::fmt::Display for EveId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}
