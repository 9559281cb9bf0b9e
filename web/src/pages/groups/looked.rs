//! Edits of members on their way: what would follow is shown first, and done as it was shown.

use cynic::MutationBuilder;
use leptos::{prelude::*, task::spawn_local};

use super::membership::{
    AddGroupMembers, AddGroupMembersStatus, AddVariables, GivenTerms, GroupMemberChange, GroupMemberOutcome,
    MembersCount, MembersPreview, RemoveGroupMembers, RemoveGroupMembersStatus, RemoveVariables, Terms,
};
use crate::{
    api::{ApiError, ErrorCode, Problem, encode, post, read},
    i18n::texts::{common, groups, manage as text, rules},
    session::{self, Session},
    ui::{
        banner::{Banner, Tone},
        button::{Button, Look},
        change_count::change_count,
        confirm::held_because,
        skeleton::SkeletonRows,
        toast::Toasts,
    },
    web,
};

/// What is to be done.
#[derive(Clone, Debug)]
pub enum MemberEdit {
    /// Making users members.
    Add(AddVariables),
    /// Ending memberships.
    Remove(RemoveVariables),
}

/// Whether it was looked at, done, or why not.
enum Came {
    Looked,
    Done,
    Invalid,
    NotAllowed,
    NotFound,
}

/// What the server says.
struct Answer {
    came: Came,
    problems: Vec<Problem>,
    outcomes: Vec<GroupMemberOutcome>,
    preview: Option<MembersPreview>,
}

fn outcomes(results: &[GroupMemberChange]) -> Vec<GroupMemberOutcome> {
    results.iter().map(|change| change.outcome).collect()
}

impl MemberEdit {
    fn looking(self) -> Self {
        match self {
            Self::Add(add) => Self::Add(AddVariables { preview: true, token: None, ..add }),
            Self::Remove(remove) => Self::Remove(RemoveVariables { preview: true, token: None, ..remove }),
        }
    }

    fn saving(self, token: String, reason: Option<String>) -> Self {
        let token = Some(token);
        match self {
            Self::Add(add) => Self::Add(AddVariables { preview: false, token, reason, ..add }),
            Self::Remove(remove) => Self::Remove(RemoveVariables { preview: false, token, reason, ..remove }),
        }
    }

    async fn send(self) -> Result<Answer, ApiError> {
        match self {
            Self::Add(add) => {
                let answer = post(encode(&AddGroupMembers::build(add))?).await?;
                let payload = read::<AddGroupMembers>(&answer)?.add_group_members;
                let came = match payload.status {
                    AddGroupMembersStatus::Preview => Came::Looked,
                    AddGroupMembersStatus::Done => Came::Done,
                    AddGroupMembersStatus::Invalid => Came::Invalid,
                    AddGroupMembersStatus::NotAllowed => Came::NotAllowed,
                    AddGroupMembersStatus::NotFound => Came::NotFound,
                };
                let (problems, outcomes) = (payload.problems, outcomes(&payload.results));
                Ok(Answer { came, problems, outcomes, preview: payload.preview })
            }
            Self::Remove(remove) => {
                let answer = post(encode(&RemoveGroupMembers::build(remove))?).await?;
                let payload = read::<RemoveGroupMembers>(&answer)?.remove_group_members;
                let came = match payload.status {
                    RemoveGroupMembersStatus::Preview => Came::Looked,
                    RemoveGroupMembersStatus::Done => Came::Done,
                    RemoveGroupMembersStatus::Invalid => Came::Invalid,
                    RemoveGroupMembersStatus::NotAllowed => Came::NotAllowed,
                    RemoveGroupMembersStatus::NotFound => Came::NotFound,
                };
                let (problems, outcomes) = (payload.problems, outcomes(&payload.results));
                Ok(Answer { came, problems, outcomes, preview: payload.preview })
            }
        }
    }
}

/// What would come of an edit.
#[derive(Clone, Debug, PartialEq)]
pub struct Looked {
    /// One for each user.
    pub outcomes: Vec<GroupMemberOutcome>,
    preview: MembersPreview,
}

impl Looked {
    /// How many of them come out so.
    pub fn count(&self, outcome: GroupMemberOutcome) -> i32 {
        count(&self.outcomes, outcome)
    }

    /// Whether anything would be done.
    pub fn does_something(&self) -> bool {
        use GroupMemberOutcome::{Added, Changed, Removed};
        self.outcomes.iter().any(|outcome| matches!(outcome, Added | Changed | Removed))
    }
}

