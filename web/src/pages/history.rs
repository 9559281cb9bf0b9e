//! Everything the viewer gained or lost, and why.

use cynic::QueryBuilder;
use leptos::prelude::*;

use crate::{
    api::{PageInfo, schema, use_query},
    i18n::texts::{common, dashboard as text},
    ui::{
        button::Button,
        empty::Empty,
        icon::Glyph,
        loaded::loaded,
        page_header::PageHeader,
        skeleton::SkeletonRows,
        timeline::{AccessChange, Timeline},
    },
};

/// Entries at first, and how many more each time.
const STEP: i32 = 25;
/// The most the server gives at once.
const MOST: i32 = 100;

#[derive(cynic::QueryVariables, Debug)]
pub struct HistoryVariables {
    /// How many.
    pub first: i32,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "Query", variables = "HistoryVariables")]
pub struct OwnHistory {
    viewer: Option<HistoryViewer>,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "Viewer", variables = "HistoryVariables")]
struct HistoryViewer {
    user: HistoryUser,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "User", variables = "HistoryVariables")]
struct HistoryUser {
    #[arguments(first: $first)]
    history: HistoryPage,
}

/// A stretch of history.
#[derive(cynic::QueryFragment, Clone, Debug, Default, PartialEq)]
#[cynic(graphql_type = "AccessChangeConnection")]
pub struct HistoryPage {
    /// Newest first.
    pub nodes: Vec<AccessChange>,
    /// Whether there is more.
    pub page_info: PageInfo,
}

/// The page.
#[component]
pub fn HistoryPage() -> impl IntoView {
    let count = RwSignal::new(STEP);
    let query = use_query(move || OwnHistory::build(HistoryVariables { first: count.get() }));
    view! {
        <PageHeader title=text::history_title().to_owned() lead=text::history_lead() />
        {loaded(
            query,
            || view! { <div class="card"><SkeletonRows rows=5 /></div> },
            move |data| {
                let page = Memo::new(move |_| {
                    data.with(|d| d.viewer.as_ref().map(|v| v.user.history.clone()).unwrap_or_default())
                });
                let more = move || page.read().page_info.has_next_page && count.get() < MOST;
                view! {
                    <div class="card">
                        <Show
                            when=move || !page.read().nodes.is_empty()
                            fallback=|| view! { <Empty title=text::history_empty() hint=text::history_empty_hint() icon=Glyph::History /> }
                        >
                            <Timeline changes=Signal::derive(move || page.get().nodes) />
                        </Show>
                        <Show when=more>
                            <div class="card-more">
                                <Button
                                    text=common::load_more().to_owned()
                                    busy=query.busy
                                    on_click=move |()| count.update(|count| *count = (*count + STEP).min(MOST))
                                />
                            </div>
                        </Show>
                    </div>
                }
            },
        )}
    }
}
