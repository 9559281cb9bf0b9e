//! Discord: what people do in the guild.

use serde::Deserialize;
use serde_json::json;

use super::{AdminError, Outcome, Question, Snowflake, done};
use crate::{discord::HumanError, handle::Handle};

/// `GET /_sim/discord`
pub(super) fn state(handle: &Handle, _question: &Question) -> Outcome {
    let bans: Vec<String> = handle.discord_bans().iter().map(u64::to_string).collect();
    Ok(json!({
        "members": handle.discord_members(),
        "roles": handle.discord_roles(),
        "users": handle.discord_users(),
        "bans": bans,
    }))
}

fn told(outcome: Result<(), HumanError>) -> Outcome {
    match outcome {
        Ok(()) => done(),
        Err(error @ HumanError::Username(_)) => Err(AdminError::bad(error)),
        Err(error) => Err(AdminError::missing(error)),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Redirect {
    redirect: String,
}

pub(super) fn add_redirect(handle: &Handle, body: &Redirect) -> Outcome {
    handle.add_discord_callback(&body.redirect);
    done()
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Authorize {
    authorize_url: String,
    user_id: Snowflake,
}

/// Gives consent without the page.
pub(super) fn authorize(handle: &Handle, body: &Authorize) -> Outcome {
    let redirect = handle.discord_authorize(&body.authorize_url, body.user_id.0).map_err(AdminError::bad)?;
    Ok(json!({ "redirectUrl": redirect }))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct NewUser {
    username: String,
}

pub(super) fn create_user(handle: &Handle, body: &NewUser) -> Outcome {
    let id = handle.discord_create_user(&body.username).map_err(AdminError::bad)?;
    Ok(json!({ "userId": id.to_string() }))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct RenameUser {
    user_id: Snowflake,
    username: String,
}

pub(super) fn rename_user(handle: &Handle, body: &RenameUser) -> Outcome {
    told(handle.discord_rename_user(body.user_id.0, &body.username))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct OneUser {
    user_id: Snowflake,
}

pub(super) fn revoke(handle: &Handle, body: &OneUser) -> Outcome {
    handle.discord_revoke(body.user_id.0);
    done()
}

pub(super) fn invite(handle: &Handle, body: &OneUser) -> Outcome {
    told(handle.discord_invite(body.user_id.0))
}

pub(super) fn kick(handle: &Handle, body: &OneUser) -> Outcome {
    told(handle.discord_kick(body.user_id.0))
}

pub(super) fn ban(handle: &Handle, body: &OneUser) -> Outcome {
    told(handle.discord_set_ban(body.user_id.0, true))
}

pub(super) fn unban(handle: &Handle, body: &OneUser) -> Outcome {
    told(handle.discord_set_ban(body.user_id.0, false))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Rename {
    user_id: Snowflake,
    nick: Option<String>,
}

pub(super) fn rename(handle: &Handle, body: &Rename) -> Outcome {
    told(handle.discord_set_nick(body.user_id.0, body.nick.clone()))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct MemberRole {
    user_id: Snowflake,
    role_id: Snowflake,
    has: bool,
}

pub(super) fn member_role(handle: &Handle, body: &MemberRole) -> Outcome {
    told(handle.discord_set_member_role(body.user_id.0, body.role_id.0, body.has))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct CreateRole {
    name: String,
    #[serde(default)]
    position: i64,
    #[serde(default)]
    permissions: u64,
}

pub(super) fn create_role(handle: &Handle, body: &CreateRole) -> Outcome {
    let id = handle.discord_create_role(&body.name, body.position, body.permissions);
    Ok(json!({ "roleId": id.to_string() }))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct EditRole {
    role_id: Snowflake,
    name: Option<String>,
    position: Option<i64>,
    permissions: Option<u64>,
}

pub(super) fn edit_role(handle: &Handle, body: &EditRole) -> Outcome {
    told(handle.discord_edit_role(body.role_id.0, body.name.clone(), body.position, body.permissions))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct OneRole {
    role_id: Snowflake,
}

pub(super) fn delete_role(handle: &Handle, body: &OneRole) -> Outcome {
    told(handle.discord_delete_role(body.role_id.0))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Switch {
    enabled: bool,
}

pub(super) fn members_intent(handle: &Handle, body: &Switch) -> Outcome {
    handle.discord_set_members_intent(body.enabled);
    done()
}
