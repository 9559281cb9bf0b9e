//! What a member does about a group: the server says which one thing is possible, the button does it.

use cynic::MutationBuilder;
use leptos::{prelude::*, task::spawn_local};

use super::row::GroupEntry;
use crate::{
    api::{ApiError, ErrorCode, Problem, live::Live, schema, send, use_query},
    i18n::texts::groups as text,
    pages::own_change::{OwnChange, OwnPreview},
    session::{self, Session},
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

/// What is done about a group.
#[derive(Clone, Copy)]
enum Deed {
    Join,
    Leave,
    Retract,
}

/// What the server says to it.
enum Answer {
    Join(JoinGroupPayload),
    Leave(LeaveGroupPayload),
    Retract(RetractGroupRequestPayload),
}

impl Deed {
    async fn ask(self, group_id: cynic::Id, reason: Option<String>) -> Result<Answer, ApiError> {
        Ok(match self {
            Self::Join => {
                let joining = JoinGroup::build(JoinVariables { group_id, reason });
                Answer::Join(send(joining).await?.join_group)
            }
            Self::Leave => {
                let leaving = LeaveGroup::build(LeaveVariables { group_id, reason, preview: false });
                Answer::Leave(send(leaving).await?.leave_group)
            }
            Self::Retract => {
                let retracting = RetractRequest::build(RetractVariables { group_id });
                Answer::Retract(send(retracting).await?.retract_group_request)
            }
        })
    }
}

/// The actions of one page, shared by all its groups: for each one runs at a time, and no group waits for another.
#[derive(Clone, Copy)]
pub struct Actions {
    /// What a dialog asks about.
    picked: RwSignal<Option<GroupEntry>>,
    asking: RwSignal<bool>,
    leaving: RwSignal<bool>,
    retracting: RwSignal<bool>,
    problems: RwSignal<Vec<Problem>>,
    /// The groups about which something is under way.
    under_way: RwSignal<Vec<cynic::Id>>,
    done: Callback<()>,
    toasts: Toasts,
    live: Option<Live>,
}

/// Prepares them; `done` runs after each.
pub fn use_actions(done: impl Fn() + Send + Sync + 'static) -> Actions {
    Actions {
        picked: RwSignal::new(None),
        asking: RwSignal::new(false),
        leaving: RwSignal::new(false),
        retracting: RwSignal::new(false),
        problems: RwSignal::new(Vec::new()),
        under_way: RwSignal::new(Vec::new()),
        done: Callback::new(move |()| done()),
        toasts: Toasts::get(),
        live: use_context(),
    }
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
        self.under_way.read().contains(id)
    }

    /// Does what is possible now, or asks first.
    pub fn begin(self, group: GroupEntry) {
        let dialog = match group.membership.action {
            GroupAction::None => return,
            GroupAction::Join => return self.run(group, Deed::Join, None),
            GroupAction::Retract => self.retracting,
            GroupAction::Leave => self.leaving,
            GroupAction::RequestJoin | GroupAction::RequestLeave => self.asking,
        };
        if untrack(|| self.is_busy(&group.id)) {
            return;
        }
        self.problems.set(Vec::new());
        self.picked.set(Some(group));
        dialog.set(true);
    }

    /// Does it, unless something is under way for the group.
    fn run(self, group: GroupEntry, deed: Deed, reason: Option<String>) {
        if untrack(|| self.is_busy(&group.id)) {
            return;
        }
        self.under_way.update(|all| all.push(group.id.clone()));
        spawn_local(async move {
            let answer = deed.ask(group.id.clone(), reason).await;
            self.under_way.try_update(|all| all.retain(|other| *other != group.id));
            if session::is_ending() {
                return;
            }
            match answer {
                Ok(answer) => self.take(&group, answer),
                Err(failure) => {
                    if failure.code == ErrorCode::Unauthenticated {
                        Session::expired();
                    }
                    self.toasts.failure(&failure);
                }
            }
        });
    }

    /// Says what came of it, or gives what is wrong with the reason.
    fn joined(self, group: &GroupEntry, payload: JoinGroupPayload) -> Vec<Problem> {
        let (toasts, live, name) = (self.toasts, self.live, &group.name);
        match payload.status {
            JoinGroupStatus::Joined => {
                let group = group.clone();
                toasts.done_with_undo(text::joined_toast(name), move || leave_again(&group, live, toasts));
            }
            JoinGroupStatus::Requested => toasts.done(text::requested_join(name)),
            JoinGroupStatus::AlreadyMember => toasts.info(text::already_member(name)),
            JoinGroupStatus::AlreadyRequested => toasts.info(text::already_asked(name)),
            JoinGroupStatus::NotAllowed => toasts.warn(text::not_allowed(name)),
            JoinGroupStatus::NotFound => toasts.warn(text::gone()),
            JoinGroupStatus::Invalid => return payload.problems,
        }
        Vec::new()
    }

    /// The same.
    fn left(self, group: &GroupEntry, payload: LeaveGroupPayload) -> Vec<Problem> {
        let (toasts, name) = (self.toasts, &group.name);
        match payload.status {
            LeaveGroupStatus::Left => toasts.done(text::left(name)),
            LeaveGroupStatus::Requested => toasts.done(text::requested_leave(name)),
            LeaveGroupStatus::AlreadyRequested => toasts.info(text::already_asked(name)),
            LeaveGroupStatus::NotMember => toasts.info(text::not_member(name)),
            LeaveGroupStatus::NotAllowed => toasts.warn(text::not_allowed(name)),
            LeaveGroupStatus::NotFound => toasts.warn(text::gone()),
            // Nobody asked for one here.
            LeaveGroupStatus::Preview => {}
            LeaveGroupStatus::Invalid => return payload.problems,
        }
        Vec::new()
    }

    /// Says what came of it, and closes its dialog, or shows in it what is wrong. That of another group stays as it is.
    fn take(self, group: &GroupEntry, answer: Answer) {
        let problems = match answer {
            Answer::Join(payload) => self.joined(group, payload),
            Answer::Leave(payload) => self.left(group, payload),
            Answer::Retract(payload) => {
                match payload.status {
                    RetractGroupRequestStatus::Retracted => self.toasts.done(text::retracted(&group.name)),
                    RetractGroupRequestStatus::NotFound => self.toasts.info(text::request_gone()),
                }
                Vec::new()
            }
        };
        let is_asked_about = self
            .picked
            .try_with_untracked(|picked| picked.as_ref().is_some_and(|asked| asked.id == group.id))
            == Some(true);
        if !problems.is_empty() {
            if is_asked_about {
                self.problems.try_set(problems);
            } else if let Some(problem) = problems.into_iter().next() {
                self.toasts.warn(problem.message);
            }
            return;
        }
        if is_asked_about {
            self.asking.try_set(false);
            self.leaving.try_set(false);
            self.retracting.try_set(false);
        }
        self.done.try_run(());
    }
}

