//! Superusers: created by the operator, on the command line.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use fealty_shared::id::UserId;
use serde_json::json;

use super::{password, session, users};
use crate::{
    access::{self, Actor, Cause, Change},
    app::App,
    audit,
    db::{Conn, schema::users as u},
    error::{Error, Result},
};

/// Creates an active superuser with a password; with `existing`, gives an existing user a (new) password and makes
/// them a superuser. A changed password ends their sessions and tokens.
///
/// # Errors
/// `Invalid` for a bad name, address or password, for a name that is taken, and with `existing` for
/// one that does not exist.
pub async fn create(app: &App, username: &str, email: &str, password: &str, existing: bool) -> Result<i64> {
    let username = username.trim();
    if username.is_empty() || username.chars().count() > 150 || username.chars().any(char::is_control) {
        return Err(Error::invalid("username", "invalid", "A user name has 1 to 150 characters."));
    }
    let email = fealty_shared::validate::email(email)
        .map_err(|problem| Error::invalid("email", problem.code(), problem.message()))?;
    let hash = password::hash(app, password).await?;
    let now = app.clock.now();
    let db = &app.db;
    db.transaction(async |conn| {
        access::hold_rules(conn).await?;
        let id = match (users::find_by_username(conn, username).await?, existing) {
            (Some(user), true) => {
                let summary = format!("{} got a password on the server.", user.username);
                let cause = about(&user, "password_set", summary);
                let had_one: bool =
                    u::table.find(user.id).select(u::password_hash.is_not_null()).first(conn).await?;
                let cause =
                    cause.with_values(json!({ "hasPassword": had_one }), json!({ "hasPassword": true }));
                audit::write(conn, now, &cause).await?;
                user.id
            }
            (None, false) => users::insert(conn, now, username).await?,
            // A pilot may have taken the name: they must not become a superuser by accident.
            (Some(user), false) => {
                let text = format!("{} exists already; add --existing if you mean them.", user.username);
                return Err(Error::invalid("username", "taken", text));
            }
            (None, true) => {
                return Err(Error::invalid("username", "unknown", format!("There is no user {username}.")));
            }
        };
        // The password first: a login with the old one that is about to begin a session holds this row.
        diesel::update(u::table.find(id))
            .set((u::password_hash.eq(&hash), u::email.eq(email)))
            .execute(conn)
            .await?;
        session::end_all(conn, now, id).await?;
        make(conn, now, id).await?;
        Ok(id)
    })
    .await
}

/// Makes a user an active superuser who keeps logging in through EVE SSO. Returns the exact spelling of their name,
/// and whether this is new.
///
/// # Errors
/// `NotFound` for an unknown name; `Invalid` for somebody whose registration is not finished: only they can finish it.
pub async fn promote(app: &App, username: &str) -> Result<(String, bool)> {
    let now = app.clock.now();
    let db = &app.db;
    db.transaction(async |conn| {
        access::hold_rules(conn).await?;
        let user = users::find_by_username(conn, username).await?.ok_or(Error::NotFound)?;
        let is_new = make(conn, now, user.id).await?;
        Ok((user.username, is_new))
    })
    .await
}

/// Returns whether they were not yet an active superuser.
async fn make(conn: &mut Conn, now: DateTime<Utc>, id: i64) -> Result<bool> {
    let user = users::find_for_update(conn, id).await?.ok_or(Error::NotFound)?;
    let username = &user.username;
    if !user.is_active && user.email.is_none() {
        let message = format!(
            "{username} has not finished the registration: the e-mail address must be confirmed first."
        );
        return Err(Error::invalid("username", "unregistered", message));
    }
    let mut changes = Vec::new();
    let (mut kind, mut summary) = ("activated", format!("{username} was activated."));
    if !user.is_active {
        changes.push(Change::ActiveChanged { user_id: id, is_active: true });
    }
    if !user.is_superuser {
        changes.push(Change::SuperuserChanged { user_id: id, is_superuser: true });
        (kind, summary) = ("superuser_created", format!("{username} became a superuser."));
    }
    if changes.is_empty() {
        return Ok(false);
    }
    let shown = |is_active: bool, is_staff: bool, is_superuser: bool| json!({ "isActive": is_active, "isStaff": is_staff, "isSuperuser": is_superuser });
    let cause = about(&user, kind, summary)
        .with_values(shown(user.is_active, user.is_staff, user.is_superuser), shown(true, true, true));
    access::apply_all(conn, now, &cause, &changes).await?;
    Ok(true)
}

fn about(user: &users::User, kind: &'static str, summary: String) -> Cause {
    let object = ("user", UserId(user.id).to_string(), user.username.clone());
    Cause::new(Actor::Operator, kind, object, summary)
}
