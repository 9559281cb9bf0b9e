//! Characters and organisations for display: many at once, by id.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::{
    db::{
        Conn,
        schema::{
            alliances as a, character_ownerships as o, characters as c, corporations as k, factions as f,
        },
    },
    error::Result,
};

/// A character with its owner.
#[derive(Debug, Clone, Queryable)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct CharacterRow {
    pub id: i64,
    pub name: String,
    pub corporation_id: Option<i64>,
    pub alliance_id: Option<i64>,
    pub faction_id: Option<i64>,
    pub is_biomassed: bool,
    pub owner_id: Option<i64>,
}

/// A corporation.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = k)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct CorporationRow {
    pub id: i64,
    pub name: Option<String>,
    pub ticker: Option<String>,
    pub alliance_id: Option<i64>,
    pub member_count: Option<i32>,
    pub is_closed: bool,
}

/// An alliance.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = a)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct AllianceRow {
    pub id: i64,
    pub name: Option<String>,
    pub ticker: Option<String>,
    pub executor_corporation_id: Option<i64>,
}

/// A faction.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = f)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct FactionRow {
    pub id: i64,
    pub name: String,
    pub militia_corporation_id: Option<i64>,
}

type Columns = (
    c::id,
    c::name,
    c::corporation_id,
    c::alliance_id,
    c::faction_id,
    c::is_biomassed,
    diesel::dsl::Nullable<o::user_id>,
);

/// The columns of a [`CharacterRow`]; needs `characters left join character_ownerships`.
fn columns() -> Columns {
    (c::id, c::name, c::corporation_id, c::alliance_id, c::faction_id, c::is_biomassed, o::user_id.nullable())
}

/// Characters by id.
///
/// # Errors
/// When the database fails.
pub async fn characters(conn: &mut Conn, ids: &[i64]) -> Result<Vec<CharacterRow>> {
    let query = c::table.left_join(o::table).filter(c::id.eq_any(ids.to_vec())).select(columns());
    Ok(query.load(conn).await?)
}

/// Characters of users, by name.
///
/// # Errors
/// When the database fails.
pub async fn characters_of(conn: &mut Conn, users: &[i64]) -> Result<Vec<CharacterRow>> {
    let query = c::table.left_join(o::table).filter(o::user_id.eq_any(users.to_vec()));
    Ok(query.order((c::name, c::id)).select(columns()).load(conn).await?)
}

/// Corporations by id.
///
/// # Errors
/// When the database fails.
pub async fn corporations(conn: &mut Conn, ids: &[i64]) -> Result<Vec<CorporationRow>> {
    let query = k::table.filter(k::id.eq_any(ids.to_vec())).select(CorporationRow::as_select());
    Ok(query.load(conn).await?)
}

/// Alliances by id.
///
/// # Errors
/// When the database fails.
pub async fn alliances(conn: &mut Conn, ids: &[i64]) -> Result<Vec<AllianceRow>> {
    let query = a::table.filter(a::id.eq_any(ids.to_vec())).select(AllianceRow::as_select());
    Ok(query.load(conn).await?)
}

/// Factions by id.
///
/// # Errors
/// When the database fails.
pub async fn factions(conn: &mut Conn, ids: &[i64]) -> Result<Vec<FactionRow>> {
    let query = f::table.filter(f::id.eq_any(ids.to_vec())).select(FactionRow::as_select());
    Ok(query.load(conn).await?)
}

/// All factions, by name.
///
/// # Errors
/// When the database fails.
pub async fn all_factions(conn: &mut Conn) -> Result<Vec<FactionRow>> {
    Ok(f::table.order(f::name).select(FactionRow::as_select()).load(conn).await?)
}

/// A user's characters, by name, each with the corporation and alliance it flies for.
///
/// # Errors
/// When the database fails.
pub async fn flown_by(
    conn: &mut Conn,
    user_id: i64,
) -> Result<Vec<(CharacterRow, Option<CorporationRow>, Option<AllianceRow>)>> {
    Ok(c::table
        .inner_join(o::table)
        .left_join(k::table)
        .left_join(a::table.on(c::alliance_id.eq(a::id.nullable())))
        .filter(o::user_id.eq(user_id))
        .order((c::name, c::id))
        .select((
            (
                c::id,
                c::name,
                c::corporation_id,
                c::alliance_id,
                c::faction_id,
                c::is_biomassed,
                o::user_id.nullable(),
            ),
            Option::<CorporationRow>::as_select(),
            Option::<AllianceRow>::as_select(),
        ))
        .load(conn)
        .await?)
}
