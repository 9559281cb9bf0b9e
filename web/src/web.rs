//! The few things asked of the browser itself, each in one place and without a way to panic.

use wasm_bindgen::{JsCast, JsValue};

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

/// A value kept in this tab until it is closed.
pub fn stored_in_tab(key: &str) -> Option<String> {
    leptos::prelude::window().session_storage().ok()??.get_item(key).ok()?
}

/// Keeps a value in this tab until it is closed; a browser that refuses simply forgets.
pub fn store_in_tab(key: &str, value: &str) {
    if let Ok(Some(storage)) = leptos::prelude::window().session_storage() {
        let _ = storage.set_item(key, value);
    }
}

/// Leaves the SPA for an address the server answers, or for one on another site that the server named.
pub fn leave_to(url: &str) {
    if is_web_address(url) {
        let _ = leptos::prelude::window().location().set_href(url);
    }
}

/// Opens an address of another site in a tab of its own, which learns nothing of this one.
pub fn open_beside(url: &str) {
    if is_web_address(url) {
        let window = leptos::prelude::window();
        let _ = window.open_with_url_and_target_and_features(url, "_blank", "noopener,noreferrer");
    }
}

/// Loads another page of this site in place of this one: nothing that was in memory is left.
pub fn start_over_at(path: &str) {
    let _ = leptos::prelude::window().location().replace(safe_path(path));
}

