//! A user by his main, as far as others may know him.

use leptos::prelude::*;

use super::{
    badge::StateName,
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
) -> impl IntoView {
    match person.main_character {
        Some(pilot) => view! { <PilotLine pilot=pilot unstarred=true /> }.into_any(),
        None => view! {
            <span class="pilot">
                <Portrait src="" name=person.username.clone() />
                <span class="pilot-text">
                    <span class="pilot-first">{person.username}</span>
                    <span class="pilot-second">{text::no_main()}</span>
                </span>
            </span>
        }
        .into_any(),
    }
}
