//! States.

use async_graphql::{Context, ID, Object};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use fealty_shared::id::StateId;

use crate::{
    db::schema::{permissions as p, state_permissions as sp, users as u},
    error::Result,
    graphql::{context::{app, viewer}, loaders::StateRow},
};

/// A state, such as Member.
pub struct State(pub StateRow);

#[Object]
impl State {
    async fn id(&self) -> ID {
        StateId(self.0.id).to_string().into()
    }

    async fn name(&self) -> &str {
        &self.0.name
    }

    /// The highest priority that fits a user's main character wins.
    async fn priority(&self) -> i32 {
        self.0.priority
    }

    /// Whether it is available to everybody with a main character.
    async fn is_public(&self) -> bool {
        self.0.is_public
    }

    /// Whether this is the state of last resort.
    async fn is_guest(&self) -> bool {
        self.0.is_guest
    }

    /// Names of the permissions it carries, sorted. Empty for those who may not see states.
    #[graphql(complexity = 10)]
    async fn permissions(&self, ctx: &Context<'_>) -> Result<Vec<String>> {
        if !viewer(ctx)?.may("authentication.view_state") {
            return Ok(Vec::new());
        }
        let mut conn = app(ctx)?.db.conn().await?;
        Ok(sp::table
            .inner_join(p::table.on(p::id.eq(sp::permission_id)))
            .filter(sp::state_id.eq(self.0.id))
            .order(p::name)
            .select(p::name)
            .load(&mut conn)
            .await?)
    }

    /// How many users have it; 0 for those who may not see states.
    #[graphql(complexity = 10)]
    async fn user_count(&self, ctx: &Context<'_>) -> Result<i32> {
        if !viewer(ctx)?.may("authentication.view_state") {
            return Ok(0);
        }
        let mut conn = app(ctx)?.db.conn().await?;
        let count: i64 = u::table.filter(u::state_id.eq(self.0.id)).count().get_result(&mut conn).await?;
        Ok(i32::try_from(count).unwrap_or(i32::MAX))
    }
}
