//! The demo organisation of a development installation: an alliance of the simulator in state Member, another in state
//! Blue, Discord for members. Loaded by `fealtyctl demo load`; loading it again changes nothing.

use diesel::prelude::*;
use diesel_async::{AsyncConnection, RunQueryDsl};
use fealty_shared::id::StateId;

use crate::{
    access::{self, Actor, Cause, Change, StateMembers},
    app::App,
    db::{Conn, schema::states as s},
    error::{Error, Result},
    eve::{esi::Cached, store},
};

/// The simulator's home alliance.
pub const HOME_ALLIANCE: i64 = 99_980_001;
/// The simulator's allied alliance.
pub const BLUE_ALLIANCE: i64 = 99_980_002;

/// Loads the demo organisation.
///
/// # Errors
/// `Invalid` outside development; `Upstream` when the simulator does not answer.
pub async fn load(app: &App) -> Result<()> {
    if !app.config.site.development {
        return Err(Error::invalid(
            "site.development",
            "required",
            "The demo organisation is for development installations.",
        ));
    }
    let now = app.clock.now();
    let mut found = Vec::new();
    for id in [HOME_ALLIANCE, BLUE_ALLIANCE] {
        let Cached { value, etag, .. } = app.esi.alliance(id, None).await?;
        found.push((id, value.ok_or(Error::NotFound)?, etag));
    }
    let Cached { value: factions, .. } = app.esi.factions(None).await?;
    let mut conn = app.db.conn().await?;
    conn.transaction::<_, Error, _>(async |conn| {
        store::put_factions(conn, now, &factions.unwrap_or_default()).await?;
        for (id, alliance, etag) in &found {
            store::add_alliance(conn, *id).await?;
            store::put_alliance(conn, now, *id, etag.as_deref(), alliance).await?;
        }
        let member = ["discord.access_discord", "groupmanagement.request_groups"];
        state(conn, app, "Member", HOME_ALLIANCE, &member).await?;
        state(conn, app, "Blue", BLUE_ALLIANCE, &[]).await
    })
    .await
}

async fn state(conn: &mut Conn, app: &App, name: &str, alliance: i64, permissions: &[&str]) -> Result<()> {
    let id: i64 = s::table.filter(s::name.eq(name)).select(s::id).first(conn).await?;
    let cause = Cause::new(
        Actor::Operator,
        "state_edited",
        ("state", StateId(id).to_string(), name.to_owned()),
        format!("The demo organisation set who is {name}."),
    );
    let members = StateMembers { alliances: vec![alliance], ..StateMembers::default() };
    let now = app.clock.now();
    access::apply(conn, now, &cause, Change::StateMembersSet { state_id: id, members: &members }).await?;
    access::apply(conn, now, &cause, Change::StatePermissionsSet { state_id: id, permissions }).await?;
    Ok(())
}
