//! What the engine does by itself: recomputing everybody's access, and acting on the passing of time.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName, sql_query,
    sql_types::{BigInt, Bool, Nullable, Text, Timestamptz},
};
use diesel_async::{AsyncConnection, RunQueryDsl};
use fealty_shared::id::{GroupId, UserId};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Actor, Cause, Change, apply, hold_rules};
use crate::{
    app::App,
    audit,
    db::{Conn, Rollback},
    error::{Error, Result},
    jobs::{Job, Lane},
};

/// Recomputes everybody's access. It should find nothing to do: it runs every night so that neither a defect nor a
/// version with new permissions or services leaves anybody with access they should not have.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct RecomputeAccess {}

impl Job for RecomputeAccess {
    const NAME: &'static str = "recompute_access";
    const PRIORITY: i32 = 7;
    const MAX_ATTEMPTS: i32 = 5;
    const QUEUE: Option<&'static str> = Some("recompute_access");

    async fn run(self, app: &App) -> Result<()> {
        let cause = Cause::new(
            Actor::System,
            "recomputed",
            ("users", String::new(), "everybody".into()),
            "Everybody's access was recalculated.",
        );
        let mut conn = app.db.conn().await?;
        let now = app.clock.now();
        let ended = conn
            .transaction(async |conn| match apply(conn, now, &cause, Change::RecomputeAll).await?.users() {
                // Nothing to tell anybody, so no audit entry either.
                0 => Err(Rollback::With(0)),
                moved => Ok(moved),
            })
            .await;
        let moved = Rollback::outcome(ended)?;
        if moved > 0 {
            tracing::warn!(users.moved = moved, "computing access anew changed something");
        }
        Ok(())
    }
}

/// Begins and ends memberships and permissions that were given for a period. It runs every minute; what fell due
/// while no worker was running is caught up on at once.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct EndTimed {}

impl Job for EndTimed {
    const NAME: &'static str = "end_timed";
    const PRIORITY: i32 = -5;
    const LANE: Lane = Lane::Ending;
    const MAX_ATTEMPTS: i32 = 5;
    const QUEUE: Option<&'static str> = Some("end_timed");

    async fn run(self, app: &App) -> Result<()> {
        let mut conn = app.db.conn().await?;
        let now = app.clock.now();
        let due = sql_query(
            "select from group_members where ends_at <= $1
             union all select from group_members where not is_started and starts_at <= $1
             union all select from user_permissions where ends_at <= $1
             union all select from user_permissions where not is_started and starts_at <= $1
             limit 1",
        );
        if due.bind::<Timestamptz, _>(now).execute(&mut conn).await? == 0 {
            return Ok(());
        }
        conn.transaction::<_, Error, _>(async |conn| {
            hold_rules(conn).await?;
            let cause = due_now(conn, now).await?;
            apply(conn, now, &cause, Change::TimePassed).await
        })
        .await?;
        Ok(())
    }
}

/// What begins and ends now, with the affected users locked: it still holds when the engine acts on it.
async fn due_now(conn: &mut Conn, now: DateTime<Utc>) -> Result<Cause> {
    #[derive(QueryableByName)]
    struct Due {
        #[diesel(sql_type = Bool)]
        is_end: bool,
        #[diesel(sql_type = BigInt)]
        user_id: i64,
        #[diesel(sql_type = Text)]
        username: String,
        #[diesel(sql_type = Nullable<BigInt>)]
        group_id: Option<i64>,
        /// The name of the group or permission.
        #[diesel(sql_type = Text)]
        name: String,
    }
    sql_query(
        "select from users where id in (
             select user_id from group_members where ends_at <= $1 or (not is_started and starts_at <= $1)
             union all
             select user_id from user_permissions where ends_at <= $1 or (not is_started and starts_at <= $1))
         order by id for no key update",
    )
    .bind::<Timestamptz, _>(now)
    .execute(conn)
    .await?;
    let due: Vec<Due> = sql_query(
        "select coalesce(d.ends_at <= $1, false) as is_end, u.id as user_id, u.username, d.group_id, d.name
         from (select m.user_id, m.ends_at, m.group_id, g.name
               from group_members m join groups g on g.id = m.group_id
               where m.ends_at <= $1 or (not m.is_started and m.starts_at <= $1)
               union all
               select up.user_id, up.ends_at, null, p.name
               from user_permissions up join permissions p on p.id = up.permission_id
               where up.ends_at <= $1 or (not up.is_started and up.starts_at <= $1)) d
         join users u on u.id = d.user_id
         order by d.group_id, d.name collate \"C\", u.id",
    )
    .bind::<Timestamptz, _>(now)
    .load(conn)
    .await?;
    let listed = |is_end: bool, word: &str| {
        let these: Vec<&Due> = due.iter().filter(|due| due.is_end == is_end).collect();
        if these.is_empty() {
            return Value::Null;
        }
        let named = these.iter().take(audit::NAMED).map(|due| {
            let (user, name) = (UserId(due.user_id).to_string(), &due.name);
            match due.group_id {
                Some(id) => {
                    json!({"userId": user, "username": due.username, "groupId": GroupId(id).to_string(), "group": name})
                }
                None => json!({"userId": user, "username": due.username, "permission": name}),
            }
        });
        json!({"count": these.len(), word: named.collect::<Vec<_>>()})
    };
    let cause = Cause::new(
        Actor::System,
        "time_passed",
        ("users", String::new(), "everybody".into()),
        "Something given for a limited time began or ended, as planned.",
    );
    let users = due.iter().map(|due| due.user_id).collect::<BTreeSet<_>>();
    Ok(cause.with_values(listed(true, "ended"), listed(false, "began")).concerning(users))
}
