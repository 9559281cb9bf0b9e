//! Icons from the sprite the bundler makes of `icons.txt`.

use leptos::prelude::*;

/// Declares the icons by meaning, each with its name in the sprite.
macro_rules! glyphs {
    ($($glyph:ident = $name:literal),+ $(,)?) => {
        /// An icon, named by what it means here.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Glyph { $($glyph),+ }

        impl Glyph {
            /// The name in the sprite.
            pub fn name(self) -> &'static str {
                match self { $(Self::$glyph => $name),+ }
            }

            #[cfg(test)]
            const ALL: &[Self] = &[$(Self::$glyph),+];
        }
    };
}

glyphs! {
    Refresh = "arrow-clockwise",
    Down = "arrow-down",
    Back = "arrow-left",
    Forward = "arrow-right",
    Up = "arrow-up",
    Bell = "bell",
    LogOut = "box-arrow-right",
    SuccessMark = "check-circle-fill",
    Reason = "chat-quote",
    Check = "check-lg",
    Collapse = "chevron-double-left",
    Expand = "chevron-double-right",
    Next = "chevron-right",
    ThemeAuto = "circle-half",
    History = "clock-history",
    Lost = "dash-circle",
    Copy = "copy",
    Discord = "discord",
    Filter = "funnel",
    Mail = "envelope",
    MailConfirmed = "envelope-check",
    MailOpen = "envelope-open",
    DangerMark = "exclamation-octagon-fill",
    WarningMark = "exclamation-triangle-fill",
    Settings = "gear",
    Dashboard = "grid-1x2",
    Waiting = "hourglass-split",
    Empty = "inbox",
    InfoMark = "info-circle-fill",
    Key = "key",
    Laptop = "laptop",
    Link = "link-45deg",
    Menu = "list",
    ThemeDark = "moon-stars",
    Palette = "palette",
    Question = "patch-question",
    People = "people",
    Characters = "person-badge",
    Members = "person-lines-fill",
    AddPerson = "person-plus",
    Phone = "phone",
    Services = "plug",
    Gained = "plus-circle",
    Plus = "plus-lg",
    Rocket = "rocket-takeoff",
    Search = "search",
    Shield = "shield-check",
    Lock = "shield-lock",
    Star = "star",
    StarFull = "star-fill",
    ThemeLight = "sun",
    Language = "translate",
    Offline = "wifi-off",
    Groups = "diagram-3",
    Reserved = "slash-circle",
    Audit = "journal-text",
    Download = "download",
    Trash = "trash",
    Refused = "x-circle-fill",
    Close = "x-lg",
}

thread_local! {
    static SPRITE: String = crate::web::meta("fealty-icons").unwrap_or_default();
}

/// Draws an icon in the size and colour of the text around it; it is decoration, never the only name of a control.
#[component]
pub fn Icon(
    /// Which one.
    #[prop(into)]
    of: Signal<Glyph>,
    /// More classes.
    #[prop(optional)]
    class: &'static str,
) -> impl IntoView {
    let href = move || SPRITE.with(|sprite| format!("{sprite}#{}", of.get().name()));
    view! {
        <svg class=format!("icon {class}") aria-hidden="true" focusable="false" width="16" height="16">
            <use_ href=href />
        </svg>
    }
}

#[cfg(test)]
mod tests {
    use super::Glyph;

    #[test]
    fn the_sprite_has_exactly_the_icons_drawn() {
        let mut drawn: Vec<&str> = Glyph::ALL.iter().map(|glyph| glyph.name()).collect();
        drawn.sort_unstable();
        let listed: Vec<&str> =
            include_str!("../../icons.txt").lines().filter(|line| !line.starts_with('#')).collect();
        assert_eq!(drawn, listed);
    }
}
