//! Rows of characters, corporations, alliances and factions. What decides access (where a character flies) is written
//! by the access engine, not here.

use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName, sql_query,
    sql_types::{Array, BigInt, Nullable, SmallInt, Text, Timestamptz},
};
use diesel_async::RunQueryDsl;

use super::esi;
use crate::{access::AffiliationFact, db::Conn, error::Result};

impl From<esi::Affiliation> for AffiliationFact {
    fn from(a: esi::Affiliation) -> Self {
        Self {
            character_id: a.character_id,
            corporation_id: a.corporation_id,
            alliance_id: a.alliance_id,
            faction_id: a.faction_id,
        }
    }
}

#[derive(QueryableByName)]
struct IdRow {
    #[diesel(sql_type = BigInt)]
    id: i64,
}

fn ids(rows: Vec<IdRow>) -> Vec<i64> {
    rows.into_iter().map(|row| row.id).collect()
}

/// Those `facts` that differ from what is stored.
///
/// # Errors
/// When the database fails.
pub async fn changed(conn: &mut Conn, facts: &[AffiliationFact]) -> Result<Vec<AffiliationFact>> {
    let rows: Vec<IdRow> = sql_query(
        "select c.id from unnest($1, $2, $3, $4) as f (id, corporation_id, alliance_id, faction_id)
         join characters c on c.id = f.id
         where (coalesce(c.corporation_id, 0), coalesce(c.alliance_id, 0), coalesce(c.faction_id, 0))
            <> (f.corporation_id, coalesce(f.alliance_id, 0), coalesce(f.faction_id, 0))",
    )
    .bind::<Array<BigInt>, _>(facts.iter().map(|f| f.character_id).collect::<Vec<_>>())
    .bind::<Array<BigInt>, _>(facts.iter().map(|f| f.corporation_id).collect::<Vec<_>>())
    .bind::<Array<Nullable<BigInt>>, _>(facts.iter().map(|f| f.alliance_id).collect::<Vec<_>>())
    .bind::<Array<Nullable<BigInt>>, _>(facts.iter().map(|f| f.faction_id).collect::<Vec<_>>())
    .load(conn)
    .await?;
    let changed: std::collections::HashSet<i64> = ids(rows).into_iter().collect();
    Ok(facts.iter().filter(|f| changed.contains(&f.character_id)).copied().collect())
}

/// Where a character flew when we last heard of it, and who owns it.
#[derive(Debug, Clone, Copy, QueryableByName)]
pub struct Flown {
    #[diesel(sql_type = BigInt)]
    pub id: i64,
    #[diesel(sql_type = Nullable<BigInt>)]
    pub corporation_id: Option<i64>,
    #[diesel(sql_type = Nullable<BigInt>)]
    pub alliance_id: Option<i64>,
    #[diesel(sql_type = Nullable<BigInt>)]
    pub faction_id: Option<i64>,
    #[diesel(sql_type = Nullable<BigInt>)]
    pub user_id: Option<i64>,
}

/// What we know about where these characters fly.
///
/// # Errors
/// When the database fails.
pub async fn flown(conn: &mut Conn, characters: &[i64]) -> Result<Vec<Flown>> {
    let rows = sql_query(
        "select c.id, c.corporation_id, c.alliance_id, c.faction_id, o.user_id
         from characters c left join character_ownerships o on o.character_id = c.id
         where c.id = any($1)",
    )
    .bind::<Array<BigInt>, _>(characters)
    .load(conn)
    .await?;
    Ok(rows)
}

/// Corporations, alliances and factions in `facts` whose name we do not even know.
///
/// # Errors
/// When the database fails.
pub async fn nameless(conn: &mut Conn, facts: &[AffiliationFact]) -> Result<Vec<i64>> {
    let rows: Vec<IdRow> = sql_query(
        "select distinct wanted.id from unnest($1) as wanted (id)
         where not exists (select from corporations c where c.id = wanted.id and c.name is not null)
           and not exists (select from alliances a where a.id = wanted.id and a.name is not null)
           and not exists (select from factions f where f.id = wanted.id)",
    )
    .bind::<Array<BigInt>, _>(
        facts
            .iter()
            .flat_map(|f| [Some(f.corporation_id), f.alliance_id, f.faction_id])
            .flatten()
            .collect::<Vec<_>>(),
    )
    .load(conn)
    .await?;
    Ok(ids(rows))
}

