//! The account menu: settings, theme, language, log out.

use cynic::MutationBuilder;
use leptos::{prelude::*, task::spawn_local};
use leptos_router::components::A;

use crate::{
    api::{ApiError, ErrorCode, live::Live, schema, send},
    i18n::{
        Text,
        texts::{access, frame as text},
    },
    pages::settings::{LanguageChoice, use_choose_theme},
    session::{self, Session, Viewer},
    ui::{
        icon::{Glyph, Icon},
        pilot::affiliation,
        portrait::{Portrait, Size},
        theme,
        toast::Toasts,
    },
    web,
};

#[derive(cynic::QueryFragment, Debug)]
#[cynic(graphql_type = "Mutation")]
pub struct Logout {
    #[expect(dead_code, reason = "that it came back is all there is to know")]
    logout: LogoutPayload,
}

#[derive(cynic::QueryFragment, Debug)]
struct LogoutPayload {
    #[expect(dead_code, reason = "there is one status")]
    status: LogoutStatus,
}

#[derive(cynic::Enum, Clone, Copy, Debug)]
enum LogoutStatus {
    LoggedOut,
}

/// Hangs up first, so that nothing that is told during the logout disturbs it, and loads the login anew: nothing of
/// the user stays in memory.
fn log_out(live: Option<Live>, toasts: Toasts) {
    if session::is_ending() {
        return;
    }
    session::set_ending(true);
    let listen = move |wanted| live.into_iter().for_each(|live| live.want(wanted, toasts));
    listen(false);
    spawn_local(async move {
        match send(Logout::build(())).await {
            Ok(_) | Err(ApiError { code: ErrorCode::Unauthenticated, .. }) => web::leave_to("/login"),
            Err(failure) => {
                session::set_ending(false);
                listen(true);
                toasts.failure(&failure);
            }
        }
    });
}

/// The pages that are about oneself.
const PAGES: &[(&str, Glyph, Text)] = &[
    ("/characters", Glyph::Characters, text::characters),
    ("/access", Glyph::Key, access::title),
    ("/history", Glyph::History, text::history),
    ("/notifications", Glyph::Bell, text::notifications),
    ("/settings", Glyph::Settings, text::settings),
];

/// The button with the portrait, and the menu it opens.
#[component]
pub fn UserMenu() -> impl IntoView {
    let session = Session::get();
    let (live, toasts) = (use_context::<Live>(), Toasts::get());
    let face = move || {
        session.viewer.get().map(|viewer| {
            let src =
                viewer.user.main_character.as_ref().map(|main| main.portrait_url.clone()).unwrap_or_default();
            view! { <Portrait src=src name=viewer.display_name() size=Size::Small /> }
        })
    };
    let name =
        Memo::new(move |_| session.viewer.read().as_ref().map(Viewer::display_name).unwrap_or_default());
    let second = move || session.viewer.get().and_then(|v| v.user.main_character.as_ref().map(affiliation));
    view! {
        <button
            type="button"
            class="btn btn-icon user-button"
            popovertarget="user-panel"
            aria-label=move || text::account_of(&name.get())
        >
            {face}
        </button>
        <section id="user-panel" class="panel user-panel" popover="auto" aria-label=move || text::account_of(&name.get())>
            <div class="user-head">
                {face}
                <div>
                    <p class="user-name">{name}</p>
                    <p class="user-second">{second}</p>
                </div>
            </div>
            <nav aria-label=text::yours()>
                <ul>
                    {PAGES.iter().map(|(href, icon, name)| view! {
                        <li>
                            <A href=*href attr:class="panel-item"><Icon of=*icon /><span>{name()}</span></A>
                        </li>
                    }).collect_view()}
                </ul>
            </nav>
            <div class="panel-group">
                <p class="panel-label" id="theme-label"><Icon of=Glyph::Palette />{text::theme()}</p>
                <ThemeChoice />
            </div>
            <div class="panel-group">
                <label class="panel-label" for="menu-language"><Icon of=Glyph::Language />{text::language()}</label>
                <LanguageChoice id="menu-language" />
            </div>
            <button type="button" class="panel-item" on:click=move |_| log_out(live, toasts)>
                <Icon of=Glyph::LogOut /><span>{text::log_out()}</span>
            </button>
        </section>
    }
}

/// Light, dark, auto, and the others in a list.
#[component]
pub fn ThemeChoice() -> impl IntoView {
    let (chosen, choose) = use_choose_theme();
    let button = move |value: &'static str, glyph: Glyph| {
        view! {
            <button
                type="button"
                class="segment"
                aria-pressed=move || (chosen.get() == value).to_string()
                on:click=move |_| choose.run(value.to_owned())
            >
                <Icon of=glyph />
                <span>{theme::name(value)}</span>
            </button>
        }
    };
    view! {
        <div class="segments" role="group" aria-label=text::theme()>
            {button("light", Glyph::ThemeLight)}
            {button("dark", Glyph::ThemeDark)}
            {button("auto", Glyph::ThemeAuto)}
        </div>
        <select
            class="form-select"
            aria-label=crate::i18n::texts::settings::theme_more()
            on:change=move |event| {
                let value = event_target_value(&event);
                if !value.is_empty() { choose.run(value) }
            }
        >
            <option value="" selected=move || theme::OWN.contains(&chosen.get().as_str())>
                {crate::i18n::texts::settings::theme_more()}
            </option>
            {theme::BOOTSWATCH
                .iter()
                .map(|value| view! {
                    <option value=*value selected=move || chosen.get() == *value>{theme::name(value)}</option>
                })
                .collect_view()}
        </select>
    }
}
