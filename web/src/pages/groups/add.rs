//! Adding a member: whom, from when and until when, why.

use cynic::{MutationBuilder, QueryBuilder};
use leptos::prelude::*;

use super::membership::{AddGroupMembers, AddGroupMembersStatus, AddVariables, GroupMemberOutcome, Terms};
use crate::{
    api::{Problem, use_mutation},
    i18n::texts::{common, groups, manage as text},
    pages::lookup::{FindUsers, use_hits},
    ui::{
        button::{Button, Look},
        confirm::Dialog,
        picker::{Pick, Picker},
        toast::Toasts,
    },
};

/// The dialog.
#[component]
pub fn AddMember(
    /// Whether it is shown.
    open: RwSignal<bool>,
    /// Which group.
    group: cynic::Id,
    /// What the dialog says on top.
    title: String,
    /// Runs after it is done.
    #[prop(into)]
    on_done: Callback<()>,
) -> impl IntoView {
    let group = StoredValue::new(group);
    let done = move |()| {
        open.set(false);
        on_done.run(());
    };
    view! {
        <Dialog open=open title=title>
            <Show when=move || open.get()>
                <AddForm group=group.get_value() on_done=done on_cancel=move |()| open.set(false) />
            </Show>
        </Dialog>
    }
}

#[component]
fn AddForm(
    group: cynic::Id,
    #[prop(into)] on_done: Callback<()>,
    #[prop(into)] on_cancel: Callback<()>,
) -> impl IntoView {
    let toasts = Toasts::get();
    let group = StoredValue::new(group);
    let problems = RwSignal::new(Vec::<Problem>::new());
    let (chosen, words) = (RwSignal::new(Vec::<Pick>::new()), RwSignal::new(String::new()));
    let hits = use_hits(words, FindUsers::build, false);
    let terms = Terms::new();
    let name = move || chosen.read().first().map(|user| user.name.clone());
    let add = use_mutation(AddGroupMembers::build, move |data: AddGroupMembers| {
        let payload = data.add_group_members;
        let name = untrack(name).unwrap_or_default();
        match payload.status {
            AddGroupMembersStatus::Invalid => return problems.set(payload.problems),
            AddGroupMembersStatus::NotAllowed => toasts.warn(text::not_allowed()),
            AddGroupMembersStatus::NotFound => toasts.warn(groups::gone()),
            AddGroupMembersStatus::Done => match payload.results.first().map(|result| result.outcome) {
                Some(GroupMemberOutcome::Added) => toasts.done(text::added(&name)),
                Some(GroupMemberOutcome::Changed) => toasts.done(text::changed(&name)),
                Some(GroupMemberOutcome::NotEligible) => toasts.warn(text::not_eligible(&name)),
                _ => toasts.warn(text::not_found(&name)),
            },
        }
        on_done.run(());
    });
    let send = move || {
        let user_ids =
            chosen.with_untracked(|chosen| chosen.iter().map(|user| cynic::Id::new(&user.id)).collect());
        problems.set(Vec::new());
        add.run(AddVariables {
            group_id: group.get_value(),
            user_ids,
            starts_at: terms.starts(),
            ends_at: terms.ends(),
            reason: terms.reason(),
        });
    };
    let nobody = Signal::derive(move || name().is_none().then(|| text::add_nobody().to_owned()));
    view! {
        <form novalidate=true on:submit=move |event| { event.prevent_default(); send() }>
            <Picker
                name="userIds"
                label=text::add_search()
                placeholder=text::add_hint()
                chosen=chosen
                single=true
                words=words
                hits=hits
                problems=problems
            />
            {terms.fields(problems)}
            <div class="dialog-actions">
                <Button text=common::cancel().to_owned() on_click=on_cancel />
                {move || view! {
                    <Button
                        text=name().map_or_else(|| text::add().to_owned(), |name| text::add_picked(&name))
                        look=Look::Primary
                        busy=add.pending
                        locked=nobody
                        submit=true
                    />
                }}
            </div>
        </form>
    }
}
