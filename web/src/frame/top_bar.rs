//! The bar at the top: trail, search, EVE's time, bell and account.

use fealty_shared::permission::ViewUser;
use leptos::prelude::*;
use leptos_router::{
    NavigateOptions,
    hooks::{use_location, use_navigate},
};

use super::{bell::Bell, trail, user_menu::UserMenu};
use crate::{
    api::live::Live,
    i18n::texts::frame as text,
    session::Session,
    ui::{
        clock::EveClock,
        guard,
        icon::{Glyph, Icon},
    },
    url,
};

/// The bar.
#[component]
pub fn TopBar(
    /// Opened by the button that only phones show.
    drawer: RwSignal<bool>,
) -> impl IntoView {
    let session = Session::get();
    let admin = Memo::new(move |_| session.can::<ViewUser>());
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
            <Show when=move || admin.get()>
                <Search />
            </Show>
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
                Some(href) => view! { <li><a href=href>{step.name}</a></li> }.into_any(),
                None => view! { <li>{step.name}</li> }.into_any(),
            })
            .collect_view()
    };
    view! { <nav class="trail" aria-label=text::trail()><ol>{steps}</ol></nav> }
}

#[component]
fn Search() -> impl IntoView {
    let words = RwSignal::new(String::new());
    let navigate = use_navigate();
    view! {
        <form
            class="top-search"
            role="search"
            on:submit=move |event| {
                event.prevent_default();
                let entered = words.get_untracked();
                let to = url::with("/admin/users", &[], &[("q", Some(entered.trim()))]);
                if guard::holds(&to) {
                    return;
                }
                navigate(&to, NavigateOptions::default());
                words.set(String::new());
            }
        >
            <Icon of=Glyph::Search />
            <input
                id="global-search"
                type="search"
                class="form-control"
                aria-label=text::search_pilots()
                placeholder=text::search_pilots()
                autocomplete="off"
                aria-keyshortcuts="/"
                bind:value=words
            />
            <kbd aria-hidden="true">"/"</kbd>
        </form>
    }
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
