//! The rules of groups: when a membership ends by itself, what users get from memberships, and who leads.

use diesel::{QueryableByName, sql_query, sql_types::Bool};
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};

use crate::{db::Conn, error::Result};

/// Ends memberships that the rules no longer allow:
/// - a group limited to states has no members in other states;
/// - an account that is switched off is only in internal groups;
/// - a user who loses `groupmanagement.request_groups` leaves every group that is neither public nor internal.
pub(super) async fn end_memberships(conn: &mut Conn) -> Result<()> {
    conn.batch_execute(
        "with gone as (
             delete from group_members m using access_affected a, groups g
             where m.user_id = a.user_id and g.id = m.group_id
               and ((g.is_state_limited and not exists (
                         select from group_states s where s.group_id = g.id and s.state_id = a.new_state_id))
                    or (not a.is_active and not g.is_internal)
                    or (a.lost_requests and not g.is_public and not g.is_internal))
             returning m.group_id, m.user_id,
                       case when not a.is_active then 'The account was switched off.'
                            when a.lost_requests and not g.is_public and not g.is_internal
                            then 'They no longer have the permission to request groups.'
                            else 'Their state is not one of the group''s states.' end as note
         )
         insert into access_left (group_id, user_id, kind, action, note)
         select group_id, user_id, 'removal', 'removed', note from gone",
    )
    .await?;
    Ok(())
}

/// Reads the current memberships.
pub(super) async fn assign(conn: &mut Conn) -> Result<()> {
    conn.batch_execute(
        "with present as (
             select m.user_id, array_agg(m.group_id order by m.group_id) as ids,
                    coalesce(array_agg(m.group_id order by m.group_id) filter (
                        where m.group_id in (select group_id from group_permissions)), '{}') as granting
             from access_affected a join group_members m on m.user_id = a.user_id
             where m.is_started group by m.user_id
         )
         update access_affected a set new_groups = coalesce(t.ids, '{}'), granting_groups = coalesce(t.granting, '{}')
         from (select a.user_id, p.ids, p.granting from access_affected a left join present p on p.user_id = a.user_id
              ) t
         where t.user_id = a.user_id
           and (a.new_groups <> coalesce(t.ids, '{}') or a.granting_groups <> coalesce(t.granting, '{}'))",
    )
    .await?;
    Ok(())
}

/// Marks users who had `groupmanagement.request_groups` before the change and no longer have it. Returns whether that
/// ends memberships that still exist.
pub(super) async fn notice_lost_requests(conn: &mut Conn) -> Result<bool> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Bool)]
        is_more: bool,
    }
    let row: Row = sql_query(
        "with able as materialized (
             select ps.id from permission_sets ps join permissions p on p.id = any (ps.permission_ids)
             where p.name = 'groupmanagement.request_groups'
         ), lost as (
             update access_affected a set lost_requests = true
             where not a.lost_requests and a.old_permission_set_id in (select id from able)
               and a.new_permission_set_id not in (select id from able)
             returning a.user_id
         )
         select exists (
             select from lost l join group_members m on m.user_id = l.user_id join groups g on g.id = m.group_id
             where not g.is_public and not g.is_internal) as is_more",
    )
    .get_result(conn)
    .await?;
    Ok(row.is_more)
}

/// Active users lead the groups that name them, and the groups that name a group they are in.
pub(super) async fn assign_leads(conn: &mut Conn) -> Result<()> {
    conn.batch_execute(
        "with lead as (
             select a.user_id, l.group_id from access_affected a join group_leaders l on l.user_id = a.user_id
             where a.is_active
             union
             select a.user_id, l.group_id from access_affected a
             join group_members m on m.user_id = a.user_id and m.is_started
             join group_leader_groups l on l.leader_group_id = m.group_id
             where a.is_active
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
                    or (r.kind = 'join') = exists (select from group_members m
                                                   where m.group_id = r.group_id and m.user_id = r.user_id))
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
