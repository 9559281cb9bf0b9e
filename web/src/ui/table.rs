//! The table: order by its heads, a link per row, a sticky head, and cards on a phone. Its rows come from the server
//! page by page; it keeps nothing but what it shows.

use std::sync::Arc;

use leptos::prelude::*;
use leptos_router::hooks::use_navigate;
use wasm_bindgen::JsCast;

use super::{
    icon::{Glyph, Icon},
    kept::kept,
};
use crate::{
    api::schema,
    i18n::{
        Text,
        texts::{admin as words, common as text},
    },
    web,
};

/// One column.
pub struct Column<T> {
    /// Its head.
    pub title: Text,
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

/// The way of an order, as the server calls it.
#[derive(cynic::Enum, Clone, Copy, Debug, PartialEq)]
pub enum OrderDirection {
    /// Smallest first.
    Asc,
    /// Greatest first.
    Desc,
}

impl OrderDirection {
    /// Of an order.
    pub fn of(order: &Order) -> Self {
        if order.descending { Self::Desc } else { Self::Asc }
    }
}

/// A row as it is drawn.
struct Row {
    href: Option<String>,
    cells: Vec<AnyView>,
}

/// A column's head, and what the column is sorted by, if it can be.
pub type Head = (Text, Option<&'static str>);
type Heads = Vec<Head>;
/// A column's `sort`, and what its head means.
pub type Hint = (&'static str, Text);

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
    /// Where a row leads; nowhere for whom there is no page.
    href: fn(&T) -> Option<String>,
    /// What the heads mean, by the columns' `sort`, where their words do not say it all.
    #[prop(optional)]
    hints: &'static [Hint],
    /// The order now.
    #[prop(optional, into)]
    order: Signal<Order>,
    /// Wants another order.
    #[prop(optional, into)]
    on_order: Option<Callback<Order>>,
    /// Whether newer rows are on their way.
    #[prop(into)]
    busy: Signal<bool>,
) -> impl IntoView
where
    T: Clone + PartialEq + Send + Sync + 'static,
{
    let heads = columns.iter().map(|column| (column.title, column.sort)).collect();
    let draw = rows_of(columns.iter().map(|column| column.title).collect());
    let body = kept(rows, move |item: T| {
        let cells = columns.iter().map(|column| (column.cell)(&item)).collect();
        draw(Row { href: href(&item), cells })
    });
    table(caption, heads, hints, body, order, on_order, busy)
}

/// Draws the rows of a table with these columns.
fn rows_of(titles: Arc<[Text]>) -> impl Fn(Row) -> AnyView + Clone + Send + 'static {
    let navigate = StoredValue::new_local(use_navigate());
    let open = move |event: &leptos::ev::MouseEvent, href: &str| {
        // Links and buttons inside do their own thing, and selecting text is not clicking.
        let target = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
        let own = target.is_some_and(|t| t.closest("a, button").ok().flatten().is_some());
        if !own && !event.ctrl_key() && !event.meta_key() && !web::has_selected_text() {
            navigate.with_value(|navigate| navigate(href, leptos_router::NavigateOptions::default()));
        }
    };
    move |Row { href, cells }: Row| {
        let cells =
            titles.iter().zip(cells).map(|(title, cell)| view! { <td data-label=title()>{cell}</td> });
        let cells = cells.collect_view();
        match href {
            Some(href) => {
                view! { <tr class="row-link" on:click=move |event| open(&event, &href)>{cells}</tr> }
                    .into_any()
            }
            None => view! { <tr>{cells}</tr> }.into_any(),
        }
    }
}

/// The part that does not depend on the rows' type, so that it is compiled once.
fn table(
    caption: String,
    heads: Heads,
    hints: &'static [Hint],
    body: AnyView,
    order: Signal<Order>,
    on_order: Option<Callback<Order>>,
    busy: Signal<bool>,
) -> AnyView {
    let sorting = sort_choice(&heads, order, on_order);
    let legend = legend(&heads, hints);
    let hint = |key: Option<&str>| hints.iter().find(|(about, _)| Some(*about) == key).map(|(_, hint)| *hint);
    view! {
        {sorting}
        {legend}
        <table class="data-table" class:is-busy=move || busy.get() aria-busy=move || busy.get().to_string()>
            <caption class="visually-hidden">{caption}</caption>
            <thead>
                <tr>{heads.into_iter().map(|(title, key)| head(title, key, hint(key), order, on_order)).collect_view()}</tr>
            </thead>
            <tbody>{body}</tbody>
        </table>
    }
    .into_any()
}

/// What the heads mean, for those who do not point at them with a mouse, and on phones, where there are no heads.
fn legend(heads: &[Head], hints: &[Hint]) -> Option<AnyView> {
    let line = |(about, hint): &Hint| {
        let (title, _) = heads.iter().find(|(_, key)| *key == Some(*about))?;
        Some(view! { <div><dt>{title()}</dt><dd>{hint()}</dd></div> })
    };
    let lines: Vec<_> = hints.iter().filter_map(line).collect();
    (!lines.is_empty()).then(|| {
        view! {
            <details class="legend">
                <summary>{text::columns_mean()}</summary>
                <dl class="facts">{lines}</dl>
            </details>
        }
        .into_any()
    })
}

/// The order as a list to choose from, for phones: there a table is cards, and has no heads. Nothing where nobody may
/// sort.
pub fn sort_choice(
    heads: &[Head],
    order: Signal<Order>,
    on_order: Option<Callback<Order>>,
) -> Option<AnyView> {
    let on_order = on_order?;
    let ways = heads.iter().filter_map(|(title, key)| Some(((*key)?, *title))).flat_map(|(key, title)| {
        [false, true].map(|descending| (Order { key: key.to_owned(), descending }, title))
    });
    let ways: Vec<(Order, Text)> = ways.collect();
    if ways.is_empty() {
        return None;
    }
    let all: Vec<Order> = ways.iter().map(|(way, _)| way.clone()).collect();
    let option = |(at, (way, title)): (usize, (Order, Text))| {
        let name = if way.descending { text::descending(title()) } else { text::ascending(title()) };
        view! { <option value=at.to_string() selected=move || order.with(|now| *now == way)>{name}</option> }
    };
    let choose = move |event| {
        let chosen = event_target_value(&event).parse::<usize>().ok();
        if let Some(way) = chosen.and_then(|at| all.get(at)) {
            on_order.run(way.clone());
        }
    };
    let choice = view! {
        <label class="sort-choice">
            <span>{text::sort_by()}</span>
            <select class="form-select" on:change=choose>
                {ways.into_iter().enumerate().map(option).collect_view()}
            </select>
        </label>
    };
    Some(choice.into_any())
}

/// A column's head: a button where one may sort by it.
pub fn head(
    title: Text,
    key: Option<&'static str>,
    hint: Option<Text>,
    order: Signal<Order>,
    on_order: Option<Callback<Order>>,
) -> AnyView {
    let (Some(key), Some(on_order)) = (key, on_order) else {
        return view! { <th scope="col" title=hint.map(|hint| hint())>{title()}</th> }.into_any();
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
                title=hint.map_or_else(|| words::sort_by(title()), |hint| hint().to_owned())
                on:click=move |_| on_order.run(next())
            >
                {title()}
                {move || mine().map(|down| view! { <Icon of=if down { Glyph::Down } else { Glyph::Up } /> })}
                <span class="visually-hidden">{state}</span>
            </button>
        </th>
    }
    .into_any()
}
