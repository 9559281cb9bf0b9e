//! Corporations, alliances, factions.

use async_graphql::{Context, Description, Object};

use super::load;
use crate::{
    error::Result,
    eve::{
        images::{self, Picture},
        shown::{AllianceRow, CorporationRow, FactionRow},
    },
    graphql::{
        context::{app, at_hand},
        loaders::AllianceKey,
        scalars::EveId,
    },
};

/// A player or NPC corporation.
#[derive(Description)]
pub struct Corporation(pub CorporationRow);

#[Object(use_type_description, serial)]
impl Corporation {
    /// EVE's id.
    async fn id(&self) -> EveId {
        EveId(self.0.id)
    }

    /// Its name; a placeholder until EVE has been asked.
    async fn name(&self) -> String {
        self.0.name.clone().unwrap_or_else(|| format!("Corporation {}", self.0.id))
    }

    /// Its ticker, without brackets; empty until EVE has been asked.
    async fn ticker(&self) -> &str {
        self.0.ticker.as_deref().unwrap_or_default()
    }

    /// As last reported by EVE; null: none, or not known yet.
    async fn alliance(&self, ctx: &Context<'_>) -> Result<Option<Alliance>> {
        alliance(ctx, self.0.alliance_id).await
    }

    /// How many members EVE counts; null: not known yet.
    async fn member_count(&self) -> Option<i32> {
        self.0.member_count
    }

    /// Whether EVE says that it has been closed.
    async fn is_closed(&self) -> bool {
        self.0.is_closed
    }

    /// Address of its logo, `size` pixels wide (a power of two, 32 to 1024).
    async fn logo_url(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 64, desc = "Pixels, from 32 to 1024; rounded up to a power of two.")] size: i32,
    ) -> Result<String> {
        Ok(images::url(&app(ctx)?.config.images.base_url, Picture::Corporation, self.0.id, size))
    }
}

/// An alliance.
#[derive(Description)]
pub struct Alliance(pub AllianceRow);

/// Loads an alliance, if there is one.
pub(in crate::graphql) async fn alliance(ctx: &Context<'_>, id: Option<i64>) -> Result<Option<Alliance>> {
    let Some(id) = id else { return Ok(None) };
    if let Some(row) = at_hand(ctx).and_then(|own| own.alliance(id)) {
        return Ok(Some(Alliance(row.clone())));
    }
    Ok(load(ctx, AllianceKey(id)).await?.map(Alliance))
}

#[Object(use_type_description, serial)]
impl Alliance {
    /// EVE's id.
    async fn id(&self) -> EveId {
        EveId(self.0.id)
    }

    /// Its name; a placeholder until EVE has been asked.
    async fn name(&self) -> String {
        self.0.name.clone().unwrap_or_else(|| format!("Alliance {}", self.0.id))
    }

    /// Its ticker, without brackets; empty until EVE has been asked.
    async fn ticker(&self) -> &str {
        self.0.ticker.as_deref().unwrap_or_default()
    }

    /// The executor corporation; null if the alliance is closed.
    async fn executor_corporation_id(&self) -> Option<EveId> {
        self.0.executor_corporation_id.map(EveId)
    }

    /// Address of its logo, `size` pixels wide (a power of two, 32 to 1024).
    async fn logo_url(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 64, desc = "Pixels, from 32 to 1024; rounded up to a power of two.")] size: i32,
    ) -> Result<String> {
        Ok(images::url(&app(ctx)?.config.images.base_url, Picture::Alliance, self.0.id, size))
    }
}

/// A faction of New Eden.
#[derive(Description)]
pub struct Faction(pub FactionRow);

#[Object(use_type_description, serial)]
impl Faction {
    /// EVE's id.
    async fn id(&self) -> EveId {
        EveId(self.0.id)
    }

    /// Its name in EVE.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Whether pilots can fight for it in faction warfare.
    async fn is_militia(&self) -> bool {
        self.0.militia_corporation_id.is_some()
    }

    /// Address of its logo, `size` pixels wide (a power of two, 32 to 1024).
    async fn logo_url(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 64, desc = "Pixels, from 32 to 1024; rounded up to a power of two.")] size: i32,
    ) -> Result<String> {
        Ok(images::url(&app(ctx)?.config.images.base_url, Picture::Faction, self.0.id, size))
    }
}
