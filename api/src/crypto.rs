//! Secrets: how they are hidden, hashed and sealed.
//!
//! - What we only need to recognise (session ids, API tokens, links) is stored as SHA-256: such values carry 256
//!   random bits, so a slow hash would add nothing.
//! - What we must be able to use again (refresh tokens) is sealed with XChaCha20-Poly1305 under the site's key, with
//!   its purpose as associated data, so that one column's value is worthless in another.
//! - Passwords, which people choose, are hashed with argon2id.

use std::fmt;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chacha20poly1305::{
    Key, XChaCha20Poly1305, XNonce,
    aead::{Aead, KeyInit, Payload},
};
use hmac::{Hmac, Mac};
use rand::{CryptoRng, RngCore};
use sha2::{Digest, Sha256, Sha512};

pub use crate::upstream::Secret;

/// A fresh secret of 256 random bits as 43 characters of base64url.
pub fn random_token<R: RngCore + CryptoRng + ?Sized>(rng: &mut R) -> Secret {
    let mut bytes = [0u8; 32];
    rng.fill_bytes(&mut bytes);
    Secret::new(BASE64_URL_SAFE_NO_PAD.encode(bytes))
}

/// Random bytes for ids that only have to differ (traces, requests): not for secrets.
#[must_use]
pub fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    rand::rngs::ThreadRng::default().fill_bytes(&mut bytes);
    bytes
}

/// What is stored of a random token.
#[must_use]
pub fn token_hash(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}

/// The site's key for texts that only the site itself can have created.
#[derive(Clone)]
pub struct MacKey(Hmac<Sha256>);

impl fmt::Debug for MacKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MacKey")
    }
}

impl MacKey {
    /// Derives the key from the site's secret, which has at least 32 characters (see `Config`).
    #[must_use]
    pub fn from_secret(secret: &Secret) -> Self {
        // 64 bytes: the block size of SHA-256, and so the one length that HMAC uses unchanged.
        let key = Sha512::new().chain_update(b"fealty mac key v1\0").chain_update(secret.expose()).finalize();
        Self(<Hmac<Sha256> as KeyInit>::new(&key))
    }

    /// A keyed hash (HMAC-SHA256, RFC 2104) of `parts` for one `purpose`, as base64url. Their
    /// lengths keep the parts apart.
    #[must_use]
    pub fn sign(&self, purpose: &str, parts: &[&[u8]]) -> String {
        let mut mac = self.0.clone();
        for part in std::iter::once(&purpose.as_bytes()).chain(parts) {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        BASE64_URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
    }
}

/// A sealed value could not be opened: another key, another purpose, or damaged.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("a sealed value could not be opened; was the secret key changed?")]
pub struct OpenError;

/// A value could not be sealed: it exceeds 256 GiB.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("a value could not be sealed")]
pub struct SealError;

/// The site's key for values that must be opened again.
#[derive(Clone)]
pub struct SealingKey(XChaCha20Poly1305);

impl fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealingKey")
    }
}

const NONCE_LENGTH: usize = 24;

impl SealingKey {
    /// Derives the key from the site's secret, which has at least 32 characters (see `Config`).
    #[must_use]
    pub fn from_secret(secret: &Secret) -> Self {
        let digest =
            Sha256::new().chain_update(b"fealty sealing key v1\0").chain_update(secret.expose()).finalize();
        Self(XChaCha20Poly1305::new(Key::from_slice(&digest)))
    }

    /// Seals `plain` for one `purpose` (a constant such as `esi.refresh_token`).
    ///
    /// # Errors
    /// When it is longer than the cipher allows.
    pub fn seal<R: RngCore + CryptoRng + ?Sized>(
        &self,
        rng: &mut R,
        purpose: &str,
        plain: &str,
    ) -> Result<Vec<u8>, SealError> {
        let mut out = vec![0u8; NONCE_LENGTH];
        rng.fill_bytes(&mut out);
        let payload = Payload { msg: plain.as_bytes(), aad: purpose.as_bytes() };
        out.extend(self.0.encrypt(XNonce::from_slice(&out), payload).map_err(|_| SealError)?);
        Ok(out)
    }

