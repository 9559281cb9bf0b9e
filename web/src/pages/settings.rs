//! Settings: how it looks, which language, and where one is logged in.

use cynic::{MutationBuilder, QueryBuilder};
use leptos::{prelude::*, task::spawn_local};

use crate::{
    api::{DateTime, ErrorCode, schema, send, use_mutation, use_query},
    frame::ThemeChoice,
    i18n::{Lang, lang, texts::settings as text},
    session::Session,
    ui::{
        ago::Ago,
        button::Button,
        confirm::Confirm,
        icon::{Glyph, Icon},
        loaded::loaded,
        page_header::PageHeader,
        skeleton::SkeletonRows,
        theme,
        toast::Toasts,
    },
    web,
};

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "Query")]
pub struct SessionsQuery {
    viewer: Option<SessionsViewer>,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "Viewer")]
struct SessionsViewer {
    sessions: Vec<SessionEntry>,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "Session")]
struct SessionEntry {
    id: cynic::Id,
    created_at: DateTime,
    last_seen_at: DateTime,
    user_agent: String,
    is_current: bool,
}

#[derive(cynic::QueryVariables, Debug)]
pub struct RevokeVariables {
    /// Which session.
    pub id: cynic::Id,
}

#[derive(cynic::QueryFragment, Debug)]
#[cynic(graphql_type = "Mutation", variables = "RevokeVariables")]
pub struct RevokeSession {
    #[arguments(input: { id: $id })]
    revoke_session: RevokeSessionPayload,
}

#[derive(cynic::QueryFragment, Debug)]
struct RevokeSessionPayload {
    status: RevokeSessionStatus,
}

#[derive(cynic::Enum, Clone, Copy, Debug, PartialEq)]
enum RevokeSessionStatus {
    NotFound,
    Revoked,
}

#[derive(cynic::QueryVariables, Debug)]
pub struct PreferencesVariables {
    /// Absent: stays.
    #[cynic(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Absent: stays.
    #[cynic(skip_serializing_if = "Option::is_none")]
    pub theme: Option<String>,
}

#[derive(cynic::QueryFragment, Debug)]
#[cynic(graphql_type = "Mutation", variables = "PreferencesVariables")]
pub struct UpdatePreferences {
    #[arguments(input: { language: $language, theme: $theme })]
    #[expect(dead_code, reason = "the choice is made here; the server only keeps it")]
    update_preferences: UpdatePreferencesPayload,
}

#[derive(cynic::QueryFragment, Debug)]
struct UpdatePreferencesPayload {
    #[expect(dead_code, reason = "see above")]
    status: UpdatePreferencesStatus,
}

#[derive(cynic::Enum, Clone, Copy, Debug, PartialEq)]
enum UpdatePreferencesStatus {
    Invalid,
    Saved,
}

impl SessionsQuery {
    fn list(&self) -> Vec<SessionEntry> {
        self.viewer.as_ref().map(|viewer| viewer.sessions.clone()).unwrap_or_default()
    }
}

/// The theme shown, and how to choose another: at once here, and kept by the server for other devices.
pub fn use_choose_theme() -> (RwSignal<String>, Callback<String>) {
    let (session, toasts) = (Session::get(), Toasts::get());
    let chosen = RwSignal::new(theme::current());
    Effect::new(move |_| {
        // Chosen in another place of this page, or on another device.
        session.viewer.track();
        chosen.set(theme::current());
    });
    let choose = Callback::new(move |theme: String| {
        if theme::choose(&theme) {
            spawn_local(save_theme(session, toasts));
        }
        chosen.set(theme);
    });
    (chosen, choose)
}

/// Saves the theme that was chosen last, one after the other when choices come faster than answers.
async fn save_theme(session: Session, toasts: Toasts) {
    while let Some(theme) = theme::unsaved() {
        let variables = PreferencesVariables { language: None, theme: Some(theme.clone()) };
        match send(UpdatePreferences::build(variables)).await {
            Ok(_) => {
                theme::saved(&theme);
            }
            Err(failure) => {
                theme::give_up();
                if failure.code == ErrorCode::Unauthenticated {
                    Session::expired();
                }
                toasts.failure(&failure);
            }
        }
    }
    session.reload();
}

/// Speaks another language from now on; everything is drawn again.
fn choose_language(tag: &str) {
    let Some(wanted) = Lang::from_tag(tag).filter(|wanted| *wanted != lang()) else { return };
    web::store("fealty.language", wanted.tag());
    let variables = PreferencesVariables { language: Some(wanted.tag().to_owned()), theme: None };
    spawn_local(async move {
        // Kept here already; that the server knows it too is for other devices and may fail.
        let _ = send(UpdatePreferences::build(variables)).await;
        let _ = window().location().reload();
    });
}

