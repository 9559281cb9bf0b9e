//! The site itself, and a registration in progress.

use async_graphql::{Context, Description, Object};

use super::{character::Character, condition::SiteCondition, load};
use crate::{
    app, conditions,
    error::{Error, Result},
    graphql::{context, loaders::CharacterKey},
    identity::{registration, session::Session},
};

/// The site.
#[derive(Description)]
pub struct Site;

#[Object(use_type_description)]
impl Site {
    /// What its operators call it.
    async fn name<'c>(&self, ctx: &Context<'c>) -> Result<&'c str> {
        Ok(&context::app(ctx)?.config.site.name)
    }

    /// The program's version.
    async fn version(&self) -> &str {
        app::VERSION
    }

    /// Whether new pilots may register.
    async fn registration_open(&self, ctx: &Context<'_>) -> Result<bool> {
        Ok(context::app(ctx)?.config.registration.open)
    }

    /// Whether this is a development installation with the simulator.
    async fn is_development(&self, ctx: &Context<'_>) -> Result<bool> {
        Ok(context::app(ctx)?.config.site.development)
    }

    /// The page showing mails that were not really sent; development only.
    async fn outbox_url(&self, ctx: &Context<'_>) -> Result<Option<&str>> {
        let app = context::app(ctx)?;
        Ok((app.config.site.development && app.mailer.outbox().is_some()).then_some("/dev/outbox"))
    }

    /// What is currently wrong, worst first: superusers see everything, everybody else what
    /// affects them, visitors nothing.
    #[graphql(complexity = "5 * child_complexity + 10")]
    async fn conditions(&self, ctx: &Context<'_>) -> Result<Vec<SiteCondition>> {
        let Some(viewer) = &context::request(ctx)?.viewer else { return Ok(Vec::new()) };
        let found = conditions::of(context::app(ctx)?, viewer.user.id, viewer.is_superuser).await?;
        Ok(found.into_iter().map(Into::into).collect())
    }

    /// The simulator's own page; development only.
    async fn simulator_url(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        let config = &context::app(ctx)?.config;
        Ok(config.simulator.as_ref().filter(|_| config.site.development).map(|s| s.url.to_string()))
    }
}

/// A login whose user has not confirmed an e-mail address yet.
#[derive(Description)]
pub struct Registration(pub Session);

#[Object(use_type_description)]
impl Registration {
    /// The character they logged in with.
    async fn character(&self, ctx: &Context<'_>) -> Result<Character> {
        let main = self.0.user.main_character_id.ok_or(Error::NotFound)?;
        load(ctx, CharacterKey(main)).await?.map(Character).ok_or(Error::NotFound)
    }

    /// The address a link was mailed to.
    async fn pending_email(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        let app = context::app(ctx)?;
        let mut conn = app.db.conn().await?;
        registration::pending_email(&mut conn, app.clock.now(), self.0.user.id).await
    }

    /// Whether new pilots may register.
    async fn is_open(&self, ctx: &Context<'_>) -> Result<bool> {
        Ok(context::app(ctx)?.config.registration.open)
    }
}
