//! Finding people and organisations by the beginning of their names, while somebody is typing.
//!
//! Names that begin with the text come first, in order, from an index in that order; only if there are too few, and
//! from three characters on, names that contain it elsewhere follow, from the trigram indexes. So each key press
//! costs about the same, however many names there are.

use diesel::{
    QueryableByName, sql_query,
    sql_types::{BigInt, Bool, Text},
};
use diesel_async::RunQueryDsl;

use crate::{
    db::{Conn, keyset},
    error::Result,
    eve::directory::{self, What},
    text::MAX_SEARCH,
};

/// Fewer characters find nothing: everything would begin with them.
pub const SHORTEST: usize = 2;
/// From this many on, names that merely contain them are found, too: trigrams need three.
const WITHIN: usize = 3;

/// The text to search for: trimmed, and not too long.
#[derive(Debug, Clone)]
pub struct Words(String);

impl Words {
    /// `None`: too short to find anything.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        // PostgreSQL's text cannot hold NUL.
        let text: String = text.replace('\0', "").trim().chars().take(MAX_SEARCH).collect();
        (text.chars().count() >= SHORTEST).then_some(Self(text))
    }

    /// How well a name matches: 0 begins with it, 1 contains it, `None` not at all.
    #[must_use]
    pub fn rank(&self, name: &str) -> Option<u8> {
        let (name, wanted) = (name.to_lowercase(), self.0.to_lowercase());
        if name.starts_with(&wanted) {
            return Some(0);
        }
        (wanted.chars().count() >= WITHIN && name.contains(&wanted)).then_some(1)
    }
}

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = BigInt)]
    id: i64,
}

/// What begins with `$1`; U+10FFFF sorts after everything. Matches the indexes
/// `users_username_order` and `.._name_order`.
macro_rules! begins {
    ($key:literal) => {
        concat!($key, " collate \"C\" >= lower($1) and ", $key, " collate \"C\" < lower($1) || U&'\\+10FFFF'")
    };
}

/// The best of what begins with the text (`near`) and, if those are too few, of what contains it
/// (`far`, which looks at 500).
const BEST: &str = "select id from (
         select id, key, 0 as rank from near
         union all
         select id, key, 1 from far where id not in (select id from near)
     ) found group by id order by min(rank), min(key) collate \"C\", id limit $3";

/// Ids of users, by their user name or by any of their characters' names.
///
/// # Errors
/// When the database fails.
pub async fn users(conn: &mut Conn, words: &Words, limit: i64) -> Result<Vec<i64>> {
    // One user's characters are often called alike: many of them are looked at, so that they do not crowd out others.
    let near = concat!(
        "(select u.id, lower(u.username) as key from users u where ",
        begins!("lower(u.username)"),
        " order by lower(u.username) collate \"C\", u.id limit $3)
          union all
          (select o.user_id, lower(x.name) from characters x join character_ownerships o on o.character_id = x.id where ",
        begins!("coalesce(lower(x.name), '')"),
        " order by coalesce(lower(x.name), '') collate \"C\", x.id limit 20 * $3)"
    );
    let far = "(select id, lower(username) as key from users
                where $4 and (select count(distinct id) from near) < $3 and username ilike $2 limit 500)
               union all
               (select o.user_id, lower(x.name) from characters x join character_ownerships o on o.character_id = x.id
                where $4 and (select count(distinct id) from near) < $3 and x.name ilike $2 limit 500)";
    run(conn, near, far, words, limit, 0).await
}

/// Ids of characters, corporations or alliances; with `of_user`: only their own characters, and where these fly.
///
/// # Errors
/// When the database fails.
pub async fn known(
    conn: &mut Conn,
    what: What,
    words: &Words,
    of_user: Option<i64>,
    limit: i64,
) -> Result<Vec<i64>> {
    let (table, ticker) = match what {
        What::Characters => ("characters", ""),
        What::Corporations => ("corporations", "starts_with(lower(x.ticker), lower($1)) or"),
        What::Alliances => ("alliances", "starts_with(lower(x.ticker), lower($1)) or"),
    };
    let own = match of_user {
        None => "$5 = 0".to_owned(),
        Some(_) => directory::own(what).replace('?', "$5"),
    };
    let begins = begins!("coalesce(lower(x.name), '')");
    let near = format!(
        "select x.id, coalesce(lower(x.name), '') as key from {table} x where {begins} and {own}
         order by coalesce(lower(x.name), '') collate \"C\", x.id limit $3"
    );
    let far = format!(
        "select x.id, coalesce(lower(x.name), '') as key from {table} x
         where (select count(*) from near) < $3 and ({ticker} ($4 and x.name ilike $2)) and {own} limit 500"
    );
    run(conn, &near, &far, words, limit, of_user.unwrap_or(0)).await
}

async fn run(
    conn: &mut Conn,
    near: &str,
    far: &str,
    words: &Words,
    limit: i64,
    of_user: i64,
) -> Result<Vec<i64>> {
    let statement = format!("with near as materialized ({near}), far as materialized ({far}) {BEST}");
    let found: Vec<Found> = sql_query(statement)
        .bind::<Text, _>(&words.0)
        .bind::<Text, _>(keyset::contains(&words.0))
        .bind::<BigInt, _>(limit)
        .bind::<Bool, _>(words.0.chars().count() >= WITHIN)
        .bind::<BigInt, _>(of_user)
        .load(conn)
        .await?;
    Ok(found.into_iter().map(|found| found.id).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_little_finds_nothing() {
        for text in ["", " ", "a", " a ", "\0a"] {
            assert!(Words::parse(text).is_none(), "{text:?}");
        }
        assert_eq!(Words::parse(&format!("  {}", "é".repeat(1_000))).unwrap().0.chars().count(), MAX_SEARCH);
    }

    #[test]
    fn what_begins_so_fits_better() {
        let words = Words::parse("Lo").unwrap();
        assert_eq!((words.rank("logistics"), words.rank("Slow")), (Some(0), None));
        let words = Words::parse("GIS").unwrap();
        assert_eq!(
            (words.rank("Gisela"), words.rank("Logistics"), words.rank("Scouts")),
            (Some(0), Some(1), None)
        );
    }
}
