//! The pages of leaders as a part of the program (see [`crate::part`]).

use leptos::{
    prelude::*,
    wasm_split::{SplitLoaderError, wasm_split},
};

use super::{manage, managed};
use crate::{
    pages::inbox,
    part::{Draw, Part},
};

thread_local! {
    /// The part.
    pub static LEAD: Part<Page> = const { Part::new(|| Box::pin(pages())) };
}

/// A page for leaders.
#[derive(Clone, Copy)]
pub enum Page {
    /// `/inbox`
    Inbox,
    /// `/manage/groups`
    Managed,
    /// `/manage/groups/:id`
    Manage,
}

fn draw(page: Page) -> AnyView {
    match page {
        Page::Inbox => view! { <inbox::InboxPage /> }.into_any(),
        Page::Managed => view! { <managed::ManagedPage /> }.into_any(),
        Page::Manage => view! { <manage::ManagePage /> }.into_any(),
    }
}

#[wasm_split(lead, fallible, wasm_split_path = ::leptos::wasm_split)]
fn pages() -> Result<Draw<Page>, SplitLoaderError> {
    Ok(draw)
}
