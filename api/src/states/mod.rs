//! States: what users are to the organisation. The rules for them are in [`crate::access`]; this
//! folder reads and edits them.

pub mod edit;

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::{
    access::StateMembers,
    db::{
        Conn,
        schema::{permissions as p, state_permissions as sp, states as s, users as u},
    },
    error::Result,
    permissions::{ChoosesStates, Grant},
};

/// A state.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = s)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct State {
    pub id: i64,
    pub name: String,
    pub priority: i32,
    pub is_public: bool,
    pub is_guest: bool,
}

/// All states, highest priority first.
///
/// # Errors
/// When the database fails.
pub async fn list(conn: &mut Conn, _grant: &Grant<ChoosesStates>) -> Result<Vec<State>> {
    Ok(s::table.order(s::priority.desc()).select(State::as_select()).load(conn).await?)
}

/// States by id.
///
/// # Errors
/// When the database fails.
pub async fn find_all(conn: &mut Conn, ids: &[i64]) -> Result<Vec<State>> {
    Ok(s::table.filter(s::id.eq_any(ids.to_vec())).select(State::as_select()).load(conn).await?)
}

/// Permissions carried by states, by state and name.
///
/// # Errors
/// When the database fails.
pub async fn permissions_of(conn: &mut Conn, states: &[i64]) -> Result<Vec<(i64, String)>> {
    Ok(sp::table
        .inner_join(p::table.on(p::id.eq(sp::permission_id)))
        .filter(sp::state_id.eq_any(states.to_vec()))
        .order((sp::state_id, p::name))
        .select((sp::state_id, p::name))
        .load(conn)
        .await?)
}

/// Who states list, in words, by state.
///
/// # Errors
/// When the database fails.
pub async fn members_of(conn: &mut Conn) -> Result<Vec<(i64, String)>> {
    #[derive(diesel::QueryableByName)]
    struct Row {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        state_id: i64,
        #[diesel(sql_type = diesel::sql_types::Text)]
        what: String,
    }
    let rows: Vec<Row> = diesel::sql_query(
        "select m.state_id, 'alliance ' || a.id || ' ' || coalesce(a.name, '') as what
         from state_alliances m join alliances a on a.id = m.alliance_id
         union all select m.state_id, 'corporation ' || k.id || ' ' || coalesce(k.name, '')
         from state_corporations m join corporations k on k.id = m.corporation_id
         union all select m.state_id, 'faction ' || f.id || ' ' || f.name
         from state_factions m join factions f on f.id = m.faction_id
         union all select m.state_id, 'character ' || c.id || ' ' || c.name
         from state_characters m join characters c on c.id = m.character_id
         order by 1, 2",
    )
    .load(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.state_id, row.what)).collect())
}

/// How many users have each state.
///
/// # Errors
/// When the database fails.
pub async fn user_counts(conn: &mut Conn, states: &[i64]) -> Result<Vec<(i64, i64)>> {
    Ok(u::table
        .filter(u::state_id.eq_any(states.to_vec()))
        .group_by(u::state_id)
        .select((u::state_id, diesel::dsl::count_star()))
        .load(conn)
        .await?)
}

/// A state by its exact name.
///
/// # Errors
/// When the database fails.
pub async fn find_by_name(conn: &mut Conn, name: &str) -> Result<Option<i64>> {
    Ok(s::table.filter(s::name.eq(name)).select(s::id).first(conn).await.optional()?)
}

/// Who states list, by state.
///
/// # Errors
/// When the database fails.
pub async fn lists_of(conn: &mut Conn, states: &[i64]) -> Result<Vec<(i64, StateMembers)>> {
    #[derive(diesel::QueryableByName)]
    struct Row {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        id: i64,
        #[diesel(sql_type = diesel::sql_types::Array<diesel::sql_types::BigInt>)]
        characters: Vec<i64>,
        #[diesel(sql_type = diesel::sql_types::Array<diesel::sql_types::BigInt>)]
        corporations: Vec<i64>,
        #[diesel(sql_type = diesel::sql_types::Array<diesel::sql_types::BigInt>)]
        alliances: Vec<i64>,
        #[diesel(sql_type = diesel::sql_types::Array<diesel::sql_types::BigInt>)]
        factions: Vec<i64>,
    }
    let rows: Vec<Row> = diesel::sql_query(
        "select s.id,
                array(select character_id from state_characters where state_id = s.id order by 1) as characters,
                array(select corporation_id from state_corporations where state_id = s.id order by 1) as corporations,
                array(select alliance_id from state_alliances where state_id = s.id order by 1) as alliances,
                array(select faction_id from state_factions where state_id = s.id order by 1) as factions
         from states s where s.id = any ($1)",
    )
    .bind::<diesel::sql_types::Array<diesel::sql_types::BigInt>, _>(states)
    .load(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let members = StateMembers {
                characters: row.characters,
                corporations: row.corporations,
                alliances: row.alliances,
                factions: row.factions,
            };
            (row.id, members)
        })
        .collect())
}
