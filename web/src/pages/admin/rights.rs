//! Who is offered what in the administration. This only hides what somebody cannot use; the server decides.

use fealty_shared::permission::{
    AuditPermissions, Permission, ViewGroup, ViewLogEntry, ViewReservedGroupName, ViewState, ViewUser,
};
use leptos::prelude::*;

use crate::{
    api::{ApiError, ErrorCode, Query, Remote},
    i18n::texts::{frame, rules as text},
    session::{Session, Viewer},
    ui::{icon::Glyph, loaded::failed, page_header::PageHeader},
};

/// One page of the administration.
pub struct Area {
    /// Where it is.
    pub href: &'static str,
    /// What it is called.
    pub name: fn() -> &'static str,
    /// Its mark.
    pub icon: Glyph,
    permission: &'static str,
}

const fn area(href: &'static str, name: fn() -> &'static str, icon: Glyph, permission: &'static str) -> Area {
    Area { href, name, icon, permission }
}

/// All of them, in the order of the menu.
pub const AREAS: &[Area] = &[
    area("/admin/users", frame::users, Glyph::People, ViewUser::NAME),
    area("/admin/states", text::states, Glyph::Shield, ViewState::NAME),
    area("/admin/groups", text::groups, Glyph::Groups, ViewGroup::NAME),
    area("/admin/permissions", text::permissions, Glyph::Key, AuditPermissions::NAME),
    area("/admin/reserved-names", text::reserved, Glyph::Reserved, ViewReservedGroupName::NAME),
    area("/admin/audit", text::audit, Glyph::Audit, ViewLogEntry::NAME),
];

/// Those a viewer may see.
pub fn areas(viewer: &Viewer) -> Vec<&'static Area> {
    AREAS.iter().filter(|area| viewer.holds(area.permission)).collect()
}

/// Whether the viewer may do what takes a permission and being staff. As it is now: what is drawn keeps what it
/// offers.
pub fn may_edit<P: Permission>() -> bool {
    Session::get().viewer.with_untracked(|viewer| viewer.as_ref().is_some_and(edits::<P>))
}

/// Whether the viewer has any of some permissions. As it is now, too.
pub fn may_any(names: &[&str]) -> bool {
    let holds = |viewer: &Viewer| names.iter().any(|name| viewer.holds(name));
    Session::get().viewer.with_untracked(|viewer| viewer.as_ref().is_some_and(holds))
}

/// Whether the viewer has a permission, for a whole page, which comes and goes with it.
pub fn may_see_now<P: Permission>() -> Memo<bool> {
    let session = Session::get();
    Memo::new(move |_| session.can::<P>())
}

/// The same for a right to edit.
pub fn may_edit_now<P: Permission>() -> Memo<bool> {
    let session = Session::get();
    Memo::new(move |_| session.viewer.with(|viewer| viewer.as_ref().is_some_and(edits::<P>)))
}

fn edits<P: Permission>(viewer: &Viewer) -> bool {
    is_superuser(viewer) || viewer.is_staff && viewer.can::<P>()
}

/// Whether the viewer is a superuser. As it is now, too.
pub fn superuser() -> bool {
    Session::get().viewer.with_untracked(|viewer| viewer.as_ref().is_some_and(is_superuser))
}

/// Whether the viewer may see a list: by what the server says of it, and until then by his permissions. Who may not
/// has nothing to filter and nothing to take along.
pub fn may_list<P: Permission, T: Send + Sync + 'static>(query: Query<T>) -> Memo<bool> {
    let session = Session::get();
    Memo::new(move |_| match &*query.state.read() {
        Remote::Ready(_) => true,
        Remote::Failed(error) if error.code == ErrorCode::Forbidden => false,
        _ => session.can::<P>(),
    })
}

/// A page that is not for the viewer.
pub fn not_for_you(title: &'static str) -> AnyView {
    view! {
        <PageHeader title=title.to_owned() />
        {failed(&ApiError::of(ErrorCode::Forbidden), || ())}
    }
    .into_any()
}

fn is_superuser(viewer: &Viewer) -> bool {
    viewer.user.is_superuser
}

/// `/admin` itself: the first page that the viewer may see.
#[component]
pub fn AdminRedirect() -> impl IntoView {
    let areas = Session::get().viewer.with_untracked(|viewer| viewer.as_ref().map(areas).unwrap_or_default());
    let path = areas.first().map_or("/admin/users", |area| area.href);
    view! { <leptos_router::components::Redirect path=path /> }
}
