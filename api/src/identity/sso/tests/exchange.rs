//! The token endpoint: what is sent, what comes back, what is retried.

use std::collections::HashMap;

use openidconnect::{PkceCodeChallenge, PkceCodeVerifier};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use wiremock::matchers::{body_string_contains, header};

use super::*;

async fn answering(response: ResponseTemplate) -> (MockServer, EveSso, TestTime) {
    let server = MockServer::start().await;
    let (sso, time) = client(&server);
    mount_documents(&server).await;
    mount(&server, "POST", TOKEN_PATH, response).await;
    (server, sso, time)
}

fn refusal(code: &str, description: &str) -> Value {
    json!({"error": code, "error_description": description})
}

fn good(time: &TestTime) -> Value {
    token_answer(&sign(&claims(time), KEY_A, "JWT-Signature-Key"))
}

#[test]
fn the_challenge_is_the_hash_of_the_verifier() {
    // RFC 7636, appendix B.
    let verifier = PkceCodeVerifier::new("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk".to_owned());
    let challenge = PkceCodeChallenge::from_code_verifier_sha256(&verifier);
    assert_eq!(challenge.as_str(), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");

    let mut rng = ChaCha20Rng::seed_from_u64(1);
    let (one, two) = (new_pkce(&mut rng), new_pkce(&mut rng));
    assert_ne!(one.verifier, two.verifier);
    assert_eq!(one.verifier.expose().len(), 43);
    let verifier = PkceCodeVerifier::new(one.verifier.expose().to_owned());
    assert_eq!(PkceCodeChallenge::from_code_verifier_sha256(&verifier).as_str(), one.challenge);
    assert!(!format!("{one:?}").contains(one.verifier.expose()));
}

#[tokio::test]
async fn the_authorize_address_says_everything_once() {
    let (server, sso, _) = answering(ResponseTemplate::new(500)).await;
    let url = sso.authorize_url("st&te", "ch4llenge").await.unwrap();
    assert!(url.as_str().starts_with(&format!("{}/v2/oauth/authorize?", server.uri())));
    assert_eq!(url.query_pairs().count(), 7);
    let pairs: HashMap<String, String> = url.query_pairs().into_owned().collect();
    let expected = [
        ("response_type", "code"),
        ("client_id", CLIENT),
        ("redirect_uri", "https://auth.example.org/sso/callback"),
        ("scope", "publicData esi-skills.read_skills.v1"),
        ("state", "st&te"),
        ("code_challenge", "ch4llenge"),
        ("code_challenge_method", "S256"),
    ];
    for (name, value) in expected {
        assert_eq!(pairs[name], value);
    }
}

#[tokio::test]
async fn a_code_becomes_a_login() {
    let server = MockServer::start().await;
    let (sso, time) = client(&server);
    mount_documents(&server).await;
    Mock::given(method("POST"))
        .and(path(TOKEN_PATH))
        .and(header("content-type", "application/x-www-form-urlencoded"))
        .and(header("authorization", "Basic ZmVhbHR5LXRlc3Q6czNjcmV0"))
        .and(body_string_contains("grant_type=authorization_code"))
        .and(body_string_contains("code=the-code"))
        .and(body_string_contains("code_verifier=verifier"))
        .respond_with(json_answer(200, &good(&time)))
        .expect(1)
        .mount(&server)
        .await;
    let login = sso.exchange("the-code", &verifier()).await.unwrap();
    assert_eq!((login.character_id, login.character_name.as_str()), (123_123, "Some Bloke"));
    assert_eq!(login.refresh_token.as_ref().unwrap().expose(), "gEy...fM0");
    assert_eq!(login.expires_at, time.now() + chrono::Duration::seconds(1199));
    let shown = format!("{login:?} {sso:?}");
    for secret in [login.access_token.expose(), "gEy...fM0", "s3cret"] {
        assert!(!shown.contains(secret));
    }
}

#[tokio::test]
async fn without_a_new_refresh_token_the_old_one_stays() {
    for missing in [json!(null), json!("")] {
        let server = MockServer::start().await;
        let (sso, time) = client(&server);
        mount_documents(&server).await;
        let mut body = good(&time);
        body["refresh_token"] = missing;
        mount(&server, "POST", TOKEN_PATH, json_answer(200, &body)).await;
        assert_eq!(sso.refresh(&Secret::new("old")).await.unwrap().refresh_token, None);
    }
}

#[tokio::test]
async fn refusals_are_sorted_and_not_repeated() {
    let cases = [
        (400, refusal("invalid_grant", "Invalid refresh token. Character grant missing/expired."), "grant"),
        (400, refusal("invalid_grant", "Invalid refresh token. Token missing/expired."), "grant"),
        (400, refusal("invalid_token", "The refresh token is expired."), "grant"),
        (
            400,
            refusal("invalid_token", "The refresh token does not match the client specified."),
            "another's",
        ),
        (400, refusal("invalid_token", "something new"), "another's"),
        (401, refusal("invalid_client", "nobody"), "application"),
        (400, refusal("unauthorized_client", "nobody"), "application"),
        (400, refusal("invalid_scope", "The requested scope is invalid"), "refused"),
        (400, refusal("invalid_request", "?"), "refused"),
        (400, refusal("unsupported_grant_type", "?"), "refused"),
        (403, json!({"error": "something_new"}), "refused"),
    ];
    for (status, body, expected) in cases {
        let (server, sso, _) = answering(json_answer(status, &body)).await;
        let error = sso.refresh(&Secret::new("r")).await.unwrap_err();
        let kind = match &error {
            SsoError::InvalidGrant(_) => "grant",
            SsoError::Configuration(_) => "application",
            SsoError::OtherApplication(_) => "another's",
            SsoError::Rejected(_) => "refused",
            _ => "other",
        };
        assert_eq!(kind, expected, "{body}");
        assert!(!error.is_temporary() && !error.is_lost());
        assert_eq!(seen(&server, TOKEN_PATH).await, 1);
    }
}

#[tokio::test]
async fn a_failing_sso_never_kills_a_refresh_token() {
    let html = || ResponseTemplate::new(403).set_body_string("<html>blocked</html>");
    let cases = [
        ResponseTemplate::new(500),
        ResponseTemplate::new(502).set_body_string("<html>"),
        json_answer(503, &refusal("invalid_grant", "not really")),
        html(),
        ResponseTemplate::new(400),
        ResponseTemplate::new(200).set_body_string("<html>maintenance</html>"),
        ResponseTemplate::new(200).set_body_raw("{\"access_token\": 5}", "application/json"),
        ResponseTemplate::new(302).insert_header("location", "https://evil.example/"),
    ];
    for response in cases {
        let (server, sso, time) = answering(response.clone()).await;
        let error = sso.refresh(&Secret::new("r")).await.unwrap_err();
        assert!(error.is_temporary(), "{error} for {response:?}");
        // The answer may have brought a new token that replaced this one: sent again, it would be refused.
        assert!(error.is_lost());
        assert_eq!(seen(&server, TOKEN_PATH).await, 1);
        assert!(time.waits().is_empty());
    }
    let (server, sso, time) = answering(json_answer(429, &refusal("invalid_grant", "not really"))).await;
    let error = sso.refresh(&Secret::new("r")).await.unwrap_err();
    assert!(error.is_temporary() && !error.is_lost());
    assert_eq!(seen(&server, TOKEN_PATH).await, 3);
    assert_eq!(time.waits().len(), 2);
}

#[tokio::test]
async fn a_refresh_survives_a_hiccup() {
    let server = MockServer::start().await;
    let (sso, time) = client(&server);
    mount_documents(&server).await;
    Mock::given(path(TOKEN_PATH))
        .respond_with(ResponseTemplate::new(429).insert_header("retry-after", "4"))
        .up_to_n_times(1)
        .mount(&server)
        .await;
    mount(&server, "POST", TOKEN_PATH, json_answer(200, &good(&time))).await;
    sso.refresh(&Secret::new("r")).await.unwrap();
    assert_eq!(time.waits(), [Duration::from_secs(4)]);
}

#[tokio::test]
async fn a_long_pause_is_left_to_the_caller() {
    let (server, sso, time) = answering(ResponseTemplate::new(503).insert_header("retry-after", "600")).await;
    let error = sso.refresh(&Secret::new("r")).await.unwrap_err();
    assert_eq!(error.retry_after(), Some(Duration::from_secs(600)));
    assert_eq!(seen(&server, TOKEN_PATH).await, 1);
    assert!(time.waits().is_empty());
}

#[tokio::test]
async fn a_code_is_sent_once_whatever_happens() {
    let slow = ResponseTemplate::new(200).set_delay(Duration::from_secs(4));
    for response in [ResponseTemplate::new(503), ResponseTemplate::new(429), slow] {
        let (server, sso, _) = answering(response).await;
        assert!(sso.exchange("code", &verifier()).await.unwrap_err().is_temporary());
        assert_eq!(seen(&server, TOKEN_PATH).await, 1);
    }
}

#[tokio::test]
async fn a_code_is_tried_again_when_nothing_was_sent() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let closed = listener.local_addr().unwrap();
    drop(listener);
    let server = MockServer::start().await;
    let (sso, time) = client(&server);
    let mut elsewhere = metadata(&server);
    elsewhere["token_endpoint"] = json!(format!("http://{closed}/token"));
    mount(&server, "GET", "/.well-known/oauth-authorization-server", json_answer(200, &elsewhere)).await;
    mount_documents(&server).await;
    assert!(sso.exchange("code", &verifier()).await.unwrap_err().is_temporary());
    assert_eq!(time.waits().len(), 2);
    assert!(!sso.refresh(&Secret::new("r")).await.unwrap_err().is_lost());
}

