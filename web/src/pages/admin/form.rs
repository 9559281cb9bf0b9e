//! What the forms of the administration share.

use leptos::prelude::*;

use super::edit::EditFlow;
use crate::{
    api::{ApiError, ErrorCode, Problem},
    i18n::texts::{errors, rules as text},
    ui::{
        button::{Button, Look},
        loaded::failed_on_the_way,
        page_header::PageHeader,
    },
};

/// No such thing, or not for this viewer; with the way to the list of such things.
pub fn gone(title: &'static str, list: &'static str, name: &str) -> AnyView {
    let way = Some((list, errors::to_list(name)));
    view! {
        <PageHeader title=title.to_owned() />
        {failed_on_the_way(&ApiError::of(ErrorCode::NotFound), || (), way)}
    }
    .into_any()
}

/// A problem found before asking the server.
pub fn local_problem(field: &str, message: &str) -> Problem {
    Problem { field: field.to_owned(), code: "invalid".to_owned(), message: message.to_owned() }
}

/// The bar under a form: what is unsaved, and the way to save it, which leads through the preview.
#[component]
pub fn FormActions(
    /// The form's edits.
    flow: EditFlow,
    /// Whether something is unsaved.
    dirty: Memo<bool>,
    /// Shows what the edit would do.
    #[prop(into)]
    on_review: Callback<()>,
    /// Forgets what was entered.
    #[prop(into)]
    on_discard: Callback<()>,
) -> impl IntoView {
    let locked = Signal::derive(move || (!dirty.get()).then(|| text::nothing_changed().to_owned()));
    view! {
        <div class="form-actions" class:is-dirty=move || dirty.get()>
            <p class="form-state" role="status">{move || if dirty.get() { text::unsaved_short() } else { text::nothing_changed() }}</p>
            <Button text=text::discard().to_owned() locked=locked on_click=on_discard />
            <Button
                text=text::review().to_owned()
                look=Look::Primary
                busy=flow.asking
                locked=locked
                on_click=on_review
            />
        </div>
    }
}
