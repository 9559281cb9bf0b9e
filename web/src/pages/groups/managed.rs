//! The groups one leads or manages.

use cynic::QueryBuilder;
use leptos::{prelude::*, task::spawn_local};

use super::query::{GroupFilter, GroupOrder};
use crate::{
    api::{PageInfo, PageVariables, schema, use_query},
    i18n::{
        format,
        texts::{groups, manage as text},
    },
    ui::{
        empty::Empty,
        filter::SearchField,
        group_badges::{GroupBadges, GroupFlags},
        icon::{Glyph, Icon},
        listing::Listing,
        loaded::loaded,
        page_header::PageHeader,
        skeleton::SkeletonRows,
        table::{Column, DataTable, Order},
        toast::Toasts,
    },
    url::Address,
    web,
};

const PAGE: i32 = 50;

#[derive(cynic::QueryVariables, Debug)]
pub struct ManagedVariables {
    first: Option<i32>,
    after: Option<String>,
    last: Option<i32>,
    before: Option<String>,
    filter: Option<GroupFilter>,
    order: Option<GroupOrder>,
}

impl ManagedVariables {
    fn of(address: &Address) -> Self {
        let PageVariables { first, after, last, before } = address.page(PAGE);
        Self {
            first,
            after,
            last,
            before,
            filter: Some(GroupFilter {
                search: address.get("q"),
                is_managed: Some(true),
                ..GroupFilter::default()
            }),
            order: Some(GroupOrder::of(&address.order("name"))),
        }
    }

    #[cfg(test)]
    pub(crate) fn sample() -> Self {
        Self { first: Some(PAGE), after: None, last: None, before: None, filter: None, order: None }
    }
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "Query", variables = "ManagedVariables")]
pub struct Managed {
    #[arguments(first: $first, after: $after, last: $last, before: $before, filter: $filter, orderBy: $order)]
    groups: ManagedPage,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "GroupConnection")]
struct ManagedPage {
    nodes: Vec<ManagedGroup>,
    page_info: PageInfo,
    total_count: i32,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "Group")]
struct ManagedGroup {
    id: cynic::Id,
    name: String,
    description: String,
    #[cynic(spread)]
    flags: GroupFlags,
    management: Option<Counts>,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "GroupManagement")]
struct Counts {
    member_count: i32,
    request_count: i32,
    join_path: String,
}

fn address_of(group: &ManagedGroup) -> String {
    format!("/manage/groups/{}", group.id.inner())
}

const COLUMNS: &[Column<ManagedGroup>] = &[
    Column { title: text::col_group, sort: Some("name"), cell: name_cell },
    Column { title: text::col_kind, sort: None, cell: kind_cell },
    Column { title: text::col_members, sort: Some("members"), cell: members_cell },
    Column { title: text::col_requests, sort: Some("requests"), cell: requests_cell },
    Column { title: text::col_link, sort: None, cell: link_cell },
];

fn name_cell(group: &ManagedGroup) -> AnyView {
    let description = (!group.description.is_empty()).then(|| group.description.clone());
    view! {
        <a class="pilot-name" href=address_of(group)>{group.name.clone()}</a>
        {description.map(|description| {
            let whole = description.clone();
            view! { <p class="pilot-second clamp" title=whole>{description}</p> }
        })}
    }
    .into_any()
}

fn kind_cell(group: &ManagedGroup) -> AnyView {
    view! { <GroupBadges flags=group.flags.clone() /> }.into_any()
}

fn members_cell(group: &ManagedGroup) -> AnyView {
    group.management.as_ref().map(|counts| format::number(counts.member_count.into())).into_any()
}

fn requests_cell(group: &ManagedGroup) -> AnyView {
    let count = group.management.as_ref().map_or(0, |counts| counts.request_count);
    if count == 0 {
        return view! { <span class="text-muted-own">"0"</span> }.into_any();
    }
    let href = format!("{}?tab=requests", address_of(group));
    view! { <a class="status status-busy" href=href>{format::number(count.into())}</a> }.into_any()
}

fn link_cell(group: &ManagedGroup) -> AnyView {
    let path = group.management.as_ref().map(|counts| counts.join_path.clone());
    path.map(|path| view! { <CopyLink path=path name=group.name.clone() small=true /> }).into_any()
}

/// Puts the address to join a group into the clipboard.
#[component]
pub fn CopyLink(
    /// The path of this site.
    path: String,
    /// The group's name.
    name: String,
    /// Only the icon, for rows.
    #[prop(optional)]
    small: bool,
) -> impl IntoView {
    let toasts = Toasts::get();
    let label = text::copy_link_named(&name);
    let copy = move |_| {
        let (link, name) = (web::absolute(&path), name.clone());
        spawn_local(async move {
            if web::copy(&link).await {
                toasts.done(text::copied(&name));
            } else {
                toasts.warn(text::not_copied(&link));
            }
        });
    };
    view! {
        <button
            type="button"
            class=if small { "btn btn-icon" } else { "btn btn-quiet" }
            aria-label=label
            title=text::copy_link()
            on:click=copy
        >
            <Icon of=Glyph::Copy />
            {(!small).then(text::copy_link)}
        </button>
    }
}

/// The page.
#[component]
pub fn ManagedPage() -> impl IntoView {
    let address = Address::here();
    let query = use_query(move || Managed::build(ManagedVariables::of(&address)));
    let order = Memo::new(move |_| address.order("name"));
    view! {
        <PageHeader title=text::title().to_owned() lead=text::lead() />
        <search class="filters filters-line">
            <SearchField address=address label=text::search() />
        </search>
        {loaded(
            query,
            || view! { <div class="card"><SkeletonRows rows=6 /></div> },
            move |data| {
                let page = Memo::new(move |_| data.with(|data| data.groups.clone()));
                view! {
                    <Listing
                        count=Signal::derive(move || text::count(&format::number(page.read().total_count.into())))
                        is_empty=Signal::derive(move || page.read().nodes.is_empty())
                        empty=move || {
                            let (title, hint) = if address.get("q").is_some() {
                                (text::none_found(), groups::none_found_hint())
                            } else {
                                (text::none(), text::none_hint())
                            };
                            view! { <Empty title=title hint=hint icon=Glyph::Members /> }
                        }
                        info=Signal::derive(move || page.get().page_info)
                        address=address
                    >
                        <div class="card table-card">
                            <DataTable
                                caption=text::title()
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
