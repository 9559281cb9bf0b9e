//! What stands where nothing is, with the next step.

use leptos::prelude::*;

use super::icon::{Glyph, Icon};

/// An empty list explained.
#[component]
pub fn Empty(
    /// What is missing; not where the page's title says it.
    #[prop(optional, into)]
    title: Option<String>,
    /// Why, and what to do.
    #[prop(into)]
    hint: String,
    /// A picture.
    #[prop(optional, into)]
    icon: Option<Glyph>,
    /// Buttons.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="empty">
            <span class="empty-icon"><Icon of=icon.unwrap_or(Glyph::Empty) /></span>
            {title.map(|title| view! { <p class="empty-title">{title}</p> })}
            <p class="empty-hint">{hint}</p>
            {children.map(|children| view! { <div class="empty-actions">{children()}</div> })}
        </div>
    }
}
