//! Reading the logs of groups. They outlive the groups: nothing here checks that the group still exists.

use chrono::{DateTime, Utc};
use diesel::{pg::Pg, prelude::*};
use diesel_async::RunQueryDsl;

use super::model::LogEntry;
use crate::{
    db::{Conn, keyset::pattern, schema::group_log as l},
    error::Result,
};

/// Filter for a group's log; all conditions must hold.
#[derive(Debug, Clone, Default)]
pub struct LogFilter {
    /// Part of the user name or of the main's name, as they were then, ignoring case.
    pub search: Option<String>,
    pub user_id: Option<i64>,
    /// As stored; any of these. Empty: all.
    pub kinds: Vec<&'static str>,
    /// As stored; any of these. Empty: all.
    pub actions: Vec<&'static str>,
    /// Not before.
    pub from: Option<DateTime<Utc>>,
    /// Before.
    pub to: Option<DateTime<Utc>>,
}

fn entries(group_id: i64, filter: &LogFilter) -> l::BoxedQuery<'_, Pg> {
    let mut query = l::table.into_boxed().filter(l::group_id.eq(group_id));
    if let Some(text) = pattern(filter.search.as_deref()) {
        query = query.filter(l::username.ilike(text.clone()).or(l::main_name.ilike(text)));
    }
    if let Some(user_id) = filter.user_id {
        query = query.filter(l::user_id.eq(user_id));
    }
    if !filter.kinds.is_empty() {
        query = query.filter(l::kind.eq_any(&filter.kinds));
    }
    if !filter.actions.is_empty() {
        query = query.filter(l::action.eq_any(&filter.actions));
    }
    if let Some(from) = filter.from {
        query = query.filter(l::at.ge(from));
    }
    if let Some(to) = filter.to {
        query = query.filter(l::at.lt(to));
    }
    query
}

/// Entries of a group's log: the newest ones before `cursor`, or (backwards) the oldest ones after it.
///
/// # Errors
/// When the database fails.
pub async fn log_page(
    conn: &mut Conn,
    group_id: i64,
    filter: &LogFilter,
    is_backward: bool,
    cursor: Option<i64>,
    limit: i64,
) -> Result<Vec<LogEntry>> {
    let mut query = entries(group_id, filter).select(LogEntry::as_select()).limit(limit);
    query = if is_backward {
        query.filter(l::id.gt(cursor.unwrap_or(0))).order(l::id.asc())
    } else {
        query.filter(l::id.lt(cursor.unwrap_or(i64::MAX))).order(l::id.desc())
    };
    Ok(query.load(conn).await?)
}

/// How many entries of a group's log there are.
///
/// # Errors
/// When the database fails.
pub async fn log_count(conn: &mut Conn, group_id: i64, filter: &LogFilter) -> Result<i64> {
    Ok(entries(group_id, filter).count().get_result(conn).await?)
}
