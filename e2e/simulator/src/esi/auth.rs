//! Access tokens presented to ESI.

use poem::http::StatusCode;

use super::EsiError;
use crate::{
    http::Call,
    sso::{AccessToken, TokenError, verify},
};

/// The caller's token, which must be valid and carry the scope (ESI docs, errors).
pub(super) fn require(call: &Call, scope: &str) -> Result<AccessToken, EsiError> {
    let unauthorized = |error: &str| EsiError::new(StatusCode::UNAUTHORIZED, error);
    let token = call.credentials("Bearer").ok_or_else(|| unauthorized("Unauthorized - No token provided"))?;
    let token = verify(token).map_err(|error| match error {
        TokenError::Expired => unauthorized("Unauthorized - Token is expired"),
        TokenError::Invalid => unauthorized("Unauthorized - Invalid token"),
    })?;
    if token.scopes.iter().any(|granted| granted == scope) {
        Ok(token)
    } else {
        Err(forbidden(format!("Token is not valid for scope(s): {scope}")))
    }
}

/// 403
pub(super) fn forbidden(error: impl Into<String>) -> EsiError {
    EsiError::new(StatusCode::FORBIDDEN, error)
}

/// Whose bucket a request draws from: application and character with a token, the address without one.
pub(super) fn bucket_owner(call: &Call) -> String {
    match call.credentials("Bearer").map(verify) {
        Some(Ok(token)) => format!("{}:{}", token.client, token.character),
        _ => call.peer.clone(),
    }
}
