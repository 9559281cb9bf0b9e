//! The log as JSON lines, oldest first: read in pages, so that memory does not grow with its size and no connection
//! is held while a slow reader takes their time.

use std::fmt::Write as _;

use fealty_shared::permission::ViewLogEntry;

use super::log::{self, Filter, From};
use crate::{app::App, error::Result, permissions::Grant};

/// Entries per read.
pub const PAGE: i64 = 1_000;

/// An export in progress.
#[derive(Debug)]
pub struct Export {
    filter: Filter,
    from: From,
    is_done: bool,
}

impl Export {
    /// Exports the entries matching a [checked](Filter::checked) filter: by time, or those after a position of the
    /// chain in its order, so that continuing where an earlier export ended misses none.
    #[must_use]
    pub fn new(filter: Filter, after_position: Option<i64>) -> Self {
        Self { filter, from: after_position.map_or(From::Beginning, From::Position), is_done: false }
    }

    /// The next lines, each with its line break; `None` when there are no more. Taking the grant each time allows the
    /// caller to check the reader again.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn next(&mut self, app: &App, _grant: &Grant<ViewLogEntry>) -> Result<Option<String>> {
        if self.is_done {
            return Ok(None);
        }
        let lines = {
            let mut conn = app.db.conn().await?;
            log::lines(&mut conn, &self.filter, self.from, PAGE).await?
        };
        self.is_done = i64::try_from(lines.len()).is_ok_and(|n| n < PAGE);
        let Some(last) = lines.last() else { return Ok(None) };
        self.from = match self.from {
            From::Beginning | From::Moment(_) => From::Moment(last.moment()),
            From::Position(_) => From::Position(last.position()),
        };
        let mut text = String::with_capacity(lines.iter().map(|line| line.text.len() + 1).sum());
        for line in &lines {
            let _ = writeln!(text, "{}", line.text);
        }
        Ok(Some(text))
    }
}
