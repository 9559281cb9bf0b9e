//! For somebody who owns characters but has no main: nothing else works before he chose one.

use cynic::QueryBuilder;
use leptos::prelude::*;
use leptos_router::{NavigateOptions, hooks::use_navigate};

use super::{
    character_actions::use_set_main,
    gate::{EveButton, Gate},
};
use crate::{
    api::{EveId, schema, use_query},
    i18n::texts::account as text,
    session::Session,
    ui::{
        empty::Empty,
        icon::{Glyph, Icon},
        loaded::loaded,
        pilot::{Pilot, affiliation},
        portrait::{Portrait, Size},
        skeleton::SkeletonRows,
    },
};

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "Query")]
pub struct OwnCharacters {
    viewer: Option<OwnViewer>,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "Viewer")]
struct OwnViewer {
    user: OwnUser,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "User")]
struct OwnUser {
    characters: Vec<Pilot>,
}

impl OwnCharacters {
    /// The viewer's characters; none for a visitor.
    pub fn characters(&self) -> &[Pilot] {
        self.viewer.as_ref().map(|viewer| viewer.user.characters.as_slice()).unwrap_or_default()
    }
}

/// The page.
#[component]
pub fn ChooseMainPage() -> impl IntoView {
    let session = Session::get();
    let navigate = use_navigate();
    Effect::new(move |_| {
        let replace = NavigateOptions { replace: true, ..NavigateOptions::default() };
        match &*session.data.read() {
            Some(data) if data.viewer.is_none() => navigate("/login", replace),
            Some(data) if data.viewer.as_ref().is_some_and(|v| !v.must_choose_main) => navigate("/", replace),
            _ => {}
        }
    });
    let query = use_query(|| OwnCharacters::build(()));
    let set_main = use_set_main(|| ());
    let picked = RwSignal::new(None::<EveId>);
    let row = move |pilot: Pilot| {
        let id = pilot.id;
        let second = affiliation(&pilot);
        let busy = move || set_main.pending.get() && picked.get() == Some(id);
        view! {
            <li>
                <button
                    type="button"
                    class="pick"
                    aria-busy=move || busy().then_some("true")
                    aria-disabled=move || set_main.pending.get().then_some("true")
                    on:click=move |_| {
                        if !set_main.pending.get_untracked() {
                            picked.set(Some(id));
                            set_main.run(id);
                        }
                    }
                >
                    <Portrait src=pilot.portrait_url name=pilot.name.clone() size=Size::Medium />
                    <span class="pilot-text">
                        <span class="visually-hidden">{text::main_pick_short()} ": "</span>
                        <span class="pilot-first">{pilot.name}</span>
                        <span class="pilot-second">{second}</span>
                    </span>
                    {move || if busy() {
                        view! { <span class="spinner-border spinner-border-sm" aria-hidden="true"></span> }.into_any()
                    } else {
                        view! { <Icon of=Glyph::Next /> }.into_any()
                    }}
                </button>
            </li>
        }
    };
    view! {
        <Gate title=text::main_title().to_owned()>
            <p class="gate-lead">{text::main_lead()}</p>
            {loaded(
                query,
                || view! { <SkeletonRows rows=2 /> },
                move |data| {
                    let list = Memo::new(move |_| data.with(|d| d.characters().to_vec()));
                    view! {
                        <ul class="picks">{move || list.get().into_iter().map(row).collect_view()}</ul>
                        <Show when=move || list.read().is_empty()>
                            <Empty title=text::main_none() hint=text::main_none_hint() icon=Glyph::Characters>
                                <EveButton href="/sso/login".to_owned() />
                            </Empty>
                        </Show>
                    }
                },
            )}
        </Gate>
    }
}
