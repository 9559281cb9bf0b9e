//! The SSO client against a local server that answers like EVE SSO. The keys next to this file
//! exist for these tests only.

mod exchange;
mod keys;
mod tokens;

use std::time::Duration;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header, jwk::Jwk};
use serde_json::{Value, json};
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{method, path},
};

use super::*;
use crate::upstream::{HttpOptions, Secret, testing::TestTime};

const CLIENT: &str = "fealty-test";
const KEY_A: &[u8] = include_bytes!("key-a.pem");
const KEY_B: &[u8] = include_bytes!("key-b.pem");
const KEY_SHORT: &[u8] = include_bytes!("key-short.pem");
const TOKEN_PATH: &str = "/v2/oauth/token";

fn client(server: &MockServer) -> (EveSso, TestTime) {
    let url = format!("{}/.well-known/oauth-authorization-server", server.uri());
    let callback = "https://auth.example.org/sso/callback".parse().unwrap();
    let mut config =
        SsoConfig::new(url.parse().unwrap(), CLIENT, Secret::new("s3cret"), callback, "Fealty/0.1.0");
    config.scopes = vec!["publicData".to_owned(), "esi-skills.read_skills.v1".to_owned()];
    config.http = HttpOptions { timeout: Duration::from_millis(1500), ..HttpOptions::default() };
    let time = TestTime::new();
    (EveSso::new(config, time.pace.clone()).unwrap(), time)
}

fn metadata(server: &MockServer) -> Value {
    let base = server.uri();
    json!({
        "issuer": "https://login.eveonline.com",
        "authorization_endpoint": format!("{base}/v2/oauth/authorize"),
        "token_endpoint": format!("{base}{TOKEN_PATH}"),
        "jwks_uri": format!("{base}/oauth/jwks"),
        "revocation_endpoint": format!("{base}/v2/oauth/revoke"),
        "id_token_signing_alg_values_supported": ["HS256"],
        "code_challenge_methods_supported": ["S256"],
    })
}

/// The public half of a key, as in a key set.
fn jwk(pem: &[u8], kid: &str) -> Value {
    let key = EncodingKey::from_rsa_pem(pem).unwrap();
    let mut jwk = serde_json::to_value(Jwk::from_encoding_key(&key, Algorithm::RS256).unwrap()).unwrap();
    jwk["kid"] = json!(kid);
    jwk["alg"] = json!("RS256");
    jwk["use"] = json!("sig");
    jwk
}

fn key_set(keys: &[Value]) -> Value {
    let elliptic = json!({"alg": "ES256", "crv": "P-256", "kid": "8878a23f", "kty": "EC", "use": "sig",
        "x": "PatzB2HJzZOzmqQyYpQYqn3SAXoVYWrZKmMgJnfK94I", "y": "qDb1kUd13fRTN2UNmcgSoQoyqeF_C1MsFlY_a87csnY"});
    let mut all = keys.to_vec();
    all.push(elliptic);
    json!({"keys": all, "SkipUnresolvedJsonWebKeys": true})
}

fn claims(time: &TestTime) -> Value {
    let now = time.now().timestamp();
    json!({
        "scp": ["publicData", "esi-skills.read_skills.v1"],
        "jti": "998e12c7", "kid": "JWT-Signature-Key", "sub": "CHARACTER:EVE:123123", "azp": CLIENT,
        "tenant": "tranquility", "tier": "live", "region": "world", "aud": [CLIENT, "EVE Online"],
        "name": "Some Bloke", "owner": "8PmzCeTKb4VFUDrHLc/AeZXDSWM=",
        "exp": now + 1200, "iat": now, "iss": "https://login.eveonline.com"
    })
}

fn sign(claims: &Value, pem: &[u8], kid: &str) -> String {
    let header = Header { kid: Some(kid.to_owned()), ..Header::new(Algorithm::RS256) };
    jsonwebtoken::encode(&header, claims, &EncodingKey::from_rsa_pem(pem).unwrap()).unwrap()
}

/// A token with any header and signature.
fn forge(header: &Value, claims: &Value, signature: &[u8]) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.{}", part(header), part(claims), URL_SAFE_NO_PAD.encode(signature))
}

fn token_answer(token: &str) -> Value {
    json!({"access_token": token, "expires_in": 1199, "token_type": "Bearer", "refresh_token": "gEy...fM0"})
}

fn json_answer(status: u16, body: &Value) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_json(body)
}

async fn mount(server: &MockServer, verb: &str, at: &str, response: ResponseTemplate) {
    Mock::given(method(verb)).and(path(at)).respond_with(response).mount(server).await;
}

async fn mount_documents(server: &MockServer) {
    mount(server, "GET", "/.well-known/oauth-authorization-server", json_answer(200, &metadata(server)))
        .await;
    mount(server, "GET", "/oauth/jwks", json_answer(200, &key_set(&[jwk(KEY_A, "JWT-Signature-Key")]))).await;
}

/// How many requests a path has seen.
async fn seen(server: &MockServer, at: &str) -> usize {
    server.received_requests().await.unwrap().iter().filter(|request| request.url.path() == at).count()
}

fn verifier() -> Secret {
    Secret::new("verifier")
}

/// The futures must be `Send`.
#[test]
fn futures_are_send() {
    fn check<T: Send>(_: impl FnOnce(&'static EveSso) -> T) {}
    check(|sso| sso.exchange("code", Box::leak(Box::new(verifier()))));
    check(|sso| sso.revoke(Box::leak(Box::new(verifier()))));
    check(|sso| sso.authorize_url("a", "b"));
}
