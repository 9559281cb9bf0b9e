//! Facts: where characters fly and who owns them.

use chrono::{DateTime, Utc};
use diesel::{
    OptionalExtension, QueryableByName, sql_query,
    sql_types::{Array, BigInt, Bool, Nullable, Text, Timestamptz},
};
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};

use super::{AffiliationFact, OwnershipFact};
use crate::{access::affected, db::Conn, error::Result, eve::esi::DOOMHEIM};

/// Updates the characters that really differ. Each owner whose main is among them gets a cause of their own that says
/// where they flew and where they fly now.
pub(super) async fn affiliations(
    conn: &mut Conn,
    now: DateTime<Utc>,
    facts: &[AffiliationFact],
) -> Result<()> {
    conn.batch_execute(
        "create temp table if not exists access_flown (
             character_id bigint primary key, name text, corporation_id bigint, alliance_id bigint, faction_id bigint,
             new_corporation bigint, new_alliance bigint, new_faction bigint
         ) on commit delete rows;
         delete from access_flown;",
    )
    .await?;
    let ids: Vec<i64> = facts.iter().map(|f| f.character_id).collect();
    let corporations: Vec<i64> = facts.iter().map(|f| f.corporation_id).collect();
    let alliances: Vec<Option<i64>> = facts.iter().map(|f| f.alliance_id).collect();
    let factions: Vec<Option<i64>> = facts.iter().map(|f| f.faction_id).collect();
    sql_query(
        "with fact as (
             select * from unnest($1, $2, $3, $4) as f (character_id, corporation_id, alliance_id, faction_id)
         ), old as materialized (
             select c.* from characters c join fact f on f.character_id = c.id
             where (coalesce(c.corporation_id, 0), coalesce(c.alliance_id, 0), coalesce(c.faction_id, 0))
                <> (f.corporation_id, coalesce(f.alliance_id, 0), coalesce(f.faction_id, 0))
             order by c.id for no key update of c
         ), updated as (
             update characters c set corporation_id = f.corporation_id, alliance_id = f.alliance_id,
                    faction_id = f.faction_id, is_biomassed = f.corporation_id = $5
             from fact f, old where f.character_id = c.id and old.id = c.id
             returning c.id, c.name, old.corporation_id, old.alliance_id, old.faction_id, c.corporation_id as k,
                       c.alliance_id as a, c.faction_id as f
         )
         insert into access_flown select * from updated",
    )
    .bind::<Array<BigInt>, _>(ids)
    .bind::<Array<BigInt>, _>(corporations)
    .bind::<Array<Nullable<BigInt>>, _>(alliances)
    .bind::<Array<Nullable<BigInt>>, _>(factions)
    .bind::<BigInt, _>(DOOMHEIM)
    .execute(conn)
    .await?;
    // A separate statement on purpose: only a statement that begins after the update sees somebody who made one of
    // these characters their main while the update was waiting for its row.
    sql_query(
        "with pilot as (
             select m.*, u.id as user_id, u.username
             from access_flown m join users u on u.main_character_id = m.character_id
         ), entry as (
             insert into audit_entries (at, actor_kind, actor_name, kind, object_kind, object_id, object_name, summary,
                                        before, after)
             select $1, 'system', 'system', 'affiliation_changed', 'user', 'user:' || p.user_id, p.username,
                    case when p.corporation_id is null
                         then p.name || ' flies for ' || coalesce(nc.name, 'corporation ' || p.new_corporation) || '.'
                         when p.corporation_id <> p.new_corporation
                         then p.name || ' left ' || coalesce(oc.name, 'corporation ' || p.corporation_id)
                              || ' and flies for ' || coalesce(nc.name, 'corporation ' || p.new_corporation) || '.'
                         when p.alliance_id is distinct from p.new_alliance
                         then coalesce(nc.name, 'corporation ' || p.new_corporation) || ' '
                              || coalesce('joined ' || coalesce(na.name, 'alliance ' || p.new_alliance),
                                          'left ' || coalesce(oa.name, 'alliance ' || p.alliance_id)) || '.'
                         else p.name || case when p.new_faction is null then ' left faction warfare.'
                              else ' fights for ' || coalesce(nf.name, 'faction ' || p.new_faction) || '.' end
                    end,
                    jsonb_build_object('corporationId', p.corporation_id, 'allianceId', p.alliance_id, 'factionId', p.faction_id),
                    jsonb_build_object('corporationId', p.new_corporation, 'allianceId', p.new_alliance, 'factionId', p.new_faction)
             from pilot p
             left join corporations oc on oc.id = p.corporation_id left join corporations nc on nc.id = p.new_corporation
             left join alliances oa on oa.id = p.alliance_id left join alliances na on na.id = p.new_alliance
             left join factions nf on nf.id = p.new_faction
             returning id, object_id
         )
         insert into access_touched (user_id, audit_id)
         select substr(object_id, 6)::bigint, id from entry
         on conflict (user_id) do update set audit_id = excluded.audit_id",
    )
    .bind::<Timestamptz, _>(now)
    .execute(conn)
    .await?;
    Ok(())
}

