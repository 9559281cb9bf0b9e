//! What one does with characters, shared by the pages that show them: add, make main, refresh.

use cynic::MutationBuilder;
use leptos::prelude::*;

use super::own_change::{OwnChange, OwnPreview};
use crate::{
    api::{DateTime, EveId, Mutation, schema, use_mutation, use_query},
    i18n::{format, texts::account as text},
    session::Session,
    ui::{confirm::Confirm, pilot::Pilot, toast::Toasts},
};

/// Where the server starts adding a character.
pub const ADD: &str = "/sso/login?intent=add&next=/characters";

#[derive(cynic::QueryVariables, Debug)]
pub struct SetMainVariables {
    /// The new main.
    pub character_id: EveId,
    /// Whether only what would follow is wanted.
    pub preview: bool,
}

#[derive(cynic::QueryFragment, Debug)]
#[cynic(graphql_type = "Mutation", variables = "SetMainVariables")]
pub struct SetMain {
    #[arguments(input: { characterId: $character_id, preview: $preview })]
    set_main_character: SetMainCharacterPayload,
}

#[derive(cynic::QueryFragment, Debug)]
struct SetMainCharacterPayload {
    status: SetMainCharacterStatus,
    character: Option<CharacterName>,
    preview: Option<OwnPreview>,
}

#[derive(cynic::QueryFragment, Debug)]
#[cynic(graphql_type = "Character")]
struct CharacterName {
    name: String,
}

#[derive(cynic::Enum, Clone, Copy, Debug, PartialEq)]
enum SetMainCharacterStatus {
    Changed,
    NotOwned,
    Preview,
    Unchanged,
}

#[derive(cynic::QueryFragment, Debug)]
#[cynic(graphql_type = "Mutation")]
pub struct RefreshCharacters {
    refresh_characters: RefreshCharactersPayload,
}

#[derive(cynic::QueryFragment, Debug)]
struct RefreshCharactersPayload {
    status: RefreshCharactersStatus,
    available_at: Option<DateTime>,
}

#[derive(cynic::Enum, Clone, Copy, Debug, PartialEq)]
enum RefreshCharactersStatus {
    Queued,
    TooSoon,
}

/// Makes a character the main; says so, and tells the page.
pub fn use_set_main(done: impl Fn() + 'static) -> Mutation<EveId> {
    let toasts = Toasts::get();
    let session = Session::get();
    use_mutation(
        |character_id| SetMain::build(SetMainVariables { character_id, preview: false }),
        move |data: SetMain| {
            let payload = data.set_main_character;
            match payload.status {
                SetMainCharacterStatus::NotOwned => toasts.warn(text::main_not_owned()),
                SetMainCharacterStatus::Changed | SetMainCharacterStatus::Unchanged => {
                    if let Some(character) = payload.character {
                        toasts.done(text::main_changed(&character.name));
                    }
                }
                // Nobody asked for one here.
                SetMainCharacterStatus::Preview => {}
            }
            session.reload();
            done();
        },
    )
}

/// Asks EVE now where one's characters fly.
pub fn use_refresh() -> Mutation<()> {
    let toasts = Toasts::get();
    use_mutation(
        |()| RefreshCharacters::build(()),
        move |data: RefreshCharacters| {
            let payload = data.refresh_characters;
            match (payload.status, payload.available_at) {
                (RefreshCharactersStatus::Queued, _) => toasts.info(text::refresh_queued()),
                (RefreshCharactersStatus::TooSoon, Some(at)) => {
                    toasts.info(text::refresh_at(&format::eve_time(at)));
                }
                (RefreshCharactersStatus::TooSoon, None) => toasts.info(text::refresh_soon()),
            }
        },
    )
}

/// "Make … your main?", for whichever character was picked.
#[component]
pub fn ConfirmMain(
    /// Who was picked; none closes it.
    picked: RwSignal<Option<Pilot>>,
    /// Runs after it is done.
    #[prop(into)]
    on_done: Callback<()>,
) -> impl IntoView {
    let open = RwSignal::new(false);
    let set_main = use_set_main(move || {
        open.set(false);
        on_done.run(());
    });
    Effect::new(move |_| {
        if picked.read().is_some() {
            open.set(true);
        }
    });
    Effect::new(move |_| {
        if !open.get() {
            picked.set(None);
        }
    });
    // The texts stay while the dialog closes.
    let name = Memo::new(move |before: Option<&String>| {
        picked.with(|p| p.as_ref().map(|p| p.name.clone())).or_else(|| before.cloned()).unwrap_or_default()
    });
    view! {
        <Confirm
            open=open
            title=Signal::derive(move || text::main_confirm_title(&name.get()))
            body=text::main_confirm().to_owned()
            action=Signal::derive(move || text::main_pick(&name.get()))
            busy=set_main.pending
            on_confirm=move |()| picked.get_untracked().into_iter().for_each(|pilot| set_main.run(pilot.id))
        >
            {move || picked.get().filter(|_| open.get()).map(|pilot| view! { <MainChange character=pilot.id /> })}
        </Confirm>
    }
}

/// What another main would give and take.
#[component]
fn MainChange(character: EveId) -> impl IntoView {
    let query =
        use_query(move || SetMain::build(SetMainVariables { character_id: character, preview: true }));
    view! { <OwnChange query=query preview=SetMain::preview /> }
}

impl SetMain {
    fn preview(&self) -> Option<&OwnPreview> {
        self.set_main_character.preview.as_ref()
    }
}
