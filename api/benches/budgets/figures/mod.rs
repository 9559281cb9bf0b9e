//! The figures, a file for each group.

pub mod access;
mod ask;
pub mod audit;
pub mod bundle;
pub mod dashboard;
pub mod insight;
pub mod memory;
pub mod revocation;
pub mod sync;

/// The middle of some measurements.
fn median(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}
