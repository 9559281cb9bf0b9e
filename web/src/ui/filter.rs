//! Filters of a list. They stand in the address and nowhere else.

use leptos::{leptos_dom::helpers::debounce, prelude::*};

use super::{
    button::Button,
    icon::{Glyph, Icon},
};
use crate::{i18n::texts::admin as text, url::Address};

/// Milliseconds after the last key before the server is asked.
const PAUSE: u64 = 250;

/// The field one searches with.
#[component]
pub fn SearchField(
    /// Where the words stand.
    address: Address,
    /// The parameter.
    #[prop(default = "q")]
    name: &'static str,
    /// What one may enter.
    placeholder: &'static str,
) -> impl IntoView {
    let words = RwSignal::new(address.text_now(name));
    // The address may change without the field: by the search in the bar, or by going back.
    Effect::new(move |_| {
        let now = address.text(name);
        if words.get_untracked().trim() != now {
            words.set(now);
        }
    });
    let mut ask = debounce(std::time::Duration::from_millis(PAUSE), move |text: String| {
        address.set(&[(name, Some(text.trim()))]);
    });
    view! {
        <div class="filter-search">
            <Icon of=Glyph::Search />
            <input
                id="page-search"
                type="search"
                class="form-control"
                aria-label=text::search()
                placeholder=placeholder
                autocomplete="off"
                prop:value=words
                on:input=move |event| {
                    let text = event_target_value(&event);
                    words.set(text.clone());
                    ask(text);
                }
            />
        </div>
    }
}

/// One of several values.
#[component]
pub fn Choice(
    /// Where it stands.
    address: Address,
    /// The parameter.
    name: &'static str,
    /// What is chosen.
    label: &'static str,
    /// What stands for no filter.
    any: &'static str,
    /// Values with what they are called.
    #[prop(into)]
    options: Signal<Vec<(String, String)>>,
) -> impl IntoView {
    let all = move || {
        options
            .get()
            .into_iter()
            .map(|(value, called)| {
                let chosen = address.text(name) == value;
                view! { <option value=value selected=chosen>{called}</option> }
            })
            .collect_view()
    };
    view! {
        <select
            class="form-select"
            aria-label=label
            on:change=move |event| address.set(&[(name, Some(&event_target_value(&event)))])
        >
            <option value="" selected=move || address.text(name).is_empty()>{any}</option>
            {all}
        </select>
    }
}

/// Fixed values for a [`Choice`].
pub fn choices(all: &[(&str, &str)]) -> Vec<(String, String)> {
    all.iter().map(|(value, called)| ((*value).to_owned(), (*called).to_owned())).collect()
}

/// The button that takes all filters away; there only while there are any.
#[component]
pub fn ClearFilters(
    /// Where they stand.
    address: Address,
    /// The parameters.
    names: &'static [&'static str],
) -> impl IntoView {
    let clear = move |()| {
        let changes: Vec<(&str, Option<&str>)> = names.iter().map(|name| (*name, None)).collect();
        address.change(&changes, false);
    };
    view! {
        <Show when=move || names.iter().any(|name| address.get(name).is_some())>
            <Button text=text::clear().to_owned() icon=Glyph::Close on_click=clear />
        </Show>
    }
}
