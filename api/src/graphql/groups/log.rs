//! The logs of groups.

use async_graphql::{
    Description, Enum, ID, InputObject, Object, OutputType,
    connection::{ConnectionNameType, EdgeNameType},
};
use fealty_shared::id::{GroupLogEntryId, UserId};
use futures_util::FutureExt;

use crate::{
    app::App,
    error::{Error, Result},
    graphql::{
        connection::{self, Named, Page, Total},
        input,
        loaders::Time,
    },
    groups::{self, LogFilter},
};

/// `GroupLogConnection`, not named after its entries.
pub struct LogName;

impl ConnectionNameType for LogName {
    fn type_name<T: OutputType>() -> String {
        "GroupLogConnection".into()
    }
}

impl EdgeNameType for LogName {
    fn type_name<T: OutputType>() -> String {
        "GroupLogEdge".into()
    }
}

/// A list of entries.
pub type Log = Named<i64, GroupLogEntry, LogName, LogName>;

/// What a log entry is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum GroupLogKind {
    /// A request to join, or joining at once.
    Join,
    /// A request to leave, or leaving at once.
    Leave,
    /// Somebody was added by somebody else.
    Addition,
    /// Somebody was removed by somebody else, or by a rule.
    Removal,
}

impl GroupLogKind {
    const ALL: [Self; 4] = [Self::Join, Self::Leave, Self::Addition, Self::Removal];

    /// As stored in `group_log.kind`.
    const fn as_str(self) -> &'static str {
        match self {
            Self::Join => "join",
            Self::Leave => "leave",
            Self::Addition => "addition",
            Self::Removal => "removal",
        }
    }
}

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum GroupLogAction {
    /// A request was accepted, or none was needed.
    Accepted,
    /// A request was refused.
    Rejected,
    /// A request was taken back.
    Retracted,
    /// A membership was given, or its times were changed.
    Added,
    /// A membership was taken away.
    Removed,
    /// The membership's time was up.
    Ended,
}

impl GroupLogAction {
    const ALL: [Self; 6] =
        [Self::Accepted, Self::Rejected, Self::Retracted, Self::Added, Self::Removed, Self::Ended];

    /// As stored in `group_log.action`.
    const fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
            Self::Retracted => "retracted",
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Ended => "ended",
        }
    }
}

/// Filter for a group's log; all conditions must hold.
#[derive(InputObject, Default)]
pub struct GroupLogFilter {
    /// Part of the user name or of the main's name, as they were then, ignoring case.
    search: Option<String>,
    /// Who it happened to, as in `GroupLogEntry.userId`.
    person_id: Option<ID>,
    /// Any of these. Empty: all.
    kinds: Option<Vec<GroupLogKind>>,
    /// Any of these. Empty: all.
    actions: Option<Vec<GroupLogAction>>,
    /// Not before this.
    from: Option<Time>,
    /// Before this.
    to: Option<Time>,
}

impl GroupLogFilter {
    fn parse(self) -> Result<LogFilter> {
        let (from, to) = input::span(self.from, self.to)?;
        Ok(LogFilter {
            search: input::text(self.search),
            user_id: input::some_id::<UserId>("filter.personId", self.person_id.as_ref())?,
            kinds: self.kinds.unwrap_or_default().into_iter().map(GroupLogKind::as_str).collect(),
            actions: self.actions.unwrap_or_default().into_iter().map(GroupLogAction::as_str).collect(),
            from,
            to,
        })
    }
}

/// One entry of a group's log; names are as they were then.
#[derive(Description)]
pub struct GroupLogEntry(groups::LogEntry);

#[Object(use_type_description, serial)]
impl GroupLogEntry {
    /// An opaque id.
    async fn id(&self) -> ID {
        GroupLogEntryId(self.0.id).to_string().into()
    }

    /// When it happened.
    async fn at(&self) -> Time {
        self.0.at
    }

    /// The group's name.
    async fn group_name(&self) -> &str {
        &self.0.group_name
    }

    /// The user's id; the user may be gone.
    async fn user_id(&self) -> ID {
        UserId(self.0.user_id).to_string().into()
    }

    /// The user's name.
    async fn username(&self) -> &str {
        &self.0.username
    }

    /// The name of their main character.
    async fn main_name(&self) -> Option<&str> {
        self.0.main_name.as_deref()
    }

    /// The name of their main's corporation.
    async fn corporation_name(&self) -> Option<&str> {
        self.0.corporation_name.as_deref()
    }

    /// What it is about.
    async fn kind(&self) -> Result<GroupLogKind> {
        let kind = GroupLogKind::ALL.into_iter().find(|kind| kind.as_str() == self.0.kind);
        kind.ok_or_else(|| Error::internal("an unknown kind in a group's log"))
    }

    /// What was done.
    async fn action(&self) -> Result<GroupLogAction> {
        let action = GroupLogAction::ALL.into_iter().find(|action| action.as_str() == self.0.action);
        action.ok_or_else(|| Error::internal("an unknown action in a group's log"))
    }

    /// Who did it: a user name, `system` or `fealtyctl`.
    async fn actor(&self) -> &str {
        &self.0.actor_name
    }

    /// What was written along with it: the reason for a request or addition, the answer to a request.
    async fn note(&self) -> &str {
        &self.0.note
    }
}

/// One page of a group's log, newest first.
pub(super) async fn page(app: &App, group_id: i64, filter: GroupLogFilter, page: &Page<i64>) -> Result<Log> {
    let filter = filter.parse()?;
    let rows = {
        let mut conn = app.db.conn().await?;
        groups::log_page(&mut conn, group_id, &filter, page.is_backward, page.cursor, page.fetch()).await?
    };
    let nodes = rows.into_iter().map(|row| (row.id, GroupLogEntry(row))).collect();
    let total = Total::counted(app, (group_id, filter), |conn, (group_id, filter)| {
        groups::log_count(conn, *group_id, filter).boxed()
    });
    Ok(connection::build(page, nodes, total))
}
