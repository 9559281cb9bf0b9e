//! Pages of groups, requests and members.

use std::borrow::Cow;

use super::{asker::Asker, model::RequestKind};
use crate::{
    db::{
        Conn,
        keyset::{self, List, Position, Slice},
    },
    error::Result,
};

/// Filter for groups.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Part of the name or description.
    pub search: Option<String>,
    pub is_internal: Option<bool>,
    pub is_hidden: Option<bool>,
    pub is_open: Option<bool>,
    pub is_public: Option<bool>,
    pub is_restricted: Option<bool>,
    pub has_leader: Option<bool>,
    /// Whether the asker manages it.
    pub is_managed: Option<bool>,
}

/// What to order groups by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrderBy {
    Name,
    MemberCount,
    /// Requests that wait, of groups the asker manages: of others nobody is told that there are any, in whatever way.
    RequestCount,
    CreatedAt,
}

impl OrderBy {
    fn key(self, asker: &Asker) -> Cow<'static, str> {
        match self {
            Self::Name => "lower(g.name)".into(),
            Self::MemberCount => {
                "lpad((select count(*) from group_members m where m.group_id = g.id and m.is_started)::text, 10, '0')"
                    .into()
            }
            Self::RequestCount => {
                let is_managed = if asker.manages_all {
                    "true".to_owned()
                } else if asker.leads.is_empty() {
                    "false".to_owned()
                } else {
                    format!("g.id in (select unnest(leads) from users where id = {})", asker.pilot.user_id)
                };
                format!(
                    "lpad((select count(*) from group_requests r where r.group_id = g.id and not g.is_internal
                           and {is_managed})::text, 10, '0')"
                )
                .into()
            }
            Self::CreatedAt => "to_char(g.created_at at time zone 'utc', 'YYYYMMDDHH24MISSUS')".into(),
        }
    }
}

/// What to order requests by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestOrderBy {
    CreatedAt,
    /// The main's name, or the user name.
    Name,
}

impl RequestOrderBy {
    const fn key(self) -> &'static str {
        match self {
            Self::CreatedAt => "to_char(r.created_at at time zone 'utc', 'YYYYMMDDHH24MISSUS')",
            Self::Name => MAIN,
        }
    }
}

/// What to order members by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemberOrderBy {
    /// The main's name, or the user name.
    Name,
    /// When the membership began or, if it has not yet, was given.
    Since,
    /// When it ends; those that do not last.
    EndsAt,
}

impl MemberOrderBy {
    const fn key(self) -> &'static str {
        match self {
            Self::Name => MAIN,
            Self::Since => "to_char(m.since at time zone 'utc', 'YYYYMMDDHH24MISSUS')",
            // Behind every digit.
            Self::EndsAt => "coalesce(to_char(m.ends_at at time zone 'utc', 'YYYYMMDDHH24MISSUS'), '~')",
        }
    }
}

/// The name of a user `u` with main `c`, as lists order it.
const MAIN: &str = "coalesce(lower(c.name), lower(u.username))";

/// Filter for requests, within those the asker may see.
#[derive(Debug, Clone, Default)]
pub struct RequestFilter {
    pub group_id: Option<i64>,
    pub kind: Option<RequestKind>,
    /// Part of the user name or of a character's name: the main's, or any for those who may see users.
    pub search: Option<String>,
}

/// Filter for members.
#[derive(Debug, Clone, Default)]
pub struct MemberFilter {
    /// Part of the user name or of a character's name: the main's, or any for those who may see users.
    pub search: Option<String>,
    /// Only memberships that have begun, or only those that have not.
    pub is_started: Option<bool>,
}

/// Adds the condition that the asker manages the group `g`.
fn managed(list: &mut List, asker: &Asker) {
    list.and("not g.is_internal");
    if asker.manages_all {
        return;
    }
    if asker.leads.is_empty() {
        list.and("false");
    } else {
        list.and_value(
            "g.id = any (array(select unnest(leads) from users where id = ?))",
            asker.pilot.user_id,
        );
    }
}

