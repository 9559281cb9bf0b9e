//! One field of a form: label, hint, and what is wrong with it beside it.

use leptos::prelude::*;

use crate::api::Problem;

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
) -> impl IntoView {
    let id = format!("field-{name}");
    let hint_id = format!("{id}-hint");
    let problem_id = format!("{id}-problem");
    let described = format!("{hint_id} {problem_id}");
    let wrong = Memo::new(move |_| {
        problems.with(|all| all.iter().find(|p| p.field == name).map(|p| p.message.clone()))
    });
    view! {
        <div class="field">
            <label class="form-label" for=id.clone()>{label}</label>
            <input
                id=id
                name=name
                type=kind.unwrap_or("text")
                class="form-control"
                class:is-invalid=move || wrong.read().is_some()
                autocomplete=autocomplete
                required=true
                aria-describedby=described
                aria-invalid=move || wrong.read().is_some().then_some("true")
                bind:value=value
            />
            <p id=hint_id class="form-text">{hint}</p>
            <p id=problem_id class="field-problem" role="alert">{move || wrong.get()}</p>
        </div>
    }
}
