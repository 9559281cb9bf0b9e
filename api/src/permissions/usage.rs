//! Who has which permission, and in which way: what the permission audit shows.
//!
//! A *path* is one way a user can have a permission: directly, through a group, through their state, as a superuser.
//! A user is listed once for each. Paths show what was granted, so they include inactive users; the effective users
//! are those the engine gives the permission, counted by permission sets, of which there are few.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName, sql_query,
    sql_types::{Array, BigInt, Bool, Integer, Nullable, SmallInt, Text, Timestamptz},
};
use diesel_async::RunQueryDsl;
use fealty_shared::permission::AuditPermissions;

use super::{CATALOGUE, Grant, model_of};
use crate::{
    db::{
        Conn,
        keyset::{self, Clauses, Position, Slice, Sql},
    },
    error::{Error, Result},
    identity::directory::{self, OrderBy},
};

/// Filter for permissions.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Part of the name or description, ignoring case.
    pub search: Option<String>,
    /// The part before the dot.
    pub app: Option<String>,
    /// As Alliance Auth groups them.
    pub model: Option<String>,
    /// Whether to include permissions that no user, group or state has.
    pub includes_unused: bool,
}

impl Filter {
    fn fits(&self, name: &str, description: &str) -> bool {
        let is_found = self.search.as_ref().is_none_or(|text| {
            let text = text.trim().to_lowercase();
            name.to_lowercase().contains(&text) || description.to_lowercase().contains(&text)
        });
        let is_of_app =
            self.app.as_ref().is_none_or(|app| name.split_once('.').is_some_and(|(of, _)| of == app));
        let is_of_model = self.model.as_ref().is_none_or(|model| model_of(name) == Some(model.as_str()));
        is_found && is_of_app && is_of_model
    }
}

/// How widely one permission is used.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Usage {
    pub id: i32,
    pub name: &'static str,
    pub description: &'static str,
    pub direct_users: i64,
    pub groups: i64,
    pub group_users: i64,
    pub states: i64,
    pub state_users: i64,
    pub effective_users: i64,
}

impl Usage {
    const fn is_used(&self) -> bool {
        self.direct_users + self.groups + self.states > 0
    }
}

/// The matching permissions of the catalogue, by name. There are few, so pages are cut from the whole list.
/// `group_users` is still to be counted ([`count_group_users`]).
///
/// # Errors
/// When the database fails.
pub async fn overview(
    conn: &mut Conn,
    _grant: &Grant<AuditPermissions>,
    filter: &Filter,
) -> Result<Vec<Usage>> {
    let wanted: Vec<(&'static str, &'static str)> =
        CATALOGUE.iter().copied().filter(|(name, description)| filter.fits(name, description)).collect();
    let mut found = counted(conn, &wanted).await?;
    found.retain(|usage| filter.includes_unused || usage.is_used());
    Ok(found)
}

/// One permission of the catalogue.
///
/// # Errors
/// When the database fails.
pub async fn one(conn: &mut Conn, grant: &Grant<AuditPermissions>, name: &str) -> Result<Option<Usage>> {
    let wanted: Vec<(&'static str, &'static str)> =
        CATALOGUE.iter().copied().filter(|(known, _)| *known == name).collect();
    if wanted.is_empty() {
        return Ok(None);
    }
    let mut found = counted(conn, &wanted).await?;
    count_group_users(conn, grant, found.iter_mut()).await?;
    Ok(found.pop())
}

