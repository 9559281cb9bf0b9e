//! Keeps the names of characters up to date: EVE renames some, and their owners may not log in for a long time.

use chrono::{DateTime, Utc};
use diesel_async::AsyncConnection;
use serde::{Deserialize, Serialize};

use super::{
    esi::{EsiError, MAX_IDS, ResolvedName},
    store,
};
use crate::{
    access::{self, Actor, Cause, Change},
    app::App,
    db::Conn,
    error::{Error, Result},
    jobs::Job,
};

/// Asks ESI what all owned characters are called: 1,000 ids per call, once a day.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct RefreshNames {}

/// How many refusals one job may cause while it looks for ids that ESI does not know. Each counts against ESI's error
/// limit; characters in the same call as such an id keep their names for another day.
const MOST_REFUSALS: u32 = 20;

impl Job for RefreshNames {
    const NAME: &'static str = "refresh_names";
    const PRIORITY: i32 = 7;
    /// The schedule brings the next one.
    const MAX_ATTEMPTS: i32 = 3;

    async fn run(self, app: &App) -> Result<()> {
        let (mut cursor, mut refusals) = (0, 0);
        loop {
            let ids = {
                let mut conn = app.db.conn().await?;
                store::owned_after(&mut conn, cursor, MAX_IDS as i64).await?
            };
            let Some(&last) = ids.last() else { return Ok(()) };
            refresh(app, ids, &mut refusals).await?;
            cursor = last;
        }
    }
}

/// One unknown id fails the whole call: then it asks about each half.
async fn refresh(app: &App, ids: Vec<i64>, refusals: &mut u32) -> Result<()> {
    let mut waiting = vec![ids];
    while let Some(ids) = waiting.pop() {
        match app.esi.names(&ids).await {
            Ok(names) => store_names(app, &names).await?,
            Err(EsiError::Rejected { status: 400 | 404, .. } | EsiError::NotFound) => {
                *refusals += 1;
                if *refusals < MOST_REFUSALS && ids.len() > 1 {
                    let (left, right) = ids.split_at(ids.len() / 2);
                    waiting.extend([left.to_vec(), right.to_vec()]);
                } else {
                    tracing::warn!(characters = ids.len(), first = ids[0], "ESI does not name these");
                }
            }
            // Nonsense is not a name; the others continue.
            Err(error @ EsiError::Invalid(_)) => tracing::warn!(%error, "ESI's names make no sense"),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

async fn store_names(app: &App, names: &[ResolvedName]) -> Result<()> {
    let mut conn = app.db.conn().await?;
    conn.transaction::<_, Error, _>(async |conn| correct(conn, app.clock.now(), names).await).await
}

/// Gives characters their names according to EVE, in the caller's transaction: through the access engine, so
/// that services show them and the audit log records it. Characters that already have that name, or are not
/// known here, are left alone.
///
/// # Errors
/// As [`access::apply`].
pub async fn correct(conn: &mut Conn, now: DateTime<Utc>, names: &[ResolvedName]) -> Result<()> {
    let renamed = store::renamed(conn, names).await?;
    let summary = match &renamed[..] {
        [] => return Ok(()),
        [one] => format!("{} is now called {}.", one.old_name, one.name),
        many => format!("{} characters have new names.", many.len()),
    };
    let list = |name: fn(&store::Renamed) -> &String| -> serde_json::Value {
        renamed.iter().map(|one| (one.id.to_string(), serde_json::json!(name(one)))).collect()
    };
    let about = ("sync", String::new(), super::learn::in_words(renamed.len()));
    let cause = Cause::new(Actor::System, "characters_renamed", about, summary)
        .with_values(list(|one| &one.old_name), list(|one| &one.name));
    let changed: Vec<(i64, &str)> = renamed.iter().map(|one| (one.id, one.name.as_str())).collect();
    access::apply(conn, now, &cause, Change::CharactersRenamed(&changed)).await.map(|_| ())
}
