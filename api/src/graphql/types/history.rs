//! A user's access history.

use async_graphql::{Description, Enum, ID, InputObject, Object, SimpleObject};
use fealty_shared::id::AccessChangeId;
use futures_util::FutureExt;

use super::{explanation::AccessSubjectInput, person::Person};
use crate::{
    access::{
        Kind,
        history::{self, Change},
    },
    app::App,
    error::{Error, Result},
    graphql::{
        connection::{self, List, Page, Total},
        loaders::Time,
    },
    services::title_of,
};

/// The kind of access.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum AccessKind {
    /// Having a state.
    State,
    /// Being in a group.
    Group,
    /// Having a permission, by whatever path.
    Permission,
    /// Being allowed to use a service.
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

/// Filter for access changes.
#[derive(InputObject, Default)]
pub struct AccessChangeFilter {
    /// Only of this kind.
    pub kind: Option<AccessKind>,
    /// Exact name of what was gained or lost, as it was then; something else may have had the same name before.
    pub name: Option<String>,
    /// What was gained or lost. Groups and states are matched by id, whatever they were called then.
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
    /// Null if the user is gone.
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
    /// Who did it, as text that survives their deletion: a user name, `system` or `fealtyctl`.
    actor: String,
}

/// One entry of a user's access history.
#[derive(Description)]
pub struct AccessChange(Change);

impl From<Change> for AccessChange {
    fn from(change: Change) -> Self {
        Self(change)
    }
}

impl AccessChange {
    /// The names people know them by: services are stored by key.
    fn shown<'r>(&self, names: &'r [String]) -> Vec<&'r str> {
        let is_service = self.0.kind() == Some(Kind::Service);
        names.iter().map(|name| if is_service { title_of(name) } else { name }).collect()
    }
}

#[Object(use_type_description, serial)]
impl AccessChange {
    /// An opaque id.
    async fn id(&self) -> ID {
        AccessChangeId(self.0.id).to_string().into()
    }

    /// When it happened.
    async fn at(&self) -> Time {
        self.0.at
    }

    /// The kind of access.
    async fn kind(&self) -> Result<AccessKind> {
        self.0.kind().map(Into::into).ok_or_else(|| Error::internal("an unknown kind of access"))
    }

    /// Names of the states, groups, permissions or services gained.
    async fn gained(&self) -> Vec<&str> {
        self.shown(&self.0.gained)
    }

    /// Names of the states, groups, permissions or services lost.
    async fn lost(&self) -> Vec<&str> {
        self.shown(&self.0.lost)
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

/// One page of a user's history, newest first; `at_hand`: its rows, if they need not be loaded.
pub(in crate::graphql) async fn page(
    app: &App,
    user_id: i64,
    page: &Page<i64>,
    at_hand: Option<Vec<Change>>,
) -> Result<List<i64, AccessChange>> {
    let rows = match at_hand {
        Some(rows) => rows,
        None => load(app, user_id, page).boxed().await?,
    };
    let rows = rows.into_iter().map(|row| (row.id, AccessChange(row))).collect();
    let total = Total::counted(app, user_id, |conn, user_id| history::count(conn, *user_id).boxed());
    Ok(connection::build(page, rows, total))
}

async fn load(app: &App, user_id: i64, page: &Page<i64>) -> Result<Vec<Change>> {
    let conn = &mut app.db.conn().await?;
    history::page(conn, user_id, &page.slice(true)).await
}
