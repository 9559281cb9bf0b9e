//! Keeps the text of every operation in `operations.graphql`, so that a change to what the SPA asks shows in review.
//! `UPDATE_OPERATIONS=1 cargo test -p fealty-web operations` writes the file anew.

use cynic::{Id, MutationBuilder, QueryBuilder};

use crate::{
    api::{EveId, PageVariables, live},
    frame, pages, session,
};

fn documents() -> String {
    use pages::{
        admin, character_actions as characters, explain, groups, inbox, notifications, register,
        service_card, settings,
    };
    let id = || Id::new("");
    let page = || PageVariables::of(None, None, 25);
    let service = || service_card::ServiceVariables { service: String::new() };
    let order = || admin::filter::UserOrder {
        field: admin::filter::UserOrderField::Main,
        direction: crate::ui::table::OrderDirection::Asc,
    };
    let state = || admin::state::StateVariables { id: Id::new("") };
    let group = || admin::group::GroupVariables { id: Id::new("") };
    let users = admin::users::UsersVariables::new(page(), admin::filter::UserFilter::default(), order());
    let login = pages::admin_login::LoginVariables { username: String::new(), password: String::new() };
    let preferences = settings::PreferencesVariables { language: None, theme: None };
    let joining = groups::actions::JoinVariables { group_id: id(), reason: None };
    let leaving = groups::actions::LeaveVariables { group_id: id(), reason: None, preview: false };
    let mut all = vec![
        session::SessionData::build(()).query,
        frame::RecentNotifications::build(()).query,
        frame::conditions::Conditions::build(()).query,
        frame::search::Search::build(frame::search::SearchVariables { words: String::new() }).query,
        pages::dashboard::Dashboard::build(()).query,
        pages::access::OwnAccess::build(()).query,
        explain::Explain::build(explain::ExplainVariables {
            user_id: None,
            subject: explain::Subject::Service(String::new()),
        })
        .query,
        groups::list::OwnGroups::build(()).query,
        groups::single::OneGroup::build(groups::single::GroupVariables { id: id() }).query,
        inbox::Requests::build(inbox::RequestsVariables::of(page(), None, "")).query,
        groups::managed::Managed::build(groups::managed::ManagedVariables::sample()).query,
        groups::manage::ManageGroup::build(groups::single::GroupVariables { id: id() }).query,
        groups::members::Members::build(groups::members::MembersVariables::of(
            id(),
            page(),
            None,
            &crate::ui::table::Order::default(),
        ))
        .query,
        groups::log::GroupLog::build(groups::log::LogVariables::of(
            id(),
            page(),
            groups::log::GroupLogFilter::default(),
        ))
        .query,
        pages::choose_main::OwnCharacters::build(()).query,
        pages::services::OwnServices::build(()).query,
        pages::history::History::build(pages::history::HistoryVariables::of(
            pages::history::AccessChangeFilter::default(),
            page(),
        ))
        .query,
        notifications::NotificationsQuery::build(notifications::NotificationsVariables::of(page(), false))
            .query,
        settings::SessionsQuery::build(()).query,
        register::RegistrationQuery::build(()).query,
        admin::users::Users::build(users).query,
        admin::filter::FilterChoices::build(()).query,
        admin::ask_about::Askable::build(()).query,
        admin::user::UserQuery::build(admin::user::UserVariables { id: Id::new("") }).query,
        admin::catalogue::Catalogue::build(()).query,
        admin::states::States::build(()).query,
        admin::state::StateQuery::build(state()).query,
        admin::state::Factions::build(()).query,
        admin::groups::document(),
        admin::group::GroupQuery::build(group()).query,
        admin::group_log::AnyGroupLog::build(groups::log::LogVariables::of(
            id(),
            page(),
            groups::log::GroupLogFilter::default(),
        ))
        .query,
        admin::group_gives::GroupGives::build(admin::group_gives::GivesVariables { id: id() }).query,
        admin::group::StatesToChoose::build(()).query,
        groups::members::AdministeredMembers::build(groups::members::MembersVariables::of(
            id(),
            page(),
            None,
            &crate::ui::table::Order::default(),
        ))
        .query,
        admin::permissions::document(),
        admin::permission::document(),
        register::Register::build(register::RegisterVariables { email: String::new() }).query,
        pages::confirm_email::ConfirmEmail::build(pages::confirm_email::ConfirmEmailVariables {
            token: String::new(),
        })
        .query,
        pages::admin_login::LoginWithPassword::build(login).query,
        frame::Logout::build(()).query,
        settings::RevokeSession::build(settings::RevokeVariables { id: Id::new("") }).query,
        settings::UpdatePreferences::build(preferences).query,
        characters::SetMain::build(characters::SetMainVariables { character_id: EveId(0), preview: false })
            .query,
        characters::RefreshCharacters::build(()).query,
        groups::actions::JoinGroup::build(joining).query,
        groups::actions::LeaveGroup::build(leaving).query,
        groups::actions::RetractRequest::build(groups::actions::RetractVariables { group_id: id() }).query,
        inbox::desk::Decide::build(inbox::desk::DecideVariables {
            ids: Vec::new(),
            accept: true,
            note: None,
        })
        .query,
        service_card::LinkService::build(service()).query,
        service_card::UnlinkService::build(service()).query,
        notifications::ReadNotifications::build(notifications::ReadVariables { ids: None }).query,
    ];
    all.extend(admin::as_of::documents());
    all.extend(admin::audit::documents());
    all.extend(pages::lookup::documents());
    all.extend(admin::reserved::documents());
    all.extend(groups::membership::documents());
    all.extend(admin::edit::documents());
    all.extend(live::documents().map(|(_, query)| query));
    all.iter().map(|query| query.trim()).collect::<Vec<_>>().join("\n\n") + "\n"
}

#[test]
fn operations_are_as_committed() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/operations.graphql");
    let now = documents();
    if std::env::var_os("UPDATE_OPERATIONS").is_some() {
        assert!(std::fs::write(path, &now).is_ok(), "cannot write {path}");
    }
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    assert_eq!(now, committed, "run UPDATE_OPERATIONS=1 cargo test -p fealty-web operations");
}
