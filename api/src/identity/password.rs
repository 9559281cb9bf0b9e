//! Passwords: for superusers created on the command line. Pilots log in through EVE SSO.
//!
//! argon2id with the parameters from OWASP's password storage cheat sheet (19 MiB, 2 passes, 1 lane).

use argon2::{Argon2, PasswordHash, PasswordHasher, PasswordVerifier, password_hash::SaltString};
use chrono::{DateTime, Duration, Utc};
use diesel::{
    QueryableByName,
    prelude::*,
    sql_query,
    sql_types::{BigInt, Nullable, Text, Timestamptz},
};
use diesel_async::RunQueryDsl;
use tokio::sync::Semaphore;

use super::{
    session::{self, Beginning},
    users,
};
use crate::{
    app::App,
    crypto::Secret,
    db::{
        Conn,
        schema::{login_failures as f, users as u},
    },
    error::{Error, Result},
    origin,
};

/// The minimum length, in characters.
pub const MIN_LENGTH: usize = 12;
/// The maximum length, so that hashing stays cheap for us.
const MAX_LENGTH: usize = 256;
/// Failures allowed from one address within [`WINDOW`]; for IPv6, from one 64-bit network, which
/// is what one customer has.
const MAX_FAILURES: i64 = 5;
/// Failures allowed for one user name, from anywhere. A higher limit, so that five guesses by
/// somebody else lock nobody out.
const MAX_FAILURES_OF_USER: i64 = 50;
/// Hashing takes 19 MiB and a core: how many may run at once.
static HASHING: Semaphore = Semaphore::const_new(2);
const WINDOW: Duration = Duration::minutes(15);

/// Hashes a password. Takes some 20 ms of one core, so it runs off the async threads.
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
    // Without a stored hash, one of the same cost is checked, so that the time taken does not reveal who exists.
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

/// Logs a superuser in by password. `None`: wrong name or password, or not an active superuser.
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
    let keys = &Keys {
        user: format!("user:{}", username.to_lowercase().chars().take(150).collect::<String>()),
        address: format!("addr:{}", origin::network(address)),
    };
    let db = &app.db;
    if let Some(free_at) = db.transaction(async |conn| count(conn, now, keys).await).await? {
        return Err(Error::RateLimited((free_at - now).to_std().unwrap_or_default()));
    }
    let mut conn = app.db.conn().await?;
    let user = users::find_by_username(&mut conn, username).await?;
    let stored: Option<String> = match &user {
        Some(user) if user.is_active && user.is_superuser => {
            u::table.find(user.id).select(u::password_hash).first(&mut conn).await?
        }
        _ => None,
    };
    drop(conn);
    let stored = &stored;
    let matches =
        password.chars().count() <= MAX_LENGTH && verify(password.to_owned(), stored.clone()).await?;
    let Some(id) = user.filter(|_| matches).map(|user| user.id) else { return Ok(None) };
    db.transaction(async |conn| {
        // Checking a password takes a while, longer when others are waiting too: it may have been changed since, and
        // changing it ends existing sessions, not future ones.
        let still: Option<i64> = u::table
            .filter(u::id.eq(id).and(u::is_active).and(u::is_superuser).and(u::password_hash.eq(stored)))
            .select(u::id)
            .for_no_key_update()
            .first(conn)
            .await
            .optional()?;
        if still.is_none() {
            return Ok(None);
        }
        diesel::delete(f::table.filter(f::key.eq_any([&keys.user, &keys.address]))).execute(conn).await?;
        diesel::update(u::table.find(id)).set(u::last_login_at.eq(now)).execute(conn).await?;
        session::start(conn, app, id, Beginning::Password, user_agent).await.map(Some)
    })
    .await
}

/// What failures are counted under.
struct Keys {
    user: String,
    address: String,
}

/// Counts an attempt before it is made, so that many at the same moment see each other. If there are too many, it is
/// not made and not counted for anybody, so that attempts refused to one address lock no user out; the return value
/// then says when the next one is allowed.
async fn count(conn: &mut Conn, now: DateTime<Utc>, keys: &Keys) -> Result<Option<DateTime<Utc>>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Nullable<Timestamptz>)]
        oldest: Option<DateTime<Utc>>,
    }
    // One at a time per address and per name; a separate statement, so that each one sees those before it.
    sql_query("select pg_advisory_xact_lock(hashtextextended(key, 0)) from unnest(array[$1, $2]) key")
        .bind::<Text, _>(&keys.address)
        .bind::<Text, _>(&keys.user)
        .execute(conn)
        .await?;
    // Reads no more rows than are allowed, and adds none beyond that.
    let row: Row = sql_query(
        "with spent as (
             select max(oldest) as oldest from (values ($1, $4), ($2, $5)) as k (key, most), lateral (
                 select min(at) as oldest from (
                     select at from login_failures f where f.key = k.key and f.at > $3 order by at desc limit k.most) n
                 having count(*) >= k.most) o
         ), counted as (
             insert into login_failures (key, at) select key, $6 from unnest(array[$1, $2]) key, spent
             where spent.oldest is null
         )
         select oldest from spent",
    )
    .bind::<Text, _>(&keys.address)
    .bind::<Text, _>(&keys.user)
    .bind::<Timestamptz, _>(now - WINDOW)
    .bind::<BigInt, _>(MAX_FAILURES)
    .bind::<BigInt, _>(MAX_FAILURES_OF_USER)
    .bind::<Timestamptz, _>(now)
    .get_result(conn)
    .await?;
    Ok(row.oldest.map(|oldest| oldest + WINDOW))
}
