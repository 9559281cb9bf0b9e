//! What was gained and lost, when and why.

use leptos::prelude::*;

use super::{
    ago::Ago,
    icon::{Glyph, Icon},
};
use crate::{
    api::{DateTime, schema},
    i18n::texts::dashboard as text,
};

/// What the part draws.
#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
pub struct AccessChange {
    /// Opaque id.
    pub id: cynic::Id,
    /// When.
    pub at: DateTime,
    /// What kind of thing.
    pub kind: AccessKind,
    /// What was gained.
    pub gained: Vec<String>,
    /// What was lost.
    pub lost: Vec<String>,
    /// Why.
    pub cause: AccessCause,
}

/// Why something changed.
#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
pub struct AccessCause {
    /// One sentence.
    pub summary: String,
    /// By whom.
    pub actor: String,
}

/// Kinds of access.
#[derive(cynic::Enum, Clone, Copy, Debug, PartialEq)]
pub enum AccessKind {
    /// A group.
    Group,
    /// A permission.
    Permission,
    /// A service.
    Service,
    /// The state.
    State,
}

impl AccessKind {
    fn name(self) -> &'static str {
        match self {
            Self::Group => text::kind_group(),
            Self::Permission => text::kind_permission(),
            Self::Service => text::kind_service(),
            Self::State => text::kind_state(),
        }
    }

    fn glyph(self) -> Glyph {
        match self {
            Self::Group => Glyph::People,
            Self::Permission => Glyph::Key,
            Self::Service => Glyph::Services,
            Self::State => Glyph::Shield,
        }
    }
}

/// A list of changes, newest first.
#[component]
pub fn Timeline(
    /// The changes.
    #[prop(into)]
    changes: Signal<Vec<AccessChange>>,
) -> impl IntoView {
    view! {
        <ol class="timeline">
            {move || changes.get().into_iter().map(entry).collect_view()}
        </ol>
    }
}

fn entry(change: AccessChange) -> impl IntoView {
    let names = |names: Vec<String>, word: &'static str, class: &'static str, glyph: Option<Glyph>| {
        names
            .into_iter()
            .map(|name| {
                view! {
                    <span class=class>
                        {glyph.map(|glyph| view! { <Icon of=glyph /> })}
                        <span class="visually-hidden">{word} " "</span>
                        {name}
                    </span>
                }
            })
            .collect_view()
    };
    // A state is not gained and lost but changed.
    let what = if change.kind == AccessKind::State && !change.gained.is_empty() && !change.lost.is_empty() {
        view! {
            {names(change.lost, text::lost(), "change change-neutral", None)}
            <Icon of=Glyph::Forward class="text-muted-own" />
            {names(change.gained, text::gained(), "change change-neutral", None)}
        }
        .into_any()
    } else {
        view! {
            {names(change.gained, text::gained(), "change change-gained", Some(Glyph::Gained))}
            {names(change.lost, text::lost(), "change change-lost", Some(Glyph::Lost))}
        }
        .into_any()
    };
    // Who did it is worth a word only when it was a person.
    let by = (change.cause.actor != "system").then(|| text::by(&change.cause.actor));
    view! {
        <li class="timeline-entry">
            <span class="timeline-mark" title=change.kind.name()><Icon of=change.kind.glyph() /></span>
            <div class="timeline-body">
                <p class="timeline-what">
                    <span class="timeline-kind">{change.kind.name()}</span>
                    {what}
                </p>
                <p class="timeline-why">{change.cause.summary}</p>
                <p class="timeline-when"><Ago at=change.at />{by.map(|by| format!(" · {by}"))}</p>
            </div>
        </li>
    }
}
