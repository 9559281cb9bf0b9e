//! What follows from changed access: history, notifications, marks on service accounts, a wake-up for the jobs and
//! for open browsers. And from requests that a change ended: those who asked are notified, and the pages of those who
//! could have decided wake up.

use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName, sql_query,
    sql_types::{Array, BigInt, Text, Timestamptz},
};
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};

use super::diff::{AccessDiff, Kind, UserDiff};
use crate::{
    db::Conn,
    error::{Error, Result},
    events::{self, Topic, UserIdRow},
    jobs, services,
};

#[derive(QueryableByName)]
struct Change {
    #[diesel(sql_type = BigInt)]
    user_id: i64,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Array<Text>)]
    gained: Vec<String>,
    #[diesel(sql_type = Array<Text>)]
    lost: Vec<String>,
}

#[derive(QueryableByName)]
struct Marked {
    #[diesel(sql_type = Text)]
    service: String,
}

/// Writes everything that follows from the difference between what users had and what the rules decided.
pub(super) async fn record(conn: &mut Conn, now: DateTime<Utc>) -> Result<AccessDiff> {
    let diff = write_history(conn, now).await?;
    if diff.has(Kind::State) {
        notify_states(conn, now).await?;
    }
    if diff.has(Kind::Service) {
        notify_services(conn, now).await?;
    }
    if diff.has(Kind::Group) {
        notify_groups(conn, now).await?;
    }
    mark_accounts(conn, now).await?;
    events::access_changed(conn).await?;
    tell_ended_requests(conn, now).await?;
    Ok(diff)
}

