//! What kind of group it is, as badges.

use leptos::prelude::*;

use super::{
    badge::{StateBadge, StateName},
    icon::{Glyph, Icon},
};
use crate::{
    api::schema,
    i18n::texts::{groups as text, rules},
};

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

/// The badges, and the states that it is limited to.
#[component]
pub fn GroupBadges(
    /// Of which group.
    flags: GroupFlags,
) -> impl IntoView {
    view! {
        <span class="cell-badges">
            {kinds(flags.is_internal, flags.is_hidden, flags.is_open, false, flags.is_restricted)}
            {flags.is_state_limited.then(|| view! {
                <span class="only-for">
                    {text::only_for()}
                    {flags.states.is_empty().then(text::only_for_nobody)}
                    {flags.states.into_iter().map(|state| view! { <StateBadge state=state /> }).collect_view()}
                </span>
            })}
        </span>
    }
}

/// A group's flags as badges; each says more on hover. Those that internal overrides are left out.
pub fn kinds(
    is_internal: bool,
    is_hidden: bool,
    is_open: bool,
    is_public: bool,
    is_restricted: bool,
) -> AnyView {
    let joining = if is_internal {
        internal()
    } else if is_open {
        badge("status status-good", None, text::open(), text::open_hint())
    } else {
        badge("status status-neutral", None, text::approval(), text::approval_hint())
    };
    view! {
        {joining}
        {is_restricted.then(restricted)}
        {(is_hidden && !is_internal).then(|| badge("status status-neutral", None, text::hidden(), text::hidden_hint()))}
        {(is_public && !is_internal).then(|| badge("status status-good", None, rules::public(), rules::public_hint()))}
    }
    .into_any()
}

/// Kept by administrators.
pub fn internal() -> AnyView {
    badge("status status-neutral", Some(Glyph::Lock), text::internal(), text::internal_hint())
}

/// Kept by superusers.
pub fn restricted() -> AnyView {
    badge("status status-busy", Some(Glyph::Lock), text::restricted(), text::restricted_hint())
}

fn badge(class: &'static str, glyph: Option<Glyph>, name: &'static str, hint: &'static str) -> AnyView {
    let icon = glyph.map(|glyph| view! { <Icon of=glyph /> });
    view! { <span class=class title=hint>{icon}{name}</span> }.into_any()
}