/// Corrects names. Users whose main is renamed get another name on services.
pub(super) async fn renamed(conn: &mut Conn, names: &[(i64, &str)]) -> Result<()> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = BigInt)]
        id: i64,
    }
    let (ids, names): (Vec<i64>, Vec<&str>) = names.iter().copied().unzip();
    sql_query(
        "with old as materialized (
             select c.id, n.name from unnest($1, $2) as n (id, name) join characters c on c.id = n.id
             where c.name <> n.name order by c.id for no key update of c
         )
         update characters c set name = old.name from old where c.id = old.id",
    )
    .bind::<Array<BigInt>, _>(&ids)
    .bind::<Array<Text>, _>(names)
    .execute(conn)
    .await?;
    // A separate statement, as for affiliations.
    let users: Vec<Row> = sql_query("select id from users where main_character_id = any ($1)")
        .bind::<Array<BigInt>, _>(ids)
        .load(conn)
        .await?;
    affected::add(conn, &users.into_iter().map(|row| row.id).collect::<Vec<_>>(), true).await
}

pub(super) async fn ownership_gained(
    conn: &mut Conn,
    now: DateTime<Utc>,
    fact: OwnershipFact<'_>,
) -> Result<()> {
    let kept = sql_query(
        "select from character_ownerships where character_id = $1 and user_id = $2 and owner_hash = $3",
    )
    .bind::<BigInt, _>(fact.character_id)
    .bind::<BigInt, _>(fact.user_id)
    .bind::<Text, _>(fact.owner_hash)
    .execute(conn)
    .await?;
    if kept == 0 {
        let previous = ownership_lost(conn, fact.character_id).await?;
        sql_query("insert into character_ownerships (character_id, user_id, owner_hash, created_at) values ($1, $2, $3, $4)")
            .bind::<BigInt, _>(fact.character_id)
            .bind::<BigInt, _>(fact.user_id)
            .bind::<Text, _>(fact.owner_hash)
            .bind::<Timestamptz, _>(now)
            .execute(conn)
            .await?;
        // The same user under a new hash (the character came back from another EVE account):
        // their main stays their main.
        if let Some((owner, true)) = previous
            && owner == fact.user_id
        {
            sql_query("update users set main_character_id = $2 where id = $1 and main_character_id is null")
                .bind::<BigInt, _>(fact.user_id)
                .bind::<BigInt, _>(fact.character_id)
                .execute(conn)
                .await?;
        }
        sql_query(
            "insert into ownership_records (character_id, user_id, owner_hash, created_at)
             select $1, $2, $3, $4 where not exists (
                 select from (select user_id from ownership_records where character_id = $1 and owner_hash = $3
                              order by id desc limit 1) newest where newest.user_id = $2)",
        )
        .bind::<BigInt, _>(fact.character_id)
        .bind::<BigInt, _>(fact.user_id)
        .bind::<Text, _>(fact.owner_hash)
        .bind::<Timestamptz, _>(now)
        .execute(conn)
        .await?;
    }
    affected::add(conn, &[fact.user_id], false).await
}

/// Ends the ownership of a character; the foreign key clears the main. Returns who owned it and
/// whether it was their main.
pub(super) async fn ownership_lost(conn: &mut Conn, character_id: i64) -> Result<Option<(i64, bool)>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = BigInt)]
        user_id: i64,
        #[diesel(sql_type = Bool)]
        was_main: bool,
    }
    // The user's row first, as everywhere, so that two changes cannot wait for each other.
    sql_query("select id from users where id = (select user_id from character_ownerships where character_id = $1) for no key update")
        .bind::<BigInt, _>(character_id)
        .execute(conn)
        .await?;
    let row: Option<Row> = sql_query(
        "with gone as (delete from character_ownerships where character_id = $1 returning user_id)
         select g.user_id, u.main_character_id is not distinct from $1 as was_main from gone g join users u on u.id = g.user_id",
    )
    .bind::<BigInt, _>(character_id)
    .get_result(conn)
    .await
    .optional()?;
    if let Some(row) = &row {
        affected::add(conn, &[row.user_id], row.was_main).await?;
    }
    Ok(row.map(|row| (row.user_id, row.was_main)))
}
