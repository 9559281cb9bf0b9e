//! Everything a rule may name must be known: EVE is asked about what the database does not have.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{
    esi::{self, Cached, EsiError},
    learn, store,
};
use crate::{
    access::{self, AffiliationFact, StateMembers},
    app::App,
    db::schema::{alliances as a, characters as c, corporations as k, factions as f},
    error::{Error, Problem, Result},
};

/// How many unknown characters, corporations and alliances EVE is asked about for one edit.
const MAX_ASKED: usize = 50;
/// How many ids unknown to EVE end the asking: each costs part of the errors that ESI allows everybody here.
const MAX_MISSES: usize = 5;

fn missing(ids: &[i64], known: &[i64]) -> Vec<i64> {
    ids.iter().copied().filter(|id| !known.contains(id)).collect()
}

/// What EVE says about one, and its `ETag`; `None`: there is no such thing.
fn answered<T>(answer: Result<Cached<T>, EsiError>) -> Result<Option<(T, Option<String>)>> {
    match answer.map_err(Error::from) {
        Ok(Cached { value, etag, .. }) => Ok(value.map(|value| (value, etag))),
        Err(Error::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Learns about the characters, corporations and alliances in `members` that are not known yet, and returns what
/// cannot be named: factions that take no part in faction warfare, and ids that EVE does not know.
///
/// # Errors
/// `Upstream` when EVE has to be asked and does not answer.
pub async fn learn_members(app: &App, members: &StateMembers) -> Result<Vec<Problem>> {
    let mut problems = Vec::new();
    let unknown = |message: String| Problem::new("members", "unknown", message);
    let (characters, corporations, alliances) = {
        let mut conn = app.db.conn().await?;
        let known: Vec<i64> =
            c::table.filter(c::id.eq_any(&members.characters)).select(c::id).load(&mut conn).await?;
        let characters = missing(&members.characters, &known);
        let known: Vec<i64> = f::table
            .filter(f::id.eq_any(&members.factions).and(f::militia_corporation_id.is_not_null()))
            .select(f::id)
            .load(&mut conn)
            .await?;
        for id in missing(&members.factions, &known) {
            problems.push(unknown(format!("{id} is not a faction of factional warfare.")));
        }
        let known: Vec<i64> =
            k::table.filter(k::id.eq_any(&members.corporations)).select(k::id).load(&mut conn).await?;
        let corporations = missing(&members.corporations, &known);
        let known: Vec<i64> =
            a::table.filter(a::id.eq_any(&members.alliances)).select(a::id).load(&mut conn).await?;
        (characters, corporations, missing(&members.alliances, &known))
    };
    if characters.len() + corporations.len() + alliances.len() > MAX_ASKED {
        problems.push(unknown(format!(
            "More than {MAX_ASKED} of these characters, corporations and alliances are new; add fewer at a time."
        )));
        return Ok(problems);
    }
    let mut new = New::default();
    let mut misses = 0;
    for (kind, ids) in
        [(Kind::Character, characters), (Kind::Corporation, corporations), (Kind::Alliance, alliances)]
    {
        for id in ids {
            if misses == MAX_MISSES {
                return Ok(problems);
            }
            if !new.ask(app, kind, id).await? {
                misses += 1;
                problems.push(unknown(format!("EVE does not know the {} {id}.", kind.word())));
            }
        }
    }
    new.store(app).await?;
    Ok(problems)
}

/// What EVE is asked about.
#[derive(Clone, Copy)]
enum Kind {
    Character,
    Corporation,
    Alliance,
}

impl Kind {
    const fn word(self) -> &'static str {
        match self {
            Self::Character => "character",
            Self::Corporation => "corporation",
            Self::Alliance => "alliance",
        }
    }
}

/// What EVE answered.
#[derive(Default)]
struct New {
    characters: Vec<(i64, String)>,
    corporations: Vec<(i64, esi::Corporation, Option<String>)>,
    alliances: Vec<(i64, esi::Alliance, Option<String>)>,
}

impl New {
    /// Asks EVE about one thing. Returns whether it exists.
    async fn ask(&mut self, app: &App, kind: Kind, id: i64) -> Result<bool> {
        Ok(match kind {
            Kind::Character => {
                let found = answered(app.esi.character(id, None).await)?;
                found.map(|(value, _)| self.characters.push((id, value.name))).is_some()
            }
            Kind::Corporation => {
                let found = answered(app.esi.corporation(id, None).await)?;
                found.map(|(value, etag)| self.corporations.push((id, value, etag))).is_some()
            }
            Kind::Alliance => {
                let found = answered(app.esi.alliance(id, None).await)?;
                found.map(|(value, etag)| self.alliances.push((id, value, etag))).is_some()
            }
        })
    }

    async fn store(&self, app: &App) -> Result<()> {
        if self.characters.is_empty() && self.corporations.is_empty() && self.alliances.is_empty() {
            return Ok(());
        }
        // Where they fly; a character's own record is from last night. Without an answer, the
        // hourly sync will find out.
        let ids: Vec<i64> = self.characters.iter().map(|(id, _)| *id).collect();
        let facts: Vec<AffiliationFact> = if ids.is_empty() {
            Vec::new()
        } else {
            match app.esi.affiliations(&ids).await {
                Ok(found) => found.into_iter().map(Into::into).collect(),
                Err(error) => {
                    tracing::warn!(%error, "ESI does not say where the characters of a rule fly");
                    Vec::new()
                }
            }
        };
        let nameless = store::nameless(&mut *app.db.conn().await?, &facts).await?;
        let names = learn::names_for(app, &nameless).await;
        let (db, facts, names) = (&app.db, &facts, &names);
        let now = app.clock.now();
        db.transaction(async |conn| {
            access::hold_rules(conn).await?;
            for (id, alliance, etag) in &self.alliances {
                store::add_alliance(conn, *id).await?;
                store::put_alliance(conn, now, *id, etag.as_deref(), alliance).await?;
            }
            for (id, corporation, etag) in &self.corporations {
                store::add_corporation(conn, *id).await?;
                store::put_corporation(conn, now, *id, etag.as_deref(), corporation).await?;
            }
            for (id, name) in &self.characters {
                store::put_character(conn, now, *id, name).await?;
            }
            learn::store_facts(conn, app, facts, names).await?;
            Ok(())
        })
        .await
    }
}
