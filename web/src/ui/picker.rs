//! Chooses things by their names: a field with a list of what matches, and what is chosen as chips.
//!
//! The part asks nobody: it says what was typed and is given what matches.

use leptos::{ev, leptos_dom::helpers::debounce, prelude::*};

use super::{
    field::own_problem,
    icon::{Glyph, Icon},
    identifier::identifier,
    portrait::{Portrait, Size},
};
use crate::{
    api::{Problem, Remote},
    i18n::texts::{errors, rules as text},
    web,
};

/// Something to choose.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pick {
    /// Its id.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// What tells it from others of that name.
    pub detail: String,
    /// Address of its picture; empty for none.
    pub picture: String,
    /// Why it cannot be chosen; empty when it can.
    pub unfit: String,
}

/// How far a search has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// No answer yet.
    Searching,
    /// What was found is all there is.
    Done,
    /// No answer: that says nothing about what there is.
    Failed,
}

impl Progress {
    /// Of a query.
    pub fn of<T>(state: &Remote<T>) -> Self {
        match state {
            Remote::Loading => Self::Searching,
            Remote::Ready(_) => Self::Done,
            Remote::Failed(_) => Self::Failed,
        }
    }

    /// Of two searches together.
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Failed, _) | (_, Self::Failed) => Self::Failed,
            (Self::Searching, _) | (_, Self::Searching) => Self::Searching,
            (Self::Done, Self::Done) => Self::Done,
        }
    }
}

/// What matches the words typed.
#[derive(Clone, Copy)]
pub struct Hits {
    /// What was found.
    pub found: Signal<Vec<Pick>>,
    /// Whether that is all.
    pub progress: Signal<Progress>,
    /// Searches again.
    pub retry: Callback<()>,
}

