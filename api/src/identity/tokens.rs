//! Refresh tokens of EVE SSO: sealed at rest, tried now and then, because a refused one says that its character was
//! sold or that its owner withdrew his consent.

use chrono::{DateTime, Duration, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncConnection, RunQueryDsl};

use super::sso::{SsoError, VerifiedLogin};
use crate::{
    access::{self, Actor, Cause, Change},
    app::App,
    db::{
        Conn,
        schema::{character_ownerships as o, characters as c, esi_tokens as t},
    },
    error::{Error, Result},
    notifications,
    upstream::Secret,
};

const PURPOSE: &str = "esi_tokens.refresh_token";
/// How often each token is tried.
pub const PERIOD: Duration = Duration::hours(48);
/// How long after a refusal it is asked once more.
const SECOND_LOOK: Duration = Duration::hours(1);

/// Keeps the refresh token of a login: one per character and set of scopes.
///
/// # Errors
/// When the database fails.
pub async fn store(conn: &mut Conn, app: &App, user_id: i64, login: &VerifiedLogin) -> Result<()> {
    let Some(refresh) = &login.refresh_token else { return Ok(()) };
    let now = app.clock.now();
    let mut scopes = login.scopes.clone();
    scopes.sort_unstable();
    let sealed = app.seal(PURPOSE, refresh);
    diesel::insert_into(t::table)
        .values((
            t::user_id.eq(user_id),
            t::character_id.eq(login.character_id),
            t::scopes.eq(&scopes),
            t::refresh_token.eq(&sealed),
            t::created_at.eq(now),
            t::checked_at.eq(now),
        ))
        .on_conflict((t::character_id, t::scopes))
        .do_update()
        .set((
            t::user_id.eq(user_id),
            t::refresh_token.eq(&sealed),
            t::checked_at.eq(now),
            t::refused_at.eq(None::<DateTime<Utc>>),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

/// A token that is due.
#[derive(Debug, Queryable)]
struct Due {
    id: i64,
    user_id: i64,
    character_id: i64,
    refresh_token: Vec<u8>,
    refused_at: Option<DateTime<Utc>>,
}

/// Tries the tokens that were not tried since `before`, oldest first, at most `limit`. Returns how many were tried.
///
/// # Errors
/// When the database fails or the SSO cannot be reached (the rest waits for the next run; nobody loses anything).
pub async fn check(app: &App, before: DateTime<Utc>, limit: i64) -> Result<usize> {
    let due: Vec<Due> = {
        let mut conn = app.db.conn().await?;
        t::table
            .filter(t::checked_at.lt(before))
            .order(t::checked_at)
            .limit(limit)
            .select((t::id, t::user_id, t::character_id, t::refresh_token, t::refused_at))
            .load(&mut conn)
            .await?
    };
    let count = due.len();
    for token in due {
        check_one(app, token).await?;
    }
    Ok(count)
}

async fn check_one(app: &App, token: Due) -> Result<()> {
    let Ok(refresh) = app.sealing_key.open(PURPOSE, &token.refresh_token) else {
        // Sealed with another key: says nothing about the character. The next login replaces it.
        tracing::warn!(token.id = token.id, "a refresh token cannot be opened; was site.secret_key changed?");
        return touch(app, &token, None).await;
    };
    match app.sso.refresh(&refresh).await {
        Ok(login) if login.character_id != token.character_id => {
            tracing::error!(token.id = token.id, "EVE SSO gave the token of another character");
            touch(app, &token, None).await
        }
        Ok(login) => {
            let mut conn = app.db.conn().await?;
            let known: Option<String> =
                o::table.find(token.character_id).select(o::owner_hash).first(&mut conn).await.optional()?;
            drop(conn);
            if known.as_deref() == Some(login.owner_hash.as_str()) {
                return touch(app, &token, login.refresh_token.as_ref()).await;
            }
            lose(app, &token, "it now belongs to another EVE account", true).await
        }
        Err(SsoError::InvalidGrant(_)) => match token.refused_at {
            // Twice, an hour apart: it is not the answer to a refresh of ours whose own answer was lost.
            Some(at) if at + SECOND_LOOK <= app.clock.now() => {
                let why = "EVE no longer confirms that you own it; log in with it again to get it back";
                lose(app, &token, why, false).await
            }
            _ => refused(app, &token).await,
        },
        // Says nothing about any token: the rest waits for the next run.
        Err(error @ (SsoError::Unavailable { .. } | SsoError::Configuration(_))) => {
            Err(Error::Upstream { service: "sso", detail: error.to_string() })
        }
        // Odd, and about this token alone: it must not hold up the others.
        Err(error) => {
            tracing::warn!(token.id = token.id, %error, "a refresh token could not be tried");
            touch(app, &token, None).await
        }
    }
}

/// Remembers a first refusal and has it tried again in an hour.
async fn refused(app: &App, token: &Due) -> Result<()> {
    let mut conn = app.db.conn().await?;
    let first = token.refused_at.unwrap_or_else(|| app.clock.now());
    diesel::update(t::table.filter(t::id.eq(token.id).and(t::refresh_token.eq(&token.refresh_token))))
        .set((t::refused_at.eq(first), t::checked_at.eq(first - PERIOD + SECOND_LOOK)))
        .execute(&mut conn)
        .await?;
    Ok(())
}

/// The token is good. Not written over a newer one that a login brought in the meantime.
async fn touch(app: &App, token: &Due, fresh: Option<&Secret>) -> Result<()> {
    let mut conn = app.db.conn().await?;
    let now = app.clock.now();
    let sealed = fresh.map_or_else(|| token.refresh_token.clone(), |refresh| app.seal(PURPOSE, refresh));
    diesel::update(t::table.filter(t::id.eq(token.id).and(t::refresh_token.eq(&token.refresh_token))))
        .set((t::checked_at.eq(now), t::refused_at.eq(None::<DateTime<Utc>>), t::refresh_token.eq(sealed)))
        .execute(&mut conn)
        .await?;
    Ok(())
}

/// The token is dead. Without another one for the character, nothing says any more that the user owns it.
async fn lose(app: &App, token: &Due, why: &str, all: bool) -> Result<()> {
    let mut conn = app.db.conn().await?;
    conn.transaction::<_, Error, _>(async |conn| {
        // Re-checked under the transaction: a login in between may have brought a new token.
        let gone = diesel::delete(
            t::table.filter(t::id.eq(token.id).and(t::refresh_token.eq(&token.refresh_token))),
        )
        .execute(conn)
        .await?;
        if gone == 0 {
            return Ok(());
        }
        let others: i64 = t::table
            .filter(t::character_id.eq(token.character_id).and(t::user_id.eq(token.user_id)))
            .count()
            .get_result(conn)
            .await?;
        if others > 0 && !all {
            return Ok(());
        }
        let name: String = c::table.find(token.character_id).select(c::name).first(conn).await?;
        let now = app.clock.now();
        let cause = Cause::new(
            Actor::System,
            "ownership_lost",
            ("character", token.character_id.to_string(), name.clone()),
            format!("{name} was taken from its user: EVE SSO no longer confirms the ownership."),
        );
        access::apply(conn, now, &cause, Change::OwnershipLost { character_id: token.character_id }).await?;
        let notice = notifications::New {
            level: notifications::Level::Warning,
            kind: "character_lost",
            title: format!("{name} is no longer one of your characters"),
            body: format!("{name} was taken from your characters: {why}."),
        };
        notifications::send(conn, now, &[token.user_id], &notice).await
    })
    .await
}
