//! Queries about groups.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, InputObject, Object};
use fealty_shared::id::GroupId;

use super::{
    group::{Group, Sight},
    group_id,
    log::{self, GroupLogFilter, Log},
    request::{GroupRequest, GroupRequestKind},
};
use crate::{
    db::keyset::Position,
    error::{Error, Result},
    graphql::{
        connection::{self, List, Page, PageArgs, Total},
        context::{app, viewer},
        guards::Declared,
        query::OrderDirection,
    },
    groups::{self, Filter, OrderBy, RequestFilter, RequestOrderBy},
};

/// Which groups.
#[derive(InputObject, Default)]
pub struct GroupFilter {
    /// Part of the name or description, any case.
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
    /// Whether users or groups lead it.
    has_leader: Option<bool>,
    /// Groups the viewer manages.
    is_managed: Option<bool>,
}

impl From<GroupFilter> for Filter {
    fn from(f: GroupFilter) -> Self {
        Self {
            search: f.search.map(|text| text.replace('\0', "")),
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

/// By what groups are ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum GroupOrderField {
    /// The group's name.
    Name,
    /// Memberships that have begun.
    MemberCount,
    /// When the group was made.
    CreatedAt,
}

/// The order of groups; equal ones by id.
#[derive(InputObject)]
pub struct GroupOrder {
    /// By what.
    field: GroupOrderField,
    /// Which way.
    direction: OrderDirection,
}

/// Which requests.
#[derive(InputObject, Default)]
pub struct GroupRequestFilter {
    /// About this group.
    group_id: Option<ID>,
    /// To join or to leave.
    kind: Option<GroupRequestKind>,
    /// Part of the user name or the main's name, with `auth.view_user` of any character's, any case.
    search: Option<String>,
}

/// By what requests are ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum GroupRequestOrderField {
    /// When they were made.
    CreatedAt,
    /// Of the main, or the user name where there is none.
    Name,
}

/// The order of requests; equal ones by id.
#[derive(InputObject)]
pub struct GroupRequestOrder {
    /// By what.
    field: GroupRequestOrderField,
    /// Which way.
    direction: OrderDirection,
}

impl GroupRequestFilter {
    fn parse(self) -> Result<RequestFilter> {
        let group_id = match self.group_id {
            None => None,
            Some(id) => Some(
                id.parse::<GroupId>()
                    .map_err(|_| Error::invalid("filter.groupId", "invalid", "This is no id of a group."))?
                    .0,
            ),
        };
        Ok(RequestFilter {
            group_id,
            kind: self.kind.map(Into::into),
            search: self.search.map(|text| text.replace('\0', "")),
        })
    }
}

/// Groups and requests.
#[derive(Debug, Default)]
pub struct GroupsQuery;

#[Object]
impl GroupsQuery {
    /// A group the viewer may join (hidden ones too), is in, manages or may see; null otherwise.
    #[graphql(guard = "Declared(\"Query.group\")")]
    async fn group(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of the group.")] id: ID,
    ) -> Result<Option<Group>> {
        let id = group_id("id", &id)?;
        Ok(Sight::of(ctx).await?.find(id))
    }

    /// Groups the viewer manages; with `auth.view_group` or `auth.change_group` all. By name unless ordered otherwise.
    #[graphql(
        guard = "Declared(\"Query.groups\")",
        complexity = "first.or(last).unwrap_or(25).clamp(1, 100) as usize * child_complexity / 2 + 10"
    )]
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
        let page = Page::<Position>::parse(PageArgs { first, after, last, before })?;
        let filter = Filter::from(filter.unwrap_or_default());
        let (order, is_descending) = match order_by {
            None => (OrderBy::Name, false),
            Some(GroupOrder { field, direction }) => {
                let order = match field {
                    GroupOrderField::Name => OrderBy::Name,
                    GroupOrderField::MemberCount => OrderBy::MemberCount,
                    GroupOrderField::CreatedAt => OrderBy::CreatedAt,
                };
                (order, direction == OrderDirection::Desc)
            }
        };
        let (app, sight) = (app(ctx)?.clone(), Sight::of(ctx).await?);
        let asker = Arc::clone(&sight.asker);
        let positions = {
            let mut conn = app.db.conn().await?;
            let is_descending = is_descending != page.is_backward;
            let after = page.cursor.as_ref();
            groups::page(&mut conn, &asker, &filter, order, is_descending, after, page.fetch()).await?
        };
        let nodes = positions
            .into_iter()
            .filter_map(|position| sight.any(position.1).map(|group| (position, group)))
            .collect();
        let total = Total::new(move || {
            let (app, asker, filter) = (app.clone(), asker.clone(), filter.clone());
            async move {
                let mut conn = app.db.conn().await?;
                groups::count(&mut conn, &asker, &filter).await
            }
        });
        Ok(connection::build(&page, nodes, total))
    }

    /// Requests the viewer may see as leader or manager. Oldest first unless ordered otherwise.
    #[graphql(
        guard = "Declared(\"Query.groupRequests\")",
        complexity = "first.or(last).unwrap_or(25).clamp(1, 100) as usize * child_complexity / 2 + 10"
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
        let page = Page::<Position>::parse(PageArgs { first, after, last, before })?;
        let filter = filter.unwrap_or_default().parse()?;
        let (order, is_descending) = match order_by {
            None => (RequestOrderBy::CreatedAt, false),
            Some(GroupRequestOrder { field, direction }) => {
                let order = match field {
                    GroupRequestOrderField::CreatedAt => RequestOrderBy::CreatedAt,
                    GroupRequestOrderField::Name => RequestOrderBy::Name,
                };
                (order, direction == OrderDirection::Desc)
            }
        };
        let (app, asker) = (app(ctx)?.clone(), viewer(ctx)?.asker());
        let nodes = {
            let mut conn = app.db.conn().await?;
            let (after, is_descending) = (page.cursor.as_ref(), is_descending != page.is_backward);
            let positions =
                groups::page_requests(&mut conn, &asker, &filter, order, is_descending, after, page.fetch())
                    .await?;
            let ids: Vec<i64> = positions.iter().map(|(_, id)| *id).collect();
            let found = groups::requests(&mut conn, &ids).await?;
            positions
                .into_iter()
                .filter_map(|position| {
                    let request = found.iter().find(|request| request.id == position.1)?;
                    Some((position, GroupRequest(request.clone())))
                })
                .collect()
        };
        let total = Total::new(move || {
            let (app, asker, filter) = (app.clone(), asker.clone(), filter.clone());
            async move {
                let mut conn = app.db.conn().await?;
                groups::count_requests(&mut conn, &asker, &filter).await
            }
        });
        Ok(connection::build(&page, nodes, total))
    }
    /// The log of any group, internal ones included, newest first. It answers for deleted groups, too: their ids stand in
    /// the audit log. `auth.view_group`, `auth.change_group` or `admin.view_logentry`; leaders find the logs of their
    /// groups in `Group.management`.
    #[graphql(
        guard = "Declared(\"Query.groupLog\")",
        complexity = "first.or(last).unwrap_or(25).clamp(1, 100) as usize * child_complexity / 2 + 10"
    )]
    #[expect(clippy::too_many_arguments, reason = "the arguments of a Relay connection")]
    async fn group_log(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of the group, which may be gone.")] group_id: ID,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
        filter: Option<GroupLogFilter>,
    ) -> Result<Log> {
        let page = Page::parse(PageArgs { first, after, last, before })?;
        let id = self::group_id("groupId", &group_id)?;
        log::page(app(ctx)?, id, filter.unwrap_or_default(), &page).await
    }
}
