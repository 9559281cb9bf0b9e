//! All permissions, and how many have them through what.

use cynic::QueryBuilder;
use fealty_shared::permission::AuditPermissions;
use leptos::prelude::*;

use super::{
    catalogue::Catalogue,
    export::{self, Batch, Begin, ExportButton},
    rights,
};
use crate::{
    api::{PageInfo, PageVariables, schema, send, use_query},
    i18n::{
        format,
        texts::{admin, rules as text},
    },
    ui::{
        empty::Empty,
        filter::{self, Choice, ClearFilters, SearchField},
        icon::Glyph,
        identifier::identifier,
        listing::Listing,
        loaded::loaded,
        page_header::PageHeader,
        skeleton::SkeletonRows,
        table::{Column, DataTable, Hint, Order, OrderDirection},
    },
    url::Address,
};

const PAGE: i32 = 50;

#[derive(cynic::InputObject, Clone, Debug, Default, PartialEq)]
pub struct PermissionUsageFilter {
    #[cynic(skip_serializing_if = "Option::is_none")]
    search: Option<String>,
    #[cynic(skip_serializing_if = "Option::is_none")]
    app: Option<String>,
    #[cynic(skip_serializing_if = "Option::is_none")]
    model: Option<String>,
    #[cynic(skip_serializing_if = "Option::is_none")]
    include_unused: Option<bool>,
}

impl PermissionUsageFilter {
    fn of(address: Address) -> Self {
        Self {
            search: address.get("q"),
            app: address.get("app"),
            model: address.get("model"),
            include_unused: address.get("all").map(|value| value == "yes"),
        }
    }
}

#[derive(cynic::Enum, Clone, Copy, Debug, PartialEq)]
pub enum PermissionUsageOrderField {
    /// How many were granted it directly.
    DirectUsers,
    /// How many groups carry it.
    Groups,
    /// How many are in those groups.
    GroupUsers,
    /// The permission's name.
    Name,
    /// How many states carry it.
    States,
    /// How many are in those states.
    StateUsers,
    /// How many have it.
    Users,
}

#[derive(cynic::InputObject, Clone, Debug, PartialEq)]
pub struct PermissionUsageOrder {
    field: PermissionUsageOrderField,
    direction: OrderDirection,
}

impl PermissionUsageOrder {
    fn of(order: &Order) -> Self {
        let field = match order.key.as_str() {
            "direct" => PermissionUsageOrderField::DirectUsers,
            "groups" => PermissionUsageOrderField::Groups,
            "group-users" => PermissionUsageOrderField::GroupUsers,
            "states" => PermissionUsageOrderField::States,
            "state-users" => PermissionUsageOrderField::StateUsers,
            "users" => PermissionUsageOrderField::Users,
            _ => PermissionUsageOrderField::Name,
        };
        Self { field, direction: OrderDirection::of(order) }
    }
}

#[derive(cynic::QueryVariables, Debug)]
pub struct UsagesVariables {
    first: Option<i32>,
    after: Option<String>,
    last: Option<i32>,
    before: Option<String>,
    filter: Option<PermissionUsageFilter>,
    order: Option<PermissionUsageOrder>,
}

impl UsagesVariables {
    fn new(page: PageVariables, filter: PermissionUsageFilter, order: &Order) -> Self {
        let PageVariables { first, after, last, before } = page;
        Self {
            first,
            after,
            last,
            before,
            filter: Some(filter),
            order: Some(PermissionUsageOrder::of(order)),
        }
    }
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "Query", variables = "UsagesVariables")]
pub struct PermissionUsages {
    #[arguments(first: $first, after: $after, last: $last, before: $before, filter: $filter, orderBy: $order)]
    permission_usages: UsagePage,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "PermissionUsageConnection")]
struct UsagePage {
    nodes: Vec<Usage>,
    page_info: PageInfo,
    total_count: i32,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "PermissionUsage")]
struct Usage {
    permission: Permission,
    direct_user_count: i32,
    group_count: i32,
    group_user_count: i32,
    state_count: i32,
    state_user_count: i32,
    effective_user_count: i32,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
struct Permission {
    name: String,
    app: String,
    codename: String,
    model: String,
    description: String,
}

fn address_of(usage: &Usage) -> String {
    format!("/admin/permissions/{}", usage.permission.name)
}

const COLUMNS: &[Column<Usage>] = &[
    Column { title: text::permission, sort: Some("name"), cell: name_cell },
    // The name begins with the app: there is no other order by it.
    Column { title: text::app, sort: None, cell: |usage| identifier(&usage.permission.app) },
    Column { title: text::model, sort: None, cell: |usage| identifier(&usage.permission.model) },
    Column { title: text::direct, sort: Some("direct"), cell: |usage| number(usage.direct_user_count) },
    Column { title: text::groups, sort: Some("groups"), cell: |usage| number(usage.group_count) },
    Column {
        title: text::in_groups_users,
        sort: Some("group-users"),
        cell: |usage| number(usage.group_user_count),
    },
    Column { title: text::in_states, sort: Some("states"), cell: |usage| number(usage.state_count) },
    Column {
        title: text::in_states_users,
        sort: Some("state-users"),
        cell: |usage| number(usage.state_user_count),
    },
    Column {
        title: text::effective_users,
        sort: Some("users"),
        cell: |usage| number(usage.effective_user_count),
    },
];

const HINTS: &[Hint] = &[
    ("direct", text::direct_hint),
    ("groups", text::in_groups_hint),
    ("group-users", text::in_groups_users_hint),
    ("states", text::in_states_hint),
    ("state-users", text::in_states_users_hint),
    ("users", text::effective_users_hint),
];

fn number(count: i32) -> AnyView {
    // A phone leaves out what is zero.
    let class = if count == 0 { "text-muted-own is-zero" } else { "" };
    view! { <span class=class>{format::number(count.into())}</span> }.into_any()
}

fn name_cell(usage: &Usage) -> AnyView {
    let Permission { name, app, codename, description, .. } = usage.permission.clone();
    view! {
        <span class="cell-two">
            <a class="cell-name code" href=address_of(usage) title=name>
                // Where the app has no column of its own.
                <span class="usage-app">{identifier(&format!("{app}."))}</span>
                <wbr />
                {identifier(&codename)}
            </a>
            <span class="cell-second">{description}</span>
        </span>
    }
    .into_any()
}

fn csv_head() -> Vec<&'static str> {
    vec![
        "permission",
        "app",
        "model",
        "description",
        "direct users",
        "groups",
        "group users",
        "states",
        "state users",
        "effective users",
    ]
}

