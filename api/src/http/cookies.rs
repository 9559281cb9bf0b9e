//! Our two cookies: the session, and the one that binds authorization attempts to a browser.
//!
//! On https both have the `__Host-` prefix: such a cookie is `Secure`, has no domain and the path `/`, so no
//! neighbouring subdomain can plant one (RFC 6265bis, section 4.1.3.2).

use poem::{Request, http::header};

use crate::{app::App, graphql::CookieChange, identity::session, upstream::Secret};

fn is_https(app: &App) -> bool {
    app.config.site.url.scheme() == "https"
}

fn name(app: &App, name: &str) -> String {
    if is_https(app) { format!("__Host-{name}") } else { name.to_owned() }
}

fn set(app: &App, which: &str, value: &str, max_age: i64) -> String {
    let secure = if is_https(app) { "; Secure" } else { "" };
    format!("{}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={max_age}{secure}", name(app, which))
}

const SESSION: &str = "fealty_session";
const BROWSER: &str = "fealty_browser";

/// Hands a session to the browser.
#[must_use]
pub fn session(app: &App, secret: &Secret) -> String {
    set(app, SESSION, secret.expose(), session::IDLE.num_seconds())
}

/// Binds authorization attempts to the browser.
#[must_use]
pub fn browser(app: &App, secret: &Secret) -> String {
    set(app, BROWSER, secret.expose(), 3_600)
}

/// The `Set-Cookie` header for a change.
#[must_use]
pub fn changed(app: &App, change: &CookieChange) -> String {
    match change {
        CookieChange::Session(secret) => session(app, secret),
        CookieChange::ForgetSession => set(app, SESSION, "", 0),
        CookieChange::Browser(secret) => browser(app, secret),
    }
}

fn find(app: &App, request: &Request, which: &str) -> Option<String> {
    let wanted = name(app, which);
    request
        .headers()
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, value)| *name == wanted && (20..=200).contains(&value.len()))
        .map(|(_, value)| value.to_owned())
}

/// The secret in the session cookie.
#[must_use]
pub fn session_of(app: &App, request: &Request) -> Option<String> {
    find(app, request, SESSION)
}

/// The secret in the browser cookie.
#[must_use]
pub fn browser_of(app: &App, request: &Request) -> Option<String> {
    find(app, request, BROWSER)
}
