//! The root of queries.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, InputObject, Object};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use fealty_shared::{
    id::{StateId, UserId},
    permission::{SEES_DIRECTORY, SEES_USERS},
};
use futures_util::FutureExt;

use super::{
    connection::{self, List, Page, PageArgs, Total},
    context::{app, request, viewer},
    groups::group_id,
    guards::Declared,
    loaders::{AllianceKey, CharacterKey, CorporationKey, FactionRow, UserKey, feed_viewer},
    scalars::EveId,
    types::{
        audit::{self, AuditEntry, AuditFilter},
        character::Character,
        organisation::{Alliance, Corporation, Faction},
        rows,
        site::{Registration, Site},
        state::State,
        user::User,
        viewer::Viewer,
    },
};
use crate::{
    audit::log,
    db::{keyset::Position, schema::factions},
    error::{Error, Result},
    eve::directory::{self as eve, What},
    identity::directory as people,
    states,
};

/// Which users.
#[derive(InputObject, Default)]
pub struct UserFilter {
    /// Part of the user name or of any of his characters' names, any case.
    search: Option<String>,
    /// Who have this state.
    state_id: Option<ID>,
    /// Of the main character.
    corporation_id: Option<EveId>,
    /// Of the main character.
    alliance_id: Option<EveId>,
    /// Of the main character.
    faction_id: Option<EveId>,
    /// As in `User.isActive`.
    is_active: Option<bool>,
    /// As in `User.isSuperuser`.
    is_superuser: Option<bool>,
    /// As in `User.isStaff`.
    is_staff: Option<bool>,
    /// Members of this group whose time has begun.
    group_id: Option<ID>,
}

impl UserFilter {
    fn parse(self) -> Result<people::Filter> {
        let state_id = match self.state_id {
            None => None,
            Some(id) => Some(
                id.parse::<StateId>()
                    .map_err(|_| Error::invalid("filter.stateId", "invalid", "This is no id of a state."))?
                    .0,
            ),
        };
        let group_id = match self.group_id {
            None => None,
            Some(id) => Some(group_id("filter.groupId", &id)?),
        };
        Ok(people::Filter {
            group_id,
            is_staff: self.is_staff,
            search: clean(self.search),
            state_id,
            corporation_id: self.corporation_id.map(|id| id.0),
            alliance_id: self.alliance_id.map(|id| id.0),
            faction_id: self.faction_id.map(|id| id.0),
            is_active: self.is_active,
            is_superuser: self.is_superuser,
        })
    }
}

/// PostgreSQL's text cannot hold NUL.
pub(super) fn clean(text: Option<String>) -> Option<String> {
    text.map(|text| text.replace('\0', ""))
}

/// Moments beyond what the database can hold become the nearest it needs to know.
pub(super) fn within_reach(at: DateTime<Utc>) -> DateTime<Utc> {
    // 9999-12-31T23:59:59
    let end = DateTime::from_timestamp(253_402_300_799, 0).unwrap_or(DateTime::<Utc>::MAX_UTC);
    at.clamp(DateTime::UNIX_EPOCH, end)
}

/// By what users are ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum UserOrderField {
    /// The user name.
    Username,
    /// The main character's name.
    Main,
    /// The name of the main's corporation.
    Corporation,
    /// The state's priority.
    State,
    /// When they registered.
    CreatedAt,
    /// When they were last here.
    LastLoginAt,
}

/// Which way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum OrderDirection {
    /// Smallest, earliest or first of the alphabet first.
    Asc,
    /// The other way round.
    Desc,
}

/// The order of users; equal ones by id.
#[derive(InputObject)]
pub struct UserOrder {
    /// By what.
    field: UserOrderField,
    /// Which way.
    direction: OrderDirection,
}

