//! Where endpoints and keys come from, and how often they are fetched.

use super::{
    super::{keys::Keys, metadata::Metadata},
    *,
};

const JWKS: &str = "/oauth/jwks";
const WELL_KNOWN: &str = "/.well-known/oauth-authorization-server";

/// Serves `keys` from now on.
async fn serve_keys(server: &MockServer, keys: &[Value]) {
    mount(server, "GET", JWKS, json_answer(200, &key_set(keys))).await;
}

/// Issues a token signed by `pem` under the name `kid` for every exchange from now on.
async fn issue(server: &MockServer, time: &TestTime, pem: &[u8], kid: &str) {
    let token = sign(&claims(time), pem, kid);
    mount(server, "POST", TOKEN_PATH, json_answer(200, &token_answer(&token))).await;
}

async fn serve_metadata(server: &MockServer) {
    mount(server, "GET", WELL_KNOWN, json_answer(200, &metadata(server))).await;
}

#[tokio::test]
async fn addresses_and_keys_are_fetched_once_and_kept() {
    let server = MockServer::start().await;
    let (sso, time) = client(&server);
    mount_documents(&server).await;
    issue(&server, &time, KEY_A, "JWT-Signature-Key").await;
    for _ in 0..3 {
        sso.exchange("code", &verifier()).await.unwrap();
    }
    assert_eq!((seen(&server, WELL_KNOWN).await, seen(&server, JWKS).await), (1, 1));
    time.advance_secs(3601);
    let _ = sso.exchange("code", &verifier()).await;
    assert_eq!((seen(&server, WELL_KNOWN).await, seen(&server, JWKS).await), (1, 2));
}

#[tokio::test]
async fn a_rotated_key_is_found_at_once_and_made_up_ones_do_not_hammer() {
    let server = MockServer::start().await;
    let (sso, time) = client(&server);
    serve_metadata(&server).await;
    serve_keys(&server, &[jwk(KEY_A, "old")]).await;
    issue(&server, &time, KEY_A, "old").await;
    sso.exchange("code", &verifier()).await.unwrap();

    server.reset().await;
    serve_keys(&server, &[jwk(KEY_B, "new")]).await;
    issue(&server, &time, KEY_B, "new").await;
    sso.exchange("code", &verifier()).await.unwrap();
    assert_eq!(seen(&server, JWKS).await, 1);

    server.reset().await;
    serve_keys(&server, &[jwk(KEY_B, "new")]).await;
    issue(&server, &time, KEY_A, "made-up").await;
    for _ in 0..3 {
        let refused = sso.exchange("code", &verifier()).await;
        assert_eq!(refused, Err(SsoError::InvalidToken("unknown key")));
    }
    assert_eq!(seen(&server, JWKS).await, 0, "within the cooldown");
    time.advance_secs(60);
    assert!(sso.exchange("code", &verifier()).await.is_err());
    assert!(sso.exchange("code", &verifier()).await.is_err());
    assert_eq!(seen(&server, JWKS).await, 1, "once after the cooldown");
}

#[tokio::test]
async fn when_new_keys_cannot_be_fetched_a_token_is_not_called_bad() {
    let server = MockServer::start().await;
    let (sso, time) = client(&server);
    serve_metadata(&server).await;
    serve_keys(&server, &[jwk(KEY_A, "old")]).await;
    issue(&server, &time, KEY_A, "old").await;
    sso.exchange("code", &verifier()).await.unwrap();

    server.reset().await;
    mount(&server, "GET", JWKS, ResponseTemplate::new(503)).await;
    issue(&server, &time, KEY_B, "new").await;
    for _ in 0..2 {
        assert!(sso.exchange("code", &verifier()).await.unwrap_err().is_temporary());
    }
    assert_eq!(seen(&server, JWKS).await, 3, "three attempts of the first, none of the second");
}

#[tokio::test]
async fn old_keys_are_better_than_none() {
    let server = MockServer::start().await;
    let (sso, time) = client(&server);
    mount_documents(&server).await;
    issue(&server, &time, KEY_A, "JWT-Signature-Key").await;
    sso.exchange("code", &verifier()).await.unwrap();

    server.reset().await;
    time.advance_secs(7 * 3600);
    issue(&server, &time, KEY_A, "JWT-Signature-Key").await;
    sso.exchange("code", &verifier()).await.unwrap();
}

#[tokio::test]
async fn a_failing_sso_is_asked_less_and_less() {
    let server = MockServer::start().await;
    let (sso, time) = client(&server);
    mount(&server, "GET", WELL_KNOWN, ResponseTemplate::new(502)).await;
    assert!(sso.authorize_url("s", "c").await.unwrap_err().is_temporary());
    assert_eq!(seen(&server, WELL_KNOWN).await, 3);
    for _ in 0..5 {
        let failure = sso.authorize_url("s", "c").await.unwrap_err();
        assert!(failure.retry_after().is_some(), "{failure}");
    }
    assert_eq!(seen(&server, WELL_KNOWN).await, 3, "nothing was asked during the pause");
    time.advance_secs(6);
    let _ = sso.authorize_url("s", "c").await;
    time.advance_secs(6);
    let _ = sso.authorize_url("s", "c").await;
    assert_eq!(seen(&server, WELL_KNOWN).await, 6, "the second pause is longer");

    server.reset().await;
    serve_metadata(&server).await;
    time.advance_secs(60);
    assert!(sso.authorize_url("s", "c").await.is_ok());
}

#[tokio::test]
async fn odd_metadata_is_not_believed() {
    for body in [
        "<html>",
        "{}",
        "[]",
        r#"{"authorization_endpoint": "ftp://x/", "token_endpoint": "http://x/", "jwks_uri": "http://x/"}"#,
    ] {
        let server = MockServer::start().await;
        let (sso, _) = client(&server);
        mount(&server, "GET", WELL_KNOWN, ResponseTemplate::new(200).set_body_string(body)).await;
        assert!(sso.authorize_url("s", "c").await.unwrap_err().is_temporary(), "{body}");
    }
    let insecure = json!({"authorization_endpoint": "https://x/a", "token_endpoint": "http://x/t", "jwks_uri": "https://x/j"});
    let origin = "https://login.eveonline.com/".parse().unwrap();
    assert!(Metadata::read(insecure.to_string().as_bytes(), &origin).is_err());
}

#[tokio::test]
async fn an_oversized_document_is_refused() {
    let server = MockServer::start().await;
    let (sso, _) = client(&server);
    let mut big = metadata(&server);
    big["padding"] = json!("x".repeat(300_000));
    mount(&server, "GET", WELL_KNOWN, json_answer(200, &big)).await;
    assert!(sso.authorize_url("s", "c").await.is_err());
}

#[test]
fn unusable_keys_are_skipped() {
    let mut encryption = jwk(KEY_A, "a");
    encryption["use"] = json!("enc");
    let mut other = jwk(KEY_A, "b");
    other["alg"] = json!("RS512");
    let short = jwk(KEY_SHORT, "c");
    let all = [encryption, other, short, json!({"kid": "d"}), json!(5)];
    assert!(Keys::read(key_set(&all).to_string().as_bytes()).is_err(), "none is left");
    let mut with_good = all.to_vec();
    with_good.push(jwk(KEY_A, "good"));
    let keys = Keys::read(key_set(&with_good).to_string().as_bytes()).unwrap();
    assert!(keys.find("good").is_some());
    assert!(["a", "b", "c", "d", "8878a23f"].iter().all(|kid| keys.find(kid).is_none()));
}
