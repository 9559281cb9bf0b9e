//! Moments entered by hand, in EVE's time.

use leptos::prelude::*;

use super::field::Field;
use crate::{
    api::{DateTime, Problem},
    url::Address,
};

/// What a browser's field for date and time holds, as a moment in EVE's time.
pub fn parse(entered: &str) -> Option<DateTime> {
    let entered = entered.get(..16).unwrap_or(entered);
    format!("{entered}:00Z").parse().ok()
}

/// A moment as a filter of a list.
#[component]
pub fn MomentFilter(
    /// Where it stands.
    address: Address,
    /// The parameter.
    name: &'static str,
    /// What happens then.
    label: &'static str,
) -> impl IntoView {
    view! {
        <label class="moment">
            <span>{label}</span>
            <input
                type="datetime-local"
                class="form-control"
                prop:value=move || address.text(name)
                on:change=move |event| address.set(&[(name, Some(&event_target_value(&event)))])
            />
        </label>
    }
}

/// A moment in a form.
#[component]
pub fn MomentField(
    /// The input's name.
    name: &'static str,
    /// What happens then.
    label: &'static str,
    /// What the browser's field holds.
    value: RwSignal<String>,
    /// The server's word on the form.
    #[prop(into)]
    problems: Signal<Vec<Problem>>,
) -> impl IntoView {
    view! { <Field name=name label=label kind="datetime-local" autocomplete="off" value=value problems=problems optional=true /> }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entered_moments_are_eve_time() {
        let at = parse("2026-11-21T10:30");
        assert_eq!(at.map(|at| at.to_rfc3339()), Some("2026-11-21T10:30:00+00:00".to_owned()));
        assert_eq!(parse("2026-11-21T10:30:15"), at);
        assert_eq!(parse(""), None);
        assert_eq!(parse("yesterday"), None);
    }
}
