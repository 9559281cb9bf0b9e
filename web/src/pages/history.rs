//! Everything the viewer gained or lost, and why.

use cynic::QueryBuilder;
use leptos::prelude::*;
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_query_map},
};

use crate::{
    api::{PageInfo, PageVariables, PageVariablesFields, schema, use_query},
    i18n::texts::dashboard as text,
    ui::{
        empty::Empty,
        icon::Glyph,
        loaded::loaded,
        page_header::PageHeader,
        pager::{Pager, Turn},
        skeleton::SkeletonRows,
        timeline::{AccessChange, Timeline},
    },
    url,
};

const PAGE: i32 = 25;
const PATH: &str = "/history";

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "Query", variables = "PageVariables")]
pub struct OwnHistory {
    viewer: Option<HistoryViewer>,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "Viewer", variables = "PageVariables")]
struct HistoryViewer {
    user: HistoryUser,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "User", variables = "PageVariables")]
struct HistoryUser {
    #[arguments(first: $first, after: $after, last: $last, before: $before)]
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
    let params = use_query_map();
    let query = use_query(move || {
        let (after, before) = params.with(|q| (q.get("after"), q.get("before")));
        OwnHistory::build(PageVariables::of(after, before, PAGE))
    });
    let navigate = StoredValue::new_local(use_navigate());
    let turn = move |turn: Turn| {
        let to = params.with_untracked(|q| url::with_turn(PATH, &url::pairs(q), &turn));
        navigate.with_value(|navigate| navigate(&to, NavigateOptions::default()));
    };
    view! {
        <PageHeader title=text::history_title().to_owned() lead=text::history_lead() />
        {loaded(
            query,
            || view! { <div class="card"><SkeletonRows rows=5 /></div> },
            move |data| {
                let page = Memo::new(move |_| {
                    data.with(|d| d.viewer.as_ref().map(|v| v.user.history.clone()).unwrap_or_default())
                });
                view! {
                    <div class="card">
                        <Show
                            when=move || !page.read().nodes.is_empty()
                            fallback=|| view! {
                                <Empty title=text::history_empty() hint=text::history_empty_hint() icon=Glyph::History />
                            }
                        >
                            <Timeline changes=Signal::derive(move || page.get().nodes) />
                        </Show>
                    </div>
                    <Pager info=Signal::derive(move || page.get().page_info) on_turn=turn />
                }
            },
        )}
    }
}
