//! The log of any group, also of one that is internal or was deleted.

use cynic::QueryBuilder;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use crate::{
    api::{schema, use_query},
    i18n::texts::rules as text,
    pages::groups::log::{LogFilters, LogPage, LogTable, LogVariables, LogVariablesFields},
    ui::{loaded::loaded, page_header::PageHeader, skeleton::SkeletonRows},
    url::Address,
};

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "Query", variables = "LogVariables")]
pub struct AnyGroupLog {
    #[arguments(groupId: $id, first: $first, after: $after, last: $last, before: $before, filter: $filter)]
    group_log: LogPage,
}

/// The page.
#[component]
pub fn GroupLogPage() -> impl IntoView {
    let params = use_params_map();
    let address = Address::here();
    let id = Memo::new(move |_| params.with(|p| p.get("id").unwrap_or_default()));
    let query = use_query(move || AnyGroupLog::build(LogVariables::here(cynic::Id::new(id.get()), address)));
    // A page without entries does not know it; then the name stays that was known.
    let name = Memo::new(move |before: Option<&Option<String>>| {
        let now = query.state.with(|state| state.ready().and_then(|data| data.group_log.group_name()));
        now.or_else(|| before.cloned().flatten())
    });
    let title =
        move || name.get().map_or_else(|| text::group_log().to_owned(), |name| text::group_log_of(&name));
    view! {
        <PageHeader title=Signal::derive(title) lead=text::group_log_lead() />
        <LogFilters address=address />
        {loaded(
            query,
            || view! { <div class="card"><SkeletonRows rows=6 /></div> },
            move |data| {
                let page = Memo::new(move |_| data.with(|data| data.group_log.clone()));
                view! { <LogTable page=page busy=query.busy address=address /> }
            },
        )}
    }
}
