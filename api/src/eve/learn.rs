//! Brings what ESI said about where characters fly into the database, through the access engine.

use std::{collections::HashSet, time::Duration};

use diesel_async::AsyncConnection;
use serde_json::{Value, json};

use super::{
    esi::{self, AffiliationBatch, DOOMHEIM, EsiError},
    store,
};
use crate::{
    access::{self, AccessDiff, Actor, AffiliationFact, Cause, Change},
    app::App,
    audit::{self, Named, Thing},
    db::{Conn, Rollback},
    error::{Error, Result},
    jobs, notifications,
};

impl From<EsiError> for Error {
    fn from(error: EsiError) -> Self {
        match error {
            EsiError::RateLimited { retry_after } => Self::RateLimited(retry_after),
            EsiError::NotFound | EsiError::Deleted => Self::NotFound,
            other => Self::Upstream { service: "esi", detail: other.to_string() },
        }
    }
}

/// Where one character flies, asked during a login. A login must not hang on ESI: after three seconds, or on any
/// failure, nothing is known and the job that asks again will find out.
pub async fn ask_now(app: &App, character_id: i64) -> Option<AffiliationFact> {
    let call = app.esi.affiliations(std::slice::from_ref(&character_id));
    match tokio::time::timeout(Duration::from_secs(3), call).await {
        Ok(Ok(found)) => found.first().copied().map(Into::into),
        Ok(Err(error)) => {
            tracing::warn!(character.id = character_id, %error, "ESI does not say where a pilot flies");
            None
        }
        Err(_) => {
            tracing::warn!(character.id = character_id, "ESI takes too long to say where a pilot flies");
            None
        }
    }
}

/// Finds names for organisations that are new to us, so that causes can be put into words. Best effort.
pub async fn names_for(app: &App, nameless: &[i64]) -> Vec<esi::ResolvedName> {
    if nameless.is_empty() {
        return Vec::new();
    }
    let call = app.esi.names(&nameless[..nameless.len().min(esi::MAX_IDS)]);
    match tokio::time::timeout(Duration::from_secs(3), call).await {
        Ok(Ok(names)) => names,
        Ok(Err(error)) => {
            tracing::info!(%error, "names of new organisations are not known yet");
            Vec::new()
        }
        Err(_) => Vec::new(),
    }
}

/// Stores facts that differ, within the caller's transaction. Characters must exist.
///
/// # Errors
/// As [`access::apply`].
pub async fn store_facts(
    conn: &mut Conn,
    app: &App,
    facts: &[AffiliationFact],
    names: &[esi::ResolvedName],
) -> Result<AccessDiff> {
    let changed = store::changed(conn, facts).await?;
    if changed.is_empty() {
        return Ok(AccessDiff::default());
    }
    store::add_names(conn, names).await?;
    store::ensure_organisations(conn, &changed).await?;
    let verb = if changed.len() == 1 { "flies" } else { "fly" };
    let cause = Cause::new(
        Actor::System,
        "affiliations_changed",
        ("sync", String::new(), in_words(changed.len())),
        // Of a new pilot nothing was known before: nobody has moved.
        format!("EVE says where {} {verb} now.", in_words(changed.len())),
    );
    let cause = with_flights(cause, conn, &changed).await?;
    let diff = access::apply(conn, app.clock.now(), &cause, Change::Affiliations(&changed)).await?;
    jobs::enqueue(conn, &super::sync::RefreshOrganisations { only_new: true }).await?;
    Ok(diff)
}

/// "1 character", "2 characters".
pub(super) fn in_words(characters: usize) -> String {
    format!("{characters} character{}", if characters == 1 { "" } else { "s" })
}

/// Adds whose characters they are, and where the first [`audit::NAMED`] of them flew and fly now:
/// `{"count": 1, "characters": [{"character": …, "corporation": …, "alliance": …, "faction": …}]}`, leaving
/// out what they are not in.
async fn with_flights(cause: Cause, conn: &mut Conn, changed: &[AffiliationFact]) -> Result<Cause> {
    let ids: Vec<i64> = changed.iter().map(|fact| fact.character_id).collect();
    let known = store::flown(conn, &ids).await?;
    let now = &changed[..changed.len().min(audit::NAMED)];
    let was: Vec<Flight> = now
        .iter()
        .filter_map(|fact| known.iter().find(|flown| flown.id == fact.character_id))
        .map(|flown| [Some(flown.id), flown.corporation_id, flown.alliance_id, flown.faction_id])
        .collect();
    let is: Vec<Flight> = now
        .iter()
        .map(|fact| [Some(fact.character_id), Some(fact.corporation_id), fact.alliance_id, fact.faction_id])
        .collect();
    let mentioned = was.iter().chain(&is).flat_map(|flight| PARTS.into_iter().zip(flight));
    let named = Named::load(conn, mentioned.filter_map(|((_, thing), id)| Some((thing, [(*id)?])))).await?;
    let told = |flights: &[Flight]| {
        let of = |flight: &Flight| -> Value {
            let parts = PARTS.into_iter().zip(flight);
            parts.filter_map(|((key, thing), id)| Some((key, named.one(thing, (*id)?)))).collect()
        };
        json!({ "count": changed.len(), "characters": flights.iter().map(of).collect::<Vec<_>>() })
    };
    let owners = known.iter().filter_map(|flown| flown.user_id);
    Ok(cause.with_values(told(&was), told(&is)).concerning(owners))
}

