//! What can go wrong, in the few kinds that a caller can act on.
//!
//! Expected outcomes (already linked, not owned, invalid address) are data of the action that has them. `Error` is
//! for the rest. It deliberately has no `Display`: `async-graphql` and `poem` turn anything with a `Display` into a
//! public message, and internal text must not leak through a stray `?`.

use std::{fmt, time::Duration};

/// What is wrong with one field of an input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Path of the field, for example `email`.
    pub field: &'static str,
    /// Machine-readable code.
    pub code: &'static str,
    /// One sentence in English.
    pub message: String,
}

impl Problem {
    /// Creates a problem with `field`.
    pub fn new(field: &'static str, code: &'static str, message: impl Into<String>) -> Self {
        Self { field, code, message: message.into() }
    }
}

/// Why an action did not happen.
#[derive(Debug)]
pub enum Error {
    /// Nobody is logged in.
    Unauthenticated,
    /// Logged in, but without the permission.
    Forbidden,
    /// There is no such thing, or the caller may not know of it.
    NotFound,
    /// The input is wrong.
    Invalid(Vec<Problem>),
    /// Somebody else changed it in the meantime.
    Conflict(&'static str),
    /// PostgreSQL aborted this in favour of a concurrent change (a deadlock, a serialization failure): the same
    /// transaction may well succeed if run again. See [`crate::db::Db::transaction`].
    Contention,
    /// PostgreSQL cancelled a statement that took too long (`database.statement_timeout_seconds`); nothing was changed.
    Timeout,
    /// Too many attempts.
    RateLimited(Duration),
    /// Another service failed.
    Upstream { service: &'static str, detail: String },
    /// A defect or a broken database. Logged at the edge, never shown.
    Internal(Internal),
}

/// The cause of an internal error with its chain.
pub struct Internal(Box<dyn std::error::Error + Send + Sync>);

impl fmt::Debug for Internal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut source = self.0.source();
        while let Some(cause) = source {
            write!(f, ": {cause}")?;
            source = cause.source();
        }
        Ok(())
    }
}

impl Internal {
    /// Whether the cause is an `E`.
    #[must_use]
    pub fn is<E: std::error::Error + 'static>(&self) -> bool {
        self.0.is::<E>()
    }
}

impl Error {
    /// Wraps an unexpected error.
    pub fn internal(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(Internal(cause.into()))
    }

    /// An error about one field.
    pub fn invalid(field: &'static str, code: &'static str, message: impl Into<String>) -> Self {
        Self::Invalid(vec![Problem::new(field, code, message)])
    }

    /// For logs and job records, never for users.
    #[must_use]
    pub fn for_operators(&self) -> String {
        format!("{self:?}")
    }
}

impl From<diesel::result::Error> for Error {
    fn from(error: diesel::result::Error) -> Self {
        use diesel::result::{DatabaseErrorKind as Kind, Error as Diesel};
        match &error {
            Diesel::DatabaseError(Kind::UniqueViolation, _) => {
                tracing::info!(error = %error, "a constraint decided between two changes");
                Self::Conflict("somebody else changed this at the same moment")
            }
            Diesel::DatabaseError(Kind::SerializationFailure, _) => Self::Contention,
            // What is referred to does not exist, or no longer does.
            Diesel::DatabaseError(Kind::ForeignKeyViolation, _) => {
                tracing::info!(error = %error, "a reference to something that does not exist");
                Self::NotFound
            }
            // diesel has no kind of its own for SQLSTATE 40P01.
            Diesel::DatabaseError(_, info) if info.message() == "deadlock detected" => {
                tracing::warn!("two changes waited for each other; one was given up");
                Self::Contention
            }
            // Nor for 57014.
            Diesel::DatabaseError(_, info)
                if info.message() == "canceling statement due to statement timeout" =>
            {
                tracing::error!("a statement took too long and was cancelled");
                Self::Timeout
            }
            _ => Self::internal(error),
        }
    }
}

/// What most functions return.
pub type Result<T, E = Error> = std::result::Result<T, E>;
