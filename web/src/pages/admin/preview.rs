//! The dialog before an edit of the rules: who gains and who loses what, in numbers and names, and the button that
//! repeats the effect. Only here can an edit be saved.

use leptos::prelude::*;

use super::{
    edit::{AccessCount, AccessPreview, AccessPreviewFilter, EditFlow, Names, PreviewedChange},
    person::person_line,
};
use crate::{
    i18n::{
        format,
        texts::{common, rules as text},
    },
    ui::{
        banner::{Banner, Tone},
        button::{Button, Look},
        change_count::change_count,
        confirm::{Dialog, held_because},
        pager::{Pager, Turn},
        search_box::SearchBox,
        timeline::{AccessKind, change_chips},
    },
};

/// So many losers are confirmed by typing their number.
const MANY: i32 = 50;

/// Shows what the flow's edit would do.
#[component]
pub fn PreviewDialog(
    /// Whose edit.
    flow: EditFlow,
) -> impl IntoView {
    let deletes = Memo::new(move |_| flow.edit.read().as_ref().is_some_and(super::edit::Edit::deletes));
    let title = move || if deletes.get() { text::preview_delete() } else { text::preview() }.to_owned();
    view! {
        <Dialog open=flow.open title=Signal::derive(title) wide=true held=flow.saving>
            <Show when=move || flow.open.get()>
                <Inside flow=flow deletes=deletes />
            </Show>
        </Dialog>
    }
}

#[component]
fn Inside(flow: EditFlow, deletes: Memo<bool>) -> impl IntoView {
    let of = move |part: fn(&AccessPreview) -> i32| {
        Memo::new(move |_| flow.preview.read().as_ref().map_or(0, part))
    };
    let users = of(|preview| preview.user_count);
    let losers = of(|preview| preview.loser_count);
    let named =
        Memo::new(move |_| flow.preview.read().as_ref().is_some_and(|preview| preview.changes.is_some()));
    let summary = move || flow.preview.read().as_ref().map(|preview| preview.summary.clone());
    let typed = RwSignal::new(String::new());
    // Leading is not access: whoever only leads no more keeps his.
    let only_leading = Memo::new(move |_| {
        flow.preview.read().as_ref().is_some_and(|preview| {
            preview.counts.iter().all(|count| count.lost == 0 || count.kind == AccessKind::Leadership)
        })
    });
    let action = move || {
        let verb = flow.edit.read().as_ref().map(super::edit::Edit::verb).unwrap_or_default();
        match (losers.get(), users.get()) {
            (0, 0) => verb.to_owned(),
            (0, users) => text::give(users, verb, &format::number(users.into())),
            (losers, _) if only_leading.get() => {
                text::take_leading(losers, verb, &format::number(losers.into()))
            }
            (losers, _) => text::take(losers, &format::number(losers.into())),
        }
    };
    let many = Memo::new(move |_| losers.get() >= MANY);
    let locked = move || {
        let entered: String = typed.read().chars().filter(char::is_ascii_digit).collect();
        (many.get() && entered != losers.get().to_string()).then(|| text::type_first().to_owned())
    };
    // The world may move while one looks.
    let look =
        Memo::new(move |_| if deletes.get() || losers.get() > 0 { Look::Danger } else { Look::Primary });
    view! {
        <Show when=move || flow.moved.get()>
            <Banner tone=Tone::Warning title=text::moved_title()><p>{text::moved()}</p></Banner>
        </Show>
        <p class="preview-summary">{summary}</p>
        <Show
            when=move || { users.get() > 0 }
            fallback=|| view! { <p class="text-muted-own">{text::nothing_moves()}</p> }
        >
            <Counts flow=flow named=named />
            <Show
                when=move || named.get()
                fallback=|| view! { <p class="text-muted-own">{text::names_withheld()}</p> }
            >
                <People flow=flow />
            </Show>
        </Show>
        <form
            class="dialog-actions"
            novalidate=true
            on:submit=move |event| { event.prevent_default(); flow.save() }
        >
            <Show when=move || many.get()>
                <div class="field preview-number">
                    <label class="form-label" for="preview-number">
                        {move || text::type_number(&format::number(losers.get().into()))}
                    </label>
                    <input
                        id="preview-number"
                        class="form-control"
                        inputmode="numeric"
                        autocomplete="off"
                        bind:value=typed
                    />
                </div>
            </Show>
            <Button
                text=common::cancel().to_owned()
                locked=held_because(flow.saving)
                on_click=move |()| flow.open.set(false)
            />
            <Button
                text=Signal::derive(action)
                look=look
                busy=Signal::derive(move || flow.saving.get() || flow.asking.get())
                locked=Signal::derive(locked)
                submit=true
            />
        </form>
    }
}

