//! The head of every page: title, one sentence when it helps, actions on the right.

use leptos::prelude::*;

use super::identifier::identifier;
use crate::session::Session;

/// Title (also the window's), lead and actions.
#[component]
pub fn PageHeader(
    /// The page's name.
    #[prop(into)]
    title: Signal<String>,
    /// One sentence.
    #[prop(optional, into)]
    lead: Option<String>,
    /// Buttons; the primary one last.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    use_page_title(title);
    view! {
        <header class="page-header">
            <div class="page-header-text">
                <h1>{move || title.with(|title| identifier(title))}</h1>
                {lead.map(|lead| view! { <p class="page-lead">{lead}</p> })}
            </div>
            {children.map(|children| view! { <div class="page-actions">{children()}</div> })}
        </header>
    }
}

/// Gives the window the title of page and site. It belongs to the page, and ends with it.
pub fn use_page_title(title: Signal<String>) {
    let session = Session::get();
    Effect::new(move |_| {
        let Some(title) = title.try_get() else { return };
        document().set_title(&format!("{title} · {}", session.site_name()));
    });
}
