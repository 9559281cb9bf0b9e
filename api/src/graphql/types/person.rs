//! People, as anybody who comes across them may see them.

use std::sync::Arc;

use async_graphql::{Context, Description, ID, Object};
use fealty_shared::id::UserId;

use super::{character::Character, load, state::State};
use crate::{
    error::{Error, Result},
    eve::shown::CharacterRow,
    graphql::loaders::{CharacterKey, StateKey, Time, UserKey},
    groups::Leader,
    identity::users::User,
};

/// What others may know of a user without `auth.view_user`: who they are and where they fly.
#[derive(Description)]
pub struct Person(Known);

/// What is already known about them; the rest is loaded when asked for.
enum Known {
    User(Box<User>),
    Leader(Arc<Leader>),
}

impl From<User> for Person {
    fn from(user: User) -> Self {
        Self(Known::User(Box::new(user)))
    }
}

impl From<Arc<Leader>> for Person {
    fn from(leader: Arc<Leader>) -> Self {
        Self(Known::Leader(leader))
    }
}

impl Person {
    async fn user(&self, ctx: &Context<'_>) -> Result<User> {
        match &self.0 {
            Known::User(user) => Ok(User::clone(user)),
            Known::Leader(leader) => load(ctx, UserKey(leader.user_id)).await?.ok_or(Error::NotFound),
        }
    }
}

/// Whether the query only asks for fields of a character that its name and id are enough for.
fn is_brief(ctx: &Context<'_>) -> bool {
    ctx.field()
        .selection_set()
        .all(|field| matches!(field.name(), "id" | "name" | "portraitUrl" | "__typename"))
}

#[Object(use_type_description, serial)]
impl Person {
    /// The user's id.
    async fn id(&self) -> ID {
        let id = match &self.0 {
            Known::User(user) => user.id,
            Known::Leader(leader) => leader.user_id,
        };
        UserId(id).to_string().into()
    }

    /// Unique, ignoring case.
    async fn username(&self) -> &str {
        match &self.0 {
            Known::User(user) => &user.username,
            Known::Leader(leader) => &leader.username,
        }
    }

    /// The main character; null: none.
    async fn main_character(&self, ctx: &Context<'_>) -> Result<Option<Character>> {
        let id = match &self.0 {
            Known::User(user) => user.main_character_id,
            Known::Leader(leader) => leader.main_id,
        };
        let Some(id) = id else { return Ok(None) };
        if let Known::Leader(leader) = &self.0
            && let Some(name) = &leader.main_name
            && is_brief(ctx)
        {
            return Ok(Some(Character(CharacterRow {
                id,
                name: name.clone(),
                corporation_id: None,
                alliance_id: None,
                faction_id: None,
                is_biomassed: false,
                owner_id: None,
            })));
        }
        Ok(load(ctx, CharacterKey(id)).await?.map(Character))
    }

    /// Their state.
    async fn state(&self, ctx: &Context<'_>) -> Result<State> {
        let id = self.user(ctx).await?.state_id;
        let state = load(ctx, StateKey(id)).await?;
        state.map(State).ok_or_else(|| Error::internal("a user without state"))
    }

    /// When they registered.
    async fn created_at(&self, ctx: &Context<'_>) -> Result<Time> {
        Ok(self.user(ctx).await?.created_at)
    }

    /// Whether their account is registered and on.
    async fn is_active(&self, ctx: &Context<'_>) -> Result<bool> {
        Ok(self.user(ctx).await?.is_active)
    }
}
