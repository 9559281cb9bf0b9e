//! The rules, as set-based SQL over the affected users. The tests contain a model that states the same rules for one
//! user at a time; a property test compares the two.

use chrono::{DateTime, Utc};
use diesel::{
    sql_query,
    sql_types::{Array, Text},
};
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};

use super::{affected, groups};
use crate::{
    db::Conn,
    error::{Error, Result},
    services,
};

/// More passes than any chain of rules can need; reaching it means a defect.
const MAX_PASSES: usize = 10;

/// Runs the rules until they settle.
///
/// States only read facts. Memberships read states, flags and one permission; permissions read states and
/// memberships: these two repeat until no further membership ends. After the first pass both only ever take away, so
/// they settle, and always on the same result. Leaders read memberships, services read permissions.
pub(super) async fn run(conn: &mut Conn, now: DateTime<Utc>, audit_id: i64) -> Result<()> {
    assign_states(conn).await?;
    groups::read(conn).await?;
    groups::end_memberships(conn).await?;
    for _ in 0..MAX_PASSES {
        assign_permissions(conn).await?;
        if groups::end_memberships(conn).await? == 0 {
            groups::assign_leads(conn).await?;
            groups::settle_requests(conn).await?;
            affected::log_left(conn, now, audit_id).await?;
            return assign_services(conn).await;
        }
    }
    Err(Error::internal("the access rules do not settle"))
}

async fn assign_states(conn: &mut Conn) -> Result<()> {
    conn.batch_execute(
        "with pilot as materialized (
             select a.user_id, c.id as character_id, c.corporation_id, c.alliance_id, c.faction_id
             from access_affected a join characters c on c.id = a.main_character_id
             where a.is_active
         ), available as (
             select p.user_id, s.priority from pilot p cross join states s where s.is_public
             union all select p.user_id, s.priority from pilot p
                 join state_characters m on m.character_id = p.character_id join states s on s.id = m.state_id
             union all select p.user_id, s.priority from pilot p
                 join state_corporations m on m.corporation_id = p.corporation_id join states s on s.id = m.state_id
             union all select p.user_id, s.priority from pilot p
                 join state_alliances m on m.alliance_id = p.alliance_id join states s on s.id = m.state_id
             union all select p.user_id, s.priority from pilot p
                 join state_factions m on m.faction_id = p.faction_id join states s on s.id = m.state_id
         ), best as (
             select user_id, max(priority) as priority from available group by user_id
         ), target as (
             select a.user_id, coalesce(s.id, guest.id) as state_id
             from access_affected a
             left join best b on b.user_id = a.user_id
             left join states s on s.priority = b.priority
             cross join (select id from states where is_guest) guest
         )
         update access_affected a set new_state_id = t.state_id
         from target t where t.user_id = a.user_id and a.new_state_id <> t.state_id",
    )
    .await?;
    Ok(())
}

/// Users who agree in everything that permissions depend on form a kind; there are few kinds, however many users.
async fn assign_permissions(conn: &mut Conn) -> Result<()> {
    conn.batch_execute(
        "create temp table if not exists access_kinds (
             is_active boolean, is_superuser boolean, state_id bigint, own integer[], groups bigint[],
             permission_ids integer[]
         ) on commit delete rows;
         delete from access_kinds;
         insert into access_kinds
             select k.*, case
                 when not k.is_active then '{}'
                 when k.is_superuser then (select coalesce(array_agg(id order by id), '{}') from permissions)
                 else (
                     select coalesce(array_agg(id order by id), '{}')
                     from (select permission_id as id from state_permissions where state_id = k.new_state_id
                           union select unnest(k.own_permissions)
                           union select permission_id from group_permissions where group_id = any (k.granting_groups)
                          ) granted
                 ) end
             from (select distinct is_active, is_superuser, new_state_id, own_permissions, granting_groups
                  from access_affected) k;
         insert into permission_sets (permission_ids)
             select distinct permission_ids from access_kinds on conflict do nothing;
         update access_affected a set new_permission_set_id = ps.id
         from access_kinds k join permission_sets ps on ps.permission_ids = k.permission_ids
         where k.is_active = a.is_active and k.is_superuser = a.is_superuser and k.state_id = a.new_state_id
           and k.own = a.own_permissions and k.groups = a.granting_groups and a.new_permission_set_id <> ps.id;",
    )
    .await?;
    Ok(())
}

async fn assign_services(conn: &mut Conn) -> Result<()> {
    let (keys, permissions): (Vec<&str>, Vec<&str>) =
        services::SPECS.iter().map(|spec| (spec.key, spec.permission)).unzip();
    sql_query(
        "with service as (
             select s.key, p.id as permission_id from unnest($1, $2) as s (key, permission)
             join permissions p on p.name = s.permission
         ), allowed as (
             select ps.id, array_agg(s.key order by s.key collate \"C\") as keys
             from permission_sets ps join service s on s.permission_id = any (ps.permission_ids)
             where ps.id in (select new_permission_set_id from access_affected)
             group by ps.id
         ), target as (
             select a.user_id, case when a.is_active and a.main_character_id is not null then coalesce(al.keys, '{}')
                               else '{}' end as keys
             from access_affected a left join allowed al on al.id = a.new_permission_set_id
         )
         update access_affected a set new_services = t.keys
         from target t where t.user_id = a.user_id and a.new_services <> t.keys",
    )
    .bind::<Array<Text>, _>(keys)
    .bind::<Array<Text>, _>(permissions)
    .execute(conn)
    .await?;
    Ok(())
}
