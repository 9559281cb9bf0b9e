//! The users a change can touch, and what they had before.
//!
//! Changes record who they touch in a temporary table of the connection (`pg_temp.access_touched`); [`snapshot`]
//! copies each of these users into a second one (`pg_temp.access_affected`) along with what they have. Both tables
//! are created once per connection and emptied by every commit, so 100,000 users never leave the database and the
//! system catalogue does not grow.

use chrono::{DateTime, Utc};
use diesel::{
    sql_query,
    sql_types::{Array, BigInt, Text, Timestamptz},
};
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};

use super::SettledRequests;
use crate::{db::Conn, error::Result};

/// Takes the engine's lock, released at the end of the transaction.
///
/// Edits of rules hold it exclusively, changes of facts share it: no rule can change between a change of a user's
/// facts and the computation of their access.
pub(super) async fn lock(conn: &mut Conn, is_rule: bool) -> Result<()> {
    let function = if is_rule { "pg_advisory_xact_lock" } else { "pg_advisory_xact_lock_shared" };
    conn.batch_execute(&format!("select {function}(hashtext('fealty.access'))")).await?;
    Ok(())
}

/// Locks users in the order of their ids. Comes before locking anything that belongs to them.
pub(super) async fn lock_users(conn: &mut Conn, users: &[i64]) -> Result<()> {
    sql_query("select from users where id = any ($1) order by id for no key update")
        .bind::<Array<BigInt>, _>(users)
        .execute(conn)
        .await?;
    Ok(())
}

/// Starts with nobody affected.
pub(super) async fn reset(conn: &mut Conn) -> Result<()> {
    conn.batch_execute(
        "set local client_min_messages = warning;
         create temp table if not exists access_touched (
             user_id bigint primary key,
             -- set where the change has a cause of its own for this user
             audit_id bigint,
             -- names may have changed: service accounts want a look even if access stays
             is_renamed boolean not null default false
         ) on commit delete rows;
         create temp table if not exists access_affected (
             user_id bigint primary key,
             audit_id bigint not null,
             is_renamed boolean not null,
             old_state_id bigint not null,
             -- the name too: the state itself may be what is deleted
             old_state text not null,
             old_permission_set_id bigint not null,
             old_services text[] not null,
             old_groups bigint[] not null,
             old_leads bigint[] not null,
             -- what the rules read about them
             is_active boolean not null,
             is_superuser boolean not null,
             main_character_id bigint,
             own_permissions integer[] not null default '{}',
             -- what the rules decide: what they have, until a rule says otherwise. Written to their row once, at the end
             new_state_id bigint not null,
             new_permission_set_id bigint not null,
             new_services text[] not null,
             new_groups bigint[] not null,
             -- those of them that carry permissions
             granting_groups bigint[] not null default '{}',
             new_leads bigint[] not null,
             -- all groups they are in, those too whose membership has not started
             memberships bigint[] not null
         ) on commit delete rows;
         -- groups that this change deletes
         create temp table if not exists access_gone (id bigint primary key, name text not null) on commit delete rows;
         -- memberships that began or ended, on their way into the groups' log
         create temp table if not exists access_left (
             group_id bigint not null, user_id bigint not null, kind text not null, action text not null, note text not null
         ) on commit delete rows;
         -- requests that this change ended; note: what the pilot is told, where nothing else tells them
         create temp table if not exists access_ended (
             group_id bigint not null, user_id bigint not null, kind text not null, note text
         ) on commit delete rows;
         delete from access_touched; delete from access_affected; delete from access_gone; delete from access_left;
         delete from access_ended;",
    )
    .await?;
    Ok(())
}

/// Adds users by id.
pub(super) async fn add(conn: &mut Conn, users: &[i64], is_renamed: bool) -> Result<()> {
    sql_query(
        "insert into access_touched (user_id, is_renamed)
         select distinct id, $2 from unnest($1) as id
         on conflict (user_id) do update set is_renamed = access_touched.is_renamed or excluded.is_renamed",
    )
    .bind::<Array<BigInt>, _>(users)
    .bind::<diesel::sql_types::Bool, _>(is_renamed)
    .execute(conn)
    .await?;
    Ok(())
}