/// A field to choose with.
#[component]
pub fn Picker(
    /// The input's name, as the server's problems call it.
    name: &'static str,
    /// What is chosen here.
    #[prop(into)]
    label: String,
    /// What one may type.
    #[prop(into)]
    placeholder: String,
    /// What is chosen.
    chosen: RwSignal<Vec<Pick>>,
    /// At most one.
    #[prop(optional)]
    single: bool,
    /// What was typed; empty again after a choice.
    words: RwSignal<String>,
    /// What matches it.
    hits: Hits,
    /// The server's word on the form.
    #[prop(optional, into)]
    problems: Signal<Vec<Problem>>,
    /// May be read only.
    #[prop(optional)]
    locked: bool,
    /// For a row of filters: in one line, with what is chosen in place of the field.
    #[prop(optional)]
    compact: bool,
) -> impl IntoView {
    let id = format!("field-{name}");
    let list_id = format!("{id}-list");
    let problem_id = format!("{id}-problem");
    let shown = RwSignal::new(String::new());
    let open = RwSignal::new(false);
    // None until somebody points at one.
    let active = RwSignal::new(None::<usize>);
    let offered = Memo::new(move |_| {
        if words.read().is_empty() {
            return Vec::new();
        }
        chosen.with(|chosen| {
            hits.found
                .get()
                .into_iter()
                .filter(|hit| !chosen.iter().any(|pick| pick.id == hit.id))
                .collect::<Vec<_>>()
        })
    });
    let mut ask = debounce(std::time::Duration::from_millis(200), move |typed: String| {
        words.try_set(typed.trim().to_owned());
        active.try_set(None);
    });
    let chips_id = format!("{id}-chosen");
    let remove_button = StoredValue::new(format!("#{chips_id} .pick-remove"));
    let take = move |pick: Pick| {
        if !pick.unfit.is_empty() {
            return;
        }
        chosen.update(|chosen| {
            if single {
                chosen.clear();
            }
            chosen.push(pick);
        });
        shown.set(String::new());
        words.set(String::new());
        active.set(None);
        open.set(false);
        if compact {
            // The field goes.
            request_animation_frame(move || {
                remove_button.try_with_value(|button| web::focus(button));
            });
        }
    };
    let on_key = move |event: ev::KeyboardEvent| {
        let last = offered.with_untracked(|all| all.len().saturating_sub(1));
        match event.key().as_str() {
            "ArrowDown" => {
                open.set(true);
                active.update(|at| *at = Some(at.map_or(0, |at| if at >= last { 0 } else { at + 1 })));
            }
            "ArrowUp" => {
                active.update(|at| *at = Some(at.map_or(last, |at| at.checked_sub(1).unwrap_or(last))));
            }
            // With nothing typed it is the form's.
            "Enter" if shown.with_untracked(String::is_empty) => return,
            "Enter" => {
                let typed = shown.get_untracked();
                let meant = offered.with_untracked(|all| meant(all, active.get_untracked(), &typed).cloned());
                if let Some(pick) = meant {
                    take(pick);
                }
            }
            // Only the list closes, not the dialog around it.
            "Escape" if open.get_untracked() => open.set(false),
            _ => return,
        }
        event.prevent_default();
        event.stop_propagation();
    };
    let option_id = {
        let list_id = list_id.clone();
        move |at: usize| format!("{list_id}-{at}")
    };
    let expanded = Memo::new(move |_| open.get() && !offered.read().is_empty());
    let descendant = {
        let option_id = option_id.clone();
        move || active.get().filter(|_| expanded.get()).map(&option_id)
    };
    let option = move |(at, pick): (usize, Pick)| {
        let Pick { name, detail, picture, unfit, .. } = pick.clone();
        let off = !unfit.is_empty();
        let portrait = (!picture.is_empty())
            .then(|| view! { <Portrait src=picture name=name.clone() size=Size::Tiny logo=true /> });
        view! {
            <li
                id=option_id(at)
                role="option"
                class="picker-option"
                class:is-active=move || active.get() == Some(at)
                class:is-unfit=off
                aria-selected=move || (active.get() == Some(at)).to_string()
                aria-disabled=off.then_some("true")
                // Before the field loses the focus.
                on:mousedown=move |event| { event.prevent_default(); take(pick.clone()) }
                on:mousemove=move |_| if active.get_untracked() != Some(at) { active.set(Some(at)) }
            >
                {portrait}
                <span class="picker-name">{identifier(&name)}</span>
                <span class="picker-detail">{if off { unfit } else { detail }}</span>
            </li>
        }
    };
    // `members.corporationIds.3` belongs to `corporationIds`.
    let wrong = own_problem(problems, move |field| field.split('.').any(|part| part == name), chosen);
    let said = move || {
        if !open.get() || shown.read().trim().is_empty() {
            return None;
        }
        let answered = shown.with(|shown| words.with(|words| shown.trim() == words));
        match hits.progress.get() {
            Progress::Failed if answered => {
                let retry = move |_| hits.retry.run(());
                // The field keeps the focus, or this would be gone before it is clicked.
                let stay = |event: ev::MouseEvent| event.prevent_default();
                Some(view! {
                    {text::pick_failed()}
                    " "
                    <button type="button" class="btn btn-link" on:mousedown=stay on:click=retry>{errors::retry()}</button>
                }
                .into_any())
            }
            _ if !offered.read().is_empty() => None,
            Progress::Done if answered => Some(text::pick_none().into_any()),
            _ => Some(text::pick_searching().into_any()),
        }
    };
    let field = (!locked).then(|| {
        view! {
            <div class="picker-field" class:d-none=move || compact && !chosen.read().is_empty()>
                <input
                    id=id.clone()
                    class="form-control"
                    class:is-invalid=move || wrong.read().is_some()
                    role="combobox"
                    autocomplete="off"
                    aria-autocomplete="list"
                    aria-expanded=move || expanded.get().to_string()
                    aria-controls=list_id.clone()
                    aria-activedescendant=descendant
                    aria-describedby=problem_id.clone()
                    placeholder=placeholder
                    prop:value=shown
                    on:input=move |event| {
                        let typed = event_target_value(&event);
                        shown.set(typed.clone());
                        open.set(true);
                        ask(typed);
                    }
                    on:focus=move |_| open.set(true)
                    on:blur=move |_| { open.set(false); active.set(None) }
                    on:keydown=on_key
                />
                <ul
                    id=list_id
                    role="listbox"
                    class="picker-list"
                    aria-label=label.clone()
                    class:d-none=move || !expanded.get()
                >
                    {move || offered.get().into_iter().enumerate().map(option.clone()).collect_view()}
                </ul>
                <p class="form-text" role="status">{said}</p>
            </div>
        }
    });
    let heading = if locked {
        view! { <p class="form-label">{label}</p> }.into_any()
    } else {
        let class = if compact { "visually-hidden" } else { "form-label" };
        view! { <label class=class for=id.clone()>{label}</label> }.into_any()
    };
    view! {
        <div class="field picker" class:picker-compact=compact>
            {heading}
            {move || chips(chosen, locked, &chips_id, compact.then(|| id.clone()))}
            {field}
            <p id=problem_id class="field-problem" role="alert">{move || wrong.get()}</p>
        </div>
    }
}

