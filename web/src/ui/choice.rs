//! One of a few, side by side.

use leptos::prelude::*;

/// Buttons of which one is pressed.
#[component]
pub fn Choice(
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

/// Links to the parts of one page.
#[component]
pub fn Tabs(
    /// What they belong to, for screen readers.
    label: &'static str,
    /// Where they lead, what they are called, whether one is there, and how much waits there.
    tabs: Vec<(String, &'static str, Signal<bool>, Signal<i32>)>,
) -> impl IntoView {
    view! {
        <nav class="tabs" aria-label=label>
            {tabs
                .into_iter()
                .map(|(href, name, here, count)| view! {
                    <a class="tab" href=href aria-current=move || here.get().then_some("page")>
                        {name}
                        <Show when=move || { count.get() > 0 }>
                            <span class="count-badge">{move || count.get()}</span>
                        </Show>
                    </a>
                })
                .collect_view()}
        </nav>
    }
}
