//! What kind of group it is, as badges.

use leptos::prelude::*;

use super::{
    badge::{StateBadge, StateName},
    icon::{Glyph, Icon},
};
use crate::{api::schema, i18n::texts::groups as text};

/// What the part draws.
#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "Group")]
pub struct GroupFlags {
    /// Kept by administrators.
    pub is_internal: bool,
    /// Not listed.
    pub is_hidden: bool,
    /// Without approval.
    pub is_open: bool,
    /// Kept by superusers.
    pub is_restricted: bool,
    /// Only for some states.
    pub is_state_limited: bool,
    /// Those states.
    pub states: Vec<StateName>,
}

/// The badges; each says more on hover.
#[component]
pub fn GroupBadges(
    /// Of which group.
    flags: GroupFlags,
) -> impl IntoView {
    let badge = |class: &'static str, glyph: Option<Glyph>, name: &'static str, hint: &'static str| {
        let icon = glyph.map(|glyph| view! { <Icon of=glyph /> });
        view! { <span class=class title=hint>{icon}{name}</span> }
    };
    let joining = if flags.is_internal {
        badge("status status-neutral", Some(Glyph::Lock), text::internal(), text::internal_hint())
    } else if flags.is_open {
        badge("status status-good", None, text::open(), text::open_hint())
    } else {
        badge("status status-neutral", None, text::approval(), text::approval_hint())
    };
    view! {
        <span class="cell-badges">
            {joining}
            {flags.is_restricted.then(|| {
                badge("status status-busy", Some(Glyph::Lock), text::restricted(), text::restricted_hint())
            })}
            {flags.is_hidden.then(|| badge("status status-neutral", None, text::hidden(), text::hidden_hint()))}
            {flags.is_state_limited.then(|| view! {
                <span class="only-for">
                    {text::only_for()}
                    {flags.states.into_iter().map(|state| view! { <StateBadge state=state /> }).collect_view()}
                </span>
            })}
        </span>
    }
}
