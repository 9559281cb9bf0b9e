//! A user by his main, as far as others may know him.

use leptos::prelude::*;

use super::{
    badge::StateName,
    identifier::identifier,
    pilot::{Pilot, PilotLine},
    portrait::Portrait,
};
use crate::{
    api::{DateTime, schema},
    i18n::texts::admin as text,
};

/// What the part draws.
#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
pub struct Person {
    /// The user's id.
    pub id: cynic::Id,
    /// Account name.
    pub username: String,
    /// His main.
    pub main_character: Option<Pilot>,
    /// His state.
    pub state: StateName,
    /// When he registered.
    pub created_at: DateTime,
    /// Not switched off.
    pub is_active: bool,
}

impl Person {
    /// What to call him: his main's name, or his account's.
    pub fn name(&self) -> &str {
        self.main_character.as_ref().map_or(&self.username, |main| &main.name)
    }
}

/// One line: portrait, name, affiliation.
#[component]
pub fn PersonLine(
    /// Whom.
    person: Person,
    /// The page about him.
    #[prop(optional_no_strip)]
    href: Option<String>,
) -> impl IntoView {
    match (person.main_character, href) {
        (Some(pilot), Some(href)) => view! { <PilotLine pilot=pilot href=href unstarred=true /> }.into_any(),
        (Some(pilot), None) => view! { <PilotLine pilot=pilot unstarred=true /> }.into_any(),
        (None, href) => nobody(person.username, href),
    }
}

/// The same for an account without a main.
pub fn nobody(username: String, href: Option<String>) -> AnyView {
    let name = match href {
        Some(href) => view! { <a class="pilot-name" href=href>{identifier(&username)}</a> }.into_any(),
        None => view! { <span class="pilot-first">{identifier(&username)}</span> }.into_any(),
    };
    view! {
        <span class="pilot">
            <Portrait src="" name=username />
            <span class="pilot-text">{name}<span class="pilot-second no-main">{text::no_main()}</span></span>
        </span>
    }
    .into_any()
}
