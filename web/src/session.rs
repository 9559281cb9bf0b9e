//! Who is logged in, what he may do, and what the site calls itself: asked once, kept for the whole app.
//!
//! When a session ends, by the viewer's own hand or not, the page is loaded anew: nothing is taken down piece by piece,
//! and nothing of the last user stays in memory. From the moment that is decided, answers and live events are ignored.

use std::cell::Cell;

use cynic::QueryBuilder;
use fealty_shared::permission::{
    ChangeGroup, ChangeState, ChangeUser, Permission, ViewGroup, ViewState, ViewUser,
};
use leptos::prelude::*;

use crate::{
    api::{ApiError, ErrorCode, Query, Remote, schema, send, use_checked_query},
    ui::pilot::Pilot,
    web,
};

/// The query every page builds on.
#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "Query")]
pub struct SessionData {
    /// The installation.
    pub site: Site,
    /// Null for a visitor.
    pub viewer: Option<Viewer>,
}

/// The installation.
#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
pub struct Site {
    /// What the operator calls it.
    pub name: String,
    /// Fealty's version.
    pub version: String,
    /// Whether new pilots may register.
    pub registration_open: bool,
    /// Development installation with the simulator.
    pub is_development: bool,
    /// Mails that were not really sent.
    pub outbox_url: Option<String>,
    /// The simulator's page.
    pub simulator_url: Option<String>,
}

/// The person who is logged in.
#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
pub struct Viewer {
    /// His account, in short.
    pub user: SelfUser,
    /// Effective permissions, sorted.
    pub permissions: Vec<String>,
    /// For the bell.
    pub unread_notifications: i32,
    /// What he chose.
    pub preferences: Preferences,
    /// Whether nothing works before he chose a main.
    pub must_choose_main: bool,
    /// May change what is under administration, as far as his permissions go.
    pub is_staff: bool,
    /// Whether he leads or manages any group.
    pub manages_groups: bool,
    /// Requests that he can decide, for the menu.
    pub group_request_count: i32,
}

/// The viewer's account, in short.
#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "User")]
pub struct SelfUser {
    /// Opaque id.
    pub id: cynic::Id,
    /// Account name.
    pub username: String,
    /// May do everything.
    pub is_superuser: bool,
    /// Portrait and name in the menu.
    pub main_character: Option<Pilot>,
}

/// What the viewer chose.
#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "ViewerPreferences")]
pub struct Preferences {
    /// Language of the SPA.
    pub language: Option<String>,
    /// Theme of the SPA.
    pub theme: Option<String>,
}

/// The session, in the context of the whole app.
#[derive(Clone, Copy)]
pub struct Session {
    query: Query<SessionData>,
    /// The newest answer; equal answers do not disturb anybody.
    pub data: Memo<Option<SessionData>>,
    /// The viewer, if somebody is logged in.
    pub viewer: Memo<Option<Viewer>>,
}

impl Session {
    /// Asks the server and puts the session into the context.
    pub fn provide() -> Self {
        let query = use_checked_query(|| SessionData::build(()), |answer| !has_ended(answer));
        let data = Memo::new(move |_| query.state.read().ready().cloned());
        let viewer = Memo::new(move |_| data.read().as_ref().and_then(|data| data.viewer.clone()));
        let session = Self { query, data, viewer };
        provide_context(session);
        session
    }

    /// The session of this app.
    #[expect(clippy::expect_used, reason = "App provides it around everything that is drawn")]
    pub fn get() -> Self {
        use_context().expect("the session is provided by App")
    }

    /// The server no longer knows this browser: what is shown must follow. Callable from anywhere, also from tasks
    /// whose component is gone.
    pub fn expired() {
        CURRENT.with(|current| {
            if let Some(session) = current.get().filter(|_| !is_ending()) {
                session.reload();
            }
        });
    }

    /// Makes this session the one [`Session::expired`] means.
    pub fn install(self) {
        CURRENT.with(|current| current.set(Some(self)));
    }

    /// Asks again who is logged in.
    pub fn reload(&self) {
        self.query.refetch();
    }

    /// Loading, there or failed, for the frame.
    pub fn state(&self) -> RwSignal<Remote<SessionData>> {
        self.query.state
    }

    /// Starts over after a failure.
    pub fn retry(&self) {
        self.query.retry();
    }

    /// Whether the viewer has a permission. This hides what he cannot use; the server decides.
    pub fn can<P: Permission>(&self) -> bool {
        self.viewer.with(|viewer| viewer.as_ref().is_some_and(Viewer::can::<P>))
    }

