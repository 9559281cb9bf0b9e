//! Reading groups.

use std::{collections::HashMap, sync::Arc};

use chrono::{DateTime, Utc};
use diesel::{
    OptionalExtension, QueryableByName, sql_query,
    sql_types::{Array, BigInt, Bool, Nullable, Text, Timestamptz},
};
use diesel_async::RunQueryDsl;

use super::{
    asker::Asker,
    model::{Group, Member, Membership, OwnRequest, Pilot, Request, RequestKind, Seen, UserGroup},
};
use crate::{db::Conn, error::Result};

#[derive(QueryableByName)]
struct SeenRow {
    #[diesel(embed)]
    group: Group,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    since: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    starts_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    ends_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Bool>)]
    is_started: Option<bool>,
    #[diesel(sql_type = Nullable<BigInt>)]
    request_id: Option<i64>,
    #[diesel(sql_type = Nullable<Text>)]
    request_kind: Option<RequestKind>,
    #[diesel(sql_type = Nullable<Text>)]
    request_reason: Option<String>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    requested_at: Option<DateTime<Utc>>,
}

impl From<SeenRow> for Seen {
    fn from(row: SeenRow) -> Self {
        let membership = row.since.map(|since| Membership {
            since,
            starts_at: row.starts_at,
            ends_at: row.ends_at,
            is_started: row.is_started.unwrap_or_default(),
        });
        let request = match (row.request_id, row.request_kind, row.requested_at) {
            (Some(id), Some(kind), Some(created_at)) => {
                Some(OwnRequest { id, kind, reason: row.request_reason.unwrap_or_default(), created_at })
            }
            _ => None,
        };
        Self { group: Arc::new(row.group), membership, request }
    }
}

const GROUP: &str = "
    select g.id, g.name, g.description, g.is_internal, g.is_hidden, g.is_open, g.is_public, g.is_restricted,
           g.is_state_limited, g.created_at,
           array(select s.state_id from group_states s where s.group_id = g.id order by 1) as states,
           array(select l.user_id from group_leaders l where l.group_id = g.id order by 1) as leaders,
           array(select l.leader_group_id from group_leader_groups l where l.group_id = g.id order by 1) as leader_groups";

/// Every group, by name.
pub(super) async fn all(conn: &mut Conn) -> Result<Vec<Group>> {
    Ok(sql_query(format!("{GROUP} from groups g order by lower(g.name) collate \"C\", g.id"))
        .load(conn)
        .await?)
}

/// Groups by id, and where a user stands with them at this moment, whether or not they may know of them.
pub(super) async fn seen(conn: &mut Conn, user_id: i64, groups: &[i64]) -> Result<Vec<Seen>> {
    let sql = format!(
        "{GROUP}, m.since, m.starts_at, m.ends_at, m.is_started,
                r.id as request_id, r.kind as request_kind, r.reason as request_reason, r.created_at as requested_at
         from groups g
         left join group_members m on m.group_id = g.id and m.user_id = $1
         left join group_requests r on r.group_id = g.id and r.user_id = $1
         where g.id = any ($2)"
    );
    let rows: Vec<SeenRow> =
        sql_query(sql).bind::<BigInt, _>(user_id).bind::<Array<BigInt>, _>(groups).load(conn).await?;
    Ok(rows.into_iter().map(Seen::from).collect())
}

/// What joining depends on, for users who are locked until the end of the transaction, in the order of their ids.
///
/// # Errors
/// When the database fails.
pub(super) async fn lock_pilots(conn: &mut Conn, users: &[i64]) -> Result<HashMap<i64, Pilot>> {
    let rows: Vec<Pilot> = sql_query(
        "select u.id as user_id, u.is_active, u.main_character_id is not null as has_main, u.state_id,
                exists (select from permission_sets ps join permissions p on p.id = any (ps.permission_ids)
                        where ps.id = u.permission_set_id and p.name = 'groupmanagement.request_groups') as may_request
         from users u where u.id = any ($1) order by u.id for no key update of u",
    )
    .bind::<Array<BigInt>, _>(users)
    .load(conn)
    .await?;
    Ok(rows.into_iter().map(|pilot| (pilot.user_id, pilot)).collect())
}

/// What somebody is allowed to do about groups at this moment.
#[derive(QueryableByName)]
pub(super) struct Standing {
    #[diesel(sql_type = Bool)]
    pub(super) is_superuser: bool,
    #[diesel(sql_type = Bool)]
    pub(super) manages_all: bool,
    #[diesel(sql_type = Bool)]
    pub(super) is_admin: bool,
    #[diesel(sql_type = Array<BigInt>)]
    pub(super) leads: Vec<i64>,
}

/// As recorded in the database; nothing for an account that is switched off.
pub(super) async fn standing(conn: &mut Conn, user_id: i64) -> Result<Option<Standing>> {
    Ok(sql_query(
        "select u.is_superuser, u.leads, u.is_superuser or 'auth.group_management' = any (n.names) as manages_all,
                u.is_superuser or (u.is_staff and 'auth.change_group' = any (n.names)) as is_admin
         from users u join permission_sets ps on ps.id = u.permission_set_id
         cross join lateral (select array(select name from permissions where id = any (ps.permission_ids)) as names) n
         where u.id = $1 and u.is_active",
    )
    .bind::<BigInt, _>(user_id)
    .get_result(conn)
    .await
    .optional()?)
}