    /// Opens what `seal` produced for the same purpose.
    ///
    /// # Errors
    /// When the key or purpose differs, or the value was changed.
    pub fn open(&self, purpose: &str, sealed: &[u8]) -> Result<Secret, OpenError> {
        let (nonce, body) = sealed.split_at_checked(NONCE_LENGTH).ok_or(OpenError)?;
        let payload = Payload { msg: body, aad: purpose.as_bytes() };
        let plain = self.0.decrypt(XNonce::from_slice(nonce), payload).map_err(|_| OpenError)?;
        String::from_utf8(plain).map(Secret::new).map_err(|_| OpenError)
    }
}

/// Seals and opens the stored secrets of one kind: holds the site's key, the shared
/// generator, and the kind's purpose.
#[derive(Clone)]
pub struct Vault {
    key: SealingKey,
    rng: SharedRng,
    purpose: &'static str,
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Vault").field(&self.purpose).finish()
    }
}

impl Vault {
    /// Creates one for a `purpose`.
    #[must_use]
    pub const fn new(key: SealingKey, rng: SharedRng, purpose: &'static str) -> Self {
        Self { key, rng, purpose }
    }

    /// Seals `plain`.
    ///
    /// # Errors
    /// As [`SealingKey::seal`].
    pub fn seal(&self, plain: &str) -> Result<Vec<u8>, SealError> {
        let mut rng = self.rng.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        self.key.seal(&mut *rng, self.purpose, plain)
    }

    /// Opens what [`Vault::seal`] produced.
    ///
    /// # Errors
    /// As [`SealingKey::open`].
    pub fn open(&self, sealed: &[u8]) -> Result<Secret, OpenError> {
        self.key.open(self.purpose, sealed)
    }
}

/// Randomness as a parameter: seeded in tests, otherwise the operating system's.
pub type SharedRng = std::sync::Arc<std::sync::Mutex<dyn SecureRng>>;

/// A random number generator fit for secrets.
pub trait SecureRng: RngCore + CryptoRng + Send {}
impl<T: RngCore + CryptoRng + Send> SecureRng for T {}

/// A fresh token from the shared generator.
#[must_use]
pub fn shared_token(rng: &SharedRng) -> Secret {
    random_token(&mut *rng.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand_chacha::ChaCha20Rng;

    use super::*;

    fn key(secret: &str) -> SealingKey {
        SealingKey::from_secret(&Secret::new(secret))
    }

    #[test]
    fn sealed_values_open_only_with_key_and_purpose() {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let sealed = key("a").seal(&mut rng, "p", "refresh").unwrap();
        assert_eq!(key("a").open("p", &sealed).unwrap().expose(), "refresh");
        assert!(key("a").open("q", &sealed).is_err());
        assert!(key("b").open("p", &sealed).is_err());
        for at in 0..sealed.len() {
            let mut damaged = sealed.clone();
            damaged[at] ^= 1;
            assert!(key("a").open("p", &damaged).is_err());
        }
        assert!(key("a").open("p", &[]).is_err());
    }

    #[test]
    fn a_signature_is_of_key_purpose_and_every_part() {
        let key = |secret: &str| MacKey::from_secret(&Secret::new(secret));
        let one = key("a").sign("p", &[b"ab", b"c"]);
        assert_eq!(one, key("a").sign("p", &[b"ab", b"c"]));
        for other in [
            key("b").sign("p", &[b"ab", b"c"]),
            key("a").sign("q", &[b"ab", b"c"]),
            key("a").sign("p", &[b"a", b"bc"]),
            key("a").sign("p", &[b"abc"]),
        ] {
            assert_ne!(one, other);
        }
    }

    #[test]
    fn the_same_text_never_looks_the_same() {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let mut sealed = || key("a").seal(&mut rng, "p", "x").unwrap();
        assert_ne!(sealed(), sealed());
    }
}
