//! Checking an access token: signature and claims, against a given time.

use chrono::{DateTime, Utc};
use jsonwebtoken::{Algorithm, Validation, errors::ErrorKind};
use serde::Deserialize;

use super::keys::Keys;

/// The audience in every token from EVE SSO, along with the client id.
const EVE: &str = "EVE Online";
/// How far apart clocks may be.
const LEEWAY_SECONDS: i64 = 10;
/// EVE's tokens are about 1 to 3 KB, depending on the scopes.
const LONGEST_TOKEN: usize = 32 * 1024;

/// What a token must say.
#[derive(Debug, Clone, Copy)]
pub(super) struct Expected<'a> {
    pub client_id: &'a str,
    pub issuers: &'a [String],
}

/// What a valid token says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Claims {
    pub character_id: i64,
    pub character_name: String,
    pub owner_hash: String,
    pub scopes: Vec<String>,
    pub expires_at: DateTime<Utc>,
}

/// Why a token is not valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// The key it names is not known, or not known yet.
    UnknownKey,
    /// Never valid.
    Bad(&'static str),
}

/// A list that EVE writes as a plain string when it has one element.
#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

#[derive(Deserialize)]
struct Raw {
    sub: String,
    name: String,
    owner: String,
    iss: String,
    aud: OneOrMany,
    azp: Option<String>,
    exp: i64,
    nbf: Option<i64>,
    scp: Option<OneOrMany>,
}

/// Checks `token` as of `now`.
pub(super) fn verify(
    token: &str,
    keys: &Keys,
    expected: Expected<'_>,
    now: DateTime<Utc>,
) -> Result<Claims, Fault> {
    let raw = checked_signature(token, keys)?;
    let claims = check(raw, expected, now).map_err(Fault::Bad)?;
    Ok(claims)
}

fn checked_signature(token: &str, keys: &Keys) -> Result<Raw, Fault> {
    if token.len() > LONGEST_TOKEN {
        return Err(Fault::Bad("too long"));
    }
    let header = jsonwebtoken::decode_header(token).map_err(|_| Fault::Bad("unreadable header"))?;
    if header.alg != Algorithm::RS256 {
        return Err(Fault::Bad("wrong algorithm"));
    }
    if header.crit.is_some() {
        return Err(Fault::Bad("unknown critical header"));
    }
    let key = keys.find(header.kid.as_deref().unwrap_or_default()).ok_or(Fault::UnknownKey)?;
    // The library would ask the machine for the time, and knows neither EVE's double audience nor its issuers, so it
    // only checks the signature, and `check` does the rest.
    let mut signature_only = Validation::new(Algorithm::RS256);
    signature_only.validate_exp = false;
    signature_only.validate_aud = false;
    signature_only.required_spec_claims.clear();
    let data = jsonwebtoken::decode::<Raw>(token, key, &signature_only).map_err(|error| {
        Fault::Bad(match error.kind() {
            ErrorKind::InvalidSignature => "wrong signature",
            ErrorKind::Json(_) => "unreadable claims",
            _ => "malformed",
        })
    })?;
    Ok(data.claims)
}

fn check(raw: Raw, expected: Expected<'_>, now: DateTime<Utc>) -> Result<Claims, &'static str> {
    if !expected.issuers.contains(&raw.iss) {
        return Err("wrong issuer");
    }
    check_audience(&raw.aud, raw.azp.as_deref(), expected.client_id)?;
    if now.timestamp() >= raw.exp.saturating_add(LEEWAY_SECONDS) {
        return Err("expired");
    }
    if raw.nbf.is_some_and(|nbf| now.timestamp() < nbf.saturating_sub(LEEWAY_SECONDS)) {
        return Err("not valid yet");
    }
    let expires_at = DateTime::from_timestamp(raw.exp, 0).ok_or("absurd expiry")?;
    let character_id = character_id(&raw.sub).ok_or("wrong subject")?;
    if !sensible(&raw.name) {
        return Err("wrong name");
    }
    if !sensible(&raw.owner) {
        return Err("wrong owner");
    }
    let scopes = scopes(raw.scp);
    Ok(Claims { character_id, character_name: raw.name, owner_hash: raw.owner, scopes, expires_at })
}

/// Both our application and EVE must be meant. If only EVE is named, `azp` must be us.
fn check_audience(aud: &OneOrMany, azp: Option<&str>, client_id: &str) -> Result<(), &'static str> {
    let sound = match aud {
        OneOrMany::Many(all) => [client_id, EVE].iter().all(|wanted| all.iter().any(|aud| aud == wanted)),
        OneOrMany::One(only) => only == EVE && azp == Some(client_id),
    };
    if sound { Ok(()) } else { Err("wrong audience") }
}

/// `CHARACTER:EVE:<id>`, digits only.
fn character_id(subject: &str) -> Option<i64> {
    let digits = subject.strip_prefix("CHARACTER:EVE:")?;
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    digits.parse().ok().filter(|id| *id > 0)
}

fn sensible(text: &str) -> bool {
    !text.trim().is_empty() && text.chars().count() <= 254 && !text.chars().any(char::is_control)
}

fn scopes(scp: Option<OneOrMany>) -> Vec<String> {
    let mut scopes: Vec<String> = match scp {
        None => Vec::new(),
        Some(OneOrMany::One(text)) => text.split_whitespace().map(str::to_owned).collect(),
        Some(OneOrMany::Many(all)) => all.into_iter().filter(|scope| !scope.is_empty()).collect(),
    };
    scopes.sort_unstable();
    scopes.dedup();
    scopes
}
