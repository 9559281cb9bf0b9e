//! The past of a permission, a group or a state: who had it at a moment, and what changed between two.

use cynic::QueryBuilder;
use fealty_shared::permission::AuditPermissions;
use leptos::prelude::*;

use super::person::person_line;
use crate::{
    api::{DateTime, PageInfo, schema, use_query},
    i18n::{
        format,
        texts::{dashboard, rules as text},
    },
    pages::{
        explain::Subject,
        history::{AccessChangeFilter, HistoryVariables, HistoryVariablesFields},
    },
    session::Session,
    ui::{
        ago::Ago,
        badge::StateBadge,
        empty::Empty,
        icon::Glyph,
        listing::Listing,
        loaded::loaded,
        moment::{self, MomentFilter},
        person::Person,
        skeleton::SkeletonRows,
        tabs::Tab,
        timeline::{AccessChange, change_chips},
    },
    url::Address,
};

const PAGE: i32 = 50;

#[derive(cynic::QueryVariables, Debug)]
pub struct HoldersVariables {
    subject: Subject,
    at: DateTime,
    first: Option<i32>,
    after: Option<String>,
    last: Option<i32>,
    before: Option<String>,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "Query", variables = "HoldersVariables")]
pub struct Holders {
    #[arguments(subject: $subject, at: $at, first: $first, after: $after, last: $last, before: $before)]
    access_holders: PersonPage,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "PersonConnection")]
struct PersonPage {
    nodes: Vec<Person>,
    page_info: PageInfo,
    total_count: i32,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "Query", variables = "HistoryVariables")]
pub struct Changes {
    #[arguments(filter: $filter, first: $first, after: $after, last: $last, before: $before)]
    access_changes: ChangePage,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "UserAccessChangeConnection")]
struct ChangePage {
    nodes: Vec<UserAccessChange>,
    page_info: PageInfo,
    total_count: i32,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
struct UserAccessChange {
    change: AccessChange,
    person: Option<Person>,
}

/// Whether the viewer is told who had something, and what changed for whom.
pub fn may_look_back() -> bool {
    untrack(|| Session::get().can::<AuditPermissions>())
}

/// The tabs of a page with a past, after its own: for those who may look back.
pub fn tabs(first: &'static str) -> Vec<Tab> {
    let mut tabs = vec![Tab::new("", first)];
    if may_look_back() {
        tabs.extend([Tab::new("then", text::tab_then()), Tab::new("changes", text::tab_changes())]);
    }
    tabs
}

/// Who had it at the moment that the address names.
#[component]
pub fn HoldersThen(
    /// What.
    subject: Subject,
    /// Where the moment stands, as `at`.
    address: Address,
) -> impl IntoView {
    let at = Memo::new(move |_| moment::parse(&address.text("at")));
    let list = move || {
        match at.get() {
        Some(at) => view! { <HolderList subject=subject.clone() at=at address=address /> }.into_any(),
        None => view! {
            <div class="card"><Empty title=text::choose_moment() hint=text::choose_moment_hint() icon=Glyph::History /></div>
        }
        .into_any(),
    }
    };
    view! {
        <search class="filters"><MomentFilter address=address name="at" label=text::at() /></search>
        {list}
    }
}

#[component]
fn HolderList(subject: Subject, at: DateTime, address: Address) -> impl IntoView {
    let query = use_query(move || {
        let page = address.page(PAGE);
        Holders::build(HoldersVariables {
            subject: subject.clone(),
            at,
            first: page.first,
            after: page.after,
            last: page.last,
            before: page.before,
        })
    });
    loaded(
        query,
        || view! { <div class="card"><SkeletonRows rows=6 /></div> },
        move |data| {
            let page = Memo::new(move |_| data.with(|data| data.access_holders.clone()));
            let total = move || page.read().total_count;
            let row = |person: Person| {
                view! { <li class="person-row">{person_line(&person)}<StateBadge state=person.state /></li> }
            };
            view! {
                <Listing
                    count=Signal::derive(move || text::had_it(total(), &format::number(total().into()), &format::eve_time(at)))
                    is_empty=Signal::derive(move || page.read().nodes.is_empty())
                    empty=|| view! { <Empty title=text::nobody_then() hint=text::nobody_then_hint() icon=Glyph::People /> }
                    info=Signal::derive(move || page.get().page_info)
                    address=address
                >
                    <div class="card list-card">
                        <ul class="rows">{move || page.get().nodes.into_iter().map(row).collect_view()}</ul>
                    </div>
                </Listing>
            }
        },
    )
}

/// Who gained or lost it between the moments that the address names.
#[component]
pub fn ChangesBetween(
    /// What.
    subject: Subject,
    /// Where the moments stand, as `from` and `to`.
    address: Address,
) -> impl IntoView {
    let query = use_query(move || {
        let filter = AccessChangeFilter {
            subject: Some(subject.clone()),
            from: moment::parse(&address.text("from")),
            to: moment::parse(&address.text("to")),
            ..AccessChangeFilter::default()
        };
        Changes::build(HistoryVariables::of(filter, address.page(PAGE)))
    });
    view! {
        <search class="filters">
            <MomentFilter address=address name="from" label=text::from() />
            <MomentFilter address=address name="to" label=text::to() />
        </search>
        {loaded(query, || view! { <div class="card"><SkeletonRows rows=6 /></div> }, move |data| {
            let page = Memo::new(move |_| data.with(|data| data.access_changes.clone()));
            let total = move || page.read().total_count;
            view! {
                <Listing
                    count=Signal::derive(move || text::changes(total(), &format::number(total().into())))
                    is_empty=Signal::derive(move || page.read().nodes.is_empty())
                    empty=|| view! { <Empty title=text::no_changes() hint=text::no_changes_hint() icon=Glyph::History /> }
                    info=Signal::derive(move || page.get().page_info)
                    address=address
                >
                    <div class="card list-card">
                        <ul class="rows">{move || page.get().nodes.into_iter().map(change).collect_view()}</ul>
                    </div>
                </Listing>
            }
        })}
    }
}

fn change(UserAccessChange { change, person }: UserAccessChange) -> AnyView {
    let who = match person {
        Some(person) => person_line(&person),
        None => view! { <span class="text-muted-own">{text::user_is_gone()}</span> }.into_any(),
    };
    let by = (change.cause.actor != "system").then(|| format!(" · {}", dashboard::by(&change.cause.actor)));
    view! {
        <li class="person-row">
            {who}
            <div class="person-change">
                <p class="timeline-what">{change_chips(change.kind, change.gained, change.lost)}</p>
                <p class="timeline-why">{change.cause.summary}</p>
                <p class="timeline-when"><Ago at=change.at />{by}</p>
            </div>
        </li>
    }
    .into_any()
}

/// The operations, for the list of them.
#[cfg(test)]
pub fn documents() -> Vec<String> {
    use crate::api::PageVariables;
    let page = PageVariables::of(None, None, PAGE);
    let subject = Subject::Permission(String::new());
    let PageVariables { first, after, last, before } = page.clone();
    vec![
        Holders::build(HoldersVariables { subject, at: DateTime::default(), first, after, last, before })
            .query,
        Changes::build(HistoryVariables::of(AccessChangeFilter::default(), page)).query,
    ]
}
