//! The second and third step of a registration: an e-mail address, and the proof that it is one's own.
//!
//! The address is only stored with the user once it is confirmed. The link's secret is created when the mail is
//! sent, and stored hashed.

use chrono::{DateTime, Duration, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use fealty_shared::{id::UserId, validate};
use serde_json::json;

use super::{
    jobs::SendConfirmation,
    session::{self, Beginning, Session},
    users,
};
use crate::{
    access::{self, Actor, Cause, Change},
    app::App,
    crypto::{self, Secret},
    db::{
        Conn,
        schema::{email_confirmations as e, sessions as s, users as u},
    },
    error::{Error, Problem, Result},
    jobs,
};

/// How many mails one registration may cause.
const MAX_MAILS: i32 = 10;
/// The minimum time between two of them.
const PAUSE: Duration = Duration::seconds(30);

/// The outcome of the e-mail step.
#[derive(Debug)]
pub enum Registered {
    MailSent,
    /// Addresses are not verified here, so the registration is finished; contains the new session's secret.
    Activated(Secret),
    Invalid(Problem),
}

/// Step 2: takes the address and sends the link.
///
/// # Errors
/// `RateLimited` when links are requested too often.
pub async fn register(app: &App, session: &Session, email: &str, user_agent: &str) -> Result<Registered> {
    let email = match validate::email(email) {
        Ok(email) => email,
        Err(problem) => {
            return Ok(Registered::Invalid(Problem {
                field: "email",
                code: problem.code(),
                message: problem.message().into(),
            }));
        }
    };
    let now = app.clock.now();
    let user_id = session.user.id;
    let db = &app.db;
    db.transaction(async |conn| {
        access::hold_rules(conn).await?;
        let user = users::find_for_update(conn, user_id).await?.ok_or(Error::NotFound)?;
        if user.is_active || user.is_disabled() {
            return Err(Error::Conflict("this registration is already finished"));
        }
        if !app.config.registration.verify_email {
            activate(conn, app, &user, email).await?;
            let secret = replace_session(conn, app, session.id, user_id, user_agent).await?;
            return Ok(Registered::Activated(secret));
        }
        let before: Option<(i32, DateTime<Utc>)> = e::table
            .filter(e::user_id.eq(user_id))
            .select((e::sent_count, e::created_at))
            .for_update()
            .first(conn)
            .await
            .optional()?;
        if let Some((sent, at)) = before {
            let free_at = if sent >= MAX_MAILS { at + Duration::hours(24) } else { at + PAUSE };
            if free_at > now {
                return Err(Error::RateLimited((free_at - now).to_std().unwrap_or_default()));
            }
        }
        let values = (
            e::email.eq(email),
            e::token_hash.eq(None::<Vec<u8>>),
            e::sent_count.eq(before.map_or(0, |(sent, _)| if sent >= MAX_MAILS { 0 } else { sent }) + 1),
            e::created_at.eq(now),
            e::expires_at.eq(now + Duration::hours(i64::from(app.config.registration.link_valid_hours))),
        );
        let id: i64 = diesel::insert_into(e::table)
            .values((e::user_id.eq(user_id), values.clone()))
            .on_conflict(e::user_id)
            .do_update()
            .set(values)
            .returning(e::id)
            .get_result(conn)
            .await?;
        jobs::enqueue(conn, &SendConfirmation { confirmation_id: id }).await?;
        Ok(Registered::MailSent)
    })
    .await
}

/// The outcome of following the link.
#[derive(Debug)]
pub enum Confirmed {
    /// In the browser that began the registration: logged in.
    LoggedIn(Secret),
    /// In another browser: the account is active, and logging in there comes next.
    Activated,
    Invalid(Problem),
}

fn bad_link(code: &'static str, message: &str) -> Confirmed {
    Confirmed::Invalid(Problem { field: "token", code, message: message.into() })
}

/// Step 3: redeems the link's secret. Works once.
///
/// A browser is only logged in if it is the one that registered: somebody who has another person's link must not end
/// up in an account that is not theirs.
///
/// # Errors
/// When the database fails.
pub async fn confirm(
    app: &App,
    token: &str,
    session: Option<&Session>,
    user_agent: &str,
) -> Result<Confirmed> {
    let now = app.clock.now();
    let db = &app.db;
    db.transaction(async |conn| {
        access::hold_rules(conn).await?;
        let row: Option<(i64, String, DateTime<Utc>)> = e::table
            .filter(e::token_hash.eq(crypto::token_hash(token)))
            .select((e::user_id, e::email, e::expires_at))
            .for_update()
            .first(conn)
            .await
            .optional()?;
        let Some((user_id, email, expires_at)) = row else {
            return Ok(bad_link(
                "unknown",
                "This link is not valid: it has already been used, or a newer one was sent.",
            ));
        };
        if expires_at <= now {
            return Ok(bad_link("expired", "This link has expired. Log in again to get a new one."));
        }
        let user = users::find_for_update(conn, user_id).await?.ok_or(Error::NotFound)?;
        diesel::delete(e::table.filter(e::user_id.eq(user_id))).execute(conn).await?;
        if user.is_active || user.is_disabled() {
            return Ok(bad_link(
                "finished",
                "This registration is already finished. Log in with your main character.",
            ));
        }
        activate(conn, app, &user, &email).await?;
        match session.filter(|session| session.user.id == user_id) {
            Some(session) => {
                Ok(Confirmed::LoggedIn(replace_session(conn, app, session.id, user_id, user_agent).await?))
            }
            None => Ok(Confirmed::Activated),
        }
    })
    .await
}

async fn activate(conn: &mut Conn, app: &App, user: &users::User, email: &str) -> Result<()> {
    let now = app.clock.now();
    diesel::update(u::table.find(user.id))
        .set((u::email.eq(email), u::last_login_at.eq(now)))
        .execute(conn)
        .await?;
    let cause = Cause::new(
        Actor::User { id: user.id, name: user.username.clone() },
        "activated",
        ("user", UserId(user.id).to_string(), user.username.clone()),
        "Confirmed the e-mail address and finished the registration.",
    )
    .with_values(json!({ "isActive": user.is_active }), json!({ "isActive": true }));
    access::apply(conn, now, &cause, Change::ActiveChanged { user_id: user.id, is_active: true }).await?;
    Ok(())
}

/// Issues a new secret after the rights changed, so that session fixation gains nothing.
async fn replace_session(
    conn: &mut Conn,
    app: &App,
    old: i64,
    user_id: i64,
    user_agent: &str,
) -> Result<Secret> {
    diesel::delete(s::table.find(old)).execute(conn).await?;
    session::start(conn, app, user_id, Beginning::Sso, user_agent).await
}

/// The address that a link has been mailed to.
///
/// # Errors
/// When the database fails.
pub async fn pending_email(conn: &mut Conn, now: DateTime<Utc>, user_id: i64) -> Result<Option<String>> {
    Ok(e::table
        .filter(e::user_id.eq(user_id).and(e::expires_at.gt(now)))
        .select(e::email)
        .first(conn)
        .await
        .optional()?)
}
