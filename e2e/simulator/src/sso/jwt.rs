//! Access tokens: RS256 JWTs like the real ones, and the key set to check them with.

use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, errors::ErrorKind};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::{clock, core::Core, world::World};

/// Key id the real tokens have carried since 2019.
const KEY_ID: &str = "JWT-Signature-Key";

/// The simulator's own key. It signs nothing that the real world accepts, so it may be public; a fixed key starts
/// faster than a new one and keeps tokens valid across restarts.
const PRIVATE_KEY: &[u8] = include_bytes!("simulator-signing-key.pem");

/// Public modulus of [`PRIVATE_KEY`], base64url.
const MODULUS: &str = "vZbpvHEthMI8dlO1RN_Pzsjpeu6uXFVhNS6DClOKC2odUFKpVNoUxAYKKPkM3oxLCK8kSTKk6KEwnqIWc7BNxSGlt3-lMCZHivvNhBL2Fhi47oMUW6yoAsHytzq7783ud_ChG1fYlrUZuInXVf4lWUqbI4SPJEb-cYfzBU9p-VCZPBUVtThL9YYzHYuYOHZfLZVEErIZCb1pxq0qyXR5HP5oB3o27--MLDeRzi0Oq8d48qGO3ogbDSzD8_NoiI38zcUUut2gom5ZcSN0-beBMOxC48pnBTvzyZgzit9rJPTBj2GbAZn3u1wU6spGNsZycuqNzIHEdoJrEEo0-IMAUQ";

static SIGNER: LazyLock<EncodingKey> =
    LazyLock::new(|| EncodingKey::from_rsa_pem(PRIVATE_KEY).expect("the shipped key is valid"));
static CHECKER: LazyLock<DecodingKey> =
    LazyLock::new(|| DecodingKey::from_rsa_components(MODULUS, "AQAB").expect("the shipped key is valid"));

/// The key set: our RSA key, and the real set's EC key and extra top-level member, which clients must ignore.
pub(super) fn key_set() -> Value {
    json!({
        "keys": [
            { "alg": "RS256", "e": "AQAB", "kid": KEY_ID, "kty": "RSA", "n": MODULUS, "use": "sig" },
            {
                "alg": "ES256", "crv": "P-256", "kid": "8878a23f-2489-4045-989e-4d2f3ec1ae1a", "kty": "EC", "use": "sig",
                "x": "PatzB2HJzZOzmqQyYpQYqn3SAXoVYWrZKmMgJnfK94I", "y": "qDb1kUd13fRTN2UNmcgSoQoyqeF_C1MsFlY_a87csnY",
            },
        ],
        "SkipUnresolvedJsonWebKeys": true,
    })
}

/// Both spellings are in use (SSO guide, access token).
pub(crate) fn issuer(bare: bool) -> &'static str {
    if bare { "login.eveonline.com" } else { "https://login.eveonline.com" }
}

/// What a token should say.
pub(crate) struct Claim<'a> {
    pub(crate) client: &'a str,
    pub(crate) character: i64,
    pub(crate) scopes: &'a [String],
    /// In seconds; negative makes a token that has already expired.
    pub(crate) lifetime: i64,
    pub(crate) issuer: &'a str,
}

/// Signs a token. `scp` is an array for two or more scopes, a plain string for one and absent for none.
pub(crate) fn mint(core: &Core, world: &World, claim: &Claim<'_>) -> String {
    let now = clock::now().timestamp();
    let id = hex::encode(core.random_bytes::<16>());
    let jti = format!("{}-{}-{}-{}-{}", &id[..8], &id[8..12], &id[12..16], &id[16..20], &id[20..]);
    let mut claims = Map::new();
    match claim.scopes {
        [] => {}
        [one] => _ = claims.insert("scp".into(), json!(one)),
        several => _ = claims.insert("scp".into(), json!(several)),
    }
    let rest = json!({
        "jti": jti,
        "kid": KEY_ID,
        "sub": format!("CHARACTER:EVE:{}", claim.character),
        "azp": claim.client,
        "tenant": "tranquility",
        "tier": "live",
        "region": "world",
        "aud": [claim.client, "EVE Online"],
        "name": world.character_name(claim.character),
        "owner": world.owner_hash(claim.character),
        "exp": now + claim.lifetime,
        "iat": now + claim.lifetime.min(0),
        "iss": claim.issuer,
    });
    if let Value::Object(rest) = rest {
        claims.extend(rest);
    }
    let mut header = Header::new(Algorithm::RS256);
    header.kid = Some(KEY_ID.into());
    jsonwebtoken::encode(&header, &claims, &SIGNER).unwrap_or_default()
}

/// A checked access token.
pub(crate) struct AccessToken {
    pub(crate) client: String,
    pub(crate) character: i64,
    pub(crate) owner: String,
    pub(crate) scopes: Vec<String>,
    pub(crate) expires: DateTime<Utc>,
}

/// Why a token is not valid.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum TokenError {
    /// It was valid once.
    Expired,
    /// It never was.
    Invalid,
}

#[derive(Deserialize)]
struct Claims {
    sub: String,
    azp: String,
    owner: String,
    exp: i64,
    #[serde(default)]
    scp: Scopes,
}

#[derive(Default, Deserialize)]
#[serde(untagged)]
enum Scopes {
    One(String),
    Several(Vec<String>),
    #[default]
    None,
}

/// Checks signature and expiry, as ESI does with the tokens it is shown.
pub(crate) fn verify(token: &str) -> Result<AccessToken, TokenError> {
    let mut rules = Validation::new(Algorithm::RS256);
    rules.leeway = 0;
    rules.set_audience(&["EVE Online"]);
    let claims =
        jsonwebtoken::decode::<Claims>(token, &CHECKER, &rules).map_err(|error| match error.kind() {
            ErrorKind::ExpiredSignature => TokenError::Expired,
            _ => TokenError::Invalid,
        })?;
    let claims = claims.claims;
    let character = claims.sub.strip_prefix("CHARACTER:EVE:").and_then(|id| id.parse().ok());
    Ok(AccessToken {
        client: claims.azp,
        character: character.ok_or(TokenError::Invalid)?,
        owner: claims.owner,
        scopes: match claims.scp {
            Scopes::None => Vec::new(),
            Scopes::One(one) => vec![one],
            Scopes::Several(several) => several,
        },
        expires: DateTime::from_timestamp(claims.exp, 0).ok_or(TokenError::Invalid)?,
    })
}
