//! Results of transactions that must not commit.

use crate::error::{Error, Result};

/// Ends a transaction without committing it: with a result all the same (a preview, a pulled brake), or because
/// something failed. The error type of such a transaction's closure; `?` works in it as usual.
#[derive(Debug)]
pub enum Rollback<T> {
    /// Nothing was written, and this is what came out.
    With(T),
    /// It failed.
    Failed(Error),
}

impl<T> Rollback<T> {
    /// What the transaction came to, committed or not.
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
