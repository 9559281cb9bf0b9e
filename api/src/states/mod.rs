//! States: what a user is to the organisation. Their rules live in [`crate::access`]; here is what is read of them.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use diesel_async::AsyncConnection;
use fealty_shared::{id::StateId, permission::CATALOGUE};

use crate::{
    access::{self, AccessDiff, Actor, Cause, Change, StateMembers},
    app::App,
    db::{
        Conn, Rollback,
        schema::{permissions as p, state_permissions as sp, states as s, users as u},
    },
    error::{Error, Result},
    eve::esi::{Cached, Corporation},
    eve::store,
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

/// Whom states list, in words, by state.
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

/// Whom a state lists and what it carries.
#[derive(Debug, Clone, Copy)]
pub struct Edit<'a> {
    pub name: &'a str,
    pub alliances: &'a [i64],
    pub corporations: &'a [i64],
    pub permissions: &'a [&'a str],
}

/// Makes a state list and carry exactly what `edit` says, or (`is_real` false) tells what that would do. Characters and
/// factions it lists are dropped. Returns what that moved.
///
/// # Errors
/// `NotFound` for a state, alliance or corporation that does not exist; `Invalid` for an unknown permission.
pub async fn edit(app: &App, actor: Actor, edit: &Edit<'_>, is_real: bool) -> Result<AccessDiff> {
    if let Some(unknown) =
        edit.permissions.iter().find(|name| !CATALOGUE.iter().any(|(known, _)| known == *name))
    {
        return Err(Error::invalid("permission", "unknown", format!("There is no permission {unknown}.")));
    }
    let now = app.clock.now();
    let mut alliances = Vec::new();
    for id in edit.alliances {
        let Cached { value, etag, .. } = app.esi.alliance(*id, None).await?;
        alliances.push((*id, value.ok_or(Error::NotFound)?, etag));
    }
    let mut corporations: Vec<(i64, Corporation, Option<String>)> = Vec::new();
    for id in edit.corporations {
        let Cached { value, etag, .. } = app.esi.corporation(*id, None).await?;
        corporations.push((*id, value.ok_or(Error::NotFound)?, etag));
    }
    let mut conn = app.db.conn().await?;
    let ended = conn
        .transaction(async |conn| {
            let id: Option<i64> =
                s::table.filter(s::name.eq(edit.name)).select(s::id).first(conn).await.optional()?;
            let id = id.ok_or(Error::NotFound)?;
            for (alliance_id, alliance, etag) in &alliances {
                store::add_alliance(conn, *alliance_id).await?;
                store::put_alliance(conn, now, *alliance_id, etag.as_deref(), alliance).await?;
            }
            for (corporation_id, corporation, etag) in &corporations {
                store::add_corporation(conn, *corporation_id).await?;
                store::put_corporation(conn, now, *corporation_id, etag.as_deref(), corporation).await?;
            }
            let cause = Cause::new(
                actor,
                "state_edited",
                ("state", StateId(id).to_string(), edit.name.to_owned()),
                format!("It was set who is {} and what that allows.", edit.name),
            );
            let members = StateMembers {
                alliances: edit.alliances.to_vec(),
                corporations: edit.corporations.to_vec(),
                ..StateMembers::default()
            };
            let changes = [
                Change::StateMembersSet { state_id: id, members: &members },
                Change::StatePermissionsSet { state_id: id, permissions: edit.permissions },
            ];
            let diff = access::apply_all(conn, now, &cause, &changes).await?;
            if is_real { Ok(diff) } else { Err(Rollback::With(diff)) }
        })
        .await;
    Rollback::outcome(ended)
}
