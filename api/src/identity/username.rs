//! User names made from character names.

use diesel::{QueryableByName, sql_query, sql_types::Text};
use diesel_async::RunQueryDsl;

use crate::{db::Conn, error::Result};

/// The name a user gets if it is free: without apostrophes, spaces as underscores (`Char O'Neil` -> `Char_ONeil`).
#[must_use]
pub fn base(character_name: &str) -> String {
    let name: String = character_name
        .trim()
        .chars()
        .filter(|c| *c != '\'')
        .map(|c| if c.is_whitespace() { '_' } else { c })
        .take(140)
        .collect();
    if name.is_empty() { "pilot".to_owned() } else { name }
}

/// The first free name: the base itself, or else with the smallest free suffix from `_2` on.
///
/// Unlike Alliance Auth, which counts every name that merely begins the same way. Two registrations at the same
/// moment may be given the same name; the unique index accepts one of them, and the other caller asks again.
///
/// # Errors
/// When the database fails.
pub async fn free(conn: &mut Conn, character_name: &str) -> Result<String> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        username: String,
    }
    let base = base(character_name);
    let row: Row = sql_query(
        "with recursive candidate (n, name) as (
             select 1, $1
             union all
             select n + 1, $1 || '_' || (n + 1) from candidate
             where exists (select from users where lower(username) = lower(candidate.name))
         )
         select name as username from candidate order by n desc limit 1",
    )
    .bind::<Text, _>(&base)
    .get_result(conn)
    .await?;
    Ok(row.username)
}

#[cfg(test)]
mod tests {
    use super::base;

    #[test]
    fn names_become_user_names() {
        assert_eq!(base("Char O'Neil"), "Char_ONeil");
        assert_eq!(base("  Two  Spaces "), "Two__Spaces");
        assert_eq!(base("'"), "pilot");
    }
}
