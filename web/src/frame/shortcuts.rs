//! Keyboard shortcuts, and the list of them behind `?`.

use leptos::{ev, prelude::*};
use leptos_router::{NavigateOptions, hooks::use_navigate};
use wasm_bindgen::JsCast;

use super::search::Palette;
use crate::{
    i18n::texts::{access, frame as text, groups as words, inbox},
    session::Session,
    ui::{confirm::Dialog, guard},
    web,
};

/// Milliseconds for which `g` waits for the key after it.
const PREFIX: i64 = 1_500;

/// Whether a key comes soon enough after `g`.
fn follows(prefix: Option<i64>, now: i64) -> bool {
    prefix.is_some_and(|at| (at..=at + PREFIX).contains(&now))
}

/// Whether the key was meant for a field one types in.
fn is_typing(event: &ev::KeyboardEvent) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    target.is_some_and(|t| t.closest("input, textarea, select, [contenteditable]").ok().flatten().is_some())
}

/// Listens; draws only the list.
#[component]
pub fn Shortcuts() -> impl IntoView {
    let session = Session::get();
    let open = RwSignal::new(false);
    let after_g = StoredValue::new(None::<i64>);
    let palette = Palette::get();
    let navigate = use_navigate();
    let listening = window_event_listener(ev::keydown, move |event| {
        if web::in_dialog() {
            return;
        }
        // Also from within a field.
        if (event.ctrl_key() || event.meta_key()) && event.key().eq_ignore_ascii_case("k") {
            event.prevent_default();
            return palette.open();
        }
        if is_typing(&event) || event.ctrl_key() || event.meta_key() || event.alt_key() {
            return;
        }
        let now = web::now_ms();
        let waiting = follows(after_g.get_value(), now);
        after_g.set_value(None);
        let to = match (waiting, event.key().as_str()) {
            (true, "d") => "/",
            (true, "g") => "/groups",
            (true, "a") => "/access",
            (true, "i") => "/inbox",
            (true, "c") => "/characters",
            (true, "s") => "/services",
            (true, "n") => "/notifications",
            (false, "g") => return after_g.set_value(Some(now)),
            (false, "/") => {
                event.prevent_default();
                return palette.open();
            }
            (false, "?") => return open.set(true),
            _ => return,
        };
        if !guard::holds(to) {
            navigate(to, NavigateOptions::default());
        }
    });
    on_cleanup(move || listening.remove());
    let leads =
        Memo::new(move |_| session.viewer.read().as_ref().is_some_and(|viewer| viewer.manages_groups));
    let row = |keys: &[&'static str], what: &'static str| {
        let keys: Vec<_> = keys.iter().map(|key| view! { <kbd>{*key}</kbd> }).collect();
        view! { <div class="shortcut"><dt>{keys}</dt><dd>{what}</dd></div> }
    };
    view! {
        <Dialog open=open title=text::shortcuts().to_owned()>
            <dl class="shortcuts">
                {row(&["/"], text::shortcut_search())}
                {row(&["Ctrl", "K"], text::shortcut_search_anywhere())}
                {row(&["g", "d"], text::shortcut_go_dashboard())}
                {row(&["g", "g"], words::shortcut())}
                <Show when=move || leads.get()>{row(&["g", "i"], inbox::shortcut())}</Show>
                {row(&["g", "a"], access::shortcut())}
                {row(&["g", "c"], text::shortcut_go_characters())}
                {row(&["g", "s"], text::shortcut_go_services())}
                {row(&["g", "n"], text::shortcut_go_notifications())}
                {row(&["?"], text::shortcut_help())}
                {row(&["Esc"], text::shortcut_escape())}
            </dl>
        </Dialog>
    }
}

#[cfg(test)]
mod tests {
    use super::follows;

    #[test]
    fn the_prefix_expires() {
        assert!(!follows(None, 0));
        assert!(follows(Some(10), 10) && follows(Some(10), 1_510));
        assert!(!follows(Some(10), 1_511));
        assert!(!follows(Some(10), 9), "the clock was set back");
    }
}
