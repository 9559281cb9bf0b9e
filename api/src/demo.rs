//! The demo organisation of a development installation: one of the simulator's alliances in state Member,
//! another one in state Blue, Discord for members, and a group of each kind. Loaded by `fealtyctl demo load`;
//! loading it again changes nothing.

use diesel::prelude::*;
use diesel_async::{AsyncConnection, RunQueryDsl};
use fealty_shared::id::GroupId;

use crate::{
    access::{self, Actor, Cause, Change, GroupSettings, NewId, StateMembers},
    app::App,
    db::{
        Conn,
        schema::{groups as g, states as s},
    },
    error::{Error, Result},
    eve::{esi::Cached, store},
    states::edit::{self, Update},
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
    development(app)?;
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
        Ok(())
    })
    .await?;
    // Apart from the organisations: an edit takes the engine's lock before it locks anything else.
    conn.transaction::<_, Error, _>(async |conn| {
        let member = ["discord.access_discord", "groupmanagement.request_groups"];
        state(conn, app, "Member", HOME_ALLIANCE, &member).await?;
        state(conn, app, "Blue", BLUE_ALLIANCE, &[]).await
    })
    .await
}

fn development(app: &App) -> Result<()> {
    if app.config.site.development {
        return Ok(());
    }
    let message = "The demo organisation is for development installations.";
    Err(Error::invalid("site.development", "required", message))
}

async fn state(conn: &mut Conn, app: &App, name: &str, alliance: i64, permissions: &[&str]) -> Result<()> {
    let id: i64 = s::table.filter(s::name.eq(name)).select(s::id).first(conn).await?;
    let wanted = Update {
        members: Some(StateMembers { alliances: vec![alliance], ..StateMembers::default() }),
        permissions: Some(permissions.iter().map(ToString::to_string).collect()),
        ..Update::default()
    };
    let summary = format!("The demo organisation set who is {name} and what that gives.");
    edit::set_up(conn, app.clock.now(), id, &wanted, summary).await
}

/// A group with the settings of a new one: closed.
const CLOSED: GroupSettings<'static> = GroupSettings {
    name: "Scouts",
    description: "Eyes on the gates. The Council decides who joins.",
    is_internal: false,
    is_hidden: false,
    is_open: false,
    is_public: false,
    is_restricted: false,
};
/// Whoever joins this one leads others, to see what leaders see.
const COUNCIL: &str = "Council";

/// One of each kind.
const GROUPS: [GroupSettings<'static>; 8] = [
    GroupSettings {
        name: COUNCIL,
        description: "Leads Scouts, Black Ops and Capital Pilots. Join it to see what leaders see.",
        is_open: true,
        ..CLOSED
    },
    GroupSettings {
        name: "Mining Fleet",
        description: "Rocks, in good company. Come and go as you like.",
        is_open: true,
        ..CLOSED
    },
    CLOSED,
    GroupSettings {
        name: "Black Ops",
        description: "Not on any list: whoever has the link may ask.",
        is_hidden: true,
        ..CLOSED
    },
    GroupSettings {
        name: "Public Roams",
        description: "For everybody with a pilot, friends and strangers.",
        is_open: true,
        is_public: true,
        ..CLOSED
    },
    GroupSettings {
        name: "Treasury",
        description: "Superusers alone decide who holds the keys.",
        is_restricted: true,
        ..CLOSED
    },
    GroupSettings { name: "Capital Pilots", description: "Members only, on request.", ..CLOSED },
    GroupSettings {
        name: "Directors",
        description: "Internal: made and filled by administrators.",
        is_internal: true,
        is_hidden: true,
        ..CLOSED
    },
];

/// Creates the groups that do not exist yet.
///
/// # Errors
/// `Invalid` outside development.
pub async fn load_groups(app: &App) -> Result<()> {
    development(app)?;
    let mut conn = app.db.conn().await?;
    conn.transaction::<_, Error, _>(async |conn| {
        let member: i64 = s::table.filter(s::name.eq("Member")).select(s::id).first(conn).await?;
        for settings in GROUPS {
            let name = settings.name;
            if find(conn, name).await?.is_some() {
                continue;
            }
            let id = NewId::of_group(conn).await?;
            let council = find(conn, COUNCIL).await?;
            let limit = [member];
            let is_led = matches!(name, "Scouts" | "Black Ops" | "Capital Pilots");
            let made = Change::GroupCreated {
                id,
                settings,
                states: if name == "Capital Pilots" { Some(&limit) } else { None },
                leaders: &[],
                leader_groups: if is_led { council.as_slice() } else { &[] },
                permissions: &[],
            };
            let cause = Cause::new(
                Actor::Operator,
                "group_created",
                ("group", GroupId(id.0).to_string(), name.to_owned()),
                format!("The demo organisation created the group {name}."),
            );
            access::apply(conn, app.clock.now(), &cause, made).await?;
        }
        Ok(())
    })
    .await
}

async fn find(conn: &mut Conn, name: &str) -> Result<Option<i64>> {
    Ok(g::table.filter(g::name.eq(name)).select(g::id).first(conn).await.optional()?)
}
