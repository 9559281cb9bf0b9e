//! Portraits and logos: lazy, of a fixed size, with initials where the image server has nothing.

use leptos::prelude::*;

/// Sizes in use, so that pages line up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Size {
    /// 24 px, inside a line of text.
    Tiny,
    /// 40 px, in lists.
    #[default]
    Small,
    /// 64 px, on cards.
    Medium,
    /// 112 px, once on a page.
    Large,
}

impl Size {
    fn pixels(self) -> u32 {
        match self {
            Self::Tiny => 24,
            Self::Small => 40,
            Self::Medium => 64,
            Self::Large => 112,
        }
    }

    fn class(self) -> &'static str {
        match self {
            Self::Tiny => "portrait-tiny",
            Self::Small => "portrait-small",
            Self::Medium => "portrait-medium",
            Self::Large => "portrait-large",
        }
    }
}

/// Up to two letters that stand for a name.
pub fn initials(name: &str) -> String {
    let mut words = name.split_whitespace();
    let first = words.next().and_then(|word| word.chars().next());
    let last = words.next_back().and_then(|word| word.chars().next());
    first.into_iter().chain(last).flat_map(char::to_uppercase).collect()
}

/// A round portrait. The name stands beside it wherever it is used, so for screen readers it is decoration.
#[component]
pub fn Portrait(
    /// Address on the image server.
    #[prop(into)]
    src: String,
    /// Whose it is.
    #[prop(into)]
    name: String,
    /// How big.
    #[prop(optional)]
    size: Size,
    /// Square with soft corners: for corporations and alliances.
    #[prop(optional)]
    logo: bool,
) -> impl IntoView {
    // Without an address there is nothing to load, and nothing that could fail.
    let failed = RwSignal::new(src.is_empty());
    let src = (!src.is_empty()).then_some(src);
    let pixels = size.pixels().to_string();
    let class = format!("portrait {}{}", size.class(), if logo { " portrait-logo" } else { "" });
    view! {
        <span class=class aria-hidden="true">
            <Show when=move || failed.get()>{initials(&name)}</Show>
            <img
                src=src
                alt=""
                width=pixels.clone()
                height=pixels
                loading="lazy"
                decoding="async"
                class:d-none=move || failed.get()
                on:error=move |_| failed.set(true)
            />
        </span>
    }
}

#[cfg(test)]
mod tests {
    use super::initials;

    #[test]
    fn names_have_initials() {
        assert_eq!(initials("Ayla Vorn"), "AV");
        assert_eq!(initials("mittens"), "M");
        assert_eq!(initials("Kel de la Ruta"), "KR");
        assert_eq!(initials(""), "");
    }
}
