//! Keeps characters, corporations and alliances in step with ESI, in jobs.

use chrono::{DateTime, Utc};
use diesel::{BoolExpressionMethods, ExpressionMethods, OptionalExtension, QueryDsl};
use diesel_async::{AsyncConnection, RunQueryDsl};
use futures_util::{StreamExt, stream};
use serde::{Deserialize, Serialize};

use super::{
    esi::{AffiliationBatch, Cached, EsiError, MAX_IDS},
    learn::{self, Stored},
    store::{self, Organisation},
};
use crate::{
    app::App,
    db::schema::sync_runs,
    error::{Error, Result},
    jobs::{Job, brake, late},
};

/// The run over all characters in `sync_runs`, and the queue of its job.
pub const AFFILIATIONS: &str = "affiliations";

/// Asks ESI where every character flies: 1,000 ids per call, in the order of the ids.
///
/// Progress is kept in `sync_runs`: if a worker dies half-way, another one continues with the batch that was in
/// progress; repeating that one changes nothing.
///
/// A batch that is answered oddly, or not at all, time after time does not hold up those behind it: its characters
/// are unknown in this run, and nothing happens to them.
///
/// Characters that ESI refuses individually are left out for longer and longer, up to a week.
///
/// A run that finds out about fewer than half of the characters it asks about is not a success, whatever ESI answers:
/// it does not finish but starts over, and superusers are notified as for every run that does not finish.
///
/// A run that leaves more users worse off than `worker.brake_users` stops, and stays stopped until
/// an operator looks into it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SyncAffiliations {
    /// An operator decided that the losses that pulled the brake are real.
    pub release_brake: bool,
}

/// How often a batch is tried. More often than one job is attempted: the last try comes with a later tick, when
/// temporary trouble has mostly passed.
const TRIES: i32 = 6;

impl Job for SyncAffiliations {
    const NAME: &'static str = "sync_affiliations";
    const PRIORITY: i32 = 5;
    /// The schedule brings the next run soon enough.
    const MAX_ATTEMPTS: i32 = 5;
    const QUEUE: Option<&'static str> = Some(AFFILIATIONS);

    fn key(&self) -> Option<String> {
        // It has a key of its own, so that the schedule's next tick does not replace it.
        Some(if self.release_brake { format!("{}:release", Self::NAME) } else { Self::NAME.to_owned() })
    }

    async fn run(self, app: &App) -> Result<()> {
        let mut run = begin(app).await?;
        if run.is_stopped && !self.release_brake {
            tracing::warn!("the affiliation sync is stopped until an operator releases the brake");
            return Ok(());
        }
        tell_if_late(app).await?;
        let limit = {
            let mut conn = app.db.conn().await?;
            brake::limit(&mut conn, &app.config.worker, self.release_brake).await?
        };
        loop {
            let ids = {
                let mut conn = app.db.conn().await?;
                store::characters_after(&mut conn, app.clock.now(), run.cursor, MAX_IDS as i64).await?
            };
            let Some(&last) = ids.last() else { break };
            let batch = match app.esi.affiliations_bisecting(&ids).await {
                Ok(batch) => batch,
                Err(error) => {
                    if !is_given_up(app, &Failure::of(&error)).await? {
                        return Err(error.into());
                    }
                    AffiliationBatch { unresolved: ids.clone(), ..AffiliationBatch::default() }
                }
            };
            let brake = limit.map(|most| most.saturating_sub(run.demoted));
            let (changed, unknown) = match learn::store_batch(app, &batch, brake).await {
                Ok(Stored::Done { changed, demoted }) => {
                    run.demoted += demoted;
                    (changed, batch.unknown())
                }
                Ok(Stored::Braked { demoted }) => return pull_brake(app, run.demoted + demoted).await,
                // Nor must something that the database refuses in one batch hold up the others for ever.
                Err(error) => {
                    if !is_given_up(app, &Failure::of_store(&error)).await? {
                        return Err(error);
                    }
                    (0, ids.len())
                }
            };
            if let Some(error) = batch.interrupted
                && !is_given_up(app, &Failure::of(&error)).await?
            {
                return Err(error.into());
            }
            run.cursor = last;
            advance(app, &run, ids.len(), changed, unknown).await?;
            metrics::counter!("fealty_characters_checked_total").increment(ids.len() as u64);
        }
        finish(app).await
    }
}

