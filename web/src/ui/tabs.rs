//! Siblings of a page, one beside the other; which one is shown stands in the address.

use leptos::prelude::*;

use super::choice;
use crate::url::{self, Address};

/// Links to the tabs: their values in the address (the first one's is empty) with what they are called.
#[component]
pub fn Tabs(
    /// Where the choice stands, as `tab`.
    address: Address,
    /// What they are tabs of.
    label: &'static str,
    /// All of them.
    tabs: Vec<(&'static str, &'static str)>,
) -> impl IntoView {
    let path = untrack(|| address.path());
    let tab = |(value, called): (&'static str, &'static str)| {
        let href = url::with(&path, &[], &[("tab", Some(value))]);
        (href, called, Signal::derive(move || address.text("tab") == value), Signal::from(0))
    };
    view! { <choice::Tabs label=label tabs=tabs.into_iter().map(tab).collect() /> }
}
