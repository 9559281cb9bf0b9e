//! What is selected of a list, to do something with all of it at once.

use cynic::Id;
use leptos::prelude::*;

use super::icon::{Glyph, Icon};
use crate::i18n::texts::common as text;

/// The entries that are selected.
#[derive(Clone, Copy)]
pub struct Selection {
    ids: RwSignal<Vec<Id>>,
    offered: Memo<Vec<Id>>,
}

impl Selection {
    /// Nothing yet, of what is offered. What is offered no more does not stay selected.
    pub fn new(offered: Memo<Vec<Id>>) -> Self {
        let ids = RwSignal::new(Vec::<Id>::new());
        Effect::new(move |_| {
            let offered = offered.read();
            if ids.with_untracked(|ids| ids.iter().any(|id| !offered.contains(id))) {
                ids.update(|ids| ids.retain(|id| offered.contains(id)));
            }
        });
        Self { ids, offered }
    }

    /// Those that are selected.
    pub fn ids(self) -> Vec<Id> {
        self.ids.get()
    }

    /// How many there are.
    pub fn count(self) -> i32 {
        i32::try_from(self.ids.read().len()).unwrap_or(i32::MAX)
    }

    /// Whether this one is selected.
    pub fn has(self, id: &Id) -> bool {
        self.ids.read().contains(id)
    }

    /// Takes one in, or out again.
    pub fn toggle(self, id: &Id) {
        self.ids.update(|ids| {
            let before = ids.len();
            ids.retain(|other| other != id);
            if ids.len() == before {
                ids.push(id.clone());
            }
        });
    }

    /// Takes some out.
    pub fn remove(self, gone: &[Id]) {
        self.ids.try_update(|ids| ids.retain(|id| !gone.contains(id)));
    }

    fn clear(self) {
        self.ids.set(Vec::new());
    }

    fn is_all(self) -> bool {
        !self.offered.read().is_empty() && self.ids.read().len() == self.offered.read().len()
    }

    fn toggle_all(self) {
        self.ids.set(if untrack(|| self.is_all()) { Vec::new() } else { self.offered.get_untracked() });
    }
}

/// The box that selects one.
#[component]
pub fn Select(
    /// Of which list.
    selection: Selection,
    /// Which.
    id: Id,
    /// What it is, for screen readers.
    label: String,
) -> impl IntoView {
    let toggled = id.clone();
    view! {
        <label class="check">
            <input
                type="checkbox"
                class="form-check-input"
                aria-label=label
                prop:checked=move || selection.has(&id)
                on:change=move |_| selection.toggle(&toggled)
            />
        </label>
    }
}

/// The box that selects all; there only while there is something to select.
#[component]
pub fn SelectAll(
    /// Of which list.
    selection: Selection,
) -> impl IntoView {
    view! {
        <Show when=move || !selection.offered.read().is_empty()>
            <label class="check">
                <input
                    type="checkbox"
                    class="form-check-input"
                    prop:checked=move || selection.is_all()
                    on:change=move |_| selection.toggle_all()
                />
                <span>{text::select_all()}</span>
            </label>
        </Show>
    }
}

/// The bar that stays in reach while something is selected, with what can be done as its children.
#[component]
pub fn BulkBar(
    /// Of which list.
    selection: Selection,
    /// What is selected, for screen readers.
    label: &'static str,
    /// The buttons.
    children: ChildrenFn,
) -> impl IntoView {
    view! {
        <Show when=move || { selection.count() > 0 }>
            <section class="bulk" aria-label=label>
                <p class="bulk-count" role="status">{move || text::selected(selection.count())}</p>
                <button
                    type="button"
                    class="btn btn-icon"
                    aria-label=text::clear_selection()
                    on:click=move |_| selection.clear()
                >
                    <Icon of=Glyph::Close />
                </button>
                {children()}
            </section>
        </Show>
    }
}