/// The dialogs behind the buttons; once on a page.
#[component]
pub fn ActionDialogs(
    /// The page's actions.
    actions: Actions,
) -> impl IntoView {
    let Actions { picked, asking, leaving, retracting, problems, .. } = actions;
    let of = move |tell: fn(&GroupEntry) -> String| {
        Signal::derive(move || picked.with(|picked| picked.as_ref().map(tell).unwrap_or_default()))
    };
    let busy = Signal::derive(move || {
        picked.with(|picked| picked.as_ref().is_some_and(|group| actions.is_busy(&group.id)))
    });
    let run = move |reason: Option<String>| {
        let Some(group) = picked.get_untracked() else { return };
        let deed = match group.membership.action {
            GroupAction::RequestJoin => Deed::Join,
            GroupAction::Retract => Deed::Retract,
            _ => Deed::Leave,
        };
        actions.run(group, deed, reason);
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
            busy=busy
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
            busy=busy
            on_confirm=move |()| run(None)
        >
            {move || picked.get().filter(|_| leaving.get()).map(|group| view! { <LeaveChange group=group.id /> })}
        </Confirm>
        <Confirm
            open=retracting
            title=of(|group| text::retract_title(&group.name))
            body=text::retract_body().to_owned()
            action=text::retract_do().to_owned()
            busy=busy
            on_confirm=move |()| run(None)
        />
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
