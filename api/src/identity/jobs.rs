//! Background work for identity: mails, tokens that may have died, and things that have expired.

use chrono::{DateTime, Duration, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde::{Deserialize, Serialize};

use super::{
    mail::{Mail, escape_html},
    tokens,
};
use crate::{
    app::App,
    crypto,
    db::schema::{
        characters as c, email_confirmations as e, login_failures as f, oauth_attempts as a, sessions as s,
        users as u,
    },
    error::Result,
    jobs::Job,
};

/// Mails the confirmation link of a registration.
///
/// The link's secret is created here: it is in the mail and nowhere else. Running again after a
/// failure creates a new one.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SendConfirmation {
    pub confirmation_id: i64,
}

impl Job for SendConfirmation {
    const NAME: &'static str = "send_confirmation";
    const PRIORITY: i32 = -2;

    fn key(&self) -> Option<String> {
        Some(format!("{}:{}", Self::NAME, self.confirmation_id))
    }

    async fn run(self, app: &App) -> Result<()> {
        let now = app.clock.now();
        let mut conn = app.db.conn().await?;
        let token = crypto::shared_token(&app.rng);
        // One statement: the secret that confirms an address is mailed to that very address.
        let row: Option<(String, DateTime<Utc>, i64)> =
            diesel::update(e::table.filter(e::id.eq(self.confirmation_id).and(e::expires_at.gt(now))))
                .set(e::token_hash.eq(crypto::token_hash(token.expose())))
                .returning((e::email, e::expires_at, e::user_id))
                .get_result(&mut conn)
                .await
                .optional()?;
        let Some((email, expires_at, user_id)) = row else { return Ok(()) };
        let (username, main): (String, Option<String>) = u::table
            .left_join(c::table.on(u::main_character_id.eq(c::id.nullable())))
            .filter(u::id.eq(user_id))
            .select((u::username, c::name.nullable()))
            .first(&mut conn)
            .await?;
        drop(conn);
        // As people know them, not as the account is called.
        let name = main.unwrap_or(username);
        let link = app.config.site_link(&format!("/confirm-email?token={}", token.expose()));
        app.mailer.send(confirmation(&app.config.site.name, &name, email, &link, expires_at)).await
    }
}

fn confirmation(site: &str, name: &str, to: String, link: &str, expires_at: DateTime<Utc>) -> Mail {
    let until = expires_at.format("%Y-%m-%d %H:%M");
    let text = format!(
        "Hello {name},\n\nPlease confirm that this is your e-mail address for {site}:\n\n{link}\n\n\
         The link works once, until {until} EVE time.\n\nIf you did not register there, ignore this mail.\n"
    );
    let html = format!(
        "<p>Hello {},</p><p>Please confirm that this is your e-mail address for {}:</p>\
         <p><a href=\"{}\">Confirm my address</a></p><p>The link works once, until {until} EVE time.</p>\
         <p>If you did not register there, ignore this mail.</p>",
        escape_html(name),
        escape_html(site),
        escape_html(link)
    );
    Mail { to, subject: format!("Confirm your e-mail address for {site}"), text, html }
}

/// Tries refresh tokens: each one about every two days, some every hour. If EVE refuses one, its character is lost.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CheckTokens {
    /// Try even those that were tried a moment ago.
    pub all: bool,
    /// An operator decided that the refusals that pulled the brake are real.
    pub release_brake: bool,
}

impl Job for CheckTokens {
    const NAME: &'static str = "check_tokens";
    const PRIORITY: i32 = 6;
    const MAX_ATTEMPTS: i32 = 3;
    const QUEUE: Option<&'static str> = Some(tokens::KIND);

    fn key(&self) -> Option<String> {
        // These have keys of their own, so that the schedule's next tick does not replace them.
        Some(match (self.release_brake, self.all) {
            (true, _) => format!("{}:release", Self::NAME),
            (false, true) => format!("{}:all", Self::NAME),
            (false, false) => Self::NAME.to_owned(),
        })
    }

    async fn run(self, app: &App) -> Result<()> {
        tokens::check(app, self.all, self.release_brake).await
    }
}

/// Deletes what has expired.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CleanUp {}

impl Job for CleanUp {
    const NAME: &'static str = "clean_up";
    const PRIORITY: i32 = 9;

    async fn run(self, app: &App) -> Result<()> {
        let now = app.clock.now();
        let mut conn = app.db.conn().await?;
        diesel::delete(s::table.filter(s::expires_at.lt(now))).execute(&mut conn).await?;
        diesel::delete(a::table.filter(a::expires_at.lt(now))).execute(&mut conn).await?;
        diesel::delete(f::table.filter(f::at.lt(now - Duration::days(1)))).execute(&mut conn).await?;
        diesel::delete(e::table.filter(e::expires_at.lt(now - Duration::days(7)))).execute(&mut conn).await?;
        Ok(())
    }
}