/// A page that the browser had put aside as a whole is loaded anew when one goes back to it: whoever it was drawn for
/// may have logged out since.
pub fn reload_when_brought_back() {
    let listening = leptos::prelude::window_event_listener_untyped("pageshow", |event| {
        let kept = js_sys::Reflect::get(&event, &"persisted".into()).is_ok_and(|kept| kept.is_truthy());
        if kept {
            let _ = leptos::prelude::window().location().reload();
        }
    });
    // For as long as the page lives.
    std::mem::forget(listening);
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

/// The property of a history entry's state that holds its place.
const PLACE: &str = "place";

/// Which place the present entry of the browser's history was told to have.
pub fn history_place() -> Option<i32> {
    let state = leptos::prelude::window().history().ok()?.state().ok()?;
    js_sys::Reflect::get(&state, &PLACE.into()).ok()?.as_f64().map(|place| place as i32)
}

/// Tells the present entry of the browser's history its place, and from now on every entry that is made or replaced: the
/// router, which does both, leaves their state empty. `place_of` says the place of a new entry (`true`) or the present
/// one, `made` is told when an entry is there.
pub fn number_history(place_of: fn(bool) -> i32, made: fn(i32)) {
    let Ok(history) = leptos::prelude::window().history() else { return };
    for (name, is_new) in [("pushState", true), ("replaceState", false)] {
        let original = js_sys::Reflect::get(&history, &name.into()).ok();
        let Some(original) = original.and_then(|it| it.dyn_into::<js_sys::Function>().ok()) else { return };
        let of = history.clone();
        let numbered = wasm_bindgen::closure::Closure::<dyn Fn(JsValue, JsValue, JsValue)>::new(
            move |_: JsValue, title: JsValue, url: JsValue| {
                let (place, state) = (place_of(is_new), js_sys::Object::new());
                // A plain object takes any property.
                let _ = js_sys::Reflect::set(&state, &PLACE.into(), &place.into());
                // A browser that finds it too much makes no entry; one goes on all the same.
                if original.call3(&of, &JsValue::from(state), &title, &url).is_ok() {
                    made(place);
                }
            },
        );
        // The history takes any property, too.
        let _ = js_sys::Reflect::set(&history, &name.into(), &numbered.into_js_value());
    }
    number_present_entry();
}

/// Tells the present entry of the browser's history its place, where it was made by other means.
pub fn number_present_entry() {
    if let Ok(history) = leptos::prelude::window().history() {
        let _ = history.replace_state(&JsValue::NULL, "");
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

/// Gives the reader a file made here.
pub fn download(name: &str, kind: &str, content: &str) {
    let parts = js_sys::Array::of1(&content.into());
    let options = web_sys::BlobPropertyBag::new();
    options.set_type(kind);
    let Ok(blob) = web_sys::Blob::new_with_str_sequence_and_options(&parts, &options) else { return };
    let Ok(address) = web_sys::Url::create_object_url_with_blob(&blob) else { return };
    let link = leptos::prelude::document().create_element("a").ok();
    if let Some(link) = link.and_then(|link| link.dyn_into::<web_sys::HtmlElement>().ok()) {
        // A new element takes any attribute.
        let _ = link.set_attribute("href", &address);
        let _ = link.set_attribute("download", name);
        link.click();
    }
    let _ = web_sys::Url::revoke_object_url(&address);
}

/// Longest address to go on to.
const LONGEST: usize = 1000;

/// A path of this site to go on to after login, or the dashboard: anything else would let a link lead people away.
/// Browsers drop tabs and line breaks within an address, take `\` for `/` and resolve dots, so nothing of that kind is
/// let through, however often it is `%`-encoded.
pub fn safe_path(path: &str) -> &str {
    let good =
        path.len() <= LONGEST && path.bytes().all(|byte| byte.is_ascii_graphic()) && stays_inside(path);
    if good { path } else { "/" }
}

fn stays_inside(address: &str) -> bool {
    let cut = address.find(['?', '#']).unwrap_or(address.len());
    let (path, rest) = address.split_at(cut);
    let (mut path, mut rest) = (path.as_bytes().to_vec(), rest.as_bytes().to_vec());
    loop {
        if !is_plain(&path) || !path.starts_with(b"/") || !is_clean(&path) || !is_clean(&rest) {
            return false;
        }
        let decoded = (decode(&path), decode(&rest));
        if decoded == (path.clone(), rest.clone()) {
            return true;
        }
        (path, rest) = decoded;
    }
}

/// Nothing that a browser drops or takes for something else.
fn is_clean(part: &[u8]) -> bool {
    !part.iter().any(|byte| byte.is_ascii_control() || *byte == b'\\')
}

/// A path that means what it says: no empty segment before another, no dots.
fn is_plain(path: &[u8]) -> bool {
    !path.windows(2).any(|pair| pair == b"//")
        && !path.split(|byte| *byte == b'/').any(|segment| segment == b"." || segment == b"..")
}

/// One round of `%`-decoding; what is not encoded properly stays.
fn decode(text: &[u8]) -> Vec<u8> {
    let digit = |at: usize| text.get(at).and_then(|byte| char::from(*byte).to_digit(16));
    let mut decoded = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        match (byte, digit(at + 1), digit(at + 2)) {
            (b'%', Some(high), Some(low)) => {
                decoded.push((high * 16 + low) as u8);
                at += 3;
            }
            _ => {
                decoded.push(*byte);
                at += 1;
            }
        }
    }
    decoded
}

/// A path of this site, or an address of the web: nothing that runs as a script.
fn is_web_address(url: &str) -> bool {
    url.starts_with("https://") || url.starts_with("http://") || safe_path(url) == url
}

/// Focuses the first element that matches.
pub fn focus(selector: &str) -> bool {
    let found = leptos::prelude::document().query_selector(selector).ok().flatten();
    match found.and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok()) {
        Some(element) => element.focus().is_ok(),
        None => false,
    }
}

/// Focuses an element.
pub fn focus_on(element: &web_sys::Element) {
    if let Some(element) = element.dyn_ref::<web_sys::HtmlElement>() {
        // An element that is gone takes no focus, and needs none.
        let _ = element.focus();
    }
}

/// Gives the focus back to the element that has it now, if the next change of the page takes it: an element that is moved
/// loses it.
pub fn keep_focus() {
    let Some(element) = leptos::prelude::document().active_element().filter(|it| it.tag_name() != "BODY")
    else {
        return;
    };
    leptos::prelude::queue_microtask(move || {
        if element.is_connected() {
            take_lost_focus(&element);
        }
    });
}

/// Focuses an element, without scrolling to it, if nothing else has the focus.
fn take_lost_focus(element: &web_sys::Element) {
    let is_lost =
        leptos::prelude::document().active_element().is_none_or(|element| element.tag_name() == "BODY");
    if let Some(element) = element.dyn_ref::<web_sys::HtmlElement>().filter(|_| is_lost) {
        let options = web_sys::FocusOptions::new();
        options.set_prevent_scroll(true);
        // An element that takes no focus needs none.
        let _ = element.focus_with_options(&options);
    }
}

/// What is filled in.
const FIELDS: &str = "textarea, input:is([type=text], [type=email], [type=datetime-local], :not([type]))";

/// Whether something was written in the fields of a part of the page, or chosen for one of its forms; what is searched
/// for does not count.
pub fn is_written_in(part: &web_sys::Element) -> bool {
    if part.query_selector("form .pick-chip").ok().flatten().is_some() {
        return true;
    }
    let Ok(found) = part.query_selector_all(FIELDS) else { return false };
    (0..found.length()).filter_map(|at| found.item(at)).any(|field| {
        if let Some(field) = field.dyn_ref::<web_sys::HtmlInputElement>() {
            // A date without its time has no value yet.
            let is_changed = field.value() != field.default_value() || field.validity().bad_input();
            return !field.read_only() && is_changed;
        }
        field.dyn_ref::<web_sys::HtmlTextAreaElement>().is_some_and(|it| Ok(it.value()) != it.default_value())
    })
}

/// Closes what hangs from the bar at the top.
pub fn hide_popovers() {
    let Ok(open) = leptos::prelude::document().query_selector_all(":popover-open") else { return };
    for popover in (0..open.length()).filter_map(|at| open.item(at)) {
        if let Some(popover) = popover.dyn_ref::<web_sys::HtmlElement>() {
            // What is closed already stays closed.
            let _ = popover.hide_popover();
        }
    }
}

/// How far the page is scrolled: pixels.
pub fn scrolled() -> i32 {
    leptos::prelude::window().scroll_y().unwrap_or_default() as i32
}

/// Scrolls the page; whether it was long enough to get there.
pub fn scroll_to(place: i32) -> bool {
    leptos::prelude::window().scroll_to_with_x_and_y(0.0, f64::from(place));
    (scrolled() - place).abs() <= 1
}

/// Scrolls to the head of the list that a control stands below, if that is above what is seen.
pub fn reveal_head_of(control: &web_sys::Element) {
    let Ok(Some(list)) = control.closest(".card, section, main") else { return };
    if list.get_bounding_client_rect().top() < 0.0 {
        list.scroll_into_view();
    }
}

/// Runs something for each event of a kind before whatever in the page may act on it, for as long as the page lives.
pub fn listen_first(event: &'static str, handler: fn()) {
    let handler = wasm_bindgen::closure::Closure::<dyn Fn()>::new(handler).into_js_value();
    // A window takes any listener.
    let _ = leptos::prelude::window().add_event_listener_with_callback_and_bool(
        event,
        handler.unchecked_ref(),
        true,
    );
}

/// Whether the reader has marked text on the page.
pub fn has_selected_text() -> bool {
    let selection = leptos::prelude::window().get_selection().ok().flatten();
    selection.is_some_and(|selection| !selection.is_collapsed())
}

/// Whether a modal dialog is open.
pub fn in_dialog() -> bool {
    leptos::prelude::document().query_selector("dialog[open]").ok().flatten().is_some()
}

/// Scrolls a part of the page, and nothing around it, so far that something in it is seen.
pub fn reveal_within(part: &str, wanted: &str) {
    let document = leptos::prelude::document();
    let Some(part) = document.query_selector(part).ok().flatten() else { return };
    let Some(wanted) = part.query_selector(wanted).ok().flatten() else { return };
    let (frame, place) = (part.get_bounding_client_rect(), wanted.get_bounding_client_rect());
    let below = (place.bottom() - frame.bottom()).max(0.0);
    let above = (frame.top() - place.top()).max(0.0);
    if below > 0.0 || above > 0.0 {
        part.set_scroll_top(part.scroll_top() + (below - above) as i32 + if below > 0.0 { 12 } else { -12 });
    }
}

/// What stands in the elements of the page that fit.
pub fn texts(selector: &str) -> Vec<String> {
    let Ok(found) = leptos::prelude::document().query_selector_all(selector) else { return Vec::new() };
    (0..found.length())
        .filter_map(|at| found.item(at))
        .map(|node| node.text_content().unwrap_or_default())
        .collect()
}

/// Focuses an element, without scrolling to it, when what had the focus is gone: after the next drawing.
pub fn focus_if_lost(selector: &'static str) {
    let _ = leptos::prelude::set_timeout_with_handle(
        move || {
            if let Ok(Some(element)) = leptos::prelude::document().query_selector(selector) {
                take_lost_focus(&element);
            }
        },
        std::time::Duration::from_millis(300),
    );
}

/// Puts a text into the clipboard; whether the browser let us. Only secure pages have one.
pub async fn copy(text: &str) -> bool {
    let navigator = leptos::prelude::window().navigator();
    let there = js_sys::Reflect::get(&navigator, &"clipboard".into()).is_ok_and(|found| found.is_object());
    there && wasm_bindgen_futures::JsFuture::from(navigator.clipboard().write_text(text)).await.is_ok()
}

/// A path of this site as an address to hand on.
pub fn absolute(path: &str) -> String {
    format!("{}{path}", leptos::prelude::window().location().origin().unwrap_or_default())
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
    fn paths_of_this_site_are_followed() {
        for path in [
            "/",
            "/services?linked=discord",
            "/admin/users/user:7",
            "/admin/users?q=ayla%20x&state=state:3&dir=desc#top",
            "/admin/users?q=100%25",
            "/admin/users?q=%C3%86rin",
            "/history?after=https://x//y..z",
            "/a..b/c.d/...",
        ] {
            assert_eq!(safe_path(path), path);
        }
    }

    #[test]
    fn nothing_else_is_followed() {
        for path in [
            "",
            "services",
            "https://evil.example",
            "javascript:alert(1)",
            "//evil.example",
            " //evil.example",
            "/\\evil.example",
            "\\/evil.example",
            "/\\/evil.example",
            "/\t/evil.example",
            "/\n/evil.example",
            "/\n/..",
            "/a b",
            "/\u{e6}",
            "/%09/evil.example",
            "/%0A/..",
            "/%2509/..",
            "/%2509/evil.example",
            "/%2f/evil.example",
            "/%2Fevil.example",
            "/%5Cevil.example",
            "/%255cevil.example",
            "/.//evil.example",
            "/x/..//evil.example",
            "/x/%2e%2E/evil.example",
            "/x/.%2e",
            "/./\\evil.example",
            "/.",
            "/..",
            "/x//y",
            "/x?y=\\",
            "/x?y=%0d%0a",
            "/x#%5c",
        ] {
            assert_eq!(safe_path(path), "/", "{path:?}");
        }
        assert_eq!(safe_path(&format!("/{}", "x".repeat(LONGEST))), "/");
    }

    #[test]
    fn only_the_web_is_left_to() {
        assert!(is_web_address("https://discord.com/oauth2/authorize?x=1"));
        assert!(is_web_address("/sso/login?next=/characters&intent=add"));
        assert!(!is_web_address("javascript:alert(1)"));
        assert!(!is_web_address("//evil.example"));
    }

    #[test]
    fn query_values_are_encoded() {
        assert_eq!(encode("/a?b=c&d"), "/a%3Fb%3Dc%26d");
        assert_eq!(encode("Ærin"), "%C3%86rin");
    }
}
