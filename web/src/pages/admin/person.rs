//! What others may know of a user, as one line.

use fealty_shared::permission::ViewUser;
use leptos::prelude::*;

use crate::{
    api::schema,
    i18n::texts::admin as text,
    session::Session,
    ui::{
        badge::StateName,
        pilot::{Pilot, PilotLine},
        portrait::Portrait,
    },
};

/// A user.
#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
pub struct Person {
    /// Opaque id.
    pub id: cynic::Id,
    /// Account name.
    pub username: String,
    /// Portrait and name.
    pub main_character: Option<Pilot>,
    /// Where he stands.
    pub state: StateName,
    /// Whether he may log in.
    pub is_active: bool,
}

impl Person {
    /// His main's name, or his account's.
    pub fn name(&self) -> String {
        self.main_character.as_ref().map_or_else(|| self.username.clone(), |main| main.name.clone())
    }

    /// The page about him.
    pub fn address(&self) -> String {
        format!("/admin/users/{}", self.id.inner())
    }
}

/// A user in one line: his main, or his account where he has none. The name leads to his page for those who may see it.
pub fn person_line(person: &Person) -> AnyView {
    let href = Session::get().can::<ViewUser>().then(|| person.address());
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
