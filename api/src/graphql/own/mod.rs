//! What people see of themselves: read in one statement, and cached until it changes.
//!
//! The pages that every member opens all day show little but their own data: characters, service accounts, where they
//! stand with groups, and the start of their history and notifications. Field by field, each of these would cost a
//! statement and a wait. Instead:
//!
//! 1. [`Asked`] looks ahead in the parsed document to see which of these parts the operation asks for,
//! 2. the statement that looks up the session also reads the service accounts, which are few and change without their
//!    owner, and [`Stamp`]: numbers that differ as soon as a transaction that changed any of the rest has committed
//!    (triggers of the migration `own_versions`),
//! 3. what is cached for the user under this very stamp is used; otherwise [`find`] reads everything
//!    asked for in one statement,
//! 4. resolvers look here first ([`super::context::own`]) and load what is missing in the same
//!    way as for everybody else.
//!
//! Rules
//! - Sessions, users, their access and accounts are read from the database for each request. Nothing shown
//!   is older than the request.
//! - What is here is only ever a shortcut to the same answer. Misreading an operation only costs one more statement.
//! - Only for queries in a session. After a mutation, what was read before is stale; bots and other people's
//!   data go through the loaders.
//!
//! A new part takes a field in [`Asked`], a field in [`Own`], its SQL in `parts.rs`, the resolver that uses it,
//! and triggers on its tables.

mod asked;
mod kept;
mod parts;

use std::sync::Arc;

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde::{Serialize, de::DeserializeOwned};

pub use asked::Asked;
pub use kept::Kept;

use super::connection::Page;
use crate::{
    access::history::Change,
    app::App,
    crypto,
    db::{
        Conn,
        schema::{group_catalogue as gc, organisation_catalogue as oc, own_versions as ov, users as u},
    },
    error::Result,
    eve::shown::{AllianceRow, CharacterRow, CorporationRow},
    groups,
    identity::session::{self, Session},
    notifications::Notification,
    services::status::AccountRow,
};

/// What is known about the viewer, loaded with their session; `None`: not asked for.
#[derive(Debug)]
pub struct AtHand {
    /// Service accounts.
    pub accounts: Option<Vec<AccountRow>>,
    own: Arc<Own>,
}

impl std::ops::Deref for AtHand {
    type Target = Own;

    fn deref(&self) -> &Own {
        &self.own
    }
}

/// What is cached for one person; `None`: not asked for.
#[derive(Debug, Default)]
pub struct Own {
    pub characters: Option<Characters>,
    pub history: Option<First<Change>>,
    pub notifications: Option<First<Notification>>,
    pub unread_notifications: Option<First<Notification>>,
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
    /// How many rows this amounts to.
    fn rows(&self) -> usize {
        let characters = self
            .characters
            .as_ref()
            .map_or(0, |all| all.rows.len() + all.corporations.len() + all.alliances.len());
        characters
            + self.history.as_ref().map_or(0, |first| first.rows.len())
            + self.notifications.as_ref().map_or(0, |first| first.rows.len())
            + self.unread_notifications.as_ref().map_or(0, |first| first.rows.len())
            + self.groups.as_ref().map_or(0, groups::Standing::rows)
    }

    /// One of their characters.
    pub fn character(&self, id: i64) -> Option<&CharacterRow> {
        self.characters.as_ref()?.rows.iter().find(|row| row.id == id)
    }

    /// A corporation that one of their characters is in.
    pub fn corporation(&self, id: i64) -> Option<&CorporationRow> {
        let all = &self.characters.as_ref()?.corporations;
        all.get(all.binary_search_by_key(&id, |row| row.id).ok()?)
    }

    /// An alliance that one of their characters is in.
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
    /// The rows of `page`, if these include them.
    pub fn page<K: Serialize + DeserializeOwned>(&self, page: &Page<K>) -> Option<Vec<T>> {
        let is_here = page.cursor.is_none() && !page.is_backward && page.fetch() <= self.limit;
        is_here.then(|| self.rows.iter().take(page.limit + 1).cloned().collect())
    }
}

/// When what people see of themselves last changed: the user's own data, corporations and alliances, groups. `None`:
/// nobody keeps track of that, so nothing is cached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp([i64; 3]);

type StampRow = (Option<i64>, Option<i64>, Option<i64>);

impl Stamp {
    fn new((own, organisations, groups): StampRow) -> Option<Self> {
        Some(Self([own?, organisations?, groups?]))
    }
}

/// What a [`Stamp`] is made of, to be selected with a row of `users`.
#[diesel::dsl::auto_type]
fn stamp() -> _ {
    let own: ov::table = ov::table;
    (
        own.filter(ov::user_id.eq(u::id)).select(ov::version).single_value(),
        oc::table.select(oc::version).single_value(),
        gc::table.select(gc::version).single_value(),
    )
}

/// What is read for each request.
type FirstRow = (StampRow, Option<Vec<AccountRow>>, session::Row);

/// As [`session::find`], along with what was asked for about the session's user.
///
/// # Errors
/// When the database fails.
pub async fn find(app: &App, token: &str, asked: &Asked) -> Result<Option<(Session, Option<AtHand>)>> {
    let mut conn = app.db.conn().await?;
    let now = app.clock.now();
    if *asked == Asked::default() {
        let session = session::find(&mut conn, now, token).await?;
        return Ok(session.map(|session| (session, Some(AtHand { accounts: None, own: Arc::default() }))));
    }
    let row: Option<FirstRow> = session::unexpired(crypto::token_hash(token), now)
        .select((stamp(), parts::accounts(asked), session::columns()))
        .first(&mut conn)
        .await
        .optional()?;
    let Some((stamp, accounts, row)) = row else { return Ok(None) };
    let Some(session) = session::accept(&mut conn, now, row).await? else { return Ok(None) };
    let user_id = session.user.id;
    let own = match app.own.get(user_id, Stamp::new(stamp), asked) {
        Ok(kept) => kept,
        Err(wanted) => {
            let (stamp, own) = load(&mut conn, user_id, &wanted).await?;
            app.own.put(user_id, stamp, wanted, own)
        }
    };
    Ok(Some((session, Some(AtHand { accounts, own }))))
}

/// What is read when nothing is cached.
type AllRow = (StampRow, parts::Row);

/// Reads what is wanted, and when it last changed, in one statement.
async fn load(conn: &mut Conn, user_id: i64, wanted: &Asked) -> Result<(Option<Stamp>, Own)> {
    let (stamp, row): AllRow =
        u::table.find(user_id).select((stamp(), parts::columns(wanted))).first(conn).await?;
    let (characters, history, notifications, unread_notifications, unread, standing) = row;
    let own = Own {
        characters: characters.map(Characters::new),
        history: history.zip(wanted.history).map(|(rows, limit)| First { limit, rows }),
        notifications: notifications.zip(wanted.notifications).map(|(rows, limit)| First { limit, rows }),
        unread_notifications: unread_notifications
            .zip(wanted.unread_notifications)
            .map(|(rows, limit)| First { limit, rows }),
        unread,
        groups: groups::Standing::from_row(standing),
    };
    Ok((Stamp::new(stamp), own))
}
