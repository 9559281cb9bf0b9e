//! The log as JSON lines, oldest first: read in pages, so that memory does not follow its size and no connection is held
//! while a slow reader takes his time.

use std::fmt::Write as _;

use super::log::{self, Filter, Place};
use crate::{app::App, error::Result};

/// Entries of one read.
pub const PAGE: i64 = 1_000;

/// An export under way.
#[derive(Debug)]
pub struct Export {
    filter: Filter,
    at: Option<Place>,
    is_done: bool,
}

impl Export {
    /// Of the entries of a [checked](Filter::checked) filter.
    #[must_use]
    pub const fn new(filter: Filter) -> Self {
        Self { filter, at: None, is_done: false }
    }

    /// The next lines, each with its end; `None` when there are no more.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn next(&mut self, app: &App) -> Result<Option<String>> {
        if self.is_done {
            return Ok(None);
        }
        let lines = {
            let mut conn = app.db.conn().await?;
            log::lines(&mut conn, &self.filter, self.at, PAGE).await?
        };
        self.is_done = i64::try_from(lines.len()).is_ok_and(|n| n < PAGE);
        let Some(last) = lines.last() else { return Ok(None) };
        self.at = Some(last.place());
        let mut text = String::with_capacity(lines.iter().map(|line| line.text.len() + 1).sum());
        for line in &lines {
            let _ = writeln!(text, "{}", line.text);
        }
        Ok(Some(text))
    }
}
