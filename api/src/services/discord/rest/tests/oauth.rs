//! Linking accounts.

use std::collections::HashMap;

use wiremock::matchers::{body_string_contains, header};

use super::*;

const TOKEN: &str = "/api/oauth2/token";
const BASIC: &str = "Basic MTAwOnMzY3JldA==";

#[test]
fn the_authorize_address_says_everything() {
    let mut config = DiscordConfig::new("x", "https://auth.example.org/cb".parse().unwrap()).unwrap();
    config.client_id = "100".to_owned();
    let url = DiscordRest::new(config, TestTime::new().pace).unwrap().authorize_url("st&te");
    assert!(url.as_str().starts_with("https://discord.com/oauth2/authorize?"));
    let pairs: HashMap<String, String> = url.query_pairs().into_owned().collect();
    assert_eq!(pairs["scope"], "identify guilds.join");
    assert_eq!(pairs["state"], "st&te");
    assert_eq!(pairs["redirect_uri"], "https://auth.example.org/cb");
    assert_eq!((pairs["response_type"].as_str(), pairs["client_id"].as_str()), ("code", "100"));
}

#[tokio::test]
async fn codes_and_refresh_tokens_become_tokens() {
    let server = MockServer::start().await;
    let body = json!({"access_token": "acc3ss", "token_type": "Bearer", "expires_in": 604_800,
        "refresh_token": "r3fresh", "scope": "identify guilds.join"});
    for part in [
        "grant_type=authorization_code&code=c0de&redirect_uri=https",
        "grant_type=refresh_token&refresh_token=old",
    ] {
        Mock::given(method("POST"))
            .and(path(TOKEN))
            .and(header("authorization", BASIC))
            .and(header("content-type", "application/x-www-form-urlencoded"))
            .and(body_string_contains(part))
            .respond_with(answer(200, &body))
            .expect(1)
            .mount(&server)
            .await;
    }
    let (discord, time) = client(&server);
    let tokens = discord.exchange_code("c0de").await.unwrap();
    assert!(tokens.may_join());
    assert_eq!(tokens.expires_at, time.now() + chrono::Duration::days(7));
    assert_eq!(
        discord.refresh(&Secret::new("old")).await.unwrap().refresh_token.unwrap().expose(),
        "r3fresh"
    );
    assert!(!format!("{tokens:?}").contains("acc3ss"));
}

#[tokio::test]
async fn refused_grants_are_sorted_and_not_repeated() {
    let oauth = |status, error: &str| answer(status, &json!({"error": error, "error_description": "why"}));
    let cases = [
        (oauth(400, "invalid_grant"), "grant"),
        (oauth(401, "invalid_client"), "configuration"),
        (refusal(401, 0, "401: Unauthorized"), "configuration"),
        (oauth(400, "invalid_request"), "rejected"),
        (ResponseTemplate::new(503), "unavailable"),
        (answer(200, &json!({"access_token": 5})), "invalid"),
    ];
    for (response, expected) in cases {
        let (server, discord, _) = serving("POST", TOKEN, response).await;
        let error = discord.refresh(&Secret::new("r")).await.unwrap_err();
        let kind = match error {
            DiscordError::InvalidGrant(_) => "grant",
            DiscordError::Configuration(_) => "configuration",
            DiscordError::Rejected { .. } => "rejected",
            DiscordError::Unavailable { .. } => "unavailable",
            DiscordError::Invalid(_) => "invalid",
            _ => "other",
        };
        assert_eq!(kind, expected);
        assert_eq!(requests(&server).await, 1);
    }
}

#[tokio::test]
async fn a_user_is_known_by_his_token() {
    let server = MockServer::start().await;
    Mock::given(path("/api/v10/users/@me"))
        .and(header("authorization", "Bearer user-token"))
        .respond_with(answer(200, &json!({"id": "7", "username": "bloke", "global_name": null})))
        .mount(&server)
        .await;
    let user = client(&server).0.current_user(&token()).await.unwrap();
    assert_eq!((user.id.as_str(), user.username.as_str(), user.global_name), ("7", "bloke", None));

    let (_server, discord, _) =
        serving("GET", "/api/v10/users/@me", refusal(401, 0, "401: Unauthorized")).await;
    assert!(matches!(discord.current_user(&token()).await, Err(DiscordError::InvalidGrant(_))));
    let odd = answer(200, &json!({"id": "../7", "username": "bloke"}));
    let (_server, discord, _) = serving("GET", "/api/v10/users/@me", odd).await;
    assert!(matches!(discord.current_user(&token()).await, Err(DiscordError::Invalid(_))));
}
