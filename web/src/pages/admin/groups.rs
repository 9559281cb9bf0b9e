//! All groups: searched, filtered, sorted and paged by the server.

use cynic::QueryBuilder;
use fealty_shared::permission::{AddGroup, ViewGroup};
use leptos::prelude::*;

use super::rights;
use crate::{
    api::{DateTime, PageInfo, PageVariables, schema, use_query},
    i18n::{
        format,
        texts::{groups, rules as text},
    },
    pages::groups::query::{GroupFilter, GroupOrder},
    ui::{
        ago::Ago,
        empty::Empty,
        filter::{self, Choice, ClearFilters, SearchField},
        group_badges::kinds,
        icon::{Glyph, Icon},
        listing::Listing,
        loaded::loaded,
        page_header::PageHeader,
        skeleton::SkeletonRows,
        table::{Column, DataTable, Order},
    },
    url::Address,
};

const PAGE: i32 = 50;

/// The filter that the address asks for.
fn filter_of(address: Address) -> GroupFilter {
    let mut filter = GroupFilter {
        search: address.get("q"),
        has_leader: address.get("leader").map(|value| value == "yes"),
        ..GroupFilter::default()
    };
    match address.text("kind").as_str() {
        "internal" => filter.is_internal = Some(true),
        "hidden" => (filter.is_internal, filter.is_hidden) = (Some(false), Some(true)),
        "open" => (filter.is_internal, filter.is_open) = (Some(false), Some(true)),
        "request" => (filter.is_internal, filter.is_open) = (Some(false), Some(false)),
        "public" => (filter.is_internal, filter.is_public) = (Some(false), Some(true)),
        "restricted" => filter.is_restricted = Some(true),
        _ => {}
    }
    filter
}

#[derive(cynic::QueryVariables, Debug)]
pub struct GroupsVariables {
    first: Option<i32>,
    after: Option<String>,
    last: Option<i32>,
    before: Option<String>,
    filter: Option<GroupFilter>,
    order: Option<GroupOrder>,
}

impl GroupsVariables {
    fn new(page: PageVariables, filter: GroupFilter, order: GroupOrder) -> Self {
        let PageVariables { first, after, last, before } = page;
        Self { first, after, last, before, filter: Some(filter), order: Some(order) }
    }
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "Query", variables = "GroupsVariables")]
pub struct Groups {
    #[arguments(first: $first, after: $after, last: $last, before: $before, filter: $filter, orderBy: $order)]
    groups: GroupPage,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "GroupConnection")]
struct GroupPage {
    nodes: Vec<GroupRow>,
    page_info: PageInfo,
    total_count: i32,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "Group")]
struct GroupRow {
    id: cynic::Id,
    name: String,
    description: String,
    is_internal: bool,
    is_hidden: bool,
    is_open: bool,
    is_public: bool,
    is_restricted: bool,
    leaders: Vec<LeaderId>,
    leader_groups: Vec<LeaderGroupId>,
    settings: Option<GroupSettings>,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "Person")]
struct LeaderId {
    id: cynic::Id,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "GroupReference")]
