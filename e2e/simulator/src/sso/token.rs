//! The token, revocation and verify endpoints.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use poem::http::{StatusCode, header};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::{jwt, state::Grant};
use crate::{
    core::{Core, lock},
    http::{Call, Reply, find},
    world::World,
};

type Form = [(String, String)];

/// An error body of the token endpoint (SSO guide, error bodies).
fn refuse(status: StatusCode, error: &str, description: &str) -> Reply {
    Reply::json(status, &json!({ "error": error, "error_description": description }))
        .with(header::CACHE_CONTROL, "no-store")
}

fn bad(error: &str, description: &str) -> Reply {
    refuse(StatusCode::BAD_REQUEST, error, description)
}

/// Who is asking, and whether the application proved its secret.
struct Caller {
    client: String,
    confidential: bool,
}

/// HTTP Basic, or `client_id` with `client_secret`, or just `client_id` for applications that rely on PKCE.
fn caller(core: &Core, call: &Call, form: &Form) -> Result<Caller, Reply> {
    let basic = call.basic();
    if call.header(header::AUTHORIZATION).is_some() && basic.is_none() {
        return Err(unauthorized("The Authorization header is not valid HTTP Basic."));
    }
    let named = find(form, "client_id");
    let (client, secret) = match (basic, named) {
        (Some((client, secret)), named) => {
            if named.is_some_and(|named| named != client) {
                return Err(bad("invalid_request", "client_id differs from the Authorization header."));
            }
            (client, Some(secret))
        }
        (None, Some(named)) => (named.to_owned(), find(form, "client_secret").map(Into::into)),
        (None, None) => return Err(unauthorized("The client did not authenticate.")),
    };
    let sso = lock(&core.sso);
    let known = sso.clients.get(&client).ok_or_else(|| unauthorized("Unknown client."))?;
    if secret.as_ref().is_some_and(|secret| *secret != known.secret) {
        return Err(unauthorized("The client secret is wrong."));
    }
    Ok(Caller { client, confidential: secret.is_some() })
}

fn unauthorized(description: &str) -> Reply {
    refuse(StatusCode::UNAUTHORIZED, "invalid_client", description).with(header::WWW_AUTHENTICATE, "Basic")
}

/// Only forms are accepted; JSON and query parameters have been refused since 2021-11 (SSO guide, token).
fn form_of(call: &Call) -> Result<Vec<(String, String)>, Reply> {
    if call.is_type("application/x-www-form-urlencoded") {
        Ok(call.form())
    } else {
        Err(bad("invalid_request", "The content type must be application/x-www-form-urlencoded."))
    }
}

/// `POST /v2/oauth/token`
pub(super) fn token(core: &Core, call: &Call) -> Reply {
    let answered = form_of(call).and_then(|form| {
        let caller = caller(core, call, &form)?;
        match find(&form, "grant_type") {
            Some("authorization_code") => exchange(core, &caller, &form),
            Some("refresh_token") => refresh(core, &caller, &form),
            Some(_) => Err(bad("unsupported_grant_type", "The grant type is not supported.")),
            None => Err(bad("invalid_request", "grant_type is missing.")),
        }
    });
    answered.unwrap_or_else(|refused| refused)
}

fn exchange(core: &Core, caller: &Caller, form: &Form) -> Result<Reply, Reply> {
    let code = find(form, "code").ok_or_else(|| bad("invalid_request", "code is missing."))?;
    let code = lock(&core.sso).take_code(code);
    let code = code.ok_or_else(|| bad("invalid_grant", "Authorization code not found or expired."))?;
    if code.client != caller.client {
        return Err(bad("invalid_grant", "The authorization code was issued to another client."));
    }
    if find(form, "redirect_uri").is_some_and(|given| given != code.redirect_uri) {
        return Err(bad("invalid_grant", "redirect_uri differs from the one of the authorization request."));
    }
    check_verifier(code.challenge.as_deref(), find(form, "code_verifier"), caller)?;
    let world = core.world();
    if !world.is_alive(code.character) {
        return Err(bad("invalid_grant", "The character is gone."));
    }
    if code.scopes.is_empty() {
        return Ok(success(core, &world, &caller.client, code.character, &[], None));
    }
    let refresh = core.token24();
    let grant = Grant {
        client_id: caller.client.clone(),
        character_id: code.character,
        owner_hash: world.owner_hash(code.character),
        scopes: code.scopes.clone(),
        revoked: false,
    };
    lock(&core.sso).add_grant(refresh.clone(), grant);
    Ok(success(core, &world, &caller.client, code.character, &code.scopes, Some(&refresh)))
}

