//! Finding users.

use async_graphql::{Context, Enum, ID, InputObject, Object};
use fealty_shared::{
    id::{GroupId, StateId, UserId},
    permission::SEES_USERS,
};
use futures_util::FutureExt;

use super::{
    connection::{List, OrderDirection, Page, PageArgs, Total, cost, keyed, ordered},
    context::{app, viewer},
    guards::Declared,
    input,
    loaders::UserKey,
    scalars::EveId,
    types::{rows, user::User},
};
use crate::{db::keyset::Position, error::Result, identity::directory as people};

/// Filter for users.
#[derive(InputObject, Default)]
pub struct UserFilter {
    /// Part of the user name or of any of their characters' names, ignoring case.
    search: Option<String>,
    /// With this state.
    state_id: Option<ID>,
    /// The main character's corporation.
    corporation_id: Option<EveId>,
    /// The main character's alliance.
    alliance_id: Option<EveId>,
    /// The main character's faction.
    faction_id: Option<EveId>,
    /// As in `User.isActive`.
    is_active: Option<bool>,
    /// As in `User.isSuperuser`.
    is_superuser: Option<bool>,
    /// As in `User.isStaff`.
    is_staff: Option<bool>,
    /// Members of this group whose membership has begun.
    group_id: Option<ID>,
}

impl UserFilter {
    fn parse(self) -> Result<people::Filter> {
        Ok(people::Filter {
            search: input::text(self.search),
            state_id: input::some_id::<StateId>("filter.stateId", self.state_id.as_ref())?,
            corporation_id: self.corporation_id.map(|id| id.0),
            alliance_id: self.alliance_id.map(|id| id.0),
            faction_id: self.faction_id.map(|id| id.0),
            is_active: self.is_active,
            is_superuser: self.is_superuser,
            is_staff: self.is_staff,
            group_id: input::some_id::<GroupId>("filter.groupId", self.group_id.as_ref())?,
        })
    }
}

/// What to order users by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "people::OrderBy")]
pub enum UserOrderField {
    /// The user name.
    Username,
    /// The main character's name.
    Main,
    /// The name of the main's corporation.
    Corporation,
    /// The state's priority.
    State,
    /// When they registered.
    CreatedAt,
    /// When they last logged in.
    LastLoginAt,
}

/// The order of users; ties are broken by id.
#[derive(InputObject)]
pub struct UserOrder {
    /// What to order by.
    field: UserOrderField,
    /// In which direction.
    direction: OrderDirection,
}

/// Users.
#[derive(Debug, Default)]
pub struct PeopleQuery;

#[Object]
impl PeopleQuery {
    /// One user: the viewer, or anybody with `auth.view_user` or `auth.change_user`; otherwise null.
    #[graphql(guard = "Declared(\"Query.user\")")]
    async fn user(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The user's id.")] id: ID,
    ) -> Result<Option<User>> {
        let id = input::id::<UserId>("id", &id)?;
        let viewer = viewer(ctx)?;
        if viewer.user.id == id {
            return Ok(Some(User(viewer.user.clone())));
        }
        if !viewer.may_any(SEES_USERS) {
            return Ok(None);
        }
        Ok(rows(ctx)?.load_one(UserKey(id)).await?.map(User))
    }

    /// All users. By user name unless ordered otherwise.
    #[graphql(guard = "Declared(\"Query.users\")", complexity = "cost(first, last, child_complexity)")]
    #[expect(clippy::too_many_arguments, reason = "the arguments of a Relay connection")]
    async fn users(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
        filter: Option<UserFilter>,
        order_by: Option<UserOrder>,
    ) -> Result<List<Position, User>> {
        let page = Page::parse(PageArgs { first, after, last, before })?;
        let filter = filter.unwrap_or_default().parse()?;
        let order_by = order_by.map(|order| (order.field, order.direction));
        let (order, is_descending) = ordered(order_by, people::OrderBy::Username);
        let (app, grant) = (app(ctx)?, viewer(ctx)?.grant_any()?);
        let positions = {
            let mut conn = app.db.conn().await?;
            people::page(&mut conn, &grant, &filter, order, &page.slice(is_descending)).await?
        };
        let total = Total::counted(app, (grant, filter), |conn, (grant, filter)| {
            people::count(conn, grant, filter).boxed()
        });
        keyed(ctx, &page, positions, UserKey, User, total).await
    }
}