/// Adds every user.
pub(super) async fn add_all(conn: &mut Conn) -> Result<()> {
    conn.batch_execute("insert into access_touched (user_id) select id from users on conflict do nothing")
        .await?;
    Ok(())
}

/// Adds the users in a state.
pub(super) async fn add_in_state(conn: &mut Conn, state_id: i64) -> Result<()> {
    sql_query("insert into access_touched (user_id) select id from users where state_id = $1 on conflict do nothing")
        .bind::<BigInt, _>(state_id)
        .execute(conn)
        .await?;
    Ok(())
}

/// Adds the users in a state and those the state would take (spec: a state's current members, and
/// everybody it is available to).
pub(super) async fn add_by_state(conn: &mut Conn, state_id: i64) -> Result<()> {
    sql_query(
        "insert into access_touched (user_id)
         select id from users where state_id = $1
         union select u.id from users u join states s on s.id = $1 and s.is_public where u.main_character_id is not null
         union select u.id from state_characters m join users u on u.main_character_id = m.character_id where m.state_id = $1
         union select u.id from state_corporations m join characters c on c.corporation_id = m.corporation_id
               join users u on u.main_character_id = c.id where m.state_id = $1
         union select u.id from state_alliances m join characters c on c.alliance_id = m.alliance_id
               join users u on u.main_character_id = c.id where m.state_id = $1
         union select u.id from state_factions m join characters c on c.faction_id = m.faction_id
               join users u on u.main_character_id = c.id where m.state_id = $1
         on conflict do nothing",
    )
    .bind::<BigInt, _>(state_id)
    .execute(conn)
    .await?;
    Ok(())
}

/// Adds the users whose main is one of these characters, or in one of these organisations.
///
/// `column` of `characters` holds the ids. They are known when the statement is planned, so that a few organisations
/// cost a look at their pilots and not at all characters there are.
pub(super) async fn add_mains(conn: &mut Conn, column: &str, ids: &[i64]) -> Result<()> {
    sql_query(format!(
        "insert into access_touched (user_id)
         select u.id from characters c join users u on u.main_character_id = c.id where c.{column} = any ($1)
         on conflict do nothing"
    ))
    .bind::<Array<BigInt>, _>(ids)
    .execute(conn)
    .await?;
    Ok(())
}

/// Adds the users in a state, whose service accounts show its name.
pub(super) async fn rename_in_state(conn: &mut Conn, state_id: i64) -> Result<()> {
    sql_query(
        "insert into access_touched (user_id, is_renamed) select id, true from users where state_id = $1
         on conflict (user_id) do update set is_renamed = true",
    )
    .bind::<BigInt, _>(state_id)
    .execute(conn)
    .await?;
    Ok(())
}

/// Adds the members of a group.
pub(super) async fn add_in_group(conn: &mut Conn, group_id: i64) -> Result<()> {
    sql_query(
        "insert into access_touched (user_id) select user_id from group_members where group_id = $1
         on conflict do nothing",
    )
    .bind::<BigInt, _>(group_id)
    .execute(conn)
    .await?;
    Ok(())
}

/// Adds the leaders of a group and the members of its leader groups.
pub(super) async fn add_leaders(conn: &mut Conn, group_id: i64) -> Result<()> {
    sql_query(
        "insert into access_touched (user_id)
         select user_id from group_leaders where group_id = $1
         union select m.user_id from group_leader_groups l join group_members m on m.group_id = l.leader_group_id
               where l.group_id = $1
         on conflict do nothing",
    )
    .bind::<BigInt, _>(group_id)
    .execute(conn)
    .await?;
    Ok(())
}

/// Moves the rows of `access_left` into the groups' log, with names as they are now.
pub(super) async fn log_left(conn: &mut Conn, now: DateTime<Utc>, audit_id: i64) -> Result<()> {
    sql_query(
        "with moved as (delete from access_left returning *)
         insert into group_log (at, group_id, group_name, user_id, username, main_character_id, main_name,
                                corporation_name, kind, action, actor_kind, actor_id, actor_name, note, audit_id)
         select $1, l.group_id, coalesce(g.name, n.name), u.id, u.username, c.id, c.name, k.name, l.kind, l.action,
                e.actor_kind, e.actor_id, e.actor_name, l.note, e.id
         from moved l join users u on u.id = l.user_id
         left join access_affected a on a.user_id = l.user_id
         join audit_entries e on e.id = coalesce(a.audit_id, $2)
         left join groups g on g.id = l.group_id left join access_gone n on n.id = l.group_id
         left join characters c on c.id = u.main_character_id left join corporations k on k.id = c.corporation_id
         order by l.group_id, u.id",
    )
    .bind::<Timestamptz, _>(now)
    .bind::<BigInt, _>(audit_id)
    .execute(conn)
    .await?;
    Ok(())
}

