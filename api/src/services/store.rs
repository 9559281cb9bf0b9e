//! Rows of service accounts: marks, claims, confirmations.
//!
//! A fresh mark is due at the epoch, which is past by any clock. Everything else about time goes by the
//! database's clock ([`now`]).

use chrono::{DateTime, Duration, Utc};
use diesel::{
    BoolExpressionMethods, ExpressionMethods, OptionalExtension, QueryDsl, QueryableByName, sql_query,
    sql_types::{Array, BigInt, Bool, Bytea, Jsonb, Nullable, Text, Timestamptz},
};
use diesel_async::RunQueryDsl;

use super::{
    Account, Confirmed, Facts, Main, Observed, Reconcile, RoleRegistry, StandsFor, Wanted, WantedRole,
    status::Failure,
};
use crate::{
    clock::SharedClock,
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
    #[diesel(sql_type = BigInt)]
    state_id: i64,
    #[diesel(sql_type = Text)]
    state: String,
    #[diesel(sql_type = Nullable<Text>)]
    main: Option<String>,
    #[diesel(sql_type = Array<BigInt>)]
    group_ids: Vec<i64>,
    #[diesel(sql_type = Array<Text>)]
    groups: Vec<String>,
}

/// The current moment by the database's clock. It alone decides when accounts become due, and when claims and pauses
/// end: the clocks of servers and workers differ, and one that is slow must not hold up what another one has marked.
///
/// # Errors
/// When the database fails.
pub(super) async fn now(conn: &mut Conn, clock: &SharedClock) -> Result<DateTime<Utc>> {
    #[derive(QueryableByName)]
    struct Now {
        #[diesel(sql_type = Timestamptz)]
        at: DateTime<Utc>,
    }
    let lead = clock.lead();
    let row: Now = sql_query("select clock_timestamp() as at").get_result(conn).await?;
    Ok(row.at + lead)
}

/// Claims the most urgent account that is due: revocations first, then the oldest mark.
///
/// The facts are read by a second statement on purpose: within a single one, a revocation that commits
/// while the claim waits for the row would show its new revision along with the facts from before it, and
/// the old access would be settled as the new one. Facts that are newer than the revision do no harm: their
/// own mark keeps the account due.
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
        "select u.username, $2 = any (u.services) as is_allowed, s.id as state_id, s.name as state, c.name as main,
                array(select g.id from groups g where g.id = any (u.group_ids) order by g.id) as group_ids,
                array(select g.name from groups g where g.id = any (u.group_ids) order by g.id) as groups
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
            roles: std::iter::once((StandsFor::State(facts.state_id), facts.state))
                .chain(facts.group_ids.into_iter().map(StandsFor::Group).zip(facts.groups))
                .map(|(stands_for, name)| WantedRole { name, stands_for })
                .collect(),
            main: facts.main.map(|name| Main { name }),
        },
    }))
}

/// Stores fresh credentials, unless the account was linked again in the meantime.
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
                confirmed_at = $5, in_flight_until = null, attempts = 0, last_error = null, failure_kind = null, failing_since = null,
                reported_at = null
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

/// The service confirmed part of what was wanted. The account stays due: [`postpone`] says when and why.
pub(super) async fn note_part(
    conn: &mut Conn,
    now: DateTime<Utc>,
    claimed: &Claimed,
    wanted: &Wanted,
    confirmed: &Confirmed,
) -> Result<()> {
    sql_query("update service_accounts set wanted = $2, actual = $3, confirmed_at = $4 where id = $1")
        .bind::<BigInt, _>(claimed.id)
        .bind::<Jsonb, _>(serde_json::to_value(wanted).map_err(Error::internal)?)
        .bind::<Jsonb, _>(&confirmed.actual)
        .bind::<Timestamptz, _>(now)
        .execute(conn)
        .await?;
    Ok(())
}

