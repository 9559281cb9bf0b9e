//! EVE characters and organisations known to this site.

use std::hash::Hash;

use async_graphql::{Context, InputObject, Object, OutputType, dataloader::Loader};
use fealty_shared::permission::SEES_DIRECTORY;
use futures_util::FutureExt;

use super::{
    connection::{List, Page, PageArgs, Total, cost, keyed},
    context::{app, viewer},
    guards::Declared,
    input,
    loaders::{AllianceKey, Batches, CharacterKey, CorporationKey, LoadFailed},
    scalars::EveId,
    types::{
        character::Character,
        organisation::{Alliance, Corporation, Faction},
        rows,
    },
};
use crate::{
    db::keyset::Position,
    error::Result,
    eve::{
        directory::{self as eve, What},
        shown,
    },
};

/// Filter for characters.
#[derive(InputObject, Default)]
pub struct CharacterFilter {
    /// Part of the name, ignoring case.
    search: Option<String>,
    /// In this corporation.
    corporation_id: Option<EveId>,
    /// In this alliance.
    alliance_id: Option<EveId>,
    /// In this faction.
    faction_id: Option<EveId>,
}

/// Filter for corporations or alliances.
#[derive(InputObject, Default)]
pub struct OrganisationFilter {
    /// Part of the name or the start of the ticker, ignoring case.
    search: Option<String>,
}

/// Characters, corporations, alliances and factions.
#[derive(Debug, Default)]
pub struct NewEdenQuery;

#[Object]
impl NewEdenQuery {
    /// One character: the viewer's own, or any known to this site with a permission to see users
    /// or states; otherwise null.
    #[graphql(guard = "Declared(\"Query.character\")")]
    async fn character(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "EVE's id.")] id: EveId,
    ) -> Result<Option<Character>> {
        if !sees(ctx, What::Characters, id).await? {
            return Ok(None);
        }
        Ok(rows(ctx)?.load_one(CharacterKey(id.0)).await?.map(Character))
    }

    /// Characters, by name: the viewer's own, or all known to this site with a permission to see users or states.
    #[graphql(guard = "Declared(\"Query.characters\")", complexity = "cost(first, last, child_complexity)")]
    async fn characters(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
        filter: Option<CharacterFilter>,
    ) -> Result<List<Position, Character>> {
        let f = filter.unwrap_or_default();
        let filter = eve::Filter {
            search: input::text(f.search),
            corporation_id: f.corporation_id.map(|id| id.0),
            alliance_id: f.alliance_id.map(|id| id.0),
            faction_id: f.faction_id.map(|id| id.0),
            of_user: None,
        };
        let args = PageArgs { first, after, last, before };
        named(ctx, What::Characters, args, filter, CharacterKey, Character).await
    }

    /// One corporation: one that the viewer's characters are in, or any known to this site with a permission to see
    /// users or states; otherwise null.
    #[graphql(guard = "Declared(\"Query.corporation\")")]
    async fn corporation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "EVE's id.")] id: EveId,
    ) -> Result<Option<Corporation>> {
        if !sees(ctx, What::Corporations, id).await? {
            return Ok(None);
        }
        Ok(rows(ctx)?.load_one(CorporationKey(id.0)).await?.map(Corporation))
    }

    /// Corporations, by name: those the viewer's characters are in, or all known to this site with a
    /// permission to see users or states.
    #[graphql(guard = "Declared(\"Query.corporations\")", complexity = "cost(first, last, child_complexity)")]
    async fn corporations(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
        filter: Option<OrganisationFilter>,
    ) -> Result<List<Position, Corporation>> {
        let search = input::text(filter.unwrap_or_default().search);
        let filter = eve::Filter { search, ..eve::Filter::default() };
        let args = PageArgs { first, after, last, before };
        named(ctx, What::Corporations, args, filter, CorporationKey, Corporation).await
    }

    /// One alliance: one that the viewer's characters are in, or any known to this site with a permission to see
    /// users or states; otherwise null.
    #[graphql(guard = "Declared(\"Query.alliance\")")]
    async fn alliance(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "EVE's id.")] id: EveId,
    ) -> Result<Option<Alliance>> {
        if !sees(ctx, What::Alliances, id).await? {
            return Ok(None);
        }
        Ok(rows(ctx)?.load_one(AllianceKey(id.0)).await?.map(Alliance))
    }

    /// Alliances, by name: those the viewer's characters are in, or all known to this site with a
    /// permission to see users or states.
    #[graphql(guard = "Declared(\"Query.alliances\")", complexity = "cost(first, last, child_complexity)")]
    async fn alliances(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
        filter: Option<OrganisationFilter>,
    ) -> Result<List<Position, Alliance>> {
        let search = input::text(filter.unwrap_or_default().search);
        let filter = eve::Filter { search, ..eve::Filter::default() };
        let args = PageArgs { first, after, last, before };
        named(ctx, What::Alliances, args, filter, AllianceKey, Alliance).await
    }

    /// All factions, by name.
    #[graphql(guard = "Declared(\"Query.factions\")")]
    async fn factions(&self, ctx: &Context<'_>) -> Result<Vec<Faction>> {
        let mut conn = app(ctx)?.db.conn().await?;
        Ok(shown::all_factions(&mut conn).await?.into_iter().map(Faction).collect())
    }
}

/// Whether the viewer may know that this site knows this one.
async fn sees(ctx: &Context<'_>, what: What, EveId(id): EveId) -> Result<bool> {
    let viewer = viewer(ctx)?;
    if viewer.may_any(SEES_DIRECTORY) {
        return Ok(true);
    }
    let mut conn = app(ctx)?.db.conn().await?;
    eve::is_own(&mut conn, what, viewer.user.id, id).await
}

/// One page of named things, out of those the viewer may know of.
async fn named<K, N>(
    ctx: &Context<'_>,
    what: What,
    args: PageArgs,
    mut filter: eve::Filter,
    key: impl Fn(i64) -> K,
    node: impl Fn(<Batches as Loader<K>>::Value) -> N,
) -> Result<List<Position, N>>
where
    K: Send + Sync + Hash + Eq + Clone + 'static,
    Batches: Loader<K, Error = LoadFailed>,
    N: OutputType,
{
    let page = Page::parse(args)?;
    let (app, viewer) = (app(ctx)?, viewer(ctx)?);
    filter.of_user = (!viewer.may_any(SEES_DIRECTORY)).then_some(viewer.user.id);
    let positions = {
        let mut conn = app.db.conn().await?;
        eve::page(&mut conn, what, &filter, &page.slice(false)).await?
    };
    let total =
        Total::counted(app, (what, filter), |conn, (what, filter)| eve::count(conn, *what, filter).boxed());
    keyed(ctx, &page, positions, key, node, total).await
}