/// What Enter means: what is pointed at, else what is called as was typed, else the only one. What was found for other
/// words than those that stand there now is not meant.
fn meant<'a>(offered: &'a [Pick], active: Option<usize>, typed: &str) -> Option<&'a Pick> {
    let typed = typed.trim().to_lowercase();
    let only = || match offered {
        [only] => Some(only).filter(|only| {
            [&only.name, &only.detail, &only.id].into_iter().any(|text| text.to_lowercase().contains(&typed))
        }),
        _ => None,
    };
    active
        .and_then(|at| offered.get(at))
        .or_else(|| offered.iter().find(|pick| pick.name.to_lowercase() == typed))
        .or_else(only)
}

/// What is chosen, each with a button that takes it out again, and gives the focus back to the field where that is
/// there again.
fn chips(chosen: RwSignal<Vec<Pick>>, locked: bool, list: &str, field: Option<String>) -> AnyView {
    let all = chosen.get();
    if all.is_empty() {
        return locked.then(|| view! { <p class="text-muted-own">{text::nobody_listed()}</p> }).into_any();
    }
    let chip = move |Pick { id, name, detail, picture, .. }: Pick| {
        let field = field.clone();
        let portrait = (!picture.is_empty())
            .then(|| view! { <Portrait src=picture name=name.clone() size=Size::Tiny logo=true /> });
        let remove = (!locked).then(|| {
            view! {
                <button
                    type="button"
                    class="pick-remove"
                    aria-label=text::remove_named(&name)
                    on:click=move |_| {
                        chosen.update(|chosen| chosen.retain(|pick| pick.id != id));
                        if let Some(field) = field.clone() {
                            request_animation_frame(move || { web::focus(&format!("#{field}")); });
                        }
                    }
                >
                    <Icon of=Glyph::Close />
                </button>
            }
        });
        let whole = if detail.is_empty() { name.clone() } else { format!("{name} · {detail}") };
        view! { <li class="pick-chip" title=whole>{portrait}{identifier(&name)}{remove}</li> }
    };
    view! { <ul id=list.to_owned() class="pick-chips">{all.into_iter().map(chip).collect_view()}</ul> }
        .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_searches_are_done_when_both_are() {
        use Progress::{Done, Failed, Searching};
        assert_eq!(Done.and(Done), Done);
        assert_eq!(Done.and(Searching), Searching);
        assert_eq!(Searching.and(Failed), Failed);
    }

    #[test]
    fn enter_takes_what_is_meant() {
        let pick = |name: &str| Pick { id: name.to_owned(), name: name.to_owned(), ..Pick::default() };
        let all = [pick("Scouts"), pick("Scouts of old")];
        let name = |found: Option<&Pick>| found.map(|pick| pick.name.clone()).unwrap_or_default();
        assert_eq!(name(meant(&all, None, "scouts ")), "Scouts");
        assert_eq!(name(meant(&all, None, "sco")), "", "one of many");
        assert_eq!(name(meant(&all, Some(1), "sco")), "Scouts of old");
        assert_eq!(name(meant(&all[1..], None, "sco")), "Scouts of old", "the only one");
        assert_eq!(name(meant(&all[1..], None, "scop")), "", "found for what was typed before");
    }
}
