//! Rows of service accounts: marks, claims, confirmations.

use chrono::{DateTime, Duration, Utc};
use diesel::{
    OptionalExtension, QueryableByName, sql_query,
    sql_types::{Array, BigInt, Bool, Bytea, Jsonb, Nullable, Text, Timestamptz},
};
use diesel_async::RunQueryDsl;

use super::{Account, Confirmed, Facts, Main, Reconcile, Wanted};
use crate::{
    db::Conn,
    error::{Error, Result},
    jobs,
};

/// How long a claim holds. A worker that dies in between delays the account by at most this.
const LEASE: Duration = Duration::seconds(30);

/// An account that was claimed for work.
#[derive(Debug)]
pub(super) struct Claimed {
    pub id: i64,
    pub user_id: i64,
    /// The mark that is being worked off; a newer one keeps the account due.
    pub revision: i64,
    pub attempts: i32,
    pub account: Account,
    pub facts: Facts,
    pub external_name: String,
}

#[derive(QueryableByName)]
struct ClaimedRow {
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = BigInt)]
    user_id: i64,
    #[diesel(sql_type = BigInt)]
    marked_revision: i64,
    #[diesel(sql_type = diesel::sql_types::Integer)]
    attempts: i32,
    #[diesel(sql_type = Text)]
    external_id: String,
    #[diesel(sql_type = Text)]
    external_name: String,
    #[diesel(sql_type = Nullable<Bytea>)]
    credentials: Option<Vec<u8>>,
    #[diesel(sql_type = Bool)]
    is_unlinked: bool,
}

#[derive(QueryableByName)]
struct FactsRow {
    #[diesel(sql_type = Text)]
    username: String,
    #[diesel(sql_type = Bool)]
    is_allowed: bool,
    #[diesel(sql_type = Text)]
    state: String,
    #[diesel(sql_type = Nullable<Text>)]
    main: Option<String>,
    #[diesel(sql_type = Array<Text>)]
    groups: Vec<String>,
}