/// What the rules decided, where it differs from before: rows of `changes`, one per user and kind.
const CHANGES: &str = "with moved as materialized (
             select user_id, audit_id, old_state_id, old_state, new_state_id as state_id, old_permission_set_id,
                    new_permission_set_id as permission_set_id, old_services, new_services as services,
                    old_groups, new_groups as group_ids, old_leads, new_leads as leads
             from access_affected
             where old_state_id <> new_state_id or old_permission_set_id <> new_permission_set_id
                or old_services <> new_services or old_groups <> new_groups or old_leads <> new_leads
         ), named as (
             select id, name from groups union all select id, name from access_gone
         ), groups_pair as materialized (
             select p.before, p.after, g.gained, g.gained_ids, l.lost, l.lost_ids
             from (select old_groups as before, group_ids as after from moved where old_groups <> group_ids
                   union select old_leads, leads from moved where old_leads <> leads) p
             cross join lateral (
                 select coalesce(array_agg(n.name order by n.name collate \"C\"), '{}') as gained,
                        coalesce(array_agg(n.id order by n.id), '{}') as gained_ids
                 from (select unnest(p.after) as id except select unnest(p.before)) i join named n on n.id = i.id) g
             cross join lateral (
                 select coalesce(array_agg(n.name order by n.name collate \"C\"), '{}') as lost,
                        coalesce(array_agg(n.id order by n.id), '{}') as lost_ids
                 from (select unnest(p.before) as id except select unnest(p.after)) i join named n on n.id = i.id) l
         ), pair as materialized (
             select p.before, p.after,
                    array(select name from permissions where id = any (n.permission_ids) and id <> all (o.permission_ids)
                          order by name collate \"C\") as gained,
                    array(select name from permissions where id = any (o.permission_ids) and id <> all (n.permission_ids)
                          order by name collate \"C\") as lost
             from (select distinct old_permission_set_id as before, permission_set_id as after from moved
                   where old_permission_set_id <> permission_set_id) p
             join permission_sets o on o.id = p.before join permission_sets n on n.id = p.after
         ), changes (user_id, kind, gained, lost, gained_ids, lost_ids, audit_id) as (
             select m.user_id, 'state', array[n.name], array[m.old_state], array[m.state_id], array[m.old_state_id],
                    m.audit_id
             from moved m join states n on n.id = m.state_id
             where m.old_state_id <> m.state_id
         union all
             select m.user_id, 'permission', p.gained, p.lost, '{}', '{}', m.audit_id
             from moved m join pair p on p.before = m.old_permission_set_id and p.after = m.permission_set_id
             where cardinality(p.gained) + cardinality(p.lost) > 0
         union all
             select m.user_id, 'service',
                    array(select unnest(m.services) except select unnest(m.old_services) order by 1),
                    array(select unnest(m.old_services) except select unnest(m.services) order by 1),
                    '{}', '{}', m.audit_id
             from moved m where m.old_services <> m.services
         union all
             select m.user_id, 'group', p.gained, p.lost, p.gained_ids, p.lost_ids, m.audit_id
             from moved m join groups_pair p on p.before = m.old_groups and p.after = m.group_ids
             where m.old_groups <> m.group_ids
         union all
             select m.user_id, 'leadership', p.gained, p.lost, p.gained_ids, p.lost_ids, m.audit_id
             from moved m join groups_pair p on p.before = m.old_leads and p.after = m.leads
             where m.old_leads <> m.leads
         )";

/// The difference between what users had and what the rules decided.
pub(super) async fn difference(conn: &mut Conn) -> Result<AccessDiff> {
    let rows =
        sql_query(format!("{CHANGES} select user_id, kind, gained, lost from changes")).load(conn).await?;
    diff_of(rows)
}

async fn write_history(conn: &mut Conn, now: DateTime<Utc>) -> Result<AccessDiff> {
    let rows = sql_query(format!(
        "{CHANGES} insert into access_changes (user_id, kind, gained, lost, gained_ids, lost_ids, audit_id, at)
         select *, $1 from changes returning user_id, kind, gained, lost"
    ))
    .bind::<Timestamptz, _>(now)
    .load(conn)
    .await?;
    diff_of(rows)
}

fn diff_of(rows: Vec<Change>) -> Result<AccessDiff> {
    let mut entries = rows
        .into_iter()
        .map(|row| {
            let kind = Kind::parse(&row.kind).ok_or_else(|| Error::internal("an unknown kind of access"))?;
            Ok(UserDiff { user_id: row.user_id, kind, gained: row.gained, lost: row.lost })
        })
        .collect::<Result<Vec<_>>>()?;
    entries.sort_unstable();
    Ok(AccessDiff { entries })
}

async fn notify_states(conn: &mut Conn, now: DateTime<Utc>) -> Result<()> {
    sql_query(
        "insert into notifications (user_id, level, kind, title, body, created_at)
         select a.user_id, 'info', 'state_changed', 'State changed to ' || s.name, 'Your state is now ' || s.name || '. '
                || coalesce(e.summary, ''), $1
         from access_affected a join states s on s.id = a.new_state_id
         left join audit_entries e on e.id = a.audit_id
         where a.old_state_id <> a.new_state_id and a.is_active",
    )
    .bind::<Timestamptz, _>(now)
    .execute(conn)
    .await?;
    Ok(())
}

async fn notify_services(conn: &mut Conn, now: DateTime<Utc>) -> Result<()> {
    let (keys, titles): (Vec<&str>, Vec<&str>) =
        services::SPECS.iter().map(|spec| (spec.key, spec.title)).unzip();
    sql_query(
        "insert into notifications (user_id, level, kind, title, body, created_at)
         select sa.user_id, 'warning', 'service_revoked', s.title || ' account removed',
                'You may no longer use ' || s.title || '; your account there is being removed.', $3
         from access_affected a join service_accounts sa on sa.user_id = a.user_id
         join unnest($1, $2) as s (key, title) on s.key = sa.service
         where sa.service = any (a.old_services) and sa.service <> all (a.new_services)",
    )
    .bind::<Array<Text>, _>(keys)
    .bind::<Array<Text>, _>(titles)
    .bind::<Timestamptz, _>(now)
    .execute(conn)
    .await?;
    Ok(())
}

/// Notifies those who were put into groups or taken out of them, except about the very group they joined or left
/// themselves: everything else that followed was not their choice.
async fn notify_groups(conn: &mut Conn, now: DateTime<Utc>) -> Result<()> {
    sql_query(
        "insert into notifications (user_id, level, kind, about, title, body, created_at)
         select t.user_id, t.level, t.kind, t.about, left(t.title || array_to_string(t.names, ', '), 254), t.summary, $1
         from (
             select ch.id, ch.user_id, way.level, way.kind, way.about, way.title, e.summary,
                    case when e.kind in ('group_joined', 'group_left') and e.actor_id = ch.user_id
                         then array_remove(way.names, e.object_name) else way.names end as names
             from access_affected a join access_changes ch on ch.user_id = a.user_id and ch.audit_id = a.audit_id
             join audit_entries e on e.id = ch.audit_id
             left join groups g on g.id = ch.gained_ids[1] and cardinality(ch.gained_ids) = 1 and not g.is_internal
             cross join lateral (values ('success', 'group_joined', 'group:' || g.id, 'You are now in ', ch.gained),
                                        ('warning', 'group_lost', null, 'You are no longer in ', ch.lost)
                                ) as way (level, kind, about, title, names)
             where ch.kind = 'group' and a.is_active
         ) t
         where t.names <> '{}'
         order by t.id, t.kind",
    )
    .bind::<Timestamptz, _>(now)
    .execute(conn)
    .await?;
    Ok(())
}

/// Notifies those who asked that a rule ended their request; switched-off accounts see it once they are back. Wakes
/// up their open pages and those of everybody who could have decided: for a deleted group, its former leaders.
async fn tell_ended_requests(conn: &mut Conn, now: DateTime<Utc>) -> Result<()> {
    let asked: Vec<UserIdRow> = sql_query(
        "with told as (
             insert into notifications (user_id, level, kind, title, body, created_at)
             select r.user_id, 'warning', 'group_request_ended',
                    left('Your request to ' || r.kind || ' ' || coalesce(g.name, n.name) || ' has ended', 254), r.note, $1
             from access_ended r left join groups g on g.id = r.group_id left join access_gone n on n.id = r.group_id
             where r.note is not null order by r.user_id, r.group_id
             returning user_id
         )
         select distinct user_id from access_ended order by user_id",
    )
    .bind::<Timestamptz, _>(now)
    .load(conn)
    .await?;
    if asked.is_empty() {
        return Ok(());
    }
    let asked: Vec<i64> = asked.into_iter().map(|row| row.user_id).collect();
    for topic in [Topic::Groups, Topic::Notifications] {
        events::send(conn, topic, &asked).await?;
    }
    let deciders = "select user_id from access_affected
             where old_leads && (select array_agg(group_id) from access_ended)
         union select user_id from group_leaders where group_id in (select group_id from access_ended)
         union select m.user_id from group_leader_groups l
             join group_members m on m.group_id = l.leader_group_id and m.is_started
             where l.group_id in (select group_id from access_ended)
         union select u.id from users u where u.is_active and u.permission_set_id in (
             select ps.id from permission_sets ps join permissions p on p.id = any (ps.permission_ids)
             where p.name = 'auth.group_management')";
    conn.batch_execute(&events::notify(Topic::GroupRequests, deciders)).await?;
    Ok(())
}

/// One UPDATE and one job per service, however many accounts are touched. They are due at once,
/// whatever the clock says.
async fn mark_accounts(conn: &mut Conn, now: DateTime<Utc>) -> Result<()> {
    let marked: Vec<Marked> = sql_query(
        "with marked as (
             update service_accounts sa
             set marked_revision = sa.marked_revision + 1, marked_at = $1, next_attempt_at = 'epoch', attempts = 0,
                 is_revocation = sa.is_unlinked or sa.service <> all (a.new_services),
                 -- that it failed before it was to be removed, or the other way round, is another matter
                 reported_at = case when sa.is_revocation = (sa.is_unlinked or sa.service <> all (a.new_services))
                                    then sa.reported_at end
             from access_affected a
             where sa.user_id = a.user_id
               and (a.is_renamed or a.old_state_id <> a.new_state_id or a.old_services <> a.new_services
                    or a.old_groups <> a.new_groups)
             returning sa.service
         )
         select distinct service from marked order by service",
    )
    .bind::<Timestamptz, _>(now)
    .load(conn)
    .await?;
    for row in marked {
        jobs::enqueue(conn, &services::Reconcile { service: row.service }).await?;
    }
    Ok(())
}
