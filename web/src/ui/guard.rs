//! Keeps entered things from being lost: whoever leaves a form with unsaved changes is asked first.

use std::cell::{Cell, RefCell};

use leptos::{ev, prelude::*};
use leptos_router::{NavigateOptions, hooks::use_navigate};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};

use super::confirm::Confirm;
use crate::{i18n::texts::rules as text, web};

thread_local! {
    /// Where the form that holds takes the wish to leave.
    static HOLDING: Cell<Option<RwSignal<Option<Way>>>> = const { Cell::new(None) };
    /// What is drawn: its place in the browser's history, and its address.
    static SHOWN: RefCell<(i32, String)> = const { RefCell::new((0, String::new())) };
}

/// How one wanted to leave.
#[derive(Clone, Debug, PartialEq)]
enum Way {
    To(String),
    /// So many steps on in the browser's history; back with a minus.
    By(i32),
}

/// Whether an unsaved form wants to be asked before going somewhere; if so, it asks.
pub fn holds(to: &str) -> bool {
    HOLDING.with(Cell::get).is_some_and(|leaving| leaving.try_set(Some(Way::To(to.to_owned()))).is_none())
}

fn is_held() -> bool {
    HOLDING.with(Cell::get).is_some()
}

fn show(place: i32) {
    SHOWN.set((place, web::current_path()));
}

/// The place of a new entry in the browser's history, or of the one that is shown.
fn place_of(is_new: bool) -> i32 {
    SHOWN.with_borrow(|(shown, _)| *shown) + i32::from(is_new)
}

/// Watches the browser's own ways back and forward. To be called before the router listens: of the listeners of this
/// event the first one comes first. The browser does not say how far one has gone, so each entry of its history is told
/// its place there.
pub fn watch_the_way_back() {
    show(web::history_place().unwrap_or(0));
    web::number_history(place_of, show);
    let watching = window_event_listener_untyped("popstate", |event| {
        let (shown, address) = SHOWN.with_borrow(Clone::clone);
        let place = web::history_place();
        if place == Some(shown) {
            // Here one was held, and is again.
            return event.stop_immediate_propagation();
        }
        let is_here = web::current_path() == address;
        if let Some(leaving) = HOLDING.with(Cell::get).filter(|_| !is_here) {
            // One is there already. An entry without a place is older than all that have one.
            event.stop_immediate_propagation();
            let steps = place.map_or(-1, |place| place - shown);
            go(-steps);
            leaving.try_set(Some(Way::By(steps)));
            return;
        }
        match place {
            Some(place) => show(place),
            // A link to another part of the same page has made an entry by itself.
            None => {
                show(if is_here { shown + 1 } else { shown - 1 });
                web::number_present_entry();
            }
        }
    });
    // For as long as the page lives.
    std::mem::forget(watching);
}

fn go(steps: i32) {
    if let Ok(history) = window().history() {
        // A history that is not let walk stays where it is.
        let _ = history.go_with_delta(steps);
    }
}

/// Listens on the window before whatever is in it.
fn listen(event: &'static str, handler: impl FnMut(web_sys::Event) + 'static) {
    let handler = Closure::<dyn FnMut(web_sys::Event)>::new(handler).into_js_value();
    let function: &js_sys::Function = handler.unchecked_ref();
    // A window takes any listener.
    let _ = window().add_event_listener_with_callback_and_bool(event, function, true);
    let handler = StoredValue::new_local(handler);
    on_cleanup(move || {
        handler.try_with_value(|handler: &JsValue| {
            let _ =
                window().remove_event_listener_with_callback_and_bool(event, handler.unchecked_ref(), true);
        });
    });
}

/// Asks before the page is left while `dirty`.
#[component]
pub fn Guard(
    /// Whether something would be lost.
    #[prop(into)]
    dirty: Signal<bool>,
) -> impl IntoView {
    let leaving = RwSignal::new(None::<Way>);
    let open = RwSignal::new(false);
    Effect::new(move |_| HOLDING.with(|holding| holding.set(dirty.get().then_some(leaving))));
    on_cleanup(|| HOLDING.with(|holding| holding.set(None)));
    Effect::new(move |_| {
        if leaving.read().is_some() {
            open.set(true);
        }
    });
    Effect::new(move |_| {
        if !open.get() {
            leaving.set(None);
        }
    });
    listen("click", move |event| {
        let Some(event) = event.dyn_ref::<web_sys::MouseEvent>() else { return };
        if !is_held() || event.button() != 0 || event.ctrl_key() || event.meta_key() || event.shift_key() {
            return;
        }
        let target = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
        let Some(link) = target.and_then(|target| target.closest("a[href]").ok().flatten()) else { return };
        let href = link.get_attribute("href").unwrap_or_default();
        if href.starts_with('/') && link.get_attribute("target").is_none() && !link.has_attribute("download")
        {
            event.prevent_default();
            event.stop_immediate_propagation();
            leaving.set(Some(Way::To(href)));
        }
    });
    let unload = window_event_listener(ev::beforeunload, move |event| {
        if is_held() {
            event.prevent_default();
        }
    });
    on_cleanup(move || unload.remove());
    let navigate = StoredValue::new_local(use_navigate());
    let leave = move |()| {
        let way = leaving.get_untracked();
        HOLDING.with(|holding| holding.set(None));
        open.set(false);
        match way {
            Some(Way::To(href)) if href.starts_with("/sso") => web::leave_to(&href),
            Some(Way::To(href)) => {
                navigate.with_value(|navigate| navigate(&href, NavigateOptions::default()));
            }
            Some(Way::By(steps)) => go(steps),
            None => {}
        }
    };
    view! {
        <Confirm
            open=open
            title=text::unsaved_title().to_owned()
            body=text::unsaved().to_owned()
            action=text::leave().to_owned()
            danger=true
            busy=Signal::from(false)
            on_confirm=leave
        />
    }
}
