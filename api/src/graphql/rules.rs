//! The rules: states, groups, permissions granted to users, and reserved group names. Those who may see them read
//! them here, and staff edit them here.

use async_graphql::{Context, ID, Object};
use fealty_shared::id::{GroupId, ReservedGroupNameId, StateId, UserId};
use futures_util::FutureExt;

use super::{
    connection::{self, List, Page, PageArgs, Total, cost},
    context::{app, viewer},
    groups::fresh,
    guards::Declared,
    input,
    loaders::{StateKey, UserKey},
    types::{
        edit::{
            CreateGroupInput, CreateStateInput, DeleteGroupInput, DeleteStateInput, GroupEditPayload,
            Outcome, StateEditPayload, UpdateGroupInput, UpdateStateInput, UpdateUserInput, UserEditPayload,
        },
        reserved::*,
        rows,
        state::State,
        user::User,
    },
};
use crate::{
    db::keyset::Position,
    error::{Error, Result},
    groups::{self, reserved},
    identity, states,
};

async fn state(ctx: &Context<'_>, id: i64) -> Result<Option<State>> {
    Ok(rows(ctx)?.load_one(StateKey(id)).await?.map(State))
}

/// Queries about the rules.
#[derive(Debug, Default)]
pub struct RulesQuery;

#[Object]
impl RulesQuery {
    /// One state.
    #[graphql(guard = "Declared(\"Query.state\")")]
    async fn state(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The state's id.")] id: ID,
    ) -> Result<Option<State>> {
        let id = input::id::<StateId>("id", &id)?;
        state(ctx, id).await
    }

    /// Names that no group may have, by name.
    #[graphql(
        guard = "Declared(\"Query.reservedGroupNames\")",
        complexity = "cost(first, last, child_complexity)"
    )]
    async fn reserved_group_names(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
        filter: Option<ReservedGroupNameFilter>,
    ) -> Result<List<Position, ReservedGroupName>> {
        let page = Page::parse(PageArgs { first, after, last, before })?;
        let search = input::text(filter.unwrap_or_default().search);
        let (app, grant) = (app(ctx)?, viewer(ctx)?.grant()?);
        let rows = {
            let mut conn = app.db.conn().await?;
            reserved::page(&mut conn, &grant, search.as_deref(), &page.slice(false)).await?
        };
        let nodes = rows.into_iter().map(|(position, row)| (position, ReservedGroupName(row))).collect();
        let total = Total::counted(app, (grant, search), |conn, (grant, search)| {
            reserved::count(conn, grant, search.as_deref()).boxed()
        });
        Ok(connection::build(&page, nodes, total))
    }
}

/// Mutations of the rules.
#[derive(Debug, Default)]
pub struct RulesMutation;

#[Object]
impl RulesMutation {
    /// Creates a state. Without `previewToken`: says what that would do.
    #[graphql(guard = "Declared(\"Mutation.createState\")")]
    async fn create_state(&self, ctx: &Context<'_>, mut input: CreateStateInput) -> Result<StateEditPayload> {
        let staff = viewer(ctx)?.staff()?;
        let token = input.preview_token.take();
        let edited =
            async { states::edit::create(app(ctx)?, &staff, input.parse()?, token.as_deref()).await }.await;
        let made = edited.as_ref().ok().and_then(|edited| edited.made);
        let state = if let Some(id) = made { state(ctx, id).await? } else { None };
        Ok(StateEditPayload::new(Outcome::of(edited)?, state))
    }

    /// Changes a state. Without `previewToken`: says what that would do.
    #[graphql(guard = "Declared(\"Mutation.updateState\")")]
    async fn update_state(&self, ctx: &Context<'_>, mut input: UpdateStateInput) -> Result<StateEditPayload> {
        let staff = viewer(ctx)?.staff()?;
        let id = input::id::<StateId>("id", &input.id)?;
        let token = input.preview_token.take();
        let edited =
            async { states::edit::update(app(ctx)?, &staff, id, &input.parse()?, token.as_deref()).await }
                .await;
        Ok(StateEditPayload::new(Outcome::of(edited)?, state(ctx, id).await?))
    }

    /// Deletes a state; its users move to their next best one. Without `previewToken`: says what that would do.
    #[graphql(guard = "Declared(\"Mutation.deleteState\")")]
    async fn delete_state(&self, ctx: &Context<'_>, input: DeleteStateInput) -> Result<StateEditPayload> {
        let staff = viewer(ctx)?.staff()?;
        let id = input::id::<StateId>("id", &input.id)?;
        let edited = states::edit::delete(app(ctx)?, &staff, id, input.preview_token.as_deref()).await;
        Ok(StateEditPayload::new(Outcome::of(edited)?, state(ctx, id).await?))
    }

