//! The `graphql-transport-ws` protocol, as far as a client that only subscribes needs it.

use serde::Deserialize;
use serde_json::{Value, json};

/// The WebSocket's sub-protocol.
pub const PROTOCOL: &str = "graphql-transport-ws";

/// What the server sends.
#[derive(Debug, Deserialize, PartialEq)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Incoming {
    /// The connection is open; subscriptions may start.
    ConnectionAck,
    /// Wants a pong.
    Ping,
    /// Answers a ping.
    Pong,
    /// A subscription's next value.
    Next {
        /// Which subscription.
        id: String,
        /// `{ data, errors }`.
        payload: Value,
    },
    /// A subscription failed and is over.
    Error {
        /// Which subscription.
        id: String,
    },
    /// A subscription is over.
    Complete {
        /// Which subscription.
        id: String,
    },
}

/// The first message of a connection.
pub fn init() -> String {
    json!({ "type": "connection_init" }).to_string()
}

/// Asks whether the line still carries anything.
pub fn ping() -> String {
    json!({ "type": "ping" }).to_string()
}

/// Answers a ping.
pub fn pong() -> String {
    json!({ "type": "pong" }).to_string()
}

/// Starts a subscription.
pub fn subscribe(id: &str, query: &str) -> String {
    json!({ "id": id, "type": "subscribe", "payload": { "query": query } }).to_string()
}

/// Milliseconds to wait before the n-th try (from 0) to connect again: doubling up to half a minute, spread by `chance`
/// (0 to 1) so that a restarted server is not met by everybody in the same instant.
pub fn backoff(attempt: u32, chance: f64) -> u32 {
    let ceiling = 1000_u32.saturating_mul(1 << attempt.min(5)).min(30_000);
    (f64::from(ceiling) * (0.5 + chance / 2.0)) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_understood() {
        let parse = |text| serde_json::from_str::<Incoming>(text).ok();
        assert_eq!(parse(r#"{"type":"connection_ack"}"#), Some(Incoming::ConnectionAck));
        assert_eq!(parse(r#"{"type":"ping","payload":{}}"#), Some(Incoming::Ping));
        assert_eq!(
            parse(r#"{"type":"next","id":"1","payload":{"data":1}}"#),
            Some(Incoming::Next { id: "1".to_owned(), payload: json!({ "data": 1 }) })
        );
        assert_eq!(parse(r#"{"type":"strange"}"#), None);
    }

    #[test]
    fn waiting_grows_and_stays_bounded() {
        assert_eq!(backoff(0, 1.0), 1000);
        assert_eq!(backoff(0, 0.0), 500);
        assert_eq!(backoff(3, 1.0), 8000);
        assert_eq!(backoff(99, 1.0), 30_000);
    }
}
