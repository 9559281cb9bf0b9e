//! Siblings of a page, one beside the other; which one is shown stands in the address.

use leptos::prelude::*;

use crate::url::{self, Address};

/// One of them.
pub struct Tab {
    /// Its value in the address; the first one's is empty.
    pub value: &'static str,
    /// What it is called.
    pub name: &'static str,
    /// How much waits there.
    pub count: Signal<i32>,
}

impl Tab {
    /// One where nothing waits.
    pub fn new(value: &'static str, name: &'static str) -> Self {
        Self { value, name, count: Signal::stored(0) }
    }
}

/// Links to the tabs. A page that has only one part shows none.
#[component]
pub fn Tabs(
    /// Where the choice stands, as `tab`.
    address: Address,
    /// What they are tabs of.
    label: &'static str,
    /// All of them.
    tabs: Vec<Tab>,
) -> impl IntoView {
    let path = untrack(|| address.path());
    let tab = |Tab { value, name, count }: Tab| {
        let href = url::with(&path, &[], &[("tab", Some(value))]);
        view! {
            <a class="tab" href=href aria-current=move || (address.text("tab") == value).then_some("page")>
                {name}
                <Show when=move || { count.get() > 0 }>
                    <span class="count-badge">{move || count.get()}</span>
                </Show>
            </a>
        }
    };
    (tabs.len() > 1).then(|| {
        view! { <nav class="tabs" aria-label=label>{tabs.into_iter().map(tab).collect_view()}</nav> }
    })
}