/// Stores names of corporations, alliances and factions that have none yet.
///
/// # Errors
/// When the database fails.
pub async fn add_names(conn: &mut Conn, names: &[esi::ResolvedName]) -> Result<()> {
    let of = |category: esi::NameCategory| -> (Vec<i64>, Vec<&str>) {
        names.iter().filter(|n| n.category == category).map(|n| (n.id, n.name.as_str())).unzip()
    };
    for (table, category) in
        [("corporations", esi::NameCategory::Corporation), ("alliances", esi::NameCategory::Alliance)]
    {
        let (ids, names) = of(category);
        if ids.is_empty() {
            continue;
        }
        sql_query(format!(
            "insert into {table} (id, name) select * from unnest($1, $2)
             on conflict (id) do update set name = excluded.name where {table}.name is null"
        ))
        .bind::<Array<BigInt>, _>(ids)
        .bind::<Array<Text>, _>(names)
        .execute(conn)
        .await?;
    }
    let (ids, names) = of(esi::NameCategory::Faction);
    sql_query(
        "insert into factions (id, name) select id, name from unnest($1, $2) as f (id, name)
         where id between 500000 and 599999 on conflict do nothing",
    )
    .bind::<Array<BigInt>, _>(ids)
    .bind::<Array<Text>, _>(names)
    .execute(conn)
    .await?;
    Ok(())
}

/// Makes sure that there are rows for everything `facts` refer to.
///
/// # Errors
/// When the database fails.
pub async fn ensure_organisations(conn: &mut Conn, facts: &[AffiliationFact]) -> Result<()> {
    let alliances: Vec<i64> = facts.iter().filter_map(|f| f.alliance_id).collect();
    let factions: Vec<i64> = facts.iter().filter_map(|f| f.faction_id).collect();
    sql_query("insert into alliances (id) select distinct unnest($1) order by 1 on conflict do nothing")
        .bind::<Array<BigInt>, _>(alliances)
        .execute(conn)
        .await?;
    sql_query(
        "insert into factions (id, name) select distinct id, 'Faction ' || id from unnest($1) as id order by 1 on conflict do nothing",
    )
    .bind::<Array<BigInt>, _>(factions)
    .execute(conn)
    .await?;
    sql_query(
        "insert into corporations (id, alliance_id)
         select distinct on (id) id, alliance_id from unnest($1, $2) as f (id, alliance_id) order by id
         on conflict do nothing",
    )
    .bind::<Array<BigInt>, _>(facts.iter().map(|f| f.corporation_id).collect::<Vec<_>>())
    .bind::<Array<Nullable<BigInt>>, _>(facts.iter().map(|f| f.alliance_id).collect::<Vec<_>>())
    .execute(conn)
    .await?;
    Ok(())
}

/// Adds a character that just logged in, or that ESI knows, by its current name; so it is alive. Locks where it flies
/// until the end of the transaction. An existing character keeps its name: see [`super::names::correct`].
///
/// # Errors
/// When the database fails.
pub async fn put_character(conn: &mut Conn, now: DateTime<Utc>, id: i64, name: &str) -> Result<()> {
    sql_query(
        "insert into characters (id, name, created_at) values ($1, $2, $3)
         on conflict (id) do update set is_biomassed = false, affiliation_refusals = 0, affiliation_ask_after = null
         where characters.is_biomassed or characters.affiliation_refusals > 0",
    )
    .bind::<BigInt, _>(id)
    .bind::<Text, _>(name)
    .bind::<Timestamptz, _>(now)
    .execute(conn)
    .await?;
    Ok(())
}

/// Locks where a character flies until the end of the transaction.
///
/// # Errors
/// When the database fails.
pub async fn lock_character(conn: &mut Conn, id: i64) -> Result<()> {
    sql_query("select from characters where id = $1 for no key update")
        .bind::<BigInt, _>(id)
        .execute(conn)
        .await?;
    Ok(())
}

/// Ids after `cursor`, ascending: one page of the affiliation sync. Biomassed characters stay biomassed, and those
/// that ESI recently refused to speak of wait for their time.
///
/// # Errors
/// When the database fails.
pub async fn characters_after(
    conn: &mut Conn,
    now: DateTime<Utc>,
    cursor: i64,
    limit: i64,
) -> Result<Vec<i64>> {
    let rows: Vec<IdRow> = sql_query(
        "select id from characters
         where id > $1 and not is_biomassed and (affiliation_ask_after is null or affiliation_ask_after <= $3)
         order by id limit $2",
    )
    .bind::<BigInt, _>(cursor)
    .bind::<BigInt, _>(limit)
    .bind::<Timestamptz, _>(now)
    .load(conn)
    .await?;
    Ok(ids(rows))
}

