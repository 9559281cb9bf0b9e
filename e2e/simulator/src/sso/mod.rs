//! EVE SSO v2, `https://login.eveonline.com` (rules: the SSO guide in CCP's developer documentation).
//!
//! - `state.rs`: registered applications, codes and grants.
//! - `authorize.rs`: the page on which a pilot is chosen; `token.rs`: codes and refresh tokens in exchange for access
//!   tokens; `jwt.rs`: the access tokens themselves.
//!
//! Whatever the real service refuses is refused here: unregistered callbacks, JSON at the token endpoint, a code used
//! twice, a verifier that does not match, a refresh token of a sold character.

mod authorize;
mod jwt;
mod state;
mod token;

pub(crate) use authorize::{check, choose};
pub(crate) use jwt::{AccessToken, Claim, TokenError, issuer, mint, verify};
pub use state::Grant;
pub(crate) use state::{SavedGrants, Sso};

use poem::http::{Method, StatusCode, header};
use serde_json::json;

use crate::{
    core::Core,
    faults::bare,
    http::{Call, Reply},
    log::Upstream,
};

/// Answers one request.
pub(crate) fn answer(core: &Core, call: &Call) -> Reply {
    let get = call.method == Method::GET || call.method == Method::HEAD;
    match call.path.as_str() {
        "/.well-known/oauth-authorization-server" if get => metadata(call),
        "/oauth/jwks" if get => {
            Reply::json(StatusCode::OK, &jwt::key_set()).with(header::CACHE_CONTROL, "public, max-age=300")
        }
        "/v2/oauth/authorize" if get => authorize::authorize(core, call),
        "/v2/oauth/verify" if get => token::verify(core, call),
        "/v2/oauth/token" if call.method == Method::POST => token::token(core, call),
        "/v2/oauth/revoke" if call.method == Method::POST => token::revoke(core, call),
        "/.well-known/oauth-authorization-server"
        | "/oauth/jwks"
        | "/v2/oauth/authorize"
        | "/v2/oauth/verify"
        | "/v2/oauth/token"
        | "/v2/oauth/revoke" => bare(Upstream::Sso, 405),
        _ => bare(Upstream::Sso, 404),
    }
}

/// The metadata document as captured from the real service, with its URLs pointing here.
fn metadata(call: &Call) -> Reply {
    let base = format!("{}/sso", call.base);
    let methods = ["client_secret_basic", "client_secret_post", "client_secret_jwt"];
    Reply::json(
        StatusCode::OK,
        &json!({
            "issuer": "https://login.eveonline.com",
            "authorization_endpoint": format!("{base}/v2/oauth/authorize"),
            "token_endpoint": format!("{base}/v2/oauth/token"),
            "userinfo_endpoint": format!("{base}/v2/oauth/verify"),
            "response_types_supported": ["code", "token"],
            "jwks_uri": format!("{base}/oauth/jwks"),
            "revocation_endpoint": format!("{base}/v2/oauth/revoke"),
            "subject_types_supported": ["public"],
            "revocation_endpoint_auth_methods_supported": methods,
            "token_endpoint_auth_methods_supported": methods,
            "id_token_signing_alg_values_supported": ["HS256"],
            "token_endpoint_auth_signing_alg_values_supported": ["HS256"],
            "code_challenge_methods_supported": ["S256"],
        }),
    )
}
