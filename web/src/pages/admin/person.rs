//! A user as one line that leads to the page about him.

use fealty_shared::permission::ViewUser;
use leptos::prelude::*;

use crate::{
    i18n::texts::admin as text,
    session::Session,
    ui::{person::Person, pilot::PilotLine, portrait::Portrait},
};

/// The page about a user.
pub fn address_of(person: &Person) -> String {
    format!("/admin/users/{}", person.id.inner())
}

/// A user in one line: his main, or his account where he has none. The name leads to his page for those who may see it.
pub fn person_line(person: &Person) -> AnyView {
    let href = Session::get().can::<ViewUser>().then(|| address_of(person));
    let off =
        (!person.is_active).then(|| view! { <span class="status status-bad">{text::inactive()}</span> });
    let who = match (person.main_character.clone(), href) {
        (Some(pilot), Some(href)) => view! { <PilotLine pilot=pilot href=href unstarred=true /> }.into_any(),
        (Some(pilot), None) => view! { <PilotLine pilot=pilot unstarred=true /> }.into_any(),
        (None, href) => nobody(person.username.clone(), href),
    };
    view! { <span class="person">{who}{off}</span> }.into_any()
}

/// A user without a main.
pub fn nobody(username: String, href: Option<String>) -> AnyView {
    let name = match href {
        Some(href) => view! { <a class="pilot-name" href=href>{username.clone()}</a> }.into_any(),
        None => view! { <span class="pilot-name">{username.clone()}</span> }.into_any(),
    };
    view! {
        <span class="pilot">
            <Portrait src="" name=username />
            <span class="pilot-text">{name}<span class="pilot-second">{text::no_main()}</span></span>
        </span>
    }
    .into_any()
}
