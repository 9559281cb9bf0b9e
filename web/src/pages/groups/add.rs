//! Adding members: whom, from when and until when, why; then what would follow, and doing it.

use cynic::QueryBuilder;
use leptos::prelude::*;

use super::{
    looked::{LookFirst, Looked, MemberEdit, MemberFlow, count},
    membership::{AddVariables, GivenTerms, GroupMemberOutcome, Terms},
};
use crate::{
    i18n::texts::manage as text,
    pages::lookup::{use_hits, users::FindUsers},
    ui::{
        confirm::Dialog,
        picker::{Pick, Picker},
        toast::Toasts,
    },
};

/// As many as the server takes at once.
const MOST: usize = 100;

/// The dialog.
#[component]
pub fn AddMembers(
    /// Whether it is shown.
    open: RwSignal<bool>,
    /// Which group.
    group: cynic::Id,
    /// What the dialog says on top.
    title: String,
    /// Whether the viewer is told all that follows, or what the group gives.
    in_full: bool,
    /// Runs after it is done.
    #[prop(into)]
    on_done: Callback<()>,
) -> impl IntoView {
    let group = StoredValue::new(group);
    let saving = RwSignal::new(false);
    let done = move |()| {
        open.set(false);
        on_done.run(());
    };
    view! {
        <Dialog open=open title=title held=saving>
            <Show when=move || open.get()>
                <AddForm
                    group=group.get_value()
                    in_full=in_full
                    saving=saving
                    on_done=done
                    on_cancel=move |()| open.set(false)
                />
            </Show>
        </Dialog>
    }
}

#[component]
fn AddForm(
    group: cynic::Id,
    in_full: bool,
    saving: RwSignal<bool>,
    #[prop(into)] on_done: Callback<()>,
    #[prop(into)] on_cancel: Callback<()>,
) -> impl IntoView {
    let toasts = Toasts::get();
    let group = StoredValue::new(group);
    let (chosen, words) = (RwSignal::new(Vec::<Pick>::new()), RwSignal::new(String::new()));
    let hits = use_hits(words, FindUsers::build, false);
    let terms = Terms::new();
    let flow = MemberFlow::new(move |outcomes| {
        if let Some(outcomes) = outcomes {
            say(toasts, &outcomes, &chosen.get_untracked());
        }
        on_done.run(());
    });
    Effect::new(move |_| saving.set(flow.saving.get()));
    on_cleanup(move || {
        saving.try_set(false);
    });
    let look = move |GivenTerms { starts_at, ends_at, reason }: GivenTerms| {
        let user_ids =
            chosen.with_untracked(|chosen| chosen.iter().map(|user| cynic::Id::new(&user.id)).collect());
        let variables = AddVariables::of(group.get_value(), user_ids);
        flow.look(MemberEdit::Add(AddVariables { starts_at, ends_at, reason, ..variables }));
    };
    let locked = Signal::derive(move || {
        let many = chosen.read().len();
        if many == 0 {
            Some(text::add_nobody().to_owned())
        } else if many > MOST {
            Some(text::add_too_many(i32::try_from(MOST).unwrap_or(i32::MAX)))
        } else {
            None
        }
    });
    let action = move || {
        let looked = flow.looked.get();
        let of = |looked: &Looked| {
            looked.count(GroupMemberOutcome::Added) + looked.count(GroupMemberOutcome::Changed)
        };
        text::add_many(looked.as_ref().map(of).unwrap_or_default())
    };
    view! {
        <LookFirst
            flow=flow
            in_full=in_full
            terms=terms
            field="#field-userIds"
            action=Signal::derive(action)
            locked=locked
            on_look=look
            on_cancel=on_cancel
        >
            <Picker
                name="userIds"
                label=text::add_search()
                placeholder=text::add_hint()
                chosen=chosen
                words=words
                hits=hits
                problems=flow.problems
            />
        </LookFirst>
    }
}

/// Says what was done: of one by name, of several by numbers.
fn say(toasts: Toasts, outcomes: &[GroupMemberOutcome], chosen: &[Pick]) {
    use GroupMemberOutcome::{Added, Changed, NotEligible};
    if let ([outcome], [pick]) = (outcomes, chosen) {
        let name = &pick.name;
        return match outcome {
            Added => toasts.done(text::added(name)),
            Changed => toasts.done(text::changed(name)),
            NotEligible => toasts.warn(text::not_eligible(name)),
            _ => toasts.warn(text::not_found(name)),
        };
    }
    let done = count(outcomes, Added) + count(outcomes, Changed);
    let left = i32::try_from(outcomes.len()).unwrap_or(i32::MAX) - done;
    if done > 0 {
        toasts.done(text::added_many(done));
    }
    if left > 0 {
        toasts.warn(text::left_out(left));
    }
}
