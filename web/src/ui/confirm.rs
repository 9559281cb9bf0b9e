//! The one dialog: the browser's own, which keeps the focus inside, closes with Escape and gives the focus back.

use leptos::{ev, html, prelude::*};
use leptos_router::hooks::use_location;
use wasm_bindgen::JsCast;

use super::{
    button::{Button, Look},
    icon::{Glyph, Icon},
    toast::{ToastRegion, Toasts},
};
use crate::{i18n::texts::common as text, web};

/// Where one begins in a dialog: in its first field, or at its first action, but not at the button that closes it.
const FIRST: &[&str] = &[
    ".dialog-content :is(input:not([type=search], [type=hidden]), textarea, select):not(:disabled, [readonly])",
    ".dialog-content .dialog-actions button",
];

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
    /// Whether what it is for is being done: until that is known it stays, as nothing else would tell.
    #[prop(optional, into)]
    held: Signal<bool>,
    /// What is in it.
    children: Children,
) -> impl IntoView {
    let node = NodeRef::<html::Dialog>::new();
    let toasts = Toasts::get();
    let entered = RwSignal::new(None::<u32>);
    let leave = move || {
        if let Some(id) = entered.try_get_untracked().flatten() {
            toasts.leave_dialog(id);
            entered.try_set(None);
        }
    };
    Effect::new(move |_| {
        let Some(dialog) = node.get() else { return };
        if open.get() && !dialog.open() {
            // Fails only for a dialog that is not in the page; then there is nothing to show either.
            let _ = dialog.show_modal();
            entered.set(Some(toasts.enter_dialog()));
            // After what is in it was drawn.
            request_animation_frame(move || {
                let first = |at: &&str| dialog.query_selector(at).ok().flatten();
                if let Some(first) = FIRST.iter().find_map(first).filter(|_| dialog.open()) {
                    web::focus_on(&first);
                }
            });
        } else if !open.get() && dialog.open() {
            leave();
            dialog.close();
        }
    });
    on_cleanup(leave);
    // Whoever goes to another page has left the dialog behind.
    let path = use_location().pathname;
    Effect::new(move |before: Option<String>| {
        let now = path.get();
        if before.is_some_and(|before| before != now) {
            open.set(false);
        }
        now
    });
    let pressed = StoredValue::new(false);
    // What was written is lost by a button that says so, and not by a slip.
    let close_unless_written = move |event: &web_sys::Event| {
        if held.get_untracked() {
            event.prevent_default();
            toasts.info(text::held());
        } else if node.get_untracked().is_some_and(|dialog| web::is_written_in(&dialog)) {
            event.prevent_default();
            toasts.info(text::written());
        } else {
            open.set(false);
        }
    };
    // The dialog itself is hit only outside its content: on the backdrop.
    let is_backdrop = |event: &web_sys::Event| event.target() == event.current_target();
    view! {
        <dialog
            node_ref=node
            class=if wide { "dialog dialog-wide" } else { "dialog" }
            aria-label=move || title.get()
            on:close=move |_| {
                // A browser lets itself be kept from closing only once.
                match node.get_untracked() {
                    Some(dialog) if held.get_untracked() && open.get_untracked() => drop(dialog.show_modal()),
                    _ => open.set(false),
                }
            }
            on:cancel=move |event: web_sys::Event| if is_backdrop(&event) { close_unless_written(&event) }
            on:pointerdown=move |event: ev::PointerEvent| pressed.set_value(is_backdrop(&event))
            on:click=move |event: ev::MouseEvent| {
                // Text that is marked beyond the edge is no click outside.
                if is_backdrop(&event) && pressed.get_value() {
                    close_unless_written(&event);
                } else if follows_link(&event) {
                    open.set(false);
                }
            }
        >
            <div class="dialog-content">
                <div class="dialog-head">
                    <h2 class="dialog-title">{title}</h2>
                    <button
                        type="button"
                        class="btn btn-icon"
                        aria-label=text::close()
                        on:click=move |_| {
                            if held.get_untracked() { toasts.info(text::held()) } else { open.set(false) }
                        }
                    >
                        <Icon of=Glyph::Close />
                    </button>
                </div>
                {children()}
            </div>
            {move || entered.get().map(|dialog| view! { <ToastRegion dialog=dialog /> })}
        </dialog>
    }
}

/// Why a dialog cannot be cancelled while it is held.
pub fn held_because(held: impl Into<Signal<bool>>) -> Signal<Option<String>> {
    let held = held.into();
    Signal::derive(move || held.get().then(|| text::held().to_owned()))
}

/// Why what a dialog is for was not done, in the dialog.
#[component]
pub fn Refused(
    /// The reason; none while nothing was refused.
    #[prop(into)]
    by: Signal<Option<String>>,
) -> impl IntoView {
    view! { <p class="field-problem dialog-refused" role="alert">{move || by.get()}</p> }
}

/// Whether a click leads to another place of the site, in this window.
pub fn follows_link(event: &ev::MouseEvent) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    let link = target.and_then(|target| target.closest("a[href]").ok().flatten());
    let here = |link: web_sys::Element| !link.has_attribute("target") && !link.has_attribute("download");
    link.is_some_and(here) && !event.ctrl_key() && !event.meta_key() && !event.shift_key()
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
