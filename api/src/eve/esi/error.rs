//! What can go wrong with ESI.

use std::time::Duration;

/// Why a call to ESI failed.
///
/// `NotFound` and `Deleted` are facts that ESI stated about the thing asked for. Everything
/// else says nothing about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EsiError {
    /// ESI says that the character, corporation or alliance does not exist.
    #[error("does not exist")]
    NotFound,
    /// ESI says that the character has been deleted.
    #[error("has been deleted")]
    Deleted,
    /// The token is missing or invalid.
    #[error("not authorized")]
    Unauthorized,
    /// The token lacks a scope, or the character a role.
    #[error("forbidden: {message}")]
    Forbidden {
        /// ESI's words.
        message: String,
    },
    /// ESI asked for a pause, or would if we went on.
    #[error("rate limited for {retry_after:?}")]
    RateLimited {
        /// How long to stay away.
        retry_after: Duration,
    },
    /// ESI refuses the call as it is; the same call will be refused again.
    #[error("refused with status {status}: {message}")]
    Rejected {
        /// The HTTP status.
        status: u16,
        /// ESI's words.
        message: String,
    },
    /// ESI cannot be reached, is failing, or is in its daily downtime.
    #[error("unavailable: {reason}")]
    Unavailable {
        /// When to try again, if known.
        retry_after: Option<Duration>,
        /// What happened.
        reason: String,
    },
    /// The answer makes no sense.
    #[error("nonsensical answer: {0}")]
    Invalid(String),
    /// We asked for something impossible: a fault in our code.
    #[error("impossible request: {0}")]
    Misuse(&'static str),
}

impl EsiError {
    /// Whether the same call may succeed later without anybody changing anything.
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        matches!(self, Self::RateLimited { .. } | Self::Unavailable { .. } | Self::Invalid(_))
    }

    /// How long to wait before the next try, if ESI or the guard said so.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::RateLimited { retry_after } => Some(*retry_after),
            Self::Unavailable { retry_after, .. } => *retry_after,
            _ => None,
        }
    }
}
