//! Characters.

use async_graphql::{Context, Description, Object};
use fealty_shared::permission::SEES_USERS;

use super::{
    load,
    organisation::{Alliance, Corporation, Faction, alliance},
    user::User,
};
use crate::{
    error::Result,
    eve::{
        images::{self, Picture},
        shown::CharacterRow,
    },
    graphql::{
        context::{app, at_hand, own, viewer},
        loaders::{CorporationKey, FactionKey, UserKey},
        scalars::EveId,
    },
};

/// A character.
#[derive(Description)]
pub struct Character(pub CharacterRow);

#[Object(use_type_description, serial)]
impl Character {
    /// EVE's id.
    async fn id(&self) -> EveId {
        EveId(self.0.id)
    }

    /// Its name in EVE.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Null while EVE has not been asked yet or did not answer.
    async fn corporation(&self, ctx: &Context<'_>) -> Result<Option<Corporation>> {
        let Some(id) = self.0.corporation_id else { return Ok(None) };
        if let Some(row) = at_hand(ctx).and_then(|own| own.corporation(id)) {
            return Ok(Some(Corporation(row.clone())));
        }
        Ok(load(ctx, CorporationKey(id)).await?.map(Corporation))
    }

    /// Its corporation's alliance, as last reported by EVE; null: none, or not known yet.
    async fn alliance(&self, ctx: &Context<'_>) -> Result<Option<Alliance>> {
        alliance(ctx, self.0.alliance_id).await
    }

    /// The faction it fights for.
    async fn faction(&self, ctx: &Context<'_>) -> Result<Option<Faction>> {
        match self.0.faction_id {
            Some(id) => Ok(load(ctx, FactionKey(id)).await?.map(Faction)),
            None => Ok(None),
        }
    }

    /// Address of its portrait, `size` pixels wide (a power of two, 32 to 1024).
    async fn portrait_url(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 64, desc = "Pixels, from 32 to 1024; rounded up to a power of two.")] size: i32,
    ) -> Result<String> {
        Ok(images::url(&app(ctx)?.config.images.base_url, Picture::Character, self.0.id, size))
    }

    /// Whether this is its owner's main character. False if the viewer may not know the owner.
    async fn is_main(&self, ctx: &Context<'_>) -> Result<bool> {
        if let Some((viewer, _)) = self.0.owner_id.and_then(|owner| own(ctx, owner)) {
            return Ok(viewer.user.main_character_id == Some(self.0.id));
        }
        Ok(self.owner(ctx).await?.is_some_and(|user| user.0.main_character_id == Some(self.0.id)))
    }

    /// Whether the character was biomassed.
    async fn is_biomassed(&self) -> bool {
        self.0.is_biomassed
    }

    /// The user who owns it; null if the viewer may not know.
    async fn user(&self, ctx: &Context<'_>) -> Result<Option<User>> {
        self.owner(ctx).await
    }
}

impl Character {
    async fn owner(&self, ctx: &Context<'_>) -> Result<Option<User>> {
        let Some(owner) = self.0.owner_id else { return Ok(None) };
        // A registration in progress sees its own character without being a viewer.
        let Ok(viewer) = viewer(ctx) else { return Ok(None) };
        if let Some((viewer, _)) = own(ctx, owner) {
            return Ok(Some(User(viewer.user.clone())));
        }
        // After a mutation the viewer's own user is loaded too, not taken from the request: it may just have changed.
        if viewer.user.id != owner && !viewer.may_any(SEES_USERS) {
            return Ok(None);
        }
        Ok(load(ctx, UserKey(owner)).await?.map(User))
    }
}
