//! The layout of pages before login: logo, site, one card.

use leptos::prelude::*;

use crate::{i18n::texts::frame as text, session::Session, ui::page_header::use_page_title, web};

/// One card in the middle of a calm page.
#[component]
pub fn Gate(
    /// The page's name.
    #[prop(into)]
    title: Signal<String>,
    /// What is in the card.
    children: Children,
) -> impl IntoView {
    let session = Session::get();
    use_page_title(title);
    view! {
        <div class="gate">
            <header class="gate-brand">
                <img src=web::meta("fealty-logo").unwrap_or_default() alt="" width="56" height="56" />
                <span class="gate-site">{move || session.site_name()}</span>
            </header>
            <main id="content" class="gate-card" tabindex="-1">
                <h1>{title}</h1>
                {children()}
            </main>
            <footer class="gate-foot">
                <p>{text::eve_notice()}</p>
                <p>{move || session.site().map(|site| text::version(&site.version))}</p>
            </footer>
        </div>
    }
}

/// The button to EVE's login, drawn after CCP's: black, with a thin light frame.
#[component]
pub fn EveButton(
    /// Where the server starts the login.
    #[prop(into)]
    href: Signal<String>,
) -> impl IntoView {
    view! {
        <a class="eve-login" href=href rel="external">
            <svg class="eve-login-mark" viewBox="0 0 24 24" width="24" height="24" aria-hidden="true" focusable="false">
                <path
                    d="M12 2.5 20.5 7.3v9.4L12 21.5l-8.5-4.8V7.3z"
                    fill="none"
                    stroke="currentColor"
                    stroke-width="1.5"
                />
                <path
                    d="M8 9.2h8M8 12h8M8 14.8h8"
                    fill="none"
                    stroke="currentColor"
                    stroke-width="1.5"
                    stroke-linecap="square"
                />
            </svg>
            <span class="eve-login-text">{crate::i18n::texts::account::login_button()}</span>
        </a>
    }
}
