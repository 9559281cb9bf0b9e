//! States.

use async_graphql::{Context, Description, ID, Object};
use fealty_shared::id::StateId;

use super::{
    character::Character,
    load,
    organisation::{Alliance, Corporation, Faction},
    rows,
};
use crate::{
    access,
    error::Result,
    graphql::{
        connection,
        context::viewer,
        guards::shows,
        loaders::{
            AllianceKey, CharacterKey, CorporationKey, FactionKey, StateLists, StatePermissions, StateUsers,
        },
    },
    states,
};

/// A state, such as Member.
#[derive(Description)]
pub struct State(pub states::State);

#[Object(use_type_description, serial)]
impl State {
    /// An opaque id.
    async fn id(&self) -> ID {
        StateId(self.0.id).to_string().into()
    }

    /// Unique, ignoring case.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Of the states that fit a user's main character, the one with the highest priority wins.
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

    /// Names of the permissions it carries, sorted. Empty for viewers who may not see states.
    async fn permissions(&self, ctx: &Context<'_>) -> Result<Vec<String>> {
        if !shows(viewer(ctx)?, "State.permissions") {
            return Ok(Vec::new());
        }
        Ok(load(ctx, StatePermissions(self.0.id)).await?.unwrap_or_default())
    }

    /// Who it lists. Empty for viewers who may not see states.
    #[graphql(complexity = "10 * child_complexity + 1")]
    async fn members(&self, ctx: &Context<'_>) -> Result<StateMembers> {
        if !shows(viewer(ctx)?, "State.members") {
            return Ok(StateMembers(access::StateMembers::default()));
        }
        Ok(StateMembers(rows(ctx)?.load_one(StateLists(self.0.id)).await?.unwrap_or_default()))
    }

    /// How many users have it; 0 for viewers who may not see states.
    async fn user_count(&self, ctx: &Context<'_>) -> Result<i32> {
        if !shows(viewer(ctx)?, "State.userCount") {
            return Ok(0);
        }
        let count = load(ctx, StateUsers(self.0.id)).await?.unwrap_or(0);
        Ok(connection::count(count))
    }
}

/// Who a state lists.
#[derive(Description)]
pub struct StateMembers(access::StateMembers);

#[Object(use_type_description)]
impl StateMembers {
    /// These characters.
    async fn characters(&self, ctx: &Context<'_>) -> Result<Vec<Character>> {
        let ids = &self.0.characters;
        let mut found = rows(ctx)?.load_many(ids.iter().map(|id| CharacterKey(*id))).await?;
        Ok(ids.iter().filter_map(|id| found.remove(&CharacterKey(*id)).map(Character)).collect())
    }

    /// Every character of these corporations.
    async fn corporations(&self, ctx: &Context<'_>) -> Result<Vec<Corporation>> {
        let ids = &self.0.corporations;
        let mut found = rows(ctx)?.load_many(ids.iter().map(|id| CorporationKey(*id))).await?;
        Ok(ids.iter().filter_map(|id| found.remove(&CorporationKey(*id)).map(Corporation)).collect())
    }

    /// Every character of these alliances.
    async fn alliances(&self, ctx: &Context<'_>) -> Result<Vec<Alliance>> {
        let ids = &self.0.alliances;
        let mut found = rows(ctx)?.load_many(ids.iter().map(|id| AllianceKey(*id))).await?;
        Ok(ids.iter().filter_map(|id| found.remove(&AllianceKey(*id)).map(Alliance)).collect())
    }

    /// Every character fighting for these factions.
    async fn factions(&self, ctx: &Context<'_>) -> Result<Vec<Faction>> {
        let ids = &self.0.factions;
        let mut found = rows(ctx)?.load_many(ids.iter().map(|id| FactionKey(*id))).await?;
        Ok(ids.iter().filter_map(|id| found.remove(&FactionKey(*id)).map(Faction)).collect())
    }
}
