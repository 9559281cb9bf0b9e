//! Queries about groups.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, InputObject, Object};
use fealty_shared::id::GroupId;

use super::{
    group::{Group, Sight},
    group_id,
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
    groups::{self, Filter, OrderBy, RequestFilter},
};

/// Which groups.
#[derive(InputObject, Default)]
pub struct GroupFilter {
    /// Part of the name or description, any case.
    search: Option<String>,
    is_internal: Option<bool>,
    is_hidden: Option<bool>,
    is_open: Option<bool>,
    is_public: Option<bool>,
    is_restricted: Option<bool>,
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
    Name,
    MemberCount,
    CreatedAt,
}

/// The order of groups; equal ones by id.
#[derive(InputObject)]
pub struct GroupOrder {
    field: GroupOrderField,
    direction: OrderDirection,
}

/// Which requests.
#[derive(InputObject, Default)]
pub struct GroupRequestFilter {
    group_id: Option<ID>,
    kind: Option<GroupRequestKind>,
    /// Part of a name
    search: Option<String>,
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
    async fn group(&self, ctx: &Context<'_>, id: ID) -> Result<Option<Group>> {
        let id = group_id("id", &id)?;
        Ok(Sight::of(ctx).await?.find(id))
    }

    /// Groups the viewer manages; with `auth.view_group` all. By name unless ordered otherwise.
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

    /// Requests the viewer may see as leader or manager, oldest first.
    #[graphql(
        guard = "Declared(\"Query.groupRequests\")",
        complexity = "first.or(last).unwrap_or(25).clamp(1, 100) as usize * child_complexity / 2 + 10"
    )]
    async fn group_requests(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
        filter: Option<GroupRequestFilter>,
    ) -> Result<List<Position, GroupRequest>> {
        let page = Page::<Position>::parse(PageArgs { first, after, last, before })?;
        let filter = filter.unwrap_or_default().parse()?;
        let (app, asker) = (app(ctx)?.clone(), viewer(ctx)?.asker());
        let nodes = {
            let mut conn = app.db.conn().await?;
            let after = page.cursor.as_ref();
            let positions =
                groups::page_requests(&mut conn, &asker, &filter, page.is_backward, after, page.fetch())
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
}
