//! Edits of groups and their members.

use chrono::{DateTime, Utc};
use diesel::{
    sql_query,
    sql_types::{Array, BigInt, Bool, Nullable, Text, Timestamptz},
};
use diesel_async::RunQueryDsl;

use super::{GroupSettings, Joined, Membership, Removed, one_row};
use crate::{access::affected, db::Conn, error::Result};

/// A new group has no members, so nobody's access changes.
pub(super) async fn create(
    conn: &mut Conn,
    now: DateTime<Utc>,
    id: i64,
    settings: &GroupSettings<'_>,
) -> Result<()> {
    sql_query(
        "insert into groups (id, name, description, is_internal, is_hidden, is_open, is_public, is_restricted, created_at)
         overriding system value values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind::<BigInt, _>(id)
    .bind::<Text, _>(settings.name)
    .bind::<Text, _>(settings.description)
    .bind::<Bool, _>(settings.is_internal)
    .bind::<Bool, _>(settings.is_hidden)
    .bind::<Bool, _>(settings.is_open)
    .bind::<Bool, _>(settings.is_public)
    .bind::<Bool, _>(settings.is_restricted)
    .bind::<Timestamptz, _>(now)
    .execute(conn)
    .await?;
    Ok(())
}

pub(super) async fn edit(
    conn: &mut Conn,
    now: DateTime<Utc>,
    audit_id: i64,
    group_id: i64,
    settings: &GroupSettings<'_>,
) -> Result<()> {
    // The name is visible on service accounts: its members' accounts need a look even if their access stays the same.
    sql_query(
        "insert into access_touched (user_id, is_renamed)
         select m.user_id, g.name <> $2 from groups g join group_members m on m.group_id = g.id where g.id = $1
         on conflict (user_id) do update set is_renamed = access_touched.is_renamed or excluded.is_renamed",
    )
    .bind::<BigInt, _>(group_id)
    .bind::<Text, _>(settings.name)
    .execute(conn)
    .await?;
    // Nobody joins or leaves an internal group by themselves.
    sql_query(
        "with gone as (
             delete from group_requests where group_id = $1 and $2
             returning group_id, user_id, kind, 'The group became internal.' as note
         ), ended as (
             insert into access_ended (group_id, user_id, kind, note) select group_id, user_id, kind, note from gone
         )
         insert into access_left (group_id, user_id, kind, action, note)
         select group_id, user_id, kind, 'rejected', note from gone",
    )
    .bind::<BigInt, _>(group_id)
    .bind::<Bool, _>(settings.is_internal)
    .execute(conn)
    .await?;
    affected::log_left(conn, now, audit_id).await?;
    one_row(
        sql_query(
            "update groups set name = $2, description = $3, is_internal = $4, is_hidden = $5, is_open = $6,
                    is_public = $7, is_restricted = $8 where id = $1",
        )
        .bind::<BigInt, _>(group_id)
        .bind::<Text, _>(settings.name)
        .bind::<Text, _>(settings.description)
        .bind::<Bool, _>(settings.is_internal)
        .bind::<Bool, _>(settings.is_hidden)
        .bind::<Bool, _>(settings.is_open)
        .bind::<Bool, _>(settings.is_public)
        .bind::<Bool, _>(settings.is_restricted)
        .execute(conn)
        .await?,
    )
}

/// `None` lifts the limit; an empty list lets nobody in.
pub(super) async fn set_states(conn: &mut Conn, group_id: i64, states: Option<&[i64]>) -> Result<()> {
    one_row(
        sql_query("update groups set is_state_limited = $2 where id = $1")
            .bind::<BigInt, _>(group_id)
            .bind::<Bool, _>(states.is_some())
            .execute(conn)
            .await?,
    )?;
    sql_query(
        "with removed as (delete from group_states where group_id = $1 and state_id <> all ($2))
         insert into group_states (group_id, state_id) select $1, unnest($2) on conflict do nothing",
    )
    .bind::<BigInt, _>(group_id)
    .bind::<Array<BigInt>, _>(states.unwrap_or_default())
    .execute(conn)
    .await?;
    affected::add_in_group(conn, group_id).await
}

/// Can affect whoever led the group and whoever leads it now.
pub(super) async fn set_leaders(conn: &mut Conn, group_id: i64, users: &[i64], groups: &[i64]) -> Result<()> {
    affected::add_leaders(conn, group_id).await?;
    for (table, column, ids) in
        [("group_leaders", "user_id", users), ("group_leader_groups", "leader_group_id", groups)]
    {
        sql_query(format!(
            "with removed as (delete from {table} where group_id = $1 and {column} <> all ($2))
             insert into {table} (group_id, {column}) select $1, unnest($2) on conflict do nothing"
        ))
        .bind::<BigInt, _>(group_id)
        .bind::<Array<BigInt>, _>(ids)
        .execute(conn)
        .await?;
    }
    affected::add_leaders(conn, group_id).await
}

