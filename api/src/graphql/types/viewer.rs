//! Who is asking.

use std::sync::Arc;

use async_graphql::{Context, Description, ID, Object, SimpleObject};
use fealty_shared::id::SessionId;
use futures_util::FutureExt;

use super::{notification::Notification, user::User};
use crate::{
    error::Result,
    graphql::{
        connection::{self, List, Page, PageArgs, Total, cost},
        context::{self, app, own},
        groups::{self, Group, Sight},
        guards::Declared,
        loaders::Time,
    },
    identity::{directory, session},
    notifications,
};

/// Who is asking, and what only they may see.
#[derive(Description)]
pub struct Viewer(pub Arc<context::Viewer>);

/// A browser the viewer is logged in with.
#[derive(SimpleObject)]
pub struct Session {
    /// An opaque id.
    id: ID,
    /// When it began.
    created_at: Time,
    /// When it was last used.
    last_seen_at: Time,
    /// What the browser called itself.
    user_agent: String,
    /// Whether this request was made with it.
    is_current: bool,
}

/// The viewer's preferences for the SPA.
#[derive(SimpleObject)]
pub struct ViewerPreferences {
    /// A language of the SPA; null: the browser's.
    language: Option<String>,
    /// `auto`, `light`, `dark` or a theme's name; null: `auto`.
    theme: Option<String>,
}

#[Object(use_type_description)]
impl Viewer {
    /// Who is asking.
    async fn user(&self) -> User {
        User(self.0.user.clone())
    }

    /// Names of effective permissions, sorted; for a bot, those its token allows.
    async fn permissions(&self) -> Vec<String> {
        self.0.permissions.iter().map(|name| (**name).to_owned()).collect()
    }

    /// How many notifications they have not read.
    async fn unread_notifications(&self, ctx: &Context<'_>) -> Result<i32> {
        let count = match own(ctx, self.0.user.id).and_then(|(_, own)| own.unread) {
            Some(count) => count,
            None => notifications::unread(&mut *app(ctx)?.db.conn().await?, self.0.user.id).await?,
        };
        Ok(connection::count(count))
    }

    /// Newest first.
    #[graphql(complexity = "cost(first, last, child_complexity)")]
    async fn notifications(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
        #[graphql(default, desc = "Only unread ones.")] unread: bool,
    ) -> Result<List<i64, Notification>> {
        let page = Page::<i64>::parse(PageArgs { first, after, last, before })?;
        let user_id = self.0.user.id;
        let app = app(ctx)?;
        let at_hand = own(ctx, user_id).and_then(|(_, own)| {
            let first = if unread { &own.unread_notifications } else { &own.notifications };
            first.as_ref()?.page(&page)
        });
        let rows = match at_hand {
            Some(rows) => rows,
            None => {
                let mut conn = app.db.conn().await?;
                notifications::page(&mut conn, user_id, unread, page.is_backward, page.cursor, page.fetch())
                    .await?
            }
        };
        let rows = rows.into_iter().map(|row| (row.id, Notification(row))).collect();
        let total = Total::counted(app, (user_id, unread), |conn, (user_id, unread)| {
            if *unread {
                notifications::unread(conn, *user_id).boxed()
            } else {
                notifications::count(conn, *user_id).boxed()
            }
        });
        Ok(connection::build(&page, rows, total))
    }

    /// The browsers they are logged in with, most recently used first.
    #[graphql(guard = "Declared(\"Viewer.sessions\")")]
    async fn sessions(&self, ctx: &Context<'_>) -> Result<Vec<Session>> {
        let app = app(ctx)?;
        let mut conn = app.db.conn().await?;
        let listed = session::list(&mut conn, app.clock.now(), self.0.user.id).await?;
        Ok(listed
            .into_iter()
            .map(|s| Session {
                id: SessionId(s.id).to_string().into(),
                created_at: s.created_at,
                last_seen_at: s.last_seen_at,
                user_agent: s.user_agent,
                is_current: self.0.session_id == Some(s.id),
            })
            .collect())
    }

    /// What the groups page shows: groups they may join that are not hidden, and those they are in
    /// or asked to join. By name.
    #[graphql(complexity = "40 * child_complexity + 1")]
    async fn groups(
        &self,
        ctx: &Context<'_>,
        #[graphql(default, desc = "Only those they are in or asked to join.")] mine: bool,
    ) -> Result<Vec<Group>> {
        Sight::listed(ctx, mine).await
    }

    /// The number of requests they may decide on.
    async fn group_request_count(&self, ctx: &Context<'_>) -> Result<i32> {
        groups::request_count(ctx, &self.0).await
    }

    /// Whether they lead or manage any group.
    async fn manages_groups(&self, ctx: &Context<'_>) -> Result<bool> {
        groups::manages_any(ctx, &self.0).await
    }

    /// Whether they are staff: editing needs that in addition to a permission.
    async fn is_staff(&self) -> bool {
        self.0.user.is_staff
    }

    /// Their preferences for the SPA.
    async fn preferences(&self) -> ViewerPreferences {
        ViewerPreferences { language: self.0.user.language.clone(), theme: self.0.user.theme.clone() }
    }

    /// Whether they own characters but have no main and must choose one.
    async fn must_choose_main(&self, ctx: &Context<'_>) -> Result<bool> {
        if self.0.user.main_character_id.is_some() {
            return Ok(false);
        }
        directory::owns_any(&mut *app(ctx)?.db.conn().await?, self.0.user.id).await
    }
}