/// How many of some come out so.
pub fn count(outcomes: &[GroupMemberOutcome], of: GroupMemberOutcome) -> i32 {
    i32::try_from(outcomes.iter().filter(|outcome| **outcome == of).count()).unwrap_or(i32::MAX)
}

/// One edit on its way.
#[derive(Clone, Copy)]
pub struct MemberFlow {
    /// What would come of it; nothing while that is not known.
    pub looked: RwSignal<Option<Looked>>,
    /// Whether the world has moved since it was looked at first.
    pub moved: RwSignal<bool>,
    /// Whether an answer is awaited.
    pub busy: RwSignal<bool>,
    /// Whether it is that to doing it.
    pub saving: RwSignal<bool>,
    /// What is wrong with the fields.
    pub problems: RwSignal<Vec<Problem>>,
    edit: StoredValue<Option<MemberEdit>>,
    newest: StoredValue<u32>,
    toasts: Toasts,
    done: Callback<Option<Vec<GroupMemberOutcome>>>,
}

impl MemberFlow {
    /// `done` is told what was done; nothing where the server would not.
    pub fn new(done: impl Fn(Option<Vec<GroupMemberOutcome>>) + Send + Sync + 'static) -> Self {
        Self {
            looked: RwSignal::new(None),
            moved: RwSignal::new(false),
            busy: RwSignal::new(false),
            saving: RwSignal::new(false),
            problems: RwSignal::new(Vec::new()),
            edit: StoredValue::new(None),
            newest: StoredValue::new(0),
            toasts: Toasts::get(),
            done: Callback::new(done),
        }
    }

    /// Forgets what was looked at.
    pub fn clear(self) {
        self.newest.update_value(|number| *number = number.wrapping_add(1));
        self.edit.set_value(None);
        self.looked.set(None);
        self.moved.set(false);
        self.busy.set(false);
        self.saving.set(false);
        self.problems.set(Vec::new());
    }

    /// Asks what an edit would do.
    pub fn look(self, edit: MemberEdit) {
        self.clear();
        self.edit.set_value(Some(edit.clone()));
        self.send(edit.looking());
    }

    /// Does what was looked at; what could not be looked at is looked at again.
    pub fn save(self, reason: Option<String>) {
        let Some(edit) = self.edit.get_value().filter(|_| !self.busy.get_untracked()) else { return };
        let token =
            self.looked.with_untracked(|looked| looked.as_ref().map(|looked| looked.preview.token.clone()));
        match token {
            Some(token) => {
                self.saving.set(true);
                self.send(edit.saving(token, reason));
            }
            None => self.send(edit.looking()),
        }
    }

    fn send(self, edit: MemberEdit) {
        self.busy.set(true);
        let number = self.newest.get_value();
        spawn_local(async move {
            let answer = edit.send().await;
            if session::is_ending() || self.newest.try_get_value() != Some(number) {
                return;
            }
            self.busy.set(false);
            self.saving.set(false);
            self.take(answer);
        });
    }

    fn take(self, answer: Result<Answer, ApiError>) {
        match answer {
            Ok(Answer { came: Came::Looked, outcomes, preview: Some(preview), .. }) => {
                self.looked.set(Some(Looked { outcomes, preview }));
            }
            Ok(Answer { came: Came::Done, outcomes, .. }) => self.done.run(Some(outcomes)),
            Ok(Answer { came: Came::Invalid | Came::Looked, problems, .. }) => {
                self.looked.set(None);
                self.problems.set(problems);
            }
            Ok(Answer { came: Came::NotAllowed, .. }) => {
                self.looked.set(None);
                self.toasts.warn(text::not_allowed());
                self.done.run(None);
            }
            Ok(Answer { came: Came::NotFound, .. }) => {
                self.looked.set(None);
                self.toasts.warn(groups::gone());
                self.done.run(None);
            }
            Err(ApiError { code: ErrorCode::Conflict, .. }) => {
                self.moved.set(true);
                if let Some(edit) = self.edit.get_value() {
                    self.send(edit.looking());
                }
            }
            Err(failure) => {
                if failure.code == ErrorCode::Unauthenticated {
                    Session::expired();
                }
                self.toasts.failure(&failure);
            }
        }
    }
}

