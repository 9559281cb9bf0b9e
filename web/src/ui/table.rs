//! The table: order by its heads, a link per row, a sticky head, and cards on a phone. Its rows come from the server
//! page by page; it keeps nothing but what it shows.

use leptos::prelude::*;
use leptos_router::hooks::use_navigate;
use wasm_bindgen::JsCast;

use super::icon::{Glyph, Icon};
use crate::i18n::texts::{admin as words, common as text};

/// One column.
pub struct Column<T> {
    /// Its head.
    pub title: fn() -> &'static str,
    /// Its name in the address when one may sort by it.
    pub sort: Option<&'static str>,
    /// What stands in it.
    pub cell: fn(&T) -> AnyView,
}

impl<T> Clone for Column<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Column<T> {}

/// By what the rows are ordered.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Order {
    /// A column's `sort`.
    pub key: String,
    /// Greatest first.
    pub descending: bool,
}

/// Draws rows.
#[component]
pub fn DataTable<T>(
    /// What the table is, for screen readers.
    #[prop(into)]
    caption: String,
    /// The columns; the first one names the row.
    columns: &'static [Column<T>],
    /// The rows of this page.
    #[prop(into)]
    rows: Signal<Vec<T>>,
    /// Where a row leads.
    href: fn(&T) -> String,
    /// The order now.
    #[prop(into)]
    order: Signal<Order>,
    /// Wants another order.
    #[prop(into)]
    on_order: Callback<Order>,
    /// Whether newer rows are on their way.
    #[prop(into)]
    busy: Signal<bool>,
) -> impl IntoView
where
    T: Clone + Send + Sync + 'static,
{
    let navigate = StoredValue::new_local(use_navigate());
    let open = move |event: &leptos::ev::MouseEvent, href: &str| {
        // Links and buttons inside do their own thing, and selecting text is not clicking.
        let target = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
        let own = target.is_some_and(|t| t.closest("a, button").ok().flatten().is_some());
        if !own && !event.ctrl_key() && !event.meta_key() {
            navigate.with_value(|navigate| navigate(href, leptos_router::NavigateOptions::default()));
        }
    };
    let row = move |item: T| {
        let to = href(&item);
        view! {
            <tr class="row-link" on:click=move |event| open(&event, &to)>
                {columns
                    .iter()
                    .map(|column| view! { <td data-label=(column.title)()>{(column.cell)(&item)}</td> })
                    .collect_view()}
            </tr>
        }
    };
    view! {
        <table class="data-table" class:is-busy=move || busy.get() aria-busy=move || busy.get().to_string()>
            <caption class="visually-hidden">{caption}</caption>
            <thead>
                <tr>
                    {columns.iter().map(|column| view! {
                        <Head column=*column order=order on_order=on_order />
                    }).collect_view()}
                </tr>
            </thead>
            <tbody>{move || rows.get().into_iter().map(row).collect_view()}</tbody>
        </table>
    }
}

#[component]
fn Head<T: 'static>(column: Column<T>, order: Signal<Order>, on_order: Callback<Order>) -> impl IntoView {
    let Some(key) = column.sort else {
        return view! { <th scope="col">{(column.title)()}</th> }.into_any();
    };
    let mine = move || order.with(|order| (order.key == key).then_some(order.descending));
    let sorted = move || match mine() {
        Some(true) => "descending",
        Some(false) => "ascending",
        None => "none",
    };
    let next = move || Order { key: key.to_owned(), descending: mine() == Some(false) };
    let state = move || match mine() {
        Some(true) => text::sorted_descending(),
        Some(false) => text::sorted_ascending(),
        None => "",
    };
    view! {
        <th scope="col" aria-sort=sorted>
            <button
                type="button"
                class="sort"
                title=words::sort_by((column.title)())
                on:click=move |_| on_order.run(next())
            >
                {(column.title)()}
                {move || mine().map(|down| view! { <Icon of=if down { Glyph::Down } else { Glyph::Up } /> })}
                <span class="visually-hidden">{state}</span>
            </button>
        </th>
    }
    .into_any()
}
