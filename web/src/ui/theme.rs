//! Light, dark, or as the system wants it; and the Bootswatch themes for those who like them.
//!
//! `boot.js` puts a theme on the page, before anything is drawn and whenever it hears the event sent here.

use leptos::prelude::*;

use crate::{i18n::texts::settings as text, session::Session, web};

/// Themes besides our own; the bundler has the same list.
pub const BOOTSWATCH: &[&str] = &["cosmo", "darkly", "flatly", "slate", "superhero", "yeti", "zephyr"];

/// Our own, in the system's, light or dark colours.
pub const OWN: &[&str] = &["auto", "light", "dark"];

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
        if let Some(theme) = wanted.get()
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
}