/// Gains and losses by kind and name; where there are names below, each row narrows them to its own.
#[component]
fn Counts(flow: EditFlow, named: Memo<bool>) -> impl IntoView {
    let chosen = move |count: &AccessCount| {
        let (kind, name) = (count.kind, count.name.clone());
        Signal::derive(move || {
            flow.names
                .with(|names| names.filter.kind == Some(kind) && names.filter.name.as_ref() == Some(&name))
        })
    };
    let row = move |count: AccessCount| {
        let on = chosen(&count);
        let AccessCount { kind, name, title, gained, lost } = count;
        let choose = move |_| {
            let filter = if on.get_untracked() {
                AccessPreviewFilter { kind: None, name: None, ..flow.names.get_untracked().filter }
            } else {
                AccessPreviewFilter {
                    kind: Some(kind),
                    name: Some(name.clone()),
                    ..flow.names.get_untracked().filter
                }
            };
            flow.look_at(Names { filter, turn: None });
        };
        let inside = change_count(kind, &title, gained, lost, true);
        if !named.get() {
            return view! { <li class="preview-count">{inside}</li> }.into_any();
        }
        view! {
            <li>
                <button
                    type="button"
                    class="preview-count"
                    aria-pressed=move || on.get().to_string()
                    on:click=choose
                >
                    {inside}
                </button>
            </li>
        }
        .into_any()
    };
    let counts = Memo::new(move |_| {
        let mut counts =
            flow.preview.read().as_ref().map(|preview| preview.counts.clone()).unwrap_or_default();
        counts.sort_by_key(|count| count.kind.rank());
        counts
    });
    view! {
        <ul class="preview-counts" aria-label=text::counts()>
            {move || counts.get().into_iter().map(row).collect_view()}
        </ul>
    }
}

/// What follows for the same pilot together: the server tells of each kind of access, pilot by pilot.
fn by_person(changes: &[PreviewedChange]) -> Vec<Vec<PreviewedChange>> {
    changes.chunk_by(|one, next| one.person.id == next.person.id).map(<[_]>::to_vec).collect()
}

/// Whom it concerns: searched and paged by the server.
#[component]
fn People(flow: EditFlow) -> impl IntoView {
    let changes =
        Memo::new(move |_| flow.preview.read().as_ref().and_then(|preview| preview.changes.clone()));
    let total = move || changes.read().as_ref().map_or(0, |changes| changes.total_count);
    let search = move |words: String| {
        let search = Some(words).filter(|words| !words.is_empty());
        let filter = AccessPreviewFilter { search, ..flow.names.get_untracked().filter };
        flow.look_at(Names { filter, turn: None });
    };
    // Services by the name that people know, as in the counts.
    let titled = move |kind: AccessKind, names: Vec<String>| {
        let title = |name: String| {
            flow.preview
                .with_untracked(|preview| {
                    let counts = preview.iter().flat_map(|preview| &preview.counts);
                    let found = counts.into_iter().find(|count| count.kind == kind && count.name == name);
                    found.map(|count| count.title.clone())
                })
                .unwrap_or(name)
        };
        if kind == AccessKind::Service { names.into_iter().map(title).collect() } else { names }
    };
    let what = move |PreviewedChange { kind, gained, lost, .. }: PreviewedChange| {
        let (gained, lost) = (titled(kind, gained), titled(kind, lost));
        view! { <p class="preview-what">{change_chips(kind, gained, lost)}</p> }
    };
    let row = move |all: Vec<PreviewedChange>| {
        let who = all.first().map(|change| person_line(&change.person));
        view! {
            <li class="preview-person">
                {who}
                <div class="preview-changes">{all.into_iter().map(what).collect_view()}</div>
            </li>
        }
    };
    let turn = move |turn: Turn| {
        let filter = flow.names.get_untracked().filter;
        flow.look_at(Names { filter, turn: Some(turn) });
    };
    view! {
        <section class="preview-people" aria-label=text::names()>
            <SearchBox label=text::search_names() words=RwSignal::new(String::new()) on_pause=search />
            <p class="table-count" role="status">{move || text::changes(total(), &format::number(total().into()))}</p>
            <ul class="rows" class:is-busy=move || flow.asking.get()>
                {move || changes.read().iter().flat_map(|changes| by_person(&changes.nodes)).map(row).collect_view()}
            </ul>
            <Pager
                info=Signal::derive(move || changes.get().map(|changes| changes.page_info).unwrap_or_default())
                on_turn=turn
            />
        </section>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        api::DateTime,
        ui::{badge::StateName, person::Person},
    };

    fn change(user: &str, kind: AccessKind) -> PreviewedChange {
        let person = Person {
            id: cynic::Id::new(user),
            username: user.to_owned(),
            main_character: None,
            state: StateName { name: "Member".to_owned(), is_guest: false },
            created_at: DateTime::default(),
            is_active: true,
        };
        PreviewedChange { person, kind, gained: Vec::new(), lost: Vec::new() }
    }

    #[test]
    fn a_pilot_stands_in_one_row() {
        let changes = [
            change("1", AccessKind::Group),
            change("1", AccessKind::Permission),
            change("2", AccessKind::Group),
        ];
        let people = by_person(&changes);
        assert_eq!(people, [changes[..2].to_vec(), changes[2..].to_vec()]);
    }
}