/// How far a run has got.
struct Run {
    /// The last id that was dealt with.
    cursor: i64,
    /// Users it has left worse off so far.
    demoted: usize,
    /// Whether the brake was pulled.
    is_stopped: bool,
}

/// Where to continue: after the last run's progress if it did not finish, otherwise from the start.
async fn begin(app: &App) -> Result<Run> {
    type Row = (i64, i64, Option<DateTime<Utc>>, Option<DateTime<Utc>>);
    let now = app.clock.now();
    let mut conn = app.db.conn().await?;
    let row: Option<Row> = sync_runs::table
        .find(AFFILIATIONS)
        .select((sync_runs::cursor, sync_runs::demoted, sync_runs::stopped_at, sync_runs::finished_at))
        .first(&mut conn)
        .await
        .optional()?;
    if let Some((cursor, demoted, stopped_at, None)) = row {
        let demoted = usize::try_from(demoted).unwrap_or(0);
        return Ok(Run { cursor, demoted, is_stopped: stopped_at.is_some() });
    }
    let fresh = (
        sync_runs::started_at.eq(now),
        sync_runs::finished_at.eq(None::<DateTime<Utc>>),
        sync_runs::stopped_at.eq(None::<DateTime<Utc>>),
        sync_runs::cursor.eq(0),
        sync_runs::checked.eq(0),
        sync_runs::changed.eq(0),
        sync_runs::unresolved.eq(0),
        sync_runs::demoted.eq(0),
        sync_runs::last_error.eq(None::<String>),
        sync_runs::batch_failures.eq(0),
        sync_runs::late_told_at.eq(None::<DateTime<Utc>>),
    );
    diesel::insert_into(sync_runs::table)
        .values((sync_runs::kind.eq(AFFILIATIONS), fresh.clone()))
        .on_conflict(sync_runs::kind)
        .do_update()
        .set(fresh)
        .execute(&mut conn)
        .await?;
    Ok(Run { cursor: 0, demoted: 0, is_stopped: false })
}

async fn advance(app: &App, run: &Run, checked: usize, changed: usize, unresolved: usize) -> Result<()> {
    let is_answered = unresolved < checked;
    let mut conn = app.db.conn().await?;
    diesel::update(sync_runs::table.find(AFFILIATIONS))
        .set((
            sync_runs::cursor.eq(run.cursor),
            sync_runs::demoted.eq(run.demoted as i64),
            sync_runs::stopped_at.eq(None::<DateTime<Utc>>),
            sync_runs::batch_failures.eq(0),
            sync_runs::checked.eq(sync_runs::checked + checked as i64),
            sync_runs::changed.eq(sync_runs::changed + changed as i64),
            sync_runs::unresolved.eq(sync_runs::unresolved + unresolved as i64),
            is_answered.then(|| sync_runs::resolved_at.eq(app.clock.now())),
        ))
        .execute(&mut conn)
        .await?;
    Ok(())
}

/// The end of the list: the run is done, if it learnt anything to speak of. Else it begins again with the next tick, as the
/// same run: since when it does not succeed is remembered, why, and how many users it made worse off.
async fn finish(app: &App) -> Result<()> {
    let now = app.clock.now();
    let mut conn = app.db.conn().await?;
    let (checked, unresolved, error): (i64, i64, Option<String>) = sync_runs::table
        .find(AFFILIATIONS)
        .select((sync_runs::checked, sync_runs::unresolved, sync_runs::last_error))
        .first(&mut conn)
        .await?;
    if unresolved * 2 <= checked {
        diesel::update(sync_runs::table.find(AFFILIATIONS))
            .set((sync_runs::finished_at.eq(now), sync_runs::last_error.eq(None::<String>)))
            .execute(&mut conn)
            .await?;
        metrics::gauge!("fealty_affiliation_sync_finished_timestamp_seconds").set(now.timestamp() as f64);
        return Ok(());
    }
    let error =
        error.unwrap_or_else(|| format!("nothing was learnt of {unresolved} of {checked} characters"));
    tracing::error!(checked, unresolved, error, "ESI says too little of where pilots fly; going round again");
    metrics::counter!("fealty_affiliation_sync_fruitless_total").increment(1);
    diesel::update(sync_runs::table.find(AFFILIATIONS))
        .set((
            sync_runs::cursor.eq(0),
            sync_runs::checked.eq(0),
            sync_runs::changed.eq(0),
            sync_runs::unresolved.eq(0),
            sync_runs::last_error.eq(error),
        ))
        .execute(&mut conn)
        .await?;
    Ok(())
}

