//! EVE SSO: metadata, the page, and the way a pilot logs in.

use fealty_simulator::{Options, demo};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, jwk::JwkSet};
use serde_json::{Value, json};

use crate::client::{Sim, challenge, claims, parameter, start, start_with};

const ONE: &str = "esi-location.read_online.v1";
const TWO: &str = "esi-location.read_online.v1 esi-skills.read_skills.v1";

#[tokio::test]
async fn metadata_points_at_working_endpoints() {
    let sim = start();
    let metadata = sim.get("/sso/.well-known/oauth-authorization-server").await.body;
    assert_eq!(metadata["issuer"], "https://login.eveonline.com");
    assert_eq!(metadata["token_endpoint"], sim.url("/sso/v2/oauth/token"));
    assert_eq!(metadata["code_challenge_methods_supported"], json!(["S256"]));
    let keys =
        sim.http.get(metadata["jwks_uri"].as_str().unwrap()).send().await.unwrap().text().await.unwrap();
    let keys: Value = serde_json::from_str(&keys).unwrap();
    assert_eq!(keys["SkipUnresolvedJsonWebKeys"], true);
    assert_eq!(keys["keys"][1]["alg"], "ES256");
}

/// Checks a token with the published key, as a client does.
async fn verified(sim: &Sim, token: &str) -> Value {
    let mut keys = sim.get("/sso/oauth/jwks").await.body;
    keys.as_object_mut().unwrap().remove("SkipUnresolvedJsonWebKeys");
    let keys: JwkSet = serde_json::from_value(keys).unwrap();
    let header = jsonwebtoken::decode_header(token).unwrap();
    assert_eq!((header.alg, header.kid.as_deref()), (Algorithm::RS256, Some("JWT-Signature-Key")));
    let key = DecodingKey::from_jwk(keys.find("JWT-Signature-Key").unwrap()).unwrap();
    let mut rules = Validation::new(Algorithm::RS256);
    rules.set_audience(&["EVE Online"]);
    jsonwebtoken::decode::<Value>(token, &key, &rules).unwrap().claims
}

#[tokio::test]
async fn a_pilot_logs_in_with_pkce() {
    let sim = start();
    let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    let more = format!("&code_challenge={}&code_challenge_method=S256", challenge(verifier));
    let back = sim.handle().authorize(&sim.authorize_url(TWO, &more), demo::KAELEN).unwrap();
    assert!(back.starts_with(demo::EVE_CALLBACK));
    assert_eq!(parameter(&back, "state"), "s-1");
    let code = parameter(&back, "code");
    let answer = sim
        .token(&[("grant_type", "authorization_code"), ("code", &code), ("code_verifier", verifier)])
        .await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(answer.body["token_type"], "Bearer");
    assert_eq!(answer.body["expires_in"], 1_199);
    assert_eq!(answer.body["refresh_token"].as_str().unwrap().len(), 24);

    let claims = verified(&sim, answer.body["access_token"].as_str().unwrap()).await;
    assert_eq!(claims["sub"], format!("CHARACTER:EVE:{}", demo::KAELEN));
    assert_eq!(claims["name"], "Kaelen Vashtar");
    assert_eq!(claims["aud"], json!([demo::EVE_CLIENT_ID, "EVE Online"]));
    assert_eq!(claims["azp"], demo::EVE_CLIENT_ID);
    assert_eq!(claims["iss"], "https://login.eveonline.com");
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 1_200);
    assert_eq!(claims["owner"].as_str().unwrap().len(), 28);
    assert_eq!(claims["owner"], sim.handle().character(demo::KAELEN).unwrap().owner_hash);
}

