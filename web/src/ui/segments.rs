//! One of a few, side by side.

use leptos::prelude::*;

/// Buttons of which one is pressed.
#[component]
pub fn Segments(
    /// What is chosen, for screen readers.
    label: &'static str,
    /// Values and what they are called.
    options: Vec<(&'static str, Signal<String>)>,
    /// The value now.
    #[prop(into)]
    chosen: Signal<String>,
    /// Wants another.
    #[prop(into)]
    on_choose: Callback<&'static str>,
) -> impl IntoView {
    view! {
        <div class="segments segments-line" role="group" aria-label=label>
            {options
                .into_iter()
                .map(|(value, name)| view! {
                    <button
                        type="button"
                        class="segment"
                        aria-pressed=move || (chosen.get() == value).to_string()
                        on:click=move |_| on_choose.run(value)
                    >
                        {name}
                    </button>
                })
                .collect_view()}
        </div>
    }
}
