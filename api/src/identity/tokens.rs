//! EVE SSO refresh tokens: sealed at rest, and tried from time to time, because a refused one means that its
//! character was sold or that its owner withdrew their consent.
//!
//! EVE may replace the token that is tried with a new one. If that answer is lost, the old one is refused from then
//! on although nothing happened to the character. So `attempted_at` is written before a token is sent and cleared
//! with the answer; a refusal while it is still set from an earlier try means nothing.

use chrono::{DateTime, Duration, Utc};
use diesel::{
    prelude::*,
    sql_query,
    sql_types::{Bool, Nullable, Text, Timestamptz},
};
use diesel_async::RunQueryDsl;

use super::sso::{SsoError, VerifiedLogin};
use crate::{
    access::{self, Actor, Cause, Change},
    app::App,
    db::{
        Conn,
        schema::{
            character_ownerships as o, characters as c, esi_tokens as t, notifications as n, sync_runs as r,
        },
    },
    error::{Error, Result},
    jobs::{brake, late},
    notifications,
};

const PURPOSE: &str = "esi_tokens.refresh_token";
/// How often each token is tried.
pub const PERIOD: Duration = Duration::hours(48);
/// How long after a refusal, or after no answer, a token is tried once more.
const SECOND_LOOK: Duration = Duration::hours(1);
/// This many tokens in a row that could not be tried are not the tokens' fault: the SSO is down.
const FAILURES: usize = 5;
/// How many are read at once.
const PAGE: i64 = 200;
/// The check's row in `sync_runs`: it covers a [`PERIOD`], in which each token is tried once.
pub const KIND: &str = "tokens";

/// Stores the refresh token of a login: one per character and set of scopes.
///
/// # Errors
/// When the database fails.
pub async fn store(conn: &mut Conn, app: &App, user_id: i64, login: &VerifiedLogin) -> Result<()> {
    let Some(refresh) = &login.refresh_token else { return Ok(()) };
    let now = app.clock.now();
    let mut scopes = login.scopes.clone();
    scopes.sort_unstable();
    let sealed = app.seal(PURPOSE, refresh)?;
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
            t::attempted_at.eq(None::<DateTime<Utc>>),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

/// A token to try.
#[derive(Debug, Clone, Queryable)]
struct Due {
    id: i64,
    user_id: i64,
    character_id: i64,
    refresh_token: Vec<u8>,
    refused_at: Option<DateTime<Utc>>,
    attempted_at: Option<DateTime<Utc>>,
}

/// What a try changes.
#[derive(AsChangeset)]
#[diesel(table_name = t, treat_none_as_null = true)]
struct Tried {
    checked_at: DateTime<Utc>,
    refused_at: Option<DateTime<Utc>>,
    attempted_at: Option<DateTime<Utc>>,
    refresh_token: Vec<u8>,
}

impl Due {
    /// Nothing was learned.
    fn unknown(&self, checked_at: DateTime<Utc>) -> Tried {
        Tried {
            checked_at,
            refused_at: self.refused_at,
            attempted_at: self.attempted_at,
            refresh_token: self.refresh_token.clone(),
        }
    }
}

/// The time of the last try to record so that the next one comes an hour after `now`.
fn again_soon(now: DateTime<Utc>) -> DateTime<Utc> {
    now - PERIOD + SECOND_LOOK
}

/// What a check found out.
#[derive(Default)]
struct Learnt {
    /// Whether EVE said of any token whether it is valid.
    is_answered: bool,
    /// Why another one could not be tried.
    failure: Option<String>,
}

/// The outcome of a try.
enum Try {
    /// EVE said whether the token is valid, or the token is gone.
    Answered,
    /// None, for a reason specific to this token.
    Odd(String),
    /// None, and others may fare the same.
    Failed(SsoError),
}

/// Tries the tokens that are due, oldest first, or with `all` every one. `is_released`: an operator allows it to take
/// as many characters as EVE refuses tokens for.
///
/// # Errors
/// When the database fails or the SSO cannot be reached or refuses us (the rest waits for the next run; nobody loses
/// anything).
pub async fn check(app: &App, all: bool, is_released: bool) -> Result<()> {
    let limit = {
        let mut conn = app.db.conn().await?;
        begin(&mut conn, app.clock.now(), is_released).await?;
        brake::limit(&mut conn, &app.config.worker, is_released).await?
    };
    let mut learnt = Learnt::default();
    let ended = walk(app, all, limit, &mut learnt).await;
    note(app, &learnt).await?;
    ended
}

async fn walk(app: &App, all: bool, limit: Option<usize>, learnt: &mut Learnt) -> Result<()> {
    let start = app.clock.now();
    let before = if all { start } else { start - PERIOD };
    let (mut last, mut failures) = (None, 0);
    let mut failure = None;
    loop {
        let due = page(app, before, last.filter(|_| all), all).await?;
        let Some(newest) = due.last() else { break };
        last = Some(newest.id);
        for token in due {
            match check_one(app, &token, limit).await? {
                Try::Answered => (failures, learnt.is_answered) = (0, true),
                Try::Odd(why) => {
                    failures = 0;
                    tracing::warn!(token.id = token.id, why, "a refresh token could not be tried");
                    learnt.failure = Some(why);
                }
                Try::Failed(error) => {
                    failures += 1;
                    tracing::warn!(token.id = token.id, %error, "a refresh token could not be tried");
                    learnt.failure = Some(error.to_string());
                    // No token's fault: the rest waits until somebody fixes it.
                    if failures == FAILURES || matches!(error, SsoError::Configuration(_)) {
                        return Err(down(&error));
                    }
                    failure = Some(error);
                }
            }
        }
    }
    match failure {
        Some(error) if !learnt.is_answered => Err(down(&error)),
        _ => Ok(()),
    }
}

/// Since when checks have found out nothing, and when superusers were notified of that.
#[derive(QueryableByName)]
struct Failing {
    #[diesel(sql_type = Nullable<Timestamptz>)]
    since: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    told_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Text>)]
    error: Option<String>,
}

