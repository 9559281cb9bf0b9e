//! Who is asking, and what comes with the request.

use std::sync::{Arc, Mutex, PoisonError};

use async_graphql::Context;
use fealty_shared::permission::{
    ChangeGroup, GroupManagement, Permission, RequestGroups, SEES_GROUPS, SEES_USERS,
};

use super::own::AtHand;
use crate::{
    access::{Actor, Token},
    app::App,
    error::{Error, Result},
    groups::{Asker, Pilot},
    identity::{api_token::Bearer, session::Session, users::User},
    permissions::{AnyOf, Grant, Held, StaffGrant},
    states::State,
    upstream::Secret,
};

/// Somebody who is logged in, or a bot.
#[derive(Debug, Clone)]
pub struct Viewer {
    /// Who they are.
    pub user: User,
    /// Names of effective permissions, sorted; for a bot, no more than its token allows.
    pub permissions: Vec<Arc<str>>,
    /// Superusers have every permission, even ones missing from the catalogue. A bot counts as a superuser only
    /// if its token is unlimited.
    pub is_superuser: bool,
    /// Set in the browser.
    pub session_id: Option<i64>,
    /// Set for a bot.
    pub token_id: Option<i64>,
    /// Whether this is a bot whose token lists what it may do. A token cannot list leading groups,
    /// so such a bot leads none.
    pub is_limited: bool,
    /// Their state, if it was loaded along with the rest.
    pub state: Option<State>,
    actor: Actor,
}

impl Viewer {
    /// A viewer in the browser.
    #[must_use]
    pub fn from_session(session: Session, permissions: Vec<Arc<str>>) -> Self {
        let actor = Actor::User { id: session.user.id, name: session.user.username.clone() };
        let is_superuser = session.user.is_superuser;
        Self {
            user: session.user,
            permissions,
            is_superuser,
            session_id: Some(session.id),
            token_id: None,
            is_limited: false,
            state: Some(session.state),
            actor,
        }
    }

    /// A bot: never allowed more than both its user and its token.
    #[must_use]
    pub fn from_bearer(bearer: Bearer, mut permissions: Vec<Arc<str>>) -> Self {
        let token = Token { id: bearer.token_id, name: bearer.name };
        let actor = Actor::Token { id: bearer.user.id, name: bearer.user.username.clone(), token };
        if let Some(scopes) = &bearer.scopes {
            permissions.retain(|name| scopes.iter().any(|scope| **scope == **name));
        }
        let is_superuser = bearer.user.is_superuser && bearer.scopes.is_none();
        Self {
            user: bearer.user,
            permissions,
            is_superuser,
            session_id: None,
            token_id: Some(bearer.token_id),
            is_limited: bearer.scopes.is_some(),
            state: None,
            actor,
        }
    }

    /// Whether nothing that `other` may see or do is closed to this one.
    #[must_use]
    pub fn may_all_that(&self, other: &Self) -> bool {
        let is_led = |id: &i64| self.user.leads.binary_search(id).is_ok();
        (self.is_superuser || !other.is_superuser)
            && (self.user.is_staff || !other.user.is_staff)
            && (self.is_superuser || other.permissions.iter().all(|name| self.permissions.contains(name)))
            && other.user.leads.iter().all(is_led)
    }

    /// Whether they have this permission.
    #[must_use]
    pub fn may(&self, permission: &str) -> bool {
        self.is_superuser || self.permissions.binary_search_by(|name| (**name).cmp(permission)).is_ok()
    }

    /// Whether they have any of these permissions.
    #[must_use]
    pub fn may_any(&self, permissions: &[&str]) -> bool {
        permissions.iter().any(|permission| self.may(permission))
    }

    /// Proof that they have the permission.
    ///
    /// # Errors
    /// `Forbidden` when they do not.
    pub fn grant<P: Permission>(&self) -> Result<Grant<P>> {
        if self.may(P::NAME) { Ok(Grant::new(self.actor.clone())) } else { Err(Error::Forbidden) }
    }

    /// Proof that they have any of the permissions that `P` stands for.
    ///
    /// # Errors
    /// `Forbidden` when they have none.
    pub fn grant_any<P: AnyOf>(&self) -> Result<Grant<P>> {
        if self.may_any(P::NAMES) { Ok(Grant::new(self.actor.clone())) } else { Err(Error::Forbidden) }
    }

