//! A user as one line that leads to the page about him.

use fealty_shared::permission::ViewUser;
use leptos::prelude::*;

use crate::{
    i18n::texts::admin as text,
    session::Session,
    ui::person::{Person, PersonLine},
};

/// The page about a user.
pub fn address_of(person: &Person) -> String {
    format!("/admin/users/{}", person.id.inner())
}

/// The same, for those who may see it.
pub fn own_page(person: &Person) -> Option<String> {
    untrack(|| Session::get().can::<ViewUser>()).then(|| address_of(person))
}

/// A user in one line: the main, or the account without one. The name leads to the user's page for those who may see it.
pub fn person_line(person: &Person) -> AnyView {
    let href = own_page(person);
    let off =
        (!person.is_active).then(|| view! { <span class="status status-bad">{text::not_active()}</span> });
    view! { <span class="person"><PersonLine person=person.clone() href=href />{off}</span> }.into_any()
}