/// Users are counted once, by permission set and state, of which there are few: an index answers that
/// without reading rows of users.
async fn counted(conn: &mut Conn, wanted: &[(&'static str, &'static str)]) -> Result<Vec<Usage>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Integer)]
        id: i32,
        #[diesel(sql_type = Text)]
        name: String,
        #[diesel(sql_type = BigInt)]
        direct_users: i64,
        #[diesel(sql_type = BigInt)]
        groups: i64,
        #[diesel(sql_type = BigInt)]
        states: i64,
        #[diesel(sql_type = BigInt)]
        state_users: i64,
        #[diesel(sql_type = BigInt)]
        effective_users: i64,
    }
    let names: Vec<&str> = wanted.iter().map(|(name, _)| *name).collect();
    let rows: Vec<Row> = sql_query(
        "with counts as materialized (
             select permission_set_id, state_id, count(*) as n from users group by permission_set_id, state_id
         ), direct as (
             select permission_id, count(*) as n from user_permissions where is_started group by permission_id
         ), by_groups as (
             select permission_id, count(*) as n from group_permissions group by permission_id
         ), by_states as (
             select sp.permission_id, count(*) as n, sum(c.n) as users from state_permissions sp
             left join (select state_id, sum(n) as n from counts group by state_id) c on c.state_id = sp.state_id
             group by sp.permission_id
         ), effective as (
             select x.permission_id, sum(c.n) as n
             from (select permission_set_id, sum(n) as n from counts group by permission_set_id) c
             join permission_sets ps on ps.id = c.permission_set_id
             cross join lateral unnest(ps.permission_ids) as x (permission_id) group by x.permission_id
         )
         select p.id, p.name, coalesce(d.n, 0) as direct_users, coalesce(g.n, 0) as groups, coalesce(s.n, 0) as states,
                coalesce(s.users, 0)::bigint as state_users, coalesce(e.n, 0)::bigint as effective_users
         from permissions p left join direct d on d.permission_id = p.id
         left join by_groups g on g.permission_id = p.id left join by_states s on s.permission_id = p.id
         left join effective e on e.permission_id = p.id where p.name = any ($1)",
    )
    .bind::<Array<Text>, _>(names)
    .load(conn)
    .await?;
    let mut by_name: HashMap<String, Row> = rows.into_iter().map(|row| (row.name.clone(), row)).collect();
    Ok(wanted
        .iter()
        .filter_map(|(name, description)| {
            let row = by_name.remove(*name)?;
            Some(Usage {
                id: row.id,
                name,
                description,
                direct_users: row.direct_users,
                groups: row.groups,
                states: row.states,
                state_users: row.state_users,
                effective_users: row.effective_users,
                ..Usage::default()
            })
        })
        .collect())
}

/// Counts the distinct users in the groups that carry each permission. A user in several of these groups counts once,
/// so the members themselves are read: group by group from an index, once per group however many permissions it
/// carries. For a permission carried by a single group, the number of its members is enough. This is the most
/// expensive count, so it is only done for the permissions of one page.
///
/// # Errors
/// When the database fails.
pub async fn count_group_users(
    conn: &mut Conn,
    _grant: &Grant<AuditPermissions>,
    usages: impl Iterator<Item = &mut Usage> + Send,
) -> Result<()> {
    #[derive(QueryableByName)]
    struct Members {
        #[diesel(sql_type = Array<Integer>)]
        permission_ids: Vec<i32>,
        /// For groups that share no permission with another.
        #[diesel(sql_type = BigInt)]
        n: i64,
        /// For the others.
        #[diesel(sql_type = Array<BigInt>)]
        user_ids: Vec<i64>,
    }
    let usages: Vec<&mut Usage> = usages.filter(|usage| usage.groups > 0).collect();
    if usages.is_empty() {
        return Ok(());
    }
    let ids: Vec<i32> = usages.iter().map(|usage| usage.id).collect();
    let groups: Vec<Members> = sql_query(
        "with carried as (
             select group_id, permission_id, count(*) over (partition by permission_id) > 1 as is_shared
             from group_permissions where permission_id = any ($1)
         ), carrying as (
             select group_id, array_agg(permission_id) as permission_ids, bool_or(is_shared) as is_sharing
             from carried group by group_id
         )
         select c.permission_ids,
                case when c.is_sharing
                     then array(select user_id from group_members m where m.group_id = c.group_id and m.is_started)
                     else '{}' end as user_ids,
                case when c.is_sharing then 0
                     else (select count(*) from group_members m where m.group_id = c.group_id and m.is_started)
                     end as n
         from carrying c",
    )
    .bind::<Array<Integer>, _>(&ids)
    .load(conn)
    .await?;
    for usage in usages {
        let carrying: Vec<&Members> =
            groups.iter().filter(|group| group.permission_ids.contains(&usage.id)).collect();
        let counted: i64 = carrying.iter().map(|group| group.n).sum();
        let mut users: Vec<i64> = carrying.iter().flat_map(|group| group.user_ids.iter().copied()).collect();
        // Each group's members arrive in order: a sort that exploits runs has little to do.
        users.sort();
        users.dedup();
        usage.group_users = counted + i64::try_from(users.len()).unwrap_or(i64::MAX);
    }
    Ok(())
}

