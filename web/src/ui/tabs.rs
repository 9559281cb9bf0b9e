//! Siblings of a page, one beside the other; which one is shown stands in the address.

use leptos::prelude::*;

use crate::url::{self, Address};

/// Links to the tabs: their values in the address (the first one's is empty) with what they are called.
#[component]
pub fn Tabs(
    /// Where the choice stands, as `tab`.
    address: Address,
    /// What they are tabs of.
    #[prop(into)]
    label: String,
    /// All of them.
    tabs: Vec<(&'static str, &'static str)>,
) -> impl IntoView {
    let link = move |(value, called): (&'static str, &'static str)| {
        let current = move || (address.text("tab") == value).then_some("page");
        let href = move || url::with(&address.path(), &[], &[("tab", Some(value))]);
        view! { <a class="tab" href=href aria-current=current>{called}</a> }
    };
    view! { <nav class="tabs" aria-label=label>{tabs.into_iter().map(link).collect_view()}</nav> }
}
