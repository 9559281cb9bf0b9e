//! What can go wrong with a request, as the closed list the server's `extensions.code` has.

use serde::Deserialize;

use super::schema;
use crate::i18n::texts::errors as text;

/// Kinds of failure the SPA tells apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorCode {
    /// No session, or it ended.
    Unauthenticated,
    /// Not allowed.
    Forbidden,
    /// No such thing, or not for this viewer.
    NotFound,
    /// The input is wrong; see the problems.
    Invalid,
    /// Somebody else changed the same thing.
    Conflict,
    /// The server's database took too long.
    Timeout,
    /// Too many requests.
    RateLimited,
    /// EVE, Discord or another service did not answer as it should.
    Upstream,
    /// The server failed.
    Internal,
    /// The server was not reached.
    Offline,
}

impl ErrorCode {
    fn parse(code: &str) -> Self {
        match code {
            "UNAUTHENTICATED" => Self::Unauthenticated,
            "FORBIDDEN" => Self::Forbidden,
            "NOT_FOUND" => Self::NotFound,
            "INVALID" => Self::Invalid,
            "CONFLICT" => Self::Conflict,
            "TIMEOUT" => Self::Timeout,
            "RATE_LIMITED" => Self::RateLimited,
            "UPSTREAM" => Self::Upstream,
            _ => Self::Internal,
        }
    }
}

/// What is wrong with one field of a form.
#[derive(cynic::QueryFragment, Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Path of the input field.
    pub field: String,
    /// Machine-readable code.
    pub code: String,
    /// One sentence in English.
    pub message: String,
}

/// `extensions` of a GraphQL error.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Extensions {
    code: Option<String>,
    retry_after: Option<f64>,
    service: Option<String>,
    trace_id: Option<String>,
    problems: Vec<Problem>,
}

/// A failed request.
#[derive(Clone, Debug, PartialEq)]
pub struct ApiError {
    /// Its kind.
    pub code: ErrorCode,
    /// Seconds after which it may be tried again.
    pub retry_after: Option<u32>,
    /// The service that failed.
    pub service: Option<String>,
    /// What an admin finds the log entries by.
    pub trace_id: Option<String>,
    /// What is wrong by field.
    pub problems: Vec<Problem>,
}

impl ApiError {
    /// An error of which only the kind is known.
    pub fn of(code: ErrorCode) -> Self {
        Self { code, retry_after: None, service: None, trace_id: None, problems: Vec::new() }
    }

    /// The error a GraphQL answer carries.
    pub fn from_extensions(extensions: Option<Extensions>) -> Self {
        let extensions = extensions.unwrap_or_default();
        Self {
            code: extensions.code.as_deref().map_or(ErrorCode::Internal, ErrorCode::parse),
            retry_after: extensions.retry_after.map(|seconds| seconds.ceil() as u32),
            service: extensions.service,
            trace_id: extensions.trace_id,
            problems: extensions.problems,
        }
    }

    /// A short name for a heading.
    pub fn title(&self) -> &'static str {
        match self.code {
            ErrorCode::Unauthenticated => text::unauthenticated_title(),
            ErrorCode::Forbidden => text::forbidden_title(),
            ErrorCode::NotFound => text::not_found_title(),
            ErrorCode::Invalid => text::invalid_title(),
            ErrorCode::Conflict => text::conflict_title(),
            ErrorCode::Timeout => text::timeout_title(),
            ErrorCode::RateLimited => text::rate_limited_title(),
            ErrorCode::Upstream => text::upstream_title(),
            ErrorCode::Internal => text::internal_title(),
            ErrorCode::Offline => text::offline_title(),
        }
    }

    /// What happened and what one can do, in a sentence or two.
    pub fn sentence(&self) -> String {
        match self.code {
            ErrorCode::Unauthenticated => text::unauthenticated().to_owned(),
            ErrorCode::Forbidden => text::forbidden().to_owned(),
            ErrorCode::NotFound => text::not_found().to_owned(),
            ErrorCode::Invalid if self.problems.is_empty() => text::invalid().to_owned(),
            ErrorCode::Invalid => {
                self.problems.iter().map(|problem| problem.message.as_str()).collect::<Vec<_>>().join(" ")
            }
            ErrorCode::Conflict => text::conflict().to_owned(),
            ErrorCode::Timeout => text::timeout().to_owned(),
            ErrorCode::RateLimited => match self.retry_after {
                Some(seconds) => text::rate_limited_for(seconds),
                None => text::rate_limited().to_owned(),
            },
            ErrorCode::Upstream => match &self.service {
                Some(service) => text::upstream_named(service),
                None => text::upstream().to_owned(),
            },
            ErrorCode::Internal => text::internal().to_owned(),
            ErrorCode::Offline => text::offline().to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(json: &str) -> ApiError {
        ApiError::from_extensions(serde_json::from_str(json).ok())
    }

    #[test]
    fn codes_and_details_are_read() {
        let limited = parsed(r#"{"code":"RATE_LIMITED","retryAfter":2.2}"#);
        assert_eq!((limited.code, limited.retry_after), (ErrorCode::RateLimited, Some(3)));
        let internal = parsed(r#"{"code":"INTERNAL","traceId":"abc"}"#);
        assert_eq!(internal.trace_id.as_deref(), Some("abc"));
        let invalid =
            parsed(r#"{"code":"INVALID","problems":[{"field":"email","code":"invalid","message":"No."}]}"#);
        assert_eq!(invalid.sentence(), "No.");
    }

    #[test]
    fn what_is_unknown_is_internal() {
        assert_eq!(parsed("{}").code, ErrorCode::Internal);
        assert_eq!(ApiError::from_extensions(None).code, ErrorCode::Internal);
        assert_eq!(parsed(r#"{"code":"NEW"}"#).code, ErrorCode::Internal);
    }
}