/// A way to have a permission, in the order in which they are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    Direct,
    Group,
    State,
    Superuser,
}

impl Way {
    const ALL: [Self; 4] = [Self::Direct, Self::Group, Self::State, Self::Superuser];

    fn parse(number: i16) -> Result<Self> {
        usize::try_from(number)
            .ok()
            .and_then(|at| Self::ALL.get(at).copied())
            .ok_or_else(|| Error::internal("an unknown way to have a permission"))
    }
}

/// One path and how many users it leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    pub way: Way,
    /// The name of the group or state.
    pub name: Option<String>,
    pub users: i64,
}

/// The existing paths to permissions, each with its permission's id, by way and name.
///
/// # Errors
/// When the database fails.
pub async fn paths(conn: &mut Conn, ids: &[i32]) -> Result<Vec<(i32, Path)>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Integer)]
        id: i32,
        #[diesel(sql_type = SmallInt)]
        way: i16,
        #[diesel(sql_type = Nullable<Text>)]
        name: Option<String>,
        #[diesel(sql_type = BigInt)]
        n: i64,
    }
    let rows: Vec<Row> = sql_query(
        "select * from (
             select permission_id as id, 0::smallint as way, null::text as name, count(*) as n from user_permissions
             where permission_id = any ($1) and is_started group by permission_id
             union all
             select gp.permission_id, 1::smallint, g.name,
                    (select count(*) from group_members m where m.group_id = g.id and m.is_started)
             from group_permissions gp join groups g on g.id = gp.group_id where gp.permission_id = any ($1)
             union all
             select sp.permission_id, 2::smallint, s.name, (select count(*) from users u where u.state_id = s.id)
             from state_permissions sp join states s on s.id = sp.state_id where sp.permission_id = any ($1)
             union all
             select p.id, 3::smallint, null, x.n
             from (select count(*) as n from users where is_superuser) x cross join unnest($1) as p (id) where x.n > 0
         ) path order by way, lower(name) collate \"C\"",
    )
    .bind::<Array<Integer>, _>(ids)
    .load(conn)
    .await?;
    rows.into_iter()
        .map(|row| Ok((row.id, Path { way: Way::parse(row.way)?, name: row.name, users: row.n })))
        .collect()
}

/// Filter for grants of a permission.
#[derive(Debug, Clone, Default)]
pub struct GrantFilter {
    pub way: Option<Way>,
    /// The exact name of the group or state.
    pub name: Option<String>,
    /// Part of the user name or of any of their characters' names, ignoring case.
    pub search: Option<String>,
}

/// By what grants are ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GrantOrderBy {
    /// The path, then the user name.
    Path,
    /// As users are, then the path.
    Username,
    Main,
    Corporation,
    State,
}

impl GrantOrderBy {
    /// Control characters, which names do not have, keep the parts apart.
    fn key(self) -> String {
        let order = match self {
            Self::Path => {
                return format!("({PATH} || E'\\x01' || {}) collate \"C\"", OrderBy::Username.key());
            }
            Self::Username => OrderBy::Username,
            Self::Main => OrderBy::Main,
            Self::Corporation => OrderBy::Corporation,
            Self::State => OrderBy::State,
        };
        format!("({} || E'\\x01' || {PATH}) collate \"C\"", order.key())
    }

    /// What the key speaks of besides grants and users.
    const fn joined(self) -> &'static str {
        match self {
            Self::Path | Self::Username => "",
            Self::Main | Self::Corporation | Self::State => directory::JOINED,
        }
    }
}

