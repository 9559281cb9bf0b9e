//! Browser sessions: an opaque random id in a cookie, its hash in the database, revocable at any time.

use chrono::{DateTime, Duration, Utc};
use diesel::{dsl::AsSelect, pg::Pg, prelude::*};
use diesel_async::RunQueryDsl;

use super::users::User;
use crate::{
    app::App,
    crypto::{self, Secret},
    db::{
        Conn,
        schema::{
            api_tokens as t, oauth_attempts as oa, permission_sets as ps, sessions as s, states as st,
            users as u,
        },
    },
    error::Result,
    events::{self, Topic},
    states::State,
};

/// How long a session lives after its last use.
pub const IDLE: Duration = Duration::days(30);
/// How long a registration may take.
const REGISTRATION: Duration = Duration::hours(24);
/// The last use is recorded at most this often.
const TOUCH: Duration = Duration::minutes(5);

/// A session with its user and their effective permissions.
#[derive(Debug, Clone)]
pub struct Session {
    pub id: i64,
    /// Whether all it may do is finish a registration.
    pub is_registration: bool,
    pub user: User,
    /// Ids of effective permissions.
    pub permission_ids: Vec<i32>,
    pub state: State,
}

/// A session as its user sees it in the settings.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = s)]
#[diesel(check_for_backend(Pg))]
pub struct Listed {
    pub id: i64,
    pub user_agent: String,
    pub created_at: DateTime<Utc>,
    pub last_seen_at: DateTime<Utc>,
}

/// How a session began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beginning {
    /// Through EVE SSO, or the confirmed registration after it.
    Sso,
    /// With a superuser's password: ends when its user stops being a superuser.
    Password,
    /// Through EVE SSO, to finish a registration and nothing else.
    Registration,
}

/// Starts a session and returns its secret for the cookie.
///
/// # Errors
/// When the database fails.
pub async fn start(
    conn: &mut Conn,
    app: &App,
    user_id: i64,
    beginning: Beginning,
    user_agent: &str,
) -> Result<Secret> {
    let now = app.clock.now();
    let token = crypto::shared_token(&app.rng);
    let is_registration = beginning == Beginning::Registration;
    let lifetime = if is_registration { REGISTRATION } else { IDLE };
    diesel::insert_into(s::table)
        .values((
            s::token_hash.eq(crypto::token_hash(token.expose())),
            s::user_id.eq(user_id),
            s::is_registration.eq(is_registration),
            s::is_by_password.eq(beginning == Beginning::Password),
            s::user_agent.eq(user_agent.chars().take(300).collect::<String>()),
            s::created_at.eq(now),
            s::last_seen_at.eq(now),
            s::expires_at.eq(now + lifetime),
        ))
        .execute(conn)
        .await?;
    Ok(token)
}

/// The unexpired session with a secret, with its user: a query to select [`columns`] and more from.
#[diesel::dsl::auto_type]
pub fn unexpired(token_hash: Vec<u8>, now: DateTime<Utc>) -> _ {
    s::table
        .inner_join(u::table.inner_join(ps::table).inner_join(st::table))
        .filter(s::token_hash.eq(token_hash).and(s::expires_at.gt(now)))
}

/// What [`columns`] return.
pub type Row = (i64, bool, DateTime<Utc>, User, Vec<i32>, State);

type Columns =
    (s::id, s::is_registration, s::last_seen_at, AsSelect<User, Pg>, ps::permission_ids, AsSelect<State, Pg>);

/// What [`accept`] needs.
#[must_use]
pub fn columns() -> Columns {
    (s::id, s::is_registration, s::last_seen_at, User::as_select(), ps::permission_ids, State::as_select())
}

/// The session that a cookie stands for; `None` if it is unknown or expired, or its user is switched off.
///
/// # Errors
/// When the database fails.
pub async fn find(conn: &mut Conn, now: DateTime<Utc>, token: &str) -> Result<Option<Session>> {
    let row: Option<Row> =
        unexpired(crypto::token_hash(token), now).select(columns()).first(conn).await.optional()?;
    match row {
        Some(row) => accept(conn, now, row).await,
        None => Ok(None),
    }
}

/// Builds the session and records its use, unless it may no longer be used.
///
/// # Errors
/// When the database fails.
pub async fn accept(conn: &mut Conn, now: DateTime<Utc>, row: Row) -> Result<Option<Session>> {
    let (id, is_registration, last_seen_at, user, permission_ids, state) = row;
    if user.is_active == is_registration {
        // A registration's session ends when the registration is finished; a switched-off user's ends at once.
        return Ok(None);
    }
    if !is_registration && last_seen_at + TOUCH < now {
        diesel::update(s::table.find(id))
            .set((s::last_seen_at.eq(now), s::expires_at.eq(now + IDLE)))
            .execute(conn)
            .await?;
    }
    Ok(Some(Session { id, is_registration, user, permission_ids, state }))
}

/// A user's sessions, most recently used first.
///
/// # Errors
/// When the database fails.
pub async fn list(conn: &mut Conn, now: DateTime<Utc>, user_id: i64) -> Result<Vec<Listed>> {
    Ok(s::table
        .filter(s::user_id.eq(user_id).and(s::expires_at.gt(now)).and(s::is_registration.eq(false)))
        .order(s::last_seen_at.desc())
        .limit(100)
        .select(Listed::as_select())
        .load(conn)
        .await?)
}

/// Ends all of a user's sessions, revokes their tokens, and forgets the logins they have begun.
///
/// # Errors
/// When the database fails.
pub async fn end_all(conn: &mut Conn, now: DateTime<Utc>, user_id: i64) -> Result<()> {
    diesel::delete(s::table.filter(s::user_id.eq(user_id))).execute(conn).await?;
    diesel::delete(oa::table.filter(oa::user_id.eq(user_id))).execute(conn).await?;
    diesel::update(t::table.filter(t::user_id.eq(user_id).and(t::revoked_at.is_null())))
        .set(t::revoked_at.eq(now))
        .execute(conn)
        .await?;
    Ok(())
}

/// Ends one of a user's sessions. Returns whether it existed.
///
/// # Errors
/// When the database fails.
pub async fn end(conn: &mut Conn, user_id: i64, id: i64) -> Result<bool> {
    let count =
        diesel::delete(s::table.filter(s::id.eq(id).and(s::user_id.eq(user_id)))).execute(conn).await?;
    if count > 0 {
        events::send(conn, Topic::Sessions, &[user_id]).await?;
    }
    Ok(count > 0)
}
