//! The viewer's characters: add one, choose the main, ask EVE again.

use cynic::QueryBuilder;
use fealty_shared::links;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::{
    character_actions::{ADD, ConfirmMain, use_refresh},
    choose_main::OwnCharacters,
    login,
};
use crate::{
    api::use_query,
    i18n::texts::{account as text, common},
    session::Session,
    ui::{
        banner::{Banner, Tone},
        button::Button,
        empty::Empty,
        icon::{Glyph, Icon},
        loaded::loaded,
        page_header::PageHeader,
        pilot::{Organisations, Outside, Pilot},
        portrait::{Portrait, Size},
        skeleton::SkeletonRows,
        toast::Toasts,
    },
    web,
};

/// The page.
#[component]
pub fn CharactersPage() -> impl IntoView {
    let toasts = Toasts::get();
    let session = Session::get();
    let params = use_query_map();
    let (added, error) = params.with_untracked(|q| (q.get("added"), q.get("error")));
    if added.is_some() || error.is_some() {
        web::clean_address();
    }
    let query = use_query(|| OwnCharacters::build(()));
    let picked = RwSignal::new(None::<Pilot>);
    let refresh = use_refresh();
    let greeted = StoredValue::new(false);
    view! {
        <PageHeader title=crate::i18n::texts::frame::characters().to_owned() lead=text::characters_lead()>
            <Button
                text=text::refresh().to_owned()
                icon=Glyph::Refresh
                busy=refresh.pending
                on_click=move |()| refresh.run(())
            />
            <AddCharacter />
        </PageHeader>
        {error.map(|code| {
            // Somebody who changed their mind is told so, and not that something failed.
            let tone = if code == "access_denied" { Tone::Info } else { Tone::Warning };
            view! { <Banner tone=tone title=text::err_not_added()><p>{login::explain(&code)}</p></Banner> }
        })}
        {loaded(
            query,
            || view! { <SkeletonRows /> },
            move |data| {
                let list = Memo::new(move |_| data.with(|d| d.characters().to_vec()));
                if let Some(id) = added.as_ref().filter(|_| !greeted.get_value()) {
                    greeted.set_value(true);
                    let name = list.with_untracked(|all| all.iter().find(|c| c.id.to_string() == *id).map(|c| c.name.clone()));
                    toasts.done(name.map_or_else(|| text::added_unknown().to_owned(), |name| text::added(&name)));
                }
                view! {
                    <ul class="card-grid">
                        {move || list.get().into_iter().map(|pilot| view! {
                            <CharacterCard pilot=pilot picked=picked />
                        }).collect_view()}
                    </ul>
                    <Show when=move || list.read().is_empty()>
                        <Empty title=text::characters_empty() hint=text::characters_empty_hint() icon=Glyph::Characters>
                            <AddCharacter />
                        </Empty>
                    </Show>
                }
            },
        )}
        <ConfirmMain picked=picked on_done=move |()| { query.refetch(); session.reload() } />
    }
}

/// The link that starts adding a character.
#[component]
pub fn AddCharacter(
    /// One of several things to do.
    #[prop(optional)]
    quiet: bool,
) -> impl IntoView {
    let class = if quiet { "btn btn-quiet" } else { "btn btn-primary" };
    view! {
        <a class=class href=ADD rel="external"><Icon of=Glyph::Plus /><span>{text::add_character()}</span></a>
    }
}

#[component]
fn CharacterCard(pilot: Pilot, picked: RwSignal<Option<Pilot>>) -> impl IntoView {
    let id = pilot.id.0;
    let chosen = StoredValue::new(pilot.clone());
    let label = text::main_pick_named(&pilot.name);
    view! {
        <li class="card character-card" class:is-main=pilot.is_main>
            <div class="character-head">
                <Portrait src=pilot.portrait_url name=pilot.name.clone() size=Size::Medium />
                <div class="character-name">
                    <h2>{pilot.name.clone()}</h2>
                    {pilot.is_main.then(|| view! {
                        <span class="main-badge"><Icon of=Glyph::StarFull />{common::main()}</span>
                    })}
                    {pilot.is_biomassed.then(|| view! {
                        <span class="status status-bad">{common::biomassed()}</span>
                    })}
                </div>
            </div>
            <div class="character-orgs">
                <Organisations corporation=pilot.corporation alliance=pilot.alliance />
            </div>
            <div class="card-actions">
                <span class="character-links">
                    <Outside href=links::zkillboard_character(id) name="zKillboard" />
                    <Outside href=links::evewho_character(id) name="EveWho" />
                </span>
                {(!pilot.is_main && !pilot.is_biomassed).then(|| view! {
                    <Button
                        text=text::main_pick_short().to_owned()
                        label=label
                        icon=Glyph::Star
                        on_click=move |()| picked.set(Some(chosen.get_value()))
                    />
                })}
            </div>
        </li>
    }
}
