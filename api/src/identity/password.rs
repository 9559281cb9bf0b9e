//! Passwords: for superusers made on the command line. Pilots log in through EVE SSO.
//!
//! argon2id with the parameters of OWASP's password storage cheat sheet (19 MiB, 2 passes, 1 lane).

use argon2::{Argon2, PasswordHash, PasswordHasher, PasswordVerifier, password_hash::SaltString};
use chrono::{DateTime, Duration, Utc};
use diesel::{
    QueryableByName,
    prelude::*,
    sql_query,
    sql_types::{BigInt, Nullable, Text, Timestamptz},
};
use diesel_async::RunQueryDsl;
use fealty_shared::id::UserId;
use tokio::sync::Semaphore;

use super::{session, users};
use crate::{
    access::{self, Actor, Cause, Change},
    app::App,
    crypto::Secret,
    db::{
        Conn,
        schema::{login_failures as f, users as u},
    },
    error::{Error, Result},
};

/// The least length, in characters.
pub const MIN_LENGTH: usize = 12;
/// The most, so that hashing stays cheap for us.
const MAX_LENGTH: usize = 256;
/// Failures allowed from one address within [`WINDOW`].
const MAX_FAILURES: i64 = 5;
/// Failures allowed for one user name, wherever from: more, so that nobody is locked out by somebody's five guesses.
const MAX_FAILURES_OF_USER: i64 = 50;
/// Hashing takes 19 MiB and a core: that many at once.
static HASHING: Semaphore = Semaphore::const_new(2);
const WINDOW: Duration = Duration::minutes(15);

/// Hashes a password. Takes some 20 ms of one core: off the async threads.
///
/// # Errors
/// `Invalid` for one that is too short or too long.
pub async fn hash(app: &App, password: &str) -> Result<String> {
    let length = password.chars().count();
    if !(MIN_LENGTH..=MAX_LENGTH).contains(&length) {
        return Err(Error::invalid(
            "password",
            "length",
            format!("A password has {MIN_LENGTH} to {MAX_LENGTH} characters."),
        ));
    }
    let mut salt = [0u8; 16];
    rand::RngCore::fill_bytes(
        &mut *app.rng.lock().unwrap_or_else(std::sync::PoisonError::into_inner),
        &mut salt,
    );
    let password = password.to_owned();
    tokio::task::spawn_blocking(move || {
        let salt = SaltString::encode_b64(&salt).map_err(|e| Error::internal(e.to_string()))?;
        Argon2::default()
            .hash_password(password.as_bytes(), &salt)
            .map(|hash| hash.to_string())
            .map_err(|e| Error::internal(e.to_string()))
    })
    .await
    .map_err(Error::internal)?
}

async fn verify(password: String, stored: Option<String>) -> Result<bool> {
    // Without a stored hash one of the same cost is tried, so that the time taken does not tell who exists.
    const NOBODY: &str =
        "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let _turn = HASHING.acquire().await.map_err(Error::internal)?;
    tokio::task::spawn_blocking(move || {
        let text = stored.as_deref().unwrap_or(NOBODY);
        let matches = PasswordHash::new(text)
            .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok());
        Ok(matches && stored.is_some())
    })
    .await
    .map_err(Error::internal)?
}

