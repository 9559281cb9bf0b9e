//! The rules of groups: when a membership ends by itself, what users get from memberships, and who leads.

use diesel::sql_query;
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};

use crate::{db::Conn, error::Result};

/// Reads the memberships of the affected users: once, for all rules that follow.
pub(super) async fn read(conn: &mut Conn) -> Result<()> {
    conn.batch_execute(
        "with present as (
             select m.user_id, array_agg(m.group_id order by m.group_id) as ids,
                    array_agg(m.group_id order by m.group_id) filter (where m.is_started) as started,
                    array_agg(m.group_id order by m.group_id) filter (
                        where m.is_started and m.group_id in (select group_id from group_permissions)) as granting
             from access_affected a join group_members m on m.user_id = a.user_id group by m.user_id
         ), target as (
             select a.user_id, coalesce(p.ids, '{}') as ids, coalesce(p.started, '{}') as started,
                    coalesce(p.granting, '{}') as granting
             from access_affected a left join present p on p.user_id = a.user_id
         )
         update access_affected a set memberships = t.ids, new_groups = t.started, granting_groups = t.granting
         from target t
         where t.user_id = a.user_id
           and (a.memberships <> t.ids or a.new_groups <> t.started or a.granting_groups <> t.granting)",
    )
    .await?;
    Ok(())
}

/// Ends memberships that the rules no longer allow, and returns how many:
/// - a group limited to states has no members in other states;
/// - an account that is switched off is only in internal groups;
/// - a user who loses `groupmanagement.request_groups` leaves every group that is neither public nor internal.
pub(super) async fn end_memberships(conn: &mut Conn) -> Result<usize> {
    let ended = sql_query(
        "with able as materialized (
             select ps.id from permission_sets ps join permissions p on p.id = any (ps.permission_ids)
             where p.name = 'groupmanagement.request_groups'
         ), member as (
             select a.user_id, unnest(a.memberships) as group_id, a.new_state_id, a.is_active,
                    a.old_permission_set_id in (select id from able)
                    and a.new_permission_set_id not in (select id from able) as lost_requests
             from access_affected a
         ), ending as materialized (
             select m.user_id, m.group_id,
                    case when not m.is_active then 'The account was switched off.'
                         when m.lost_requests and not g.is_public and not g.is_internal
                         then 'They no longer have the permission to request groups.'
                         else 'Their state is not one of the group''s states.' end as note
             from member m join groups g on g.id = m.group_id
             where (g.is_state_limited and not exists (
                        select from group_states s where s.group_id = g.id and s.state_id = m.new_state_id))
                or (not m.is_active and not g.is_internal)
                or (m.lost_requests and not g.is_public and not g.is_internal)
         ), gone as (
             delete from group_members m using ending e where m.group_id = e.group_id and m.user_id = e.user_id
         ), fewer as (
             update access_affected a
             set memberships = array(select unnest(a.memberships) except select unnest(e.ids) order by 1),
                 new_groups = array(select unnest(a.new_groups) except select unnest(e.ids) order by 1),
                 granting_groups = array(select unnest(a.granting_groups) except select unnest(e.ids) order by 1)
             from (select user_id, array_agg(group_id) as ids from ending group by user_id) e
             where a.user_id = e.user_id
         )
         insert into access_left (group_id, user_id, kind, action, note)
         select group_id, user_id, 'removal', 'removed', note from ending",
    )
    .execute(conn)
    .await?;
    Ok(ended)
}

/// Active users lead the groups that name them, and the groups that name a group they are in.
pub(super) async fn assign_leads(conn: &mut Conn) -> Result<()> {
    conn.batch_execute(
        "with lead as (
             select a.user_id, l.group_id from access_affected a join group_leaders l on l.user_id = a.user_id
             where a.is_active
             union
             select m.user_id, l.group_id
             from (select user_id, unnest(new_groups) as group_id from access_affected where is_active) m
             join group_leader_groups l on l.leader_group_id = m.group_id
         ), present as (
             select user_id, array_agg(group_id order by group_id) as ids from lead group by user_id
         ), target as (
             select a.user_id, coalesce(p.ids, '{}') as ids
             from access_affected a left join present p on p.user_id = a.user_id
         )
         update access_affected a set new_leads = t.ids
         from target t where t.user_id = a.user_id and a.new_leads <> t.ids",
    )
    .await?;
    Ok(())
}

/// Drops requests that have become pointless: to join, from members; to leave, from non-members (the log already says
/// how they became or stopped being members); and any from accounts that are switched off.
pub(super) async fn settle_requests(conn: &mut Conn) -> Result<()> {
    conn.batch_execute(
        "with gone as (
             delete from group_requests r using access_affected a
             where a.user_id = r.user_id
               and (not a.is_active
                    or (r.kind = 'join') = (r.group_id = any (a.memberships)))
             returning r.group_id, r.user_id, r.kind, a.is_active
         ), ended as (
             insert into access_ended (group_id, user_id, kind, note)
             select group_id, user_id, kind, case when not is_active then 'The account was switched off.' end from gone
         )
         insert into access_left (group_id, user_id, kind, action, note)
         select group_id, user_id, kind, 'rejected', 'The account was switched off.' from gone where not is_active",
    )
    .await?;
    Ok(())
}
