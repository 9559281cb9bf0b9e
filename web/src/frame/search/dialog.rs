//! The dialog: a field, and below it what was found.

use cynic::QueryBuilder;
use fealty_shared::permission::ViewUser;
use leptos::{ev, html, leptos_dom::helpers::debounce, prelude::*, task::spawn_local};
use leptos_router::{NavigateOptions, hooks::use_navigate};

use super::{
    Palette,
    hits::{self, Hit, Search, SearchVariables, Section},
};
use crate::{
    api::{ApiError, ErrorCode, send},
    i18n::texts::{common, errors, search as text},
    session::{self, Session},
    ui::{
        button::Button,
        guard,
        icon::{Glyph, Icon},
        portrait::{Portrait, Size},
    },
    web,
};

/// Milliseconds after the last key before the server is asked.
const PAUSE: u64 = 150;
/// The server finds nothing for less.
const SHORTEST: usize = 2;

/// What the server said.
#[derive(Clone, Default, PartialEq)]
enum Answer {
    /// It was not asked.
    #[default]
    None,
    /// It is being asked; what it said before stays on the screen.
    Asking(Vec<Section>),
    Found(Vec<Section>),
    Failed(ApiError),
}

impl Answer {
    fn sections(&self) -> &[Section] {
        match self {
            Self::Asking(sections) | Self::Found(sections) => sections,
            Self::None | Self::Failed(_) => &[],
        }
    }
}

/// The dialog of the frame.
#[component]
pub fn SearchDialog(
    /// Whether it is open.
    palette: Palette,
) -> impl IntoView {
    let open = palette.0;
    let node = NodeRef::<html::Dialog>::new();
    Effect::new(move |_| {
        let Some(dialog) = node.get() else { return };
        if open.get() && !dialog.open() {
            let _ = dialog.show_modal();
        } else if !open.get() && dialog.open() {
            dialog.close();
        }
    });
    view! {
        <dialog
            node_ref=node
            class="palette"
            aria-label=text::title()
            on:close=move |_| open.set(false)
            on:click=move |event| if event.target() == event.current_target() { open.set(false) }
        >
            // Anew each time: nothing of the last search is left.
            {move || open.get().then(|| view! { <Inside open=open /> })}
        </dialog>
    }
}

