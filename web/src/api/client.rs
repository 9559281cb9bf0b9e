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
    match response.status() {
        429 => {
            let seconds = response.headers().get("retry-after").and_then(|s| s.parse().ok());
            Err(ApiError { retry_after: seconds, ..ApiError::of(ErrorCode::RateLimited) })
        }
        502..=504 => Err(ApiError::of(ErrorCode::Offline)),
        _ => response.text().await.map_err(offline),
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
    fn what_is_no_answer_is_internal() {
        assert_eq!(read::<u8>("<html>").map_err(|e| e.code), Err(ErrorCode::Internal));
        assert_eq!(read::<u8>(r#"{"data":null}"#).map_err(|e| e.code), Err(ErrorCode::Internal));
    }
}