#[tokio::test]
async fn without_keys_no_code_is_spent() {
    let server = MockServer::start().await;
    let (sso, _) = client(&server);
    mount(&server, "GET", "/.well-known/oauth-authorization-server", json_answer(200, &metadata(&server)))
        .await;
    mount(&server, "GET", "/oauth/jwks", ResponseTemplate::new(500)).await;
    assert!(sso.exchange("code", &verifier()).await.unwrap_err().is_temporary());
    assert!(!sso.refresh(&Secret::new("r")).await.unwrap_err().is_lost());
    assert_eq!(seen(&server, TOKEN_PATH).await, 0);
}

#[tokio::test]
async fn a_bad_access_token_is_no_login() {
    let server = MockServer::start().await;
    let (sso, time) = client(&server);
    mount_documents(&server).await;
    let body = token_answer(&sign(&claims(&time), KEY_B, "JWT-Signature-Key"));
    mount(&server, "POST", TOKEN_PATH, json_answer(200, &body)).await;
    let refused = sso.exchange("code", &verifier()).await;
    assert_eq!(refused, Err(SsoError::InvalidToken("wrong signature")));
    assert!(sso.refresh(&Secret::new("r")).await.unwrap_err().is_lost(), "what came with it is not kept");
}

#[tokio::test]
async fn revocation_sends_the_token_and_takes_any_200() {
    let server = MockServer::start().await;
    let (sso, _) = client(&server);
    mount_documents(&server).await;
    Mock::given(method("POST"))
        .and(path("/v2/oauth/revoke"))
        .and(header("authorization", "Basic ZmVhbHR5LXRlc3Q6czNjcmV0"))
        .and(body_string_contains("token=dead%2Bbeef"))
        .and(body_string_contains("token_type_hint=refresh_token"))
        .respond_with(ResponseTemplate::new(200))
        .expect(1)
        .mount(&server)
        .await;
    sso.revoke(&Secret::new("dead+beef")).await.unwrap();
}
