//! All users: found by any of their characters, filtered, sorted and paged by the server, all of it in the address.

use cynic::QueryBuilder;
use fealty_shared::permission::ViewUser;
use leptos::prelude::*;

use super::{
    export::{self, Batch, Begin, ExportButton, main_fields, time_field, yes_field},
    filter::{Filters, UserFilter, UserOrder},
    rights,
    user::inactive,
};
use crate::{
    api::{DateTime, EveId, PageInfo, PageVariables, schema, send, use_query},
    i18n::{
        format,
        texts::{admin as text, common, rules},
    },
    pages::groups::row::GroupReference,
    ui::{
        ago::Ago,
        badge::{StateBadge, StateName},
        columns::{ColumnChoice, Columns, Named},
        empty::Empty,
        icon::Glyph,
        identifier::identifier,
        listing::Listing,
        loaded::loaded,
        page_header::PageHeader,
        person::nobody,
        pilot::{Organisations, Pilot, PilotLine},
        skeleton::SkeletonRows,
        table::{Column, DataTable, Order},
    },
    url::Address,
};

const PAGE: i32 = 50;
/// Groups named in a row.
const GROUPS: usize = 3;
const PATH: &str = "/admin/users";

#[derive(cynic::QueryVariables, Debug)]
pub struct UsersVariables {
    first: Option<i32>,
    after: Option<String>,
    last: Option<i32>,
    before: Option<String>,
    filter: Option<UserFilter>,
    order: Option<UserOrder>,
}

impl UsersVariables {
    pub(crate) fn new(page: PageVariables, filter: UserFilter, order: UserOrder) -> Self {
        let PageVariables { first, after, last, before } = page;
        Self { first, after, last, before, filter: Some(filter), order: Some(order) }
    }
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "Query", variables = "UsersVariables")]
pub struct Users {
    #[arguments(first: $first, after: $after, last: $last, before: $before, filter: $filter, orderBy: $order)]
    users: UserPage,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "UserConnection")]
struct UserPage {
    nodes: Vec<UserRow>,
    page_info: PageInfo,
    total_count: i32,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "User")]
struct UserRow {
    id: cynic::Id,
    username: String,
    is_active: bool,
    switched_off_at: Option<DateTime>,
    is_staff: bool,
    is_superuser: bool,
    main_character: Option<Pilot>,
    characters: Vec<CharacterId>,
    state: StateName,
    groups: Vec<InGroup>,
    created_at: DateTime,
    last_login_at: Option<DateTime>,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "Character")]
struct CharacterId {
    id: EveId,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "UserGroup")]
struct InGroup {
    group: GroupReference,
    is_started: bool,
}

fn address_of(user: &UserRow) -> String {
    format!("{PATH}/{}", user.id.inner())
}

const COLUMNS: &[Column<UserRow>] = &[
    Column { title: text::col_main, sort: Some("main"), cell: main_cell },
    Column { title: text::col_user, sort: Some("user"), cell: user_cell },
    Column { title: text::col_corporation, sort: Some("corporation"), cell: corporation_cell },
    Column { title: text::col_state, sort: Some("state"), cell: state_cell },
    Column { title: text::col_groups, sort: None, cell: groups_cell },
    Column { title: text::col_created, sort: Some("created"), cell: created_cell },
    Column { title: text::col_last, sort: Some("seen"), cell: seen_cell },
];

/// The same, as one chooses among them.
const NAMED: &[Named] = &[
    ("main", text::col_main),
    ("user", text::col_user),
    ("corporation", text::col_corporation),
    ("state", text::col_state),
    ("groups", text::col_groups),
    ("created", text::col_created),
    ("seen", text::col_last),
];

fn main_cell(user: &UserRow) -> AnyView {
    match user.main_character.clone() {
        Some(pilot) => view! { <PilotLine pilot=pilot href=address_of(user) unstarred=true /> }.into_any(),
        None => nobody(user.username.clone(), Some(address_of(user))),
    }
}

/// His account, and with how many characters.
fn user_cell(user: &UserRow) -> AnyView {
    let characters = i32::try_from(user.characters.len()).unwrap_or(i32::MAX);
    view! {
        <span class="cell-two">
            {identifier(&user.username)}
            <span class="cell-second">{text::character_count(characters)}</span>
        </span>
    }
    .into_any()
}

fn corporation_cell(user: &UserRow) -> AnyView {
    user.main_character
        .clone()
        .map(|pilot| view! { <Organisations corporation=pilot.corporation alliance=pilot.alliance /> })
        .into_any()
}