/// The service confirmed that the account is gone: the row goes too, unless it was marked again in between (access
/// came back); then it stays due, with nothing on the service. Returns whether the row was deleted.
pub(super) async fn forget(conn: &mut Conn, claimed: &Claimed) -> Result<bool> {
    let gone = sql_query("delete from service_accounts where id = $1 and marked_revision = $2")
        .bind::<BigInt, _>(claimed.id)
        .bind::<BigInt, _>(claimed.revision)
        .execute(conn)
        .await?;
    if gone == 0 {
        sql_query(
            "update service_accounts set settled_revision = $2, actual = null, in_flight_until = null,
                    failing_since = null, reported_at = null where id = $1",
        )
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
    now: DateTime<Utc>,
    claimed: &Claimed,
    again: DateTime<Utc>,
    (failure, error): (Failure, &str),
) -> Result<()> {
    sql_query(
        "update service_accounts set in_flight_until = null, attempts = attempts + 1, last_error = $3, failure_kind = $6,
                failing_since = coalesce(failing_since, $5),
                -- a mark set in between wants to be tried at once
                next_attempt_at = case when marked_revision = $4 then $2 else next_attempt_at end
         where id = $1",
    )
    .bind::<BigInt, _>(claimed.id)
    .bind::<Timestamptz, _>(again)
    .bind::<Text, _>(error)
    .bind::<BigInt, _>(claimed.revision)
    .bind::<Timestamptz, _>(now)
    .bind::<Text, _>(failure.as_str())
    .execute(conn)
    .await?;
    Ok(())
}

#[derive(QueryableByName)]
struct At {
    #[diesel(sql_type = Nullable<Timestamptz>)]
    at: Option<DateTime<Utc>>,
}

/// When the next account is due, if any is waiting.
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

/// Until when the service is to be left alone.
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

/// The service failed: it is left alone for `retry_after`, or for 2 s, doubling with each failure up to 1
/// minute. Returns until when.
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

/// What is known of a service's roles.
pub(super) async fn registry(conn: &mut Conn, service: &str) -> Result<RoleRegistry> {
    #[derive(QueryableByName)]
    struct Row {
        /// Absent: a reserved name.
        #[diesel(sql_type = Nullable<Text>)]
        external_id: Option<String>,
        #[diesel(sql_type = Nullable<BigInt>)]
        state_id: Option<i64>,
        #[diesel(sql_type = Nullable<BigInt>)]
        group_id: Option<i64>,
        #[diesel(sql_type = Nullable<Text>)]
        reserved: Option<String>,
    }
    let rows: Vec<Row> = sql_query(
        "select external_id, state_id, group_id, null as reserved from service_roles where service = $1
         union all select null, null, null, name from reserved_group_names",
    )
    .bind::<Text, _>(service)
    .load(conn)
    .await?;
    let mut registry = RoleRegistry::default();
    for row in rows {
        let stands_for = row.state_id.map(StandsFor::State).or(row.group_id.map(StandsFor::Group));
        match (row.external_id, stands_for) {
            (Some(id), Some(stands_for)) => {
                registry.current.insert(stands_for, id);
            }
            (Some(id), None) => {
                registry.former.insert(id);
            }
            (None, _) => registry.reserved.extend(row.reserved.map(|name| name.to_lowercase())),
        }
    }
    Ok(registry)
}

/// From now on a role of a service is ours, in place of the one that stood for the same before. That one stays known.
pub(super) async fn keep_role(
    conn: &mut Conn,
    service: &str,
    stands_for: StandsFor,
    external_id: &str,
) -> Result<()> {
    let (column, table, id) = match stands_for {
        StandsFor::State(id) => ("state_id", "states", id),
        StandsFor::Group(id) => ("group_id", "groups", id),
    };
    sql_query(format!(
        "update service_roles set {column} = null where service = $1 and external_id <> $2 and {column} = $3"
    ))
    .bind::<Text, _>(service)
    .bind::<Text, _>(external_id)
    .bind::<BigInt, _>(id)
    .execute(conn)
    .await?;
    // What was deleted in the meantime needs no role.
    sql_query(format!(
        "insert into service_roles (service, external_id, {column}) select $1, $2, id from {table} where id = $3
         on conflict (service, external_id) do update set state_id = excluded.state_id, group_id = excluded.group_id"
    ))
    .bind::<Text, _>(service)
    .bind::<Text, _>(external_id)
    .bind::<BigInt, _>(id)
    .execute(conn)
    .await?;
    Ok(())
}

/// How long to look out for a removed account: far longer than any call can be in flight.
const REMOVAL_REMEMBERED: Duration = Duration::days(1);

/// Records that an account was removed.
pub(super) async fn note_removal(
    conn: &mut Conn,
    now: DateTime<Utc>,
    service: &str,
    external_id: &str,
) -> Result<()> {
    sql_query(
        "insert into service_removals (service, external_id, removed_at) values ($1, $2, $3)
         on conflict (service, external_id) do update set removed_at = excluded.removed_at",
    )
    .bind::<Text, _>(service)
    .bind::<Text, _>(external_id)
    .bind::<Timestamptz, _>(now)
    .execute(conn)
    .await?;
    Ok(())
}

#[derive(QueryableByName)]
struct ExternalId {
    #[diesel(sql_type = Text)]
    external_id: String,
}

/// Of the accounts a service listed at `listed_at`, those that were removed shortly before, have no row
/// and hold a role of ours.
pub(super) async fn returned(
    conn: &mut Conn,
    listed_at: DateTime<Utc>,
    service: &str,
    observed: &[Observed],
) -> Result<Vec<String>> {
    let (ids, roles) = listed(observed);
    let rows: Vec<ExternalId> = sql_query(
        "select o.id as external_id from unnest($2, $3) as o (id, roles)
         join service_removals r on r.service = $1 and r.external_id = o.id
              and r.removed_at >= $4 and r.removed_at < $5
         where exists (select from service_roles ours where ours.service = $1 and jsonb_exists(o.roles, ours.external_id))
           and not exists (select from service_accounts sa where sa.service = $1 and sa.external_id = o.id)
         order by o.id",
    )
    .bind::<Text, _>(service)
    .bind::<Array<Text>, _>(ids)
    .bind::<Array<Jsonb>, _>(roles)
    .bind::<Timestamptz, _>(listed_at - REMOVAL_REMEMBERED)
    .bind::<Timestamptz, _>(listed_at)
    .load(conn)
    .await?;
    Ok(rows.into_iter().map(|row| row.external_id).collect())
}

/// Forgets removals so old that no call from before them can still be in flight.
pub(super) async fn forget_removals(conn: &mut Conn, now: DateTime<Utc>) -> Result<()> {
    sql_query("delete from service_removals where removed_at < $1")
        .bind::<Timestamptz, _>(now - REMOVAL_REMEMBERED)
        .execute(conn)
        .await?;
    Ok(())
}

fn listed(observed: &[Observed]) -> (Vec<&str>, Vec<serde_json::Value>) {
    observed.iter().map(|o| (o.external_id.as_str(), serde_json::json!(o.roles))).unzip()
}

/// An account with other roles than were last confirmed.
#[derive(Debug, QueryableByName)]
pub(super) struct Drifted {
    #[diesel(sql_type = BigInt)]
    pub id: i64,
    #[diesel(sql_type = Text)]
    pub external_name: String,
}

/// The accounts with other roles than were last confirmed. Those that are due are looked at anyway.
pub(super) async fn drifted(conn: &mut Conn, service: &str, observed: &[Observed]) -> Result<Vec<Drifted>> {
    let (ids, roles) = listed(observed);
    Ok(sql_query(
        "select sa.id, sa.external_name from unnest($2, $3) as o (id, roles)
         join service_accounts sa on sa.service = $1 and sa.external_id = o.id
         where sa.marked_revision = sa.settled_revision and sa.actual -> 'roleIds' is distinct from o.roles
         order by sa.id",
    )
    .bind::<Text, _>(service)
    .bind::<Array<Text>, _>(ids)
    .bind::<Array<Jsonb>, _>(roles)
    .load(conn)
    .await?)
}

/// Marks accounts of a service as needing a look.
pub(super) async fn mark(conn: &mut Conn, now: DateTime<Utc>, service: &str, ids: &[i64]) -> Result<()> {
    let marked = sql_query(
        "update service_accounts set marked_revision = marked_revision + 1, marked_at = $2, next_attempt_at = 'epoch'
         where id = any ($1)",
    )
    .bind::<Array<BigInt>, _>(ids)
    .bind::<Timestamptz, _>(now)
    .execute(conn)
    .await?;
    if marked > 0 {
        jobs::enqueue(conn, &Reconcile { service: service.to_owned() }).await?;
    }
    Ok(())
}

/// The accounts of users in a state or group.
pub(super) async fn of_holders(conn: &mut Conn, service: &str, stands_for: StandsFor) -> Result<Vec<i64>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = BigInt)]
        id: i64,
    }
    let (state, group) = match stands_for {
        StandsFor::State(id) => (Some(id), None),
        StandsFor::Group(id) => (None, Some(id)),
    };
    let rows: Vec<Row> = sql_query(
        "select sa.id from service_accounts sa join users u on u.id = sa.user_id
         where sa.service = $1 and (u.state_id = $2 or $3 = any (u.group_ids))",
    )
    .bind::<Text, _>(service)
    .bind::<Nullable<BigInt>, _>(state)
    .bind::<Nullable<BigInt>, _>(group)
    .load(conn)
    .await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// Of the accounts a service listed, those that hold a role of ours, have no row and were not removed recently.