#[component]
fn Inside(open: RwSignal<bool>) -> impl IntoView {
    let session = Session::get();
    let field = NodeRef::<html::Input>::new();
    Effect::new(move |_| {
        if let Some(field) = field.get() {
            // When the dialog is open.
            request_animation_frame(move || drop(field.focus()));
        }
    });
    let words = RwSignal::new(String::new());
    let answer = RwSignal::new(Answer::default());
    let newest = StoredValue::new(0_u32);
    // None until somebody points at one: then Enter means the first.
    let active = RwSignal::new(None::<usize>);
    // Enter came before the answer.
    let hurried = StoredValue::new(false);
    let sees_users = move || session.can::<ViewUser>();
    let sections = Memo::new(move |_| {
        let pages = session
            .viewer
            .with(|viewer| viewer.as_ref().and_then(|viewer| hits::pages(viewer, &words.read())));
        let found = answer.with(|answer| answer.sections().to_vec());
        // What is called so is meant before a page is.
        if found.is_empty() {
            pages.into_iter().collect()
        } else {
            found.into_iter().chain(pages).collect::<Vec<_>>()
        }
    });
    let all = move || {
        sections.with(|all| all.iter().flat_map(|section| section.hits.clone()).collect::<Vec<Hit>>())
    };
    let now = move || untrack(all);
    let navigate = StoredValue::new_local(use_navigate());
    let go = move |hit: Hit| {
        if hit.site().is_some() {
            hit.leave();
            return;
        }
        open.set(false);
        if !guard::holds(&hit.href) {
            navigate.with_value(|navigate| navigate(&hit.href, NavigateOptions::default()));
        }
    };
    let ask = move || {
        let typed = words.with_untracked(|words| words.trim().to_owned());
        let number = newest.get_value().wrapping_add(1);
        newest.set_value(number);
        if typed.chars().count() < SHORTEST {
            answer.set(Answer::None);
            return;
        }
        answer.update(|answer| *answer = Answer::Asking(answer.sections().to_vec()));
        spawn_local(async move {
            let said = send(Search::build(SearchVariables { words: typed })).await;
            // Something else was typed, or the dialog is gone.
            if newest.try_get_value() != Some(number) || session::is_ending() {
                return;
            }
            if matches!(&said, Err(error) if error.code == ErrorCode::Unauthenticated) {
                Session::expired();
            }
            let viewer = session.viewer.try_get_untracked().flatten();
            answer.try_set(match (said, viewer) {
                (Ok(found), Some(viewer)) => Answer::Found(found.sections(&viewer)),
                (Ok(_), None) => Answer::None,
                (Err(error), _) => Answer::Failed(error),
            });
            if hurried.try_get_value() == Some(true)
                && let Some(first) = now().into_iter().next()
            {
                go(first);
            }
        });
    };
    let mut ask_soon = debounce(std::time::Duration::from_millis(PAUSE), move |()| {
        // The dialog may be gone by then.
        if !words.is_disposed() {
            ask();
        }
    });
    let typed = move |event: ev::Event| {
        words.set(event_target_value(&event));
        active.set(None);
        hurried.set_value(false);
        // From this moment on what was asked before is old.
        newest.update_value(|number| *number = number.wrapping_add(1));
        answer.update(|answer| *answer = Answer::Asking(answer.sections().to_vec()));
        ask_soon(());
    };
    let on_key = move |event: ev::KeyboardEvent| {
        let count = now().len();
        match event.key().as_str() {
            "ArrowDown" if count > 0 => {
                active.update(|at| *at = Some(at.map_or(usize::from(count > 1), |at| (at + 1) % count)));
            }
            "ArrowUp" if count > 0 => {
                active.update(|at| *at = Some(at.unwrap_or(0).checked_sub(1).unwrap_or(count - 1)));
            }
            "Enter" => {
                let is_asking = matches!(*answer.read_untracked(), Answer::Asking(_));
                match active.get_untracked() {
                    None if is_asking => hurried.set_value(true),
                    at => {
                        if let Some(hit) = now().into_iter().nth(at.unwrap_or(0)) {
                            go(hit);
                        }
                    }
                }
            }
            _ => return,
        }
        event.prevent_default();
        request_animation_frame(|| web::reveal_within(".palette-results", ".palette-hit.is-active"));
    };
    let at = Memo::new(move |_| active.get().unwrap_or(0));
    let hit = move |(number, hit): (usize, Hit)| {
        let Hit { name, picture, is_logo, icon, .. } = hit.clone();
        let second = hit.second();
        let sign = if picture.is_empty() {
            view! { <span class="palette-icon"><Icon of=icon /></span> }.into_any()
        } else {
            view! { <Portrait src=picture name=name.clone() size=Size::Tiny logo=is_logo /> }.into_any()
        };
        view! {
            <div
                id=format!("palette-hit-{number}")
                role="option"
                class="palette-hit"
                class:is-active=move || at.get() == number
                aria-selected=move || (at.get() == number).to_string()
                // Before the field loses the focus.
                on:mousedown=|event| event.prevent_default()
                on:click=move |_| go(hit.clone())
            >
                {sign}
                <span class="palette-name">{name}</span>
                <span class="palette-detail">{second}</span>
            </div>
        }
    };
    let list = move || {
        let mut number = 0;
        let numbered = |section: Section| {
            let first = number;
            number += section.hits.len();
            view! {
                <div role="group" aria-label=section.name>
                    <p class="palette-section" aria-hidden="true">{section.name}</p>
                    {section.hits.into_iter().enumerate().map(|(at, one)| hit((first + at, one))).collect_view()}
                </div>
            }
        };
        sections.get().into_iter().map(numbered).collect_view()
    };
    let nothing = move || sections.with(Vec::is_empty);
    let asking = move || answer.with(|answer| matches!(answer, Answer::Asking(_)));
    let said = move || {
        let count = i32::try_from(all().len()).unwrap_or(i32::MAX);
        answer.with(|answer| match answer {
            Answer::Asking(_) => text::asking().to_owned(),
            Answer::None if words.read().trim().is_empty() => String::new(),
            Answer::Failed(_) => String::new(),
            _ if count == 0 => text::none(words.read().trim()),
            _ => text::found(count),
        })
    };
    let failure = move || {
        answer.with(|answer| match answer {
            Answer::Failed(error) => Some(error.sentence()),
            _ => None,
        })
    };
    view! {
        <div class="palette-box">
            <div class="palette-head">
                <Icon of=Glyph::Search />
                <input
                    id="palette-field"
                    class="palette-field"
                    role="combobox"
                    autocomplete="off"
                    node_ref=field
                    spellcheck="false"
                    aria-label=text::title()
                    aria-autocomplete="list"
                    aria-expanded=move || (!nothing()).to_string()
                    aria-controls="palette-list"
                    aria-activedescendant=move || (!nothing()).then(|| format!("palette-hit-{}", at.get()))
                    placeholder=move || if sees_users() { text::placeholder() } else { text::placeholder_member() }
                    prop:value=words
                    on:input=typed
                    on:keydown=on_key
                />
                <Show when=asking>
                    <span class="spinner-border spinner-border-sm" aria-hidden="true"></span>
                </Show>
                <button
                    type="button"
                    class="btn btn-icon"
                    aria-label=common::close()
                    on:click=move |_| open.set(false)
                >
                    <Icon of=Glyph::Close />
                </button>
            </div>
            <div class="palette-results" aria-busy=move || asking().to_string()>
                <div id="palette-list" role="listbox" aria-label=text::results()>{list}</div>
                {move || failure().map(|sentence| view! {
                    <div class="palette-failed" role="alert">
                        <p>{sentence}</p>
                        <Button text=errors::retry().to_owned() small=true icon=Glyph::Refresh on_click=move |()| ask() />
                    </div>
                })}
                <Show when=move || nothing() && !asking() && failure().is_none()>
                    <p class="palette-none">{text::none_hint()}</p>
                </Show>
            </div>
            <p class="palette-foot">
                <span role="status">{said}</span>
                <span class="palette-hint">{text::hint()}</span>
            </p>
        </div>
    }
}
