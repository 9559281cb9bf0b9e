//! Adding a member: whom, until when, why.

use cynic::{MutationBuilder, QueryBuilder};
use leptos::prelude::*;

use super::members::{GroupMemberChange, GroupMemberOutcome};
use crate::{
    api::{DateTime, Problem, Remote, schema, use_mutation, use_query},
    i18n::texts::{common, groups, manage as text},
    pages::admin::filter::UserFilter,
    ui::{
        ask::{TextArea, given},
        button::{Button, Look},
        confirm::Dialog,
        icon::{Glyph, Icon},
        pilot::{Pilot, affiliation},
        portrait::Portrait,
        search_box::SearchBox,
        toast::Toasts,
    },
};

#[derive(cynic::QueryVariables, Debug)]
pub struct FindUsersVariables {
    filter: Option<UserFilter>,
}

impl FindUsersVariables {
    pub(crate) fn of(words: &str) -> Self {
        Self { filter: Some(UserFilter::of(|key| (key == "q").then(|| words.to_owned()))) }
    }
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "Query", variables = "FindUsersVariables")]
pub struct FindUsers {
    #[arguments(first: 6, filter: $filter)]
    users: FoundPage,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "UserConnection")]
struct FoundPage {
    nodes: Vec<FoundUser>,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "User")]
struct FoundUser {
    id: cynic::Id,
    username: String,
    main_character: Option<Pilot>,
}

impl FoundUser {
    fn name(&self) -> String {
        self.main_character.as_ref().map_or_else(|| self.username.clone(), |main| main.name.clone())
    }
}

#[derive(cynic::QueryVariables, Debug)]
pub struct AddVariables {
    /// To which group.
    pub group_id: cynic::Id,
    /// Whom.
    pub user_ids: Vec<cynic::Id>,
    /// Until when.
    pub ends_at: Option<DateTime>,
    /// Why.
    pub reason: Option<String>,
}

#[derive(cynic::QueryFragment, Debug)]
#[cynic(graphql_type = "Mutation", variables = "AddVariables")]
pub struct AddMembers {
    #[arguments(input: { groupId: $group_id, userIds: $user_ids, endsAt: $ends_at, reason: $reason })]
    add_group_members: AddGroupMembersPayload,
}

#[derive(cynic::QueryFragment, Debug)]
struct AddGroupMembersPayload {
    status: AddGroupMembersStatus,
    problems: Vec<Problem>,
    results: Vec<GroupMemberChange>,
}

#[derive(cynic::Enum, Clone, Copy, Debug, PartialEq)]
enum AddGroupMembersStatus {
    Done,
    Invalid,
    NotAllowed,
    NotFound,
}

