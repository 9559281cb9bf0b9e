//! The bar at the top: trail, search, EVE's time, bell and account.

use leptos::prelude::*;
use leptos_router::hooks::use_location;

use super::{bell::Bell, search::SearchButton, trail, user_menu::UserMenu};
use crate::{
    api::live::Live,
    i18n::texts::frame as text,
    ui::{
        clock::EveClock,
        icon::{Glyph, Icon},
    },
};

/// The bar.
#[component]
pub fn TopBar(
    /// Opened by the button that only phones show.
    drawer: RwSignal<bool>,
) -> impl IntoView {
    view! {
        <header class="top">
            <button
                type="button"
                class="btn btn-icon top-menu"
                aria-label=text::open_menu()
                aria-expanded=move || drawer.get().to_string()
                on:click=move |_| drawer.set(true)
            >
                <Icon of=Glyph::Menu />
            </button>
            <Trail />
            <SearchButton />
            <LineSign />
            <EveClock />
            <Bell />
            <UserMenu />
        </header>
    }
}

#[component]
fn Trail() -> impl IntoView {
    let path = use_location().pathname;
    let steps = move || {
        trail::of(&path.read())
            .into_iter()
            .map(|step| match step.href {
                Some(href) => view! { <li title=step.name><a href=href>{step.name}</a></li> }.into_any(),
                None => view! { <li title=step.name>{step.name}</li> }.into_any(),
            })
            .collect_view()
    };
    view! { <nav class="trail" aria-label=text::trail()><ol>{steps}</ol></nav> }
}

/// The quiet sign that nothing arrives by itself at the moment.
#[component]
fn LineSign() -> impl IntoView {
    let down = use_context::<Live>().map(|live| live.down);
    let is_down = move || down.is_some_and(|down| down.get());
    view! {
        <span class="line-sign" role="status">
            <Show when=is_down>
                <span class="line-down" title=text::line_down()>
                    <Icon of=Glyph::Offline />
                    <span class="line-text">{text::line_down_short()}</span>
                </span>
            </Show>
        </span>
    }
}
