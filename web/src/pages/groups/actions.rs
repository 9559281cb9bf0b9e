//! What a member does about a group: the server says which one thing is possible, the button does it.

use cynic::MutationBuilder;
use leptos::{prelude::*, task::spawn_local};

use super::row::GroupEntry;
use crate::{
    api::{Mutation, Problem, live::Live, schema, send, use_mutation, use_query},
    i18n::texts::groups as text,
    pages::own_change::{OwnChange, OwnPreview},
    ui::{ask::Ask, confirm::Confirm, toast::Toasts},
};

/// What the viewer can do about a group.
#[derive(cynic::Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupAction {
    /// At once.
    Join,
    /// At once.
    Leave,
    /// Nothing.
    None,
    /// With approval.
    RequestJoin,
    /// With approval.
    RequestLeave,
    /// Takes the request back.
    Retract,
}

#[derive(cynic::QueryVariables, Debug)]
pub struct JoinVariables {
    /// Which group.
    pub group_id: cynic::Id,
    /// Why.
    pub reason: Option<String>,
}

#[derive(cynic::QueryVariables, Debug)]
pub struct LeaveVariables {
    /// Which group.
    pub group_id: cynic::Id,
    /// Why.
    pub reason: Option<String>,
    /// Whether only what would follow is wanted.
    pub preview: bool,
}

#[derive(cynic::QueryVariables, Debug)]
pub struct RetractVariables {
    /// Which group.
    pub group_id: cynic::Id,
}

#[derive(cynic::QueryFragment, Debug)]
#[cynic(graphql_type = "Mutation", variables = "JoinVariables")]
pub struct JoinGroup {
    #[arguments(input: { groupId: $group_id, reason: $reason })]
    join_group: JoinGroupPayload,
}

#[derive(cynic::QueryFragment, Debug)]
struct JoinGroupPayload {
    status: JoinGroupStatus,
    problems: Vec<Problem>,
}

#[derive(cynic::Enum, Clone, Copy, Debug, PartialEq)]
enum JoinGroupStatus {
    AlreadyMember,
    AlreadyRequested,
    Invalid,
    Joined,
    NotAllowed,
    NotFound,
    Requested,
}

#[derive(cynic::QueryFragment, Debug)]
#[cynic(graphql_type = "Mutation", variables = "LeaveVariables")]
pub struct LeaveGroup {
    #[arguments(input: { groupId: $group_id, reason: $reason, preview: $preview })]
    leave_group: LeaveGroupPayload,
}

impl LeaveGroup {
    fn preview(&self) -> Option<&OwnPreview> {
        self.leave_group.preview.as_ref()
    }
}

#[derive(cynic::QueryFragment, Debug)]
struct LeaveGroupPayload {
    status: LeaveGroupStatus,
    problems: Vec<Problem>,
    preview: Option<OwnPreview>,
}

#[derive(cynic::Enum, Clone, Copy, Debug, PartialEq)]
enum LeaveGroupStatus {
    AlreadyRequested,
    Invalid,
    Left,
    NotAllowed,
    NotFound,
    NotMember,
    Preview,
    Requested,
}

#[derive(cynic::QueryFragment, Debug)]
#[cynic(graphql_type = "Mutation", variables = "RetractVariables")]
pub struct RetractRequest {
    #[arguments(input: { groupId: $group_id })]
    retract_group_request: RetractGroupRequestPayload,
}

#[derive(cynic::QueryFragment, Debug)]
struct RetractGroupRequestPayload {
    status: RetractGroupRequestStatus,
}

#[derive(cynic::Enum, Clone, Copy, Debug, PartialEq)]
enum RetractGroupRequestStatus {
    NotFound,
    Retracted,
}

/// The actions of one page, shared by all its groups: one runs at a time.
#[derive(Clone, Copy)]
pub struct Actions {
    picked: RwSignal<Option<GroupEntry>>,
    asking: RwSignal<bool>,
    leaving: RwSignal<bool>,
    problems: RwSignal<Vec<Problem>>,
    join: Mutation<(cynic::Id, Option<String>)>,
    leave: Mutation<(cynic::Id, Option<String>)>,
    retract: Mutation<cynic::Id>,
}

/// Prepares them; `done` runs after each.
pub fn use_actions(done: impl Fn() + Copy + 'static) -> Actions {
    let (toasts, live) = (Toasts::get(), use_context::<Live>());
    let picked = RwSignal::new(None::<GroupEntry>);
    let (asking, leaving) = (RwSignal::new(false), RwSignal::new(false));
    let problems = RwSignal::new(Vec::new());
    let name = move || {
        picked.with_untracked(|picked| picked.as_ref().map(|group| group.name.clone()).unwrap_or_default())
    };
    let close = move || {
        asking.set(false);
        leaving.set(false);
        done();
    };
    let join = use_mutation(
        |(group_id, reason)| JoinGroup::build(JoinVariables { group_id, reason }),
        move |data: JoinGroup| {
            let payload = data.join_group;
            match payload.status {
                JoinGroupStatus::Joined => {
                    let joined = text::joined_toast(&name());
                    match picked.get_untracked() {
                        Some(group) => {
                            toasts.done_with_undo(joined, move || leave_again(&group, live, toasts));
                        }
                        None => toasts.done(joined),
                    }
                }
                JoinGroupStatus::Requested => toasts.done(text::requested_join(&name())),
                JoinGroupStatus::AlreadyMember => toasts.info(text::already_member(&name())),
                JoinGroupStatus::AlreadyRequested => toasts.info(text::already_asked(&name())),
                JoinGroupStatus::NotAllowed => toasts.warn(text::not_allowed(&name())),
                JoinGroupStatus::NotFound => toasts.warn(text::gone()),
                JoinGroupStatus::Invalid => return problems.set(payload.problems),
            }
            close();
        },
    );
    let leave = use_mutation(
        |(group_id, reason)| LeaveGroup::build(LeaveVariables { group_id, reason, preview: false }),
        move |data: LeaveGroup| {
            let payload = data.leave_group;
            match payload.status {
                LeaveGroupStatus::Left => toasts.done(text::left(&name())),
                LeaveGroupStatus::Requested => toasts.done(text::requested_leave(&name())),
                LeaveGroupStatus::AlreadyRequested => toasts.info(text::already_asked(&name())),
                LeaveGroupStatus::NotMember => toasts.info(text::not_member(&name())),
                LeaveGroupStatus::NotAllowed => toasts.warn(text::not_allowed(&name())),
                LeaveGroupStatus::NotFound => toasts.warn(text::gone()),
                // Nobody asked for one here.
                LeaveGroupStatus::Preview => {}
                LeaveGroupStatus::Invalid => return problems.set(payload.problems),
            }
            close();
        },
    );
    let retract = use_mutation(
        |group_id| RetractRequest::build(RetractVariables { group_id }),
        move |data: RetractRequest| {
            match data.retract_group_request.status {
                RetractGroupRequestStatus::Retracted => toasts.done(text::retracted(&name())),
                RetractGroupRequestStatus::NotFound => toasts.info(text::request_gone()),
            }
            close();
        },
    );
    Actions { picked, asking, leaving, problems, join, leave, retract }
}

