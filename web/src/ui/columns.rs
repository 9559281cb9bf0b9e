//! Which columns of a table are shown: chosen by the reader, and kept in the browser.
//!
//! What is not shown stays in the table and is hidden by a class of what surrounds it: widths go by the place of a column.

use std::collections::BTreeSet;

use leptos::{ev, html, prelude::*};
use wasm_bindgen::JsCast;

use crate::{
    i18n::{Text, texts::common as text},
    web,
};

/// What a column is called where the choice is kept, and on the page.
pub type Named = (&'static str, Text);

/// The choice for one table.
#[derive(Clone, Copy)]
pub struct Columns {
    key: &'static str,
    all: &'static [Named],
    hidden: RwSignal<BTreeSet<&'static str>>,
}

impl Columns {
    /// As it was kept under `key`. `all`: every column of the table, in its order; the first one names the row and stays.
    pub fn new(key: &'static str, all: &'static [Named]) -> Self {
        let hidden = hidden(all, &web::stored(key).unwrap_or_default());
        Self { key, all, hidden: RwSignal::new(hidden) }
    }

    /// The classes that hide what is not wanted.
    pub fn classes(self) -> String {
        self.hidden.with(|hidden| classes(self.all, hidden))
    }

    fn toggle(self, name: &'static str) {
        self.hidden.update(|hidden| {
            if !hidden.remove(name) {
                hidden.insert(name);
            }
        });
        let names: Vec<&str> = self.hidden.with_untracked(|hidden| hidden.iter().copied().collect());
        web::store(self.key, &names.join(","));
    }
}

/// What was kept, as far as there is such a column.
fn hidden(all: &[Named], kept: &str) -> BTreeSet<&'static str> {
    let is_kept = |name: &str| kept.split(',').any(|kept| kept == name);
    all.iter().skip(1).map(|(name, _)| *name).filter(|name| is_kept(name)).collect()
}

fn classes(all: &[Named], hidden: &BTreeSet<&'static str>) -> String {
    let off = all.iter().enumerate().filter(|(_, (name, _))| hidden.contains(name));
    off.map(|(at, _)| format!("off-{}", at + 1)).collect::<Vec<_>>().join(" ")
}

/// The button that opens the choice, and the choice.
#[component]
pub fn ColumnChoice(
    /// Of which table.
    columns: Columns,
) -> impl IntoView {
    let node = NodeRef::<html::Details>::new();
    // Like a menu: what is done elsewhere closes it.
    let elsewhere = window_event_listener(ev::pointerdown, move |event| {
        let Some(details) = node.get_untracked() else { return };
        let target = event.target().and_then(|target| target.dyn_into::<web_sys::Node>().ok());
        if !details.contains(target.as_ref()) {
            // There is nothing to remove where it is closed.
            let _ = details.remove_attribute("open");
        }
    });
    on_cleanup(move || elsewhere.remove());
    let leave = move |event: ev::KeyboardEvent| {
        let Some(details) = node.get_untracked().filter(|_| event.key() == "Escape") else { return };
        let _ = details.remove_attribute("open");
        if let Ok(Some(summary)) = details.query_selector("summary") {
            web::focus_on(&summary);
        }
    };
    let check = move |(name, title): &Named| {
        let name = *name;
        view! {
            <label class="check-row">
                <input
                    type="checkbox"
                    class="form-check-input"
                    prop:checked=move || !columns.hidden.read().contains(name)
                    on:change=move |_| columns.toggle(name)
                />
                <span>{title()}</span>
            </label>
        }
    };
    view! {
        <details class="columns" node_ref=node on:keydown=leave>
            <summary class="btn btn-quiet">{text::columns()}</summary>
            <div class="columns-list" role="group" aria-label=text::columns()>
                {columns.all.iter().skip(1).map(check).collect_view()}
            </div>
        </details>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: &[Named] = &[("main", text::main), ("user", text::columns), ("state", text::state)];

    #[test]
    fn what_is_kept_is_hidden_as_far_as_it_is_known() {
        assert_eq!(classes(ALL, &hidden(ALL, "")), "");
        assert_eq!(classes(ALL, &hidden(ALL, "state,user")), "off-2 off-3");
        assert_eq!(classes(ALL, &hidden(ALL, "main,gone,state")), "off-3", "the first one stays");
    }
}
