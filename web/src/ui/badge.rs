//! Badges of states: the same name has the same colour everywhere and always.

use leptos::prelude::*;

use crate::{api::schema, i18n::texts::common as text};

/// What the part draws.
#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "State")]
pub struct StateName {
    /// Its name.
    pub name: String,
    /// The state of last resort.
    pub is_guest: bool,
}

/// How many hues the style sheet has.
const HUES: u32 = 8;

/// The class that colours a state. Guests are grey, the two names every installation starts with have their own
/// colours, and all others get theirs from the name.
fn class(state: &StateName) -> String {
    if state.is_guest {
        return "state-guest".to_owned();
    }
    match state.name.as_str() {
        "Member" => "state-0".to_owned(),
        "Blue" => "state-1".to_owned(),
        name => {
            let hash = name
                .bytes()
                .fold(2_166_136_261_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(16_777_619));
            format!("state-{}", 2 + hash % (HUES - 2))
        }
    }
}

/// A state as a badge.
#[component]
pub fn StateBadge(
    /// Which.
    state: StateName,
    /// For the dashboard.
    #[prop(optional)]
    large: bool,
) -> impl IntoView {
    let class = format!("state-badge {}{}", class(&state), if large { " state-badge-large" } else { "" });
    // A table may cut it.
    let whole = state.name.clone();
    view! {
        <span class=class title=whole>
            <span class="visually-hidden">{text::state()} ": "</span>
            {state.name}
        </span>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(name: &str, is_guest: bool) -> String {
        class(&StateName { name: name.to_owned(), is_guest })
    }

    #[test]
    fn colours_are_stable() {
        assert_eq!(of("Member", false), "state-0");
        assert_eq!(of("Blue", false), "state-1");
        assert_eq!(of("Guest", true), "state-guest");
        assert_eq!(of("Recruit", false), of("Recruit", false));
    }

    #[test]
    fn every_hue_exists() {
        for name in ["Ally", "Recruit", "Veteran", "Friend", "Director", "Coalition", "Neutral"] {
            let hue: u32 = of(name, false).trim_start_matches("state-").parse().unwrap_or(u32::MAX);
            assert!((2..HUES).contains(&hue), "{name}: {hue}");
        }
    }
}
