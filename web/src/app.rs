//! The root: contexts, routes, toasts.

use leptos::prelude::*;
use leptos_router::{
    components::{ParentRoute, Route, Router, Routes},
    path,
};

use crate::{
    api::live::Live,
    frame::Frame,
    pages::{
        self,
        admin::part::{ADMIN, Page as Admin},
        groups::part::{LEAD, Page as Lead},
    },
    part::part,
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
                    <Route path=path!("inbox") view=part(&LEAD, Lead::Inbox) />
                    <Route path=path!("manage/groups") view=part(&LEAD, Lead::Managed) />
                    <Route path=path!("manage/groups/:id") view=part(&LEAD, Lead::Manage) />
                    <Route path=path!("access") view=pages::access::AccessPage />
                    <Route path=path!("characters") view=pages::characters::CharactersPage />
                    <Route path=path!("services") view=pages::services::ServicesPage />
                    <Route path=path!("notifications") view=pages::notifications::NotificationsPage />
                    <Route path=path!("history") view=pages::history::HistoryPage />
                    <Route path=path!("status") view=pages::status::StatusPage />
                    <Route path=path!("settings") view=pages::settings::SettingsPage />
                    <Route path=path!("admin") view=pages::admin::rights::AdminRedirect />
                    <Route path=path!("admin/users") view=part(&ADMIN, Admin::Users) />
                    <Route path=path!("admin/users/:id") view=part(&ADMIN, Admin::User) />
                    <Route path=path!("admin/states") view=part(&ADMIN, Admin::States) />
                    <Route path=path!("admin/states/new") view=part(&ADMIN, Admin::NewState) />
                    <Route path=path!("admin/states/:id") view=part(&ADMIN, Admin::State) />
                    <Route path=path!("admin/groups") view=part(&ADMIN, Admin::Groups) />
                    <Route path=path!("admin/groups/new") view=part(&ADMIN, Admin::NewGroup) />
                    <Route path=path!("admin/groups/:id") view=part(&ADMIN, Admin::Group) />
                    <Route path=path!("admin/groups/:id/log") view=part(&ADMIN, Admin::GroupLog) />
                    <Route path=path!("admin/permissions") view=part(&ADMIN, Admin::Permissions) />
                    <Route path=path!("admin/permissions/:name") view=part(&ADMIN, Admin::Permission) />
                    <Route path=path!("admin/reserved-names") view=part(&ADMIN, Admin::ReservedNames) />
                    <Route path=path!("admin/audit") view=part(&ADMIN, Admin::Audit) />
                    <Route path=path!("*rest") view=pages::not_found::NotFoundPage />
                </ParentRoute>
            </Routes>
        </Router>
        <ToastRegion />
    }
}