/// Claims the most urgent account that is due: revocations first, then the oldest mark.
///
/// The facts are read by a second statement, on purpose: within one, a revocation that commits while the claim waits for
/// the row would show its new revision beside the facts from before it, and the old access would be settled as the new.
/// Facts newer than the revision do no harm: their own mark keeps the account due.
pub(super) async fn claim(conn: &mut Conn, now: DateTime<Utc>, service: &str) -> Result<Option<Claimed>> {
    let row: Option<ClaimedRow> = sql_query(
        "update service_accounts set in_flight_until = $3
         where id = (
             select id from service_accounts
             where service = $1 and marked_revision > settled_revision and next_attempt_at <= $2
               and (in_flight_until is null or in_flight_until <= $2)
             order by is_revocation desc, marked_at, id limit 1 for update skip locked)
         returning id, user_id, marked_revision, attempts, external_id, external_name, credentials, is_unlinked",
    )
    .bind::<Text, _>(service)
    .bind::<Timestamptz, _>(now)
    .bind::<Timestamptz, _>(now + LEASE)
    .get_result(conn)
    .await
    .optional()?;
    let Some(row) = row else { return Ok(None) };
    let facts: FactsRow = sql_query(
        "select u.username, $2 = any (u.services) as is_allowed, s.name as state, c.name as main,
                array(select g.name from groups g where g.id = any (u.group_ids) order by g.name collate \"C\") as groups
         from users u join states s on s.id = u.state_id left join characters c on c.id = u.main_character_id
         where u.id = $1",
    )
    .bind::<BigInt, _>(row.user_id)
    .bind::<Text, _>(service)
    .get_result(conn)
    .await?;
    Ok(Some(Claimed {
        id: row.id,
        user_id: row.user_id,
        revision: row.marked_revision,
        attempts: row.attempts,
        external_name: row.external_name,
        account: Account {
            external_id: row.external_id,
            credentials: row.credentials,
            username: facts.username,
        },
        facts: Facts {
            is_allowed: facts.is_allowed,
            is_unlinked: row.is_unlinked,
            state: facts.state,
            groups: facts.groups,
            main: facts.main.map(|name| Main { name }),
        },
    }))
}

/// Keeps fresh credentials, unless the account was linked anew in the meantime.
pub(super) async fn keep_credentials(conn: &mut Conn, claimed: &Claimed, fresh: &[u8]) -> Result<()> {
    sql_query(
        "update service_accounts set credentials = $2 where id = $1 and credentials is not distinct from $3",
    )
    .bind::<BigInt, _>(claimed.id)
    .bind::<Bytea, _>(fresh)
    .bind::<Nullable<Bytea>, _>(claimed.account.credentials.as_deref())
    .execute(conn)
    .await?;
    Ok(())
}

/// Services with work that is due and not paused.
pub(super) async fn due_services(conn: &mut Conn, now: DateTime<Utc>) -> Result<Vec<String>> {
    #[derive(QueryableByName)]
    struct Service {
        #[diesel(sql_type = Text)]
        service: String,
    }
    let rows: Vec<Service> = sql_query(
        "select distinct sa.service from service_accounts sa left join service_health h on h.service = sa.service
         where sa.marked_revision > sa.settled_revision and sa.next_attempt_at <= $1
           and (sa.in_flight_until is null or sa.in_flight_until <= $1)
           and (h.paused_until is null or h.paused_until <= $1)
         order by sa.service",
    )
    .bind::<Timestamptz, _>(now)
    .load(conn)
    .await?;
    Ok(rows.into_iter().map(|row| row.service).collect())
}

/// The service confirmed what was wanted.
pub(super) async fn settle(
    conn: &mut Conn,
    now: DateTime<Utc>,
    claimed: &Claimed,
    wanted: &Wanted,
    confirmed: &Confirmed,
) -> Result<()> {
    sql_query(
        "update service_accounts set settled_revision = greatest(settled_revision, $2), wanted = $3, actual = $4,
                confirmed_at = $5, in_flight_until = null, attempts = 0,
                last_error = null
         where id = $1",
    )
    .bind::<BigInt, _>(claimed.id)
    .bind::<BigInt, _>(claimed.revision)
    .bind::<Jsonb, _>(serde_json::to_value(wanted).map_err(Error::internal)?)
    .bind::<Jsonb, _>(&confirmed.actual)
    .bind::<Timestamptz, _>(now)
    .execute(conn)
    .await?;
    Ok(())
}

/// The service confirmed that the account is gone: the row goes too, unless it was marked again in between (access came
/// back); then it stays due, with nothing on the service. Says whether the row went.
pub(super) async fn forget(conn: &mut Conn, claimed: &Claimed) -> Result<bool> {
    let gone = sql_query("delete from service_accounts where id = $1 and marked_revision = $2")
        .bind::<BigInt, _>(claimed.id)
        .bind::<BigInt, _>(claimed.revision)
        .execute(conn)
        .await?;
    if gone == 0 {
        sql_query("update service_accounts set settled_revision = $2, actual = null, in_flight_until = null where id = $1")
            .bind::<BigInt, _>(claimed.id)
            .bind::<BigInt, _>(claimed.revision)
            .execute(conn)
            .await?;
    }
    Ok(gone > 0)
}

/// The account stays due and is tried again at `again`.
pub(super) async fn postpone(
    conn: &mut Conn,
    claimed: &Claimed,
    again: DateTime<Utc>,
    error: &str,
) -> Result<()> {
    sql_query(
        "update service_accounts set in_flight_until = null, attempts = attempts + 1, last_error = $3,
                -- a mark set in between wants to be tried at once
                next_attempt_at = case when marked_revision = $4 then $2 else next_attempt_at end
         where id = $1",
    )
    .bind::<BigInt, _>(claimed.id)
    .bind::<Timestamptz, _>(again)
    .bind::<Text, _>(error)
    .bind::<BigInt, _>(claimed.revision)
    .execute(conn)
    .await?;
    Ok(())
}

#[derive(QueryableByName)]
struct At {
    #[diesel(sql_type = Nullable<Timestamptz>)]
    at: Option<DateTime<Utc>>,
}

/// When the next account is due, if any waits.
pub(super) async fn next_due(conn: &mut Conn, service: &str) -> Result<Option<DateTime<Utc>>> {
    let row: At = sql_query(
        "select min(greatest(next_attempt_at, coalesce(in_flight_until, next_attempt_at))) as at
         from service_accounts where service = $1 and marked_revision > settled_revision",
    )
    .bind::<Text, _>(service)
    .get_result(conn)
    .await?;
    Ok(row.at)
}

/// Until when the service is left alone.
pub(super) async fn paused_until(conn: &mut Conn, service: &str) -> Result<Option<DateTime<Utc>>> {
    let row: Option<At> = sql_query("select paused_until as at from service_health where service = $1")
        .bind::<Text, _>(service)
        .get_result(conn)
        .await
        .optional()?;
    Ok(row.and_then(|row| row.at))
}

/// The service answered as it should.
pub(super) async fn healthy(conn: &mut Conn, now: DateTime<Utc>, service: &str) -> Result<()> {
    sql_query(
        "insert into service_health (service, last_ok_at) values ($1, $2)
         on conflict (service) do update set paused_until = null, failures = 0, last_error = null, last_ok_at = $2",
    )
    .bind::<Text, _>(service)
    .bind::<Timestamptz, _>(now)
    .execute(conn)
    .await?;
    Ok(())
}

/// The service failed: it is left alone for `retry_after`, or for 2 s, doubled by each failure, at most 1 minute.
/// Returns until when.
pub(super) async fn pause(
    conn: &mut Conn,
    now: DateTime<Utc>,
    service: &str,
    retry_after: Option<std::time::Duration>,
    error: &str,
) -> Result<DateTime<Utc>> {
    let asked = retry_after.and_then(|d| Duration::from_std(d).ok()).map(|d| now + d.min(Duration::hours(1)));
    let row: At = sql_query(
        "insert into service_health as h (service, paused_until, failures, last_error, last_failed_at)
         values ($1, coalesce($3, $2 + interval '2 seconds'), 1, $4, $2)
         on conflict (service) do update set failures = h.failures + 1, last_error = $4, last_failed_at = $2,
                paused_until = coalesce($3, $2 + least(60, power(2, least(h.failures + 1, 6))) * interval '1 second')
         returning paused_until as at",
    )
    .bind::<Text, _>(service)
    .bind::<Timestamptz, _>(now)
    .bind::<Nullable<Timestamptz>, _>(asked)
    .bind::<Text, _>(error)
    .get_result(conn)
    .await?;
    Ok(row.at.unwrap_or(now))
}

/// Names of a corporation changed: the accounts of its mains want a look.
///
/// # Errors
/// When the database fails.
pub async fn mark_corporation(conn: &mut Conn, now: DateTime<Utc>, corporation_id: i64) -> Result<()> {
    #[derive(QueryableByName)]
    struct Service {
        #[diesel(sql_type = Text)]
        service: String,
    }
    let services: Vec<Service> = sql_query(
        "with marked as (
             update service_accounts sa set marked_revision = marked_revision + 1, marked_at = $2, next_attempt_at = $2
             from users u join characters c on c.id = u.main_character_id
             where sa.user_id = u.id and c.corporation_id = $1 returning sa.service)
         select distinct service from marked",
    )
    .bind::<BigInt, _>(corporation_id)
    .bind::<Timestamptz, _>(now)
    .load(conn)
    .await?;
    for row in services {
        jobs::enqueue(conn, &Reconcile { service: row.service }).await?;
    }
    Ok(())
}
