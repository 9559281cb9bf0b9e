//! What users can have or lack.

/// Something that access gives.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Subject {
    /// A permission by name.
    Permission(String),
    /// Being in a group, by id.
    Group(i64),
    /// Having a state, by id.
    State(i64),
    /// Being allowed on a service, by key.
    Service(String),
}