/// Logs a user in by password. `None`: wrong name or password, or not an active user.
///
/// # Errors
/// `RateLimited` after too many failures for this name or this address.
pub async fn login(
    app: &App,
    username: &str,
    password: &str,
    address: &str,
    user_agent: &str,
) -> Result<Option<Secret>> {
    let now = app.clock.now();
    let keys = [
        format!("user:{}", username.to_lowercase().chars().take(150).collect::<String>()),
        format!("addr:{address}"),
    ];
    let mut conn = app.db.conn().await?;
    // Counted before it is tried: many guesses at the same moment count each other.
    let attempts: Vec<_> = keys.iter().map(|key| (f::key.eq(key), f::at.eq(now))).collect();
    diesel::insert_into(f::table).values(attempts).execute(&mut conn).await?;
    refuse_guessing(&mut conn, now, &keys).await?;
    let user = users::find_by_username(&mut conn, username).await?;
    let stored: Option<String> = match &user {
        Some(user) if user.is_active => {
            u::table.find(user.id).select(u::password_hash).first(&mut conn).await?
        }
        _ => None,
    };
    drop(conn);
    let matches = password.chars().count() <= MAX_LENGTH && verify(password.to_owned(), stored).await?;
    let Some(user) = user.filter(|_| matches) else { return Ok(None) };
    let db = &app.db;
    db.transaction(async |conn| {
        diesel::delete(f::table.filter(f::key.eq_any(&keys))).execute(conn).await?;
        diesel::update(u::table.find(user.id)).set(u::last_login_at.eq(now)).execute(conn).await?;
        session::start(conn, app, user.id, false, user_agent).await.map(Some)
    })
    .await
}

async fn refuse_guessing(conn: &mut Conn, now: DateTime<Utc>, keys: &[String]) -> Result<()> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = BigInt)]
        over: i64,
        #[diesel(sql_type = Nullable<Timestamptz>)]
        oldest: Option<DateTime<Utc>>,
    }
    let row: Row = sql_query(
        "select count(*) as over, min(oldest) as oldest from (
             select min(at) as oldest from login_failures where key = any ($1) and at > $2 group by key
             having count(*) > case when key like 'user:%' then $3 else $4 end) k",
    )
    .bind::<diesel::sql_types::Array<Text>, _>(keys)
    .bind::<Timestamptz, _>(now - WINDOW)
    .bind::<BigInt, _>(MAX_FAILURES_OF_USER)
    .bind::<BigInt, _>(MAX_FAILURES)
    .get_result(conn)
    .await?;
    if row.over == 0 {
        return Ok(());
    }
    let free_at = row.oldest.unwrap_or(now) + WINDOW;
    Err(Error::RateLimited((free_at - now).to_std().unwrap_or_default()))
}

/// Makes an active superuser with a password; with `existing`, gives a user that exists a (new) one and makes him
/// superuser. A changed password ends his sessions and tokens.
///
/// # Errors
/// `Invalid` for a bad name, address or password, for a name that is taken, and with `existing` for one that is not.
pub async fn create_superuser(
    app: &App,
    username: &str,
    email: &str,
    password: &str,
    existing: bool,
) -> Result<i64> {
    let username = username.trim();
    if username.is_empty() || username.chars().count() > 150 || username.chars().any(char::is_control) {
        return Err(Error::invalid("username", "invalid", "A user name has 1 to 150 characters."));
    }
    let email = fealty_shared::validate::email(email)
        .map_err(|problem| Error::invalid("email", problem.code(), problem.message()))?;
    let hash = hash(app, password).await?;
    let now = app.clock.now();
    let db = &app.db;
    db.transaction(async |conn| {
        access::hold_rules(conn).await?;
        let id = match (users::find_by_username(conn, username).await?, existing) {
            (Some(user), true) => user.id,
            (None, false) => users::insert(conn, now, username).await?,
            // A pilot may have taken the name: he must not become superuser by accident.
            (Some(user), false) => {
                let text =
                    format!("{} exists already; name him with --existing if you mean him.", user.username);
                return Err(Error::invalid("username", "taken", text));
            }
            (None, true) => return Err(Error::invalid("username", "unknown", "There is no such user.")),
        };
        session::end_all(conn, now, id).await?;
        diesel::update(u::table.find(id))
            .set((u::password_hash.eq(&hash), u::email.eq(email)))
            .execute(conn)
            .await?;
        promote(conn, now, id, username).await?;
        Ok(id)
    })
    .await
}

/// Makes a user an active superuser.
///
/// # Errors
/// `NotFound` for an unknown id; `Invalid` for somebody whose registration is not finished: only he can finish it.
pub async fn promote(conn: &mut Conn, now: DateTime<Utc>, id: i64, username: &str) -> Result<()> {
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
