//! All states, highest priority first.

use cynic::QueryBuilder;
use fealty_shared::permission::AddState;
use leptos::prelude::*;

use super::rights;
use crate::{
    api::{EveId, schema, use_query},
    i18n::{format, texts::rules as text},
    ui::{
        badge::{StateBadge, StateName},
        empty::Empty,
        icon::{Glyph, Icon},
        loaded::loaded,
        page_header::PageHeader,
        skeleton::SkeletonRows,
        table::{Column, DataTable},
    },
};

/// So many names stand in a cell.
const SHORT: usize = 4;

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "Query")]
pub struct States {
    states: Vec<StateRow>,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "State")]
struct StateRow {
    id: cynic::Id,
    name: String,
    priority: i32,
    is_guest: bool,
    is_public: bool,
    user_count: i32,
    permissions: Vec<String>,
    members: Members,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "StateMembers")]
struct Members {
    characters: Vec<CharacterId>,
    corporations: Vec<CorporationName>,
    alliances: Vec<AllianceName>,
    factions: Vec<FactionName>,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "Character")]
struct CharacterId {
    name: String,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "Corporation")]
struct CorporationName {
    id: EveId,
    name: String,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "Alliance")]
struct AllianceName {
    id: EveId,
    name: String,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "Faction")]
struct FactionName {
    name: String,
}

fn address_of(state: &StateRow) -> String {
    format!("/admin/states/{}", state.id.inner())
}

const COLUMNS: &[Column<StateRow>] = &[
    Column { title: text::name, sort: None, cell: name_cell },
    Column { title: text::priority, sort: None, cell: |state| state.priority.into_any() },
    Column { title: text::lists, sort: None, cell: lists_cell },
    Column {
        title: text::users,
        sort: None,
        cell: |state| format::number(state.user_count.into()).into_any(),
    },
    Column { title: text::permissions, sort: None, cell: |state| state.permissions.len().into_any() },
];

fn name_cell(state: &StateRow) -> AnyView {
    let badge = StateName { name: state.name.clone(), is_guest: state.is_guest };
    view! { <a class="badge-link" href=address_of(state)><StateBadge state=badge /></a> }.into_any()
}

/// Whom the state lists, in short.
fn lists_cell(state: &StateRow) -> AnyView {
    let members = &state.members;
    let names: Vec<&str> = members
        .alliances
        .iter()
        .map(|alliance| alliance.name.as_str())
        .chain(members.corporations.iter().map(|corporation| corporation.name.as_str()))
        .chain(members.factions.iter().map(|faction| faction.name.as_str()))
        .chain(members.characters.iter().map(|character| character.name.as_str()))
        .collect();
    let mut words = names.iter().take(SHORT).copied().collect::<Vec<_>>().join(", ");
    if names.len() > SHORT {
        words = text::and_more(&words, (names.len() - SHORT) as i32);
    }
    match (state.is_guest, state.is_public, words.is_empty()) {
        (true, _, _) => text::lists_rest().into_any(),
        (_, true, _) => text::lists_everybody().into_any(),
        (_, _, true) => view! { <span class="text-muted-own">{text::lists_nobody()}</span> }.into_any(),
        _ => words.into_any(),
    }
}

/// The page.
#[component]
pub fn StatesPage() -> impl IntoView {
    let query = use_query(|| States::build(()));
    let add = rights::may_edit::<AddState>().then(|| {
        view! {
            <a class="btn btn-primary" href="/admin/states/new"><Icon of=Glyph::Plus /><span>{text::state_new()}</span></a>
        }
    });
    view! {
        <PageHeader title=text::states().to_owned() lead=text::states_lead()>{add}</PageHeader>
        {loaded(
            query,
            || view! { <div class="card"><SkeletonRows rows=4 /></div> },
            move |data| {
                let states = Memo::new(move |_| data.with(|data| data.states.clone()));
                view! {
                    <Show when=move || !states.read().is_empty() fallback=|| view! {
                        <div class="card"><Empty title=text::states_none() hint=text::states_lead() icon=Glyph::Shield /></div>
                    }>
                        <div class="card table-card">
                            <DataTable
                                caption=text::states()
                                columns=COLUMNS
                                rows=states
                                href=|row| Some(address_of(row))
                                busy=query.busy
                            />
                        </div>
                    </Show>
                }
            },
        )}
    }
}
