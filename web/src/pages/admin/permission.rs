//! One permission: who has it and through what, who had it, and what changed.

use cynic::QueryBuilder;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::{
    as_of::{self, ChangesBetween, HoldersThen},
    export::{self, Batch, Begin, ExportButton, main_fields, time_field, yes_field},
    form::gone,
    person::{own_page, person_line},
};
use crate::{
    api::{DateTime, PageInfo, PageVariables, schema, send, use_query},
    i18n::{
        format,
        texts::{admin, rules as text},
    },
    pages::explain::Subject,
    ui::{
        ago::Until,
        badge::StateBadge,
        empty::Empty,
        filter::{Choice, ClearFilters, SearchField},
        icon::Glyph,
        listing::Listing,
        loaded::loaded,
        page_header::PageHeader,
        person::Person,
        pilot::Organisation,
        skeleton::SkeletonRows,
        table::{Column, DataTable, Order, OrderDirection},
        tabs::Tabs,
    },
    url::Address,
};

const PAGE: i32 = 50;

#[derive(cynic::Enum, Clone, Copy, Debug, PartialEq)]
pub enum PermissionPathKind {
    /// Granted to the user himself.
    Direct,
    /// By a group.
    Group,
    /// By his state.
    State,
    /// He may do everything.
    Superuser,
}

impl PermissionPathKind {
    /// Its name in the address and in files.
    fn key(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Group => "group",
            Self::State => "state",
            Self::Superuser => "superuser",
        }
    }

    fn of(key: &str) -> Option<Self> {
        [Self::Direct, Self::Group, Self::State, Self::Superuser].into_iter().find(|kind| kind.key() == key)
    }

    fn called(self, name: Option<&str>) -> String {
        match self {
            Self::Direct => text::path_direct().to_owned(),
            Self::Group => text::path_group(name.unwrap_or_default()),
            Self::State => text::path_state(name.unwrap_or_default()),
            Self::Superuser => text::path_superuser().to_owned(),
        }
    }
}

#[derive(cynic::InputObject, Clone, Debug, Default, PartialEq)]
pub struct PermissionGrantFilter {
    #[cynic(skip_serializing_if = "Option::is_none")]
    kind: Option<PermissionPathKind>,
    #[cynic(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[cynic(skip_serializing_if = "Option::is_none")]
    search: Option<String>,
}

impl PermissionGrantFilter {
    /// What the address asks for; a path there is `kind` or `kind:name`.
    fn of(address: Address) -> Self {
        let path = address.text("path");
        let (kind, name) = path.split_once(':').unwrap_or((&path, ""));
        Self {
            kind: PermissionPathKind::of(kind),
            name: Some(name.to_owned()).filter(|name| !name.is_empty()),
            search: address.get("q"),
        }
    }
}

#[derive(cynic::Enum, Clone, Copy, Debug, PartialEq)]
pub enum PermissionGrantOrderField {
    /// The main's corporation.
    Corporation,
    /// The main's name.
    Main,
    /// Through what.
    Path,
    /// The state's priority.
    State,
    /// The account's name.
    Username,
}

#[derive(cynic::InputObject, Clone, Debug, PartialEq)]
pub struct PermissionGrantOrder {
    field: PermissionGrantOrderField,
    direction: OrderDirection,
}

impl PermissionGrantOrder {
    fn of(order: &Order) -> Self {
        let field = match order.key.as_str() {
            "corporation" => PermissionGrantOrderField::Corporation,
            "main" => PermissionGrantOrderField::Main,
            "state" => PermissionGrantOrderField::State,
            "user" => PermissionGrantOrderField::Username,
            _ => PermissionGrantOrderField::Path,
        };
        Self { field, direction: OrderDirection::of(order) }
    }
}

#[derive(cynic::QueryVariables, Debug)]
pub struct UsageVariables {
    name: String,
    first: Option<i32>,
    after: Option<String>,
    last: Option<i32>,
    before: Option<String>,
    filter: Option<PermissionGrantFilter>,
    order: Option<PermissionGrantOrder>,
}

impl UsageVariables {
    fn new(name: String, page: PageVariables, filter: PermissionGrantFilter, order: &Order) -> Self {
        let PageVariables { first, after, last, before } = page;
        let order = Some(PermissionGrantOrder::of(order));
        Self { name, first, after, last, before, filter: Some(filter), order }
    }
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "Query", variables = "UsageVariables")]
pub struct PermissionUsageQuery {
    #[arguments(name: $name)]
    permission_usage: Option<Usage>,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "PermissionUsage", variables = "UsageVariables")]
