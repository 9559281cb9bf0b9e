//! What can go wrong with EVE SSO.

use std::time::Duration;

use crate::upstream::SendError;

/// Why a login failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SsoError {
    /// The code or refresh token is dead for good: used, revoked, or the character changed hands.
    #[error("grant refused: {0}")]
    InvalidGrant(String),
    /// The application is not set up correctly, here or on EVE's developer site. Says nothing about any token.
    #[error("application refused: {0}")]
    Configuration(String),
    /// The refresh token was issued to another application: our client id has changed. Says
    /// nothing about its character.
    #[error("token of another application: {0}")]
    OtherApplication(String),
    /// The SSO refused for another reason, such as a scope it does not know.
    #[error("refused: {0}")]
    Rejected(String),
    /// The SSO issued an invalid token.
    #[error("bad token: {0}")]
    InvalidToken(&'static str),
    /// The SSO cannot be reached, is failing, or asks for a pause.
    #[error("unavailable: {reason}")]
    Unavailable {
        /// When to try again, if known.
        retry_after: Option<Duration>,
        /// What happened.
        reason: String,
        /// The SSO may have done what was asked, but its answer never arrived: a refresh token
        /// that was sent may be dead.
        is_lost: bool,
    },
}

impl SsoError {
    /// Whether the same call may succeed later without anybody changing anything.
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        matches!(self, Self::Unavailable { .. })
    }

    /// How long to wait before the next try, if known.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Unavailable { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    /// Whether the grant that was sent may be used up although nothing came back.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        matches!(self, Self::Unavailable { is_lost: true, .. } | Self::InvalidToken(_))
    }

    pub(super) fn unavailable(reason: impl Into<String>) -> Self {
        Self::Unavailable { retry_after: None, reason: reason.into(), is_lost: false }
    }

    /// The same error, for a request that may have been carried out.
    pub(super) fn after_arrival(self) -> Self {
        match self {
            Self::Unavailable { retry_after, reason, .. } => {
                Self::Unavailable { retry_after, reason, is_lost: true }
            }
            other => other,
        }
    }

    /// The meaning of an OAuth error code. `invalid_token` is an older way of EVE's to say that a token has expired,
    /// or that it belongs to another application; whatever else it may mean is no reason to take a character away.
    pub(super) fn from_code(code: &str, description: Option<&str>) -> Self {
        let text: String = format!("{code} {}", description.unwrap_or_default())
            .chars()
            .filter(|c| !c.is_control())
            .collect();
        let text: String = text.trim_end().chars().take(300).collect();
        match code {
            "invalid_grant" => Self::InvalidGrant(text),
            "invalid_token" if text.contains("expired") => Self::InvalidGrant(text),
            "invalid_token" => Self::OtherApplication(text),
            "invalid_client" | "unauthorized_client" => Self::Configuration(text),
            "server_error" | "temporarily_unavailable" => Self::unavailable(text),
            _ => Self::Rejected(text),
        }
    }
}

impl From<SendError> for SsoError {
    fn from(error: SendError) -> Self {
        match error {
            SendError::Unbuildable => Self::Configuration(error.to_string()),
            other => Self::unavailable(other.to_string()),
        }
    }
}
