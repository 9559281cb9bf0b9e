//! Everything somebody gained or lost, and why.

use cynic::QueryBuilder;
use leptos::prelude::*;

use super::explain::Subject;
use crate::{
    api::{DateTime, PageInfo, PageVariables, schema, use_query},
    i18n::texts::{dashboard as text, rules},
    session::Session,
    ui::{
        empty::Empty,
        filter::{Choice, ClearFilters},
        icon::Glyph,
        loaded::loaded,
        moment::{self, MomentFilter},
        page_header::PageHeader,
        pager::{Pager, Turn},
        skeleton::SkeletonRows,
        timeline::{AccessChange, AccessKind, Timeline},
    },
    url::Address,
};

const PAGE: i32 = 25;

/// Which changes.
#[derive(cynic::InputObject, Clone, Debug, Default, PartialEq)]
pub struct AccessChangeFilter {
    /// Whose.
    #[cynic(skip_serializing_if = "Option::is_none")]
    pub person_id: Option<cynic::Id>,
    /// Of this kind.
    #[cynic(skip_serializing_if = "Option::is_none")]
    pub kind: Option<AccessKind>,
    /// Of this thing.
    #[cynic(skip_serializing_if = "Option::is_none")]
    pub subject: Option<Subject>,
    /// Not before.
    #[cynic(skip_serializing_if = "Option::is_none")]
    pub from: Option<DateTime>,
    /// Before.
    #[cynic(skip_serializing_if = "Option::is_none")]
    pub to: Option<DateTime>,
}

#[derive(cynic::QueryVariables, Debug)]
pub struct HistoryVariables {
    filter: AccessChangeFilter,
    first: Option<i32>,
    after: Option<String>,
    last: Option<i32>,
    before: Option<String>,
}

impl HistoryVariables {
    /// A page of the changes that the filter leaves.
    pub fn of(filter: AccessChangeFilter, page: PageVariables) -> Self {
        let PageVariables { first, after, last, before } = page;
        Self { filter, first, after, last, before }
    }
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "Query", variables = "HistoryVariables")]
pub struct History {
    #[arguments(filter: $filter, first: $first, after: $after, last: $last, before: $before)]
    access_changes: ChangePage,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "UserAccessChangeConnection")]
struct ChangePage {
    nodes: Vec<Change>,
    page_info: PageInfo,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "UserAccessChange")]
struct Change {
    change: AccessChange,
}

/// The page.
#[component]
pub fn HistoryPage() -> impl IntoView {
    let own =
        Session::get().viewer.with_untracked(|viewer| viewer.as_ref().map(|viewer| viewer.user.id.clone()));
    view! {
        <PageHeader title=text::history_title().to_owned() lead=text::history_lead() />
        {own.map(|own| view! { <div class="card"><HistoryOf user=own /></div> })}
    }
}

/// The history of a user, page by page; filters and page stand in the address.
#[component]
pub fn HistoryOf(
    /// Whose.
    user: cynic::Id,
) -> impl IntoView {
    let address = Address::here();
    let kind = Memo::new(move |_| {
        let key = address.text("kind");
        AccessKind::ALL.into_iter().find(|kind| kind.key() == key)
    });
    let query = use_query(move || {
        let filter = AccessChangeFilter {
            person_id: Some(user.clone()),
            kind: kind.get(),
            from: moment::parse(&address.text("from")),
            to: moment::parse(&address.text("to")),
            ..AccessChangeFilter::default()
        };
        History::build(HistoryVariables::of(filter, address.page(PAGE)))
    });
    let kinds = AccessKind::ALL.map(|kind| (kind.key().to_owned(), kind.name().to_owned())).to_vec();
    view! {
        <search class="filters history-filters">
            <Choice address=address name="kind" label=text::kind() any=text::any_kind() options=kinds />
            <MomentFilter address=address name="from" label=rules::from() />
            <MomentFilter address=address name="to" label=rules::to() />
            <ClearFilters address=address names=&["kind", "from", "to"] />
        </search>
        {loaded(
            query,
            || view! { <SkeletonRows rows=5 /> },
            move |data| {
                let changes = Memo::new(move |_| {
                    let nodes = data.with(|data| data.access_changes.nodes.clone());
                    nodes.into_iter().map(|node| node.change).collect::<Vec<_>>()
                });
                let info = Memo::new(move |_| data.with(|data| data.access_changes.page_info.clone()));
                let emptied = address.leave_emptied(Signal::derive(move || changes.read().is_empty()), info);
                let nothing = move || {
                    if emptied.get() {
                        return view! { <SkeletonRows rows=5 /> }.into_any();
                    }
                    let is_of_a_time = ["from", "to"].iter().any(|name| address.get(name).is_some());
                    let (title, hint) = if is_of_a_time {
                        (text::history_none_then(), text::history_none_then_hint())
                    } else if kind.get().is_some() {
                        (text::history_none(), text::history_none_hint())
                    } else {
                        (text::history_empty(), text::history_empty_hint())
                    };
                    view! { <Empty title=title hint=hint icon=Glyph::History /> }.into_any()
                };
                view! {
                    <Show when=move || !changes.read().is_empty() fallback=nothing>
                        <Timeline changes=changes />
                    </Show>
                    <Pager info=info on_turn=move |turn: Turn| address.turn(&turn) />
                }
            },
        )}
    }
}