/// Which characters.
#[derive(InputObject, Default)]
pub struct CharacterFilter {
    /// Part of the name, any case.
    search: Option<String>,
    /// Of this corporation.
    corporation_id: Option<EveId>,
    /// Of this alliance.
    alliance_id: Option<EveId>,
    /// Of this faction.
    faction_id: Option<EveId>,
}

/// Which corporations or alliances.
#[derive(InputObject, Default)]
pub struct OrganisationFilter {
    /// Part of the name or the start of the ticker, any case.
    search: Option<String>,
}

/// People, characters, organisations, states and the site.
#[derive(Debug, Default)]
pub struct CoreQuery;

#[Object]
impl CoreQuery {
    /// What this site is, for everybody.
    #[graphql(guard = "Declared(\"Query.site\")")]
    async fn site(&self) -> Site {
        Site
    }

    /// Who asks: null for a visitor who is not logged in.
    #[graphql(guard = "Declared(\"Query.viewer\")")]
    async fn viewer(&self, ctx: &Context<'_>) -> Result<Option<Viewer>> {
        let request = request(ctx)?;
        let Some(viewer) = &request.viewer else { return Ok(None) };
        // Bots: what was not read along with a session.
        if request.own.is_none() {
            let user = ctx.look_ahead().field("user");
            if user.field("characters").exists() || user.field("mainCharacter").exists() {
                feed_viewer(app(ctx)?, rows(ctx)?, viewer).boxed().await?;
            }
        }
        Ok(Some(Viewer(Arc::clone(viewer))))
    }

    /// The registration in progress in this browser; null when there is none.
    #[graphql(guard = "Declared(\"Query.registration\")")]
    async fn registration(&self, ctx: &Context<'_>) -> Result<Option<Registration>> {
        Ok(request(ctx)?.registration.clone().map(Registration))
    }

    /// One user: oneself, or anybody with `auth.view_user` or `auth.change_user`; null otherwise.
    #[graphql(guard = "Declared(\"Query.user\")")]
    async fn user(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of the user.")] id: ID,
    ) -> Result<Option<User>> {
        let Ok(UserId(id)) = id.parse() else {
            return Err(Error::invalid("id", "invalid", "This is no id of a user."));
        };
        let viewer = viewer(ctx)?;
        if viewer.user.id == id {
            return Ok(Some(User(viewer.user.clone())));
        }
        if !viewer.may_any(SEES_USERS) {
            return Ok(None);
        }
        Ok(rows(ctx)?.load_one(UserKey(id)).await?.map(User))
    }