/// What stands in a field for date and time, as EVE's time; an error when it is no moment.
fn moment(field: &str) -> Result<Option<DateTime>, ()> {
    match field.trim() {
        "" => Ok(None),
        text => format!("{text}:00Z").parse().map(Some).map_err(|_| ()),
    }
}

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
    let toasts = Toasts::get();
    let group = StoredValue::new(group);
    let (words, asked) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let (ends, reason) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let picked = RwSignal::new(None::<FoundUser>);
    let problems = RwSignal::new(Vec::<Problem>::new());
    let wrong = Memo::new(move |_| {
        problems.with(|all| all.iter().find(|p| p.field == "endsAt").map(|p| p.message.clone()))
    });
    let others = Memo::new(move |_| {
        problems.with(|all| {
            all.iter().find(|p| p.field != "endsAt" && p.field != "reason").map(|p| p.message.clone())
        })
    });
    Effect::new(move |_| {
        if open.get() {
            words.set(String::new());
            asked.set(String::new());
            ends.set(String::new());
            reason.set(String::new());
            picked.set(None);
            problems.set(Vec::new());
        }
    });
    let add = use_mutation(AddMembers::build, move |data: AddMembers| {
        let payload = data.add_group_members;
        let name = picked.with_untracked(|user| user.as_ref().map(FoundUser::name).unwrap_or_default());
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
        open.set(false);
        on_done.run(());
    });
    let submit = move |()| {
        let Some(user) = picked.get_untracked() else { return };
        let Ok(ends_at) = moment(&ends.get_untracked()) else {
            problems.set(vec![Problem {
                field: "endsAt".to_owned(),
                code: "invalid".to_owned(),
                message: text::add_ends_wrong().to_owned(),
            }]);
            return;
        };
        problems.set(Vec::new());
        add.run(AddVariables {
            group_id: group.get_value(),
            user_ids: vec![user.id],
            ends_at,
            reason: given(&reason.get_untracked()),
        });
    };
    view! {
        <Dialog open=open title=title>
            {move || match picked.get() {
                None => view! {
                    <div class="field">
                        <SearchBox id="add-search" label=text::add_search() words=words on_pause=move |words: String| asked.set(words) />
                        <p class="form-text">{text::add_hint()}</p>
                    </div>
                    {move || (!asked.read().is_empty()).then(|| view! { <Found words=asked.get() picked=picked /> })}
                }
                .into_any(),
                Some(user) => view! {
                    <div class="add-whom">
                        {face(&user)}
                        <Button small=true text=text::add_change().to_owned() on_click=move |()| picked.set(None) />
                    </div>
                    {move || others.get().map(|message| view! { <p class="field-problem" role="alert">{message}</p> })}
                    <div class="field">
                        <label class="form-label" for="add-ends">{text::add_ends()}</label>
                        <input
                            id="add-ends"
                            type="datetime-local"
                            class="form-control"
                            class:is-invalid=move || wrong.read().is_some()
                            aria-describedby="add-ends-hint add-ends-problem"
                            bind:value=ends
                        />
                        <p id="add-ends-hint" class="form-text">{text::add_ends_hint()}</p>
                        <p id="add-ends-problem" class="field-problem" role="alert">{move || wrong.get()}</p>
                    </div>
                    <TextArea name="add-reason" label=text::reason() hint=text::reason_hint() value=reason problems=Signal::derive(move || {
                        problems.with(|all| all.iter().filter(|p| p.field == "reason").map(|p| Problem { field: "add-reason".to_owned(), ..p.clone() }).collect())
                    }) />
                    <div class="dialog-actions">
                        <Button text=common::cancel().to_owned() on_click=move |()| open.set(false) />
                        <Button text=text::add_picked(&user.name()) look=Look::Primary busy=add.pending on_click=submit />
                    </div>
                }
                .into_any(),
            }}
        </Dialog>
    }
}

fn face(user: &FoundUser) -> impl IntoView + use<> {
    let src = user.main_character.as_ref().map(|main| main.portrait_url.clone()).unwrap_or_default();
    let second = user.main_character.as_ref().map_or_else(|| user.username.clone(), affiliation);
    view! {
        <span class="pilot">
            <Portrait src=src name=user.name() />
            <span class="pilot-text">
                <span class="pilot-first">{user.name()}</span>
                <span class="pilot-second">{second}</span>
            </span>
        </span>
    }
}

/// Who was found.
#[component]
fn Found(words: String, picked: RwSignal<Option<FoundUser>>) -> impl IntoView {
    let query = use_query(move || FindUsers::build(FindUsersVariables::of(&words)));
    move || {
        match &*query.state.read() {
        Remote::Loading => view! { <p class="form-text" role="status">{common::loading()}</p> }.into_any(),
        Remote::Failed(error) => view! { <p class="field-problem" role="alert">{error.sentence()}</p> }.into_any(),
        Remote::Ready(data) if data.users.nodes.is_empty() => {
            view! { <p class="form-text" role="status">{text::add_none()}</p> }.into_any()
        }
        Remote::Ready(data) => view! {
            <ul class="picks" aria-label=text::add_pick()>
                {data.users.nodes.iter().cloned().map(|user| {
                    let face = face(&user);
                    view! {
                        <li>
                            <button type="button" class="pick" on:click=move |_| picked.set(Some(user.clone()))>
                                {face}<Icon of=Glyph::Next />
                            </button>
                        </li>
                    }
                }).collect_view()}
            </ul>
        }
        .into_any(),
    }
    }
}

#[cfg(test)]
mod tests {
    use super::moment;

    #[test]
    fn a_field_is_eve_time() {
        assert_eq!(moment(" "), Ok(None));
        assert_eq!(
            moment("2026-12-01T18:30").map(|at| at.map(|at| at.to_rfc3339())),
            Ok(Some("2026-12-01T18:30:00+00:00".to_owned()))
        );
        assert_eq!(moment("tomorrow"), Err(()));
    }
}
