//! Proof Key for Code Exchange (RFC 7636), S256.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use openidconnect::{PkceCodeChallenge, PkceCodeVerifier};
use rand::CryptoRng;

use crate::upstream::Secret;

/// The two halves: the challenge goes out with the pilot, the verifier stays until they come back.
#[derive(Debug, Clone)]
pub struct Pkce {
    /// Kept with the login attempt.
    pub verifier: Secret,
    /// Sent with the authorize URL.
    pub challenge: String,
}

/// Makes a fresh pair from 32 random bytes.
pub fn new_pkce(rng: &mut (impl CryptoRng + ?Sized)) -> Pkce {
    let mut bytes = [0; 32];
    rng.fill_bytes(&mut bytes);
    let verifier = PkceCodeVerifier::new(URL_SAFE_NO_PAD.encode(bytes));
    let challenge = PkceCodeChallenge::from_code_verifier_sha256(&verifier);
    Pkce { challenge: challenge.as_str().to_owned(), verifier: Secret::new(verifier.into_secret()) }
}