/// Records what a check found out. Superusers are notified of checks that find out nothing for hours: until somebody
/// fixes that, nobody would notice that a character was sold.
async fn note(app: &App, learnt: &Learnt) -> Result<()> {
    let now = app.clock.now();
    let db = &app.db;
    db.transaction(async |conn| {
        if learnt.is_answered {
            diesel::update(r::table.find(KIND))
                .set((
                    r::resolved_at.eq(now),
                    r::failing_since.eq(None::<DateTime<Utc>>),
                    r::late_told_at.eq(None::<DateTime<Utc>>),
                ))
                .execute(conn)
                .await?;
        }
        if let Some(failure) = &learnt.failure {
            // What stopped it is the more important reason.
            diesel::update(r::table.find(KIND).filter(r::stopped_at.is_null()))
                .set(r::last_error.eq(failure))
                .execute(conn)
                .await?;
        }
        if learnt.is_answered {
            return Ok(());
        }
        // A tick that had nothing to try does not begin to fail, but goes on doing so: all tokens may be due at once, and
        // not again for two days.
        let failing: Option<Failing> = sql_query(
            "update sync_runs set failing_since = coalesce(failing_since, case when $3 then $2 end) where kind = $1
             returning failing_since as since, late_told_at as told_at, last_error as error",
        )
        .bind::<Text, _>(KIND)
        .bind::<Timestamptz, _>(now)
        .bind::<Bool, _>(learnt.failure.is_some())
        .get_result(conn)
        .await
        .optional()?;
        let Some(Failing { since: Some(since), told_at, error }) = failing else { return Ok(()) };
        let failure = error.unwrap_or_default();
        if since > now - late::LATE || told_at.is_some_and(|told_at| told_at > now - late::AGAIN) {
            return Ok(());
        }
        let body = format!(
            "Since {}, EVE has not told of any refresh token whether it is still valid. Nobody loses anything by that, but \
             characters that are sold go unnoticed. The last error: {failure}.",
            late::in_words(since)
        );
        late::tell(conn, now, KIND, "The check of characters does not work", body).await
    })
    .await
}

