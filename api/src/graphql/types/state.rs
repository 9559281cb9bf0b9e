//! States.

use async_graphql::{Context, Description, ID, Object};
use fealty_shared::id::StateId;

use super::load;
use crate::{
    error::Result,
    graphql::{
        context::viewer,
        loaders::{StatePermissions, StateUsers},
    },
    states,
};

/// A state, such as Member.
#[derive(Description)]
pub struct State(pub states::State);

#[Object(use_type_description, serial)]
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
    async fn permissions(&self, ctx: &Context<'_>) -> Result<Vec<String>> {
        if !viewer(ctx)?.may("authentication.view_state") {
            return Ok(Vec::new());
        }
        Ok(load(ctx, StatePermissions(self.0.id)).await?.unwrap_or_default())
    }

    /// How many users have it; 0 for those who may not see states.
    async fn user_count(&self, ctx: &Context<'_>) -> Result<i32> {
        if !viewer(ctx)?.may("authentication.view_state") {
            return Ok(0);
        }
        let count = load(ctx, StateUsers(self.0.id)).await?.unwrap_or(0);
        Ok(i32::try_from(count).unwrap_or(i32::MAX))
    }
}