/// Takes a joining back, from a message that may outlive the page: a group that is joined at once is left at once.
fn leave_again(group: &GroupEntry, live: Option<Live>, toasts: Toasts) {
    let (group_id, name) = (group.id.clone(), group.name.clone());
    spawn_local(async move {
        match send(LeaveGroup::build(LeaveVariables { group_id, reason: None, preview: false })).await {
            Ok(data) if data.leave_group.status == LeaveGroupStatus::Left => toasts.done(text::left(&name)),
            Ok(_) => toasts.warn(text::not_allowed(&name)),
            Err(failure) => toasts.failure(&failure),
        }
        if let Some(live) = live {
            live.changed();
        }
    });
}

impl Actions {
    /// Whether something is under way for a group.
    pub fn is_busy(&self, id: &cynic::Id) -> bool {
        (self.join.pending.get() || self.leave.pending.get() || self.retract.pending.get())
            && self.picked.with(|picked| picked.as_ref().is_some_and(|group| group.id == *id))
    }

    /// Does what is possible now, or asks first.
    pub fn begin(&self, group: GroupEntry) {
        let (id, action) = (group.id.clone(), group.membership.action);
        let under_way = [self.join.pending, self.leave.pending, self.retract.pending];
        if under_way.iter().any(|pending| pending.get_untracked()) {
            return;
        }
        self.problems.set(Vec::new());
        self.picked.set(Some(group));
        match action {
            GroupAction::Join => self.join.run((id, None)),
            GroupAction::Retract => self.retract.run(id),
            GroupAction::Leave => self.leaving.set(true),
            GroupAction::RequestJoin | GroupAction::RequestLeave => self.asking.set(true),
            GroupAction::None => {}
        }
    }
}

/// The dialogs behind the buttons; once on a page.
#[component]
pub fn ActionDialogs(
    /// The page's actions.
    actions: Actions,
) -> impl IntoView {
    let Actions { picked, asking, leaving, problems, join, leave, .. } = actions;
    let of = move |tell: fn(&GroupEntry) -> String| {
        Signal::derive(move || picked.with(|picked| picked.as_ref().map(tell).unwrap_or_default()))
    };
    let run = move |reason: Option<String>| {
        let Some(group) = picked.get_untracked() else { return };
        match group.membership.action {
            GroupAction::RequestJoin => join.run((group.id, reason)),
            _ => leave.run((group.id, reason)),
        }
    };
    view! {
        <Ask
            open=asking
            name="reason"
            title=of(|group| match group.membership.action {
                GroupAction::RequestLeave => text::request_leave_named(&group.name),
                _ => text::request_join_named(&group.name),
            })
            body=of(|group| match group.membership.action {
                GroupAction::RequestLeave => text::request_leave_body().to_owned(),
                _ => text::request_join_body().to_owned(),
            })
            label=text::reason()
            hint=text::reason_hint()
            action=text::send().to_owned()
            busy=Signal::derive(move || join.pending.get() || leave.pending.get())
            problems=problems
            on_done=run
        >
            {move || {
                let asks_to_leave = |group: &GroupEntry| group.membership.action == GroupAction::RequestLeave;
                let group = picked.get().filter(|group| asking.get() && asks_to_leave(group));
                group.map(|group| view! { <LeaveChange group=group.id /> })
            }}
        </Ask>
        <Confirm
            open=leaving
            title=of(|group| text::leave_title(&group.name))
            body=of(|group| {
                if group.flags.is_hidden {
                    format!("{} {}", text::leave_body(), text::leave_link())
                } else {
                    text::leave_body().to_owned()
                }
            })
            action=of(|group| text::leave_named(&group.name))
            danger=true
            busy=leave.pending
            on_confirm=move |()| run(None)
        >
            {move || picked.get().filter(|_| leaving.get()).map(|group| view! { <LeaveChange group=group.id /> })}
        </Confirm>
    }
}

/// What leaving would take.
#[component]
fn LeaveChange(group: cynic::Id) -> impl IntoView {
    let query = use_query(move || {
        LeaveGroup::build(LeaveVariables { group_id: group.clone(), reason: None, preview: true })
    });
    view! { <OwnChange query=query preview=LeaveGroup::preview /> }
}