    /// Creates a group. Without `previewToken`: says what that would do.
    #[graphql(guard = "Declared(\"Mutation.createGroup\")")]
    async fn create_group(&self, ctx: &Context<'_>, mut input: CreateGroupInput) -> Result<GroupEditPayload> {
        let staff = viewer(ctx)?.staff()?;
        let token = input.preview_token.take();
        let edited =
            async { groups::edit::create(app(ctx)?, &staff, input.parse()?, token.as_deref()).await }.await;
        let made = edited.as_ref().ok().and_then(|edited| edited.made);
        let group = if let Some(id) = made { fresh(ctx, id).await? } else { None };
        Ok(GroupEditPayload::new(Outcome::of(edited)?, group))
    }

    /// Changes a group. Without `previewToken`: says what that would do.
    #[graphql(guard = "Declared(\"Mutation.updateGroup\")")]
    async fn update_group(&self, ctx: &Context<'_>, mut input: UpdateGroupInput) -> Result<GroupEditPayload> {
        let staff = viewer(ctx)?.staff()?;
        let id = input::id::<GroupId>("id", &input.id)?;
        let token = input.preview_token.take();
        let edited =
            async { groups::edit::update(app(ctx)?, &staff, id, &input.parse()?, token.as_deref()).await }
                .await;
        let outcome = Outcome::of(edited)?;
        Ok(GroupEditPayload::new(outcome, fresh(ctx, id).await?))
    }

    /// Deletes a group; what it granted ends. Without `previewToken`: says what that would do.
    #[graphql(guard = "Declared(\"Mutation.deleteGroup\")")]
    async fn delete_group(&self, ctx: &Context<'_>, input: DeleteGroupInput) -> Result<GroupEditPayload> {
        let staff = viewer(ctx)?.staff()?;
        let id = input::id::<GroupId>("id", &input.id)?;
        let edited = groups::edit::delete(app(ctx)?, &staff, id, input.preview_token.as_deref()).await;
        let outcome = Outcome::of(edited)?;
        Ok(GroupEditPayload::new(outcome, fresh(ctx, id).await?))
    }

    /// Changes a user: on or off, staff, superuser, permissions granted directly. Without `previewToken`:
    /// says what that would do. Staff cannot edit superusers; nobody can switch themselves off or take
    /// superuser from themselves.
    #[graphql(guard = "Declared(\"Mutation.updateUser\")")]
    async fn update_user(&self, ctx: &Context<'_>, mut input: UpdateUserInput) -> Result<UserEditPayload> {
        let staff = viewer(ctx)?.staff()?;
        let id = input::id::<UserId>("id", &input.id)?;
        let token = input.preview_token.take();
        let edited =
            async { identity::edit::update(app(ctx)?, &staff, id, &input.parse()?, token.as_deref()).await }
                .await;
        let outcome = Outcome::of(edited)?;
        Ok(UserEditPayload::new(outcome, rows(ctx)?.load_one(UserKey(id)).await?.map(User)))
    }

    /// Reserves a name, so that no group may have it.
    #[graphql(guard = "Declared(\"Mutation.createReservedGroupName\")")]
    async fn create_reserved_group_name(
        &self,
        ctx: &Context<'_>,
        input: CreateReservedGroupNameInput,
    ) -> Result<CreateReservedGroupNamePayload> {
        let staff = viewer(ctx)?.staff()?;
        match reserved::create(app(ctx)?, &staff, &input.name, &input.reason).await {
            Ok(row) => Ok(CreateReservedGroupNamePayload {
                status: CreateReservedGroupNameStatus::Created,
                problems: Vec::new(),
                reserved_group_name: Some(ReservedGroupName(row)),
            }),
            Err(Error::Invalid(problems)) => Ok(CreateReservedGroupNamePayload {
                status: CreateReservedGroupNameStatus::Invalid,
                problems: problems.into_iter().map(Into::into).collect(),
                reserved_group_name: None,
            }),
            Err(error) => Err(error),
        }
    }

    /// Releases a reserved name.
    #[graphql(guard = "Declared(\"Mutation.deleteReservedGroupName\")")]
    async fn delete_reserved_group_name(
        &self,
        ctx: &Context<'_>,
        input: DeleteReservedGroupNameInput,
    ) -> Result<DeleteReservedGroupNamePayload> {
        let staff = viewer(ctx)?.staff()?;
        let id = input::id::<ReservedGroupNameId>("id", &input.id)?;
        let status = if reserved::delete(app(ctx)?, &staff, id).await? {
            DeleteReservedGroupNameStatus::Deleted
        } else {
            DeleteReservedGroupNameStatus::NotFound
        };
        Ok(DeleteReservedGroupNamePayload { status })
    }
}
