//! What those who manage a group see: its members and log.

use std::collections::HashMap;

use async_graphql::{Context, Description, Enum, InputObject, Object};
use fealty_shared::id::GroupId;
use futures_util::FutureExt;

use super::{
    loaders::CountsOf,
    log::{self, GroupLogFilter, Log},
};
use crate::{
    db::keyset::Position,
    error::{Error, Result},
    graphql::{
        connection::{self, List, OrderDirection, Page, PageArgs, Total, cost, count, ordered},
        context::{app, viewer},
        input,
        loaders::{Time, UserKey},
        types::{load, person::Person},
    },
    groups::{self, Member, MemberFilter, MemberOrderBy},
};

/// What leaders see of a group and can do with it.
#[derive(Description)]
pub struct GroupManagement {
    pub id: i64,
    /// Whether the viewer may add and remove members.
    pub can_edit: bool,
}

/// Filter for members.
#[derive(InputObject, Default)]
pub struct GroupMemberFilter {
    /// Part of the user name or of any of their characters' names, ignoring case.
    search: Option<String>,
    /// Only memberships that have begun, or only those that have not.
    is_started: Option<bool>,
}

/// What to order members by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "MemberOrderBy")]
pub enum GroupMemberOrderField {
    /// The main's name, or the user name if there is no main.
    Name,
    /// When they were made members.
    Since,
    /// When it ends by itself; those without an end last.
    EndsAt,
}

/// The order of members; ties are broken by id.
#[derive(InputObject)]
pub struct GroupMemberOrder {
    /// What to order by.
    field: GroupMemberOrderField,
    /// In which direction.
    direction: OrderDirection,
}

#[Object(use_type_description, serial)]
impl GroupManagement {
    /// Memberships that have begun.
    async fn member_count(&self, ctx: &Context<'_>) -> Result<i32> {
        Ok(count(self.counts(ctx).await?.0))
    }

    /// Requests to join or leave that are waiting for a decision.
    async fn request_count(&self, ctx: &Context<'_>) -> Result<i32> {
        Ok(count(self.counts(ctx).await?.1))
    }

    /// Whether the viewer may add and remove members (in restricted groups, superusers only).
    async fn can_edit_members(&self) -> bool {
        self.can_edit
    }

    /// The members, including those whose membership has not begun. By the main's name unless ordered otherwise.
    #[graphql(complexity = "cost(first, last, child_complexity)")]
    #[expect(clippy::too_many_arguments, reason = "the arguments of a Relay connection")]
    async fn members(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
        filter: Option<GroupMemberFilter>,
        order_by: Option<GroupMemberOrder>,
    ) -> Result<List<Position, GroupMember>> {
        members(ctx, self.id, PageArgs { first, after, last, before }, filter, order_by).await
    }

    /// Who joined, left and was refused, newest first.
    #[graphql(complexity = "cost(first, last, child_complexity)")]
    async fn log(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
        filter: Option<GroupLogFilter>,
    ) -> Result<Log> {
        let page = Page::parse(PageArgs { first, after, last, before })?;
        log::page(app(ctx)?, self.id, filter.unwrap_or_default(), &page).await
    }

    /// A path on this site that opens the page for joining.
    async fn join_path(&self) -> String {
        format!("/groups/{}", GroupId(self.id))
    }
}

impl GroupManagement {
    async fn counts(&self, ctx: &Context<'_>) -> Result<(i64, i64)> {
        Ok(load(ctx, CountsOf(self.id)).await?.unwrap_or_default())
    }
}

/// One page of a group's members, for anybody who may see them.
///
/// # Errors
/// `Invalid` for an impossible page; `Internal` when the database fails.
pub async fn members(
    ctx: &Context<'_>,
    group_id: i64,
    page: PageArgs,
    filter: Option<GroupMemberFilter>,
    order_by: Option<GroupMemberOrder>,
) -> Result<List<Position, GroupMember>> {
    let page = Page::parse(page)?;
    let order_by = order_by.map(|order| (order.field, order.direction));
    let (order, is_descending) = ordered(order_by, MemberOrderBy::Name);
    let GroupMemberFilter { search, is_started } = filter.unwrap_or_default();
    let filter = MemberFilter { search: input::text(search), is_started };
    let (app, asker) = (app(ctx)?, viewer(ctx)?.asker());
    let (positions, mut found) = {
        let mut conn = app.db.conn().await?;
        let slice = page.slice(is_descending);
        let positions = groups::page_members(&mut conn, &asker, group_id, &filter, order, &slice).await?;
        let ids: Vec<i64> = positions.iter().map(|Position(_, id)| *id).collect();
        let members = groups::members_of(&mut conn, group_id, &ids).await?;
        let members: HashMap<i64, Member> =
            members.into_iter().map(|member| (member.user_id, member)).collect();
        (positions, members)
    };
    let nodes = positions
        .into_iter()
        .filter_map(|position| found.remove(&position.1).map(|member| (position, GroupMember(member))))
        .collect();
    let total = Total::counted(app, (asker, group_id, filter), |conn, (asker, group_id, filter)| {
        groups::count_members(conn, asker, *group_id, filter).boxed()
    });
    Ok(connection::build(&page, nodes, total))
}

/// A member of a group.
#[derive(Description)]
pub struct GroupMember(Member);

#[Object(use_type_description, serial)]
impl GroupMember {
    /// Who it is.
    async fn person(&self, ctx: &Context<'_>) -> Result<Person> {
        load(ctx, UserKey(self.0.user_id)).await?.map(Person::from).ok_or(Error::NotFound)
    }

    /// When they were made a member.
    async fn since(&self) -> Time {
        self.0.since
    }

    /// Null: immediately.
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

    /// Why, as written by whoever added them; may be empty.
    async fn reason(&self) -> &str {
        &self.0.reason
    }

    /// Whether they lead the group, directly or through a leader group.
    async fn is_leader(&self) -> bool {
        self.0.is_leader
    }
}
