//! Finding anything that has a name, as far as the viewer may know of it.
//!
//! The rules are those of the lists: users with `auth.view_user`; every character, corporation and alliance for those
//! who may see users or states, otherwise only the viewer's own and where they fly; groups as on the viewer's page of
//! groups, plus those they manage or may see as an administrator.

use async_graphql::{Context, Description, Object};
use fealty_shared::permission::{SEES_DIRECTORY, SEES_USERS};

use super::{
    context::{app, viewer},
    groups::{Group, Sight},
    guards::Declared,
    loaders::{AllianceKey, CharacterKey, CorporationKey, UserKey},
    types::{
        character::Character,
        organisation::{Alliance, Corporation},
        rows,
        user::User,
    },
};
use crate::{
    error::{Error, Result},
    eve::directory::What,
    search::{self, Words},
};

/// The most results of each kind.
const MOST: i32 = 20;

/// The search.
#[derive(Debug, Default)]
pub struct SearchQuery;

#[Object]
impl SearchQuery {
    /// Everything whose name begins with the text or, from three characters on, contains it; names that begin with it
    /// come first. Fewer than two characters find nothing.
    #[graphql(
        guard = "Declared(\"Query.search\")",
        complexity = "first.clamp(1, 20) as usize * child_complexity / 2 + 50"
    )]
    async fn search(
        &self,
        #[graphql(
            desc = "Part of a name, ignoring case; for corporations and alliances also the start of the ticker."
        )]
        query: String,
        #[graphql(default = 5, desc = "The most results of each kind, up to 20.")] first: i32,
    ) -> Result<SearchResults> {
        if !(1..=MOST).contains(&first) {
            return Err(Error::invalid("first", "invalid", format!("Between 1 and {MOST}.")));
        }
        Ok(SearchResults { words: Words::parse(&query), first: i64::from(first) })
    }
}

/// What was found, by kind.
#[derive(Description)]
pub struct SearchResults {
    words: Option<Words>,
    first: i64,
}

#[Object(use_type_description)]
impl SearchResults {
    /// By user name or by any of their characters' names; none without `auth.view_user`.
    async fn users(&self, ctx: &Context<'_>) -> Result<Vec<User>> {
        let Some(words) = self.words.as_ref().filter(|_| sees_users(ctx)) else { return Ok(Vec::new()) };
        let ids = search::users(&mut *app(ctx)?.db.conn().await?, words, self.first).await?;
        let mut found = rows(ctx)?.load_many(ids.iter().map(|id| UserKey(*id))).await?;
        Ok(ids.into_iter().filter_map(|id| found.remove(&UserKey(id)).map(User)).collect())
    }

    /// The viewer's own, or all known to this site with a permission to see users or states.
    async fn characters(&self, ctx: &Context<'_>) -> Result<Vec<Character>> {
        let ids = self.directory(ctx, What::Characters).await?;
        let mut found = rows(ctx)?.load_many(ids.iter().map(|id| CharacterKey(*id))).await?;
        Ok(ids.into_iter().filter_map(|id| found.remove(&CharacterKey(id)).map(Character)).collect())
    }

    /// Those the viewer's characters are in, or all known to this site with a permission to see users or states.
    async fn corporations(&self, ctx: &Context<'_>) -> Result<Vec<Corporation>> {
        let ids = self.directory(ctx, What::Corporations).await?;
        let mut found = rows(ctx)?.load_many(ids.iter().map(|id| CorporationKey(*id))).await?;
        Ok(ids.into_iter().filter_map(|id| found.remove(&CorporationKey(id)).map(Corporation)).collect())
    }

    /// Those the viewer's characters are in, or all known to this site with a permission to see users or states.
    async fn alliances(&self, ctx: &Context<'_>) -> Result<Vec<Alliance>> {
        let ids = self.directory(ctx, What::Alliances).await?;
        let mut found = rows(ctx)?.load_many(ids.iter().map(|id| AllianceKey(*id))).await?;
        Ok(ids.into_iter().filter_map(|id| found.remove(&AllianceKey(id)).map(Alliance)).collect())
    }

    /// Groups on the viewer's page, groups the viewer manages, and all with `auth.view_group`.
    async fn groups(&self, ctx: &Context<'_>) -> Result<Vec<Group>> {
        let Some(words) = &self.words else { return Ok(Vec::new()) };
        let mut found: Vec<(u8, Group)> = Sight::known(ctx)
            .await?
            .into_iter()
            .filter_map(|group| words.rank(&group.seen.group.name).map(|rank| (rank, group)))
            .collect();
        // They arrive sorted by name, and the sort is stable.
        found.sort_by_key(|(rank, _)| *rank);
        let most = usize::try_from(self.first).unwrap_or_default();
        Ok(found.into_iter().take(most).map(|(_, group)| group).collect())
    }
}

impl SearchResults {
    async fn directory(&self, ctx: &Context<'_>, what: What) -> Result<Vec<i64>> {
        let Some(words) = &self.words else { return Ok(Vec::new()) };
        let viewer = viewer(ctx)?;
        let of_user = (!viewer.may_any(SEES_DIRECTORY)).then_some(viewer.user.id);
        let mut conn = app(ctx)?.db.conn().await?;
        search::known(&mut conn, what, words, of_user, self.first).await
    }
}

fn sees_users(ctx: &Context<'_>) -> bool {
    viewer(ctx).is_ok_and(|viewer| viewer.may_any(SEES_USERS))
}
