//! Superusers: made by the operator, on the command line.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use fealty_shared::id::UserId;

use super::{password, session, users};
use crate::{
    access::{self, Actor, Cause, Change},
    app::App,
    db::{Conn, schema::users as u},
    error::{Error, Result},
};

/// Makes an active superuser with a password; with `existing`, gives a user that exists a (new) one and makes them
/// superuser. A changed password ends their sessions and tokens.
///
/// # Errors
/// `Invalid` for a bad name, address or password, for a name that is taken, and with `existing` for one that is not.
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
            (Some(user), true) => user.id,
            (None, false) => users::insert(conn, now, username).await?,
            // A pilot may have taken the name: they must not become superuser by accident.
            (Some(user), false) => {
                let text = format!("{} exists already; add --existing if you mean them.", user.username);
                return Err(Error::invalid("username", "taken", text));
            }
            (None, true) => return Err(Error::invalid("username", "unknown", "There is no such user.")),
        };
        // First the password: a login with the old one that is about to begin a session has this row.
        diesel::update(u::table.find(id))
            .set((u::password_hash.eq(&hash), u::email.eq(email)))
            .execute(conn)
            .await?;
        session::end_all(conn, now, id).await?;
        make(conn, now, id, username).await?;
        Ok(id)
    })
    .await
}

/// Makes a user an active superuser, who goes on logging in through EVE SSO. Returns how they write their name.
///
/// # Errors
/// `NotFound` for an unknown name; `Invalid` for somebody whose registration is not finished: only they can finish it.
pub async fn promote(app: &App, username: &str) -> Result<String> {
    let now = app.clock.now();
    let db = &app.db;
    db.transaction(async |conn| {
        access::hold_rules(conn).await?;
        let user = users::find_by_username(conn, username).await?.ok_or(Error::NotFound)?;
        make(conn, now, user.id, &user.username).await?;
        Ok(user.username)
    })
    .await
}

async fn make(conn: &mut Conn, now: DateTime<Utc>, id: i64, username: &str) -> Result<()> {
    let user = users::find(conn, id).await?.ok_or(Error::NotFound)?;
    if !user.is_active && user.email.is_none() {
        let message =
            format!("{username} has not finished the registration: an e-mail address has to be confirmed.");
        return Err(Error::invalid("username", "unregistered", message));
    }
    let about = || ("user", UserId(id).to_string(), username.to_owned());
    let cause =
        Cause::new(Actor::Operator, "superuser_created", about(), format!("{username} became superuser."));
    access::apply(conn, now, &cause, Change::SuperuserChanged { user_id: id, is_superuser: true }).await?;
    let cause = Cause::new(Actor::Operator, "activated", about(), format!("{username} was activated."));
    access::apply(conn, now, &cause, Change::ActiveChanged { user_id: id, is_active: true }).await?;
    Ok(())
}