/// Why a batch came to nothing.
struct Failure {
    error: String,
    /// Whether it says something about the batch; a limit does not.
    counts: bool,
    /// Whether it will pass, and so is waited for.
    is_temporary: bool,
}

impl Failure {
    fn of(error: &EsiError) -> Self {
        Self {
            error: error.to_string(),
            counts: !matches!(error, EsiError::RateLimited { .. }),
            is_temporary: error.is_temporary(),
        }
    }

    fn of_store(error: &Error) -> Self {
        Self {
            error: format!("an answer could not be stored: {}", error.for_operators()),
            counts: true,
            is_temporary: true,
        }
    }
}

/// Records that a batch failed. Returns whether to go on without it: a lasting refusal would hold up everybody behind
/// it. For temporary trouble the next try asks for this batch again, but no more than [`TRIES`] times.
async fn is_given_up(app: &App, failure: &Failure) -> Result<bool> {
    let mut conn = app.db.conn().await?;
    let failures: i32 = diesel::update(sync_runs::table.find(AFFILIATIONS))
        .set((
            sync_runs::last_error.eq(&failure.error),
            sync_runs::batch_failures.eq(sync_runs::batch_failures + i32::from(failure.counts)),
        ))
        .returning(sync_runs::batch_failures)
        .get_result(&mut conn)
        .await?;
    let is_given_up = !failure.is_temporary || (failure.counts && failures >= TRIES);
    if is_given_up {
        tracing::error!(
            error = failure.error,
            failures,
            "a batch of characters is given up: they are unknown in this run"
        );
        metrics::counter!("fealty_affiliation_batches_given_up_total").increment(1);
    }
    Ok(is_given_up)
}

/// Notifies superusers that a run does not finish, and of what is known about the reason.
async fn tell_if_late(app: &App) -> Result<()> {
    let now = app.clock.now();
    let mut conn = app.db.conn().await?;
    conn.transaction::<_, Error, _>(async |conn| {
        type Row = (DateTime<Utc>, Option<DateTime<Utc>>, Option<String>);
        let row: Option<Row> = sync_runs::table
            .find(AFFILIATIONS)
            .filter(sync_runs::finished_at.is_null())
            .filter(sync_runs::started_at.lt(now - late::LATE))
            .filter(sync_runs::late_told_at.is_null().or(sync_runs::late_told_at.le(now - late::AGAIN)))
            .select((sync_runs::started_at, sync_runs::resolved_at, sync_runs::last_error))
            .for_update()
            .first(conn)
            .await
            .optional()?;
        let Some((began, resolved_at, error)) = row else { return Ok(()) };
        let mut body = format!("The run that began at {} has not finished yet.", late::in_words(began));
        body += &match resolved_at {
            Some(at) => format!(" EVE last said where pilots fly at {}.", late::in_words(at)),
            None => " EVE has not yet said where pilots fly.".to_owned(),
        };
        if let Some(error) = error {
            body += &format!(" The last error: {error}.");
        }
        let refused = store::long_refused(conn).await?;
        if refused > 0 {
            let plural = if refused == 1 { "" } else { "s" };
            body += &format!(" For days, EVE has refused to say anything about {refused} character{plural}.");
        }
        late::tell(conn, now, AFFILIATIONS, "The affiliation sync does not finish", body).await
    })
    .await
}

/// Stops the sync until somebody looks into it. Superusers are notified.
async fn pull_brake(app: &App, demoted: usize) -> Result<()> {
    let now = app.clock.now();
    let would = &format!("{demoted} users would lose access");
    let db = &app.db;
    db.transaction(async |conn| {
        brake::pull(conn, now, AFFILIATIONS, "The affiliation sync stopped", would).await
    })
    .await
}

/// Asks ESI about one user's characters: after a login during which ESI did not answer, or
/// because the user asked for it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RefreshCharacters {
    pub user_id: i64,
}

impl Job for RefreshCharacters {
    const NAME: &'static str = "refresh_characters";
    const PRIORITY: i32 = -1;

    fn key(&self) -> Option<String> {
        Some(format!("{}:{}", Self::NAME, self.user_id))
    }

    async fn run(self, app: &App) -> Result<()> {
        let ids = {
            let mut conn = app.db.conn().await?;
            store::characters_of(&mut conn, self.user_id).await?
        };
        for chunk in ids.chunks(MAX_IDS) {
            let batch = app.esi.affiliations_bisecting(chunk).await?;
            learn::store_batch(app, &batch, None).await?;
        }
        let mut conn = app.db.conn().await?;
        crate::events::send(&mut conn, crate::events::Topic::Characters, &[self.user_id]).await
    }
}

