//! What was gained and lost, when and why.

use leptos::prelude::*;

use super::{
    ago::Ago,
    icon::{Glyph, Icon},
    identifier::identifier,
};
use crate::{
    api::{DateTime, schema},
    i18n::texts::dashboard as text,
};

/// Names of one kind shown before the rest is folded away.
const CHIPS: usize = 8;

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
    /// Leading a group.
    Leadership,
    /// A permission.
    Permission,
    /// A service.
    Service,
    /// The state.
    State,
}

impl AccessKind {
    /// What it is called.
    pub fn name(self) -> &'static str {
        match self {
            Self::Group => text::kind_group(),
            Self::Leadership => text::kind_leadership(),
            Self::Permission => text::kind_permission(),
            Self::Service => text::kind_service(),
            Self::State => text::kind_state(),
        }
    }

    /// All of them, causes first.
    pub const ALL: [Self; 5] = [Self::State, Self::Group, Self::Leadership, Self::Permission, Self::Service];

    /// Its name in addresses.
    pub fn key(self) -> &'static str {
        match self {
            Self::Group => "group",
            Self::Leadership => "leadership",
            Self::Permission => "permission",
            Self::Service => "service",
            Self::State => "state",
        }
    }

    /// Its place among others: causes first, and what follows from them after.
    pub fn rank(self) -> u8 {
        match self {
            Self::State => 0,
            Self::Group => 1,
            Self::Leadership => 2,
            Self::Permission => 3,
            Self::Service => 4,
        }
    }

    /// Its mark.
    pub fn glyph(self) -> Glyph {
        match self {
            Self::Group => Glyph::People,
            Self::Leadership => Glyph::Star,
            Self::Permission => Glyph::Key,
            Self::Service => Glyph::Services,
            Self::State => Glyph::Shield,
        }
    }
}

/// A list of changes, newest first. What one event did stands in one entry.
#[component]
pub fn Timeline(
    /// The changes.
    #[prop(into)]
    changes: Signal<Vec<AccessChange>>,
    /// At most so many entries.
    #[prop(optional)]
    limit: Option<usize>,
) -> impl IntoView {
    let shown = limit.unwrap_or(usize::MAX);
    view! {
        <ol class="timeline">
            {move || grouped(changes.get()).into_iter().take(shown).map(entry).collect_view()}
        </ol>
    }
}

/// Neighbours of the same moment and cause together; within a group the state comes first and what follows from it
/// after.
fn grouped(changes: Vec<AccessChange>) -> Vec<Vec<AccessChange>> {
    let mut groups: Vec<Vec<AccessChange>> = Vec::new();
    for change in changes {
        match groups.last_mut() {
            Some(group) if group.iter().all(|other| other.at == change.at && other.cause == change.cause) => {
                group.push(change);
            }
            _ => groups.push(vec![change]),
        }
    }
    for group in &mut groups {
        group.sort_by_key(|change| change.kind.rank());
    }
    groups
}

fn entry(group: Vec<AccessChange>) -> Option<impl IntoView> {
    let AccessChange { at, kind, cause, .. } = group.first().cloned()?;
    // Who did it is worth a word only when it was a person.
    let by = (cause.actor != "system").then(|| text::by(&cause.actor));
    Some(view! {
        <li class="timeline-entry">
            <span class="timeline-mark" title=kind.name()><Icon of=kind.glyph() /></span>
            <div class="timeline-body">
                {group.into_iter().map(what).collect_view()}
                <p class="timeline-why">{cause.summary}</p>
                <p class="timeline-when"><Ago at=at />{by.map(|by| format!(" · {by}"))}</p>
            </div>
        </li>
    })
}

/// One thing that changed.
fn what(change: AccessChange) -> impl IntoView {
    view! { <p class="timeline-what">{change_chips(change.kind, change.gained, change.lost)}</p> }
}

/// What was gained and lost of one kind.
pub fn change_chips(kind: AccessKind, gained: Vec<String>, lost: Vec<String>) -> AnyView {
    let names = |names: Vec<String>, word: &'static str, class: &'static str, glyph: Option<Glyph>| {
        let chip = move |name: String| {
            view! {
                <span class=class>
                    {glyph.map(|glyph| view! { <Icon of=glyph /> })}
                    <span class="visually-hidden">{word} " "</span>
                    {identifier(&name)}
                </span>
            }
        };
        folded(names, chip)
    };
    // A state is not gained and lost but changed.
    let what = if kind == AccessKind::State && !gained.is_empty() && !lost.is_empty() {
        view! {
            {names(lost, text::lost(), "change change-neutral", None)}
            <Icon of=Glyph::Forward class="text-muted-own" />
            {names(gained, text::gained(), "change change-neutral", None)}
        }
        .into_any()
    } else {
        view! {
            {names(gained, text::gained(), "change change-gained", Some(Glyph::Gained))}
            {names(lost, text::lost(), "change change-lost", Some(Glyph::Lost))}
        }
        .into_any()
    };
    view! { <span class="timeline-kind">{kind.name()}</span>{what} }.into_any()
}

/// The first of many names, and a button that unfolds the others.
fn folded<V: IntoView + 'static>(
    mut names: Vec<String>,
    chip: impl Fn(String) -> V + Copy + Send + Sync + 'static,
) -> AnyView {
    let rest = if names.len() > CHIPS + 1 { names.split_off(CHIPS) } else { Vec::new() };
    let first = names.into_iter().map(chip).collect_view();
    if rest.is_empty() {
        return first.into_any();
    }
    let more = text::more_changes(i32::try_from(rest.len()).unwrap_or(i32::MAX));
    let unfolded = RwSignal::new(false);
    let rest = StoredValue::new(rest);
    view! {
        {first}
        {move || unfolded.get().then(|| rest.get_value().into_iter().map(chip).collect_view())}
        <button
            type="button"
            class="change change-more"
            aria-expanded=move || unfolded.get().to_string()
            on:click=move |_| unfolded.update(|unfolded| *unfolded = !*unfolded)
        >
            {move || if unfolded.get() { text::fewer_changes().to_owned() } else { more.clone() }}
        </button>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(id: &str, minute: u32, kind: AccessKind, summary: &str) -> Option<AccessChange> {
        let at = serde_json::from_str(&format!("\"2026-01-01T00:{minute:02}:00Z\"")).ok()?;
        let cause = AccessCause { summary: summary.to_owned(), actor: "system".to_owned() };
        Some(AccessChange { id: cynic::Id::new(id), at, kind, gained: Vec::new(), lost: Vec::new(), cause })
    }

    #[test]
    fn one_event_is_one_entry() {
        let changes: Vec<AccessChange> = [
            change("1", 2, AccessKind::Service, "moved"),
            change("2", 2, AccessKind::State, "moved"),
            change("3", 2, AccessKind::State, "promoted"),
            change("4", 1, AccessKind::State, "promoted"),
        ]
        .into_iter()
        .flatten()
        .collect();
        let groups = grouped(changes);
        let ids: Vec<Vec<&str>> =
            groups.iter().map(|group| group.iter().map(|change| change.id.inner()).collect()).collect();
        assert_eq!(ids, [vec!["2", "1"], vec!["3"], vec!["4"]]);
    }
}