pub(super) async fn strangers(
    conn: &mut Conn,
    listed_at: DateTime<Utc>,
    service: &str,
    observed: &[Observed],
) -> Result<Vec<String>> {
    let (ids, roles) = listed(observed);
    let rows: Vec<ExternalId> = sql_query(
        "select o.id as external_id from unnest($2, $3) as o (id, roles)
         where exists (select from service_roles ours where ours.service = $1 and jsonb_exists(o.roles, ours.external_id))
           and not exists (select from service_accounts sa where sa.service = $1 and sa.external_id = o.id)
           and not exists (select from service_removals r
                           where r.service = $1 and r.external_id = o.id and r.removed_at >= $4)
         order by o.id",
    )
    .bind::<Text, _>(service)
    .bind::<Array<Text>, _>(ids)
    .bind::<Array<Jsonb>, _>(roles)
    .bind::<Timestamptz, _>(listed_at - REMOVAL_REMEMBERED)
    .load(conn)
    .await?;
    Ok(rows.into_iter().map(|row| row.external_id).collect())
}

/// The account's row, if there is one.
pub(super) async fn by_external(conn: &mut Conn, service: &str, external_id: &str) -> Result<Option<i64>> {
    use crate::db::schema::service_accounts as sa;
    Ok(sa::table
        .filter(sa::service.eq(service).and(sa::external_id.eq(external_id)))
        .select(sa::id)
        .first(conn)
        .await
        .optional()?)
}

