//! Ending memberships: what would follow, why, and doing it.

use leptos::prelude::*;

use super::{
    looked::{Consequence, MemberEdit, MemberFlow, count},
    membership::{GroupMemberOutcome, RemoveVariables},
};
use crate::{
    i18n::texts::{common, manage as text},
    ui::{
        ask::{TextArea, given},
        button::{Button, Look},
        confirm::{Dialog, held_because},
        toast::Toasts,
    },
};

/// A member's id and name.
pub type Member = (cynic::Id, String);

/// The dialog, shown while somebody is to be removed.
#[component]
pub fn RemoveMembers(
    /// Whether it is shown.
    open: RwSignal<bool>,
    /// Whom.
    picked: RwSignal<Vec<Member>>,
    /// From which group.
    group: cynic::Id,
    /// Its name.
    name: String,
    /// Whether the viewer is told all that follows, or what the group gives.
    in_full: bool,
    /// Runs after it is done.
    #[prop(into)]
    on_done: Callback<()>,
) -> impl IntoView {
    let toasts = Toasts::get();
    let (group, name) = (StoredValue::new(group), StoredValue::new(name));
    let words = RwSignal::new(String::new());
    let flow = MemberFlow::new(move |outcomes| {
        if let Some(outcomes) = outcomes {
            say(toasts, &outcomes, &picked.get_untracked());
        }
        open.set(false);
        on_done.run(());
    });
    Effect::new(move |_| {
        if open.get() {
            words.set(String::new());
            let user_ids = picked.with_untracked(|all| all.iter().map(|(id, _)| id.clone()).collect());
            flow.look(MemberEdit::Remove(RemoveVariables::of(group.get_value(), user_ids)));
        }
    });
    let title = move || {
        name.with_value(|group| match picked.read().as_slice() {
            [(_, name)] => text::remove_title(name, group),
            all => text::remove_title_many(many(all.len()), group),
        })
    };
    let action = move || match picked.read().as_slice() {
        [(_, name)] => text::remove_named(name),
        all => text::remove_many(many(all.len())),
    };
    let locked = Signal::derive(move || match &*flow.looked.read() {
        Some(looked) if looked.does_something() => None,
        Some(_) => Some(text::remove_nobody().to_owned()),
        // What could not be looked at is looked at again.
        None => flow.busy.get().then(|| text::look_first().to_owned()),
    });
    let send = move || match locked.get_untracked() {
        Some(why) => toasts.info(why),
        None => flow.save(given(&words.get_untracked())),
    };
    view! {
        <Dialog open=open title=Signal::derive(title) held=flow.saving>
            <p class="dialog-text">{text::remove_body()}</p>
            <Consequence flow=flow in_full=in_full />
            <form novalidate=true on:submit=move |event| { event.prevent_default(); send() }>
                <TextArea
                    name="reason"
                    label=text::reason()
                    hint=text::reason_hint()
                    value=words
                    problems=flow.problems
                />
                <div class="dialog-actions">
                    <Button
                        text=common::cancel().to_owned()
                        locked=held_because(flow.saving)
                        on_click=move |()| open.set(false)
                    />
                    <Button
                        text=Signal::derive(action)
                        look=Look::Danger
                        busy=flow.saving
                        locked=locked
                        submit=true
                    />
                </div>
            </form>
        </Dialog>
    }
}

fn many(count: usize) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

/// Says what was done: of one by name, of several by numbers.
fn say(toasts: Toasts, outcomes: &[GroupMemberOutcome], picked: &[Member]) {
    let done = count(outcomes, GroupMemberOutcome::Removed);
    match picked {
        [(_, name)] if done == 1 => toasts.done(text::removed(name)),
        [(_, name)] => toasts.info(text::was_no_member(name)),
        _ => {
            if done > 0 {
                toasts.done(text::removed_many(done));
            }
            let gone = many(outcomes.len()) - done;
            if gone > 0 {
                toasts.info(text::were_no_members(gone));
            }
        }
    }
}
