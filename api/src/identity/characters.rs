//! What users do with their characters once they have them.

use chrono::{DateTime, Duration, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use fealty_shared::id::UserId;

use super::users;
use crate::{
    access::{
        self, Actor, Cause, Change,
        edit::{self, Edited, Way},
    },
    app::App,
    db::{
        Rollback,
        schema::{character_ownerships as o, characters as c, users as u},
    },
    error::{Error, Result},
    eve::{store, sync::RefreshCharacters},
    jobs,
};

/// How often a user may have EVE asked again.
const REFRESH_PAUSE: Duration = Duration::minutes(1);

/// What came of choosing a main.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MainSet {
    /// With what followed for the user.
    Changed(Edited),
    /// What would follow for the user; nothing was written.
    Looked(Edited),
    Unchanged,
    NotOwned,
}

/// Makes one of the user's own characters their main, or only looks at what would follow.
///
/// # Errors
/// When the database fails.
pub async fn set_main(
    app: &App,
    actor: Actor,
    user_id: i64,
    character_id: i64,
    way: Way<'_>,
) -> Result<MainSet> {
    let (db, actor) = (&app.db, &actor);
    db.tentative(async |conn| {
        access::hold_rules(conn).await?;
        // The character before the user, as the sync does: so neither sees a state computed
        // from where it flew before.
        store::lock_character(conn, character_id).await?;
        let user = users::find_for_update(conn, user_id).await?.ok_or(Error::NotFound)?;
        if user.main_character_id == Some(character_id) {
            return Ok(MainSet::Unchanged);
        }
        let name: Option<String> = o::table
            .inner_join(c::table)
            .filter(
                o::character_id.eq(character_id).and(o::user_id.eq(user_id)).and(c::is_biomassed.eq(false)),
            )
            .select(c::name)
            .first(conn)
            .await
            .optional()?;
        let Some(name) = name else { return Ok(MainSet::NotOwned) };
        let cause = Cause::new(
            actor.clone(),
            "main_changed",
            ("user", UserId(user_id).to_string(), user.username.clone()),
            format!("{name} became the main character."),
        )
        .with_mains(conn, user.main_character_id, character_id)
        .await?;
        let change = Change::MainChanged { user_id, character_id };
        let what = character_id.to_string();
        let ended = edit::run_fact(app, conn, &cause, (user_id, &what), &[change], way).await;
        match ended {
            Ok(edited) => Ok(MainSet::Changed(edited.for_oneself(user_id))),
            Err(Rollback::With(edited)) => Err(Rollback::With(MainSet::Looked(edited.for_oneself(user_id)))),
            Err(Rollback::Failed(error)) => Err(error.into()),
        }
    })
    .await
}

/// Asks EVE where the user's characters fly, at most once a minute. `Err(at)`: when EVE may be asked again.
///
/// # Errors
/// When the database fails.
pub async fn refresh(app: &App, user_id: i64) -> Result<std::result::Result<DateTime<Utc>, DateTime<Utc>>> {
    let now = app.clock.now();
    let db = &app.db;
    db.transaction(async |conn| {
        let last: Option<DateTime<Utc>> =
            u::table.find(user_id).select(u::characters_refreshed_at).for_no_key_update().first(conn).await?;
        if let Some(again) = last.map(|last| last + REFRESH_PAUSE).filter(|again| *again > now) {
            return Ok(Err(again));
        }
        diesel::update(u::table.find(user_id)).set(u::characters_refreshed_at.eq(now)).execute(conn).await?;
        jobs::enqueue(conn, &RefreshCharacters { user_id }).await?;
        Ok(Ok(now + REFRESH_PAUSE))
    })
    .await
}