/// PKCE according to RFC 7636. A client without a secret must use it; a verifier without a challenge is a downgrade.
fn check_verifier(challenge: Option<&str>, verifier: Option<&str>, caller: &Caller) -> Result<(), Reply> {
    match (challenge, verifier) {
        (Some(challenge), Some(verifier)) => {
            let fits = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier)) == challenge;
            if fits {
                Ok(())
            } else {
                Err(bad("invalid_grant", "code_verifier does not match the code challenge."))
            }
        }
        (Some(_), None) => Err(bad("invalid_request", "code_verifier is missing.")),
        (None, Some(_)) => Err(bad("invalid_grant", "The authorization request had no code challenge.")),
        (None, None) if caller.confidential => Ok(()),
        (None, None) => Err(unauthorized("The client did not authenticate.")),
    }
}

fn refresh(core: &Core, caller: &Caller, form: &Form) -> Result<Reply, Reply> {
    let token =
        find(form, "refresh_token").ok_or_else(|| bad("invalid_request", "refresh_token is missing."))?;
    let world = core.world();
    let mut sso = lock(&core.sso);
    let grant = sso.grants.get(token).cloned();
    let grant = grant.ok_or_else(|| bad("invalid_grant", "Invalid refresh token. Token missing/expired."))?;
    if grant.client_id != caller.client {
        return Err(bad("invalid_token", "The refresh token does not match the client specified."));
    }
    if !grant.is_alive(&world) {
        return Err(bad("invalid_grant", "Invalid refresh token. Character grant missing/expired."));
    }
    let scopes = match find(form, "scope") {
        None => grant.scopes.clone(),
        Some(asked) => asked.split_whitespace().map(Into::into).collect::<Vec<String>>(),
    };
    if scopes.iter().any(|scope| !grant.scopes.contains(scope)) {
        return Err(bad("invalid_scope", "A scope was not granted."));
    }
    let mut next = token.to_owned();
    if sso.rotate {
        sso.grants.remove(token);
        next = core.token24();
        sso.grants.insert(next.clone(), grant.clone());
    }
    drop(sso);
    Ok(success(core, &world, &caller.client, grant.character_id, &scopes, Some(&next)))
}

/// 200 of the token endpoint. Without scopes there is no refresh token, but the member is present (SSO guide, token).
fn success(
    core: &Core,
    world: &World,
    client: &str,
    character: i64,
    scopes: &[String],
    refresh: Option<&str>,
) -> Reply {
    let (lifetime, issuer) = {
        let sso = lock(&core.sso);
        (sso.token_lifetime, jwt::issuer(sso.bare_issuer))
    };
    let access = jwt::mint(core, world, &jwt::Claim { client, character, scopes, lifetime, issuer });
    let body = json!({
        "access_token": access,
        "expires_in": (lifetime - 1).max(0),
        "token_type": "Bearer",
        "refresh_token": refresh,
    });
    Reply::json(StatusCode::OK, &body).with(header::CACHE_CONTROL, "no-store")
}

/// `POST /v2/oauth/revoke`: 200 even for unknown tokens (RFC 7009).
pub(super) fn revoke(core: &Core, call: &Call) -> Reply {
    let answered = form_of(call).and_then(|form| {
        let caller = caller(core, call, &form)?;
        let token = find(&form, "token").ok_or_else(|| bad("invalid_request", "token is missing."))?;
        let mut sso = lock(&core.sso);
        if sso.grants.get(token).is_some_and(|grant| grant.client_id == caller.client) {
            sso.grants.remove(token);
        }
        Ok(Reply::empty(StatusCode::OK))
    });
    answered.unwrap_or_else(|refused| refused)
}

/// `GET /v2/oauth/verify`
pub(super) fn verify(core: &Core, call: &Call) -> Reply {
    let token = call.credentials("Bearer").and_then(|token| jwt::verify(token).ok());
    let Some(token) = token else {
        return refuse(
            StatusCode::UNAUTHORIZED,
            "invalid_token",
            "The access token is missing, invalid or expired.",
        );
    };
    let world = core.world();
    let body = json!({
        "CharacterID": token.character,
        "CharacterName": world.character_name(token.character),
        "CharacterOwnerHash": token.owner,
        "ExpiresOn": token.expires.format("%Y-%m-%dT%H:%M:%S").to_string(),
        "Scopes": token.scopes.join(" "),
        "TokenType": "Character",
        "IntellectualProperty": "EVE",
    });
    Reply::json(StatusCode::OK, &body)
}
