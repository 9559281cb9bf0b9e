//! `/health/live`, `/health/ready`, `/metrics`.

use std::sync::OnceLock;

use diesel::{
    QueryableByName, sql_query,
    sql_types::{BigInt, Bool, Nullable, Timestamptz},
};
use diesel_async::RunQueryDsl;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use poem::{IntoResponse, Response, handler, http::StatusCode, web::Data};

use crate::{app::App, error::Result, eve::store};

/// The process's metrics. Installed once; later calls return the same.
pub fn metrics_recorder() -> &'static PrometheusHandle {
    static RECORDER: OnceLock<PrometheusHandle> = OnceLock::new();
    RECORDER.get_or_init(|| {
        const BUCKETS: &[f64] =
            &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];
        let builder = PrometheusBuilder::new();
        let builder = match builder.set_buckets(BUCKETS) {
            Ok(builder) => builder,
            Err(_) => PrometheusBuilder::new(),
        };
        let recorder = builder.build_recorder();
        let handle = recorder.handle();
        if metrics::set_global_recorder(recorder).is_err() {
            tracing::warn!("another metrics recorder is installed; /metrics stays empty");
        }
        handle
    })
}

/// The process runs.
#[handler]
pub async fn live() -> &'static str {
    "ok"
}

#[derive(QueryableByName)]
struct Ready {
    #[diesel(sql_type = Bool)]
    is_migrated: bool,
}

async fn is_ready(app: &App) -> Result<bool> {
    let mut conn = app.db.conn().await?;
    let row: Ready =
        sql_query("select to_regclass('sync_runs') is not null as is_migrated").get_result(&mut conn).await?;
    Ok(row.is_migrated)
}

/// The database answers and has our tables, so requests will succeed.
#[handler]
pub async fn ready(Data(app): Data<&App>) -> Response {
    match tokio::time::timeout(std::time::Duration::from_secs(3), is_ready(app)).await {
        Ok(Ok(true)) => "ready".into_response(),
        Ok(Ok(false)) => "the database is not migrated: run `fealtyctl migrate`"
            .with_status(StatusCode::SERVICE_UNAVAILABLE)
            .into_response(),
        _ => "the database does not answer".with_status(StatusCode::SERVICE_UNAVAILABLE).into_response(),
    }
}

#[derive(QueryableByName)]
struct Gauges {
    #[diesel(sql_type = BigInt)]
    jobs: i64,
    #[diesel(sql_type = BigInt)]
    marks: i64,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    synced_at: Option<chrono::DateTime<chrono::Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    resolved_at: Option<chrono::DateTime<chrono::Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    tokens_answered_at: Option<chrono::DateTime<chrono::Utc>>,
}

async fn read_gauges(app: &App) -> Result<()> {
    let mut conn = app.db.conn().await?;
    let row: Gauges = sql_query(
        "select (select count(*) from graphile_worker._private_jobs) as jobs,
                (select count(*) from service_accounts where marked_revision > settled_revision) as marks,
                (select finished_at from sync_runs where kind = 'affiliations') as synced_at,
                (select resolved_at from sync_runs where kind = 'affiliations') as resolved_at,
                (select resolved_at from sync_runs where kind = 'tokens') as tokens_answered_at",
    )
    .get_result(&mut conn)
    .await?;
    metrics::gauge!("fealty_jobs_waiting").set(row.jobs as f64);
    metrics::gauge!("fealty_service_accounts_due").set(row.marks as f64);
    metrics::gauge!("fealty_characters_refused").set(store::long_refused(&mut conn).await? as f64);
    for (name, at) in [
        ("fealty_affiliation_sync_finished_timestamp_seconds", row.synced_at),
        ("fealty_affiliation_sync_resolved_timestamp_seconds", row.resolved_at),
        ("fealty_token_check_answered_timestamp_seconds", row.tokens_answered_at),
    ] {
        if let Some(at) = at {
            metrics::gauge!(name).set(at.timestamp() as f64);
        }
    }
    Ok(())
}

/// Metrics in Prometheus text format.
#[handler]
pub async fn scrape(Data(app): Data<&App>) -> Response {
    if let Err(error) = read_gauges(app).await {
        tracing::warn!(?error, "some metrics could not be read");
    }
    metrics_recorder().render().with_content_type("text/plain; version=0.0.4").into_response()
}
