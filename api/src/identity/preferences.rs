//! Somebody's preferences for the SPA.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::{
    app::App,
    db::schema::users as u,
    error::{Error, Problem, Result},
};

/// The maximum length of a language's name, as in the column.
const MAX_LANGUAGE: usize = 10;
/// The same for a theme; the SPA ships some in addition to its own.
const MAX_THEME: usize = 32;

/// The preferences to save; those that are `None` stay as they are.
#[derive(Debug, Clone, Default, AsChangeset)]
#[diesel(table_name = u)]
pub struct Preferences {
    pub language: Option<String>,
    pub theme: Option<String>,
}

fn is_word(text: &str, most: usize) -> bool {
    (1..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

impl Preferences {
    fn problems(&self) -> Vec<Problem> {
        [("language", &self.language, MAX_LANGUAGE), ("theme", &self.theme, MAX_THEME)]
            .into_iter()
            .filter(|(_, value, most)| value.as_deref().is_some_and(|text| !is_word(text, *most)))
            .map(|(field, ..)| Problem::new(field, "invalid", "Letters, digits and hyphens only."))
            .collect()
    }
}

/// Saves them, all or nothing.
///
/// # Errors
/// `Invalid` with a problem for each one that is not a word, `Internal` when the database fails.
pub async fn save(app: &App, user_id: i64, wanted: Preferences) -> Result<()> {
    let problems = wanted.problems();
    if !problems.is_empty() {
        return Err(Error::Invalid(problems));
    }
    if wanted.language.is_none() && wanted.theme.is_none() {
        return Ok(());
    }
    let mut conn = app.db.conn().await?;
    diesel::update(u::table.find(user_id)).set(wanted).execute(&mut conn).await?;
    Ok(())
}