struct LeaderGroupId {
    id: cynic::Id,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
struct GroupSettings {
    member_count: i32,
    created_at: DateTime,
}

fn address_of(group: &GroupRow) -> String {
    format!("/admin/groups/{}", group.id.inner())
}

const COLUMNS: &[Column<GroupRow>] = &[
    Column { title: text::name, sort: Some("name"), cell: name_cell },
    Column { title: text::kind, sort: None, cell: kind_cell },
    Column { title: text::members, sort: Some("members"), cell: members_cell },
    Column { title: text::has_leader, sort: None, cell: leader_cell },
    Column { title: text::created_at, sort: Some("created"), cell: created_cell },
];

fn name_cell(group: &GroupRow) -> AnyView {
    view! {
        <span class="cell-two">
            <a class="cell-name" href=address_of(group)>{group.name.clone()}</a>
            <span class="cell-second">{group.description.clone()}</span>
        </span>
    }
    .into_any()
}

fn kind_cell(group: &GroupRow) -> AnyView {
    let all = kinds(group.is_internal, group.is_hidden, group.is_open, group.is_public, group.is_restricted);
    view! { <span class="cell-badges">{all}</span> }.into_any()
}

fn members_cell(group: &GroupRow) -> AnyView {
    group.settings.as_ref().map(|settings| format::number(settings.member_count.into())).into_any()
}

fn leader_cell(group: &GroupRow) -> AnyView {
    if group.leaders.is_empty() && group.leader_groups.is_empty() { text::no() } else { text::yes() }
        .into_any()
}

fn created_cell(group: &GroupRow) -> AnyView {
    group.settings.as_ref().map(|settings| view! { <Ago at=settings.created_at /> }).into_any()
}

/// The way to a new one, for whoever may make it.
fn new_group() -> Option<impl IntoView> {
    rights::may_edit::<AddGroup>().then(|| {
        view! {
            <a class="btn btn-primary" href="/admin/groups/new"><Icon of=Glyph::Plus /><span>{text::group_new()}</span></a>
        }
    })
}

/// The page. The server lists for anybody the groups that he may know; this one is for those who see them all.
#[component]
pub fn GroupsPage() -> impl IntoView {
    let may = rights::may_see_now::<ViewGroup>();
    move || if may.get() { view! { <AllGroups /> }.into_any() } else { rights::not_for_you(text::groups()) }
}

#[component]
fn AllGroups() -> impl IntoView {
    let address = Address::here();
    let order = Memo::new(move |_| address.order("name"));
    let query = use_query(move || {
        let order = GroupOrder::of(&order.read());
        Groups::build(GroupsVariables::new(address.page(PAGE), filter_of(address), order))
    });
    let kinds = filter::choices(&[
        ("internal", groups::internal()),
        ("hidden", groups::hidden()),
        ("open", groups::open()),
        ("request", groups::approval()),
        ("public", text::public()),
        ("restricted", groups::restricted()),
    ]);
    let leaders = filter::choices(&[("yes", text::with_leader()), ("no", text::without_leader())]);
    view! {
        <PageHeader title=text::groups().to_owned() lead=text::groups_lead()>{new_group()}</PageHeader>
        <search class="filters">
            <SearchField address=address label=text::group_search() />
            <Choice address=address name="kind" label=text::kind() any=text::any_kind() options=kinds />
            <Choice address=address name="leader" label=text::leader() any=text::any_leader() options=leaders />
            <ClearFilters address=address names=&["q", "kind", "leader"] />
        </search>
        {loaded(
            query,
            || view! { <div class="card"><SkeletonRows rows=6 /></div> },
            move |data| {
                let page = Memo::new(move |_| data.with(|data| data.groups.clone()));
                view! {
                    <Listing
                        count=Signal::derive(move || crate::i18n::texts::admin::count(&format::number(page.read().total_count.into())))
                        is_empty=Signal::derive(move || page.read().nodes.is_empty())
                        empty=|| view! { <Empty title=text::groups_none() hint=text::groups_none_hint() icon=Glyph::Groups /> }
                        info=Signal::derive(move || page.get().page_info)
                        address=address
                    >
                        <div class="card table-card">
                            <DataTable
                                caption=text::groups()
                                columns=COLUMNS
                                rows=Signal::derive(move || page.get().nodes)
                                href=|row| Some(address_of(row))
                                order=order
                                on_order=Callback::new(move |order: Order| address.sort(&order))
                                busy=query.busy
                            />
                        </div>
                    </Listing>
                }
            },
        )}
    }
}

/// The operation, for the list of them.
#[cfg(test)]
pub fn document() -> String {
    let order = GroupOrder::of(&Order::default());
    Groups::build(GroupsVariables::new(PageVariables::of(None, None, PAGE), GroupFilter::default(), order))
        .query
}
