//! Texts that people enter: names and reasons.
//!
//! Two names that look the same are the same name: they are stored in Unicode's composed form (NFC), with single
//! spaces, and without invisible characters. Comparing what is left, ignoring case, is up to the database.

use unicode_normalization::UnicodeNormalization as _;

use crate::error::{Error, Problem, Result};

/// The maximum length of a reason or a note, in characters.
pub const MAX_REASON: usize = 1_000;
/// The maximum length of a search, in characters; longer ones find nothing that shorter ones do not.
pub const MAX_SEARCH: usize = 150;

/// The text to search for, trimmed and bounded; `None` if there is nothing to search for.
#[must_use]
pub fn searched(search: Option<&str>) -> Option<String> {
    let text = search.map(str::trim).filter(|text| !text.is_empty())?;
    Some(text.chars().take(MAX_SEARCH).collect())
}

/// A name as it is stored.
#[must_use]
pub fn tidy_name(name: &str) -> String {
    let is_space = |c: char| c.is_whitespace() && !c.is_control();
    let words: Vec<&str> = name.trim().split(is_space).filter(|word| !word.is_empty()).collect();
    words.join(" ").nfc().collect()
}

/// Whether it draws nothing, or changes how its neighbours are drawn: Unicode's format characters (general category
/// Cf), the Hangul fillers and the Braille blank.
const fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}' | '\u{890}'..='\u{891}'
        | '\u{8e2}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}'
        | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{110bd}' | '\u{110cd}' | '\u{13430}'..='\u{1343f}'
        | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// What is wrong with a tidied name of `what` ("A group") with at most `most` characters.
#[must_use]
pub fn check_name(what: &str, name: &str, most: usize) -> Option<Problem> {
    let problem = |code, message| Some(Problem::new("name", code, message));
    match name.chars().count() {
        0 => problem("required", format!("{what} needs a name.")),
        n if n > most => problem("too_long", format!("A name can have at most {most} characters.")),
        _ if name.chars().any(|c| c.is_control() || is_invisible(c)) => {
            problem("invalid", "A name cannot contain invisible characters.".into())
        }
        _ => None,
    }
}

/// A reason or a note, trimmed; none given is an empty one.
///
/// # Errors
/// `Invalid` for a text that is too long.
pub fn reason(field: &'static str, text: Option<&str>) -> Result<String> {
    // PostgreSQL's texts can contain anything but this.
    let text = text.unwrap_or_default().replace('\0', "");
    let text = text.trim();
    if text.chars().count() > MAX_REASON {
        return Err(Error::invalid(field, "too_long", format!("At most {MAX_REASON} characters.")));
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_look_the_same_are_the_same() {
        assert_eq!(tidy_name("  Black \u{a0}\u{2003} Ops\n"), "Black Ops");
        // "é" as one character, and as two
        assert_eq!(tidy_name("Caf\u{e9}"), tidy_name("Cafe\u{301}"));
    }

    #[test]
    fn nothing_invisible_is_in_a_name() {
        for name in [
            "Guest\u{200b}",
            "\u{202e}tseuG",
            "Gu\u{ad}est",
            "\u{feff}Guest",
            "G\u{1}",
            "Gue\nst",
            "\u{3164}",
        ] {
            assert_eq!(check_name("A group", name, 150).map(|p| p.code), Some("invalid"), "{name:?}");
        }
        for name in ["Black Ops", "Ölfässer 🚀", "Оперативники", "監察官", "O'Neill & \"Co\""]
        {
            assert_eq!(check_name("A group", name, 150), None, "{name:?}");
        }
        assert_eq!(check_name("A group", "", 3).map(|p| p.code), Some("required"));
        assert_eq!(check_name("A group", "abcd", 3).map(|p| p.code), Some("too_long"));
    }
}
