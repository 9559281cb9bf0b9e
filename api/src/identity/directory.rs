//! Finding users among many.

use crate::{
    db::{
        Conn,
        keyset::{self, List, Position},
    },
    error::Result,
};

/// Which users.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Part of the user name or of any of his characters' names.
    pub search: Option<String>,
    pub state_id: Option<i64>,
    /// Of the main character, as the two after it.
    pub corporation_id: Option<i64>,
    pub alliance_id: Option<i64>,
    pub faction_id: Option<i64>,
    pub is_active: Option<bool>,
    pub is_superuser: Option<bool>,
    pub is_staff: Option<bool>,
    /// Members whose time has begun.
    pub group_id: Option<i64>,
}

/// By what they are ordered.
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
    /// Those of the users' own columns are the expressions of indexes.
    const fn key(self) -> &'static str {
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

const FROM: &str = "users u join states s on s.id = u.state_id left join characters c on c.id = u.main_character_id \
                    left join corporations k on k.id = c.corporation_id";

/// Searched text is cut to this many characters: no name in EVE is longer.
const MAX_SEARCH: usize = 100;

fn list(filter: &Filter) -> List {
    let mut list = List::new(FROM, "u.id");
    if let Some(text) = filter.search.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
        list.and_text(
            "u.id in (select id from users where username ilike ?
                      union all select o.user_id from character_ownerships o join characters x on x.id = o.character_id
                                where x.name ilike ?)",
            keyset::contains(&text.chars().take(MAX_SEARCH).collect::<String>()),
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
            list.and_int(condition, value);
        }
    }
    for (yes, no, value) in [
        ("u.is_active", "not u.is_active", filter.is_active),
        ("u.is_superuser", "not u.is_superuser", filter.is_superuser),
        ("u.is_staff", "not u.is_staff", filter.is_staff),
    ] {
        match value {
            Some(true) => list.and(yes),
            Some(false) => list.and(no),
            None => {}
        }
    }
    list
}

/// Ids of users with their positions.
///
/// # Errors
/// When the database fails.
pub async fn page(
    conn: &mut Conn,
    filter: &Filter,
    order: OrderBy,
    is_descending: bool,
    after: Option<&Position>,
    limit: i64,
) -> Result<Vec<Position>> {
    list(filter).page(conn, order.key(), is_descending, after, limit).await
}

/// How many there are.
///
/// # Errors
/// When the database fails.
pub async fn count(conn: &mut Conn, filter: &Filter) -> Result<i64> {
    list(filter).count(conn).await
}
