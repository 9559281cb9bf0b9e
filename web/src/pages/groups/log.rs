//! What happened in a group: who came, went, was added, removed, accepted or refused, and by whom.

use cynic::QueryBuilder;
use fealty_shared::permission::ViewUser;
use leptos::prelude::*;

use crate::{
    api::{DateTime, PageInfo, PageVariables, schema, use_query},
    i18n::{
        format,
        texts::{audit, manage as text, rules},
    },
    session::Session,
    ui::{
        empty::Empty,
        filter::{Choice, ClearFilters, MoreFilters, SearchField},
        icon::Glyph,
        identifier::identifier,
        listing::Listing,
        loaded::loaded,
        moment::{self, MomentFilter},
        skeleton::SkeletonRows,
    },
    url::Address,
};

const PAGE: i32 = 50;

/// The filters' parameters.
const FILTERS: &[&str] = &["q", "kind", "action", "from", "to"];

#[derive(cynic::InputObject, Clone, Debug, Default, PartialEq)]
pub struct GroupLogFilter {
    #[cynic(skip_serializing_if = "Option::is_none")]
    search: Option<String>,
    #[cynic(skip_serializing_if = "Option::is_none")]
    kinds: Option<Vec<GroupLogKind>>,
    #[cynic(skip_serializing_if = "Option::is_none")]
    actions: Option<Vec<GroupLogAction>>,
    #[cynic(skip_serializing_if = "Option::is_none")]
    from: Option<DateTime>,
    #[cynic(skip_serializing_if = "Option::is_none")]
    to: Option<DateTime>,
}

impl GroupLogFilter {
    /// What the address asks for.
    fn of(address: Address) -> Self {
        let (kind, action) = (address.text("kind"), address.text("action"));
        Self {
            search: address.get("q"),
            kinds: GroupLogKind::ALL.into_iter().find(|known| known.key() == kind).map(|kind| vec![kind]),
            actions: GroupLogAction::ALL
                .into_iter()
                .find(|known| known.key() == action)
                .map(|action| vec![action]),
            from: moment::parse(&address.text("from")),
            to: moment::parse(&address.text("to")),
        }
    }
}

#[derive(cynic::QueryVariables, Debug)]
pub struct LogVariables {
    id: cynic::Id,
    first: Option<i32>,
    after: Option<String>,
    last: Option<i32>,
    before: Option<String>,
    filter: Option<GroupLogFilter>,
}

impl LogVariables {
    pub(crate) fn of(id: cynic::Id, page: PageVariables, filter: GroupLogFilter) -> Self {
        let PageVariables { first, after, last, before } = page;
        Self { id, first, after, last, before, filter: Some(filter) }
    }

    /// What the address asks for.
    pub(crate) fn here(id: cynic::Id, address: Address) -> Self {
        Self::of(id, address.page(PAGE), GroupLogFilter::of(address))
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
    #[arguments(first: $first, after: $after, last: $last, before: $before, filter: $filter)]
    log: LogPage,
}

/// Some entries of a log.
#[derive(cynic::QueryFragment, Clone, Debug, Default, PartialEq)]
#[cynic(graphql_type = "GroupLogConnection")]
pub struct LogPage {
    nodes: Vec<GroupLogEntry>,
    page_info: PageInfo,
    total_count: i32,
}

impl LogPage {
    /// What the group was called last, as far as these entries know.
    pub fn group_name(&self) -> Option<String> {
        self.nodes.first().map(|entry| entry.group_name.clone())
    }
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
struct GroupLogEntry {
    at: DateTime,
    group_name: String,
    user_id: cynic::Id,
    username: String,
    main_name: Option<String>,
    corporation_name: Option<String>,
    kind: GroupLogKind,
    action: GroupLogAction,
    actor: String,
    note: String,
}

#[derive(cynic::Enum, Clone, Copy, Debug, PartialEq)]
pub enum GroupLogKind {
    /// By somebody else.
    Addition,
    /// By himself.
    Join,
    /// By himself.
    Leave,
    /// By somebody else, or by a rule.
    Removal,
}

impl GroupLogKind {
    const ALL: [Self; 4] = [Self::Join, Self::Leave, Self::Addition, Self::Removal];

    fn key(self) -> &'static str {
        match self {
            Self::Addition => "addition",
            Self::Join => "join",
            Self::Leave => "leave",
            Self::Removal => "removal",
        }
    }

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
pub enum GroupLogAction {
    /// A request, or none was needed.
    Accepted,
    /// By somebody else.
    Added,
    /// Its time was over.
    Ended,
    /// A request.
    Rejected,
    /// By somebody else, or by a rule.
    Removed,
    /// His own request.
    Retracted,
}

impl GroupLogAction {
    const ALL: [Self; 6] =
        [Self::Accepted, Self::Rejected, Self::Retracted, Self::Added, Self::Removed, Self::Ended];