/// What would follow, as far as it is known.
#[component]
pub fn Consequence(
    /// Whose.
    flow: MemberFlow,
    /// Whether the reader is told all of it, or what the group gives.
    in_full: bool,
) -> impl IntoView {
    let row = move |MembersCount { kind, title, gained, lost }: MembersCount| {
        view! { <li class="preview-count">{change_count(kind, &title, gained, lost, in_full)}</li> }
    };
    let shown = move |looked: Looked| {
        let MembersPreview { summary, mut counts, .. } = looked.preview.clone();
        counts.sort_by_key(|count| count.kind.rank());
        let said = [
            (GroupMemberOutcome::Added, text::will_add as fn(i32) -> String),
            (GroupMemberOutcome::Changed, text::will_change),
            (GroupMemberOutcome::Removed, text::will_remove),
            (GroupMemberOutcome::NotMember, text::will_not_remove),
            (GroupMemberOutcome::NotEligible, text::will_not_fit),
            (GroupMemberOutcome::NotFound, text::will_not_find),
        ];
        let said = said.into_iter().filter_map(|(outcome, words)| {
            let count = looked.count(outcome);
            (count > 0).then(|| view! { <li>{words(count)}</li> })
        });
        let note =
            (!in_full && !counts.is_empty()).then(|| view! { <p class="form-text">{text::gives_only()}</p> });
        view! {
            <ul class="looked-outcomes">{said.collect_view()}</ul>
            <p class="preview-summary">{summary}</p>
            {(!counts.is_empty()).then(|| view! {
                <ul class="preview-counts" aria-label=rules::counts()>{counts.into_iter().map(row).collect_view()}</ul>
            })}
            {note}
        }
    };
    view! {
        <section class="looked" aria-label=text::looked() aria-live="polite" aria-busy=move || flow.busy.get().to_string()>
            {move || flow.moved.get().then(|| view! {
                <Banner tone=Tone::Warning title=rules::moved_title()><p>{rules::moved()}</p></Banner>
            })}
            {move || match flow.looked.get() {
                Some(looked) => shown(looked).into_any(),
                None if flow.busy.get() => view! { <SkeletonRows rows=2 /> }.into_any(),
                None => ().into_any(),
            }}
        </section>
    }
}

/// A form that adds members: whom or where, from when until when and why; then what would follow, and doing it.
#[component]
pub fn LookFirst(
    /// Whose.
    flow: MemberFlow,
    /// Whether the reader is told all that follows, or what the group gives.
    in_full: bool,
    /// From when until when, and why.
    terms: Terms,
    /// Where one begins, as a selector: the way back ends there.
    field: &'static str,
    /// The button that does it.
    #[prop(into)]
    action: Signal<String>,
    /// Why one cannot look yet.
    #[prop(optional, into)]
    locked: Signal<Option<String>>,
    /// Looks at what was entered.
    #[prop(into)]
    on_look: Callback<GivenTerms>,
    /// Runs when one would rather not.
    #[prop(into)]
    on_cancel: Callback<()>,
    /// Whom or where.
    children: Children,
) -> impl IntoView {
    let is_looked = Memo::new(move |_| flow.looked.read().is_some());
    // What is on screen changed under the focus.
    Effect::new(move |before: Option<bool>| {
        let now = is_looked.get();
        if before.is_some_and(|before| before != now) {
            request_animation_frame(move || {
                web::focus(if now { "#add-consequence" } else { field });
            });
        }
        now
    });
    let useless = Signal::derive(move || {
        let is_useless = flow.looked.read().as_ref().is_some_and(|looked| !looked.does_something());
        is_useless.then(|| text::add_nobody_fits().to_owned())
    });
    let send = move || {
        if is_looked.get_untracked() {
            return flow.save(terms.reason());
        }
        match terms.read() {
            Ok(given) => on_look.run(given),
            Err(half) => flow.problems.set(half),
        }
    };
    view! {
        <form novalidate=true on:submit=move |event| { event.prevent_default(); send() }>
            <div hidden=move || is_looked.get()>
                {children()}
                {terms.fields(flow.problems)}
            </div>
            <div id="add-consequence" tabindex="-1" hidden=move || !is_looked.get()>
                <Consequence flow=flow in_full=in_full />
            </div>
            {move || if is_looked.get() {
                view! {
                    <div class="dialog-actions">
                        <Button
                            text=text::back().to_owned()
                            locked=held_because(flow.saving)
                            on_click=move |()| flow.clear()
                        />
                        <Button text=action look=Look::Primary busy=flow.busy locked=useless submit=true />
                    </div>
                }
                .into_any()
            } else {
                view! {
                    <div class="dialog-actions">
                        <Button text=common::cancel().to_owned() on_click=on_cancel />
                        <Button text=text::review().to_owned() look=Look::Primary busy=flow.busy locked=locked submit=true />
                    </div>
                }
                .into_any()
            }}
        </form>
    }
}
