//! The root: contexts, routes, toasts.

use leptos::prelude::*;
use leptos_router::{
    components::{ParentRoute, Route, Router, Routes},
    path,
};

use crate::{
    api::live::Live,
    frame::Frame,
    pages,
    session::{self, Session},
    ui::{
        clock::Clock,
        theme,
        toast::{ToastRegion, Toasts},
    },
};

/// Everything.
#[component]
pub fn App() -> impl IntoView {
    Clock::provide();
    let toasts = Toasts::provide();
    let live = Live::provide();
    let session = Session::provide();
    session.install();
    // Whoever is logged in is told what changes; a visitor has nothing to be told.
    let logged_in = Memo::new(move |_| session.viewer.read().is_some());
    Effect::new(move |_| live.want(logged_in.get() && !session::is_ending(), toasts));
    theme::follow(session);

    view! {
        <Router>
            <Routes fallback=pages::not_found::Lost>
                <Route path=path!("/login") view=pages::login::LoginPage />
                <Route path=path!("/register") view=pages::register::RegisterPage />
                <Route path=path!("/confirm-email") view=pages::confirm_email::ConfirmEmailPage />
                <Route path=path!("/choose-main") view=pages::choose_main::ChooseMainPage />
                <Route path=path!("/admin/login") view=pages::admin_login::AdminLoginPage />
                <ParentRoute path=path!("/") view=Frame>
                    <Route path=path!("") view=pages::dashboard::DashboardPage />
                    <Route path=path!("groups") view=pages::groups::list::GroupsPage />
                    <Route path=path!("groups/:id") view=pages::groups::single::GroupPage />
                    <Route path=path!("inbox") view=pages::inbox::InboxPage />
                    <Route path=path!("manage/groups") view=pages::groups::managed::ManagedPage />
                    <Route path=path!("manage/groups/:id") view=pages::groups::manage::ManagePage />
                    <Route path=path!("access") view=pages::access::AccessPage />
                    <Route path=path!("characters") view=pages::characters::CharactersPage />
                    <Route path=path!("services") view=pages::services::ServicesPage />
                    <Route path=path!("notifications") view=pages::notifications::NotificationsPage />
                    <Route path=path!("history") view=pages::history::HistoryPage />
                    <Route path=path!("settings") view=pages::settings::SettingsPage />
                    <Route path=path!("admin") view=pages::admin::rights::AdminRedirect />
                    <Route path=path!("admin/users") view=pages::admin::users::UsersPage />
                    <Route path=path!("admin/users/:id") view=pages::admin::user::UserPage />
                    <Route path=path!("admin/states") view=pages::admin::states::StatesPage />
                    <Route path=path!("admin/states/new") view=pages::admin::state::NewStatePage />
                    <Route path=path!("admin/states/:id") view=pages::admin::state::StatePage />
                    <Route path=path!("admin/groups") view=pages::admin::groups::GroupsPage />
                    <Route path=path!("admin/groups/new") view=pages::admin::group::NewGroupPage />
                    <Route path=path!("admin/groups/:id") view=pages::admin::group::GroupPage />
                    <Route path=path!("admin/permissions") view=pages::admin::permissions::PermissionsPage />
                    <Route path=path!("admin/permissions/:name") view=pages::admin::permission::PermissionPage />
                    <Route path=path!("admin/reserved-names") view=pages::admin::reserved::ReservedNamesPage />
                    <Route path=path!("admin/audit") view=pages::admin::audit::AuditPage />
                    <Route path=path!("*rest") view=pages::not_found::NotFoundPage />
                </ParentRoute>
            </Routes>
        </Router>
        <ToastRegion />
    }
}