/// Records which characters ESI refused to speak of: each refusal in a row doubles the time until the sync asks
/// again, from two hours to a week. Those in `found` start over.
///
/// # Errors
/// When the database fails.
pub async fn note_refusals(
    conn: &mut Conn,
    now: DateTime<Utc>,
    found: &[i64],
    refused: &[i64],
) -> Result<()> {
    sql_query(
        "update characters set affiliation_refusals = 0, affiliation_ask_after = null
         where id = any($1) and affiliation_refusals > 0",
    )
    .bind::<Array<BigInt>, _>(found)
    .execute(conn)
    .await?;
    if refused.is_empty() {
        return Ok(());
    }
    // A refusal before its time (a user asked) says nothing new. The ten minutes are for runs that begin a little
    // earlier than the last one got here.
    sql_query(
        "update characters set affiliation_refusals = least(affiliation_refusals + 1, 100),
                affiliation_ask_after =
                    $2 + least(interval '1 hour' * 2 ^ least(affiliation_refusals + 1, 8), interval '7 days')
                       - interval '10 minutes'
         where id = any($1) and (affiliation_ask_after is null or affiliation_ask_after <= $2)",
    )
    .bind::<Array<BigInt>, _>(refused)
    .bind::<Timestamptz, _>(now)
    .execute(conn)
    .await?;
    Ok(())
}

/// This many refusals in a row mean more than two days of asking.
const LONG_REFUSED: i16 = 6;

/// How many owned characters ESI has been refusing to speak of for long.
///
/// # Errors
/// When the database fails.
pub async fn long_refused(conn: &mut Conn) -> Result<i64> {
    #[derive(QueryableByName)]
    struct Count {
        #[diesel(sql_type = BigInt)]
        n: i64,
    }
    let row: Count = sql_query(
        "select count(*) as n from characters c join character_ownerships o on o.character_id = c.id
         where c.affiliation_refusals >= $1 and not c.is_biomassed",
    )
    .bind::<SmallInt, _>(LONG_REFUSED)
    .get_result(conn)
    .await?;
    Ok(row.n)
}

/// Ids after `cursor`, ascending, of characters that somebody owns and that ESI does speak of.
///
/// # Errors
/// When the database fails.
pub async fn owned_after(conn: &mut Conn, cursor: i64, limit: i64) -> Result<Vec<i64>> {
    let rows: Vec<IdRow> = sql_query(
        "select c.id from characters c join character_ownerships o on o.character_id = c.id
         where c.id > $1 and not c.is_biomassed and c.affiliation_refusals = 0 order by c.id limit $2",
    )
    .bind::<BigInt, _>(cursor)
    .bind::<BigInt, _>(limit)
    .load(conn)
    .await?;
    Ok(ids(rows))
}

/// A character whose name differs from the one we know.
#[derive(Debug, QueryableByName)]
pub struct Renamed {
    #[diesel(sql_type = BigInt)]
    pub id: i64,
    #[diesel(sql_type = Text)]
    pub old_name: String,
    #[diesel(sql_type = Text)]
    pub name: String,
}

/// Those of the named characters whose stored name differs.
///
/// # Errors
/// When the database fails.
pub async fn renamed(conn: &mut Conn, names: &[esi::ResolvedName]) -> Result<Vec<Renamed>> {
    let characters = names.iter().filter(|name| name.category == esi::NameCategory::Character);
    let (ids, names): (Vec<i64>, Vec<&str>) = characters.map(|n| (n.id, n.name.as_str())).unzip();
    Ok(sql_query(
        "select c.id, c.name as old_name, n.name from unnest($1, $2) as n (id, name) join characters c on c.id = n.id
         where c.name <> n.name order by c.id",
    )
    .bind::<Array<BigInt>, _>(ids)
    .bind::<Array<Text>, _>(names)
    .load(conn)
    .await?)
}

/// The characters of one user.
///
/// # Errors
/// When the database fails.
pub async fn characters_of(conn: &mut Conn, user_id: i64) -> Result<Vec<i64>> {
    let rows: Vec<IdRow> = sql_query(
        "select c.id from character_ownerships o join characters c on c.id = o.character_id
         where o.user_id = $1 and not c.is_biomassed order by c.id",
    )
    .bind::<BigInt, _>(user_id)
    .load(conn)
    .await?;
    Ok(ids(rows))
}

/// An organisation to ask ESI about.
#[derive(Debug, Clone, QueryableByName)]
pub struct Stale {
    #[diesel(sql_type = BigInt)]
    pub id: i64,
    #[diesel(sql_type = Nullable<Text>)]
    pub etag: Option<String>,
}

/// Corporations (or alliances) that have not been refreshed since `before`, oldest first. Closed ones stay closed.
///
/// # Errors
/// When the database fails.
pub async fn stale(
    conn: &mut Conn,
    table: Organisation,
    before: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<Stale>> {
    let table = table.table();
    Ok(sql_query(format!(
        "select id, etag from {table} where (refreshed_at is null or refreshed_at < $1) and not is_closed
         order by refreshed_at nulls first, id limit $2"
    ))
    .bind::<Timestamptz, _>(before)
    .bind::<BigInt, _>(limit)
    .load(conn)
    .await?)
}

/// Corporation or alliance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Organisation {
    Corporation,
    Alliance,
}

