//! Which of a service's roles stand for which states and groups, as operators see and decide it.
//!
//! Roles are created by the connector. One that was created by hand only stands for something if an operator says so:
//! being allowed to name a group must not give access to what a role of that name opens on the service.

use std::collections::HashMap;

use diesel::{
    OptionalExtension, QueryableByName, sql_query,
    sql_types::{BigInt, Nullable, Text},
};
use diesel_async::RunQueryDsl;
use fealty_shared::id::{GroupId, StateId};

use super::{Connector, ServiceRole, StandsFor, store};
use crate::{
    access::{Actor, Cause},
    app::App,
    audit,
    db::Conn,
    error::{Error, Result},
};

/// What a role should stand for, by name.
#[derive(Debug, Clone)]
pub enum Bearer {
    State(String),
    Group(String),
}

/// A state or group, and the role that stands for it.
#[derive(Debug)]
pub struct Listed {
    /// `state` or `group`.
    pub kind: &'static str,
    pub name: String,
    pub external_id: String,
    /// What the service calls the role; absent: it no longer exists, and another one will be created.
    pub external_name: Option<String>,
}

/// A role that now stands for something.
#[derive(Debug)]
pub struct Adopted {
    /// What the service calls it.
    pub name: String,
    /// Id of the role that stood for it before.
    pub replaced: Option<String>,
}

/// The roles of a service that stand for something: states first, by name.
///
/// # Errors
/// `NotFound` for a service that is not configured; `Upstream` when it does not list its roles.
pub async fn list(app: &App, service: &str) -> Result<Vec<Listed>> {
    let connector = app.connectors.get(service).ok_or(Error::NotFound)?;
    let there: HashMap<String, String> =
        roles(connector.as_ref()).await?.into_iter().map(|role| (role.external_id, role.name)).collect();
    let mut conn = app.db.conn().await?;
    let rows: Vec<Row> = sql_query(
        "select s.name as state, g.name as \"group\", r.external_id from service_roles r
         left join states s on s.id = r.state_id left join groups g on g.id = r.group_id
         where r.service = $1 order by s.name, g.name",
    )
    .bind::<Text, _>(service)
    .load(&mut conn)
    .await?;
    let listed = |row: Row| {
        let (kind, name) = match (row.state, row.group) {
            (Some(name), _) => ("state", name),
            (None, name) => ("group", name?),
        };
        let external_name = there.get(&row.external_id).cloned();
        Some(Listed { kind, name, external_id: row.external_id, external_name })
    };
    Ok(rows.into_iter().filter_map(listed).collect())
}

/// Makes a role that exists on the service stand for a state or group from now on, in place of the previous one. The
/// accounts of those in the state or group are checked again.
///
/// # Errors
/// `NotFound` for a service that is not configured; `Invalid` for a state, group or role that does not exist,
/// for a role that nobody can give, and for one that stands for something else; `Upstream` when the service
/// does not list its roles.
pub async fn adopt(app: &App, service: &str, external_id: &str, bearer: &Bearer) -> Result<Adopted> {
    let connector = app.connectors.get(service).ok_or(Error::NotFound)?;
    let spec = connector.spec();
    let role = roles(connector.as_ref())
        .await?
        .into_iter()
        .find(|role| role.external_id == external_id)
        .ok_or_else(|| {
            let text = format!("{} has no role with the id {external_id} that could be given.", spec.title);
            Error::invalid("role", "unknown", text)
        })?;
    let now = app.clock.now();
    let (db, role) = (&app.db, &role);
    let replaced = db
        .transaction(async |conn| {
            let (stands_for, name) = find(conn, bearer).await?;
            let ours = store::registry(conn, spec.key).await?.current;
            if let Some((other, _)) =
                ours.iter().find(|(other, id)| **id == external_id && **other != stands_for)
            {
                let whose = name_of(conn, *other).await?.unwrap_or_default();
                let text = format!("That role stands for the {} {whose} already.", kind(*other));
                return Err(Error::invalid("role", "taken", text));
            }
            let replaced = ours.get(&stands_for).filter(|id| **id != external_id).cloned();
            if replaced.is_none() && ours.contains_key(&stands_for) {
                return Ok(None);
            }
            store::keep_role(conn, spec.key, stands_for, external_id).await?;
            let accounts = store::of_holders(conn, spec.key, stands_for).await?;
            store::mark(conn, now, spec.key, &accounts).await?;
            let id = match stands_for {
                StandsFor::State(id) => StateId(id).to_string(),
                StandsFor::Group(id) => GroupId(id).to_string(),
            };
            let summary = format!(
                "The role {} ({external_id}) on {} stands for the {} {name} from now on.",
                role.name,
                spec.title,
                kind(stands_for)
            );
            let cause =
                Cause::new(Actor::Operator, "service_role_adopted", (kind(stands_for), id, name), summary);
            audit::write(conn, now, &cause).await?;
            Ok(replaced)
        })
        .await?;
    Ok(Adopted { name: role.name.clone(), replaced })
}

async fn roles(connector: &dyn Connector) -> Result<Vec<ServiceRole>> {
    connector.roles().await.map_err(|error| Error::Upstream {
        service: connector.spec().key,
        detail: format!("listing roles: {error:?}"),
    })
}

const fn kind(stands_for: StandsFor) -> &'static str {
    match stands_for {
        StandsFor::State(_) => "state",
        StandsFor::Group(_) => "group",
    }
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Nullable<Text>)]
    state: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    group: Option<String>,
    #[diesel(sql_type = Text)]
    external_id: String,
}

#[derive(QueryableByName)]
struct Named {
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = Text)]
    name: String,
}

async fn find(conn: &mut Conn, bearer: &Bearer) -> Result<(StandsFor, String)> {
    let (table, name) = match bearer {
        Bearer::State(name) => ("states", name),
        Bearer::Group(name) => ("groups", name),
    };
    let row: Option<Named> = sql_query(format!("select id, name from {table} where lower(name) = lower($1)"))
        .bind::<Text, _>(name)
        .get_result(conn)
        .await
        .optional()?;
    match (row, bearer) {
        (Some(row), Bearer::State(_)) => Ok((StandsFor::State(row.id), row.name)),
        (Some(row), Bearer::Group(_)) => Ok((StandsFor::Group(row.id), row.name)),
        (None, Bearer::State(_)) => {
            Err(Error::invalid("state", "unknown", format!("There is no state {name}.")))
        }
        (None, Bearer::Group(_)) => {
            Err(Error::invalid("group", "unknown", format!("There is no group {name}.")))
        }
    }
}

async fn name_of(conn: &mut Conn, stands_for: StandsFor) -> Result<Option<String>> {
    let (table, id) = match stands_for {
        StandsFor::State(id) => ("states", id),
        StandsFor::Group(id) => ("groups", id),
    };
    let row: Option<Named> = sql_query(format!("select id, name from {table} where id = $1"))
        .bind::<BigInt, _>(id)
        .get_result(conn)
        .await
        .optional()?;
    Ok(row.map(|row| row.name))
}