    /// Proof that they may edit.
    ///
    /// # Errors
    /// `Forbidden` when they lack the permission or are not staff.
    pub fn staff<P: Permission>(&self) -> Result<StaffGrant<P>> {
        if self.user.is_staff || self.is_superuser {
            Ok(StaffGrant::new(self.grant()?, self.is_superuser))
        } else {
            Err(Error::Forbidden)
        }
    }

    /// Who they are, as far as groups are concerned.
    #[must_use]
    pub fn asker(&self) -> Asker {
        let user = &self.user;
        Asker {
            actor: self.actor.clone(),
            pilot: Pilot {
                user_id: user.id,
                is_active: user.is_active,
                has_main: user.main_character_id.is_some(),
                state_id: user.state_id,
                may_request: self.may(RequestGroups::NAME),
            },
            is_superuser: self.is_superuser,
            manages_all: self.may(GroupManagement::NAME),
            sees_all: self.may_any(SEES_GROUPS),
            sees_users: self.may_any(SEES_USERS),
            is_admin: (user.is_staff || self.is_superuser) && self.may(ChangeGroup::NAME),
            is_limited: self.is_limited,
            leads: if self.is_limited { Vec::new() } else { user.leads.clone() },
        }
    }

    /// What let them in (any of these permissions), for long-running work that checks again later. No
    /// names: merely being this user.
    #[must_use]
    pub fn held(&self, names: &[&str]) -> Held {
        let theirs = || names.iter().filter(|name| self.may(name)).map(|name| (*name).to_owned()).collect();
        Held::new(self.user.id, (!names.is_empty()).then(theirs), self.is_superuser)
    }

    /// Who they are, for recording causes.
    #[must_use]
    pub fn actor(&self) -> Actor {
        self.actor.clone()
    }
}

/// What happens to one of our cookies; what the cookie looks like is up to `http`.
#[derive(Debug)]
pub enum CookieChange {
    /// Hands a session to the browser.
    Session(Secret),
    /// Takes the session away from the browser.
    ForgetSession,
    /// Binds authorization attempts to the browser.
    Browser(Secret),
}

/// One request.
#[derive(Debug, Default)]
pub struct RequestContext {
    pub viewer: Option<Arc<Viewer>>,
    /// What the viewer's query asks about themselves, if it was loaded with their session.
    pub own: Option<AtHand>,
    /// A registration in progress in this browser.
    pub registration: Option<Session>,
    /// The cookie that binds authorization attempts to this browser.
    pub browser: Option<String>,
    pub user_agent: String,
    /// Where the request comes from, for rate limits.
    pub address: String,
    cookies: Mutex<Vec<CookieChange>>,
}

impl RequestContext {
    /// Records a change to the browser's cookies, to go out with the response.
    pub fn change_cookie(&self, change: CookieChange) {
        self.cookies.lock().unwrap_or_else(PoisonError::into_inner).push(change);
    }

    /// The recorded cookie changes, in order.
    #[must_use]
    pub fn take_cookies(&self) -> Vec<CookieChange> {
        std::mem::take(&mut self.cookies.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The application.
///
/// # Errors
/// When the schema was built without it.
pub fn app<'c>(ctx: &Context<'c>) -> Result<&'c App> {
    ctx.data_opt::<App>().ok_or_else(|| Error::internal("no application in the context"))
}

/// The request.
///
/// # Errors
/// When the schema is executed without it.
pub fn request<'c>(ctx: &Context<'c>) -> Result<&'c Arc<RequestContext>> {
    ctx.data_opt::<Arc<RequestContext>>().ok_or_else(|| Error::internal("no request in the context"))
}

/// Who is asking.
///
/// # Errors
/// `Unauthenticated` for a visitor.
pub fn viewer<'c>(ctx: &Context<'c>) -> Result<&'c Viewer> {
    request(ctx)?.viewer.as_deref().ok_or(Error::Unauthenticated)
}

/// The viewer and what was loaded with their session, if they are `user_id`.
#[must_use]
pub fn own<'c>(ctx: &Context<'c>, user_id: i64) -> Option<(&'c Viewer, &'c AtHand)> {
    let request = ctx.data_opt::<Arc<RequestContext>>()?;
    let viewer = request.viewer.as_deref().filter(|viewer| viewer.user.id == user_id)?;
    Some((viewer, request.own.as_ref()?))
}

/// What was loaded with the session, whoever it belongs to: for things that look the same to everybody.
#[must_use]
pub fn at_hand<'c>(ctx: &Context<'c>) -> Option<&'c AtHand> {
    ctx.data_opt::<Arc<RequestContext>>()?.own.as_ref()
}
