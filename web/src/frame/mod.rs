//! What surrounds every page: menu, top bar, and the check that somebody is logged in.

mod bell;
pub(crate) mod conditions;
mod menu;
pub(crate) mod search;
mod shortcuts;
mod top_bar;
mod trail;
mod user_menu;

#[cfg(test)]
pub(crate) use bell::RecentNotifications;
#[cfg(test)]
pub(crate) use user_menu::Logout;
pub(crate) use user_menu::ThemeChoice;

use leptos::{ev, prelude::*};
use leptos_router::{
    NavigateOptions,
    components::Outlet,
    hooks::{use_location, use_navigate},
};

use crate::{
    api::{ApiError, Remote},
    i18n::texts::{common, frame as text},
    session::{Session, login_address},
    ui::{confirm::follows_link, loaded::failed},
    web,
};
use conditions::{ConditionsBar, Trouble};
use menu::SideMenu;
use search::{Palette, SearchDialog};
use shortcuts::Shortcuts;
use top_bar::TopBar;

#[derive(Clone, PartialEq)]
enum Phase {
    Starting,
    Failed(ApiError),
    Visitor,
    MustChooseMain,
    In,
}

/// The frame around protected pages. A visitor is sent to the login and comes back to where he wanted to go.
#[component]
pub fn Frame() -> impl IntoView {
    let session = Session::get();
    let phase = Memo::new(move |_| match &*session.state().read() {
        Remote::Loading => Phase::Starting,
        Remote::Failed(error) => Phase::Failed(error.clone()),
        Remote::Ready(data) => match &data.viewer {
            None => Phase::Visitor,
            Some(viewer) if viewer.must_choose_main => Phase::MustChooseMain,
            Some(_) => Phase::In,
        },
    });
    let navigate = use_navigate();
    Effect::new(move |_| {
        let replace = NavigateOptions { replace: true, ..NavigateOptions::default() };
        match phase.get() {
            Phase::Visitor => navigate(&login_address(&web::current_path()), replace),
            Phase::MustChooseMain => navigate("/choose-main", replace),
            _ => {}
        }
    });
    move || match phase.get() {
        Phase::Starting | Phase::Visitor | Phase::MustChooseMain => view! { <Splash /> }.into_any(),
        Phase::Failed(error) => {
            view! { <main class="lonely">{failed(&error, move || session.retry())}</main> }.into_any()
        }
        Phase::In => view! { <Inside /> }.into_any(),
    }
}

/// Something calm while the first answer is on its way.
#[component]
pub fn Splash() -> impl IntoView {
    view! {
        <div class="splash" role="status">
            <span class="spinner-border text-accent" aria-hidden="true"></span>
            <span class="visually-hidden">{text::starting()}</span>
        </div>
    }
}

#[component]
fn Inside() -> impl IntoView {
    let collapsed = RwSignal::new(web::stored("fealty.menu").as_deref() == Some("collapsed"));
    Effect::new(move |_| web::store("fealty.menu", if collapsed.get() { "collapsed" } else { "open" }));
    let drawer = RwSignal::new(false);
    Trouble::provide();
    let palette = Palette::provide();
    let location = use_location();
    let path = location.pathname;
    let close = move || {
        drawer.set(false);
        web::hide_popovers();
    };
    // A link to where one is changes no address, and has been followed all the same.
    let on_click = move |event: ev::MouseEvent| {
        if follows_link(&event) {
            close();
        }
    };
    let query = location.search;
    Effect::new(move |before: Option<String>| {
        let now = query.get();
        if before.is_some_and(|before| before != now) {
            web::hide_popovers();
        }
        now
    });
    // A new page is announced by moving the focus to it, and the drawer has done its duty.
    Effect::new(move |before: Option<String>| {
        let now = path.get();
        if before.is_some_and(|before| before != now) {
            close();
            // After the drawer has closed and given the focus back.
            request_animation_frame(|| {
                web::focus("#content");
            });
        }
        now
    });
    view! {
        <a class="skip-link" href="#content" rel="external">{common::skip_to_content()}</a>
        <div class="frame" class:is-collapsed=move || collapsed.get() on:click=on_click>
            <SideMenu collapsed=collapsed drawer=drawer />
            <div class="frame-main">
                <TopBar drawer=drawer />
                <ConditionsBar />
                <main id="content" class="content" tabindex="-1" class:in-admin=move || path.read().starts_with("/admin")>
                    <Outlet />
                </main>
            </div>
        </div>
        <SearchDialog palette=palette />
        <Shortcuts />
    }
}