/// Asks ESI about corporations, alliances and factions.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct RefreshOrganisations {
    /// Only those never asked about.
    pub only_new: bool,
}

impl Job for RefreshOrganisations {
    const NAME: &'static str = "refresh_organisations";
    const PRIORITY: i32 = 3;
    const MAX_ATTEMPTS: i32 = 8;

    fn key(&self) -> Option<String> {
        Some(format!("{}:{}", Self::NAME, if self.only_new { "new" } else { "all" }))
    }

    async fn run(self, app: &App) -> Result<()> {
        let now = app.clock.now();
        // ESI itself caches these for an hour (x-cache-age 3600): asking earlier cannot bring anything new.
        let before = if self.only_new { DateTime::UNIX_EPOCH } else { now - chrono::Duration::hours(1) };
        if !self.only_new {
            // They only change with expansions, and are there since the first answer: no
            // reason to hold up the others.
            if let Err(error) = refresh_factions(app, now).await {
                tracing::warn!(error = error.for_operators(), "the factions could not be refreshed");
            }
        }
        refresh_all(app, Organisation::Alliance, before).await?;
        refresh_all(app, Organisation::Corporation, before).await
    }
}

async fn refresh_factions(app: &App, now: DateTime<Utc>) -> Result<()> {
    let Cached { value, .. } = app.esi.factions(None).await?;
    let mut conn = app.db.conn().await?;
    store::put_factions(&mut conn, now, &value.unwrap_or_default()).await
}

/// How many organisations are asked about at the same time.
const PARALLEL: usize = 8;
/// How many may fail in one job before the fault is ESI's rather than theirs.
const MOST_ODD: usize = 20;

async fn refresh_all(app: &App, kind: Organisation, before: DateTime<Utc>) -> Result<()> {
    let mut odd = 0;
    loop {
        let page = {
            let mut conn = app.db.conn().await?;
            store::stale(&mut conn, kind, before, 500).await?
        };
        if page.is_empty() {
            return Ok(());
        }
        let mut answers =
            stream::iter(page).map(|stale| refresh_one(app, kind, stale)).buffer_unordered(PARALLEL);
        while let Some(answer) = answers.next().await {
            odd += usize::from(answer?);
            if odd > MOST_ODD {
                let detail = format!("{odd} organisations could not be read");
                return Err(Error::Upstream { service: "esi", detail });
            }
        }
    }
}

/// Returns whether ESI's answer was odd. If so, this one is asked about again in the next round, not in this one, and
/// the others continue; the same goes for an organisation that ESI does not know. A limit applies to all of them.
async fn refresh_one(app: &App, kind: Organisation, stale: store::Stale) -> Result<bool> {
    let (now, id) = (app.clock.now(), stale.id);
    let etag = stale.etag.as_deref();
    let learnt = match kind {
        Organisation::Corporation => match app.esi.corporation(id, etag).await {
            Ok(Cached { value: Some(value), etag, .. }) => {
                let mut conn = app.db.conn().await?;
                store::put_corporation(&mut conn, now, id, etag.as_deref(), &value).await
            }
            other => learnt_nothing(other.map(|_| ())),
        },
        Organisation::Alliance => match app.esi.alliance(id, etag).await {
            Ok(Cached { value: Some(value), etag, .. }) => {
                let mut conn = app.db.conn().await?;
                store::put_alliance(&mut conn, now, id, etag.as_deref(), &value).await
            }
            other => learnt_nothing(other.map(|_| ())),
        },
    };
    let is_odd = match learnt {
        Ok(()) => false,
        Err(error @ Error::RateLimited(_)) => return Err(error),
        Err(error) => {
            tracing::warn!(?kind, id, error = error.for_operators(), "no telling what an organisation is");
            true
        }
    };
    let mut conn = app.db.conn().await?;
    store::touch(&mut conn, kind, now, id).await?;
    Ok(is_odd)
}

/// 304, or ESI knows no such organisation: nothing odd about that.
fn learnt_nothing(answer: Result<(), EsiError>) -> Result<()> {
    match answer {
        Ok(()) | Err(EsiError::NotFound | EsiError::Deleted) => Ok(()),
        Err(error) => Err(error.into()),
    }
}
