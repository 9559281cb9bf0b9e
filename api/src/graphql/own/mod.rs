//! What people see of themselves, read in one statement together with the session that proves who they are.
//!
//! The pages every member opens all day show little but his own: characters, service accounts, how he
//! stands to groups, the beginning of his history and of his notifications. Field by field that would be a statement and a wait each. Instead
//!
//! 1. [`Asked`] looks ahead in the parsed document for what of it the operation asks,
//! 2. [`find`] reads that in the statement that looks the session up,
//! 3. resolvers look here first ([`super::context::own`]) and load what is not here as for everybody else.
//!
//! Rules
//! - Nothing outlives the request: sessions and access are read from the database each time.
//! - What is here is only ever a shorter way to the same answer. An operation that was misread costs a statement more.
//! - Queries of sessions only. After a mutation what was read before is old; bots and other people's data go through
//!   the loaders.
//!
//! A new part is a field of [`Asked`], a field of [`Own`], its SQL in `parts.rs`, and the resolver that takes it.

mod asked;
mod parts;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde::{Serialize, de::DeserializeOwned};

pub use asked::Asked;

use super::{
    connection::Page,
    loaders::{AllianceRow, CharacterRow, CorporationRow},
    types::history,
};
use crate::{
    crypto,
    db::Conn,
    error::Result,
    groups,
    identity::session::{self, Session},
    notifications::Notification,
    services::status::AccountRow,
};

/// What was read of one person; `None`: not asked for.
#[derive(Debug, Default)]
pub struct Own {
    pub characters: Option<Characters>,
    pub accounts: Option<Vec<AccountRow>>,
    pub history: Option<First<history::Row>>,
    pub notifications: Option<First<Notification>>,
    pub unread: Option<i64>,
    pub groups: Option<groups::Standing>,
}

/// Somebody's characters by name, and where they fly.
#[derive(Debug, Default)]
pub struct Characters {
    pub rows: Vec<CharacterRow>,
    /// By id, each once.
    corporations: Vec<CorporationRow>,
    alliances: Vec<AllianceRow>,
}

/// The first rows of a list.
#[derive(Debug)]
pub struct First<T> {
    limit: i64,
    rows: Vec<T>,
}

impl Own {
    /// One of his characters.
    pub fn character(&self, id: i64) -> Option<&CharacterRow> {
        self.characters.as_ref()?.rows.iter().find(|row| row.id == id)
    }

    /// A corporation one of his characters is in.
    pub fn corporation(&self, id: i64) -> Option<&CorporationRow> {
        let all = &self.characters.as_ref()?.corporations;
        all.get(all.binary_search_by_key(&id, |row| row.id).ok()?)
    }

    /// An alliance one of his characters is in.
    pub fn alliance(&self, id: i64) -> Option<&AllianceRow> {
        let all = &self.characters.as_ref()?.alliances;
        all.get(all.binary_search_by_key(&id, |row| row.id).ok()?)
    }
}

impl Characters {
    fn new(found: Vec<parts::CharacterRecord>) -> Self {
        let mut characters = Self::default();
        for record in found {
            let (row, corporation, alliance) = record.split();
            characters.rows.push(row);
            characters.corporations.extend(corporation);
            characters.alliances.extend(alliance);
        }
        characters.corporations.sort_unstable_by_key(|row| row.id);
        characters.corporations.dedup_by_key(|row| row.id);
        characters.alliances.sort_unstable_by_key(|row| row.id);
        characters.alliances.dedup_by_key(|row| row.id);
        characters
    }
}

impl<T: Clone> First<T> {
    /// The rows of `page`, if they are among these.
    pub fn page<K: Serialize + DeserializeOwned>(&self, page: &Page<K>) -> Option<Vec<T>> {
        let is_here = page.cursor.is_none() && !page.is_backward && page.fetch() <= self.limit;
        is_here.then(|| self.rows.iter().take(page.limit + 1).cloned().collect())
    }
}

/// As [`session::find`], with what was asked for of the session's user.
///
/// # Errors
/// When the database fails.
pub async fn find(
    conn: &mut Conn,
    now: DateTime<Utc>,
    token: &str,
    asked: &Asked,
) -> Result<Option<(Session, Own)>> {
    if *asked == Asked::default() {
        let session = session::find(conn, now, token).await?;
        return Ok(session.map(|session| (session, Own::default())));
    }
    let row: Option<(parts::Row, session::Row)> = session::unexpired(crypto::token_hash(token), now)
        .select((parts::columns(asked), session::columns()))
        .first(conn)
        .await
        .optional()?;
    let Some(((characters, accounts, history, notifications, unread, standing), row)) = row else {
        return Ok(None);
    };
    let own = Own {
        characters: characters.map(Characters::new),
        accounts,
        history: history.zip(asked.history).map(|(rows, limit)| First { limit, rows }),
        notifications: notifications.zip(asked.notifications).map(|(rows, limit)| First { limit, rows }),
        unread,
        groups: groups::Standing::from_row(standing),
    };
    Ok(session::accept(conn, now, row).await?.map(|session| (session, own)))
}
