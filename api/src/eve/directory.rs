//! Finding characters, corporations and alliances.

use crate::{
    db::{
        Conn,
        keyset::{self, List, Position, Slice},
    },
    error::Result,
    text,
};

/// What is listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    Characters,
    Corporations,
    Alliances,
}

/// Filter for what is listed.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Part of the name; for organisations also the start of the ticker.
    pub search: Option<String>,
    pub corporation_id: Option<i64>,
    pub alliance_id: Option<i64>,
    pub faction_id: Option<i64>,
    /// Only this user's own characters, or where they fly: for those who may not see what the
    /// site knows about others.
    pub of_user: Option<i64>,
}

/// Each table has an index on this expression.
const KEY: &str = "coalesce(lower(x.name), '')";

/// What a user (`?`) knows through their own characters, for rows `x`.
pub(crate) const fn own(what: What) -> &'static str {
    match what {
        What::Characters => "x.id in (select character_id from character_ownerships where user_id = ?)",
        What::Corporations => {
            "x.id in (select c.corporation_id from character_ownerships o join characters c on c.id = o.character_id
                      where o.user_id = ?)"
        }
        What::Alliances => {
            "x.id in (select c.alliance_id from character_ownerships o join characters c on c.id = o.character_id
                      where o.user_id = ?)"
        }
    }
}

/// Whether it is one of the user's own characters, or one of these flies there.
///
/// # Errors
/// When the database fails.
pub async fn is_own(conn: &mut Conn, what: What, user_id: i64, id: i64) -> Result<bool> {
    let mut list = list(what, &Filter { of_user: Some(user_id), ..Filter::default() });
    list.and_value("x.id = ?", id);
    Ok(list.count(conn).await? > 0)
}

fn list(what: What, filter: &Filter) -> List {
    let mut list = match what {
        What::Characters => List::new("characters x", "x.id"),
        What::Corporations => List::new("corporations x", "x.id"),
        What::Alliances => List::new("alliances x", "x.id"),
    };
    if let Some(text) = text::searched(filter.search.as_deref()) {
        match what {
            What::Characters => list.and_value("x.name ilike ?", keyset::contains(&text)),
            // One value for both columns: the pattern may match anywhere only in the name.
            What::Corporations | What::Alliances => {
                list.and_value("(x.name ilike '%' || ? or x.ticker ilike ?)", keyset::starts_with(&text));
            }
        }
    }
    if let Some(user_id) = filter.of_user {
        list.and_value(own(what), user_id);
    }
    for (condition, value) in [
        ("x.corporation_id = ?", filter.corporation_id),
        ("x.alliance_id = ?", filter.alliance_id),
        ("x.faction_id = ?", filter.faction_id),
    ] {
        if let Some(value) = value {
            list.and_value(condition, value);
        }
    }
    list
}

/// Ids with their positions, by name.
///
/// # Errors
/// When the database fails.
pub async fn page(
    conn: &mut Conn,
    what: What,
    filter: &Filter,
    slice: &Slice<Position>,
) -> Result<Vec<Position>> {
    list(what, filter).page(conn, KEY, slice).await
}

/// How many there are.
///
/// # Errors
/// When the database fails.
pub async fn count(conn: &mut Conn, what: What, filter: &Filter) -> Result<i64> {
    list(what, filter).count(conn).await
}