struct Usage {
    permission: Permission,
    effective_user_count: i32,
    paths: Vec<PermissionPath>,
    #[arguments(filter: $filter, first: $first, after: $after, last: $last, before: $before, orderBy: $order)]
    grants: GrantPage,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
struct Permission {
    description: String,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
struct PermissionPath {
    kind: PermissionPathKind,
    name: Option<String>,
    user_count: i32,
}

impl PermissionPath {
    fn option(self) -> (String, String) {
        let called = self.kind.called(self.name.as_deref());
        let called = text::path_users(&called, &format::number(self.user_count.into()));
        let value = match self.name {
            Some(name) => format!("{}:{name}", self.kind.key()),
            None => self.kind.key().to_owned(),
        };
        (value, called)
    }
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "PermissionGrantConnection")]
struct GrantPage {
    nodes: Vec<PermissionGrant>,
    page_info: PageInfo,
    total_count: i32,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
struct PermissionGrant {
    path: PermissionPathKind,
    path_name: Option<String>,
    person: Person,
    is_superuser: bool,
    ends_at: Option<DateTime>,
}

const COLUMNS: &[Column<PermissionGrant>] = &[
    Column { title: text::user, sort: Some("main"), cell: |grant| person_line(&grant.person) },
    Column { title: text::path, sort: Some("path"), cell: path_cell },
    Column { title: admin::col_corporation, sort: Some("corporation"), cell: corporation_cell },
    Column { title: admin::col_state, sort: Some("state"), cell: state_cell },
    Column { title: text::ends_col, sort: None, cell: ends_cell },
];

fn path_cell(grant: &PermissionGrant) -> AnyView {
    grant.path.called(grant.path_name.as_deref()).into_any()
}

fn corporation_cell(grant: &PermissionGrant) -> AnyView {
    let main = grant.person.main_character.clone();
    let line = main.map(|main| {
        let corporation =
            main.corporation.map(|c| view! { <Organisation logo=c.logo_url name=c.name ticker=c.ticker /> });
        let alliance =
            main.alliance.map(|a| view! { <Organisation logo=a.logo_url name=a.name ticker=a.ticker /> });
        view! { <span class="organisations">{corporation}{alliance}</span> }
    });
    line.into_any()
}

fn state_cell(grant: &PermissionGrant) -> AnyView {
    view! {
        <span class="cell-badges">
            <StateBadge state=grant.person.state.clone() />
            {grant.is_superuser.then(|| view! { <span class="status status-neutral">{admin::superuser()}</span> })}
        </span>
    }
    .into_any()
}

fn ends_cell(grant: &PermissionGrant) -> AnyView {
    grant.ends_at.map(|at| view! { <Until at=at /> }).into_any()
}

fn csv_head() -> Vec<&'static str> {
    vec!["path", "name", "user", "main", "corporation", "alliance", "state", "active", "superuser", "ends"]
}

fn csv_row(grant: PermissionGrant) -> Vec<String> {
    let [main, corporation, alliance] = main_fields(grant.person.main_character);
    vec![
        grant.path.key().to_owned(),
        grant.path_name.unwrap_or_default(),
        grant.person.username,
        main,
        corporation,
        alliance,
        grant.person.state.name,
        yes_field(grant.person.is_active),
        yes_field(grant.is_superuser),
        time_field(grant.ends_at),
    ]
}

/// The page.
#[component]
pub fn PermissionPage() -> impl IntoView {
    let params = use_params_map();
    let name = Memo::new(move |_| params.with(|p| p.get("name").unwrap_or_default()));
    let address = Address::here();
    let tab = Memo::new(move |_| address.text("tab"));
    move || {
        let name = name.get();
        let shown = name.clone();
        let body = move || match tab.read().as_str() {
            "then" => {
                let subject = Subject::Permission(name.clone());
                view! { <HoldersThen subject=subject address=address /> }.into_any()
            }
            "changes" => {
                let subject = Subject::Permission(name.clone());
                view! { <ChangesBetween subject=subject address=address /> }.into_any()
            }
            _ => view! { <Now name=name.clone() address=address /> }.into_any(),
        };
        view! {
            <PageHeader title=shown />
            <Tabs address=address label=text::views() tabs=as_of::tabs(text::tab_now()) />
            {body}
        }
    }
}

/// Who has it now.
#[component]
fn Now(name: String, address: Address) -> impl IntoView {
    let asked = name.clone();
    let order = Memo::new(move |_| address.order("path"));
    let query = use_query(move || {
        let (page, filter) = (address.page(PAGE), PermissionGrantFilter::of(address));
        PermissionUsageQuery::build(UsageVariables::new(asked.clone(), page, filter, &order.read()))
    });
    let file = format!("permission {name}");
    let begin = Begin::new(move || {
        let (filter, order) = untrack(|| (PermissionGrantFilter::of(address), order.get()));
        let name = name.clone();
        Box::new(move |cursor| {
            let page = PageVariables::of(cursor, None, export::PAGE);
            let variables = UsageVariables::new(name.clone(), page, filter.clone(), &order);
            let operation = PermissionUsageQuery::build(variables);
            Box::pin(async move {
                let page = send(operation).await?.permission_usage.map(|usage| usage.grants);
                Ok(page.map_or_else(
                    || Batch { rows: Vec::new(), page_info: PageInfo::default(), total: 0 },
                    |page| Batch {
                        rows: page.nodes.into_iter().map(csv_row).collect(),
                        page_info: page.page_info,
                        total: page.total_count,
                    },
                ))
            })
        })
    });
    let paths: Signal<Vec<(String, String)>> = Signal::derive(move || {
        query.state.with(|known| {
            let usage = known.ready().and_then(|data| data.permission_usage.clone());
            usage
                .map(|usage| usage.paths.into_iter().map(PermissionPath::option).collect())
                .unwrap_or_default()
        })
    });
    loaded(
        query,
        || view! { <div class="card"><SkeletonRows rows=8 /></div> },
        move |data| {
            let usage = Memo::new(move |_| data.with(|data| data.permission_usage.clone()));
            let there = Memo::new(move |_| usage.read().is_some());
            let file = file.clone();
            move || {
                if !there.get() {
                    return gone(text::permission_gone(), "/admin/permissions", text::permissions());
                }
                let page = Memo::new(move |_| usage.get().map(|usage| usage.grants));
                let what = usage.get_untracked().map(|usage| usage.permission.description);
                let total = move || page.read().as_ref().map_or(0, |page| page.total_count);
                let effective = move || usage.read().as_ref().map_or(0, |usage| usage.effective_user_count);
                view! {
                    <div class="table-head">
                        <p class="page-lead">
                            {what} " · " {move || text::users_of(effective(), &format::number(effective().into()))}
                        </p>
                        <ExportButton name=file.clone() head=csv_head begin=begin />
                    </div>
                    <search class="filters">
                        <SearchField address=address label=admin::search_placeholder() />
                        <Choice address=address name="path" label=text::path() any=text::any_path() options=paths />
                        <ClearFilters address=address names=&["q", "path"] />
                    </search>
                    <Listing
                        count=Signal::derive(move || text::grants_count(total(), &format::number(total().into())))
                        is_empty=Signal::derive(move || page.read().as_ref().is_none_or(|page| page.nodes.is_empty()))
                        empty=|| view! { <Empty title=text::grants_none() hint=text::grants_none_hint() icon=Glyph::Key /> }
                        info=Signal::derive(move || page.get().map(|page| page.page_info).unwrap_or_default())
                        address=address
                    >
                        <div class="card table-card grants-table">
                            <DataTable
                                caption=text::tab_now()
                                columns=COLUMNS
                                rows=Signal::derive(move || page.get().map(|page| page.nodes).unwrap_or_default())
                                href=|grant: &PermissionGrant| own_page(&grant.person)
                                order=order
                                on_order=Callback::new(move |order: Order| address.sort(&order))
                                busy=query.busy
                            />
                        </div>
                    </Listing>
                }
                .into_any()
            }
        },
    )
}

/// The operation, for the list of them.
#[cfg(test)]
pub fn document() -> String {
    let (page, filter) = (PageVariables::of(None, None, PAGE), PermissionGrantFilter::default());
    PermissionUsageQuery::build(UsageVariables::new(String::new(), page, filter, &Order::default())).query
}
