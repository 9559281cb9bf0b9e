//! What those see who manage a group: members and log.

use std::collections::HashMap;

use async_graphql::{
    Context, Description, Enum, ID, InputObject, Object, OutputType,
    connection::{ConnectionNameType, EdgeNameType},
};
use fealty_shared::id::{GroupId, GroupLogEntryId};

use super::loaders::CountsOf;
use crate::{
    db::keyset::Position,
    error::{Error, Result},
    graphql::{
        connection::{self, List, Named, Page, PageArgs, Total},
        context::{app, viewer},
        loaders::{Time, UserKey},
        types::{load, person::Person},
    },
    groups::{self, Member, MemberFilter},
};

/// What leaders see of a group and do.
#[derive(Description)]
pub struct GroupManagement {
    pub id: i64,
    /// Whether the viewer may add and remove members.
    pub can_edit: bool,
}

/// Which members.
#[derive(InputObject, Default)]
pub struct GroupMemberFilter {
    /// Part of the user name or of any of his characters' names, any case.
    search: Option<String>,
}

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

type Log = Named<i64, GroupLogEntry, LogName, LogName>;

#[Object(use_type_description, serial)]
impl GroupManagement {
    /// Memberships that have begun.
    async fn member_count(&self, ctx: &Context<'_>) -> Result<i32> {
        Ok(i32::try_from(self.counts(ctx).await?.0).unwrap_or(i32::MAX))
    }

    async fn request_count(&self, ctx: &Context<'_>) -> Result<i32> {
        Ok(i32::try_from(self.counts(ctx).await?.1).unwrap_or(i32::MAX))
    }

    /// Whether the viewer may add and remove members (restricted groups: superusers only).
    async fn can_edit_members(&self) -> bool {
        self.can_edit
    }

    /// By name of the main.
    #[graphql(complexity = "first.or(last).unwrap_or(25).clamp(1, 100) as usize * child_complexity / 2 + 10")]
    async fn members(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
        filter: Option<GroupMemberFilter>,
    ) -> Result<List<Position, GroupMember>> {
        let page = Page::<Position>::parse(PageArgs { first, after, last, before })?;
        let search = filter.unwrap_or_default().search.map(|text| text.replace('\0', ""));
        let filter = MemberFilter { search };
        let (app, asker, group_id) = (app(ctx)?.clone(), viewer(ctx)?.asker(), self.id);
        let (positions, mut found) = {
            let mut conn = app.db.conn().await?;
            let positions = groups::page_members(
                &mut conn,
                &asker,
                group_id,
                &filter,
                page.is_backward,
                page.cursor.as_ref(),
                page.fetch(),
            )
            .await?;
            let ids: Vec<i64> = positions.iter().map(|(_, id)| *id).collect();
            let members = groups::members_of(&mut conn, group_id, &ids).await?;
            let members: HashMap<i64, Member> =
                members.into_iter().map(|member| (member.user_id, member)).collect();
            (positions, members)
        };
        let nodes = positions
            .into_iter()
            .filter_map(|position| found.remove(&position.1).map(|member| (position, GroupMember(member))))
            .collect();
        let total = Total::new(move || {
            let (app, asker, filter) = (app.clone(), asker.clone(), filter.clone());
            async move {
                let mut conn = app.db.conn().await?;
                groups::count_members(&mut conn, &asker, group_id, &filter).await
            }
        });
        Ok(connection::build(&page, nodes, total))
    }

    /// Newest first.
    #[graphql(complexity = "first.or(last).unwrap_or(25).clamp(1, 100) as usize * child_complexity / 2 + 10")]
    async fn log(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<Log> {
        let page = Page::<i64>::parse(PageArgs { first, after, last, before })?;
        let (app, group_id) = (app(ctx)?.clone(), self.id);
        let rows = {
            let mut conn = app.db.conn().await?;
            groups::log_page(&mut conn, group_id, page.is_backward, page.cursor, page.fetch()).await?
        };
        let nodes = rows.into_iter().map(|row| (row.id, GroupLogEntry(row))).collect();
        let total = Total::new(move || {
            let app = app.clone();
            async move { groups::log_count(&mut *app.db.conn().await?, group_id).await }
        });
        Ok(connection::build(&page, nodes, total))
    }

    /// A path of this site that opens the page to join.
    async fn join_path(&self) -> String {
        format!("/groups/{}", GroupId(self.id))
    }
}

impl GroupManagement {
    async fn counts(&self, ctx: &Context<'_>) -> Result<(i64, i64)> {
        Ok(load(ctx, CountsOf(self.id)).await?.unwrap_or_default())
    }
}

/// A member of a group.
#[derive(Description)]
pub struct GroupMember(Member);

#[Object(use_type_description, serial)]
impl GroupMember {
    async fn person(&self, ctx: &Context<'_>) -> Result<Person> {
        load(ctx, UserKey(self.0.user_id)).await?.map(Person::from).ok_or(Error::NotFound)
    }

    async fn since(&self) -> Time {
        self.0.since
    }

    /// Null: at once.
    async fn starts_at(&self) -> Option<Time> {
        self.0.starts_at
    }

    /// Whether it has begun.
    async fn is_started(&self) -> bool {
        self.0.is_started
    }

    /// When it ends by itself.
    async fn ends_at(&self) -> Option<Time> {
        self.0.ends_at
    }

    async fn reason(&self) -> &str {
        &self.0.reason
    }

    /// Whether he leads the group, directly or through a leader group.
    async fn is_leader(&self) -> bool {
        self.0.is_leader
    }
}

/// What an entry of the log is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum GroupLogKind {
    Join,
    Leave,
    Addition,
    Removal,
}

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum GroupLogAction {
    Accepted,
    Rejected,
    Retracted,
    Added,
    Removed,
    /// Its time was over.
    Ended,
}

/// One entry of a group's log; names are as they were.
#[derive(Description)]
pub struct GroupLogEntry(groups::LogEntry);

#[Object(use_type_description, serial)]
impl GroupLogEntry {
    async fn id(&self) -> ID {
        GroupLogEntryId(self.0.id).to_string().into()
    }

    async fn at(&self) -> Time {
        self.0.at
    }

    /// The user's name.
    async fn username(&self) -> &str {
        &self.0.username
    }

    async fn main_name(&self) -> Option<&str> {
        self.0.main_name.as_deref()
    }

    async fn corporation_name(&self) -> Option<&str> {
        self.0.corporation_name.as_deref()
    }

    async fn kind(&self) -> Result<GroupLogKind> {
        match self.0.kind.as_str() {
            "join" => Ok(GroupLogKind::Join),
            "leave" => Ok(GroupLogKind::Leave),
            "addition" => Ok(GroupLogKind::Addition),
            "removal" => Ok(GroupLogKind::Removal),
            _ => Err(Error::internal("an unknown kind in a group's log")),
        }
    }

    async fn action(&self) -> Result<GroupLogAction> {
        match self.0.action.as_str() {
            "accepted" => Ok(GroupLogAction::Accepted),
            "rejected" => Ok(GroupLogAction::Rejected),
            "retracted" => Ok(GroupLogAction::Retracted),
            "added" => Ok(GroupLogAction::Added),
            "removed" => Ok(GroupLogAction::Removed),
            "ended" => Ok(GroupLogAction::Ended),
            _ => Err(Error::internal("an unknown action in a group's log")),
        }
    }

    /// A user name, `system` or `fealtyctl`.
    async fn actor(&self) -> &str {
        &self.0.actor_name
    }

    async fn note(&self) -> &str {
        &self.0.note
    }
}
