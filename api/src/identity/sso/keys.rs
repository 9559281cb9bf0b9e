//! The keys the SSO signs with (RFC 7517).

use std::collections::HashMap;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::DecodingKey;
use serde::Deserialize;
use serde_json::Value;

use super::SsoError;

/// Shorter keys are refused, as RFC 7518 requires.
const SHORTEST_MODULUS: usize = 2048 / 8;

/// The RS256 keys by id. Others (EVE also lists an elliptic-curve one) are not for us.
#[derive(Debug)]
pub(super) struct Keys(HashMap<String, DecodingKey>);

impl Keys {
    /// Parses a key set, skipping what cannot be used.
    pub fn read(body: &[u8]) -> Result<Self, SsoError> {
        #[derive(Deserialize)]
        struct Set {
            keys: Vec<Value>,
        }
        let set: Set = serde_json::from_slice(body)
            .map_err(|error| SsoError::unavailable(format!("unreadable keys ({:?})", error.classify())))?;
        let keys: HashMap<_, _> = set.keys.into_iter().filter_map(usable).collect();
        if keys.is_empty() {
            return Err(SsoError::unavailable("no usable keys"));
        }
        Ok(Self(keys))
    }

    /// The key with the id `kid`.
    pub fn find(&self, kid: &str) -> Option<&DecodingKey> {
        self.0.get(kid)
    }
}

fn usable(key: Value) -> Option<(String, DecodingKey)> {
    #[derive(Deserialize)]
    struct Rsa {
        kid: String,
        kty: String,
        alg: String,
        #[serde(default, rename = "use")]
        purpose: Option<String>,
        n: String,
        e: String,
    }
    let key: Rsa = serde_json::from_value(key).ok()?;
    let for_signing = key.purpose.as_deref().is_none_or(|purpose| purpose == "sig");
    if key.kty != "RSA" || key.alg != "RS256" || !for_signing {
        return None;
    }
    let modulus = URL_SAFE_NO_PAD.decode(&key.n).ok()?;
    let exponent = URL_SAFE_NO_PAD.decode(&key.e).ok()?;
    let length = modulus.iter().skip_while(|byte| **byte == 0).count();
    (length >= SHORTEST_MODULUS).then(|| (key.kid, DecodingKey::from_rsa_raw_components(&modulus, &exponent)))
}
