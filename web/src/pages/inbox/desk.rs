//! Deciding requests: what is selected, what is under way, and what came of it.

use cynic::MutationBuilder;
use leptos::{prelude::*, task::spawn_local};

use super::Request;
use crate::{
    api::{ErrorCode, Problem, schema, send},
    i18n::texts::inbox as text,
    session::{self, Session},
    ui::{selection::Selection, toast::Toasts},
    web,
};

#[derive(cynic::QueryVariables, Debug)]
pub struct DecideVariables {
    /// Which.
    pub ids: Vec<cynic::Id>,
    /// Yes or no.
    pub accept: bool,
    /// For whoever asked.
    pub note: Option<String>,
}

#[derive(cynic::QueryFragment, Debug)]
#[cynic(graphql_type = "Mutation", variables = "DecideVariables")]
pub struct Decide {
    #[arguments(input: { ids: $ids, accept: $accept, note: $note })]
    decide_group_requests: DecidePayload,
}

#[derive(cynic::QueryFragment, Debug)]
#[cynic(graphql_type = "DecideGroupRequestsPayload")]
struct DecidePayload {
    problems: Vec<Problem>,
    results: Vec<Decision>,
}

#[derive(cynic::QueryFragment, Debug)]
#[cynic(graphql_type = "GroupRequestDecision")]
struct Decision {
    id: cynic::Id,
    outcome: GroupRequestOutcome,
}

#[derive(cynic::Enum, Clone, Copy, Debug, PartialEq)]
enum GroupRequestOutcome {
    Accepted,
    NotAllowed,
    NotEligible,
    NotFound,
    Rejected,
}

/// A set of requests small enough for a list.
type Ids = RwSignal<Vec<cynic::Id>>;

/// What the controls of one list share.
#[derive(Clone, Copy)]
pub struct Desk {
    pub(super) selected: Selection,
    working: Ids,
    /// To be rejected, while the note is asked for.
    pub(super) rejecting: Ids,
    pub(super) asking: RwSignal<bool>,
    pub(super) problems: RwSignal<Vec<Problem>>,
    /// Sentences about what was not done, of all decisions that were under way together.
    pub(super) undone: RwSignal<Vec<String>>,
    pub(super) shown: Memo<Vec<Request>>,
    refetch: Callback<()>,
    toasts: Toasts,
}

impl Desk {
    /// That of the requests shown; after a decision they are asked for again.
    pub(super) fn new(shown: Memo<Vec<Request>>, refetch: impl Fn(()) + Send + Sync + 'static) -> Self {
        let decidable = Memo::new(move |_| {
            shown.with(|shown| {
                shown.iter().filter(|request| request.can_decide).map(|request| request.id.clone()).collect()
            })
        });
        Self {
            selected: Selection::new(decidable),
            working: RwSignal::new(Vec::new()),
            rejecting: RwSignal::new(Vec::new()),
            asking: RwSignal::new(false),
            problems: RwSignal::new(Vec::new()),
            undone: RwSignal::new(Vec::new()),
            shown,
            refetch: Callback::new(refetch),
            toasts: Toasts::get(),
        }
    }

    /// Whether a decision about this one is under way.
    pub fn is_working(&self, id: &cynic::Id) -> bool {
        self.working.read().contains(id)
    }

    /// Asks for the note that goes with a rejection.
    pub fn reject(&self, ids: Vec<cynic::Id>) {
        self.problems.set(Vec::new());
        self.rejecting.set(ids);
        self.asking.set(true);
    }

    /// Sends a decision. Several may be under way: the next request does not wait for the last answer.
    pub fn decide(self, ids: Vec<cynic::Id>, accept: bool, note: Option<String>) {
        // Only a rejection is asked about, and only its own answer closes the dialog that asked.
        let rejected = (!accept).then(|| ids.clone());
        let ids: Vec<_> = self
            .working
            .with_untracked(|working| ids.into_iter().filter(|id| !working.contains(id)).collect());
        if ids.is_empty() {
            return;
        }
        if self.working.with_untracked(Vec::is_empty) {
            self.undone.set(Vec::new());
        }
        self.working.update(|working| working.extend(ids.iter().cloned()));
        // They may be gone from the list before the answer comes.
        let known: Vec<Request> = self.shown.with_untracked(|shown| {
            shown.iter().filter(|request| ids.contains(&request.id)).cloned().collect()
        });
        spawn_local(async move {
            let answer = send(Decide::build(DecideVariables { ids: ids.clone(), accept, note })).await;
            if session::is_ending() {
                return;
            }
            self.working.try_update(|working| working.retain(|id| !ids.contains(id)));
            match answer {
                Ok(data) => self.tell(data.decide_group_requests, rejected.as_deref(), &known),
                Err(failure) => {
                    if failure.code == ErrorCode::Unauthenticated {
                        Session::expired();
                    }
                    self.toasts.failure(&failure);
                }
            }
        });
    }

    /// Says what came of it.
    fn tell(&self, payload: DecidePayload, rejected: Option<&[cynic::Id]>, known: &[Request]) {
        let is_asked_about = rejected.is_some_and(|rejected| {
            self.rejecting.try_with_untracked(|rejecting| rejecting == rejected) == Some(true)
        });
        if !payload.problems.is_empty() {
            if is_asked_about {
                self.problems.try_set(payload.problems);
            } else if let Some(problem) = payload.problems.into_iter().next() {
                self.toasts.warn(problem.message);
            }
            return;
        }
        let count = |outcome| {
            let found = payload.results.iter().filter(|result| result.outcome == outcome).count();
            i32::try_from(found).ok().filter(|found| *found > 0)
        };
        count(GroupRequestOutcome::Accepted).into_iter().for_each(|n| self.toasts.done(text::accepted(n)));
        count(GroupRequestOutcome::Rejected).into_iter().for_each(|n| self.toasts.done(text::rejected(n)));
        let undone = payload.results.iter().filter_map(|result| {
            let why = match result.outcome {
                GroupRequestOutcome::Accepted | GroupRequestOutcome::Rejected => return None,
                GroupRequestOutcome::NotFound => text::undone_gone(),
                GroupRequestOutcome::NotEligible => text::undone_state(),
                GroupRequestOutcome::NotAllowed => text::undone_allowed(),
            };
            let request = known.iter().find(|request| request.id == result.id)?;
            Some(text::undone_named(request.person.name(), &request.group.name, why))
        });
        let undone: Vec<String> = undone.collect();
        if is_asked_about {
            self.asking.try_set(false);
        }
        if !undone.is_empty() {
            self.undone.try_update(|told| told.extend(undone));
        }
        let done: Vec<cynic::Id> = payload.results.into_iter().map(|result| result.id).collect();
        self.selected.remove(&done);
        self.refetch.try_run(());
        // The row with the button that was pressed goes; the focus stays nearby.
        if done.len() == known.len() {
            web::focus_if_lost("#requests");
        }
    }
}
