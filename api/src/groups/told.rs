//! Who hears of requests: those who decide, by notification if the settings say so, and
//! everybody who has the list open.

use chrono::{DateTime, Utc};
use diesel::{
    sql_query,
    sql_types::{Array, BigInt, Bool, Text, Timestamptz},
};
use diesel_async::RunQueryDsl;

use super::model::{Group, RequestKind};
use crate::{
    db::Conn,
    error::Result,
    events::{self, Topic, UserIdRow},
};

/// Notifies each leader once that somebody is asking, however many ways they lead by. In a restricted group only
/// superusers decide, so they are notified instead.
pub(super) async fn notify_deciders(
    conn: &mut Conn,
    now: DateTime<Utc>,
    group: &Group,
    user_id: i64,
    kind: RequestKind,
    reason: &str,
) -> Result<()> {
    let (verb, title) = match kind {
        RequestKind::Join => ("join", "Somebody wants to join "),
        RequestKind::Leave => ("leave", "Somebody wants to leave "),
    };
    let told: Vec<UserIdRow> = sql_query(
        "insert into notifications (user_id, level, kind, about, title, body, created_at)
         select u.id, 'info', 'group_requested', 'group:' || $1, left($3 || $2, 254),
                coalesce(c.name, asking.username) || ' wants to ' || $4 || ' ' || $2 || '.'
                || case when $5 = '' then '' else ' ' || $5 end, $6
         from (select user_id from group_leaders where group_id = $1 and not $8
               union select m.user_id from group_leader_groups l
               join group_members m on m.group_id = l.leader_group_id and m.is_started where l.group_id = $1 and not $8
               union select id from users where is_superuser and $8) decider
         join users u on u.id = decider.user_id
         join users asking on asking.id = $7 left join characters c on c.id = asking.main_character_id
         where u.is_active and u.id <> $7
         order by u.id returning user_id",
    )
    .bind::<BigInt, _>(group.id)
    .bind::<Text, _>(&group.name)
    .bind::<Text, _>(title)
    .bind::<Text, _>(verb)
    .bind::<Text, _>(reason)
    .bind::<Timestamptz, _>(now)
    .bind::<BigInt, _>(user_id)
    .bind::<Bool, _>(group.is_restricted)
    .load(conn)
    .await?;
    let users: Vec<i64> = told.into_iter().map(|row| row.user_id).collect();
    events::send(conn, Topic::Notifications, &users).await
}

/// Wakes up those whose own requests or memberships changed, and those who may decide on requests for these groups.
pub(super) async fn wake(conn: &mut Conn, groups: &[i64], users: &[i64]) -> Result<()> {
    events::send(conn, Topic::Groups, users).await?;
    let whom = "select user_id from group_leaders where group_id = any ($1)
         union select m.user_id from group_leader_groups l
         join group_members m on m.group_id = l.leader_group_id and m.is_started where l.group_id = any ($1)
         union select u.id from users u where u.is_active and u.permission_set_id in (
             select ps.id from permission_sets ps join permissions p on p.id = any (ps.permission_ids)
             where p.name = 'auth.group_management')";
    sql_query(events::notify(Topic::GroupRequests, whom))
        .bind::<Array<BigInt>, _>(groups)
        .execute(conn)
        .await?;
    Ok(())
}
