//! Tokens for bots: `Authorization: Bearer fealty_..`, created for a user, never worth more than that
//! user's rights, revocable.

use chrono::{DateTime, Duration, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncConnection, RunQueryDsl};
use fealty_shared::id::{ApiTokenId, UserId};
use serde_json::json;

use super::users::User;
use crate::{
    access::{Actor, Cause},
    app::App,
    audit,
    crypto::{self, Secret},
    db::{
        Conn,
        schema::{api_tokens as t, permission_sets as ps, users as u},
    },
    error::{Error, Result},
    permissions::CATALOGUE,
};

/// What every token begins with, so that secret scanners find leaked ones.
pub const PREFIX: &str = "fealty_";
/// The last use is recorded at most this often.
const TOUCH: Duration = Duration::minutes(1);

/// A bot, identified by its token.
#[derive(Debug, Clone)]
pub struct Bearer {
    pub token_id: i64,
    pub name: String,
    /// Names of permissions the token is limited to; `None`: all of its user's.
    pub scopes: Option<Vec<String>>,
    pub user: User,
    pub permission_ids: Vec<i32>,
}

/// Creates a token for a user: its number and its secret, which is only shown once.
///
/// # Errors
/// `Invalid` for a bad name or an unknown permission.
pub async fn create(
    conn: &mut Conn,
    app: &App,
    user_id: i64,
    name: &str,
    scopes: Option<&[String]>,
    lifetime: Option<Duration>,
) -> Result<(i64, Secret)> {
    let name = name.trim();
    if !(1..=100).contains(&name.chars().count()) {
        return Err(Error::invalid("name", "length", "A token's name has 1 to 100 characters."));
    }
    if let Some(unknown) =
        scopes.unwrap_or_default().iter().find(|s| !CATALOGUE.iter().any(|(known, _)| known == s))
    {
        return Err(Error::invalid("scopes", "unknown", format!("There is no permission {unknown}.")));
    }
    let now = app.clock.now();
    let username: String = u::table.find(user_id).select(u::username).first(conn).await?;
    let expires_at = lifetime.map(|lifetime| now + lifetime);
    let token = Secret::new(format!("{PREFIX}{}", crypto::shared_token(&app.rng).expose()));
    let id = conn
        .transaction::<i64, Error, _>(async |conn| {
            let id = diesel::insert_into(t::table)
                .values((
                    t::user_id.eq(user_id),
                    t::name.eq(name),
                    t::token_hash.eq(crypto::token_hash(token.expose())),
                    t::scopes.eq(scopes),
                    t::created_at.eq(now),
                    t::expires_at.eq(expires_at),
                ))
                .returning(t::id)
                .get_result(conn)
                .await?;
            let mut cause = about(id, name, "token_created", format!("{username} got the API token {name}."));
            cause.after = Some(given(user_id, &username, scopes, expires_at));
            audit::write(conn, now, &cause).await?;
            Ok(id)
        })
        .await?;
    Ok((id, token))
}

/// What a token grants, for the audit log.
fn given(
    user_id: i64,
    username: &str,
    scopes: Option<&[String]>,
    expires_at: Option<DateTime<Utc>>,
) -> serde_json::Value {
    let user = json!({ "id": UserId(user_id).to_string(), "name": username });
    json!({ "user": user, "permissions": scopes, "expiresAt": expires_at })
}

/// Tokens are created and revoked on the command line.
fn about(id: i64, name: &str, kind: &'static str, summary: String) -> Cause {
    Cause::new(Actor::Operator, kind, ("token", ApiTokenId(id).to_string(), name.to_owned()), summary)
}

/// Looks up the bot behind a token; `None` if the token is unknown, expired or revoked, or its user is switched off.
///
/// # Errors
/// When the database fails.
pub async fn find(conn: &mut Conn, now: DateTime<Utc>, token: &str) -> Result<Option<Bearer>> {
    type Row = (i64, String, Option<Vec<String>>, Option<DateTime<Utc>>, User, Vec<i32>);
    if !token.starts_with(PREFIX) {
        return Ok(None);
    }
    let row: Option<Row> = t::table
        .inner_join(u::table.inner_join(ps::table))
        .filter(t::token_hash.eq(crypto::token_hash(token)))
        .filter(t::revoked_at.is_null())
        .filter(t::expires_at.is_null().or(t::expires_at.gt(now)))
        .filter(u::is_active)
        .select((t::id, t::name, t::scopes, t::last_used_at, User::as_select(), ps::permission_ids))
        .first(conn)
        .await
        .optional()?;
    let Some((token_id, name, scopes, last_used_at, user, permission_ids)) = row else { return Ok(None) };
    if last_used_at.is_none_or(|at| at + TOUCH < now) {
        diesel::update(t::table.find(token_id)).set(t::last_used_at.eq(now)).execute(conn).await?;
    }
    Ok(Some(Bearer { token_id, name, scopes, user, permission_ids }))
}

/// Revokes a token by id.
///
/// # Errors
/// `NotFound` for an unknown or revoked one.
pub async fn revoke(conn: &mut Conn, now: DateTime<Utc>, id: i64) -> Result<()> {
    conn.transaction(async |conn| {
        type Row = (i64, String, Option<Vec<String>>, Option<DateTime<Utc>>);
        let (user_id, name, scopes, expires_at): Row =
            diesel::update(t::table.filter(t::id.eq(id).and(t::revoked_at.is_null())))
                .set(t::revoked_at.eq(now))
                .returning((t::user_id, t::name, t::scopes, t::expires_at))
                .get_result(conn)
                .await
                .optional()?
                .ok_or(Error::NotFound)?;
        let username: String = u::table.find(user_id).select(u::username).first(conn).await?;
        let summary = format!("The API token {name} of {username} was revoked.");
        let mut cause = about(id, &name, "token_revoked", summary);
        cause.before = Some(given(user_id, &username, scopes.as_deref(), expires_at));
        audit::write(conn, now, &cause).await
    })
    .await?;
    Ok(())
}

/// A token as listed for operators.
#[derive(Debug, Queryable)]
pub struct Listed {
    pub id: i64,
    pub username: String,
    pub name: String,
    pub expires_at: Option<DateTime<Utc>>,
    pub last_used_at: Option<DateTime<Utc>>,
    pub revoked_at: Option<DateTime<Utc>>,
}

/// All tokens, oldest first.
///
/// # Errors
/// When the database fails.
pub async fn list(conn: &mut Conn) -> Result<Vec<Listed>> {
    Ok(t::table
        .inner_join(u::table)
        .order(t::id)
        .select((t::id, u::username, t::name, t::expires_at, t::last_used_at, t::revoked_at))
        .load(conn)
        .await?)
}
