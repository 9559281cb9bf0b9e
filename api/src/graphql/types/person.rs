//! What others may know of a user.

use async_graphql::{Context, Description, ID, Object};
use fealty_shared::id::UserId;

use super::{character::Character, rows, state::State};
use crate::{
    error::{Error, Result},
    graphql::loaders::{CharacterKey, StateKey, Time},
    identity::users,
};

/// What others may know of a user without `auth.view_user`: who he is and where he flies.
#[derive(Description)]
pub struct Person(pub users::User);

#[Object(use_type_description)]
impl Person {
    /// The user's id.
    async fn id(&self) -> ID {
        UserId(self.0.id).to_string().into()
    }

    async fn username(&self) -> &str {
        &self.0.username
    }

    async fn main_character(&self, ctx: &Context<'_>) -> Result<Option<Character>> {
        match self.0.main_character_id {
            Some(id) => Ok(rows(ctx)?.load_one(CharacterKey(id)).await?.map(Character)),
            None => Ok(None),
        }
    }

    async fn state(&self, ctx: &Context<'_>) -> Result<State> {
        rows(ctx)?
            .load_one(StateKey(self.0.state_id))
            .await?
            .map(State)
            .ok_or_else(|| Error::internal("a user without state"))
    }

    /// When he registered.
    async fn created_at(&self) -> Time {
        self.0.created_at
    }

    async fn is_active(&self) -> bool {
        self.0.is_active
    }
}
