//! A dialog that asks for a few words before something happens: why somebody wants in, why somebody has to go.

use leptos::{ev, prelude::*};
use wasm_bindgen::JsCast;

use super::{
    button::{Button, Look},
    confirm::{Dialog, held_because},
    field::own_problem,
};
use crate::{
    api::Problem,
    i18n::texts::{common, groups as text},
};

/// As many characters as the server takes.
const LONGEST: usize = 1000;

/// Asks, and hands over what was written (nothing, when nothing was).
#[component]
pub fn Ask(
    /// Whether it is shown. What was written is forgotten when it opens.
    open: RwSignal<bool>,
    /// The input's name, as the server's problems call it.
    name: &'static str,
    /// The question.
    #[prop(into)]
    title: Signal<String>,
    /// What will happen.
    #[prop(into)]
    body: Signal<String>,
    /// What the words are.
    label: &'static str,
    /// What they are for.
    hint: &'static str,
    /// The button that does it.
    #[prop(into)]
    action: Signal<String>,
    /// Whether something is taken away.
    #[prop(optional)]
    danger: bool,
    /// Whether it is under way.
    #[prop(into)]
    busy: Signal<bool>,
    /// Whether it stays until that is done.
    #[prop(optional, into)]
    held: Signal<bool>,
    /// The server's word on it.
    #[prop(optional, into)]
    problems: Signal<Vec<Problem>>,
    /// Does it.
    #[prop(into)]
    on_done: Callback<Option<String>>,
    /// More about what will happen.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let words = RwSignal::new(String::new());
    Effect::new(move |_| {
        if open.get() {
            words.set(String::new());
        }
    });
    view! {
        <Dialog open=open title=title held=held>
            <p class="dialog-text">{body}</p>
            {children.map(|children| children())}
            <form
                novalidate=true
                on:submit=move |event| {
                    event.prevent_default();
                    if !busy.get_untracked() { on_done.run(given(&words.get_untracked())) }
                }
            >
                <TextArea name=name label=label hint=hint value=words problems=problems />
                <div class="dialog-actions">
                    <Button
                        text=common::cancel().to_owned()
                        locked=held_because(held)
                        on_click=move |()| open.set(false)
                    />
                    <Button
                        text=action
                        look=if danger { Look::Danger } else { Look::Primary }
                        busy=busy
                        submit=true
                    />
                </div>
            </form>
        </Dialog>
    }
}

/// Ctrl+Enter sends the form that a field of several lines stands in.
fn send_by_key(event: &ev::KeyboardEvent) {
    if event.key() != "Enter" || !(event.ctrl_key() || event.meta_key()) {
        return;
    }
    let field = event.target().and_then(|target| target.dyn_into::<web_sys::HtmlTextAreaElement>().ok());
    if let Some(form) = field.and_then(|field| field.form()) {
        event.prevent_default();
        // A form without fields that must be filled is always sent.
        let _ = form.request_submit();
    }
}

/// What was written, if anything was.
pub fn given(words: &str) -> Option<String> {
    let words = words.trim();
    (!words.is_empty()).then(|| words.to_owned())
}

/// A labelled field for a few lines.
#[component]
pub fn TextArea(
    /// The input's name, as the server's problems call it.
    name: &'static str,
    /// What it is.
    label: &'static str,
    /// One sentence that helps.
    hint: &'static str,
    /// What it holds.
    value: RwSignal<String>,
    /// The server's word on the form.
    #[prop(optional, into)]
    problems: Signal<Vec<Problem>>,
) -> impl IntoView {
    let id = format!("words-{name}");
    let hint_id = format!("{id}-hint");
    let problem_id = format!("{id}-problem");
    let described = format!("{hint_id} {problem_id}");
    let wrong = own_problem(problems, move |field| field == name, value);
    // Counting begins when it matters.
    let counted = move || {
        let count = value.with(|words| words.chars().count());
        if count > LONGEST * 8 / 10 { text::characters(count) } else { hint.to_owned() }
    };
    view! {
        <div class="field">
            <label class="form-label" for=id.clone()>{label}</label>
            <textarea
                id=id
                name=name
                class="form-control"
                class:is-invalid=move || wrong.read().is_some()
                rows="3"
                maxlength=LONGEST.to_string()
                aria-describedby=described
                aria-invalid=move || wrong.read().is_some().then_some("true")
                on:keydown=move |event| send_by_key(&event)
                bind:value=value
            ></textarea>
            <p id=hint_id class="form-text">{counted}</p>
            <p id=problem_id class="field-problem" role="alert">{move || wrong.get()}</p>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::given;

    #[test]
    fn nothing_written_is_nothing_said() {
        assert_eq!(given(" \n"), None);
        assert_eq!(given(" Logistics pilot "), Some("Logistics pilot".to_owned()));
    }
}