/// Accounts on one service that have been failing for long.
#[derive(Debug, QueryableByName)]
pub(super) struct Stuck {
    #[diesel(sql_type = Text)]
    pub service: String,
    /// Whether they are to be removed, and that is not confirmed.
    #[diesel(sql_type = Bool)]
    pub is_revocation: bool,
    #[diesel(sql_type = BigInt)]
    pub accounts: i64,
    /// Names of some of them.
    #[diesel(sql_type = Array<Text>)]
    pub names: Vec<String>,
}

/// Accounts that have been failing, or not been removed, for an hour, by service. Each account causes a report
/// once. Nothing is reported about a service within six hours of the last report: while it is down, accounts get
/// stuck one after the other.
pub(super) async fn newly_stuck(conn: &mut Conn, now: DateTime<Utc>) -> Result<Vec<Stuck>> {
    Ok(sql_query(
        "with stuck as (
             select id, service, is_revocation, external_name, reported_at from service_accounts
             where marked_revision > settled_revision
               and case when is_revocation then marked_at else failing_since end <= $1 - interval '1 hour'
         ), fresh as (
             select service, is_revocation, count(*) as accounts,
                    (array_agg(external_name order by external_name collate \"C\"))[:5] as names
             from stuck group by service, is_revocation
             having bool_or(reported_at is null)
                and coalesce(max(reported_at) <= $1 - interval '6 hours', true)
         ), told as (
             update service_accounts sa set reported_at = $1
             from stuck s join fresh f on f.service = s.service and f.is_revocation = s.is_revocation where sa.id = s.id
         )
         select * from fresh order by service, is_revocation desc",
    )
    .bind::<Timestamptz, _>(now)
    .load(conn)
    .await?)
}
