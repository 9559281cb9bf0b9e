//! Whatever a rule may name must be known: what the database does not have is asked of EVE.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{esi::Cached, store};
use crate::{
    access::StateMembers,
    app::App,
    db::schema::{alliances as a, characters as c, corporations as k, factions as f},
    error::{Error, Problem, Result},
};

/// So many unknown corporations and alliances are asked of EVE for one edit.
const MAX_ASKED: usize = 50;
/// So many ids that EVE does not know end the asking: each costs a share of the errors ESI allows everybody here.
const MAX_MISSES: usize = 5;

fn missing(ids: &[i64], known: &[i64]) -> Vec<i64> {
    ids.iter().copied().filter(|id| !known.contains(id)).collect()
}

/// Learns the corporations and alliances of `members` that are not known yet, and says what of them cannot be named:
/// characters that are not known to this site, factions that take no part in faction warfare, ids that EVE does not
/// know.
///
/// # Errors
/// `Upstream` when EVE has to be asked and does not answer.
pub async fn learn(app: &App, members: &StateMembers) -> Result<Vec<Problem>> {
    let mut problems = Vec::new();
    let unknown = |message: String| Problem::new("members", "unknown", message);
    let (corporations, alliances) = {
        let mut conn = app.db.conn().await?;
        let known: Vec<i64> =
            c::table.filter(c::id.eq_any(&members.characters)).select(c::id).load(&mut conn).await?;
        for id in missing(&members.characters, &known) {
            let message =
                format!("No character {id} is known here. Characters are known once they logged in.");
            problems.push(unknown(message));
        }
        let known: Vec<i64> = f::table
            .filter(f::id.eq_any(&members.factions).and(f::militia_corporation_id.is_not_null()))
            .select(f::id)
            .load(&mut conn)
            .await?;
        for id in missing(&members.factions, &known) {
            problems.push(unknown(format!("{id} is no faction that takes part in faction warfare.")));
        }
        let known: Vec<i64> =
            k::table.filter(k::id.eq_any(&members.corporations)).select(k::id).load(&mut conn).await?;
        let corporations = missing(&members.corporations, &known);
        let known: Vec<i64> =
            a::table.filter(a::id.eq_any(&members.alliances)).select(a::id).load(&mut conn).await?;
        (corporations, missing(&members.alliances, &known))
    };
    if corporations.len() + alliances.len() > MAX_ASKED {
        problems.push(unknown(format!(
            "More than {MAX_ASKED} of these corporations and alliances are new; add them in parts."
        )));
        return Ok(problems);
    }
    let (mut new_corporations, mut new_alliances) = (Vec::new(), Vec::new());
    let mut misses = 0;
    for id in corporations {
        if misses == MAX_MISSES {
            return Ok(problems);
        }
        match app.esi.corporation(id, None).await.map_err(Error::from) {
            Ok(Cached { value: Some(value), etag, .. }) => new_corporations.push((id, value, etag)),
            Ok(_) | Err(Error::NotFound) => {
                misses += 1;
                problems.push(unknown(format!("EVE knows no corporation {id}.")));
            }
            Err(error) => return Err(error),
        }
    }
    for id in alliances {
        if misses == MAX_MISSES {
            return Ok(problems);
        }
        match app.esi.alliance(id, None).await.map_err(Error::from) {
            Ok(Cached { value: Some(value), etag, .. }) => new_alliances.push((id, value, etag)),
            Ok(_) | Err(Error::NotFound) => {
                misses += 1;
                problems.push(unknown(format!("EVE knows no alliance {id}.")));
            }
            Err(error) => return Err(error),
        }
    }
    if new_corporations.is_empty() && new_alliances.is_empty() {
        return Ok(problems);
    }
    let now = app.clock.now();
    let (db, new_alliances, new_corporations) = (&app.db, &new_alliances, &new_corporations);
    db.transaction(async |conn| {
        for (id, alliance, etag) in new_alliances {
            store::add_alliance(conn, *id).await?;
            store::put_alliance(conn, now, *id, etag.as_deref(), alliance).await?;
        }
        for (id, corporation, etag) in new_corporations {
            store::add_corporation(conn, *id).await?;
            store::put_corporation(conn, now, *id, etag.as_deref(), corporation).await?;
        }
        Ok(())
    })
    .await?;
    Ok(problems)
}
