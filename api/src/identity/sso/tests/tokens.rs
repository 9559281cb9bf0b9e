//! Which tokens are valid.

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

use super::{
    super::{
        keys::Keys,
        verify::{Claims, Expected, Fault, verify},
    },
    *,
};

const KID: &str = "JWT-Signature-Key";

fn check(token: &str, time: &TestTime) -> Result<Claims, Fault> {
    let keys = Keys::read(key_set(&[jwk(KEY_A, KID)]).to_string().as_bytes()).unwrap();
    let issuers = default_issuers();
    verify(token, &keys, Expected { client_id: CLIENT, issuers: &issuers }, time.now())
}

fn with(change: impl FnOnce(&mut Value, i64)) -> Result<Claims, Fault> {
    let time = TestTime::new();
    let mut claims = claims(&time);
    change(&mut claims, time.now().timestamp());
    check(&sign(&claims, KEY_A, KID), &time)
}

fn without(name: &str) -> Result<Claims, Fault> {
    with(|claims, _| drop(claims.as_object_mut().unwrap().remove(name)))
}

#[test]
fn a_genuine_token_holds() {
    let time = TestTime::new();
    let claims = check(&sign(&claims(&time), KEY_A, KID), &time).unwrap();
    assert_eq!(claims.character_id, 123_123);
    assert_eq!(claims.character_name, "Some Bloke");
    assert_eq!(claims.owner_hash, "8PmzCeTKb4VFUDrHLc/AeZXDSWM=");
    assert_eq!(claims.scopes, ["esi-skills.read_skills.v1", "publicData"]);
    assert_eq!(claims.expires_at, time.now() + chrono::Duration::seconds(1200));
}

#[test]
fn unsigned_tokens_are_refused_however_spelt() {
    let time = TestTime::new();
    for alg in ["none", "None", "NONE", "nOnE", ""] {
        let token = forge(&json!({"alg": alg, "kid": KID, "typ": "JWT"}), &claims(&time), b"");
        assert_eq!(check(&token, &time), Err(Fault::Bad("unreadable header")), "{alg}");
    }
    let token = forge(&json!({"alg": "RS256", "kid": KID}), &claims(&time), b"");
    assert_eq!(check(&token, &time), Err(Fault::Bad("wrong signature")));
}

#[test]
fn a_public_key_is_no_shared_secret() {
    let time = TestTime::new();
    let public = jwk(KEY_A, KID);
    let modulus = URL_SAFE_NO_PAD.decode(public["n"].as_str().unwrap()).unwrap();
    for secret in
        [modulus.as_slice(), public["n"].as_str().unwrap().as_bytes(), public.to_string().as_bytes()]
    {
        let header = Header { kid: Some(KID.to_owned()), ..Header::new(Algorithm::HS256) };
        let token = jsonwebtoken::encode(&header, &claims(&time), &EncodingKey::from_secret(secret)).unwrap();
        assert_eq!(check(&token, &time), Err(Fault::Bad("wrong algorithm")));
    }
}

#[test]
fn other_rsa_algorithms_are_refused() {
    let time = TestTime::new();
    for algorithm in [Algorithm::RS384, Algorithm::RS512, Algorithm::PS256] {
        let header = Header { kid: Some(KID.to_owned()), ..Header::new(algorithm) };
        let key = EncodingKey::from_rsa_pem(KEY_A).unwrap();
        let token = jsonwebtoken::encode(&header, &claims(&time), &key).unwrap();
        assert_eq!(check(&token, &time), Err(Fault::Bad("wrong algorithm")));
    }
}

#[test]
fn the_header_chooses_among_our_keys_only() {
    let time = TestTime::new();
    let claims = claims(&time);
    assert_eq!(check(&sign(&claims, KEY_B, KID), &time), Err(Fault::Bad("wrong signature")));
    assert_eq!(check(&sign(&claims, KEY_B, "mine"), &time), Err(Fault::UnknownKey));
    assert_eq!(check(&sign(&claims, KEY_A, "8878a23f"), &time), Err(Fault::UnknownKey), "the elliptic key");
    let key = EncodingKey::from_rsa_pem(KEY_B).unwrap();
    let own_key = Header {
        jwk: Some(serde_json::from_value(jwk(KEY_B, "mine")).unwrap()),
        jku: Some("https://evil.example/jwks".to_owned()),
        ..Header::new(Algorithm::RS256)
    };
    let token = jsonwebtoken::encode(&own_key, &claims, &key).unwrap();
    assert_eq!(check(&token, &time), Err(Fault::UnknownKey));
    let critical = Header {
        kid: Some(KID.to_owned()),
        crit: Some(vec!["b64".to_owned()]),
        ..Header::new(Algorithm::RS256)
    };
    let token = jsonwebtoken::encode(&critical, &claims, &EncodingKey::from_rsa_pem(KEY_A).unwrap()).unwrap();
    assert_eq!(check(&token, &time), Err(Fault::Bad("unknown critical header")));
}

