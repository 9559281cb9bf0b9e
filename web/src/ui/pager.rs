//! Before and after: the pager of lists with cursors.

use leptos::prelude::*;

use super::icon::{Glyph, Icon};
use crate::{api::PageInfo, i18n::texts::common as text};

/// Where to go from a page.
#[derive(Clone, Debug, PartialEq)]
pub enum Turn {
    /// The entries before this cursor.
    Before(String),
    /// The entries after this cursor.
    After(String),
}

/// Two buttons; hidden when everything fits on one page.
#[component]
pub fn Pager(
    /// The page shown.
    #[prop(into)]
    info: Signal<PageInfo>,
    /// Turns the page.
    #[prop(into)]
    on_turn: Callback<Turn>,
) -> impl IntoView {
    let back =
        move || info.with(|i| i.start_cursor.clone().filter(|_| i.has_previous_page).map(Turn::Before));
    let on = move || info.with(|i| i.end_cursor.clone().filter(|_| i.has_next_page).map(Turn::After));
    view! {
        <Show when=move || back().is_some() || on().is_some()>
            <nav class="pager" aria-label=text::pages()>
                <button
                    type="button"
                    class="btn btn-quiet"
                    disabled=move || back().is_none()
                    on:click=move |_| { back().into_iter().for_each(|turn| on_turn.run(turn)) }
                >
                    <Icon of=Glyph::Back />
                    <span>{text::previous_page()}</span>
                </button>
                <button
                    type="button"
                    class="btn btn-quiet"
                    disabled=move || on().is_none()
                    on:click=move |_| { on().into_iter().for_each(|turn| on_turn.run(turn)) }
                >
                    <span>{text::next_page()}</span>
                    <Icon of=Glyph::Forward />
                </button>
            </nav>
        </Show>
    }
}
