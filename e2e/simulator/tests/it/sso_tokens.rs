//! EVE SSO: what the token and revocation endpoints refuse.

use fealty_simulator::demo;

use crate::client::{Answer, Sim, answer, challenge, claims, parameter, start};

const SCOPES: &str = "esi-location.read_online.v1 esi-skills.read_skills.v1";
const VERIFIER: &str = "a-verifier-that-is-long-enough-to-be-one-0123456789";

fn code(sim: &Sim, more: &str) -> String {
    parameter(&sim.handle().authorize(&sim.authorize_url(SCOPES, more), demo::KAELEN).unwrap(), "code")
}

fn pkce_code(sim: &Sim) -> String {
    code(sim, &format!("&code_challenge={}&code_challenge_method=S256", challenge(VERIFIER)))
}

fn refused(answer: &Answer, status: u16, error: &str) {
    assert_eq!((answer.status.as_u16(), &answer.body["error"]), (status, &error.into()), "{}", answer.body);
    assert!(answer.body["error_description"].is_string());
}

async fn refresh(sim: &Sim, token: &str) -> Answer {
    sim.token(&[("grant_type", "refresh_token"), ("refresh_token", token)]).await
}

fn refresh_token(body: &serde_json::Value) -> String {
    body["refresh_token"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_code_works_once() {
    let sim = start();
    let code = code(&sim, "");
    let form = [("grant_type", "authorization_code"), ("code", code.as_str())];
    assert_eq!(sim.token(&form).await.status, 200);
    refused(&sim.token(&form).await, 400, "invalid_grant");
}

#[tokio::test]
async fn the_verifier_must_fit() {
    let sim = start();
    let with = |code: String, verifier: Option<&'static str>| {
        let mut form = vec![("grant_type", "authorization_code".to_owned()), ("code", code)];
        form.extend(verifier.map(|verifier| ("code_verifier", verifier.to_owned())));
        form
    };
    for (code, verifier, error) in [
        (pkce_code(&sim), Some("something-else"), "invalid_grant"),
        (pkce_code(&sim), None, "invalid_request"),
        (code(&sim, ""), Some(VERIFIER), "invalid_grant"),
    ] {
        let form = with(code, verifier);
        let form: Vec<_> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
        refused(&sim.token(&form).await, 400, error);
    }
}

#[tokio::test]
async fn a_public_client_needs_pkce() {
    let sim = start();
    let ask = async |code: &str, verifier: Option<&str>| {
        let mut form =
            vec![("grant_type", "authorization_code"), ("code", code), ("client_id", demo::EVE_CLIENT_ID)];
        form.extend(verifier.map(|verifier| ("code_verifier", verifier)));
        answer(sim.http.post(sim.url("/sso/v2/oauth/token")).form(&form)).await
    };
    assert_eq!(ask(&pkce_code(&sim), Some(VERIFIER)).await.status, 200);
    refused(&ask(&code(&sim, ""), None).await, 401, "invalid_client");
}

#[tokio::test]
async fn the_redirect_must_be_the_same() {
    let sim = start();
    let code = code(&sim, "");
    let form = [
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("redirect_uri", "http://127.0.0.1:1/elsewhere"),
    ];
    refused(&sim.token(&form).await, 400, "invalid_grant");
}

#[tokio::test]
async fn the_client_must_prove_itself() {
    let sim = start();
    let code = code(&sim, "");
    let form = [("grant_type", "authorization_code"), ("code", code.as_str())];
    let url = sim.url("/sso/v2/oauth/token");
    let wrong = sim.http.post(&url).basic_auth(demo::EVE_CLIENT_ID, Some("wrong")).form(&form);
    refused(&answer(wrong).await, 401, "invalid_client");
    let unknown = sim.http.post(&url).basic_auth("nobody", Some("x")).form(&form);
    refused(&answer(unknown).await, 401, "invalid_client");
    refused(&answer(sim.http.post(&url).form(&form)).await, 401, "invalid_client");
    // A refused client has not used up the code.
    assert_eq!(sim.token(&form).await.status, 200);
}

#[tokio::test]
async fn only_forms_are_understood() {
    let sim = start();
    let url = sim.url("/sso/v2/oauth/token");
    let body = serde_json::json!({ "grant_type": "refresh_token", "refresh_token": "x" });
    let json = sim.http.post(&url).basic_auth(demo::EVE_CLIENT_ID, Some(demo::EVE_CLIENT_SECRET)).json(&body);
    refused(&answer(json).await, 400, "invalid_request");
    assert_eq!(sim.http.get(&url).send().await.unwrap().status(), 405);
    refused(&sim.token(&[("grant_type", "password")]).await, 400, "unsupported_grant_type");
    refused(&sim.token(&[]).await, 400, "invalid_request");
}

#[tokio::test]
async fn refresh_tokens_refresh() {
    let sim = start();
    let token = refresh_token(&sim.login(demo::KAELEN, SCOPES).await);
    let answer = refresh(&sim, &token).await;
    assert_eq!(answer.status, 200);
    assert_eq!(refresh_token(&answer.body), token);
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", token.as_str()),
        ("scope", "esi-skills.read_skills.v1"),
    ];
    let fewer = sim.token(&form).await;
    assert_eq!(claims(fewer.body["access_token"].as_str().unwrap())["scp"], "esi-skills.read_skills.v1");
    let form = [("grant_type", "refresh_token"), ("refresh_token", token.as_str()), ("scope", "publicData")];
    refused(&sim.token(&form).await, 400, "invalid_scope");
}

