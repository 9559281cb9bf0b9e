//! One POST to `/graphql`, and the answer taken apart.

use cynic::{GraphQlResponse, Operation};
use gloo_net::http::Request;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use web_sys::RequestCredentials;

use super::{ApiError, ErrorCode, error::Extensions};

/// Sends an operation. An answer with errors is an error even when it has data: no page draws half of what it asked.
pub async fn send<T, V>(operation: Operation<T, V>) -> Result<T, ApiError>
where
    T: DeserializeOwned,
    V: Serialize,
{
    read(&post(encode(&operation)?).await?)
}

/// An operation as it is posted.
pub fn encode<T, V: Serialize>(operation: &Operation<T, V>) -> Result<String, ApiError> {
    serde_json::to_string(operation).map_err(|_| ApiError::of(ErrorCode::Internal))
}

/// The part that does not depend on the operation's type, so that it is compiled once.
pub async fn post(body: String) -> Result<String, ApiError> {
    let offline = |_| ApiError::of(ErrorCode::Offline);
    let response = Request::post("/graphql")
        .credentials(RequestCredentials::SameOrigin)
        .header("Content-Type", "application/json")
        .header("Accept", "application/graphql-response+json, application/json")
        .body(body)
        .map_err(offline)?
        .send()
        .await
        .map_err(offline)?;
    let request_id = response.headers().get("x-request-id");
    match response.status() {
        429 => {
            let seconds = response.headers().get("retry-after").and_then(|s| s.parse().ok());
            Err(ApiError { retry_after: seconds, ..ApiError::of(ErrorCode::RateLimited) })
        }
        502..=504 => Err(ApiError::of(ErrorCode::Offline)),
        _ => refuse(response.text().await.map_err(offline)?, request_id),
    }
}

/// Lets an answer through, unless it is a failure: what nobody expected gets the id of the request, by which its log
/// entries are found.
fn refuse(text: String, request_id: Option<String>) -> Result<String, ApiError> {
    // Only failures and what is no answer of the API are taken apart here; what is good is read once, later.
    if text.starts_with("{\"data\"") && !text.contains("\"errors\"") {
        return Ok(text);
    }
    match data(&text) {
        Ok(_) => Ok(text),
        Err(mut error) => {
            if matches!(error.code, ErrorCode::Internal | ErrorCode::Timeout | ErrorCode::Upstream) {
                error.trace_id = error.trace_id.or(request_id);
            }
            Err(error)
        }
    }
}

/// Takes an answer apart. The text is parsed once into values and not once per type: the types' own reading of values
/// is much smaller than their reading of text would be.
pub fn read<T: DeserializeOwned>(text: &str) -> Result<T, ApiError> {
    serde_json::from_value(data(text)?).map_err(|_| ApiError::of(ErrorCode::Internal))
}

fn data(text: &str) -> Result<Value, ApiError> {
    let answer: GraphQlResponse<Value, Extensions> =
        serde_json::from_str(text).map_err(|_| ApiError::of(ErrorCode::Internal))?;
    match answer.errors.into_iter().flatten().next() {
        Some(error) => Err(ApiError::from_extensions(error.extensions)),
        None => answer.data.ok_or_else(|| ApiError::of(ErrorCode::Internal)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_without_errors_is_taken() {
        assert_eq!(read::<u8>(r#"{"data":7}"#), Ok(7));
    }

    #[test]
    fn errors_win_over_data() {
        let answer = read::<u8>(r#"{"data":7,"errors":[{"message":"m","extensions":{"code":"FORBIDDEN"}}]}"#);
        assert_eq!(answer.map_err(|e| e.code), Err(ErrorCode::Forbidden));
    }

    #[test]
    fn what_nobody_expected_has_the_id_of_its_request() {
        let refused = |text: &str| refuse(text.to_owned(), Some("r1".to_owned())).map_err(|e| e.trace_id);
        assert_eq!(refused("<html>"), Err(Some("r1".to_owned())));
        let failed = |extensions: &str| {
            refused(&format!(r#"{{"data":null,"errors":[{{"message":"m","extensions":{extensions}}}]}}"#))
        };
        assert_eq!(failed(r#"{"code":"UPSTREAM"}"#), Err(Some("r1".to_owned())));
        assert_eq!(failed(r#"{"code":"INTERNAL","traceId":"t1"}"#), Err(Some("t1".to_owned())));
        assert_eq!(
            failed(r#"{"code":"FORBIDDEN"}"#),
            Err(None),
            "expected, and of no use to an administrator"
        );
        assert!(refused(r#"{"data":{"title":"\"errors\""}}"#).is_ok());
    }

    #[test]
    fn what_is_no_answer_is_internal() {
        assert_eq!(read::<u8>("<html>").map_err(|e| e.code), Err(ErrorCode::Internal));
        assert_eq!(read::<u8>(r#"{"data":null}"#).map_err(|e| e.code), Err(ErrorCode::Internal));
    }
}