    /// All users. By user name unless ordered otherwise.
    #[graphql(
        guard = "Declared(\"Query.users\")",
        complexity = "first.or(last).unwrap_or(25).clamp(1, 100) as usize * child_complexity / 2 + 10"
    )]
    #[expect(clippy::too_many_arguments, reason = "the arguments of a Relay connection")]
    async fn users(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
        filter: Option<UserFilter>,
        order_by: Option<UserOrder>,
    ) -> Result<List<Position, User>> {
        let page = Page::<Position>::parse(PageArgs { first, after, last, before })?;
        let filter = filter.unwrap_or_default().parse()?;
        let (order, is_descending) = match order_by {
            None => (people::OrderBy::Username, false),
            Some(UserOrder { field, direction }) => {
                let order = match field {
                    UserOrderField::Username => people::OrderBy::Username,
                    UserOrderField::Main => people::OrderBy::Main,
                    UserOrderField::Corporation => people::OrderBy::Corporation,
                    UserOrderField::State => people::OrderBy::State,
                    UserOrderField::CreatedAt => people::OrderBy::CreatedAt,
                    UserOrderField::LastLoginAt => people::OrderBy::LastLoginAt,
                };
                (order, direction == OrderDirection::Desc)
            }
        };
        let app = app(ctx)?.clone();
        let positions = {
            let mut conn = app.db.conn().await?;
            let is_descending = is_descending != page.is_backward;
            people::page(&mut conn, &filter, order, is_descending, page.cursor.as_ref(), page.fetch()).await?
        };
        let mut found = rows(ctx)?.load_many(positions.iter().map(|(_, id)| UserKey(*id))).await?;
        let users = positions
            .into_iter()
            .filter_map(|position| found.remove(&UserKey(position.1)).map(|user| (position, User(user))))
            .collect();
        let total = Total::new(move || {
            let (app, filter) = (app.clone(), filter.clone());
            async move {
                let mut conn = app.db.conn().await?;
                people::count(&mut conn, &filter).await
            }
        });
        Ok(connection::build(&page, users, total))
    }

    /// One character: one's own, or any known to this site with a permission to see users or states; null otherwise.
    #[graphql(guard = "Declared(\"Query.character\")")]
    async fn character(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of EVE.")] id: EveId,
    ) -> Result<Option<Character>> {
        if !sees(ctx, What::Characters, id).await? {
            return Ok(None);
        }
        Ok(rows(ctx)?.load_one(CharacterKey(id.0)).await?.map(Character))
    }

    /// Characters, by name: one's own, or all known to this site with a permission to see users or states.
    #[graphql(
        guard = "Declared(\"Query.characters\")",
        complexity = "first.or(last).unwrap_or(25).clamp(1, 100) as usize * child_complexity / 2 + 10"
    )]
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
            search: clean(f.search),
            corporation_id: f.corporation_id.map(|id| id.0),
            alliance_id: f.alliance_id.map(|id| id.0),
            faction_id: f.faction_id.map(|id| id.0),
            of_user: None,
        };
        let args = PageArgs { first, after, last, before };
        let (page, positions, total) = named(ctx, What::Characters, args, filter).await?;
        let mut found = rows(ctx)?.load_many(positions.iter().map(|(_, id)| CharacterKey(*id))).await?;
        let nodes = positions
            .into_iter()
            .filter_map(|p| found.remove(&CharacterKey(p.1)).map(|row| (p, Character(row))))
            .collect();
        Ok(connection::build(&page, nodes, total))
    }

    /// One corporation: where one's own characters fly, or any known to this site with a permission to see users or
    /// states; null otherwise.
    #[graphql(guard = "Declared(\"Query.corporation\")")]
    async fn corporation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of EVE.")] id: EveId,
    ) -> Result<Option<Corporation>> {
        if !sees(ctx, What::Corporations, id).await? {
            return Ok(None);
        }
        Ok(rows(ctx)?.load_one(CorporationKey(id.0)).await?.map(Corporation))
    }

    /// Corporations, by name: where one's own characters fly, or all known to this site with a permission to see users
    /// or states.
    #[graphql(
        guard = "Declared(\"Query.corporations\")",
        complexity = "first.or(last).unwrap_or(25).clamp(1, 100) as usize * child_complexity / 2 + 10"
    )]
    async fn corporations(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
        filter: Option<OrganisationFilter>,
    ) -> Result<List<Position, Corporation>> {
        let filter = eve::Filter { search: clean(filter.unwrap_or_default().search), ..Default::default() };
        let args = PageArgs { first, after, last, before };
        let (page, positions, total) = named(ctx, What::Corporations, args, filter).await?;
        let mut found = rows(ctx)?.load_many(positions.iter().map(|(_, id)| CorporationKey(*id))).await?;
        let nodes = positions
            .into_iter()
            .filter_map(|p| found.remove(&CorporationKey(p.1)).map(|row| (p, Corporation(row))))
            .collect();
        Ok(connection::build(&page, nodes, total))
    }

    /// One alliance: where one's own characters fly, or any known to this site with a permission to see users or states;
    /// null otherwise.
    #[graphql(guard = "Declared(\"Query.alliance\")")]
    async fn alliance(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of EVE.")] id: EveId,
    ) -> Result<Option<Alliance>> {
        if !sees(ctx, What::Alliances, id).await? {
            return Ok(None);
        }
        Ok(rows(ctx)?.load_one(AllianceKey(id.0)).await?.map(Alliance))
    }

    /// Alliances, by name: where one's own characters fly, or all known to this site with a permission to see users or
    /// states.
    #[graphql(
        guard = "Declared(\"Query.alliances\")",
        complexity = "first.or(last).unwrap_or(25).clamp(1, 100) as usize * child_complexity / 2 + 10"
    )]
    async fn alliances(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
        filter: Option<OrganisationFilter>,
    ) -> Result<List<Position, Alliance>> {
        let filter = eve::Filter { search: clean(filter.unwrap_or_default().search), ..Default::default() };
        let args = PageArgs { first, after, last, before };
        let (page, positions, total) = named(ctx, What::Alliances, args, filter).await?;
        let mut found = rows(ctx)?.load_many(positions.iter().map(|(_, id)| AllianceKey(*id))).await?;
        let nodes = positions
            .into_iter()
            .filter_map(|p| found.remove(&AllianceKey(p.1)).map(|row| (p, Alliance(row))))
            .collect();
        Ok(connection::build(&page, nodes, total))
    }

    /// All factions, by name.
    #[graphql(guard = "Declared(\"Query.factions\")")]
    async fn factions(&self, ctx: &Context<'_>) -> Result<Vec<Faction>> {
        let mut conn = app(ctx)?.db.conn().await?;
        let rows: Vec<FactionRow> =
            factions::table.order(factions::name).select(FactionRow::as_select()).load(&mut conn).await?;
        Ok(rows.into_iter().map(Faction).collect())
    }

    /// All states, highest priority first. Also for whoever makes or changes groups, without what states list and carry.
    #[graphql(guard = "Declared(\"Query.states\")", complexity = "20 * child_complexity")]
    async fn states(&self, ctx: &Context<'_>) -> Result<Vec<State>> {
        let mut conn = app(ctx)?.db.conn().await?;
        Ok(states::list(&mut conn).await?.into_iter().map(State).collect())
    }

    /// The audit log, newest first.
    #[graphql(
        guard = "Declared(\"Query.auditEntries\")",
        complexity = "first.or(last).unwrap_or(25).clamp(1, 100) as usize * child_complexity / 2 + 10"
    )]
    async fn audit_entries(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
        filter: Option<AuditFilter>,
    ) -> Result<List<log::Place, AuditEntry>> {
        let page = Page::parse(PageArgs { first, after, last, before })?;
        audit::page(app(ctx)?, filter.unwrap_or_default().parse()?, &page).await
    }
}