/// Records in a group's log what happened to requests that change no membership.
pub(super) async fn log_requests(
    conn: &mut Conn,
    now: DateTime<Utc>,
    audit_id: i64,
    settled: &SettledRequests<'_>,
) -> Result<()> {
    reset(conn).await?;
    sql_query(
        "insert into access_left (group_id, user_id, kind, action, note) select $1, unnest($2), $3, $4, $5",
    )
    .bind::<BigInt, _>(settled.group_id)
    .bind::<Array<BigInt>, _>(settled.users)
    .bind::<Text, _>(settled.kind)
    .bind::<Text, _>(settled.action)
    .bind::<Text, _>(settled.note)
    .execute(conn)
    .await?;
    log_left(conn, now, audit_id).await
}

/// Remembers what the touched users have. Changes of facts may race, so they lock these users, in the order of their
/// ids, lest two changes wait for each other. An edit of rules `is_alone`: no other change touches these users, and
/// locking each of 100,000 rows would mean 100,000 writes.
pub(super) async fn snapshot(conn: &mut Conn, audit_id: i64, is_alone: bool) -> Result<()> {
    conn.batch_execute("analyze access_touched (user_id)").await?;
    let lock = if is_alone { "" } else { "for no key update" };
    sql_query(format!(
        "with found as materialized (
             select u.id, u.state_id, u.permission_set_id, u.services, u.group_ids, u.leads, u.is_active,
                    u.is_superuser, u.main_character_id
             from users u where u.id in (select user_id from access_touched) order by u.id {lock}
         )
         insert into access_affected as a
             (user_id, audit_id, is_renamed, old_state_id, old_state, old_permission_set_id, old_services, old_groups,
              old_leads, is_active, is_superuser, main_character_id, new_state_id, new_permission_set_id, new_services,
              new_groups, new_leads, memberships)
         select f.id, coalesce(t.audit_id, $1), t.is_renamed, f.state_id, s.name, f.permission_set_id, f.services,
                f.group_ids, f.leads, f.is_active, f.is_superuser, f.main_character_id, f.state_id, f.permission_set_id,
                f.services, f.group_ids, f.leads, f.group_ids
         from found f join access_touched t on t.user_id = f.id join states s on s.id = f.state_id
         on conflict (user_id) do update set audit_id = excluded.audit_id, is_renamed = excluded.is_renamed"
    ))
    .bind::<BigInt, _>(audit_id)
    .execute(conn)
    .await?;
    conn.batch_execute(
        "analyze access_affected (user_id);
         update access_affected a set own_permissions = own.ids
         from (select up.user_id, array_agg(up.permission_id order by up.permission_id) as ids
               from access_affected a join user_permissions up on up.user_id = a.user_id
               where up.is_started group by up.user_id) own
         where own.user_id = a.user_id",
    )
    .await?;
    Ok(())
}

/// Writes what the rules decided: one write per user, however many rules affected them.
pub(super) async fn write_back(conn: &mut Conn, now: DateTime<Utc>) -> Result<()> {
    sql_query(
        "update users u
         set state_id = a.new_state_id, permission_set_id = a.new_permission_set_id, services = a.new_services,
             group_ids = a.new_groups, leads = a.new_leads,
             state_since = case when a.old_state_id = a.new_state_id then u.state_since else $1 end
         from access_affected a
         where u.id = a.user_id
           -- a deleted state's users are parked in Guest already
           and (a.old_state_id <> a.new_state_id or u.state_id <> a.new_state_id or u.permission_set_id <> a.new_permission_set_id
                or u.services <> a.new_services or u.group_ids <> a.new_groups or u.leads <> a.new_leads)",
    )
    .bind::<Timestamptz, _>(now)
    .execute(conn)
    .await?;
    Ok(())
}
