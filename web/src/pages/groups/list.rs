//! The groups page: what one may join, and what one is in.

use cynic::QueryBuilder;
use leptos::prelude::*;

use super::{
    actions::{ActionDialogs, use_actions},
    row::{GroupEntry, GroupRow},
};
use crate::{
    api::{schema, use_query},
    i18n::texts::groups as text,
    ui::{
        button::Button, empty::Empty, filter::SearchField, icon::Glyph, loaded::loaded,
        page_header::PageHeader, search_box::matches, segments::Segments, skeleton::SkeletonRows,
    },
    url::Address,
};

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "Query")]
pub struct OwnGroups {
    viewer: Option<GroupsViewer>,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "Viewer")]
struct GroupsViewer {
    groups: Vec<GroupEntry>,
}

/// The page.
#[component]
pub fn GroupsPage() -> impl IntoView {
    let address = Address::here();
    let query = use_query(|| OwnGroups::build(()));
    let actions = use_actions(move || query.refetch());
    let words = RwSignal::new(address.text_now("q"));
    let mine = Memo::new(move |_| address.get("show").as_deref() == Some("mine"));
    view! {
        <PageHeader title=text::title().to_owned() lead=text::lead() />
        {loaded(
            query,
            || view! { <div class="card"><SkeletonRows rows=5 /></div> },
            move |data| {
                let all = Memo::new(move |_| {
                    data.with(|d| d.viewer.as_ref().map(|viewer| viewer.groups.clone()).unwrap_or_default())
                });
                let shown = Memo::new(move |_| {
                    let (words, mine) = (words.read(), mine.get());
                    all.with(|all| {
                        all.iter()
                            .filter(|group| !mine || group.is_mine())
                            .filter(|group| matches(&words, &[&group.name, &group.description]))
                            .map(|group| group.id.clone())
                            .collect::<Vec<_>>()
                    })
                });
                let own = Memo::new(move |_| all.read().iter().filter(|group| group.is_mine()).count());
                view! {
                    <search class="filters filters-line">
                        <SearchField address=address label=text::search() words=words />
                        <Segments
                            label=text::show()
                            options=vec![
                                ("", Signal::derive(move || format!("{} ({})", text::all(), all.read().len()))),
                                ("mine", Signal::derive(move || format!("{} ({})", text::mine(), own.get()))),
                            ]
                            chosen=Signal::derive(move || if mine.get() { "mine".to_owned() } else { String::new() })
                            on_choose=move |value| address.set(&[("show", Some(value))])
                        />
                    </search>
                    <p class="visually-hidden" role="status">
                        {move || text::count(i32::try_from(shown.read().len()).unwrap_or(i32::MAX))}
                    </p>
                    <ul class="card rows group-list" class:d-none=move || shown.read().is_empty()>
                        <For each=move || shown.get() key=|id| id.inner().to_owned() let:id>
                            <Entry id=id all=all actions=actions />
                        </For>
                    </ul>
                    <Show when=move || shown.read().is_empty()>
                        <div class="card">{move || empty(all.read().is_empty(), mine.get() && own.get() == 0, address)}</div>
                    </Show>
                }
            },
        )}
        <ActionDialogs actions=actions />
    }
}

/// One of them, kept while it is listed: what changes in it does not take the focus away.
#[component]
fn Entry(id: cynic::Id, all: Memo<Vec<GroupEntry>>, actions: super::actions::Actions) -> impl IntoView {
    let newest = move || all.with(|all| all.iter().find(|group| group.id == id).cloned());
    untrack(newest.clone()).map(|first| {
        let group = Memo::new(move |before: Option<&GroupEntry>| {
            newest().or_else(|| before.cloned()).unwrap_or_else(|| first.clone())
        });
        view! { <li class="group-row"><GroupRow group=group actions=actions /></li> }
    })
}

fn empty(none_at_all: bool, none_mine: bool, address: Address) -> AnyView {
    if none_at_all {
        view! { <Empty title=text::none() hint=text::none_hint() icon=Glyph::People /> }.into_any()
    } else if none_mine {
        view! {
            <Empty title=text::none_mine() hint=text::none_mine_hint() icon=Glyph::People>
                <Button text=text::show_all().to_owned() on_click=move |()| address.set(&[("show", None)]) />
            </Empty>
        }
        .into_any()
    } else {
        view! { <Empty title=text::none_found() hint=text::none_found_hint() icon=Glyph::Search /> }
            .into_any()
    }
}
