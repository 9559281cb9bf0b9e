//! Edits of states.

use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName, sql_query,
    sql_types::{Array, BigInt, Bool, Integer, Text, Timestamptz},
};
use diesel_async::RunQueryDsl;

use super::{StateMembers, one_row};
use crate::{access::affected, db::Conn, error::Result};

pub(super) async fn create(
    conn: &mut Conn,
    now: DateTime<Utc>,
    id: i64,
    name: &str,
    priority: i32,
    is_public: bool,
) -> Result<()> {
    sql_query(
        "insert into states (id, name, priority, is_public, created_at) overriding system value
         values ($1, $2, $3, $4, $5)",
    )
    .bind::<BigInt, _>(id)
    .bind::<Text, _>(name)
    .bind::<Integer, _>(priority)
    .bind::<Bool, _>(is_public)
    .bind::<Timestamptz, _>(now)
    .execute(conn)
    .await?;
    Ok(())
}

pub(super) async fn edit(conn: &mut Conn, state_id: i64, priority: i32, is_public: bool) -> Result<()> {
    affected::add_by_state(conn, state_id).await?;
    let rows = sql_query("update states set priority = $2, is_public = $3 where id = $1")
        .bind::<BigInt, _>(state_id)
        .bind::<Integer, _>(priority)
        .bind::<Bool, _>(is_public)
        .execute(conn)
        .await?;
    one_row(rows)?;
    affected::add_by_state(conn, state_id).await
}

/// Nobody's access changes, but the state's name is visible on service accounts.
pub(super) async fn rename(conn: &mut Conn, state_id: i64, name: &str) -> Result<()> {
    let rows = sql_query("update states set name = $2 where id = $1")
        .bind::<BigInt, _>(state_id)
        .bind::<Text, _>(name)
        .execute(conn)
        .await?;
    one_row(rows)?;
    affected::rename_in_state(conn, state_id).await
}

#[derive(QueryableByName)]
struct IdRow {
    #[diesel(sql_type = BigInt)]
    id: i64,
}

/// Only mains that an addition or removal applies to can be affected: nobody else is looked at.
pub(super) async fn set_members(conn: &mut Conn, state_id: i64, members: &StateMembers) -> Result<()> {
    for (table, column, character_column, ids) in [
        ("state_characters", "character_id", "id", &members.characters),
        ("state_corporations", "corporation_id", "corporation_id", &members.corporations),
        ("state_alliances", "alliance_id", "alliance_id", &members.alliances),
        ("state_factions", "faction_id", "faction_id", &members.factions),
    ] {
        let moved: Vec<IdRow> = sql_query(format!(
            "with removed as (
                 delete from {table} where state_id = $1 and {column} <> all ($2) returning {column} as id
             ), added as (
                 insert into {table} (state_id, {column}) select $1, unnest($2) on conflict do nothing
                 returning {column} as id
             )
             select id from removed union select id from added"
        ))
        .bind::<BigInt, _>(state_id)
        .bind::<Array<BigInt>, _>(ids)
        .load(conn)
        .await?;
        if !moved.is_empty() {
            let moved: Vec<i64> = moved.into_iter().map(|row| row.id).collect();
            affected::add_mains(conn, character_column, &moved).await?;
        }
    }
    Ok(())
}

/// Its users must be somewhere else before the row can go: they are parked in Guest, which the rules then correct.
/// The snapshot has to show the old state, so it is taken here, before the move.
pub(super) async fn delete(conn: &mut Conn, audit_id: i64, state_id: i64) -> Result<()> {
    affected::add_by_state(conn, state_id).await?;
    affected::snapshot(conn, audit_id, true).await?;
    sql_query(
        "update users set state_id = (select id from states where is_guest)
         where state_id = $1 and exists (select from states where id = $1 and not is_guest)",
    )
    .bind::<BigInt, _>(state_id)
    .execute(conn)
    .await?;
    one_row(
        sql_query("delete from states where id = $1 and not is_guest")
            .bind::<BigInt, _>(state_id)
            .execute(conn)
            .await?,
    )
}
