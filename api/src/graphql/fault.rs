//! Errors as the API shows them: a code, a sentence, and what helps the caller. The cause is logged, once, here.

use async_graphql::{ErrorExtensionValues, Value};

use crate::{
    crypto,
    error::{Error, Problem},
    services,
};

impl From<Error> for async_graphql::Error {
    fn from(error: Error) -> Self {
        let mut extensions = ErrorExtensionValues::default();
        let (code, message) = describe(&error, &mut extensions);
        extensions.set("code", code);
        let mut shown = Self::new(message);
        shown.extensions = Some(extensions);
        shown
    }
}

fn describe(error: &Error, extensions: &mut ErrorExtensionValues) -> (&'static str, String) {
    match error {
        Error::Unauthenticated => ("UNAUTHENTICATED", "Log in first.".into()),
        Error::Forbidden => ("FORBIDDEN", "You are not allowed to do this.".into()),
        Error::NotFound => ("NOT_FOUND", "It does not exist, or is not visible to you.".into()),
        Error::Invalid(problems) => {
            extensions.set("problems", problems.iter().map(problem).collect::<Vec<_>>());
            let text =
                problems.first().map_or_else(|| "The input is not valid.".into(), |p| p.message.clone());
            ("INVALID", text)
        }
        Error::Conflict(reason) => {
            ("CONFLICT", format!("Nothing was done: {reason}. Take another look and try again."))
        }
        Error::Contention => {
            ("CONFLICT", "Nothing was done: too much changed at the same moment. Try again.".to_owned())
        }
        Error::Timeout => (
            "TIMEOUT",
            "That took too long and was stopped; nothing was changed. Try again later.".to_owned(),
        ),
        Error::RateLimited(wait) => {
            let seconds = wait.as_secs().max(1);
            extensions.set("retryAfter", seconds);
            ("RATE_LIMITED", format!("Too many requests. Try again in {seconds} seconds."))
        }
        Error::Upstream { service, detail } => {
            tracing::warn!(service, detail, "an upstream failed while somebody waited");
            extensions.set("service", *service);
            ("UPSTREAM", format!("{} does not answer as it should. Try again later.", title(service)))
        }
        Error::Internal(cause) => {
            // Not the request's id: one request may fail in several places.
            let trace_id = hex::encode(crypto::random_bytes::<8>());
            tracing::error!(trace_id, error = ?cause, "internal error");
            extensions.set("traceId", trace_id.as_str());
            ("INTERNAL", format!("Something went wrong on our side (trace {trace_id})."))
        }
    }
}

fn problem(p: &Problem) -> Value {
    Value::from_json(serde_json::json!({ "field": p.field, "code": p.code, "message": p.message }))
        .unwrap_or_default()
}

fn title(service: &str) -> &str {
    match service {
        "esi" => "EVE's ESI",
        "sso" => "EVE SSO",
        "mail" => "The mail server",
        other => services::title_of(other),
    }
}