fn down(error: &SsoError) -> Error {
    Error::Upstream { service: "sso", detail: error.to_string() }
}

/// The next tokens. Due ones are tried oldest first and get a new date. When trying all, some keep an old date
/// (trying a refused one does not postpone it), so these are walked by id.
async fn page(app: &App, before: DateTime<Utc>, after: Option<i64>, all: bool) -> Result<Vec<Due>> {
    let mut conn = app.db.conn().await?;
    let mut query = t::table
        .filter(t::checked_at.lt(before))
        .limit(PAGE)
        .select((t::id, t::user_id, t::character_id, t::refresh_token, t::refused_at, t::attempted_at))
        .into_boxed();
    query = if all { query.order(t::id) } else { query.order(t::checked_at) };
    if let Some(id) = after {
        query = query.filter(t::id.gt(id));
    }
    Ok(query.load(&mut conn).await?)
}

/// Tries one token.
async fn check_one(app: &App, token: &Due, limit: Option<usize>) -> Result<Try> {
    let now = app.clock.now();
    let Ok(refresh) = app.sealing_key.open(PURPOSE, &token.refresh_token) else {
        // Sealed with another key: says nothing about the character. The next login replaces it.
        settle(app, token, token.unknown(now)).await?;
        return Ok(Try::Odd("a refresh token cannot be opened; was site.secret_key changed?".to_owned()));
    };
    // Committed before it is sent.
    let lost = Some(token.attempted_at.unwrap_or(now));
    if !settle(app, token, Tried { attempted_at: lost, ..token.unknown(again_soon(now)) }).await? {
        return Ok(Try::Answered);
    }
    match app.sso.refresh(&refresh).await {
        Ok(login) if login.character_id != token.character_id => {
            tracing::error!(token.id = token.id, "EVE SSO gave the token of another character");
            settle(app, token, Tried { attempted_at: lost, ..token.unknown(now) }).await?;
            return Ok(Try::Odd("EVE SSO gave the token of another character".to_owned()));
        }
        Ok(login) => {
            let mut conn = app.db.conn().await?;
            let known: Option<String> =
                o::table.find(token.character_id).select(o::owner_hash).first(&mut conn).await.optional()?;
            drop(conn);
            let is_kept = known.as_deref() == Some(login.owner_hash.as_str());
            let refresh_token = match &login.refresh_token {
                Some(fresh) => app.seal(PURPOSE, fresh)?,
                None => token.refresh_token.clone(),
            };
            // Before the character is taken: if that fails, this token, which may be a new one, shows it once more. And
            // where the brake is pulled, it goes on.
            let checked_at = if is_kept { now } else { again_soon(now) };
            let good = Tried { checked_at, refused_at: None, attempted_at: None, refresh_token };
            let kept = Due { refresh_token: good.refresh_token.clone(), ..token.clone() };
            if settle(app, token, good).await? && !is_kept && !take(app, &kept, Reason::Sold, limit).await? {
                settle(app, &kept, Tried { attempted_at: None, refused_at: None, ..kept.unknown(now) })
                    .await?;
            }
        }
        Err(SsoError::InvalidGrant(_)) if token.attempted_at.is_some() => forget(app, token).await?,
        Err(SsoError::InvalidGrant(_)) => {
            let first = token.refused_at.unwrap_or(now);
            let is_second = token.refused_at.is_some_and(|first| first + SECOND_LOOK <= now);
            if is_second && take(app, token, Reason::Refused, limit).await? {
                return Ok(Try::Answered);
            }
            // The brake is pulled: this one is not tried again before all others were.
            let checked_at = if is_second { now } else { again_soon(first) };
            let refused = Tried { checked_at, refused_at: Some(first), ..token.unknown(now) };
            settle(app, token, refused).await?;
        }
        Err(error @ (SsoError::Unavailable { .. } | SsoError::InvalidToken(_))) => {
            let attempted_at = if error.is_lost() { lost } else { token.attempted_at };
            settle(app, token, Tried { attempted_at, ..token.unknown(again_soon(now)) }).await?;
            return Ok(Try::Failed(error));
        }
        Err(error @ SsoError::Configuration(_)) => {
            settle(app, token, token.unknown(again_soon(now))).await?;
            return Ok(Try::Failed(error));
        }
        // About this token alone, and nothing about its character: it must not hold up the others.
        Err(error @ (SsoError::OtherApplication(_) | SsoError::Rejected(_))) => {
            settle(app, token, token.unknown(now)).await?;
            return Ok(Try::Odd(error.to_string()));
        }
    }
    Ok(Try::Answered)
}