    /// What the site calls itself.
    pub fn site_name(&self) -> String {
        self.data
            .with(|data| data.as_ref().map_or_else(|| "Fealty".to_owned(), |data| data.site.name.clone()))
    }

    /// The installation, once known.
    pub fn site(&self) -> Option<Site> {
        self.data.with(|data| data.as_ref().map(|data| data.site.clone()))
    }
}

thread_local! {
    static CURRENT: Cell<Option<Session>> = const { Cell::new(None) };
    static ENDING: Cell<bool> = const { Cell::new(false) };
}

/// Whether the page is about to be loaded anew: what still arrives is for nobody.
pub fn is_ending() -> bool {
    ENDING.with(Cell::get)
}

/// A logout began (or failed).
pub fn set_ending(ending: bool) {
    ENDING.with(|cell| cell.set(ending));
}

/// The session is over: away from everything that was drawn for it.
pub fn end(to: &str) {
    set_ending(true);
    web::start_over_at(to);
}

/// Asks, outside of everything drawn, whether the session still lives. Starts over when it does not.
pub async fn still_lives() -> bool {
    !has_ended(&send(SessionData::build(())).await)
}

/// Asks whether what the session says changed since it was asked for what is shown.
pub async fn has_changed() -> bool {
    let shown = || CURRENT.with(Cell::get).and_then(|session| session.data.try_get_untracked()).flatten();
    match send(SessionData::build(())).await {
        Ok(now) => shown().is_some_and(|shown| shown != now),
        Err(_) => false,
    }
}

/// Whether an answer means that the viewer shown here is no longer logged in; if so, the page starts over.
fn has_ended(answer: &Result<SessionData, ApiError>) -> bool {
    if is_ending() {
        return true;
    }
    let now = match answer {
        Ok(now) => now.viewer.as_ref(),
        Err(ApiError { code: ErrorCode::Unauthenticated, .. }) => None,
        // A server that is not reached says nothing about the session.
        Err(_) => return false,
    };
    let shown = CURRENT.with(Cell::get).and_then(|session| session.viewer.try_get_untracked()).flatten();
    let Some(shown) = shown else { return false };
    match now {
        Some(viewer) if viewer.user.id == shown.user.id => false,
        // Somebody else logged in in another tab: what is on the screen is not his.
        Some(_) => {
            end("/");
            true
        }
        None => {
            end(&address_after(&web::current_path()));
            true
        }
    }
}

/// Where somebody lands whose session ended here: at the login, with the way back.
fn address_after(here: &str) -> String {
    match here.split('?').next().unwrap_or_default() {
        "/login" | "/admin/login" | "/register" | "/confirm-email" => here.to_owned(),
        "/choose-main" => "/login".to_owned(),
        _ => login_address(here),
    }
}

/// The login's address with the way back.
pub fn login_address(wanted: &str) -> String {
    if wanted == "/" { "/login".to_owned() } else { format!("/login?next={}", web::encode(wanted)) }
}

impl Viewer {
    /// Whether he has a permission; superusers have all.
    pub fn can<P: Permission>(&self) -> bool {
        self.holds(P::NAME)
    }

    /// The same for a permission by its name.
    pub fn holds(&self, name: &str) -> bool {
        let held = |name: &str| self.permissions.iter().any(|held| held == name);
        // Whoever may change something may see it.
        let implied = match name {
            ViewUser::NAME => held(ChangeUser::NAME),
            ViewGroup::NAME => held(ChangeGroup::NAME),
            ViewState::NAME => held(ChangeState::NAME),
            _ => false,
        };
        self.user.is_superuser || held(name) || implied
    }

    /// What to call him: his main's name, or his account's.
    pub fn display_name(&self) -> String {
        self.user.main_character.as_ref().map_or_else(|| self.user.username.clone(), |main| main.name.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wanted_page_survives_the_login() {
        assert_eq!(login_address("/"), "/login");
        assert_eq!(login_address("/admin/users?q=ayla"), "/login?next=/admin/users%3Fq%3Dayla");
    }

    #[test]
    fn after_the_session_one_lands_at_the_login() {
        assert_eq!(address_after("/"), "/login");
        assert_eq!(address_after("/history"), "/login?next=/history");
        assert_eq!(address_after("/choose-main"), "/login");
        assert_eq!(address_after("/confirm-email?token=x"), "/confirm-email?token=x");
    }
}
