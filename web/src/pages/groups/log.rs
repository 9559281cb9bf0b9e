//! What happened in a group: who came, went, was added, removed, accepted or refused, and by whom.

use cynic::QueryBuilder;
use leptos::prelude::*;

use crate::{
    api::{DateTime, PageInfo, PageVariables, schema, use_query},
    i18n::{format, texts::manage as text},
    ui::{empty::Empty, icon::Glyph, loaded::loaded, pager::Pager, skeleton::SkeletonRows},
    url::Address,
};

const PAGE: i32 = 50;

#[derive(cynic::QueryVariables, Debug)]
pub struct LogVariables {
    id: cynic::Id,
    first: Option<i32>,
    after: Option<String>,
    last: Option<i32>,
    before: Option<String>,
}

impl LogVariables {
    pub(crate) fn of(id: cynic::Id, page: PageVariables) -> Self {
        let PageVariables { first, after, last, before } = page;
        Self { id, first, after, last, before }
    }
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "Query", variables = "LogVariables")]
pub struct GroupLog {
    #[arguments(id: $id)]
    group: Option<LogGroup>,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "Group", variables = "LogVariables")]
struct LogGroup {
    management: Option<LogManagement>,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "GroupManagement", variables = "LogVariables")]
struct LogManagement {
    #[arguments(first: $first, after: $after, last: $last, before: $before)]
    log: LogPage,
}

#[derive(cynic::QueryFragment, Clone, Debug, Default, PartialEq)]
#[cynic(graphql_type = "GroupLogConnection")]
struct LogPage {
    nodes: Vec<GroupLogEntry>,
    page_info: PageInfo,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
struct GroupLogEntry {
    at: DateTime,
    username: String,
    main_name: Option<String>,
    corporation_name: Option<String>,
    kind: GroupLogKind,
    action: GroupLogAction,
    actor: String,
    note: String,
}

#[derive(cynic::Enum, Clone, Copy, Debug, PartialEq)]
enum GroupLogKind {
    Addition,
    Join,
    Leave,
    Removal,
}

impl GroupLogKind {
    fn name(self) -> &'static str {
        match self {
            Self::Addition => text::kind_addition(),
            Self::Join => text::kind_join(),
            Self::Leave => text::kind_leave(),
            Self::Removal => text::kind_removal(),
        }
    }
}

#[derive(cynic::Enum, Clone, Copy, Debug, PartialEq)]
enum GroupLogAction {
    Accepted,
    Added,
    Ended,
    Rejected,
    Removed,
    Retracted,
}

impl GroupLogAction {
    fn look(self) -> (&'static str, &'static str) {
        match self {
            Self::Accepted => (text::action_accepted(), "status status-good"),
            Self::Added => (text::action_added(), "status status-good"),
            Self::Ended => (text::action_ended(), "status status-neutral"),
            Self::Rejected => (text::action_rejected(), "status status-bad"),
            Self::Removed => (text::action_removed(), "status status-bad"),
            Self::Retracted => (text::action_retracted(), "status status-neutral"),
        }
    }
}

/// The tab.
#[component]
pub fn LogTab(
    /// Which group.
    group: cynic::Id,
) -> impl IntoView {
    let address = Address::here();
    let query = use_query(move || GroupLog::build(LogVariables::of(group.clone(), address.page(PAGE))));
    let heads: [fn() -> &'static str; 7] = [
        text::log_date,
        text::log_user,
        text::log_main,
        text::log_kind,
        text::log_action,
        text::log_actor,
        text::log_note,
    ];
    loaded(
        query,
        || view! { <div class="card"><SkeletonRows rows=6 /></div> },
        move |data| {
            let page = Memo::new(move |_| {
                data.with(|data| {
                    let management = data.group.as_ref().and_then(|group| group.management.as_ref());
                    management.map(|m| m.log.clone()).unwrap_or_default()
                })
            });
            view! {
                <Show
                    when=move || !page.read().nodes.is_empty()
                    fallback=|| view! {
                        <div class="card"><Empty title=text::log_none() hint=text::log_none_hint() icon=Glyph::History /></div>
                    }
                >
                    <div class="card table-card">
                        <table class="data-table log-table" class:is-busy=move || query.busy.get() aria-busy=move || query.busy.get().to_string()>
                            <caption class="visually-hidden">{text::tab_log()}</caption>
                            <thead><tr>{heads.into_iter().map(|head| view! { <th scope="col">{head()}</th> }).collect_view()}</tr></thead>
                            <tbody>{move || page.get().nodes.into_iter().map(row).collect_view()}</tbody>
                        </table>
                    </div>
                </Show>
                <Pager info=Signal::derive(move || page.get().page_info) on_turn=move |turn| address.turn(&turn) />
            }
        },
    )
}

fn row(entry: GroupLogEntry) -> impl IntoView {
    let (action, class) = entry.action.look();
    // The head says whose time it is.
    let date = format::eve_time(entry.at).trim_end_matches(" EVE").to_owned();
    let main = entry.main_name.map(|main| {
        let corporation = entry.corporation_name.clone();
        view! {
            <span>{main}</span>
            {corporation.map(|name| view! { <span class="pilot-second log-corporation">{name}</span> })}
        }
    });
    view! {
        <tr>
            <td data-label=text::log_date() class="log-date">{date}</td>
            <td data-label=text::log_user()>{entry.username}</td>
            <td data-label=text::log_main()><div>{main}</div></td>
            <td data-label=text::log_kind()>{entry.kind.name()}</td>
            <td data-label=text::log_action()><span class=class>{action}</span></td>
            <td data-label=text::log_actor()>{entry.actor}</td>
            <td data-label=text::log_note()>{(!entry.note.is_empty()).then_some(entry.note)}</td>
        </tr>
    }
}