/// One user on one path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Granted {
    pub position: Position,
    pub way: Way,
    /// The name of the group or state.
    pub name: Option<String>,
    pub user_id: i64,
    pub is_superuser: bool,
    pub ends_at: Option<DateTime<Utc>>,
}

/// `?` is the permission's id.
const GRANTS: &str = "(
    select 0::smallint as way, null::text as name, up.user_id, up.ends_at from user_permissions up
    where up.permission_id = ? and up.is_started
    union all
    select 1::smallint, g.name, m.user_id, m.ends_at from group_permissions gp join groups g on g.id = gp.group_id
    join group_members m on m.group_id = g.id and m.is_started where gp.permission_id = ?
    union all
    select 2::smallint, s.name, x.id, null from state_permissions sp join states s on s.id = sp.state_id
    join users x on x.state_id = s.id where sp.permission_id = ?
    union all
    select 3::smallint, null, x.id, null from users x where x.is_superuser
) g join users u on u.id = g.user_id";

/// The path of a grant, in the order of paths.
const PATH: &str = "g.way::text || coalesce(lower(g.name), '')";

/// The rows of a filter: what follows `from`. `joined`: further tables.
fn granted(sql: &mut Sql, permission_id: i32, filter: &GrantFilter, joined: &str) -> String {
    let mut text = format!("{} {joined} where true", GRANTS.replace('?', &sql.bind(permission_id)));
    if let Some(way) = filter.way {
        let number = way as i16;
        text.push_str(&format!(" and g.way = {number}"));
    }
    if let Some(name) = &filter.name {
        text.push_str(&format!(" and g.name = {}", sql.bind(name.clone())));
    }
    if let Some(pattern) = keyset::pattern(filter.search.as_deref()) {
        let at = sql.bind(pattern);
        text.push_str(&format!(
            " and u.id in (select id from users where username ilike {at}
                           union all select o.user_id from character_ownerships o
                           join characters x on x.id = o.character_id where x.name ilike {at})"
        ));
    }
    text
}

/// Who has a permission, one row per user and path.
///
/// # Errors
/// When the database fails.
pub async fn grants(
    conn: &mut Conn,
    _grant: &Grant<AuditPermissions>,
    permission_id: i32,
    filter: &GrantFilter,
    order: GrantOrderBy,
    slice: &Slice<Position>,
) -> Result<Vec<Granted>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        key: String,
        #[diesel(sql_type = SmallInt)]
        way: i16,
        #[diesel(sql_type = Nullable<Text>)]
        name: Option<String>,
        #[diesel(sql_type = BigInt)]
        user_id: i64,
        #[diesel(sql_type = Bool)]
        is_superuser: bool,
        #[diesel(sql_type = Nullable<Timestamptz>)]
        ends_at: Option<DateTime<Utc>>,
    }
    let mut sql = Sql::default();
    let from = granted(&mut sql, permission_id, filter, order.joined());
    let key = order.key();
    let Clauses { behind, end } = slice.clauses(&mut sql, &key, "u.id");
    let text = format!(
        "select {key} as key, g.way, g.name, u.id as user_id, u.is_superuser, g.ends_at from {from} and {behind} {end}"
    );
    let rows: Vec<Row> = sql.finish(text).load(conn).await?;
    rows.into_iter()
        .map(|row| {
            Ok(Granted {
                position: Position(row.key, row.user_id),
                way: Way::parse(row.way)?,
                name: row.name,
                user_id: row.user_id,
                is_superuser: row.is_superuser,
                ends_at: row.ends_at,
            })
        })
        .collect()
}

/// How many rows [`grants`] has.
///
/// # Errors
/// When the database fails.
pub async fn count_grants(
    conn: &mut Conn,
    _grant: &Grant<AuditPermissions>,
    permission_id: i32,
    filter: &GrantFilter,
) -> Result<i64> {
    let mut sql = Sql::default();
    let from = granted(&mut sql, permission_id, filter, "");
    sql.count(conn, format!("select count(*) as n from {from}")).await
}
