//! States: what a user is to the organisation. Their rules live in [`crate::access`]; here is what is read of them.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::{
    db::{
        Conn,
        schema::{permissions as p, state_permissions as sp, states as s, users as u},
    },
    error::Result,
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
pub async fn list(conn: &mut Conn) -> Result<Vec<State>> {
    Ok(s::table.order(s::priority.desc()).select(State::as_select()).load(conn).await?)
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