/// Whether the viewer may know that this site knows one of them.
async fn sees(ctx: &Context<'_>, what: What, EveId(id): EveId) -> Result<bool> {
    let viewer = viewer(ctx)?;
    if viewer.may_any(SEES_DIRECTORY) {
        return Ok(true);
    }
    let mut conn = app(ctx)?.db.conn().await?;
    eve::is_own(&mut conn, what, viewer.user.id, id).await
}

/// One page of things that have a name, of those the viewer may know of.
async fn named(
    ctx: &Context<'_>,
    what: What,
    args: PageArgs,
    mut filter: eve::Filter,
) -> Result<(Page<Position>, Vec<Position>, Total)> {
    let page = Page::<Position>::parse(args)?;
    let viewer = viewer(ctx)?;
    filter.of_user = (!viewer.may_any(SEES_DIRECTORY)).then_some(viewer.user.id);
    let app = app(ctx)?.clone();
    let positions = {
        let mut conn = app.db.conn().await?;
        eve::page(&mut conn, what, &filter, page.is_backward, page.cursor.as_ref(), page.fetch()).await?
    };
    let total = Total::new(move || {
        let (app, filter) = (app.clone(), filter.clone());
        async move {
            let mut conn = app.db.conn().await?;
            eve::count(&mut conn, what, &filter).await
        }
    });
    Ok((page, positions, total))
}