/// Ids of a character and of what it flies for, as in [`PARTS`].
type Flight = [Option<i64>; 4];

/// What an audit entry calls the parts of a [`Flight`].
const PARTS: [(&str, Thing); 4] = [
    ("character", Thing::Character),
    ("corporation", Thing::Corporation),
    ("alliance", Thing::Alliance),
    ("faction", Thing::Faction),
];

/// The outcome of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stored {
    /// Characters that moved or were deleted, and users who are worse off for it: in what they may do, or because one
    /// of their characters no longer exists.
    Done { changed: usize, demoted: usize },
    /// More users would be worse off than the brake allows: nothing was changed.
    Braked { demoted: usize },
}

/// Stores a whole batch in one transaction: who flies where, and who no longer exists. `brake`: how many
/// users it may leave worse off.
///
/// # Errors
/// When the database fails.
pub async fn store_batch(app: &App, batch: &AffiliationBatch, brake: Option<usize>) -> Result<Stored> {
    let facts: Vec<AffiliationFact> = batch.found.iter().copied().map(Into::into).collect();
    let mut conn = app.db.conn().await?;
    let found: Vec<i64> = facts.iter().map(|f| f.character_id).collect();
    store::note_refusals(&mut conn, app.clock.now(), &found, &batch.refused()).await?;
    // Looked up before the transaction, which must not wait for ESI.
    let changed = store::changed(&mut conn, &facts).await?;
    let doomed: Vec<i64> = changed
        .iter()
        .filter(|f| f.corporation_id == DOOMHEIM)
        .map(|f| f.character_id)
        .chain(batch.deleted_ids.iter().copied())
        .collect();
    if changed.is_empty() && doomed.is_empty() {
        return Ok(Stored::Done { changed: 0, demoted: 0 });
    }
    let nameless = store::nameless(&mut conn, &changed).await?;
    let names = names_for(app, &nameless).await;
    let stored = conn
        .transaction(async |conn| {
            let mut worse_off = store_facts(conn, app, &changed, &names).await?.demoted();
            for character_id in &doomed {
                worse_off.extend(biomass(conn, app, *character_id).await?);
            }
            let demoted = worse_off.len();
            if brake.is_some_and(|most| demoted > most) {
                return Err(Rollback::With(Stored::Braked { demoted }));
            }
            Ok(Stored::Done { changed: changed.len() + batch.deleted_ids.len(), demoted })
        })
        .await;
    Rollback::outcome(stored)
}

/// A character no longer exists: its owner loses it and is notified. Returns who is worse off; the owner always is,
/// even if it was an alt that gave them nothing.
async fn biomass(conn: &mut Conn, app: &App, character_id: i64) -> Result<HashSet<i64>> {
    use diesel::{ExpressionMethods, OptionalExtension, QueryDsl};
    use diesel_async::RunQueryDsl;

    use crate::db::schema::{character_ownerships as o, characters as c};

    diesel::update(c::table.find(character_id)).set(c::is_biomassed.eq(true)).execute(conn).await?;
    let owner: Option<(i64, String)> = o::table
        .inner_join(c::table)
        .filter(o::character_id.eq(character_id))
        .select((o::user_id, c::name))
        .first(conn)
        .await
        .optional()?;
    let Some((user_id, name)) = owner else { return Ok(HashSet::new()) };
    let now = app.clock.now();
    let cause = Cause::new(
        Actor::System,
        "character_biomassed",
        ("character", character_id.to_string(), name.clone()),
        format!("{name} was biomassed."),
    );
    let cause = cause.with_owners(conn, (character_id, &name), None).await?;
    let diff = access::apply(conn, now, &cause, Change::OwnershipLost { character_id }).await?;
    let notice = notifications::New {
        level: notifications::Level::Warning,
        kind: "character_biomassed",
        about: None,
        title: format!("{name} was biomassed"),
        body: format!("{name} no longer exists in New Eden and was removed from your characters."),
    };
    notifications::send(conn, now, &[user_id], &notice).await?;
    let mut worse_off = diff.demoted();
    worse_off.insert(user_id);
    Ok(worse_off)
}
