//! Fealty's single-page application: Leptos, drawn in the browser, one GraphQL endpoint behind it.
//!
//! `api/` asks the server, `session.rs` knows who is logged in, `back.rs` what was left, `ui/` has the parts, `frame/` what surrounds every
//! page, `pages/` the pages with their operations, `part.rs` how some of them come later, `i18n/` every word. Rules: a part has no queries; a page has its
//! operations beside it; every control has a name; filters live in the address; nothing shown depends on a guess
//! about rights, the server decides.

mod api;
mod app;
mod back;
mod csv;
mod frame;
mod i18n;
#[cfg(test)]
mod operations;
mod pages;
mod part;
mod session;
mod ui;
mod url;
mod web;

fn main() {
    console_error_panic_hook::set_once();
    if let Some(lang) = web::stored("fealty.language").and_then(|tag| i18n::Lang::from_tag(&tag)) {
        i18n::set_lang(lang);
    }
    if let Some(root) = leptos::prelude::document().document_element() {
        // For screen readers and hyphenation.
        let _ = root.set_attribute("lang", i18n::lang().tag());
    }
    if let Ok(Some(splash)) = leptos::prelude::document().query_selector("#splash") {
        splash.remove();
    }
    web::reload_when_brought_back();
    ui::guard::watch_the_way_back();
    back::watch();
    leptos::mount::mount_to_body(app::App);
}
