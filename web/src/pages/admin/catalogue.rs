//! The catalogue of permissions, and choosing from it.

use std::collections::BTreeSet;

use leptos::prelude::*;

use crate::{
    api::schema,
    i18n::texts::rules as text,
    ui::{
        icon::{Glyph, Icon},
        identifier::identifier,
        search_box::{SearchBox, matches},
    },
};

/// What may be granted.
#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "Query")]
pub struct Catalogue {
    /// By name.
    pub permissions: Vec<Permission>,
}

/// One permission.
#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
pub struct Permission {
    /// `app.codename`.
    pub name: String,
    /// What it belongs to.
    pub app: String,
    /// What it is about within its app.
    pub model: String,
    /// For people who grant it.
    pub description: String,
}

impl Catalogue {
    /// The apps there are.
    pub fn apps(&self) -> Vec<String> {
        self.permissions
            .iter()
            .map(|permission| permission.app.clone())
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect()
    }

    /// The models there are, of one app if one is chosen.
    pub fn models(&self, app: Option<&str>) -> Vec<String> {
        self.permissions
            .iter()
            .filter(|permission| app.is_none_or(|app| permission.app == app))
            .map(|permission| permission.model.clone())
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect()
    }
}

/// Permissions as chips, or nothing in words.
pub fn chips(names: impl IntoIterator<Item = String>) -> AnyView {
    let chip = |name: String| view! { <li class="chip chip-code">{identifier(&name)}</li> };
    let all: Vec<_> = names.into_iter().map(chip).collect();
    if all.is_empty() {
        return view! { <p class="card-empty">{text::no_permissions()}</p> }.into_any();
    }
    view! { <ul class="chips">{all}</ul> }.into_any()
}

/// What is chosen, each with a button that takes it out again.
fn chosen_chips(chosen: RwSignal<BTreeSet<String>>) -> AnyView {
    let all = chosen.get();
    if all.is_empty() {
        return ().into_any();
    }
    let chip = move |name: String| {
        let label = text::remove_named(&name);
        let shown = identifier(&name);
        let remove = move |_| {
            chosen.update(|chosen| {
                chosen.remove(&name);
            });
        };
        view! {
            <li class="pick-chip">
                <span class="code">{shown}</span>
                <button type="button" class="pick-remove" aria-label=label on:click=remove>
                    <Icon of=Glyph::Close />
                </button>
            </li>
        }
    };
    view! {
        <ul class="pick-chips" aria-label=text::chosen_permissions()>{all.into_iter().map(chip).collect_view()}</ul>
    }
    .into_any()
}

/// Chooses permissions. With a reason in `locked` they are only shown.
#[component]
pub fn PermissionChecks(
    /// What is chosen.
    chosen: RwSignal<BTreeSet<String>>,
    /// What there is.
    catalogue: Vec<Permission>,
    /// Why nothing may be chosen.
    locked: Option<String>,
) -> impl IntoView {
    if let Some(why) = locked {
        return view! {
            <p class="locked-note"><Icon of=Glyph::Lock />{why}</p>
            {move || chips(chosen.get())}
        }
        .into_any();
    }
    let words = RwSignal::new(String::new());
    let only_chosen = RwSignal::new(false);
    let check = move |Permission { name, description, .. }: Permission| {
        let (known, about) = (name.clone(), description.clone());
        let (held, toggled, mine) = (name.clone(), name.clone(), name.clone());
        let found = move || {
            matches(&words.read(), &[&known, &about]) && (!only_chosen.get() || chosen.read().contains(&mine))
        };
        let toggle = move |event| {
            let on = event_target_checked(&event);
            chosen.update(|chosen| {
                if on {
                    chosen.insert(toggled.clone())
                } else {
                    chosen.remove(&toggled)
                };
            });
        };
        view! {
            <label class="permission-check" class:d-none=move || !found()>
                <input
                    type="checkbox"
                    class="form-check-input"
                    prop:checked=move || chosen.read().contains(&held)
                    on:change=toggle
                />
                <span class="permission-text">
                    <span class="permission-name">{identifier(&name)}</span>
                    <span class="permission-what">{description}</span>
                </span>
            </label>
        }
    };
    view! {
        {move || chosen_chips(chosen)}
        <SearchBox label=text::search_permissions() words=words />
        <div class="permission-tools">
            <p class="table-count" role="status">{move || text::chosen(chosen.read().len() as i32)}</p>
            <label class="form-check form-switch">
                <input type="checkbox" role="switch" class="form-check-input" bind:checked=only_chosen />
                <span class="form-check-label">{text::only_chosen()}</span>
            </label>
        </div>
        <div class="permission-list" role="group" aria-label=text::permissions()>
            {catalogue.into_iter().map(check).collect_view()}
        </div>
    }
    .into_any()
}
