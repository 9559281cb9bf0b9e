//! Addresses that lead nowhere.

use leptos::prelude::*;

use super::gate::Gate;
use crate::{
    i18n::texts::errors as text,
    ui::{empty::Empty, icon::Glyph, page_header::PageHeader},
};

/// Inside the frame.
#[component]
pub fn NotFoundPage() -> impl IntoView {
    view! {
        <PageHeader title=text::page_not_found().to_owned() />
        <Way />
    }
}

/// Outside of everything.
#[component]
pub fn Lost() -> impl IntoView {
    view! { <Gate title=text::page_not_found().to_owned()><Way /></Gate> }
}

#[component]
fn Way() -> impl IntoView {
    view! {
        <Empty title=text::not_found_title() hint=text::page_not_found_hint() icon=Glyph::Search>
            <a class="btn btn-primary" href="/">{text::to_dashboard()}</a>
        </Empty>
    }
}
