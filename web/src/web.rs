//! The few things asked of the browser itself, each in one place and without a way to panic.

use wasm_bindgen::JsCast;

/// Milliseconds since 1970 by the browser's clock.
pub fn now_ms() -> i64 {
    js_sys::Date::now() as i64
}

/// A value kept in this browser.
pub fn stored(key: &str) -> Option<String> {
    leptos::prelude::window().local_storage().ok()??.get_item(key).ok()?
}

/// Keeps a value in this browser; a browser that refuses simply forgets.
pub fn store(key: &str, value: &str) {
    if let Ok(Some(storage)) = leptos::prelude::window().local_storage() {
        let _ = storage.set_item(key, value);
    }
}

/// Leaves the SPA for an address the server answers.
pub fn leave_to(url: &str) {
    let _ = leptos::prelude::window().location().set_href(url);
}

/// Where we are: path and query.
pub fn current_path() -> String {
    let location = leptos::prelude::window().location();
    format!("{}{}", location.pathname().unwrap_or_default(), location.search().unwrap_or_default())
}

/// Takes single-use parameters such as `?error=` out of the address, so that a reload does not repeat the message.
pub fn clean_address() {
    let window = leptos::prelude::window();
    if let (Ok(history), Ok(path)) = (window.history(), window.location().pathname()) {
        let state = history.state().unwrap_or_default();
        let _ = history.replace_state_with_url(&state, "", Some(&path));
    }
}

/// A `ws:` or `wss:` address on this site.
pub fn websocket_url(path: &str) -> Option<String> {
    let location = leptos::prelude::window().location();
    let scheme = if location.protocol().ok()? == "https:" { "wss" } else { "ws" };
    Some(format!("{scheme}://{}{path}", location.host().ok()?))
}

/// The content of `<meta name="…">`.
pub fn meta(name: &str) -> Option<String> {
    let found = leptos::prelude::document().query_selector(&format!("meta[name='{name}']")).ok()??;
    found.get_attribute("content")
}

/// A path of this site to go on to after login: anything else would let a link lead people away.
pub fn safe_path(path: &str) -> &str {
    let inside = path.starts_with('/') && !path.starts_with("//") && !path.starts_with("/\\");
    if inside { path } else { "/" }
}

/// Focuses the first element that matches.
pub fn focus(selector: &str) -> bool {
    let found = leptos::prelude::document().query_selector(selector).ok().flatten();
    match found.and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok()) {
        Some(element) => element.focus().is_ok(),
        None => false,
    }
}

/// `%`-encodes a query value.
pub fn encode(value: &str) -> String {
    value.bytes().fold(String::new(), |mut text, byte| {
        if byte.is_ascii_alphanumeric() || b"-_.~/".contains(&byte) {
            text.push(char::from(byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_of_this_site_are_followed() {
        assert_eq!(safe_path("/services?linked=discord"), "/services?linked=discord");
        assert_eq!(safe_path("//evil.example"), "/");
        assert_eq!(safe_path("/\\evil.example"), "/");
        assert_eq!(safe_path("https://evil.example"), "/");
        assert_eq!(safe_path(""), "/");
    }

    #[test]
    fn query_values_are_encoded() {
        assert_eq!(encode("/a?b=c&d"), "/a%3Fb%3Dc%26d");
        assert_eq!(encode("Ærin"), "%C3%86rin");
    }
}
