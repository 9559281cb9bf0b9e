//! One field of a form: label, hint, and what is wrong with it beside it.

use leptos::prelude::*;

use super::icon::{Glyph, Icon};
use crate::api::Problem;

/// What is wrong with one field, of the problems of the whole form: until the field is changed.
pub fn own_problem<T: Send + Sync + 'static>(
    problems: Signal<Vec<Problem>>,
    mine: impl Fn(&str) -> bool + Send + Sync + 'static,
    value: RwSignal<T>,
) -> Memo<Option<String>> {
    let changed = RwSignal::new(false);
    Effect::new(move |_| {
        problems.track();
        changed.set(false);
    });
    Effect::new(move |seen: Option<()>| {
        value.track();
        if seen.is_some() {
            changed.set(true);
        }
    });
    Memo::new(move |_| {
        let find = |all: &Vec<Problem>| all.iter().find(|p| mine(&p.field)).map(|p| p.message.clone());
        problems.with(find).filter(|_| !changed.get())
    })
}

/// A labelled input. `problems` may hold those of the whole form; the field shows its own.
#[component]
pub fn Field(
    /// The input's name, as the server's problems call it.
    name: &'static str,
    /// What it is.
    #[prop(into)]
    label: String,
    /// What it holds.
    value: RwSignal<String>,
    /// The server's word on the form.
    #[prop(into)]
    problems: Signal<Vec<Problem>>,
    /// `text`, `email`, `password`.
    #[prop(optional, into)]
    kind: Option<&'static str>,
    /// For password managers.
    autocomplete: &'static str,
    /// One sentence that helps.
    #[prop(optional, into)]
    hint: Option<String>,
    /// May stay empty.
    #[prop(optional)]
    optional: bool,
    /// So many lines of text.
    #[prop(optional)]
    lines: Option<u8>,
    /// May be read only.
    #[prop(optional)]
    locked: bool,
) -> impl IntoView {
    let id = format!("field-{name}");
    let hint_id = format!("{id}-hint");
    let problem_id = format!("{id}-problem");
    let described = format!("{hint_id} {problem_id}");
    let wrong = own_problem(problems, move |field| field == name, value);
    let invalid = move || wrong.read().is_some();
    let aria_invalid = move || wrong.read().is_some().then_some("true");
    let input = match lines {
        Some(lines) => view! {
            <textarea
                id=id.clone()
                name=name
                rows=lines.to_string()
                class="form-control"
                class:is-invalid=invalid
                required=!optional
                readonly=locked
                aria-describedby=described
                aria-invalid=aria_invalid
                bind:value=value
            ></textarea>
        }
        .into_any(),
        None => view! {
            <input
                id=id.clone()
                name=name
                type=kind.unwrap_or("text")
                class="form-control"
                class:is-invalid=invalid
                autocomplete=autocomplete
                required=!optional
                readonly=locked
                aria-describedby=described
                aria-invalid=aria_invalid
                bind:value=value
            />
        }
        .into_any(),
    };
    view! {
        <div class="field">
            <label class="form-label" for=id>{label}</label>
            {input}
            <p id=hint_id class="form-text">{hint}</p>
            <p id=problem_id class="field-problem" role="alert">{move || wrong.get()}</p>
        </div>
    }
}

/// A yes or no with what it means.
#[component]
pub fn Switch(
    /// The input's name.
    name: &'static str,
    /// What is on.
    #[prop(into)]
    label: String,
    /// What that means.
    #[prop(optional, into)]
    hint: Option<String>,
    /// On or off.
    value: RwSignal<bool>,
    /// Why it cannot be switched.
    #[prop(default = None)]
    locked: Option<String>,
) -> impl IntoView {
    let id = format!("field-{name}");
    let hint_id = format!("{id}-hint");
    let disabled = locked.is_some();
    view! {
        <div class="switch form-check form-switch">
            <input
                id=id.clone()
                name=name
                type="checkbox"
                role="switch"
                class="form-check-input"
                aria-describedby=hint_id.clone()
                disabled=disabled
                bind:checked=value
            />
            <label class="form-check-label" for=id>{label}</label>
            <p id=hint_id class="form-text">
                {hint}
                {locked.map(|why| view! { <span class="switch-locked"><Icon of=Glyph::Lock />{why}</span> })}
            </p>
        </div>
    }
}