fn csv_row(usage: Usage) -> Vec<String> {
    vec![
        usage.permission.name,
        usage.permission.app,
        usage.permission.model,
        usage.permission.description,
        usage.direct_user_count.to_string(),
        usage.group_count.to_string(),
        usage.group_user_count.to_string(),
        usage.state_count.to_string(),
        usage.state_user_count.to_string(),
        usage.effective_user_count.to_string(),
    ]
}

/// The page.
#[component]
pub fn PermissionsPage() -> impl IntoView {
    let address = Address::here();
    let order = Memo::new(move |_| address.order("name"));
    let query = use_query(move || {
        let filter = PermissionUsageFilter::of(address);
        PermissionUsages::build(UsagesVariables::new(address.page(PAGE), filter, &order.read()))
    });
    let catalogue = use_query(|| Catalogue::build(()));
    let apps: Signal<Vec<(String, String)>> = Signal::derive(move || {
        let apps = catalogue.state.with(|known| known.ready().map(Catalogue::apps).unwrap_or_default());
        apps.into_iter().map(|app| (app.clone(), app)).collect()
    });
    let models: Signal<Vec<(String, String)>> = Signal::derive(move || {
        let app = address.get("app");
        let of = |known: &Catalogue| known.models(app.as_deref());
        let models = catalogue.state.with(|known| known.ready().map(of).unwrap_or_default());
        models.into_iter().map(|model| (model.clone(), model)).collect()
    });
    let begin = Begin::new(move || {
        let (filter, order) = untrack(|| (PermissionUsageFilter::of(address), order.get()));
        Box::new(move |cursor| {
            let page = PageVariables::of(cursor, None, export::PAGE);
            let operation = PermissionUsages::build(UsagesVariables::new(page, filter.clone(), &order));
            Box::pin(async move {
                let page = send(operation).await?.permission_usages;
                Ok(Batch {
                    rows: page.nodes.into_iter().map(csv_row).collect(),
                    page_info: page.page_info,
                    total: page.total_count,
                })
            })
        })
    });
    let all = filter::choices(&[("yes", text::show_unused())]);
    let all = StoredValue::new(all);
    let allowed = rights::may_list::<AuditPermissions, _>(query);
    view! {
        <Show
            when=move || allowed.get()
            fallback=|| view! { <PageHeader title=text::permissions().to_owned() /> }
        >
            <PageHeader title=text::permissions().to_owned() lead=text::permissions_lead()>
                <ExportButton name="permissions".to_owned() head=csv_head begin=begin />
            </PageHeader>
            <search class="filters">
                <SearchField address=address label=text::search_permissions() />
                <Choice address=address name="app" label=text::app() any=text::any_app() options=apps resets="model" />
                <Choice address=address name="model" label=text::model() any=text::any_model() options=models />
                <Choice address=address name="all" label=text::usage() any=text::only_used() options=all.get_value() />
                <ClearFilters address=address names=&["q", "app", "model", "all"] />
            </search>
        </Show>
        {loaded(
            query,
            || view! { <div class="card"><SkeletonRows rows=8 /></div> },
            move |data| {
                let page = Memo::new(move |_| data.with(|data| data.permission_usages.clone()));
                view! {
                    <Listing
                        count=Signal::derive(move || admin::count(&format::number(page.read().total_count.into())))
                        is_empty=Signal::derive(move || page.read().nodes.is_empty())
                        empty=|| view! { <Empty title=text::permissions_none() hint=text::permissions_none_hint() icon=Glyph::Key /> }
                        info=Signal::derive(move || page.get().page_info)
                        address=address
                    >
                        <div class="card table-card usage-table">
                            <DataTable
                                caption=text::permissions()
                                columns=COLUMNS
                                rows=Signal::derive(move || page.get().nodes)
                                href=|row| Some(address_of(row))
                                hints=HINTS
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
    let filter = PermissionUsageFilter::default();
    PermissionUsages::build(UsagesVariables::new(
        PageVariables::of(None, None, PAGE),
        filter,
        &Order::default(),
    ))
    .query
}
