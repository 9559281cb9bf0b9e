//! What the database knows about workers, runs and services.

use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName, sql_query,
    sql_types::{BigInt, Bool, Nullable, Text, Timestamptz},
};
use diesel_async::RunQueryDsl;

use crate::{db::Conn, error::Result};

/// Seconds without a sign of life after which no worker is assumed to be running. A running one
/// reports every 5 seconds.
const SILENCE_SECONDS: i64 = 120;
/// Failures in a row before a service counts as down: fewer may pass by themselves.
const FAILURES: i64 = 3;

/// The state of the site.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// Whether a worker has been heard from within the last two minutes.
    pub has_worker: bool,
    /// When one was last heard from; one that was stopped properly leaves no trace.
    pub heard_at: Option<DateTime<Utc>>,
    /// Runs over all characters.
    pub runs: Vec<Run>,
    /// Services that do not answer.
    pub services: Vec<ServiceTrouble>,
}

/// A row of `sync_runs`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    pub kind: String,
    pub started_at: DateTime<Utc>,
    pub finished_at: Option<DateTime<Utc>>,
    /// When the brake was pulled.
    pub stopped_at: Option<DateTime<Utc>>,
    pub last_error: Option<String>,
}

/// A row of `service_health` for a service that does not answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceTrouble {
    pub service: String,
    /// Until when it is left alone.
    pub paused_until: Option<DateTime<Utc>>,
    /// When it last answered properly.
    pub last_ok_at: Option<DateTime<Utc>>,
    pub last_error: Option<String>,
}

/// One row: about a run, a service, or the workers.
#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    about: String,
    #[diesel(sql_type = Nullable<Text>)]
    name: Option<String>,
    #[diesel(sql_type = Bool)]
    is_well: bool,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    begun: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    ended: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    stopped: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Text>)]
    error: Option<String>,
}

/// Reads them, in one statement over three small tables.
///
/// Workers record the database's time, so this is compared with the database's clock; everything else goes by ours.
///
/// # Errors
/// When the database fails.
pub(super) async fn read(conn: &mut Conn, now: DateTime<Utc>) -> Result<Facts> {
    let rows: Vec<Row> = sql_query(
        "select 'worker' as about, null as name, coalesce(max(last_heartbeat_at) > now() - $2 * interval '1 second', false) as is_well,
                max(last_heartbeat_at) as begun, null::timestamptz as ended, null::timestamptz as stopped, null as error
         from graphile_worker._private_workers
         union all
         select 'run', kind, true, started_at, finished_at, stopped_at, last_error from sync_runs
         union all
         select 'service', service, false, last_ok_at, paused_until, null, last_error from service_health
         where failures >= $3 or paused_until >= $1 + interval '1 minute'
         order by about, name",
    )
    .bind::<Timestamptz, _>(now)
    .bind::<BigInt, _>(SILENCE_SECONDS)
    .bind::<BigInt, _>(FAILURES)
    .load(conn)
    .await?;
    let mut facts = Facts::default();
    for row in rows {
        let name = row.name.unwrap_or_default();
        match (row.about.as_str(), row.begun) {
            ("worker", begun) => (facts.has_worker, facts.heard_at) = (row.is_well, begun),
            ("run", Some(started_at)) => facts.runs.push(Run {
                kind: name,
                started_at,
                finished_at: row.ended,
                stopped_at: row.stopped,
                last_error: row.error,
            }),
            ("service", last_ok_at) => facts.services.push(ServiceTrouble {
                service: name,
                paused_until: row.ended,
                last_ok_at,
                last_error: row.error,
            }),
            _ => {}
        }
    }
    Ok(facts)
}
