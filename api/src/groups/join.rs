//! What users do about their own memberships: join, leave, take a request back.

use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName, sql_query,
    sql_types::{BigInt, Text, Timestamptz},
};
use diesel_async::RunQueryDsl;
use fealty_shared::id::GroupId;
use serde_json::json;

use super::{
    asker::Asker,
    model::{Group, RequestKind, Seen},
    store, told,
};
use crate::{
    access::{
        self, Cause, Change, Joined, Membership, Removed, SettledRequests,
        edit::{self, Edited, Way},
    },
    app::App,
    db::{Conn, Rollback},
    error::Result,
    text,
};

/// The outcome of joining.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Joining {
    Joined,
    Requested,
    AlreadyMember,
    AlreadyRequested,
    /// Why, in one sentence.
    NotAllowed(&'static str),
    NotFound,
}

/// The outcome of leaving.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Leaving {
    /// With what followed for whoever left.
    Left(Edited),
    /// What would follow for whoever leaves, at once or when somebody accepts it; nothing was written.
    Looked(Edited),
    Requested,
    NotMember,
    AlreadyRequested,
    /// Why, in one sentence.
    NotAllowed(&'static str),
    NotFound,
}

/// A cause about a group.
pub(super) fn cause(asker: &Asker, kind: &'static str, group: &Group, summary: String) -> Cause {
    Cause::new(
        asker.actor.clone(),
        kind,
        ("group", GroupId(group.id).to_string(), group.name.clone()),
        summary,
    )
}

/// Locks the user, and finds the group and where they stand with it at this moment; nothing if
/// they may not know of it.
async fn meet(conn: &mut Conn, asker: &Asker, group_id: i64) -> Result<Option<(Asker, Seen)>> {
    access::hold_rules(conn).await?;
    let user_id = asker.pilot.user_id;
    let pilot = store::lock_pilots(conn, &[user_id]).await?.remove(&user_id);
    let (Some(pilot), Some(asker)) = (pilot, asker.as_of_now(conn).await?) else { return Ok(None) };
    let asker = Asker { pilot, ..asker };
    let seen = store::seen(conn, user_id, &[group_id]).await?.into_iter().next();
    Ok(seen.filter(|seen| asker.sees(seen)).map(|seen| (asker, seen)))
}

/// Joins a group, or asks to.
///
/// # Errors
/// `Invalid` for a reason that is too long.
pub async fn join(app: &App, asker: &Asker, group_id: i64, why: Option<&str>) -> Result<Joining> {
    let why = text::reason("reason", why)?;
    let now = app.clock.now();
    let db = &app.db;
    db.transaction(async |conn| {
        let Some((asker, seen)) = meet(conn, asker, group_id).await? else { return Ok(Joining::NotFound) };
        let group = &seen.group;
        if seen.membership.is_some() {
            return Ok(Joining::AlreadyMember);
        }
        if seen.request.is_some() {
            return Ok(Joining::AlreadyRequested);
        }
        if let Some(obstacle) = asker.pilot.obstacle(group.gate()) {
            return Ok(Joining::NotAllowed(obstacle.sentence()));
        }
        if asker.joins_at_once(group) {
            let summary = format!("{} joined {}.", asker.actor.name(), group.name);
            let mut cause = cause(&asker, "group_joined", group, summary);
            cause.after = Some(json!({ "since": now, "reason": why }));
            let membership = Membership {
                group_id,
                users: &[asker.pilot.user_id],
                starts_at: None,
                ends_at: None,
                reason: &why,
                how: Joined::Self_,
            };
            access::apply(conn, now, &cause, Change::MembersAdded(membership)).await?;
            told::wake(conn, &[group_id], &[asker.pilot.user_id]).await?;
            return Ok(Joining::Joined);
        }
        let is_new = ask(conn, app, now, &asker, group, RequestKind::Join, &why).await?;
        Ok(if is_new { Joining::Requested } else { Joining::AlreadyRequested })
    })
    .await
}

