//! EVE SSO.

use serde::Deserialize;
use serde_json::json;

use super::{AdminError, Outcome, done, world::OneCharacter};
use crate::{demo, handle::Handle};

pub(super) fn revoke_tokens(handle: &Handle, body: &OneCharacter) -> Outcome {
    Ok(json!({ "revoked": handle.revoke_tokens(body.character_id) }))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct RegisterClient {
    client_id: Option<String>,
    secret: Option<String>,
    callback: Option<String>,
}

/// A new application, or another callback or secret for a known one (the default one unless named).
pub(super) fn register_client(handle: &Handle, body: &RegisterClient) -> Outcome {
    let client_id = body.client_id.as_deref().unwrap_or(demo::EVE_CLIENT_ID);
    handle.register_client(client_id, body.secret.as_deref(), body.callback.as_deref());
    done()
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Settings {
    rotate_refresh_tokens: Option<bool>,
    bare_issuer: Option<bool>,
    token_lifetime: Option<i64>,
}

pub(super) fn settings(handle: &Handle, body: &Settings) -> Outcome {
    if let Some(on) = body.rotate_refresh_tokens {
        handle.set_refresh_rotation(on);
    }
    if let Some(on) = body.bare_issuer {
        handle.set_bare_issuer(on);
    }
    if let Some(seconds) = body.token_lifetime {
        handle.set_token_lifetime(seconds);
    }
    done()
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Authorize {
    authorize_url: String,
    character_id: i64,
}

/// Logs a pilot in without the page.
pub(super) fn authorize(handle: &Handle, body: &Authorize) -> Outcome {
    let redirect = handle.authorize(&body.authorize_url, body.character_id).map_err(AdminError::bad)?;
    Ok(json!({ "redirectUrl": redirect }))
}
