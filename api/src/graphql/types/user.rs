//! Users.

use async_graphql::{Context, Description, ID, Object};
use fealty_shared::id::UserId;

use super::{
    character::Character,
    history::{self, AccessChange},
    load,
    permission::UserPermissionGrant,
    service::Service,
    state::State,
};
use crate::{
    error::{Error, Result},
    graphql::{
        connection::{List, Page, PageArgs, cost},
        context::{self, own, viewer},
        groups::{GroupsOf, UserGroup},
        guards::shows,
        loaders::{AccountsOf, CharacterKey, CharactersOf, GrantsOf, PermissionSet, StateKey, Time},
    },
    identity::users,
    services::status,
};

/// A user of this site. Anybody who is given one may see all of it except the e-mail address.
#[derive(Description)]
pub struct User(pub users::User);

#[Object(use_type_description)]
impl User {
    /// An opaque id.
    async fn id(&self) -> ID {
        UserId(self.0.id).to_string().into()
    }

    /// Unique, ignoring case.
    async fn username(&self) -> &str {
        &self.0.username
    }

    /// Only for the user themselves in a browser and for those who may change users.
    async fn email(&self, ctx: &Context<'_>) -> Result<Option<&str>> {
        let viewer = viewer(ctx)?;
        let is_himself = viewer.user.id == self.0.id && viewer.session_id.is_some();
        let may = is_himself || shows(viewer, "User.email");
        Ok(self.0.email.as_deref().filter(|_| may))
    }

    /// Whether the account is registered and on.
    async fn is_active(&self) -> bool {
        self.0.is_active
    }

    /// When staff switched the account off; null if it is active, or if its registration is not finished.
    async fn switched_off_at(&self) -> Option<Time> {
        self.0.switched_off_at
    }

    /// Whether they are staff: editing needs that in addition to a permission.
    async fn is_staff(&self) -> bool {
        self.0.is_staff
    }

    /// Whether they have every permission.
    async fn is_superuser(&self) -> bool {
        self.0.is_superuser
    }

    /// The main character; null: none.
    async fn main_character(&self, ctx: &Context<'_>) -> Result<Option<Character>> {
        let Some(id) = self.0.main_character_id else { return Ok(None) };
        if let Some(row) = own(ctx, self.0.id).and_then(|(_, own)| own.character(id)) {
            return Ok(Some(Character(row.clone())));
        }
        Ok(load(ctx, CharacterKey(id)).await?.map(Character))
    }

    /// Their characters: the main first, the others by name.
    #[graphql(complexity = "3 * child_complexity + 1")]
    async fn characters(&self, ctx: &Context<'_>) -> Result<Vec<Character>> {
        let at_hand = own(ctx, self.0.id).and_then(|(_, own)| own.characters.as_ref());
        let mut found = match at_hand.map(|characters| characters.rows.clone()) {
            Some(rows) => rows,
            None => load(ctx, CharactersOf(self.0.id)).await?.unwrap_or_default(),
        };
        if let Some(at) = found.iter().position(|row| Some(row.id) == self.0.main_character_id) {
            found[..=at].rotate_right(1);
        }
        Ok(found.into_iter().map(Character).collect())
    }

    /// Their state.
    async fn state(&self, ctx: &Context<'_>) -> Result<State> {
        if let Some(state) = own(ctx, self.0.id).and_then(|(viewer, _)| viewer.state.clone()) {
            return Ok(State(state));
        }
        load(ctx, StateKey(self.0.state_id))
            .await?
            .map(State)
            .ok_or_else(|| Error::internal("a user without state"))
    }

    /// Since when they have had this state.
    async fn state_since(&self) -> Time {
        self.0.state_since
    }

    /// By name, including internal and hidden ones.
    #[graphql(complexity = "3 * child_complexity + 1")]
    async fn groups(&self, ctx: &Context<'_>) -> Result<Vec<UserGroup>> {
        let found = load(ctx, GroupsOf(self.0.id)).await?.unwrap_or_default();
        Ok(found.into_iter().map(UserGroup).collect())
    }

    /// Effective permissions, sorted by name.
    async fn permissions(&self, ctx: &Context<'_>) -> Result<Vec<String>> {
        let ids = load(ctx, PermissionSet(self.0.permission_set_id)).await?.unwrap_or_default();
        let app = context::app(ctx)?;
        let names = app.permission_names.of(&app.db, &ids).await?;
        Ok(names.iter().map(|name| (**name).to_owned()).collect())
    }

    /// Permissions granted to them directly, by name.
    async fn permission_grants(&self, ctx: &Context<'_>) -> Result<Vec<UserPermissionGrant>> {
        let grants = load(ctx, GrantsOf(self.0.id)).await?.unwrap_or_default();
        Ok(grants.into_iter().map(UserPermissionGrant).collect())
    }

    /// Every service of this site, with their account on it if they have one.
    async fn services(&self, ctx: &Context<'_>) -> Result<Vec<Service>> {
        let loaded;
        let accounts = match own(ctx, self.0.id).and_then(|(_, own)| own.accounts.as_ref()) {
            Some(accounts) => accounts,
            None => {
                loaded = load(ctx, AccountsOf(self.0.id)).await?.unwrap_or_default();
                &loaded
            }
        };
        let has_main = self.0.main_character_id.is_some();
        let views = status::views(&context::app(ctx)?.connectors, &self.0.services, has_main, accounts);
        Ok(views.into_iter().map(Service).collect())
    }

    /// When they registered.
    async fn created_at(&self) -> Time {
        self.0.created_at
    }

    /// Null: never.
    async fn last_login_at(&self) -> Option<Time> {
        self.0.last_login_at
    }

    /// How their access has changed, newest first.
    #[graphql(complexity = "cost(first, last, child_complexity)")]
    async fn history(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<List<i64, AccessChange>> {
        let page = Page::parse(PageArgs { first, after, last, before })?;
        let at_hand = own(ctx, self.0.id).and_then(|(_, own)| own.history.as_ref()?.page(&page));
        history::page(context::app(ctx)?, self.0.id, &page, at_hand).await
    }
}
