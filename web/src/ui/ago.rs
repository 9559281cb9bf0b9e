//! When something was or will be: relative, with EVE's time and the reader's own on hover. A tap or a click shows EVE's
//! time in its place. What lies ahead, such as the end of a membership, the keyboard reaches, too; what was, of which long
//! lists are full, is not in its way.

use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};

use super::clock::Clock;
use crate::{
    api::DateTime,
    i18n::{format, lang, texts::time as text},
};

/// The reader's own time of a moment, as his browser writes it.
fn local(at: DateTime) -> String {
    let date = js_sys::Date::new(&JsValue::from_f64(at.timestamp_millis() as f64));
    let options = js_sys::Object::new();
    for (key, value) in [("dateStyle", "medium"), ("timeStyle", "short")] {
        // A plain object takes any property.
        let _ = js_sys::Reflect::set(&options, &key.into(), &value.into());
    }
    String::from(date.to_locale_string(lang().tag(), options.unchecked_ref()))
}

/// A moment, told from now.
#[component]
pub fn Ago(
    /// When.
    at: DateTime,
) -> impl IntoView {
    told(at, format::ago, "-1")
}

/// A moment ahead, told from now: "in 3 days".
#[component]
pub fn Until(
    /// When.
    at: DateTime,
) -> impl IntoView {
    told(at, format::until, "0")
}

fn told(at: DateTime, tell: fn(DateTime, i64) -> String, tab_index: &'static str) -> impl IntoView {
    let clock = Clock::get();
    let exact = RwSignal::new(false);
    // What loses the focus may be gone.
    let show = move |exactly: bool| {
        exact.try_set(exactly);
    };
    view! {
        <time
            class="ago"
            datetime=at.to_rfc3339()
            title=move || format!("{}\n{}", format::eve_time(at), text::local(&local(at)))
            tabindex=tab_index
            on:focus=move |_| show(true)
            on:click=move |_| show(true)
            on:blur=move |_| show(false)
        >
            {move || if exact.get() { format::eve_time(at) } else { tell(at, clock.minute.get()) }}
        </time>
    }
}
