//! Parts of the program that are fetched when somebody first opens one of their pages: most pilots never lead or
//! administer, and those pages are half of the whole.
//!
//! A part is a `#[wasm_split]` function that gives a [`Draw`], and a [`Part`] that calls it. The bundler cuts the
//! linker's output at such functions (`web/bundler/src/split.rs`): what only they reach goes into a file of its own.

use std::{cell::Cell, thread::LocalKey};

use futures_util::future::LocalBoxFuture;
use leptos::{prelude::*, task::spawn_local, wasm_split::SplitLoaderError};

use crate::{
    i18n::texts::{common, errors as text},
    ui::{
        button::{Button, Look},
        empty::Empty,
        icon::Glyph,
        page_header::PageHeader,
        skeleton::SkeletonRows,
    },
    web,
};

/// Draws a page of a part that is there.
pub type Draw<P> = fn(P) -> AnyView;

/// The answer of a part's split function. A failure is not remembered: calling it again tries again.
pub type Fetched<P> = Result<Draw<P>, SplitLoaderError>;

/// A part, with `P` naming its pages.
pub struct Part<P> {
    fetch: fn() -> LocalBoxFuture<'static, Fetched<P>>,
    /// Set once it was fetched: from then on pages are drawn without a moment's wait.
    there: Cell<Option<Draw<P>>>,
}

impl<P> Part<P> {
    /// One that `fetch` fetches.
    pub const fn new(fetch: fn() -> LocalBoxFuture<'static, Fetched<P>>) -> Self {
        Self { fetch, there: Cell::new(None) }
    }
}

/// Where a part is declared.
pub type Key<P> = &'static LocalKey<Part<P>>;

async fn fetch<P>(key: Key<P>) -> Fetched<P> {
    let draw = key.with(|part| (part.fetch)()).await?;
    key.with(|part| part.there.set(Some(draw)));
    Ok(draw)
}

/// Fetches a part that will probably be opened. Should it fail, opening it tries again, and says so.
pub fn fetch_ahead<P: 'static>(key: Key<P>) {
    if key.with(|part| part.there.get().is_none()) {
        spawn_local(async move { drop(fetch(key).await) });
    }
}

#[derive(Clone, Copy)]
enum Phase<P> {
    Waiting,
    Failed,
    There(Draw<P>),
}

/// What a route shows: the page, or that it is on its way, or that it did not come and what one can do.
pub fn part<P: Copy + Send + Sync + 'static>(
    key: Key<P>,
    page: P,
) -> impl Fn() -> AnyView + Clone + Send + 'static {
    move || {
        let phase = RwSignal::new(key.with(|part| part.there.get()).map_or(Phase::Waiting, Phase::There));
        let ask = move || {
            phase.set(Phase::Waiting);
            spawn_local(async move {
                let fetched = fetch(key).await;
                // Whoever went elsewhere meanwhile has no use for it.
                let _ = phase.try_set(fetched.map_or(Phase::Failed, Phase::There));
            });
        };
        let again = move |()| {
            ask();
            // The button goes.
            web::focus_if_lost("#content");
        };
        if matches!(phase.get_untracked(), Phase::Waiting) {
            ask();
        }
        (move || match phase.get() {
            Phase::Waiting => view! {
                <PageHeader title=common::loading().to_owned() />
                <div class="card"><SkeletonRows rows=6 /></div>
            }
            .into_any(),
            Phase::There(draw) => untrack(|| draw(page)),
            Phase::Failed => view! {
                <PageHeader title=text::part_missing_title().to_owned() />
                <div role="alert">
                    <Empty title=text::part_missing_title() hint=text::part_missing() icon=Glyph::Offline>
                        <Button text=text::retry().to_owned() look=Look::Primary icon=Glyph::Refresh on_click=again />
                    </Empty>
                </div>
            }
            .into_any(),
        })
        .into_any()
    }
}
