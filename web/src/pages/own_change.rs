//! What one gains and loses oneself by what one is about to do: asked before, and said in the dialog that asks whether to.

use leptos::prelude::*;

use crate::{
    api::{Query, Remote, schema},
    i18n::texts::access as text,
    ui::{
        skeleton::SkeletonRows,
        timeline::{AccessKind, change_chips},
    },
};

/// What would follow for the viewer.
#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "AccessPreview")]
pub struct OwnPreview {
    counts: Vec<OwnCount>,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "AccessCount")]
struct OwnCount {
    kind: AccessKind,
    title: String,
    gained: i32,
    lost: i32,
}

/// What is gained and what is lost of one kind.
type Moved = (AccessKind, Vec<String>, Vec<String>);

impl OwnPreview {
    /// By kind, causes first.
    fn by_kind(&self) -> Vec<Moved> {
        let titles = |kind: AccessKind, moves: fn(&OwnCount) -> bool| -> Vec<String> {
            let found = self.counts.iter().filter(|count| count.kind == kind && moves(count));
            found.map(|count| count.title.clone()).collect()
        };
        AccessKind::ALL
            .into_iter()
            .map(|kind| (kind, titles(kind, |count| count.gained > 0), titles(kind, |count| count.lost > 0)))
            .filter(|(_, gained, lost)| !gained.is_empty() || !lost.is_empty())
            .collect()
    }
}

/// Says it, as far as it is known. What cannot be looked up stands in nobody's way.
#[component]
pub fn OwnChange<T>(
    /// What was asked.
    query: Query<T>,
    /// What came of it; nothing where there is nothing to look at.
    preview: fn(&T) -> Option<&OwnPreview>,
) -> impl IntoView
where
    T: Send + Sync + 'static,
{
    let shown = move || match &*query.state.read() {
        Remote::Loading => view! { <SkeletonRows rows=2 /> }.into_any(),
        Remote::Failed(_) => view! { <p class="text-muted-own">{text::own_unknown()}</p> }.into_any(),
        Remote::Ready(data) => preview(data).map(|preview| moved(preview.by_kind())).into_any(),
    };
    view! {
        <section class="own-change" aria-label=text::own_change() aria-live="polite" aria-busy=move || query.busy.get().to_string()>
            {shown}
        </section>
    }
}

fn moved(all: Vec<Moved>) -> AnyView {
    if all.is_empty() {
        return view! { <p class="text-muted-own">{text::own_nothing()}</p> }.into_any();
    }
    let ends_account = all.iter().any(|(kind, _, lost)| *kind == AccessKind::Service && !lost.is_empty());
    let row = |(kind, gained, lost): Moved| {
        view! { <li class="timeline-what">{change_chips(kind, gained, lost)}</li> }
    };
    view! {
        <p class="form-label">{text::own_change()}</p>
        <ul class="own-changes">{all.into_iter().map(row).collect_view()}</ul>
        {ends_account.then(|| view! { <p class="form-text">{text::own_account_ends()}</p> })}
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_moves_stands_together_by_kind() {
        let count =
            |kind, title: &str, gained, lost| OwnCount { kind, title: title.to_owned(), gained, lost };
        let preview = OwnPreview {
            counts: vec![
                count(AccessKind::Service, "Discord", 0, 1),
                count(AccessKind::State, "Guest", 1, 0),
                count(AccessKind::State, "Member", 0, 1),
            ],
        };
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        assert_eq!(
            preview.by_kind(),
            [
                (AccessKind::State, names(&["Guest"]), names(&["Member"])),
                (AccessKind::Service, names(&[]), names(&["Discord"])),
            ]
        );
    }
}
