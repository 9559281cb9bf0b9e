//! What the viewer's own page asks about groups.

use async_graphql::Context;

use crate::{
    error::Result,
    graphql::{
        connection::count,
        context::{self, app},
    },
    groups,
};

/// How many requests they may decide on.
///
/// # Errors
/// When the database fails.
pub async fn request_count(ctx: &Context<'_>, viewer: &context::Viewer) -> Result<i32> {
    let asker = viewer.asker();
    if !asker.manages_all && asker.leads.is_empty() {
        return Ok(0);
    }
    let mut conn = app(ctx)?.db.conn().await?;
    Ok(count(groups::decidable(&mut conn, &asker).await?))
}

/// Whether they lead or manage any group.
///
/// # Errors
/// When the database fails.
pub async fn manages_any(ctx: &Context<'_>, viewer: &context::Viewer) -> Result<bool> {
    let asker = viewer.asker();
    if asker.manages_all || asker.leads.is_empty() {
        return Ok(asker.manages_all);
    }
    let mut conn = app(ctx)?.db.conn().await?;
    groups::leads_any(&mut conn, &asker.leads).await
}