#[tokio::test]
async fn rotation_ends_the_old_token() {
    let sim = start();
    sim.handle().set_refresh_rotation(true);
    let old = refresh_token(&sim.login(demo::KAELEN, SCOPES).await);
    let new = refresh_token(&refresh(&sim, &old).await.body);
    assert_ne!(old, new);
    assert_eq!(refresh(&sim, &new).await.status, 200);
    let answer = refresh(&sim, &old).await;
    refused(&answer, 400, "invalid_grant");
    assert_eq!(answer.body["error_description"], "Invalid refresh token. Token missing/expired.");
}

#[tokio::test]
async fn dead_grants_say_so() {
    let sim = start();
    let handle = sim.handle();
    let owner = handle.character(demo::KAELEN).unwrap().owner_hash;
    let ways: [&dyn Fn(); 3] = [
        &|| handle.sell_character(demo::KAELEN).unwrap(),
        &|| assert_eq!(handle.revoke_tokens(demo::KAELEN), 1),
        &|| handle.biomass(demo::KAELEN, false).unwrap(),
    ];
    for end in ways {
        let token = refresh_token(&sim.login(demo::KAELEN, SCOPES).await);
        assert_eq!(refresh(&sim, &token).await.status, 200);
        end();
        let answer = refresh(&sim, &token).await;
        refused(&answer, 400, "invalid_grant");
        assert_eq!(
            answer.body["error_description"],
            "Invalid refresh token. Character grant missing/expired."
        );
    }
    assert_ne!(handle.character(demo::KAELEN).unwrap().owner_hash, owner);
}

#[tokio::test]
async fn other_scopes_end_older_grants_and_the_same_do_not() {
    let sim = start();
    let first = refresh_token(&sim.login(demo::KAELEN, SCOPES).await);
    let second = refresh_token(&sim.login(demo::KAELEN, SCOPES).await);
    assert_eq!(refresh(&sim, &first).await.status, 200);
    sim.login(demo::KAELEN, "").await;
    assert_eq!(refresh(&sim, &first).await.status, 200);
    sim.login(demo::KAELEN, "publicData").await;
    refused(&refresh(&sim, &first).await, 400, "invalid_grant");
    refused(&refresh(&sim, &second).await, 400, "invalid_grant");
}

#[tokio::test]
async fn a_token_belongs_to_its_client() {
    let sim = start();
    let token = refresh_token(&sim.login(demo::KAELEN, SCOPES).await);
    sim.handle().register_client("other", Some("s3cret"), None);
    let form = [("grant_type", "refresh_token"), ("refresh_token", token.as_str())];
    let other = sim.http.post(sim.url("/sso/v2/oauth/token")).basic_auth("other", Some("s3cret")).form(&form);
    refused(&answer(other).await, 400, "invalid_token");
}

#[tokio::test]
async fn revocation_is_quiet_and_final() {
    let sim = start();
    let token = refresh_token(&sim.login(demo::KAELEN, SCOPES).await);
    for token in [token.as_str(), token.as_str(), "never-heard-of"] {
        let form = [("token_type_hint", "refresh_token"), ("token", token)];
        let request = sim.http.post(sim.url("/sso/v2/oauth/revoke"));
        let request = request.basic_auth(demo::EVE_CLIENT_ID, Some(demo::EVE_CLIENT_SECRET)).form(&form);
        assert_eq!(answer(request).await.status, 200);
    }
    refused(&refresh(&sim, &token).await, 400, "invalid_grant");
}

#[tokio::test]
async fn verify_knows_its_tokens() {
    let sim = start();
    let token = sim.handle().mint_access_token(demo::KAELEN, &["publicData"], 60);
    let good = answer(sim.http.get(sim.url("/sso/v2/oauth/verify")).bearer_auth(&token)).await;
    assert_eq!((good.status.as_u16(), &good.body["CharacterID"]), (200, &demo::KAELEN.into()));
    let old = sim.handle().mint_access_token(demo::KAELEN, &["publicData"], -60);
    for token in [old, format!("{token}x")] {
        let bad = answer(sim.http.get(sim.url("/sso/v2/oauth/verify")).bearer_auth(&token)).await;
        assert_eq!(bad.status, 401);
    }
}
