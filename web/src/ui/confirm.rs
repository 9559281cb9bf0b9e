//! The one dialog: the browser's own, which keeps the focus inside, closes with Escape and gives the focus back.

use leptos::{html, prelude::*};

use super::{
    button::{Button, Look},
    icon::{Glyph, Icon},
};
use crate::i18n::texts::common as text;

/// A modal dialog that is shown while `open`.
#[component]
pub fn Dialog(
    /// Whether it is shown.
    open: RwSignal<bool>,
    /// Its name.
    #[prop(into)]
    title: Signal<String>,
    /// With room for lists.
    #[prop(optional)]
    wide: bool,
    /// What is in it.
    children: Children,
) -> impl IntoView {
    let node = NodeRef::<html::Dialog>::new();
    Effect::new(move |_| {
        let Some(dialog) = node.get() else { return };
        if open.get() && !dialog.open() {
            // Fails only for a dialog that is not in the page; then there is nothing to show either.
            let _ = dialog.show_modal();
        } else if !open.get() && dialog.open() {
            dialog.close();
        }
    });
    view! {
        <dialog
            node_ref=node
            class=if wide { "dialog dialog-wide" } else { "dialog" }
            aria-label=move || title.get()
            on:close=move |_| open.set(false)
            on:click=move |event| {
                // The dialog itself is hit only outside its content: on the backdrop.
                if event.target() == event.current_target() { open.set(false) }
            }
        >
            <div class="dialog-content">
                <div class="dialog-head">
                    <h2 class="dialog-title">{title}</h2>
                    <button
                        type="button"
                        class="btn btn-icon"
                        aria-label=text::close()
                        on:click=move |_| open.set(false)
                    >
                        <Icon of=Glyph::Close />
                    </button>
                </div>
                {children()}
            </div>
        </dialog>
    }
}

/// Asks before something that is not undone by a click.
#[component]
pub fn Confirm(
    /// Whether it is shown.
    open: RwSignal<bool>,
    /// The question.
    #[prop(into)]
    title: Signal<String>,
    /// What will happen.
    #[prop(into)]
    body: Signal<String>,
    /// The button that does it, in words that repeat the effect.
    #[prop(into)]
    action: Signal<String>,
    /// Whether something is taken away.
    #[prop(optional)]
    danger: bool,
    /// Whether it is under way.
    #[prop(into)]
    busy: Signal<bool>,
    /// Does it.
    #[prop(into)]
    on_confirm: Callback<()>,
    /// More about what will happen.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <Dialog open=open title=title>
            <p class="dialog-text">{body}</p>
            {children.map(|children| children())}
            <div class="dialog-actions">
                <Button text=text::cancel().to_owned() on_click=move |()| open.set(false) />
                <Button
                    text=action
                    look=if danger { Look::Danger } else { Look::Primary }
                    busy=busy
                    on_click=on_confirm
                />
            </div>
        </Dialog>
    }
}