impl Organisation {
    const fn table(self) -> &'static str {
        match self {
            Self::Corporation => "corporations",
            Self::Alliance => "alliances",
        }
    }
}

/// Records that ESI was asked and nothing changed.
///
/// # Errors
/// When the database fails.
pub async fn touch(conn: &mut Conn, table: Organisation, now: DateTime<Utc>, id: i64) -> Result<()> {
    sql_query(format!("update {} set refreshed_at = $2 where id = $1", table.table()))
        .bind::<BigInt, _>(id)
        .bind::<Timestamptz, _>(now)
        .execute(conn)
        .await?;
    Ok(())
}

/// Stores a corporation.
///
/// # Errors
/// When the database fails.
pub async fn put_corporation(
    conn: &mut Conn,
    now: DateTime<Utc>,
    id: i64,
    etag: Option<&str>,
    c: &esi::Corporation,
) -> Result<()> {
    if let Some(alliance) = c.alliance_id {
        add_alliance(conn, alliance).await?;
    }
    sql_query(
        "update corporations set name = $2, ticker = $3, alliance_id = $4,
                faction_id = (select id from factions where id = $5), ceo_id = $6, member_count = $7, is_closed = $8,
                etag = $9, refreshed_at = $10
         where id = $1",
    )
    .bind::<BigInt, _>(id)
    .bind::<Text, _>(&c.name)
    .bind::<Text, _>(&c.ticker)
    .bind::<Nullable<BigInt>, _>(c.alliance_id)
    .bind::<Nullable<BigInt>, _>(c.faction_id)
    .bind::<Nullable<BigInt>, _>(c.ceo_id)
    .bind::<diesel::sql_types::Integer, _>(i32::try_from(c.member_count).unwrap_or(i32::MAX).max(0))
    .bind::<diesel::sql_types::Bool, _>(c.is_closed())
    .bind::<Nullable<Text>, _>(etag)
    .bind::<Timestamptz, _>(now)
    .execute(conn)
    .await?;
    Ok(())
}

/// Makes sure that there is a row for an alliance.
///
/// # Errors
/// When the database fails.
pub async fn add_alliance(conn: &mut Conn, id: i64) -> Result<()> {
    sql_query("insert into alliances (id) values ($1) on conflict do nothing")
        .bind::<BigInt, _>(id)
        .execute(conn)
        .await?;
    Ok(())
}

/// Makes sure that there is a row for a corporation.
///
/// # Errors
/// When the database fails.
pub async fn add_corporation(conn: &mut Conn, id: i64) -> Result<()> {
    sql_query("insert into corporations (id) values ($1) on conflict do nothing")
        .bind::<BigInt, _>(id)
        .execute(conn)
        .await?;
    Ok(())
}

/// Stores an alliance.
///
/// # Errors
/// When the database fails.
pub async fn put_alliance(
    conn: &mut Conn,
    now: DateTime<Utc>,
    id: i64,
    etag: Option<&str>,
    a: &esi::Alliance,
) -> Result<()> {
    sql_query(
        "update alliances set name = $2, ticker = $3, executor_corporation_id = $4, is_closed = $4 is null, etag = $5,
                refreshed_at = $6 where id = $1",
    )
    .bind::<BigInt, _>(id)
    .bind::<Text, _>(&a.name)
    .bind::<Text, _>(&a.ticker)
    .bind::<Nullable<BigInt>, _>(a.executor_corporation_id)
    .bind::<Nullable<Text>, _>(etag)
    .bind::<Timestamptz, _>(now)
    .execute(conn)
    .await?;
    Ok(())
}

/// Stores factions, each given once.
///
/// # Errors
/// When the database fails.
pub async fn put_factions(conn: &mut Conn, now: DateTime<Utc>, factions: &[esi::Faction]) -> Result<()> {
    sql_query(
        "insert into factions (id, name, corporation_id, militia_corporation_id, refreshed_at)
         select id, name, corporation_id, militia_corporation_id, $5 from unnest($1, $2, $3, $4)
                as f (id, name, corporation_id, militia_corporation_id)
         on conflict (id) do update set name = excluded.name, corporation_id = excluded.corporation_id,
                militia_corporation_id = excluded.militia_corporation_id, refreshed_at = excluded.refreshed_at",
    )
    .bind::<Array<BigInt>, _>(factions.iter().map(|f| f.faction_id).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(factions.iter().map(|f| f.name.as_str()).collect::<Vec<_>>())
    .bind::<Array<Nullable<BigInt>>, _>(factions.iter().map(|f| f.corporation_id).collect::<Vec<_>>())
    .bind::<Array<Nullable<BigInt>>, _>(factions.iter().map(|f| f.militia_corporation_id).collect::<Vec<_>>())
    .bind::<Timestamptz, _>(now)
    .execute(conn)
    .await?;
    Ok(())
}
