//! What surrounds the rows of a list: how many there are, what stands there when there are none, and the pager.

use leptos::prelude::*;

use super::{
    pager::{Pager, Turn},
    skeleton::SkeletonRows,
};
use crate::{api::PageInfo, url::Address};

/// A page of a list, with the rows as its children.
#[component]
pub fn Listing(
    /// How many the whole list has, in words.
    #[prop(into)]
    count: Signal<String>,
    /// Whether there is nothing to show.
    #[prop(into)]
    is_empty: Signal<bool>,
    /// What stands there then.
    #[prop(into)]
    empty: ViewFn,
    /// Where in the list the page is.
    #[prop(into)]
    info: Signal<PageInfo>,
    /// Where the page stands.
    address: Address,
    /// The rows.
    children: ChildrenFn,
) -> impl IntoView {
    let empty = StoredValue::new(empty);
    let emptied = address.leave_emptied(is_empty, info);
    let nothing = move || {
        if emptied.get() {
            view! { <SkeletonRows rows=6 /> }.into_any()
        } else {
            empty.with_value(ViewFn::run)
        }
    };
    view! {
        <p class="table-count" role="status">{count}</p>
        <Show when=move || !is_empty.get() fallback=move || view! { <div class="card">{nothing}</div> }>
            {children()}
        </Show>
        <Pager info=info on_turn=move |turn: Turn| address.turn(&turn) />
    }
}
