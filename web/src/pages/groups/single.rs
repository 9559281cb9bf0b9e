//! One group by its link, hidden ones too.

use cynic::QueryBuilder;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::{
    actions::{ActionDialogs, use_actions},
    row::{GroupEntry, GroupRow},
};
use crate::{
    api::{schema, use_query},
    i18n::texts::groups as text,
    ui::{
        empty::Empty,
        icon::{Glyph, Icon},
        loaded::{UNKNOWN, loaded_page},
        page_header::PageHeader,
    },
};

#[derive(cynic::QueryVariables, Debug)]
pub struct GroupVariables {
    /// Which.
    pub id: cynic::Id,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "Query", variables = "GroupVariables")]
pub struct OneGroup {
    #[arguments(id: $id)]
    group: Option<OneGroupEntry>,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "Group")]
struct OneGroupEntry {
    #[cynic(spread)]
    entry: GroupEntry,
    management: Option<IsManaged>,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "GroupManagement")]
struct IsManaged {
    request_count: i32,
}

/// The page.
#[component]
pub fn GroupPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|p| p.get("id").unwrap_or_default()));
    move || view! { <Loaded id=id.get() /> }
}

#[component]
fn Loaded(id: String) -> impl IntoView {
    let manage = StoredValue::new(format!("/manage/groups/{id}"));
    let query = use_query(move || OneGroup::build(GroupVariables { id: cynic::Id::new(&id) }));
    let actions = use_actions(move || query.refetch());
    view! {
        {loaded_page(
            query,
            UNKNOWN,
            gone,
            move |data| {
                let there = Memo::new(move |_| data.with(|data| data.group.is_some()));
                move || {
                    let first = there.get().then(|| data.with_untracked(|data| data.group.clone())).flatten();
                    let Some(first) = first else { return gone() };
                    let group = Memo::new(move |_| {
                        data.with(|data| data.group.as_ref().map_or_else(|| first.entry.clone(), |group| group.entry.clone()))
                    });
                    let managed = Memo::new(move |_| data.with(|data| {
                        data.group.as_ref().and_then(|group| group.management.as_ref()).map(|m| m.request_count)
                    }));
                    view! {
                        <PageHeader title=Signal::derive(move || group.with(|group| group.name.clone()))>
                            {move || managed.get().map(|_| view! {
                                <a class="btn btn-quiet" href=manage.get_value()><Icon of=Glyph::Members />{text::to_manage()}</a>
                            })}
                        </PageHeader>
                        <div class="card"><div class="group-row"><GroupRow group=group actions=actions alone=true /></div></div>
                    }
                    .into_any()
                }
            },
        )}
        <ActionDialogs actions=actions />
    }
}

/// No such group, or not for this viewer: both look the same.
pub fn gone() -> AnyView {
    view! {
        <PageHeader title=text::not_found().to_owned() />
        <div class="card" role="alert">
            <Empty title=text::not_found() hint=text::not_found_hint() icon=Glyph::Search>
                <a class="btn btn-primary" href="/groups">{text::to_groups()}</a>
            </Empty>
        </div>
    }
    .into_any()
}
