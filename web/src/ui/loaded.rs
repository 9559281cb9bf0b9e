//! One way to draw what the server was asked for: waiting, failed with a way on, or there.

use leptos::prelude::*;

use super::{
    button::{Button, Look},
    empty::Empty,
    icon::Glyph,
    page_header::PageHeader,
    skeleton::SkeletonRows,
};
use crate::{
    api::{ApiError, ErrorCode, Query, Remote},
    i18n::texts::{access, common, errors as text},
};

#[derive(Clone, PartialEq)]
enum Phase {
    Waiting,
    Ready,
    Failed(ApiError),
}

/// Draws a query. `draw` runs once when the answer is there and gets it as a signal: later answers change only what
/// they change.
pub fn loaded<T, W, D, V, U>(query: Query<T>, waiting: W, draw: D) -> impl IntoView
where
    T: Clone + PartialEq + Send + Sync + 'static,
    W: Fn() -> U + Send + 'static,
    D: Fn(Signal<T>) -> V + Send + 'static,
    U: IntoAny,
    V: IntoAny,
{
    loaded_or(query, waiting, move |error| failed(error, move || query.retry()), draw)
}

/// The same, with a failure drawn in the page's own way: where the page's header comes with the answer.
pub fn loaded_or<T, W, F, D, V, U>(query: Query<T>, waiting: W, failure: F, draw: D) -> impl IntoView
where
    T: Clone + PartialEq + Send + Sync + 'static,
    W: Fn() -> U + Send + 'static,
    F: Fn(&ApiError) -> AnyView + Send + 'static,
    D: Fn(Signal<T>) -> V + Send + 'static,
    U: IntoAny,
    V: IntoAny,
{
    let phase = Memo::new(move |_| match &*query.state.read() {
        Remote::Loading => Phase::Waiting,
        Remote::Ready(_) => Phase::Ready,
        Remote::Failed(error) => Phase::Failed(error.clone()),
    });
    move || match phase.get() {
        Phase::Waiting => waiting().into_any(),
        Phase::Failed(error) => failure(&error),
        Phase::Ready => {
            let first = query.state.with_untracked(|state| state.ready().cloned());
            first
                .map(|first| {
                    let data = RwSignal::new(first);
                    Effect::new(move |_| {
                        let newest = query.state.read().ready().cloned();
                        if let Some(newest) = newest
                            && data.with_untracked(|shown| *shown != newest)
                        {
                            data.set(newest);
                        }
                    });
                    draw(data.into()).into_any()
                })
                .into_any()
        }
    }
}

/// What the server says of a thing that is not there.
pub const ABSENT: &[ErrorCode] = &[ErrorCode::NotFound, ErrorCode::Invalid];
/// The same of one that may be there, and not for the viewer.
pub const UNKNOWN: &[ErrorCode] = &[ErrorCode::NotFound, ErrorCode::Invalid, ErrorCode::Forbidden];

/// Draws a page about one thing, whose header comes with the answer. Where the server answers as in `absent`, the page
/// is `gone`.
pub fn loaded_page<T, D, V>(
    query: Query<T>,
    absent: &'static [ErrorCode],
    gone: fn() -> AnyView,
    draw: D,
) -> impl IntoView
where
    T: Clone + PartialEq + Send + Sync + 'static,
    D: Fn(Signal<T>) -> V + Send + 'static,
    V: IntoAny,
{
    loaded_or(
        query,
        || view! { <PageHeader title=common::loading().to_owned() /><div class="card"><SkeletonRows rows=6 /></div> },
        move |error| {
            if absent.contains(&error.code) {
                return gone();
            }
            view! { <PageHeader title=error.title().to_owned() />{failed(error, move || query.retry())} }
                .into_any()
        },
        draw,
    )
}

/// A page to go on to: its address and what the link says.
pub type Way = (&'static str, String);

/// A failure in place of what was asked for: what happened, what one can do, and what the admin needs to know.
pub fn failed(error: &ApiError, retry: impl Fn() + Send + Sync + 'static) -> AnyView {
    failed_on_the_way(error, retry, None)
}

/// The same with a further way out: to the list of such things, say.
pub fn failed_on_the_way(
    error: &ApiError,
    retry: impl Fn() + Send + Sync + 'static,
    way: Option<Way>,
) -> AnyView {
    let dashboard = || ("/", text::to_dashboard().to_owned());
    let ways = match error.code {
        ErrorCode::Forbidden => {
            way.into_iter().chain([("/access", access::title().to_owned()), dashboard()]).collect()
        }
        ErrorCode::NotFound => way.into_iter().chain([dashboard()]).collect(),
        _ => Vec::new(),
    };
    let ways = ways.into_iter().map(|(href, name)| view! { <a class="btn btn-quiet" href=href>{name}</a> });
    let icon = match error.code {
        ErrorCode::Forbidden => Glyph::Lock,
        ErrorCode::NotFound => Glyph::Search,
        ErrorCode::Offline => Glyph::Offline,
        _ => Glyph::WarningMark,
    };
    let again = !matches!(error.code, ErrorCode::Forbidden | ErrorCode::NotFound | ErrorCode::Invalid);
    let trace = error.trace_id.as_deref().map(text::trace);
    view! {
        <div role="alert">
            <Empty title=error.title() hint=error.sentence() icon=icon>
                {trace.map(|trace| view! { <p class="trace">{trace}</p> })}
                {again.then(|| view! {
                    <Button text=text::retry().to_owned() look=Look::Primary icon=Glyph::Refresh on_click=move |()| retry() />
                })}
                {ways.collect_view()}
            </Empty>
        </div>
    }
    .into_any()
}
