//! The search for everything: `/`, Ctrl+K, or the button in the top bar.
//!
//! Pages are found here, all else by the server, which decides what the viewer may find. What was asked before does not
//! count any more once something else is typed.

mod dialog;
mod hits;

use leptos::prelude::*;

pub use dialog::SearchDialog;
#[cfg(test)]
pub use hits::{Search, SearchVariables};

use crate::{
    i18n::texts::search as text,
    ui::icon::{Glyph, Icon},
};

/// Whether the search is open, in the context of the frame.
#[derive(Clone, Copy)]
pub struct Palette(RwSignal<bool>);

impl Palette {
    /// Makes it and puts it into the context.
    pub fn provide() -> Self {
        let palette = Self(RwSignal::new(false));
        provide_context(palette);
        palette
    }

    /// That of the frame.
    #[expect(clippy::expect_used, reason = "the frame provides it around everything that is drawn")]
    pub fn get() -> Self {
        use_context().expect("the search is provided by the frame")
    }

    /// Opens it, unless another dialog waits for an answer.
    pub fn open(&self) {
        if !matches!(document().query_selector("dialog[open]"), Ok(Some(_))) {
            self.0.set(true);
        }
    }
}

/// The button in the top bar: it looks like the field that it opens, on phones like its sign.
#[component]
pub fn SearchButton() -> impl IntoView {
    let palette = Palette::get();
    view! {
        <button
            type="button"
            class="top-search"
            aria-haspopup="dialog"
            aria-keyshortcuts="/ Control+K"
            aria-label=text::title()
            on:click=move |_| palette.open()
        >
            <Icon of=Glyph::Search />
            <span class="top-search-text" aria-hidden="true">{text::title()}</span>
            <kbd aria-hidden="true">"/"</kbd>
        </button>
    }
}