#[test]
fn a_changed_token_is_refused() {
    let time = TestTime::new();
    let token = sign(&claims(&time), KEY_A, KID);
    let mut other = claims(&time);
    other["sub"] = json!("CHARACTER:EVE:1");
    let parts: Vec<&str> = token.split('.').collect();
    let swapped = format!("{}.{}.{}", parts[0], URL_SAFE_NO_PAD.encode(other.to_string()), parts[2]);
    assert_eq!(check(&swapped, &time), Err(Fault::Bad("wrong signature")));
    for nonsense in
        ["", ".", "..", "a.b.c", &format!("{token}.x"), &token[..token.len() / 2], &"x".repeat(40_000)]
    {
        assert!(matches!(check(nonsense, &time), Err(Fault::Bad(_))), "{nonsense:.40}");
    }
}

#[test]
fn issuers_are_compared_whole() {
    for issuer in default_issuers() {
        assert!(with(|claims, _| claims["iss"] = json!(issuer)).is_ok(), "{issuer}");
    }
    for issuer in
        ["logineveonline.com", "http://login.eveonline.com", "https://login.eveonline.com.evil.example", ""]
    {
        let got = with(|claims, _| claims["iss"] = json!(issuer));
        assert_eq!(got, Err(Fault::Bad("wrong issuer")), "{issuer}");
    }
}

#[test]
fn the_audience_must_name_us_and_eve() {
    let wrong =
        [json!([CLIENT]), json!(["EVE Online"]), json!(["other", "EVE Online"]), json!([]), json!(CLIENT)];
    for aud in wrong {
        let got = with(|claims, _| claims["aud"] = aud.clone());
        assert_eq!(got, Err(Fault::Bad("wrong audience")), "{aud}");
    }
    assert!(with(|claims, _| claims["aud"] = json!(["EVE Online", CLIENT, "more"])).is_ok());
    assert!(with(|claims, _| claims["aud"] = json!("EVE Online")).is_ok(), "azp names us");
    let foreign = with(|claims, _| {
        claims["aud"] = json!("EVE Online");
        claims["azp"] = json!("other");
    });
    assert_eq!(foreign, Err(Fault::Bad("wrong audience")));
}

#[test]
fn expiry_follows_our_clock_with_ten_seconds_of_grace() {
    assert!(with(|claims, now| claims["exp"] = json!(now - 9)).is_ok());
    assert_eq!(with(|claims, now| claims["exp"] = json!(now - 10)), Err(Fault::Bad("expired")));
    assert_eq!(with(|claims, _| claims["exp"] = json!(i64::MIN)), Err(Fault::Bad("expired")));
    assert_eq!(with(|claims, _| claims["exp"] = json!(i64::MAX)), Err(Fault::Bad("absurd expiry")));
    assert_eq!(with(|claims, _| claims["exp"] = json!("soon")), Err(Fault::Bad("unreadable claims")));
    assert_eq!(with(|claims, now| claims["nbf"] = json!(now + 11)), Err(Fault::Bad("not valid yet")));
}

#[test]
fn subjects_name_one_character() {
    let wrong = [
        "CHARACTER:EVE:0",
        "CHARACTER:EVE:-5",
        "CHARACTER:EVE:+5",
        "CHARACTER:EVE:",
        "CHARACTER:EVE: 5",
        "CHARACTER:EVE:5:6",
        "CORPORATION:EVE:5",
        "character:eve:5",
        "5",
        "",
        "CHARACTER:EVE:99999999999999999999",
        "CHARACTER:EVE:٥",
    ];
    for sub in wrong {
        assert_eq!(with(|claims, _| claims["sub"] = json!(sub)), Err(Fault::Bad("wrong subject")), "{sub}");
    }
    assert_eq!(
        with(|claims, _| claims["sub"] = json!("CHARACTER:EVE:2129000000")).unwrap().character_id,
        2_129_000_000
    );
}

#[test]
fn name_and_owner_must_be_there() {
    for name in ["sub", "name", "owner", "iss", "aud", "exp"] {
        assert_eq!(without(name), Err(Fault::Bad("unreadable claims")), "{name}");
    }
    for (field, reason) in [("name", "wrong name"), ("owner", "wrong owner")] {
        for text in ["", " ", &"x".repeat(255), "a\u{0}b"] {
            assert_eq!(with(|claims, _| claims[field] = json!(text)), Err(Fault::Bad(reason)));
        }
        assert!(with(|claims, _| claims[field] = json!("x".repeat(254))).is_ok());
    }
}

#[test]
fn scopes_come_in_three_forms() {
    let scopes = |scp: Value| with(|claims, _| claims["scp"] = scp).unwrap().scopes;
    assert_eq!(scopes(json!(["b", "a", "b"])), ["a", "b"]);
    assert_eq!(scopes(json!("publicData")), ["publicData"]);
    assert!(scopes(json!(null)).is_empty());
    assert!(without("scp").unwrap().scopes.is_empty());
    assert_eq!(with(|claims, _| claims["scp"] = json!(5)), Err(Fault::Bad("unreadable claims")));
}
