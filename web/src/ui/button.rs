//! Buttons that show they are working.

use leptos::prelude::*;

use super::{
    icon::{Glyph, Icon},
    toast::Toasts,
};

/// Looks, by importance.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Look {
    /// The one thing to do here.
    Primary,
    /// Everything else.
    #[default]
    Quiet,
    /// Takes something away.
    Danger,
}

impl Look {
    /// Bootstrap's class.
    pub fn class(self) -> &'static str {
        match self {
            Self::Primary => "btn btn-primary",
            Self::Quiet => "btn btn-quiet",
            Self::Danger => "btn btn-danger",
        }
    }
}

/// The button that sends a form; shows that it is working.
#[component]
pub fn SubmitButton(
    /// What it says.
    text: &'static str,
    /// Whether it is working.
    #[prop(into)]
    busy: Signal<bool>,
) -> impl IntoView {
    view! {
        <button type="submit" class="btn btn-primary btn-block" aria-busy=move || busy.get().then_some("true")>
            <Show when=move || busy.get()>
                <span class="spinner-border spinner-border-sm" aria-hidden="true"></span>
            </Show>
            <span>{text}</span>
        </button>
    }
}

/// A button with a text, perhaps an icon, and a spinner while `busy`. While busy it keeps its place and its focus.
#[component]
pub fn Button(
    /// What it says.
    #[prop(into)]
    text: Signal<String>,
    /// What happens; nothing besides for a button that sends its form.
    #[prop(optional, into)]
    on_click: Option<Callback<()>>,
    /// Sends the form that it stands in: so does Enter in a field of it.
    #[prop(optional)]
    submit: bool,
    /// How it looks.
    #[prop(optional, into)]
    look: Signal<Look>,
    /// Before the text.
    #[prop(optional, into)]
    icon: Option<Glyph>,
    /// Whether it is working.
    #[prop(optional, into)]
    busy: Signal<bool>,
    /// A fuller name where the text alone would be the same for many.
    #[prop(optional, into)]
    label: Option<String>,
    /// Small, for rows.
    #[prop(optional)]
    small: bool,
    /// Why it cannot be used now; shown on hover, and said when it is pressed all the same.
    #[prop(optional, into)]
    locked: Signal<Option<String>>,
) -> impl IntoView {
    let toasts = Toasts::get();
    let class = move || format!("{}{}", look.get().class(), if small { " btn-sm" } else { "" });
    view! {
        <button
            type=if submit { "submit" } else { "button" }
            class=class
            aria-label=label
            aria-busy=move || busy.get().then_some("true")
            aria-disabled=move || (busy.get() || locked.read().is_some()).then_some("true")
            title=locked
            on:click=move |event| {
                if busy.get_untracked() {
                    event.prevent_default();
                } else if let Some(why) = locked.get_untracked() {
                    event.prevent_default();
                    toasts.info(why);
                } else if let Some(on_click) = on_click {
                    on_click.run(());
                }
            }
        >
            {move || {
                if busy.get() {
                    Some(view! { <span class="spinner-border spinner-border-sm" aria-hidden="true"></span> }.into_any())
                } else {
                    icon.map(|icon| view! { <Icon of=icon /> }.into_any())
                }
            }}
            <span>{text}</span>
        </button>
    }
}
