//! Login: EVE's button, and in plain words what went wrong the last time.

use leptos::prelude::*;
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_query_map},
};

use super::gate::{EveButton, Gate};
use crate::{
    i18n::texts::account as text,
    session::Session,
    ui::banner::{Banner, Tone},
    web,
};

/// What the server's error code means, and what to do.
pub fn explain(code: &str) -> &'static str {
    match code {
        "access_denied" => text::err_access_denied(),
        "state_mismatch" => text::err_state_mismatch(),
        "sso_unavailable" => text::err_sso_unavailable(),
        "sso_rejected" => text::err_sso_rejected(),
        "not_main" => text::err_not_main(),
        "disabled" => text::err_disabled(),
        "registration_closed" => text::err_registration_closed(),
        "character_gone" => text::err_character_gone(),
        "session_ended" => text::err_session_ended(),
        "owner_unclear" => text::err_owner_unclear(),
        "too_many" => text::err_too_many(),
        "malformed" => text::err_malformed(),
        _ => text::err_internal(),
    }
}

/// The page.
#[component]
pub fn LoginPage() -> impl IntoView {
    let session = Session::get();
    let query = use_query_map();
    let next =
        Memo::new(move |_| query.with(|q| web::safe_path(&q.get("next").unwrap_or_default()).to_owned()));
    let error = Memo::new(move |_| query.with(|q| q.get("error")));
    let navigate = use_navigate();
    Effect::new(move |_| {
        if session.viewer.read().is_some() {
            navigate(&next.get_untracked(), NavigateOptions { replace: true, ..NavigateOptions::default() });
        }
    });
    let closed = move || session.site().is_some_and(|site| !site.registration_open);
    view! {
        <Gate title=text::login_title().to_owned()>
            {move || error.get().map(|code| {
                let tone = if code == "access_denied" { Tone::Info } else { Tone::Danger };
                view! {
                    <Banner tone=tone title=text::err_title()>
                        <p>{explain(&code)}</p>
                    </Banner>
                }
            })}
            <p class="gate-lead">{text::login_lead()}</p>
            <EveButton href=Signal::derive(move || format!("/sso/login?next={}", web::encode(&next.get()))) />
            <Show when=move || next.get() != "/">
                <p class="gate-hint">{text::login_next()}</p>
            </Show>
            <p class="gate-hint">{text::login_how()}</p>
            <p class="gate-hint">{move || if closed() { text::login_closed() } else { text::login_new() }}</p>
            <p class="gate-aside">
                <a href=move || super::admin_login::address(&next.get())>{text::login_password()}</a>
            </p>
        </Gate>
    }
}

#[cfg(test)]
mod tests {
    use super::explain;

    #[test]
    fn every_code_has_its_own_sentence() {
        let codes = [
            "access_denied",
            "state_mismatch",
            "sso_unavailable",
            "sso_rejected",
            "not_main",
            "disabled",
            "registration_closed",
            "character_gone",
            "session_ended",
            "owner_unclear",
            "too_many",
            "malformed",
            "internal",
        ];
        let mut sentences: Vec<&str> = codes.iter().map(|code| explain(code)).collect();
        sentences.sort_unstable();
        sentences.dedup();
        assert_eq!(sentences.len(), codes.len());
        assert_eq!(explain("unheard of"), explain("internal"));
    }
}
