//! The rules, as set-based SQL over the affected users. The tests hold a model that says the same for one user at a
//! time; a property test compares the two.

use chrono::{DateTime, Utc};
use diesel::{
    sql_query,
    sql_types::{Array, Text, Timestamptz},
};
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};

use crate::{
    db::Conn,
    error::{Error, Result},
    services,
};

/// More passes than any chain of rules can need; reaching it is a defect.
const MAX_PASSES: usize = 10;

/// Runs every rule until a pass changes nothing that an earlier rule reads.
///
/// States read only facts; permissions read states; services read permissions: with these three the first pass
/// settles everything, and `feeds_earlier` says so. A rule that an earlier one depends on (losing a permission ends
/// group memberships, which end permissions) returns `true` there and causes another pass.
pub(super) async fn run(conn: &mut Conn, now: DateTime<Utc>) -> Result<()> {
    for _ in 0..MAX_PASSES {
        assign_states(conn, now).await?;
        assign_permissions(conn).await?;
        let feeds_earlier = assign_services(conn).await?;
        if !feeds_earlier {
            return Ok(());
        }
    }
    Err(Error::internal("the access rules do not settle"))
}

async fn assign_states(conn: &mut Conn, now: DateTime<Utc>) -> Result<()> {
    sql_query(
        "with pilot as materialized (
             select u.id as user_id, c.id as character_id, c.corporation_id, c.alliance_id, c.faction_id
             from access_affected a join users u on u.id = a.user_id and u.is_active
             join characters c on c.id = u.main_character_id
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
         update users u set state_id = t.state_id, state_since = $1
         from target t where u.id = t.user_id and u.state_id <> t.state_id",
    )
    .bind::<Timestamptz, _>(now)
    .execute(conn)
    .await?;
    Ok(())
}

/// Users that agree in everything permissions depend on form a kind; there are few kinds, however many users.
async fn assign_permissions(conn: &mut Conn) -> Result<()> {
    conn.batch_execute(
        "create temp table if not exists access_kinds (
             is_active boolean, is_superuser boolean, state_id bigint, own integer[], permission_ids integer[]
         ) on commit delete rows;
         create temp table if not exists access_kind_of (
             user_id bigint, is_active boolean, is_superuser boolean, state_id bigint, own integer[]
         ) on commit delete rows;
         delete from access_kinds;
         delete from access_kind_of;
         insert into access_kind_of
             with own as (
                 select up.user_id, array_agg(up.permission_id order by up.permission_id) as ids
                 from access_affected a join user_permissions up on up.user_id = a.user_id group by up.user_id
             )
             select u.id, u.is_active, u.is_superuser, u.state_id, coalesce(own.ids, '{}')
             from access_affected a join users u on u.id = a.user_id left join own on own.user_id = u.id;
         insert into access_kinds
             select k.*, case
                 when not k.is_active then '{}'
                 when k.is_superuser then (select coalesce(array_agg(id order by id), '{}') from permissions)
                 else (
                     select coalesce(array_agg(id order by id), '{}')
                     from (select permission_id as id from state_permissions where state_id = k.state_id
                           union select unnest(k.own)) granted
                 ) end
             from (select distinct is_active, is_superuser, state_id, own from access_kind_of) k;
         insert into permission_sets (permission_ids)
             select distinct permission_ids from access_kinds on conflict do nothing;
         update users u set permission_set_id = ps.id
         from access_kind_of ku
         join access_kinds k on k.is_active = ku.is_active and k.is_superuser = ku.is_superuser
             and k.state_id = ku.state_id and k.own = ku.own
         join permission_sets ps on ps.permission_ids = k.permission_ids
         where u.id = ku.user_id and u.permission_set_id <> ps.id;",
    )
    .await?;
    Ok(())
}

async fn assign_services(conn: &mut Conn) -> Result<bool> {
    let (keys, permissions): (Vec<&str>, Vec<&str>) =
        services::SPECS.iter().map(|spec| (spec.key, spec.permission)).unzip();
    sql_query(
        "with service as (
             select s.key, p.id as permission_id from unnest($1, $2) as s (key, permission)
             join permissions p on p.name = s.permission
         ), allowed as (
             select ps.id, coalesce(array_agg(s.key order by s.key collate \"C\"), '{}') as keys
             from permission_sets ps join service s on s.permission_id = any (ps.permission_ids)
             where ps.id in (select u.permission_set_id from access_affected a join users u on u.id = a.user_id)
             group by ps.id
         ), target as (
             select u.id as user_id,
                    case when u.is_active and u.main_character_id is not null then coalesce(al.keys, '{}') else '{}' end as keys
             from access_affected a join users u on u.id = a.user_id left join allowed al on al.id = u.permission_set_id
         )
         update users u set services = t.keys from target t where u.id = t.user_id and u.services <> t.keys",
    )
    .bind::<Array<Text>, _>(keys)
    .bind::<Array<Text>, _>(permissions)
    .execute(conn)
    .await?;
    Ok(false)
}
