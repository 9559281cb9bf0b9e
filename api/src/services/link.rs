//! Linking a user's own account on a service, and unlinking it.

use chrono::{DateTime, Duration, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use fealty_shared::id::UserId;
use serde_json::{Value, json};

use super::Reconcile;
use crate::{
    access::{Actor, Cause},
    app::App,
    audit,
    db::schema::{service_accounts as sa, users as u},
    error::{Error, Result},
    events::{self, Topic},
    identity::{
        oauth_attempt::{self, Purpose},
        users,
    },
    jobs,
    upstream::Secret,
};

/// The first step.
#[derive(Debug)]
pub enum LinkStart {
    /// The browser goes there; the secret binds the attempt to it.
    Redirect {
        url: String,
        browser: Secret,
    },
    AlreadyLinked,
    NotAllowed,
}

/// Begins to link an account.
///
/// # Errors
/// `NotFound` for a service that does not exist here.
pub async fn start(app: &App, user_id: i64, service: &str, browser: Option<Secret>) -> Result<LinkStart> {
    let connector = app.connectors.get(service).ok_or(Error::NotFound)?;
    let purpose = Purpose::LinkService(connector.spec().key);
    let mut conn = app.db.conn().await?;
    let user = users::find(&mut conn, user_id).await?.ok_or(Error::NotFound)?;
    if !user.services.iter().any(|key| key == service) {
        return Ok(LinkStart::NotAllowed);
    }
    let linked: i64 = sa::table
        .filter(sa::user_id.eq(user_id).and(sa::service.eq(service)).and(sa::is_revocation.eq(false)))
        .count()
        .get_result(&mut conn)
        .await?;
    if linked > 0 {
        return Ok(LinkStart::AlreadyLinked);
    }
    let started =
        oauth_attempt::start(&mut conn, app, purpose, Some(user_id), browser, None, "/services").await?;
    Ok(LinkStart::Redirect {
        url: connector.link().authorize_url(started.state.expose()),
        browser: started.browser,
    })
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkEnd {
    /// On the service with this key.
    Linked(&'static str),
    AccessDenied,
    StateMismatch,
    NotAllowed,
    AlreadyUsed,
    Upstream,
}

impl LinkEnd {
    /// The service that is linked, or the `?error=` of the page one comes back to.
    ///
    /// # Errors
    /// Where nothing was linked.
    pub fn linked(self) -> Result<&'static str, &'static str> {
        match self {
            Self::Linked(service) => Ok(service),
            Self::AccessDenied => Err("access_denied"),
            Self::StateMismatch => Err("state_mismatch"),
            Self::NotAllowed => Err("not_allowed"),
            Self::AlreadyUsed => Err("already_used"),
            Self::Upstream => Err("upstream"),
        }
    }
}

/// The service's answer, as the browser delivered it.
#[derive(Debug)]
pub struct Answer<'a> {
    pub code: Option<&'a str>,
    pub state: Option<&'a str>,
    pub error: Option<&'a str>,
    pub browser: Option<&'a str>,
    pub session_user: Option<i64>,
}

/// Completes linking an account: stores it; the job does the rest on the service.
///
/// # Errors
/// When the database fails.
pub async fn finish(app: &App, service: &str, answer: Answer<'_>) -> Result<LinkEnd> {
    let (Some(state), Some(browser), Some(connector)) =
        (answer.state, answer.browser, app.connectors.get(service))
    else {
        return Ok(LinkEnd::StateMismatch);
    };
    let spec = connector.spec();
    let attempt = {
        let mut conn = app.db.conn().await?;
        oauth_attempt::take(&mut conn, app, state, browser).await?
    };
    let Some(attempt) = attempt.filter(|a| a.purpose == Purpose::LinkService(spec.key)) else {
        return Ok(LinkEnd::StateMismatch);
    };
    let Some(user_id) = attempt.user_id.filter(|id| Some(*id) == answer.session_user) else {
        return Ok(LinkEnd::StateMismatch);
    };
    if answer.error.is_some() {
        return Ok(LinkEnd::AccessDenied);
    }
    let Some(code) = answer.code else { return Ok(LinkEnd::StateMismatch) };
    let now = app.clock.now();
    let identity = match connector.link().identify(code).await {
        Ok(identity) => identity,
        Err(error) => {
            tracing::warn!(error = ?error, service, "an account could not be linked");
            return Ok(LinkEnd::Upstream);
        }
    };
    let db = &app.db;
    db.transaction(async |conn| {
        let user = users::find_for_update(conn, user_id).await?.ok_or(Error::NotFound)?;
        if !user.services.iter().any(|key| key == spec.key) {
            return Ok(LinkEnd::NotAllowed);
        }
        let holder: Option<i64> = sa::table
            .filter(sa::service.eq(spec.key).and(sa::external_id.eq(&identity.external_id)))
            .select(sa::user_id)
            .for_update()
            .first(conn)
            .await
            .optional()?;
        if holder.is_some_and(|holder| holder != user_id) {
            return Ok(LinkEnd::AlreadyUsed);
        }
        let own: Option<(String, String)> = sa::table
            .filter(sa::service.eq(spec.key).and(sa::user_id.eq(user_id)))
            .select((sa::external_id, sa::external_name))
            .for_update()
            .first(conn)
            .await
            .optional()?;
        if own.as_ref().is_some_and(|(own, _)| *own != identity.external_id) {
            // Another account of theirs is still being removed.
            return Ok(LinkEnd::AlreadyUsed);
        }
        let marks = (
            sa::external_name.eq(&identity.name),
            sa::credentials.eq(&identity.credentials),
            sa::is_unlinked.eq(false),
            sa::is_revocation.eq(false),
            sa::marked_at.eq(now),
            sa::next_attempt_at.eq(DateTime::UNIX_EPOCH),
            sa::linked_at.eq(now),
            sa::attempts.eq(0),
            sa::failing_since.eq(None::<DateTime<Utc>>),
            sa::reported_at.eq(None::<DateTime<Utc>>),
        );
        diesel::insert_into(sa::table)
            .values((
                sa::user_id.eq(user_id),
                sa::service.eq(spec.key),
                sa::external_id.eq(&identity.external_id),
                marks,
            ))
            .on_conflict((sa::user_id, sa::service))
            .do_update()
            .set((marks, sa::marked_revision.eq(sa::marked_revision + 1)))
            .execute(conn)
            .await?;
        let cause = Cause::new(
            Actor::User { id: user_id, name: user.username.clone() },
            "service_linked",
            ("user", UserId(user_id).to_string(), user.username.clone()),
            format!("Linked the {} account {}.", spec.title, identity.name),
        )
        .with_values(
            own.map_or(Value::Null, |(id, name)| logged(spec.key, &id, &name)),
            logged(spec.key, &identity.external_id, &identity.name),
        );
        audit::write(conn, now, &cause).await?;
        jobs::enqueue(conn, &Reconcile { service: spec.key.into() }).await?;
        events::send(conn, Topic::Services, &[user_id]).await?;
        Ok(LinkEnd::Linked(spec.key))
    })
    .await
}

/// An account, for the audit log.
pub(super) fn logged(service: &str, id: &str, name: &str) -> Value {
    json!({ "service": service, "account": { "id": id, "name": name } })
}

/// Unlinks the user's own account: the job removes it. Returns whether there was one.
///
/// # Errors
/// When the database fails.
pub async fn unlink(app: &App, actor: Actor, user_id: i64, service: &str) -> Result<bool> {
    let now = app.clock.now();
    let db = &app.db;
    db.transaction(async |conn| {
        let username: String = u::table.find(user_id).select(u::username).first(conn).await?;
        let gone: Option<(String, String)> = diesel::update(
            sa::table
                .filter(sa::user_id.eq(user_id).and(sa::service.eq(service)).and(sa::is_unlinked.eq(false))),
        )
        .set((
            sa::is_unlinked.eq(true),
            sa::is_revocation.eq(true),
            sa::marked_revision.eq(sa::marked_revision + 1),
            sa::marked_at.eq(now),
            sa::next_attempt_at.eq(DateTime::UNIX_EPOCH),
            sa::attempts.eq(0),
            sa::reported_at.eq(None::<DateTime<Utc>>),
        ))
        .returning((sa::external_id, sa::external_name))
        .get_result(conn)
        .await
        .optional()?;
        let Some((id, name)) = gone else { return Ok(false) };
        let about = ("user", UserId(user_id).to_string(), username);
        let cause = Cause::new(actor.clone(), "service_unlinked", about, format!("Unlinked {name}."))
            .with_values(logged(service, &id, &name), Value::Null);
        audit::write(conn, now, &cause).await?;
        jobs::enqueue(conn, &Reconcile { service: service.to_owned() }).await?;
        events::send(conn, Topic::Services, &[user_id]).await?;
        Ok(true)
    })
    .await
}

/// How long before its end an access token is treated as expired.
pub(super) const EXPIRY_MARGIN: Duration = Duration::minutes(5);
