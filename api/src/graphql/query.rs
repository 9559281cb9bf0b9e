//! The site, the viewer, and everything without a file of its own.

use std::sync::Arc;

use async_graphql::{Context, Object};
use futures_util::FutureExt;

use super::{
    connection::{List, Page, PageArgs, cost},
    context::{app, request, viewer},
    guards::Declared,
    loaders::feed_viewer,
    types::{
        audit::{self, AuditEntry, AuditFilter},
        rows,
        site::{Registration, Site},
        state::State,
        viewer::Viewer,
    },
};
use crate::{db::keyset::Moment, error::Result, states};

/// The site, its visitor, states and the audit log.
#[derive(Debug, Default)]
pub struct CoreQuery;

#[Object]
impl CoreQuery {
    /// What this site is; for everybody.
    #[graphql(guard = "Declared(\"Query.site\")")]
    async fn site(&self) -> Site {
        Site
    }

    /// Who is asking: null for a visitor who is not logged in.
    #[graphql(guard = "Declared(\"Query.viewer\")")]
    async fn viewer(&self, ctx: &Context<'_>) -> Result<Option<Viewer>> {
        let request = request(ctx)?;
        let Some(viewer) = &request.viewer else { return Ok(None) };
        // Bots: loads what was not read along with a session.
        if request.own.is_none() {
            let user = ctx.look_ahead().field("user");
            if user.field("characters").exists() || user.field("mainCharacter").exists() {
                feed_viewer(app(ctx)?, rows(ctx)?, viewer).boxed().await?;
            }
        }
        Ok(Some(Viewer(Arc::clone(viewer))))
    }

    /// The registration in progress in this browser; null if there is none.
    #[graphql(guard = "Declared(\"Query.registration\")")]
    async fn registration(&self, ctx: &Context<'_>) -> Result<Option<Registration>> {
        Ok(request(ctx)?.registration.clone().map(Registration))
    }

    /// All states, highest priority first. Also for whoever sees users or groups, or makes groups, without what states list
    /// and carry.
    #[graphql(guard = "Declared(\"Query.states\")", complexity = "20 * child_complexity")]
    async fn states(&self, ctx: &Context<'_>) -> Result<Vec<State>> {
        let grant = viewer(ctx)?.grant_any()?;
        let mut conn = app(ctx)?.db.conn().await?;
        Ok(states::list(&mut conn, &grant).await?.into_iter().map(State).collect())
    }

    /// The audit log, newest first.
    #[graphql(guard = "Declared(\"Query.auditEntries\")", complexity = "cost(first, last, child_complexity)")]
    async fn audit_entries(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
        filter: Option<AuditFilter>,
    ) -> Result<List<Moment, AuditEntry>> {
        let page = Page::parse(PageArgs { first, after, last, before })?;
        audit::page(app(ctx)?, viewer(ctx)?.grant()?, filter.unwrap_or_default().parse()?, &page).await
    }
}