/// The groups he is in now: the first ones, and all of them on hover.
fn groups_cell(user: &UserRow) -> AnyView {
    let names: Vec<String> =
        user.groups.iter().filter(|group| group.is_started).map(|group| group.group.name.clone()).collect();
    if names.is_empty() {
        return ().into_any();
    }
    let all = names.join(", ");
    let rest = names.len().saturating_sub(GROUPS);
    let more = (rest > 0).then(|| text::and_groups(i32::try_from(rest).unwrap_or(i32::MAX)));
    let chips = names.into_iter().take(GROUPS).map(|name| view! { <span class="chip">{name}</span> });
    view! {
        <span class="chips cell-chips" title=all>
            {chips.collect_view()}
            {more.map(|more| view! { <span class="text-muted-own">{more}</span> })}
        </span>
    }
    .into_any()
}

fn state_cell(user: &UserRow) -> AnyView {
    view! {
        <span class="cell-badges">
            <StateBadge state=user.state.clone() />
            {user.is_superuser.then(|| view! { <span class="status status-neutral">{text::superuser()}</span> })}
            {(user.is_staff && !user.is_superuser).then(|| view! { <span class="status status-neutral">{rules::staff()}</span> })}
            {inactive(user.is_active, user.switched_off_at)}
        </span>
    }
    .into_any()
}

fn created_cell(user: &UserRow) -> AnyView {
    view! { <Ago at=user.created_at /> }.into_any()
}

fn seen_cell(user: &UserRow) -> AnyView {
    match user.last_login_at {
        Some(at) => view! { <Ago at=at /> }.into_any(),
        None => view! { <span class="text-muted-own">{common::never()}</span> }.into_any(),
    }
}

fn csv_head() -> Vec<&'static str> {
    vec![
        "user",
        "main",
        "corporation",
        "alliance",
        "characters",
        "state",
        "groups",
        "active",
        "staff",
        "superuser",
        "registered",
        "last login",
    ]
}

fn csv_row(user: UserRow) -> Vec<String> {
    let [main, corporation, alliance] = main_fields(user.main_character);
    let groups = user.groups.into_iter().filter(|group| group.is_started).map(|group| group.group.name);
    vec![
        user.username,
        main,
        corporation,
        alliance,
        user.characters.len().to_string(),
        user.state.name,
        groups.collect::<Vec<_>>().join("; "),
        yes_field(user.is_active),
        yes_field(user.is_staff),
        yes_field(user.is_superuser),
        time_field(Some(user.created_at)),
        time_field(user.last_login_at),
    ]
}

/// The page.
#[component]
pub fn UsersPage() -> impl IntoView {
    let address = Address::here();
    let order = Memo::new(move |_| address.order("main"));
    let filter = move || UserFilter::of(|name| address.get(name));
    let query = use_query(move || {
        Users::build(UsersVariables::new(address.page(PAGE), filter(), UserOrder::of(&order.read())))
    });
    let begin = Begin::new(move || {
        let (filter, order) = untrack(|| (filter(), UserOrder::of(&order.read())));
        Box::new(move |cursor| {
            let page = PageVariables::of(cursor, None, export::PAGE);
            let operation = Users::build(UsersVariables::new(page, filter.clone(), order.clone()));
            Box::pin(async move {
                let page = send(operation).await?.users;
                Ok(Batch {
                    rows: page.nodes.into_iter().map(csv_row).collect(),
                    page_info: page.page_info,
                    total: page.total_count,
                })
            })
        })
    });
    let columns = Columns::new("fealty.users.hidden", NAMED);
    let allowed = rights::may_list::<ViewUser, _>(query);
    view! {
        <Show
            when=move || allowed.get()
            fallback=|| view! { <PageHeader title=text::users_title().to_owned() /> }
        >
            <PageHeader title=text::users_title().to_owned() lead=text::users_lead()>
                <ColumnChoice columns=columns />
                <ExportButton name="users".to_owned() head=csv_head begin=begin />
            </PageHeader>
            <Filters address=address />
        </Show>
        {loaded(
            query,
            || view! { <div class="card"><SkeletonRows rows=8 /></div> },
            move |data| {
                let page = Memo::new(move |_| data.with(|data| data.users.clone()));
                view! {
                    <Listing
                        count=Signal::derive(move || text::count(&format::number(page.read().total_count.into())))
                        is_empty=Signal::derive(move || page.read().nodes.is_empty())
                        empty=|| view! { <Empty title=text::none() hint=text::none_hint() icon=Glyph::Search /> }
                        info=Signal::derive(move || page.get().page_info)
                        address=address
                    >
                        <div class=move || format!("card table-card users-table {}", columns.classes())>
                            <DataTable
                                caption=text::users_title()
                                columns=COLUMNS
                                rows=Signal::derive(move || page.get().nodes)
                                href=|row| Some(address_of(row))
                                order=order
                                on_order=move |order: Order| address.sort(&order)
                                busy=query.busy
                            />
                        </div>
                    </Listing>
                }
            },
        )}
    }
}