/// Writes the result of a try, unless a login has brought a newer token in the meantime.
/// Returns whether it was written.
async fn settle(app: &App, token: &Due, tried: Tried) -> Result<bool> {
    let mut conn = app.db.conn().await?;
    let written =
        diesel::update(t::table.filter(t::id.eq(token.id).and(t::refresh_token.eq(&token.refresh_token))))
            .set(tried)
            .execute(&mut conn)
            .await?;
    Ok(written == 1)
}

/// Makes sure there is a row in `sync_runs` to count in: the existing one, unless its time is over
/// or its brake was released.
async fn begin(conn: &mut Conn, now: DateTime<Utc>, is_released: bool) -> Result<()> {
    sql_query(
        "insert into sync_runs (kind, started_at) values ($1, $2)
         on conflict (kind) do update set started_at = excluded.started_at, stopped_at = null, demoted = 0, last_error = null
         where $3 or (sync_runs.stopped_at is null and sync_runs.started_at <= $4)",
    )
    .bind::<Text, _>(KIND)
    .bind::<Timestamptz, _>(now)
    .bind::<Bool, _>(is_released)
    .bind::<Timestamptz, _>(now - PERIOD)
    .execute(conn)
    .await?;
    Ok(())
}

/// Why a token loses its character.
#[derive(Clone, Copy)]
enum Reason {
    /// The SSO named another owner, so no other token speaks for the user either.
    Sold,
    /// EVE refused it.
    Refused,
}

/// Takes the character away: it belongs to another EVE account, or its token is dead and no other one proves any
/// longer that the user owns it. At most `limit` users lose characters in one run. Returns whether the matter is
/// settled; it is not if the brake is pulled.
async fn take(app: &App, token: &Due, reason: Reason, limit: Option<usize>) -> Result<bool> {
    let now = app.clock.now();
    let db = &app.db;
    db.transaction(async |conn| {
        access::hold_rules(conn).await?;
        if !is_kept(conn, token).await? {
            return Ok(true);
        }
        let why = match reason {
            Reason::Sold => "it now belongs to another EVE account",
            Reason::Refused if has_another(conn, token).await? => {
                diesel::delete(t::table.find(token.id)).execute(conn).await?;
                return Ok(true);
            }
            Reason::Refused => "EVE no longer confirms that you own it; log in with it again to get it back",
        };
        if let Some(most) = limit
            && !may_take(conn, now, token.user_id, most).await?
        {
            return Ok(false);
        }
        diesel::delete(t::table.find(token.id)).execute(conn).await?;
        let name: String = c::table.find(token.character_id).select(c::name).first(conn).await?;
        let cause = Cause::new(
            Actor::System,
            "ownership_lost",
            ("character", token.character_id.to_string(), name.clone()),
            format!("{name} was removed from its user: EVE no longer confirms who owns it."),
        );
        let cause = cause.with_owners(conn, (token.character_id, &name), None).await?;
        access::apply(conn, now, &cause, Change::OwnershipLost { character_id: token.character_id }).await?;
        let notice = notifications::New {
            level: notifications::Level::Warning,
            kind: LOST,
            about: None,
            title: format!("{name} is no longer one of your characters"),
            body: format!("{name} was removed from your characters: {why}."),
        };
        notifications::send(conn, now, &[token.user_id], &notice).await?;
        Ok(true)
    })
    .await
}