/// Which of these users are asking to join a group.
pub(super) async fn asking(conn: &mut Conn, group_id: i64, users: &[i64]) -> Result<Vec<i64>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = BigInt)]
        user_id: i64,
    }
    let rows: Vec<Row> = sql_query(
        "select user_id from group_requests where group_id = $1 and user_id = any ($2) and kind = 'join'",
    )
    .bind::<BigInt, _>(group_id)
    .bind::<Array<BigInt>, _>(users)
    .load(conn)
    .await?;
    Ok(rows.into_iter().map(|row| row.user_id).collect())
}

/// Requests by id.
///
/// # Errors
/// When the database fails.
pub async fn requests(conn: &mut Conn, ids: &[i64]) -> Result<Vec<Request>> {
    Ok(sql_query(
        "select id, group_id, user_id, kind, reason, created_at from group_requests where id = any ($1) order by id",
    )
    .bind::<Array<BigInt>, _>(ids)
    .load(conn)
    .await?)
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

/// How many requests somebody may decide on.
///
/// # Errors
/// When the database fails.
pub async fn decidable(conn: &mut Conn, asker: &Asker) -> Result<i64> {
    if !asker.manages_all && asker.leads.is_empty() {
        return Ok(0);
    }
    let row: Count = sql_query(
        "select count(*) as n from group_requests r join groups g on g.id = r.group_id
         where not g.is_internal and ($1 or g.id = any ($2)) and ($3 or not g.is_restricted)",
    )
    .bind::<Bool, _>(asker.manages_all)
    .bind::<Array<BigInt>, _>(&asker.leads)
    .bind::<Bool, _>(asker.is_superuser)
    .get_result(conn)
    .await?;
    Ok(row.n)
}

/// Whether any of these groups can be led: internal ones cannot.
///
/// # Errors
/// When the database fails.
pub async fn leads_any(conn: &mut Conn, groups: &[i64]) -> Result<bool> {
    let row: Count = sql_query("select count(*) as n from groups where id = any ($1) and not is_internal")
        .bind::<Array<BigInt>, _>(groups)
        .get_result(conn)
        .await?;
    Ok(row.n > 0)
}

/// How many members (whose membership has begun) and requests groups have.
///
/// # Errors
/// When the database fails.
pub async fn counts(conn: &mut Conn, groups: &[i64]) -> Result<Vec<(i64, i64, i64)>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = BigInt)]
        id: i64,
        #[diesel(sql_type = BigInt)]
        members: i64,
        #[diesel(sql_type = BigInt)]
        requests: i64,
    }
    let rows: Vec<Row> = sql_query(
        "select g.id, coalesce(m.n, 0) as members, coalesce(r.n, 0) as requests
         from unnest($1) as g (id)
         left join (select group_id, count(*) as n from group_members where group_id = any ($1) and is_started
                    group by group_id) m on m.group_id = g.id
         left join (select group_id, count(*) as n from group_requests where group_id = any ($1) group by group_id) r
                   on r.group_id = g.id",
    )
    .bind::<Array<BigInt>, _>(groups)
    .load(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.members, row.requests)).collect())
}

/// Permissions carried by groups, by group and name.
///
/// # Errors
/// When the database fails.
pub async fn permissions_of(conn: &mut Conn, groups: &[i64]) -> Result<Vec<(i64, String)>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = BigInt)]
        group_id: i64,
        #[diesel(sql_type = Text)]
        name: String,
    }
    let rows: Vec<Row> = sql_query(
        "select gp.group_id, p.name from group_permissions gp join permissions p on p.id = gp.permission_id
         where gp.group_id = any ($1) order by gp.group_id, p.name collate \"C\"",
    )
    .bind::<Array<BigInt>, _>(groups)
    .load(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.group_id, row.name)).collect())
}

/// Which of these users are members of a group.
///
/// # Errors
/// When the database fails.
pub async fn members_of(conn: &mut Conn, group_id: i64, users: &[i64]) -> Result<Vec<Member>> {
    Ok(sql_query(
        "select m.user_id, m.since, m.starts_at, m.ends_at, m.is_started, m.reason, m.group_id = any (u.leads) as is_leader
         from group_members m join users u on u.id = m.user_id where m.group_id = $1 and m.user_id = any ($2)",
    )
    .bind::<BigInt, _>(group_id)
    .bind::<Array<BigInt>, _>(users)
    .load(conn)
    .await?)
}

/// All memberships of users, by user and name of the group.
///
/// # Errors
/// When the database fails.
pub async fn groups_of_users(conn: &mut Conn, users: &[i64]) -> Result<Vec<UserGroup>> {
    Ok(sql_query(
        "select m.user_id, m.group_id, g.name, g.is_internal, g.is_restricted, m.since, m.starts_at, m.ends_at,
                m.is_started, m.reason
         from group_members m join groups g on g.id = m.group_id where m.user_id = any ($1)
         order by m.user_id, lower(g.name) collate \"C\", g.id",
    )
    .bind::<Array<BigInt>, _>(users)
    .load(conn)
    .await?)
}
