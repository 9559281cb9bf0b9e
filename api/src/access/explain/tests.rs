//! The decision by itself.