/// The kind of notification for a user who lost a character.
const LOST: &str = "character_lost";

/// Locks the token. False: it is gone, or a login in between replaced it.
async fn is_kept(conn: &mut Conn, token: &Due) -> Result<bool> {
    let row = t::table.filter(t::id.eq(token.id).and(t::refresh_token.eq(&token.refresh_token)));
    let id: Option<i64> = row.select(t::id).for_update().first(conn).await.optional()?;
    Ok(id.is_some())
}

/// Whether another token speaks for the character.
async fn has_another(conn: &mut Conn, token: &Due) -> Result<bool> {
    let others = t::table.filter(t::character_id.eq(token.character_id).and(t::user_id.eq(token.user_id)));
    let others = others.filter(t::id.ne(token.id));
    Ok(diesel::select(diesel::dsl::exists(others)).get_result(conn).await?)
}

/// Whether a login may take a character from `user_id`, because EVE says that it has another owner. One login proves
/// this for one character, so it may, at once; but if EVE named other owners for everybody, the logins of one day
/// would take as much as the check. So both are counted together, and once the brake is pulled nothing is taken until
/// somebody has looked into it.
///
/// # Errors
/// When the database fails.
pub async fn may_take_by_login(conn: &mut Conn, app: &App, user_id: i64) -> Result<bool> {
    let now = app.clock.now();
    let Some(most) = brake::limit(conn, &app.config.worker, false).await? else { return Ok(true) };
    begin(conn, now, false).await?;
    may_take(conn, now, user_id, most).await
}

/// Counts a user who is about to lose a character, or pulls the brake.
async fn may_take(conn: &mut Conn, now: DateTime<Utc>, user_id: i64, most: usize) -> Result<bool> {
    let (started_at, stopped_at, losers): (DateTime<Utc>, Option<DateTime<Utc>>, i64) = r::table
        .find(KIND)
        .select((r::started_at, r::stopped_at, r::demoted))
        .for_update()
        .first(conn)
        .await?;
    if stopped_at.is_some() {
        return Ok(false);
    }
    let told =
        n::table.filter(n::user_id.eq(user_id).and(n::kind.eq(LOST)).and(n::created_at.ge(started_at)));
    let is_counted: bool = diesel::select(diesel::dsl::exists(told)).get_result(conn).await?;
    if is_counted {
        return Ok(true);
    }
    if usize::try_from(losers).is_ok_and(|losers| losers >= most) {
        let would = format!("More than {most} users would lose a character");
        brake::pull(conn, now, KIND, "The check of characters stopped", &would).await?;
        return Ok(false);
    }
    diesel::update(r::table.find(KIND)).set(r::demoted.eq(r::demoted + 1)).execute(conn).await?;
    Ok(true)
}

/// The token is dead, which may be our own doing: the character stays, and its user is asked for a new token.
async fn forget(app: &App, token: &Due) -> Result<()> {
    let now = app.clock.now();
    let db = &app.db;
    db.transaction(async |conn| {
        if !is_kept(conn, token).await? {
            return Ok(());
        }
        diesel::delete(t::table.find(token.id)).execute(conn).await?;
        if has_another(conn, token).await? {
            return Ok(());
        }
        let name: String = c::table.find(token.character_id).select(c::name).first(conn).await?;
        let notice = notifications::New {
            level: notifications::Level::Warning,
            kind: "token_lost",
            about: None,
            title: format!("Please log in with {name} again"),
            body: format!(
                "The connection to EVE that shows that {name} is yours was lost. {name} stays one of your characters. \
                 Log in with it, or add it again on the page Characters, to renew it."
            ),
        };
        notifications::send(conn, now, &[token.user_id], &notice).await
    })
    .await
}
