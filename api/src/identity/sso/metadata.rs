//! What the SSO says about itself (RFC 8414).

use serde::Deserialize;
use url::Url;

use super::SsoError;

/// The SSO's endpoints. Everything else in the document is ignored; for example, the signing algorithm it names is
/// not that of the access tokens.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Metadata {
    pub authorization_endpoint: Url,
    pub token_endpoint: Url,
    pub jwks_uri: Url,
    #[serde(default)]
    pub revocation_endpoint: Option<Url>,
}

impl Metadata {
    /// Parses the document found at `origin`. A document from a secure address must not lead to insecure ones:
    /// our secret is sent there.
    pub fn read(body: &[u8], origin: &Url) -> Result<Self, SsoError> {
        let metadata: Self = serde_json::from_slice(body).map_err(|error| {
            SsoError::unavailable(format!("unreadable metadata ({:?})", error.classify()))
        })?;
        let endpoints = [
            Some(&metadata.authorization_endpoint),
            Some(&metadata.token_endpoint),
            Some(&metadata.jwks_uri),
            metadata.revocation_endpoint.as_ref(),
        ];
        let fits = |url: &&Url| match url.scheme() {
            "https" => true,
            "http" => origin.scheme() == "http",
            _ => false,
        };
        if endpoints.iter().flatten().all(fits) {
            Ok(metadata)
        } else {
            Err(SsoError::unavailable("metadata with insecure addresses"))
        }
    }
}
