//! Queries about groups.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, InputObject, Object};
use fealty_shared::id::GroupId;
use futures_util::FutureExt;

use super::{
    group::{Group, Sight},
    log::{self, GroupLogFilter, Log},
    request::{GroupRequest, GroupRequestKind},
};
use crate::{
    db::keyset::Position,
    error::Result,
    graphql::{
        connection::{self, List, OrderDirection, Page, PageArgs, Total, cost, ordered},
        context::{app, viewer},
        guards::Declared,
        input,
    },
    groups::{self, Filter, OrderBy, RequestFilter, RequestOrderBy},
};

/// Filter for groups.
#[derive(InputObject, Default)]
pub struct GroupFilter {
    /// Part of the name or description, ignoring case.
    search: Option<String>,
    /// As in `Group.isInternal`.
    is_internal: Option<bool>,
    /// As in `Group.isHidden`.
    is_hidden: Option<bool>,
    /// As in `Group.isOpen`.
    is_open: Option<bool>,
    /// As in `Group.isPublic`.
    is_public: Option<bool>,
    /// As in `Group.isRestricted`.
    is_restricted: Option<bool>,
    /// Whether any users or groups lead it.
    has_leader: Option<bool>,
    /// Whether the viewer manages it.
    is_managed: Option<bool>,
}

impl From<GroupFilter> for Filter {
    fn from(f: GroupFilter) -> Self {
        Self {
            search: input::text(f.search),
            is_internal: f.is_internal,
            is_hidden: f.is_hidden,
            is_open: f.is_open,
            is_public: f.is_public,
            is_restricted: f.is_restricted,
            has_leader: f.has_leader,
            is_managed: f.is_managed,
        }
    }
}

/// What to order groups by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "OrderBy")]
pub enum GroupOrderField {
    /// The group's name.
    Name,
    /// Memberships that have begun.
    MemberCount,
    /// Requests that wait for a decision, of groups the viewer manages; none of others.
    RequestCount,
    /// When the group was created.
    CreatedAt,
}

/// The order of groups; ties are broken by id.
#[derive(InputObject)]
pub struct GroupOrder {
    /// What to order by.
    field: GroupOrderField,
    /// In which direction.
    direction: OrderDirection,
}

/// Filter for requests.
#[derive(InputObject, Default)]
pub struct GroupRequestFilter {
    /// About this group.
    group_id: Option<ID>,
    /// To join or to leave.
    kind: Option<GroupRequestKind>,
    /// Part of the user name or the main's name (with `auth.view_user`, of any character's), ignoring case.
    search: Option<String>,
}

/// What to order requests by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "RequestOrderBy")]
pub enum GroupRequestOrderField {
    /// When they were made.
    CreatedAt,
    /// The main's name, or the user name if there is no main.
    Name,
}

/// The order of requests; ties are broken by id.
#[derive(InputObject)]
pub struct GroupRequestOrder {
    /// What to order by.
    field: GroupRequestOrderField,
    /// In which direction.
    direction: OrderDirection,
}

impl GroupRequestFilter {
    fn parse(self) -> Result<RequestFilter> {
        Ok(RequestFilter {
            group_id: input::some_id::<GroupId>("filter.groupId", self.group_id.as_ref())?,
            kind: self.kind.map(Into::into),
            search: input::text(self.search),
        })
    }
}

/// Groups and requests.
#[derive(Debug, Default)]
pub struct GroupsQuery;

#[Object]
impl GroupsQuery {
    /// A group that the viewer may join (even if hidden), is in, manages or may see; otherwise null.
    #[graphql(guard = "Declared(\"Query.group\")")]
    async fn group(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The group's id.")] id: ID,
    ) -> Result<Option<Group>> {
        let id = input::id::<GroupId>("id", &id)?;
        Ok(Sight::of(ctx).await?.find(id))
    }

    /// Groups the viewer manages; all groups with `auth.view_group` or `auth.change_group`. By name
    /// unless ordered otherwise.
    #[graphql(guard = "Declared(\"Query.groups\")", complexity = "cost(first, last, child_complexity)")]
    #[expect(clippy::too_many_arguments, reason = "the arguments of a Relay connection")]
    async fn groups(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
        filter: Option<GroupFilter>,
        order_by: Option<GroupOrder>,
    ) -> Result<List<Position, Group>> {
        let page = Page::parse(PageArgs { first, after, last, before })?;
        let filter = Filter::from(filter.unwrap_or_default());
        let order_by = order_by.map(|order| (order.field, order.direction));
        let (order, is_descending) = ordered(order_by, OrderBy::Name);
        let (app, sight) = (app(ctx)?, Sight::of(ctx).await?);
        let asker = Arc::clone(&sight.asker);
        let positions = {
            let mut conn = app.db.conn().await?;
            groups::page(&mut conn, &asker, &filter, order, &page.slice(is_descending)).await?
        };
        let nodes = positions
            .into_iter()
            .filter_map(|position| sight.any(position.1).map(|group| (position, group)))
            .collect();
        let total = Total::counted(app, (asker, filter), |conn, (asker, filter)| {
            groups::count(conn, asker, filter).boxed()
        });
        Ok(connection::build(&page, nodes, total))
    }

    /// Requests the viewer may see as a leader or manager. Oldest first unless ordered otherwise.
    #[graphql(
        guard = "Declared(\"Query.groupRequests\")",
        complexity = "cost(first, last, child_complexity)"
    )]
    #[expect(clippy::too_many_arguments, reason = "the arguments of a Relay connection")]
    async fn group_requests(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
        filter: Option<GroupRequestFilter>,
        order_by: Option<GroupRequestOrder>,
    ) -> Result<List<Position, GroupRequest>> {
        let page = Page::parse(PageArgs { first, after, last, before })?;
        let filter = filter.unwrap_or_default().parse()?;
        let order_by = order_by.map(|order| (order.field, order.direction));
        let (order, is_descending) = ordered(order_by, RequestOrderBy::CreatedAt);
        let (app, asker) = (app(ctx)?, viewer(ctx)?.asker());
        let nodes = {
            let mut conn = app.db.conn().await?;
            let slice = page.slice(is_descending);
            let positions = groups::page_requests(&mut conn, &asker, &filter, order, &slice).await?;
            let ids: Vec<i64> = positions.iter().map(|Position(_, id)| *id).collect();
            let found = groups::requests(&mut conn, &ids).await?;
            positions
                .into_iter()
                .filter_map(|position| {
                    let request = found.iter().find(|request| request.id == position.1)?;
                    Some((position, GroupRequest(request.clone())))
                })
                .collect()
        };
        let total = Total::counted(app, (asker, filter), |conn, (asker, filter)| {
            groups::count_requests(conn, asker, filter).boxed()
        });
        Ok(connection::build(&page, nodes, total))
    }

    /// The log of any group, internal ones included, newest first. Deleted groups have one, too: their ids are in the
    /// audit log. `auth.view_group`, `auth.change_group` or `admin.view_logentry`; leaders find the logs of their
    /// groups in `Group.management`.
    #[graphql(guard = "Declared(\"Query.groupLog\")", complexity = "cost(first, last, child_complexity)")]
    #[expect(clippy::too_many_arguments, reason = "the arguments of a Relay connection")]
    async fn group_log(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The group's id; the group may be gone.")] group_id: ID,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
        filter: Option<GroupLogFilter>,
    ) -> Result<Log> {
        let page = Page::parse(PageArgs { first, after, last, before })?;
        let id = input::id::<GroupId>("groupId", &group_id)?;
        log::page(app(ctx)?, id, filter.unwrap_or_default(), &page).await
    }
}
