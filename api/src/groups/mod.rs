//! Groups: their edits and the names they may not have.

pub mod edit;
pub mod reserved;
