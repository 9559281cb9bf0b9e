//! One group for those who lead it: members, requests and log as tabs.

use cynic::QueryBuilder;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::{
    log::LogTab,
    managed::CopyLink,
    members::{Members, members_tab},
    single::{GroupVariables, GroupVariablesFields, gone},
};
use crate::{
    api::{schema, use_query},
    i18n::texts::manage as text,
    pages::inbox::RequestList,
    ui::{
        group_badges::{GroupBadges, GroupFlags},
        loaded::{UNKNOWN, loaded_page},
        page_header::PageHeader,
        tabs::{Tab, Tabs},
    },
    url::Address,
};

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "Query", variables = "GroupVariables")]
pub struct ManageGroup {
    #[arguments(id: $id)]
    group: Option<LedGroup>,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "Group")]
struct LedGroup {
    id: cynic::Id,
    name: String,
    description: String,
    #[cynic(spread)]
    flags: GroupFlags,
    management: Option<Management>,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "GroupManagement")]
struct Management {
    request_count: i32,
    can_edit_members: bool,
    join_path: String,
}

/// Which part is shown.
#[derive(Clone, Copy, PartialEq)]
enum Part {
    Members,
    Requests,
    Log,
}

/// The page.
#[component]
pub fn ManagePage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|p| p.get("id").unwrap_or_default()));
    move || view! { <Loaded id=id.get() /> }
}

#[component]
fn Loaded(id: String) -> impl IntoView {
    let query = use_query(move || ManageGroup::build(GroupVariables { id: cynic::Id::new(&id) }));
    loaded_page(query, UNKNOWN, gone, move |data| {
        let group = Memo::new(move |_| data.with(|data| data.group.clone()));
        // Drawn once: new counts change only themselves.
        let there = Memo::new(move |_| group.read().as_ref().is_some_and(|group| group.management.is_some()));
        move || match there.get().then(|| group.get_untracked()).flatten() {
            Some(first) => view! { <Inside first=first group=group /> }.into_any(),
            None => gone(),
        }
    })
}

#[component]
fn Inside(first: LedGroup, group: Memo<Option<LedGroup>>) -> impl IntoView {
    let address = Address::here();
    let part = Memo::new(move |_| match address.get("tab").as_deref() {
        Some("requests") => Part::Requests,
        Some("log") => Part::Log,
        _ => Part::Members,
    });
    let waiting = Signal::derive(move || {
        group.with(|group| group.as_ref().and_then(|g| g.management.as_ref()).map_or(0, |m| m.request_count))
    });
    let tabs = vec![
        Tab::new("", text::tab_members()),
        Tab { count: waiting, ..Tab::new("requests", text::tab_requests()) },
        Tab::new("log", text::tab_log()),
    ];
    let can_edit = Memo::new(move |_| {
        group.with(|group| {
            group.as_ref().and_then(|g| g.management.as_ref()).is_some_and(|m| m.can_edit_members)
        })
    });
    let (id, name) = (StoredValue::new(first.id.clone()), StoredValue::new(first.name.clone()));
    let join = first.management.map(|management| management.join_path);
    let current = format!("/groups/{}", first.id.inner());
    view! {
        <PageHeader title=Signal::derive(move || group.with(|g| g.as_ref().map(|g| g.name.clone()).unwrap_or_default())) lead=first.description>
            <a class="btn btn-quiet" href=current>{text::to_group()}</a>
            {join.map(|path| view! { <CopyLink path=path name=first.name.clone() /> })}
        </PageHeader>
        <p class="group-flags">
            {move || group.with(|g| g.as_ref().map(|g| view! { <GroupBadges flags=g.flags.clone() /> }))}
        </p>
        <Tabs address=address label=text::tabs() tabs=tabs />
        {move || match part.get() {
            Part::Members => members_tab::<Members>(id.get_value(), name.get_value(), can_edit, Callback::new(|()| ())),
            Part::Requests => view! { <RequestList group=id.get_value() /> }.into_any(),
            Part::Log => view! { <LogTab group=id.get_value() /> }.into_any(),
        }}
    }
}
