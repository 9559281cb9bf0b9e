//! Filters of a list. They stand in the address and nowhere else.

use leptos::prelude::*;

use super::{
    button::Button,
    icon::{Glyph, Icon},
    search_box::SearchBox,
};
use crate::{i18n::texts::admin as text, url::Address};

/// The field one searches a list with; `/` focuses it.
#[component]
pub fn SearchField(
    /// Where the words stand, as `q`.
    address: Address,
    /// What it searches.
    label: &'static str,
    /// What stands in it, key by key, where the page itself looks for it.
    #[prop(default = RwSignal::new(address.text_now("q")))]
    words: RwSignal<String>,
) -> impl IntoView {
    // The address may change without the field: by the search in the bar, or by going back.
    Effect::new(move |_| {
        let now = address.text("q");
        if words.with_untracked(|words| words.trim() != now) {
            words.set(now);
        }
    });
    view! {
        <SearchBox
            id="page-search"
            label=label
            words=words
            on_pause=move |words: String| address.set(&[("q", Some(&words))])
        />
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
    /// Another parameter that means nothing any more when this one changes.
    #[prop(optional, into)]
    resets: Option<&'static str>,
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
            on:change=move |event| {
                let value = event_target_value(&event);
                let mut changes = vec![(name, Some(value.as_str()))];
                changes.extend(resets.map(|other| (other, None)));
                address.set(&changes);
            }
        >
            <option value="" selected=move || address.text(name).is_empty()>{any}</option>
            {all}
        </select>
    }
}

/// Filters that a phone shows only when asked for, or when one of them is set.
#[component]
pub fn MoreFilters(
    /// Where they stand.
    address: Address,
    /// The parameters.
    names: &'static [&'static str],
    /// The filters.
    children: Children,
) -> impl IntoView {
    let open = RwSignal::new(untrack(|| names.iter().any(|name| address.get(name).is_some())));
    view! {
        <button
            type="button"
            class="btn btn-quiet filters-toggle"
            aria-expanded=move || open.get().to_string()
            aria-controls="more-filters"
            on:click=move |_| open.update(|open| *open = !*open)
        >
            <Icon of=Glyph::Filter />
            {move || if open.get() { text::fewer_filters() } else { text::more_filters() }}
        </button>
        <div id="more-filters" class="filters-more" class:is-open=open>{children()}</div>
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
