//! Every word the SPA says, in one layer.
//!
//! A text is a function (`texts::login::title()`), its parameters are typed, and all its languages stand side by side
//! in the file of its area. A misspelt key, a missing parameter or a language without a text does not compile.
//! To add a language: add it to [`Lang`], and the compiler lists what is to be translated.

#[macro_use]
mod macros;
pub mod format;
pub mod texts;

use std::cell::Cell;

/// A text without parameters, before the language is known.
pub type Text = fn() -> &'static str;

/// Languages of the SPA.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lang {
    /// English.
    En,
}

impl Lang {
    /// All of them, for the choice in the settings.
    pub const ALL: &[Self] = &[Self::En];

    /// The BCP 47 tag, as the server keeps it.
    pub fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
        }
    }

    /// Its own name for itself.
    pub fn name(self) -> &'static str {
        match self {
            Self::En => "English",
        }
    }

    /// The language for a tag such as `en-GB`.
    pub fn from_tag(tag: &str) -> Option<Self> {
        let primary = tag.split('-').next().unwrap_or_default();
        Self::ALL.iter().copied().find(|lang| lang.tag().eq_ignore_ascii_case(primary))
    }
}

thread_local! {
    static CURRENT: Cell<Lang> = const { Cell::new(Lang::En) };
}

/// The language now.
pub fn lang() -> Lang {
    CURRENT.get()
}

/// Sets the language; what is drawn already keeps its own until it is drawn again.
pub fn set_lang(lang: Lang) {
    CURRENT.set(lang);
}

/// Which form of a counted text a number takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plural {
    /// As for 1 in English.
    One,
    /// All else.
    Other,
}

/// The form for a number, by the rules of the language.
pub fn plural(count: impl Into<i64>) -> Plural {
    match lang() {
        Lang::En if count.into() == 1 => Plural::One,
        Lang::En => Plural::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_find_their_language() {
        assert_eq!(Lang::from_tag("en-GB"), Some(Lang::En));
        assert_eq!(Lang::from_tag("EN"), Some(Lang::En));
        assert_eq!(Lang::from_tag("xx"), None);
        assert_eq!(Lang::from_tag(""), None);
    }

    #[test]
    fn counted_texts_take_the_right_form() {
        assert_eq!(texts::notifications::marked(1), "1 notification marked as read.");
        assert_eq!(texts::notifications::marked(0), "0 notifications marked as read.");
        // Beside a number that is shown on its own.
        assert_eq!(texts::rules::gain_it(1), "pilot gains it");
        assert_eq!(texts::rules::lose_it(2), "pilots lose it");
    }
}
