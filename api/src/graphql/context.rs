//! Who asks, and with what.

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
    /// Who he is.
    pub user: User,
    /// Names of effective permissions, sorted; for a bot no more than its token allows.
    pub permissions: Vec<Arc<str>>,
    /// Superusers have every permission, even those the catalogue does not know. Bots never count as such unless
    /// their token is unlimited.
    pub is_superuser: bool,
    /// In the browser.
    pub session_id: Option<i64>,
    /// Of a bot.
    pub token_id: Option<i64>,
    /// A bot whose token names what it may do. Leading groups is nothing it could name: such a bot leads none.
    pub is_limited: bool,
    /// His state, where it came along.
    pub state: Option<State>,
    actor: Actor,
}

impl Viewer {
    /// Somebody in the browser.
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

    /// A bot: never more than both its user and its token may.
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

    /// Whether he may, by name.
    #[must_use]
    pub fn may(&self, permission: &str) -> bool {
        self.is_superuser || self.permissions.binary_search_by(|name| (**name).cmp(permission)).is_ok()
    }

    /// Whether he may by any of these names.
    #[must_use]
    pub fn may_any(&self, permissions: &[&str]) -> bool {
        permissions.iter().any(|permission| self.may(permission))
    }

    /// Proof that he may.
    ///
    /// # Errors
    /// `Forbidden` when he may not.
    pub fn grant<P: Permission>(&self) -> Result<Grant<P>> {
        if self.may(P::NAME) { Ok(Grant::new(self.actor.clone())) } else { Err(Error::Forbidden) }
    }

    /// Proof that he has any of the permissions that `P` stands for.
    ///
    /// # Errors
    /// `Forbidden` when he has none.
    pub fn grant_any<P: AnyOf>(&self) -> Result<Grant<P>> {
        if self.may_any(P::NAMES) { Ok(Grant::new(self.actor.clone())) } else { Err(Error::Forbidden) }
    }

    /// Proof that he may edit.
    ///
    /// # Errors
    /// `Forbidden` when he lacks the permission or does not belong to the staff.
    pub fn staff<P: Permission>(&self) -> Result<StaffGrant<P>> {
        if self.user.is_staff || self.is_superuser {
            Ok(StaffGrant::new(self.grant()?, self.is_superuser))
        } else {
            Err(Error::Forbidden)
        }
    }

    /// Who he is, as far as groups care.
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

    /// What he was let in for, by any of these names, for whatever goes on and looks again. No names: he himself.
    #[must_use]
    pub fn held(&self, names: &[&str]) -> Held {
        let his = || names.iter().filter(|name| self.may(name)).map(|name| (*name).to_owned()).collect();
        Held::new(self.user.id, (!names.is_empty()).then(his), self.is_superuser)
    }

    /// Who he is, for causes.
    #[must_use]
    pub fn actor(&self) -> Actor {
        self.actor.clone()
    }
}

/// What becomes of a cookie of ours; what it looks like is for `http` to know.
#[derive(Debug)]
pub enum CookieChange {
    /// Hands a session to the browser.
    Session(Secret),
    /// Takes the session from the browser.
    ForgetSession,
    /// Binds authorization attempts to the browser.
    Browser(Secret),
}

/// One request.
#[derive(Debug, Default)]
pub struct RequestContext {
    pub viewer: Option<Arc<Viewer>>,
    /// What the viewer's query asks of himself, where it is known with his session.
    pub own: Option<AtHand>,
    /// A registration in progress in this browser.
    pub registration: Option<Session>,
    /// The cookie that binds authorization attempts to this browser.
    pub browser: Option<String>,
    pub user_agent: String,
    /// Where the request comes from, for limits.
    pub address: String,
    cookies: Mutex<Vec<CookieChange>>,
}

impl RequestContext {
    /// Notes what becomes of the browser's cookies with the answer.
    pub fn change_cookie(&self, change: CookieChange) {
        self.cookies.lock().unwrap_or_else(PoisonError::into_inner).push(change);
    }

    /// What becomes of the cookies, in the order in which it was noted.
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

/// Who asks.
///
/// # Errors
/// `Unauthenticated` for a visitor.
pub fn viewer<'c>(ctx: &Context<'c>) -> Result<&'c Viewer> {
    request(ctx)?.viewer.as_deref().ok_or(Error::Unauthenticated)
}

/// Who asks and what is known of him with his session, if that is `user_id`.
#[must_use]
pub fn own<'c>(ctx: &Context<'c>, user_id: i64) -> Option<(&'c Viewer, &'c AtHand)> {
    let request = ctx.data_opt::<Arc<RequestContext>>()?;
    let viewer = request.viewer.as_deref().filter(|viewer| viewer.user.id == user_id)?;
    Some((viewer, request.own.as_ref()?))
}

/// What is known with the session, whoever's it is: for things that look the same to everybody.
#[must_use]
pub fn at_hand<'c>(ctx: &Context<'c>) -> Option<&'c AtHand> {
    ctx.data_opt::<Arc<RequestContext>>()?.own.as_ref()
}