#[tokio::test]
async fn the_page_lists_pilots_and_its_links_log_in() {
    let sim = start();
    let page = sim.http.get(sim.authorize_url(TWO, "")).send().await.unwrap();
    assert_eq!(page.status(), 200);
    let page = page.text().await.unwrap();
    assert!(
        page.contains("Kaelen Vashtar") && page.contains("Jorek Pell&#39;an") && page.contains("read_skills")
    );
    let link =
        page.split("href=\"").find(|part| part.contains(&format!("character_id={}", demo::MIREL))).unwrap();
    let link = link.split('"').next().unwrap().replace("&amp;", "&");
    let answer = sim.get(&format!("/sso/v2/oauth/authorize/{link}")).await;
    assert_eq!(answer.status, 302);
    assert!(answer.header("location").starts_with(&format!("{}?code=", demo::EVE_CALLBACK)));

    let found = sim.http.get(sim.authorize_url("", "&q=lumen")).send().await.unwrap().text().await.unwrap();
    assert!(found.contains("Rhea Solvane") && !found.contains("Kaelen Vashtar"));
}

#[tokio::test]
async fn cancelling_goes_back_with_an_error() {
    let sim = start();
    let answer = sim.http.get(sim.authorize_url(ONE, "&cancel=1")).send().await.unwrap();
    let location = answer.headers()["location"].to_str().unwrap().to_owned();
    assert_eq!(parameter(&location, "error"), "access_denied");
    assert_eq!(parameter(&location, "state"), "s-1");
}

#[tokio::test]
async fn bad_requests_are_pages_not_redirects() {
    let sim = start();
    let good = sim.authorize_url(ONE, "");
    let bad = [
        good.replace("%2Fsso%2Fcallback", "%2Felsewhere"),
        good.replace("client_id=fealty-dev", "client_id=nobody"),
        good.replace("response_type=code", "response_type=token"),
        good.replace("&state=s-1", ""),
        good.replace("read_online", "read_minds"),
        format!("{good}&code_challenge=abc&code_challenge_method=plain"),
        format!("{good}&code_challenge=abc"),
        format!("{good}&character_id=1"),
    ];
    for url in bad {
        assert_ne!(url, good);
        let answer = sim.http.get(&url).send().await.unwrap();
        assert_eq!(answer.status(), 400, "{url}");
        assert!(answer.headers()["content-type"].to_str().unwrap().starts_with("text/html"));
    }
}

#[tokio::test]
async fn scp_has_three_forms() {
    let sim = start();
    let none = sim.login(demo::KAELEN, "").await;
    assert!(none.as_object().unwrap().contains_key("refresh_token") && none["refresh_token"].is_null());
    assert!(claims(none["access_token"].as_str().unwrap()).get("scp").is_none());
    let one = sim.login(demo::KAELEN, ONE).await;
    assert_eq!(claims(one["access_token"].as_str().unwrap())["scp"], ONE);
    let two = sim.login(demo::KAELEN, TWO).await;
    let two = claims(two["access_token"].as_str().unwrap());
    assert_eq!(two["scp"], json!(TWO.split(' ').collect::<Vec<_>>()));
}

#[tokio::test]
async fn the_issuer_can_be_the_bare_host() {
    let sim = start_with(Options { bare_issuer: true, ..Options::default() });
    let token = sim.login(demo::KAELEN, ONE).await;
    assert_eq!(claims(token["access_token"].as_str().unwrap())["iss"], "login.eveonline.com");
}

#[tokio::test]
async fn the_dead_cannot_log_in() {
    let sim = start();
    sim.handle().biomass(demo::BRAM, false).unwrap();
    assert!(sim.handle().authorize(&sim.authorize_url(ONE, ""), demo::BRAM).is_err());
}

#[tokio::test]
async fn further_callbacks_can_be_registered() {
    let sim = start();
    let other = sim.authorize_url(ONE, "").replace("127.0.0.1%3A8000", "127.0.0.1%3A9999");
    assert!(sim.handle().authorize(&other, demo::KAELEN).is_err());
    sim.handle().add_callback("http://127.0.0.1:9999/sso/callback");
    assert!(sim.handle().authorize(&other, demo::KAELEN).unwrap().starts_with("http://127.0.0.1:9999/"));
}