    fn key(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Added => "added",
            Self::Ended => "ended",
            Self::Rejected => "rejected",
            Self::Removed => "removed",
            Self::Retracted => "retracted",
        }
    }

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
    let query = use_query(move || GroupLog::build(LogVariables::here(group.clone(), address)));
    view! {
        <LogFilters address=address />
        {loaded(
            query,
            || view! { <div class="card"><SkeletonRows rows=6 /></div> },
            move |data| {
                let page = Memo::new(move |_| {
                    data.with(|data| {
                        let management = data.group.as_ref().and_then(|group| group.management.as_ref());
                        management.map(|m| m.log.clone()).unwrap_or_default()
                    })
                });
                view! { <LogTable page=page busy=query.busy address=address /> }
            },
        )}
    }
}

/// The row of filters above a log.
#[component]
pub fn LogFilters(
    /// Where they stand.
    address: Address,
) -> impl IntoView {
    let kinds = GroupLogKind::ALL.map(|kind| (kind.key().to_owned(), kind.name().to_owned())).to_vec();
    let actions =
        GroupLogAction::ALL.map(|action| (action.key().to_owned(), action.look().0.to_owned())).to_vec();
    view! {
        <search class="filters audit-filters log-filters">
            <SearchField address=address label=text::log_search() />
            <Choice address=address name="kind" label=text::log_kind() any=text::log_any_kind() options=kinds />
            <Choice address=address name="action" label=text::log_action() any=text::log_any_action() options=actions />
            <MoreFilters address=address names=&["from", "to"]>
                <MomentFilter address=address name="from" label=rules::from() />
                <MomentFilter address=address name="to" label=rules::to() />
            </MoreFilters>
            <ClearFilters address=address names=FILTERS />
        </search>
    }
}

/// A page of a log.
#[component]
pub fn LogTable(
    /// The entries.
    page: Memo<LogPage>,
    /// Whether newer ones are on their way.
    #[prop(into)]
    busy: Signal<bool>,
    /// Where the page stands.
    address: Address,
) -> impl IntoView {
    let heads: [fn() -> &'static str; 7] = [
        text::log_date,
        text::log_user,
        text::log_main,
        text::log_kind,
        text::log_action,
        text::log_actor,
        text::log_note,
    ];
    let total = move || page.read().total_count;
    let linked = untrack(|| Session::get().can::<ViewUser>());
    view! {
        <Listing
            count=Signal::derive(move || audit::entries(total(), &format::number(total().into())))
            is_empty=Signal::derive(move || page.read().nodes.is_empty())
            empty=move || {
                let (title, hint) = if FILTERS.iter().any(|name| address.get(name).is_some()) {
                    (audit::none(), audit::none_hint())
                } else {
                    (text::log_none(), text::log_none_hint())
                };
                view! { <Empty title=title hint=hint icon=Glyph::History /> }
            }
            info=Signal::derive(move || page.get().page_info)
            address=address
        >
            <div class="card table-card">
                <table class="data-table log-table" class:is-busy=move || busy.get() aria-busy=move || busy.get().to_string()>
                    <caption class="visually-hidden">{text::tab_log()}</caption>
                    <thead><tr>{heads.into_iter().map(|head| view! { <th scope="col">{head()}</th> }).collect_view()}</tr></thead>
                    <tbody>{move || page.get().nodes.into_iter().map(|entry| row(entry, linked)).collect_view()}</tbody>
                </table>
            </div>
        </Listing>
    }
}

/// One entry. `linked`: the user's name leads to the page about them.
fn row(entry: GroupLogEntry, linked: bool) -> impl IntoView {
    let (action, class) = entry.action.look();
    let user = if linked {
        let to = format!("/admin/users/{}", entry.user_id.inner());
        view! { <a href=to>{identifier(&entry.username)}</a> }.into_any()
    } else {
        identifier(&entry.username)
    };
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
            <td data-label=text::log_user()>{user}</td>
            <td data-label=text::log_main()><div>{main}</div></td>
            <td data-label=text::log_kind()>{entry.kind.name()}</td>
            <td data-label=text::log_action()><span class=class>{action}</span></td>
            <td data-label=text::log_actor()>{identifier(&entry.actor)}</td>
            <td data-label=text::log_note()>{(!entry.note.is_empty()).then_some(entry.note)}</td>
        </tr>
    }
}
