//! The administration as a part of the program (see [`crate::part`]).

use leptos::{
    prelude::*,
    wasm_split::{SplitLoaderError, wasm_split},
};

use super::{audit, group, group_log, groups, permission, permissions, reserved, state, states, user, users};
use crate::part::{Draw, Part};

thread_local! {
    /// The part.
    pub static ADMIN: Part<Page> = const { Part::new(|| Box::pin(pages())) };
}

/// A page of the administration.
#[derive(Clone, Copy)]
pub enum Page {
    /// `/admin/users`
    Users,
    /// `/admin/users/:id`
    User,
    /// `/admin/states`
    States,
    /// `/admin/states/new`
    NewState,
    /// `/admin/states/:id`
    State,
    /// `/admin/groups`
    Groups,
    /// `/admin/groups/new`
    NewGroup,
    /// `/admin/groups/:id`
    Group,
    /// `/admin/groups/:id/log`
    GroupLog,
    /// `/admin/permissions`
    Permissions,
    /// `/admin/permissions/:name`
    Permission,
    /// `/admin/reserved-names`
    ReservedNames,
    /// `/admin/audit`
    Audit,
}

fn draw(page: Page) -> AnyView {
    match page {
        Page::Users => view! { <users::UsersPage /> }.into_any(),
        Page::User => view! { <user::UserPage /> }.into_any(),
        Page::States => view! { <states::StatesPage /> }.into_any(),
        Page::NewState => view! { <state::NewStatePage /> }.into_any(),
        Page::State => view! { <state::StatePage /> }.into_any(),
        Page::Groups => view! { <groups::GroupsPage /> }.into_any(),
        Page::NewGroup => view! { <group::NewGroupPage /> }.into_any(),
        Page::Group => view! { <group::GroupPage /> }.into_any(),
        Page::GroupLog => view! { <group_log::GroupLogPage /> }.into_any(),
        Page::Permissions => view! { <permissions::PermissionsPage /> }.into_any(),
        Page::Permission => view! { <permission::PermissionPage /> }.into_any(),
        Page::ReservedNames => view! { <reserved::ReservedNamesPage /> }.into_any(),
        Page::Audit => view! { <audit::AuditPage /> }.into_any(),
    }
}

#[wasm_split(admin, fallible, wasm_split_path = ::leptos::wasm_split)]
fn pages() -> Result<Draw<Page>, SplitLoaderError> {
    Ok(draw)
}