/// Its name is kept for what is written about its members; the log says that they were removed.
pub(super) async fn delete(conn: &mut Conn, now: DateTime<Utc>, audit_id: i64, group_id: i64) -> Result<()> {
    affected::add_in_group(conn, group_id).await?;
    affected::add_leaders(conn, group_id).await?;
    sql_query(
        "insert into access_gone (id, name) select id, name from groups where id = $1 on conflict do nothing",
    )
    .bind::<BigInt, _>(group_id)
    .execute(conn)
    .await?;
    let left = sql_query(
        "with gone as (
             delete from group_requests where group_id = $1
             returning group_id, user_id, kind, 'The group was deleted.' as note
         ), ended as (
             insert into access_ended (group_id, user_id, kind, note) select group_id, user_id, kind, note from gone
         )
         insert into access_left (group_id, user_id, kind, action, note)
         select group_id, user_id, 'removal', 'removed', 'The group was deleted.' from group_members where group_id = $1
         union all
         select group_id, user_id, kind, 'rejected', note from gone",
    );
    left.bind::<BigInt, _>(group_id).execute(conn).await?;
    affected::log_left(conn, now, audit_id).await?;
    one_row(sql_query("delete from groups where id = $1").bind::<BigInt, _>(group_id).execute(conn).await?)
}

/// Users who are already members get the new times and reason.
pub(super) async fn add_members(
    conn: &mut Conn,
    now: DateTime<Utc>,
    audit_id: i64,
    membership: &Membership<'_>,
) -> Result<()> {
    let (kind, action) = match membership.how {
        Joined::Self_ | Joined::Accepted => ("join", "accepted"),
        Joined::Added => ("addition", "added"),
    };
    affected::lock_users(conn, membership.users).await?;
    sql_query(
        "with added as (
             insert into group_members as m (group_id, user_id, since, starts_at, ends_at, is_started, reason)
             select $1, u.id, $3, $4, $5, coalesce($4 <= $3, true), $6 from users u where u.id = any ($2)
             on conflict (group_id, user_id) do update
             set starts_at = excluded.starts_at, ends_at = excluded.ends_at, is_started = excluded.is_started,
                 reason = excluded.reason
             returning m.user_id
         )
         insert into access_left (group_id, user_id, kind, action, note) select $1, user_id, $7, $8, $6 from added",
    )
    .bind::<BigInt, _>(membership.group_id)
    .bind::<Array<BigInt>, _>(membership.users)
    .bind::<Timestamptz, _>(now)
    .bind::<Nullable<Timestamptz>, _>(membership.starts_at)
    .bind::<Nullable<Timestamptz>, _>(membership.ends_at)
    .bind::<Text, _>(membership.reason)
    .bind::<Text, _>(kind)
    .bind::<Text, _>(action)
    .execute(conn)
    .await?;
    affected::log_left(conn, now, audit_id).await?;
    affected::add(conn, membership.users, false).await
}

pub(super) async fn remove_members(
    conn: &mut Conn,
    now: DateTime<Utc>,
    audit_id: i64,
    group_id: i64,
    users: &[i64],
    how: Removed,
    note: &str,
) -> Result<()> {
    let (kind, action) = match how {
        Removed::Self_ | Removed::Accepted => ("leave", "accepted"),
        Removed::Removed => ("removal", "removed"),
    };
    affected::lock_users(conn, users).await?;
    sql_query(
        "with gone as (delete from group_members where group_id = $1 and user_id = any ($2) returning user_id)
         insert into access_left (group_id, user_id, kind, action, note) select $1, user_id, $3, $4, $5 from gone",
    )
    .bind::<BigInt, _>(group_id)
    .bind::<Array<BigInt>, _>(users)
    .bind::<Text, _>(kind)
    .bind::<Text, _>(action)
    .bind::<Text, _>(note)
    .execute(conn)
    .await?;
    affected::log_left(conn, now, audit_id).await?;
    affected::add(conn, users, false).await
}

/// Memberships and grants that are due to begin or end.
pub(super) async fn time_passed(conn: &mut Conn, now: DateTime<Utc>, audit_id: i64) -> Result<()> {
    sql_query(
        "select from users where id in (
             select user_id from group_members where ends_at <= $1
             union all select user_id from group_members where not is_started and starts_at <= $1)
         order by id for no key update",
    )
    .bind::<Timestamptz, _>(now)
    .execute(conn)
    .await?;
    sql_query(
        "with ended as (
             delete from group_members where ends_at <= $1 returning group_id, user_id, is_started
         ), begun as (
             update group_members set is_started = true
             where not is_started and starts_at <= $1 and (ends_at is null or ends_at > $1) returning user_id
         ), revoked as (
             delete from user_permissions where ends_at <= $1 returning user_id
         ), granted as (
             update user_permissions set is_started = true
             where not is_started and starts_at <= $1 and (ends_at is null or ends_at > $1) returning user_id
         ), logged as (
             insert into access_left (group_id, user_id, kind, action, note)
             select group_id, user_id, 'removal', 'ended', 'The time it was given for is over.' from ended
         )
         insert into access_touched (user_id)
         select user_id from ended union select user_id from begun union select user_id from revoked
         union select user_id from granted on conflict do nothing",
    )
    .bind::<Timestamptz, _>(now)
    .execute(conn)
    .await?;
    affected::log_left(conn, now, audit_id).await
}
