//! Finding users.

use std::collections::HashMap;

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::{
    db::{
        Conn,
        keyset::{self, List, Position, Slice},
        schema::{character_ownerships as o, characters as c, users as u},
    },
    error::Result,
    permissions::{Grant, SeesUsers},
};

/// Filter for users.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Part of the user name or of any of their characters' names.
    pub search: Option<String>,
    pub state_id: Option<i64>,
    /// The main character's corporation; likewise the next two.
    pub corporation_id: Option<i64>,
    pub alliance_id: Option<i64>,
    pub faction_id: Option<i64>,
    pub is_active: Option<bool>,
    pub is_superuser: Option<bool>,
    pub is_staff: Option<bool>,
    /// Members whose membership has begun.
    pub group_id: Option<i64>,
}

/// What to order users by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrderBy {
    Username,
    Main,
    Corporation,
    State,
    CreatedAt,
    LastLoginAt,
}

impl OrderBy {
    /// Of a user `u` with [`JOINED`]. Those of the users' own columns are the expressions of indexes.
    pub(crate) const fn key(self) -> &'static str {
        match self {
            Self::Username => "lower(u.username)",
            Self::Main => "coalesce(lower(c.name), '')",
            Self::Corporation => "coalesce(lower(k.name), '')",
            Self::State => "lpad(s.priority::text, 10, '0')",
            // Microseconds since 1970.
            Self::CreatedAt => {
                "lpad(((extract(epoch from u.created_at at time zone 'utc') * 1000000)::bigint)::text, 20, '0')"
            }
            Self::LastLoginAt => {
                "coalesce(lpad(((extract(epoch from u.last_login_at at time zone 'utc') * 1000000)::bigint)::text,
                               20, '0'), '')"
            }
        }
    }
}

macro_rules! joined {
    () => {
        "join states s on s.id = u.state_id left join characters c on c.id = u.main_character_id \
         left join corporations k on k.id = c.corporation_id"
    };
}

/// What else the keys speak of.
pub(crate) const JOINED: &str = joined!();
const FROM: &str = concat!("users u ", joined!());

fn list(filter: &Filter) -> List {
    let mut list = List::new(FROM, "u.id");
    if let Some(pattern) = keyset::pattern(filter.search.as_deref()) {
        list.and_value(
            "u.id in (select id from users where username ilike ?
                      union all select o.user_id from character_ownerships o join characters x on x.id = o.character_id
                                where x.name ilike ?)",
            pattern,
        );
    }
    for (condition, value) in [
        ("u.state_id = ?", filter.state_id),
        ("c.corporation_id = ?", filter.corporation_id),
        ("c.alliance_id = ?", filter.alliance_id),
        ("c.faction_id = ?", filter.faction_id),
        ("u.id in (select user_id from group_members where group_id = ? and is_started)", filter.group_id),
    ] {
        if let Some(value) = value {
            list.and_value(condition, value);
        }
    }
    for (yes, no, value) in [
        ("u.is_active", "not u.is_active", filter.is_active),
        ("u.is_superuser", "not u.is_superuser", filter.is_superuser),
        ("u.is_staff", "not u.is_staff", filter.is_staff),
    ] {
        list.and_whether(yes, no, value);
    }
    list
}

/// Ids of users with their positions.
///
/// # Errors
/// When the database fails.
pub async fn page(
    conn: &mut Conn,
    _grant: &Grant<SeesUsers>,
    filter: &Filter,
    order: OrderBy,
    slice: &Slice<Position>,
) -> Result<Vec<Position>> {
    list(filter).page(conn, order.key(), slice).await
}

/// How many there are.
///
/// # Errors
/// When the database fails.
pub async fn count(conn: &mut Conn, _grant: &Grant<SeesUsers>, filter: &Filter) -> Result<i64> {
    list(filter).count(conn).await
}

/// Names of users by id, in lower case: for ordering. If `has_mains`, with their mains' names, for searching; else with
/// empty ones, which is cheaper by far.
///
/// # Errors
/// When the database fails.
pub async fn names_of(
    conn: &mut Conn,
    users: Vec<i64>,
    has_mains: bool,
) -> Result<HashMap<i64, (String, String)>> {
    if !has_mains {
        let names: Vec<(i64, String)> =
            u::table.filter(u::id.eq_any(users)).select((u::id, u::username)).load(conn).await?;
        return Ok(names.into_iter().map(|(id, name)| (id, (name.to_lowercase(), String::new()))).collect());
    }
    let names: Vec<(i64, String, Option<String>)> = u::table
        .left_join(c::table.on(u::main_character_id.eq(c::id.nullable())))
        .filter(u::id.eq_any(users))
        .select((u::id, u::username, c::name.nullable()))
        .load(conn)
        .await?;
    let lower = |name: Option<String>| name.unwrap_or_default().to_lowercase();
    Ok(names.into_iter().map(|(id, name, main)| (id, (name.to_lowercase(), lower(main)))).collect())
}

/// Whether a user owns any character.
///
/// # Errors
/// When the database fails.
pub async fn owns_any(conn: &mut Conn, user_id: i64) -> Result<bool> {
    let owned = o::table.filter(o::user_id.eq(user_id));
    Ok(diesel::select(diesel::dsl::exists(owned)).get_result(conn).await?)
}
