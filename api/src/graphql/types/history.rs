//! A user's access history.

use async_graphql::{Description, Enum, ID, InputObject, Object, SimpleObject};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use fealty_shared::id::AccessChangeId;
use futures_util::FutureExt;

use super::{explanation::AccessSubjectInput, person::Person};
use crate::{
    access::{Kind, as_of::ChangeRow},
    app::App,
    db::schema::{access_changes as h, audit_entries as e},
    error::{Error, Result},
    graphql::{
        connection::{self, List, Page, Total},
        loaders::Time,
    },
    services::title_of,
};

/// What kind of access.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum AccessKind {
    /// Having a state.
    State,
    /// Being in a group.
    Group,
    /// Having a permission, in whatever way.
    Permission,
    /// Being allowed on a service.
    Service,
    /// Leading a group.
    Leadership,
}

impl From<AccessKind> for Kind {
    fn from(kind: AccessKind) -> Self {
        match kind {
            AccessKind::State => Self::State,
            AccessKind::Group => Self::Group,
            AccessKind::Permission => Self::Permission,
            AccessKind::Service => Self::Service,
            AccessKind::Leadership => Self::Leadership,
        }
    }
}

impl From<Kind> for AccessKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::State => Self::State,
            Kind::Group => Self::Group,
            Kind::Permission => Self::Permission,
            Kind::Service => Self::Service,
            Kind::Leadership => Self::Leadership,
        }
    }
}

/// Which changes of access.
#[derive(InputObject, Default)]
pub struct AccessChangeFilter {
    /// Of this kind only.
    pub kind: Option<AccessKind>,
    /// Exact name of what was gained or lost, as it was then: another thing may have had it before.
    pub name: Option<String>,
    /// What was gained or lost. Groups and states go by id, whatever they were called then.
    pub subject: Option<AccessSubjectInput>,
    /// Whose access changed.
    pub person_id: Option<ID>,
    /// Not before.
    pub from: Option<Time>,
    /// Before.
    pub to: Option<Time>,
}

/// A change of somebody's access.
#[derive(SimpleObject)]
pub struct UserAccessChange {
    /// What changed, and why.
    pub change: AccessChange,
    /// Null when the user is gone.
    pub person: Option<Person>,
}

/// Why something changed: the person, bot, rule or job behind it.
#[derive(SimpleObject)]
#[graphql(serial)]
pub struct AccessCause {
    /// Machine-readable kind, for example `affiliation_changed`, `main_changed`, `activated`.
    kind: String,
    /// One sentence in English.
    summary: String,
    /// Who did it, as text that survives deletion: a user name, `system` or `fealtyctl`.
    actor: String,
}

/// A row of the history.
#[derive(Debug, Clone, Queryable)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct Row {
    pub id: i64,
    pub at: Time,
    pub kind: String,
    pub gained: Vec<String>,
    pub lost: Vec<String>,
    pub cause_kind: String,
    pub cause_summary: String,
    pub cause_actor: String,
}

impl Row {
    /// As people know them: services are stored by key.
    fn shown<'r>(&self, names: &'r [String]) -> Vec<&'r str> {
        let is_service = Kind::parse(&self.kind) == Some(Kind::Service);
        names.iter().map(|name| if is_service { title_of(name) } else { name }).collect()
    }
}

impl From<ChangeRow> for AccessChange {
    fn from(row: ChangeRow) -> Self {
        Self(Row {
            id: row.id,
            at: row.at,
            kind: row.kind,
            gained: row.gained,
            lost: row.lost,
            cause_kind: row.cause_kind,
            cause_summary: row.cause_summary,
            cause_actor: row.cause_actor,
        })
    }
}

/// One entry of a user's access history.
#[derive(Description)]
pub struct AccessChange(Row);

#[Object(use_type_description, serial)]
impl AccessChange {
    /// Opaque.
    async fn id(&self) -> ID {
        AccessChangeId(self.0.id).to_string().into()
    }

    /// When it happened.
    async fn at(&self) -> Time {
        self.0.at
    }

    /// What kind of access.
    async fn kind(&self) -> Result<AccessKind> {
        Kind::parse(&self.0.kind).map(Into::into).ok_or_else(|| Error::internal("an unknown kind of access"))
    }

    /// Names of the states, groups, permissions or services gained.
    async fn gained(&self) -> Vec<&str> {
        self.0.shown(&self.0.gained)
    }

    /// Names of the states, groups, permissions or services lost.
    async fn lost(&self) -> Vec<&str> {
        self.0.shown(&self.0.lost)
    }

    /// Why it happened.
    async fn cause(&self) -> AccessCause {
        AccessCause {
            kind: self.0.cause_kind.clone(),
            summary: self.0.cause_summary.clone(),
            actor: self.0.cause_actor.clone(),
        }
    }
}

type Columns = (h::id, h::at, h::kind, h::gained, h::lost, e::kind, e::summary, e::actor_name);
const COLUMNS: Columns = (h::id, h::at, h::kind, h::gained, h::lost, e::kind, e::summary, e::actor_name);

/// One page of a user's history, newest first; `at_hand`: its rows, if they need not be loaded.
pub(in crate::graphql) async fn page(
    app: &App,
    user_id: i64,
    page: &Page<i64>,
    at_hand: Option<Vec<Row>>,
) -> Result<List<i64, AccessChange>> {
    let rows = match at_hand {
        Some(rows) => rows,
        None => load(app, user_id, page).boxed().await?,
    };
    let rows = rows.into_iter().map(|row| (row.id, AccessChange(row))).collect();
    let app = app.clone();
    let total = Total::new(move || {
        let app = app.clone();
        async move {
            let mut conn = app.db.conn().await?;
            Ok(h::table.filter(h::user_id.eq(user_id)).count().get_result(&mut conn).await?)
        }
    });
    Ok(connection::build(page, rows, total))
}

async fn load(app: &App, user_id: i64, page: &Page<i64>) -> Result<Vec<Row>> {
    let conn = &mut app.db.conn().await?;
    // Two statements that never change instead of one that is put together: those stay prepared.
    Ok(if page.is_backward {
        h::table
            .inner_join(e::table)
            .filter(h::user_id.eq(user_id).and(h::id.gt(page.cursor.unwrap_or(0))))
            .order(h::id.asc())
            .limit(page.fetch())
            .select(COLUMNS)
            .load(conn)
            .await?
    } else {
        h::table
            .inner_join(e::table)
            .filter(h::user_id.eq(user_id).and(h::id.lt(page.cursor.unwrap_or(i64::MAX))))
            .order(h::id.desc())
            .limit(page.fetch())
            .select(COLUMNS)
            .load(conn)
            .await?
    })
}
