//! Before and after: the pager of lists with cursors.

use leptos::{ev, prelude::*};
use wasm_bindgen::JsCast;

use super::icon::{Glyph, Icon};
use crate::{api::PageInfo, i18n::texts::common as text, web};

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
    // What comes is read from its beginning.
    let turn = move |event: ev::MouseEvent, turn: Option<Turn>| {
        let Some(turn) = turn else { return };
        if let Some(pager) = event.current_target().and_then(|it| it.dyn_into::<web_sys::Element>().ok()) {
            web::reveal_head_of(&pager);
        }
        on_turn.run(turn);
    };
    view! {
        <Show when=move || back().is_some() || on().is_some()>
            <nav class="pager" aria-label=text::pages()>
                <button
                    type="button"
                    class="btn btn-quiet"
                    disabled=move || back().is_none()
                    on:click=move |event| turn(event, back())
                >
                    <Icon of=Glyph::Back />
                    <span>{text::previous_page()}</span>
                </button>
                <button
                    type="button"
                    class="btn btn-quiet"
                    disabled=move || on().is_none()
                    on:click=move |event| turn(event, on())
                >
                    <span>{text::next_page()}</span>
                    <Icon of=Glyph::Forward />
                </button>
            </nav>
        </Show>
    }
}
