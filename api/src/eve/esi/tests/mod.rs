//! The ESI client against a local server that answers like ESI.

mod affiliations;
mod calls;
mod limits;

use std::time::Duration;

use serde_json::{Value, json};
use wiremock::{MockServer, ResponseTemplate};

use super::{Esi, EsiConfig, user_agent};
use crate::upstream::{HttpOptions, testing::TestTime};

/// A client for `server`, and its time.
fn client(server: &MockServer) -> (Esi, TestTime) {
    client_with(server, |_| {})
}

fn client_with(server: &MockServer, change: impl FnOnce(&mut EsiConfig)) -> (Esi, TestTime) {
    let agent = user_agent("Fealty", "0.1.0", "ops@example.org", "https://example.org/fealty");
    let mut config = EsiConfig::new(server.uri().parse().unwrap(), agent);
    config.http = HttpOptions { timeout: Duration::from_millis(1500), ..HttpOptions::default() };
    change(&mut config);
    let time = TestTime::new();
    (Esi::new(config, time.pace.clone()).unwrap(), time)
}

fn answer(status: u16, body: impl serde::Serialize) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_json(body)
}

fn error(status: u16, message: &str) -> ResponseTemplate {
    answer(status, json!({ "error": message }))
}

fn character() -> Value {
    json!({
        "name": "Some Bloke", "corporation_id": 98_000_001, "alliance_id": 99_000_001,
        "birthday": "2015-03-24T11:37:00Z", "bloodline_id": 4, "race_id": 2, "gender": "male",
        "security_status": 1.5, "achievement_score": 7, "something_new": {"a": 1}
    })
}

/// The futures must be `Send`.
#[test]
fn futures_are_send() {
    fn check<T: Send>(_: impl FnOnce(&'static Esi) -> T) {}
    check(|esi| esi.affiliations_bisecting(&[1]));
    check(|esi| esi.character(1, None));
}