/// Leaves a group, or asks to; or only looks at what would follow.
///
/// # Errors
/// `Invalid` for a reason that is too long.
pub async fn leave(
    app: &App,
    asker: &Asker,
    group_id: i64,
    why: Option<&str>,
    way: Way<'_>,
) -> Result<Leaving> {
    let why = text::reason("reason", why)?;
    let now = app.clock.now();
    let (db, why) = (&app.db, &why);
    db.tentative(async |conn| {
        let Some((asker, seen)) = meet(conn, asker, group_id).await? else { return Ok(Leaving::NotFound) };
        let group = &seen.group;
        let Some(membership) = &seen.membership else { return Ok(Leaving::NotMember) };
        if group.is_internal {
            return Ok(Leaving::NotAllowed("Only an administrator can take you out of an internal group."));
        }
        // Leaving at once settles a request; only where it would be a second request is the first one in the way.
        let is_at_once = group.is_open || app.config.groups.auto_leave;
        if !is_at_once && seen.request.is_some() {
            return Ok(Leaving::AlreadyRequested);
        }
        if is_at_once || matches!(way, Way::Look) {
            let user_id = asker.pilot.user_id;
            let users = [user_id];
            let summary = format!("{} left {}.", asker.actor.name(), group.name);
            let mut cause = cause(&asker, "group_left", group, summary);
            cause.before = Some(json!({
                "since": membership.since, "startsAt": membership.starts_at, "endsAt": membership.ends_at,
            }));
            cause.after = Some(json!({ "reason": why }));
            let change = Change::MembersRemoved { group_id, users: &users, how: Removed::Self_, note: why };
            let ended = edit::run_fact(app, conn, &cause, (group_id, ""), &[change], way).await;
            return match ended {
                Ok(edited) => {
                    told::wake(conn, &[group_id], &users).await?;
                    Ok(Leaving::Left(edited.for_oneself(user_id)))
                }
                Err(Rollback::With(edited)) => {
                    Err(Rollback::With(Leaving::Looked(edited.for_oneself(user_id))))
                }
                Err(Rollback::Failed(error)) => Err(error.into()),
            };
        }
        let is_new = ask(conn, app, now, &asker, group, RequestKind::Leave, why).await?;
        Ok(if is_new { Leaving::Requested } else { Leaving::AlreadyRequested })
    })
    .await
}

/// Files a request. Returns whether there was none before.
async fn ask(
    conn: &mut Conn,
    app: &App,
    now: DateTime<Utc>,
    asker: &Asker,
    group: &Group,
    kind: RequestKind,
    why: &str,
) -> Result<bool> {
    let user_id = asker.pilot.user_id;
    let rows = sql_query(
        "insert into group_requests (group_id, user_id, kind, reason, created_at) values ($1, $2, $3, $4, $5)
         on conflict (group_id, user_id) do nothing",
    )
    .bind::<BigInt, _>(group.id)
    .bind::<BigInt, _>(user_id)
    .bind::<Text, _>(kind.as_str())
    .bind::<Text, _>(why)
    .bind::<Timestamptz, _>(now)
    .execute(conn)
    .await?;
    if rows == 0 {
        return Ok(false);
    }
    let summary = format!("{} asked to {} {}.", asker.actor.name(), kind.as_str(), group.name);
    let mut cause = cause(asker, "group_requested", group, summary);
    cause.after = Some(json!({ "kind": kind.as_str(), "reason": why }));
    crate::audit::write(conn, now, &cause).await?;
    if app.config.groups.request_notifications {
        told::notify_deciders(conn, now, group, user_id, kind, why).await?;
    }
    told::wake(conn, &[group.id], &[user_id]).await?;
    Ok(true)
}

/// Takes back the user's own request to join or leave a group. Returns whether there was one.
///
/// # Errors
/// When the database fails.
pub async fn retract(app: &App, asker: &Asker, group_id: i64) -> Result<bool> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        kind: String,
        #[diesel(sql_type = Text)]
        reason: String,
        #[diesel(sql_type = Timestamptz)]
        created_at: DateTime<Utc>,
    }
    let now = app.clock.now();
    let db = &app.db;
    db.transaction(async |conn| {
        let Some((asker, seen)) = meet(conn, asker, group_id).await? else { return Ok(false) };
        let users = [asker.pilot.user_id];
        let rows: Vec<Row> = sql_query(
            "delete from group_requests where group_id = $1 and user_id = $2 returning kind, reason, created_at",
        )
        .bind::<BigInt, _>(group_id)
        .bind::<BigInt, _>(asker.pilot.user_id)
        .load(conn)
        .await?;
        let Some(row) = rows.into_iter().next() else { return Ok(false) };
        let group = &seen.group;
        let summary = format!("{} retracted the request to {} {}.", asker.actor.name(), row.kind, group.name);
        let mut cause = cause(&asker, "group_request_retracted", group, summary);
        cause.before = Some(json!({ "kind": row.kind, "reason": row.reason, "createdAt": row.created_at }));
        let settled =
            SettledRequests { group_id, users: &users, kind: &row.kind, action: "retracted", note: "" };
        access::log_requests(conn, now, &cause, &settled).await?;
        told::wake(conn, &[group_id], &users).await?;
        Ok(true)
    })
    .await
}
