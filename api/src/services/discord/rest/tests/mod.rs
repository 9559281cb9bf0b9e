//! The Discord client against a local server that answers like Discord.

mod calls;
mod limits;
mod oauth;

use std::time::Duration;

use serde_json::{Value, json};
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{method, path},
};

use super::*;
use crate::upstream::{HttpOptions, Secret, testing::TestTime};

const MEMBER: &str = "/api/v10/guilds/200/members/7";
const ROLES: &str = "/api/v10/guilds/200/roles";

fn client(server: &MockServer) -> (DiscordRest, TestTime) {
    let base = server.uri();
    let redirect = "https://auth.example.org/services/discord/callback".parse().unwrap();
    let mut config = DiscordConfig::new(user_agent("https://example.org/fealty", "0.1.0"), redirect).unwrap();
    config.api_base_url = format!("{base}/api/v10").parse().unwrap();
    config.authorize_url = format!("{base}/oauth2/authorize").parse().unwrap();
    config.token_url = format!("{base}/api/oauth2/token").parse().unwrap();
    config.client_id = "100".to_owned();
    config.client_secret = Secret::new("s3cret");
    config.bot_token = Secret::new("b0t");
    config.guild_id = "200".to_owned();
    config.http = HttpOptions { timeout: Duration::from_millis(1500), ..HttpOptions::default() };
    let time = TestTime::new();
    (DiscordRest::new(config, time.pace.clone()).unwrap(), time)
}

fn member(id: &str) -> Value {
    json!({"user": {"id": id, "username": "bloke", "global_name": "Some Bloke", "discriminator": "0"},
        "nick": "[CORP] Bloke", "roles": ["301", "302"], "joined_at": "2026-01-01T00:00:00Z", "flags": 0})
}

fn answer(status: u16, body: &Value) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_json(body)
}

fn refusal(status: u16, code: u32, message: &str) -> ResponseTemplate {
    answer(status, &json!({"message": message, "code": code}))
}

async fn serving(verb: &str, at: &str, response: ResponseTemplate) -> (MockServer, DiscordRest, TestTime) {
    let server = MockServer::start().await;
    mount(&server, verb, at, response).await;
    let (discord, time) = client(&server);
    (server, discord, time)
}

async fn mount(server: &MockServer, verb: &str, at: &str, response: ResponseTemplate) {
    Mock::given(method(verb)).and(path(at)).respond_with(response).mount(server).await;
}

async fn requests(server: &MockServer) -> usize {
    server.received_requests().await.unwrap().len()
}

fn token() -> Secret {
    Secret::new("user-token")
}

/// The futures must be `Send`.
#[test]
fn futures_are_send() {
    fn check<T: Send>(_: impl FnOnce(&'static DiscordRest) -> T) {}
    check(|discord| discord.member("1"));
    check(|discord| discord.edit_member("1", None, Some(&[])));
    check(|discord| discord.exchange_code("1"));
}

#[test]
fn nothing_secret_is_shown() {
    let discord = DiscordRest::new(
        {
            let mut config = DiscordConfig::new("x", "https://x/".parse().unwrap()).unwrap();
            config.bot_token = Secret::new("b0t-token");
            config.client_secret = Secret::new("s3cret");
            config
        },
        TestTime::new().pace,
    );
    let shown = format!("{discord:?}");
    assert!(!shown.contains("b0t-token") && !shown.contains("s3cret"));
}
