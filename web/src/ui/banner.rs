//! What stays on the page until it is dealt with.

use leptos::prelude::*;

use super::icon::{Glyph, Icon};

/// How serious something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Good to know.
    Info,
    /// It worked.
    Success,
    /// Needs a look.
    Warning,
    /// Went wrong.
    Danger,
}

impl Tone {
    /// The word in class names.
    pub fn class(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Success => "success",
            Self::Warning => "warning",
            Self::Danger => "danger",
        }
    }

    /// The mark that says the same without colour.
    pub fn glyph(self) -> Glyph {
        match self {
            Self::Info => Glyph::InfoMark,
            Self::Success => Glyph::SuccessMark,
            Self::Warning => Glyph::WarningMark,
            Self::Danger => Glyph::DangerMark,
        }
    }
}

/// A message in the page, with room for what to do about it.
#[component]
pub fn Banner(
    /// How serious.
    tone: Tone,
    /// In a few words.
    #[prop(optional, into)]
    title: Option<String>,
    /// The sentence, and buttons.
    children: Children,
) -> impl IntoView {
    let role = if tone == Tone::Danger { "alert" } else { "status" };
    view! {
        <div class=format!("notice notice-{}", tone.class()) role=role>
            <Icon of=tone.glyph() />
            <div class="notice-body">
                {title.map(|title| view! { <p class="notice-title">{title}</p> })}
                {children()}
            </div>
        </div>
    }
}
