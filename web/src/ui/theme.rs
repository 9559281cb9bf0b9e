//! Light, dark, or as the system wants it; and the Bootswatch themes for those who like them.
//!
//! `boot.js` puts a theme on the page, before anything is drawn and whenever it hears the event sent here.

use std::cell::RefCell;

use leptos::prelude::*;

use crate::{i18n::texts::settings as text, session::Session, web};

/// Themes besides our own; the bundler has the same list.
pub const BOOTSWATCH: &[&str] = &["cosmo", "darkly", "flatly", "slate", "superhero", "yeti", "zephyr"];

/// Our own, in the system's, light or dark colours.
pub const OWN: &[&str] = &["auto", "light", "dark"];

thread_local! {
    /// The theme chosen here last, while the server does not know it yet.
    static UNSAVED: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// A theme was chosen here and is to be saved; whether nobody is saving one already.
pub fn choose(theme: &str) -> bool {
    apply(theme);
    UNSAVED.with(|unsaved| unsaved.replace(Some(theme.to_owned())).is_none())
}

/// What is to be saved now: the newest choice.
pub fn unsaved() -> Option<String> {
    UNSAVED.with_borrow(Clone::clone)
}

/// The server knows a theme; whether it is the newest choice.
pub fn saved(theme: &str) -> bool {
    UNSAVED.with_borrow_mut(|unsaved| unsaved.take_if(|newest| newest == theme).is_some())
}

/// The server will not know it.
pub fn give_up() {
    UNSAVED.take();
}

/// What a theme is called.
pub fn name(theme: &str) -> String {
    match theme {
        "auto" => text::theme_auto().to_owned(),
        "light" => text::theme_light().to_owned(),
        "dark" => text::theme_dark().to_owned(),
        other => {
            let mut letters = other.chars();
            letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
        }
    }
}

/// The theme this browser shows.
pub fn current() -> String {
    web::stored("fealty.theme").filter(|theme| known(theme)).unwrap_or_else(|| "auto".to_owned())
}

fn known(theme: &str) -> bool {
    OWN.contains(&theme) || BOOTSWATCH.contains(&theme)
}

/// Shows a theme from now on.
pub fn apply(theme: &str) {
    if !known(theme) {
        return;
    }
    web::store("fealty.theme", theme);
    let document = document();
    if let Some(root) = document.document_element() {
        // An attribute too, for browsers that keep nothing.
        let _ = root.set_attribute("data-wanted-theme", theme);
    }
    if let Ok(event) = web_sys::Event::new("fealty-theme") {
        let _ = document.dispatch_event(&event);
    }
}

/// Takes over the theme that the viewer chose elsewhere.
pub fn follow(session: Session) {
    let wanted = Memo::new(move |_| session.viewer.read().as_ref().and_then(|v| v.preferences.theme.clone()));
    Effect::new(move |_| {
        // What the server says while a choice is on its way to it is older than that.
        if let Some(theme) = wanted.get()
            && unsaved().is_none()
            && theme != current()
        {
            apply(&theme);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn themes_have_names() {
        assert_eq!(name("auto"), "System");
        assert_eq!(name("darkly"), "Darkly");
        assert!(known("zephyr") && !known("javascript"));
    }

    #[test]
    fn the_newest_choice_is_saved_last() {
        let choose = |theme: &str| UNSAVED.with(|it| it.replace(Some(theme.to_owned())).is_none());
        assert!(choose("dark"), "to be saved");
        assert!(!choose("light"), "while another one is on its way");
        assert!(!saved("dark"), "there is a newer one");
        assert_eq!(unsaved().as_deref(), Some("light"));
        assert!(saved("light"));
        assert_eq!(unsaved(), None);
        assert!(choose("dark"));
        give_up();
        assert!(choose("dark"), "after a failure it is tried again");
    }
}