/// The list of languages. Its label is the page's.
#[component]
pub fn LanguageChoice(
    /// For the label.
    id: &'static str,
) -> impl IntoView {
    let option =
        |each: &Lang| view! { <option value=each.tag() selected=*each == lang()>{each.name()}</option> };
    view! {
        <select id=id class="form-select" on:change=move |event| choose_language(&event_target_value(&event))>
            {Lang::ALL.iter().map(option).collect_view()}
        </select>
    }
}

/// A browser's name out of its User-Agent: enough to tell one's own devices apart.
fn device(agent: &str) -> String {
    let find = |names: &[(&str, &'static str)]| {
        names.iter().find(|(mark, _)| agent.contains(mark)).map(|found| found.1)
    };
    let browser = find(&[
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ]);
    let system = find(&[
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS X", "macOS"),
        ("Linux", "Linux"),
    ]);
    match (browser, system) {
        (Some(browser), Some(system)) => text::device(browser, system),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => text::device_unknown().to_owned(),
    }
}

fn is_phone(agent: &str) -> bool {
    agent.contains("Mobile") || agent.contains("Android") || agent.contains("iPhone")
}

/// The page.
#[component]
pub fn SettingsPage() -> impl IntoView {
    view! {
        <PageHeader title=text::title().to_owned() />
        <div class="stack">
            <section class="card" aria-labelledby="appearance">
                <h2 id="appearance" class="card-title">{text::appearance()}</h2>
                <div class="setting">
                    <div>
                        <p class="setting-name">{text::theme()}</p>
                        <p class="form-text">{text::theme_hint()}</p>
                    </div>
                    <div class="setting-control"><ThemeChoice /></div>
                </div>
                <div class="setting">
                    <label class="setting-name" for="language">{text::language()}</label>
                    <div class="setting-control">
                        <LanguageChoice id="language" />
                    </div>
                </div>
            </section>
            <Sessions />
        </div>
    }
}

#[component]
fn Sessions() -> impl IntoView {
    let toasts = Toasts::get();
    let query = use_query(|| SessionsQuery::build(()));
    let asking = RwSignal::new(false);
    let picked = RwSignal::new(None::<(cynic::Id, String)>);
    let revoke = use_mutation(
        |id| RevokeSession::build(RevokeVariables { id }),
        move |data: RevokeSession| {
            asking.set(false);
            match data.revoke_session.status {
                RevokeSessionStatus::Revoked => toasts.done(text::session_ended()),
                RevokeSessionStatus::NotFound => toasts.info(text::session_gone()),
            }
            query.refetch();
        },
    );
    let row = move |entry: SessionEntry| {
        let name = device(&entry.user_agent);
        let icon = if is_phone(&entry.user_agent) { Glyph::Phone } else { Glyph::Laptop };
        let ask = (entry.id.clone(), name.clone());
        let label = text::session_end_named(&name);
        view! {
            <li class="session-row">
                <span class="session-icon"><Icon of=icon /></span>
                <div class="session-text">
                    <p class="session-name" title=entry.user_agent>
                        {name}
                        {entry.is_current.then(|| view! {
                            <span class="status status-good">{text::session_current()}</span>
                        })}
                    </p>
                    <p class="session-when">
                        {text::session_seen()} " " <Ago at=entry.last_seen_at /> " · " {text::session_began()} " " <Ago at=entry.created_at />
                    </p>
                </div>
                {(!entry.is_current).then(|| view! {
                    <Button
                        small=true
                        text=text::session_end().to_owned()
                        label=label
                        on_click=move |()| { picked.set(Some(ask.clone())); asking.set(true) }
                    />
                })}
            </li>
        }
    };
    let device_name = move || picked.with(|p| p.as_ref().map(|(_, name)| name.clone()).unwrap_or_default());
    view! {
        <section class="card" aria-labelledby="sessions">
            <h2 id="sessions" class="card-title">{text::sessions()}</h2>
            <p class="card-lead">{text::sessions_lead()}</p>
            {loaded(
                query,
                || view! { <SkeletonRows rows=2 /> },
                move |data| view! {
                    <ul class="session-list">
                        {move || data.with(SessionsQuery::list).into_iter().map(row).collect_view()}
                    </ul>
                },
            )}
            <Confirm
                open=asking
                title=Signal::derive(move || text::session_confirm(&device_name()))
                body=text::session_confirm_body().to_owned()
                action=text::session_end().to_owned()
                danger=true
                busy=revoke.pending
                on_confirm=move |()| picked.get_untracked().into_iter().for_each(|(id, _)| revoke.run(id))
            />
        </section>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_are_recognised() {
        let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
        assert_eq!(device(firefox), "Firefox on Linux");
        assert!(!is_phone(firefox));
        let pixel = "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36";
        assert_eq!(device(pixel), "Chrome on Android");
        assert!(is_phone(pixel));
        assert_eq!(device("curl"), "Unknown device");
    }
}