fn groups(asker: &Asker, filter: &Filter) -> List {
    let mut list = List::new("groups g", "g.id");
    if let Some(text) = keyset::pattern(filter.search.as_deref()) {
        list.and_value("(g.name ilike ? or g.description ilike ?)", text);
    }
    for (yes, no, value) in [
        ("g.is_internal", "not g.is_internal", filter.is_internal),
        ("g.is_hidden", "not g.is_hidden", filter.is_hidden),
        ("g.is_open", "not g.is_open", filter.is_open),
        ("g.is_public", "not g.is_public", filter.is_public),
        ("g.is_restricted", "not g.is_restricted", filter.is_restricted),
        (
            "(exists (select from group_leaders l where l.group_id = g.id)
              or exists (select from group_leader_groups l where l.group_id = g.id))",
            "not (exists (select from group_leaders l where l.group_id = g.id)
                  or exists (select from group_leader_groups l where l.group_id = g.id))",
            filter.has_leader,
        ),
    ] {
        list.and_whether(yes, no, value);
    }
    if !asker.sees_all || filter.is_managed == Some(true) {
        managed(&mut list, asker);
    }
    if filter.is_managed == Some(false) {
        if asker.manages_all {
            list.and("g.is_internal");
        } else if !asker.leads.is_empty() {
            let theirs =
                "(g.is_internal or g.id <> all (array(select unnest(leads) from users where id = ?)))";
            list.and_value(theirs, asker.pilot.user_id);
        }
    }
    list
}

/// Ids of groups with their positions: those the asker manages, or all for those who may see all.
///
/// # Errors
/// When the database fails.
pub async fn page(
    conn: &mut Conn,
    asker: &Asker,
    filter: &Filter,
    order: OrderBy,
    slice: &Slice<Position>,
) -> Result<Vec<Position>> {
    groups(asker, filter).page(conn, &order.key(asker), slice).await
}

/// How many groups there are.
///
/// # Errors
/// When the database fails.
pub async fn count(conn: &mut Conn, asker: &Asker, filter: &Filter) -> Result<i64> {
    groups(asker, filter).count(conn).await
}

const NAMED: &str = "u.id in (select id from users where username ilike ?
     union all select o.user_id from character_ownerships o join characters x on x.id = o.character_id
               where x.name ilike ?)";
const CALLED: &str = "u.id in (select id from users where username ilike ?
     union all select w.id from users w join characters x on x.id = w.main_character_id where x.name ilike ?)";

/// Which names are searched: not everybody is told whose alt a character is.
const fn named(asker: &Asker) -> &'static str {
    if asker.sees_users { NAMED } else { CALLED }
}

fn requests(asker: &Asker, filter: &RequestFilter) -> List {
    let mut list = List::new(
        "group_requests r join groups g on g.id = r.group_id join users u on u.id = r.user_id
         left join characters c on c.id = u.main_character_id",
        "r.id",
    );
    managed(&mut list, asker);
    if let Some(id) = filter.group_id {
        list.and_value("r.group_id = ?", id);
    }
    if let Some(kind) = filter.kind {
        list.and_value("r.kind = ?", kind.as_str().to_owned());
    }
    if let Some(text) = keyset::pattern(filter.search.as_deref()) {
        list.and_value(named(asker), text);
    }
    list
}

/// Ids of requests the asker may see, with their positions.
///
/// # Errors
/// When the database fails.
pub async fn page_requests(
    conn: &mut Conn,
    asker: &Asker,
    filter: &RequestFilter,
    order: RequestOrderBy,
    slice: &Slice<Position>,
) -> Result<Vec<Position>> {
    requests(asker, filter).page(conn, order.key(), slice).await
}

/// How many requests there are.
///
/// # Errors
/// When the database fails.
pub async fn count_requests(conn: &mut Conn, asker: &Asker, filter: &RequestFilter) -> Result<i64> {
    requests(asker, filter).count(conn).await
}

fn members(asker: &Asker, group_id: i64, filter: &MemberFilter) -> List {
    let mut list = List::new(
        "group_members m join users u on u.id = m.user_id left join characters c on c.id = u.main_character_id",
        "m.user_id",
    );
    list.and_value("m.group_id = ?", group_id);
    list.and_whether("m.is_started", "not m.is_started", filter.is_started);
    if let Some(text) = keyset::pattern(filter.search.as_deref()) {
        list.and_value(named(asker), text);
    }
    list
}

/// Ids of a group's members with their positions.
///
/// # Errors
/// When the database fails.
pub async fn page_members(
    conn: &mut Conn,
    asker: &Asker,
    group_id: i64,
    filter: &MemberFilter,
    order: MemberOrderBy,
    slice: &Slice<Position>,
) -> Result<Vec<Position>> {
    members(asker, group_id, filter).page(conn, order.key(), slice).await
}

/// How many members there are, including those whose membership has not begun.
///
/// # Errors
/// When the database fails.
pub async fn count_members(
    conn: &mut Conn,
    asker: &Asker,
    group_id: i64,
    filter: &MemberFilter,
) -> Result<i64> {
    members(asker, group_id, filter).count(conn).await
}
