//! Results of transactions that must not be committed.

use crate::error::{Error, Result};

/// Ends a transaction without committing it: with a result (a preview, a pulled brake), or because something failed.
/// This is the error type of such a transaction's closure; `?` works in it as usual.
#[derive(Debug)]
pub enum Rollback<T> {
    /// Nothing was written, and this is the result.
    With(T),
    /// It failed.
    Failed(Error),
}

impl<T> Rollback<T> {
    /// The transaction's result, committed or not.
    ///
    /// # Errors
    /// What made it fail.
    pub fn outcome(ended: Result<T, Self>) -> Result<T> {
        match ended {
            Ok(result) | Err(Self::With(result)) => Ok(result),
            Err(Self::Failed(error)) => Err(error),
        }
    }
}

impl<T> From<diesel::result::Error> for Rollback<T> {
    fn from(error: diesel::result::Error) -> Self {
        Self::Failed(error.into())
    }
}

impl<T> From<Error> for Rollback<T> {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}
