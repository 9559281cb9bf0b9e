//! Queries and mutations as Leptos signals.

use std::{rc::Rc, time::Duration};

use cynic::Operation;
use leptos::{prelude::*, task::spawn_local};
use serde::{Serialize, de::DeserializeOwned};

use super::{
    ApiError, ErrorCode, Remote,
    client::{encode, post, read},
    live::Live,
};
use crate::{
    back,
    session::{self, Session},
    ui::toast::Toasts,
};

/// How often it is asked what is under way.
const UNDER_WAY: Duration = Duration::from_secs(2);

/// A query that is on the screen.
pub struct Query<T: Send + Sync + 'static> {
    /// What came of it.
    pub state: RwSignal<Remote<T>>,
    /// Whether a request is under way.
    pub busy: RwSignal<bool>,
    again: RwSignal<u32>,
}

impl<T: Send + Sync + 'static> Clone for Query<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Query<T> {}

impl<T: Send + Sync + 'static> Query<T> {
    /// Asks again; what is shown stays until the answer is here.
    pub fn refetch(&self) {
        self.again.try_update(|count| *count = count.wrapping_add(1));
    }

    /// Asks again every two seconds while something is under way of whose end the server does not tell.
    pub fn refetch_while(self, under_way: Memo<bool>) {
        Effect::new(move |_| {
            if under_way.get()
                && let Ok(asking) = set_interval_with_handle(move || self.refetch(), UNDER_WAY)
            {
                on_cleanup(move || asking.clear());
            }
        });
    }

    /// Asks again as if for the first time: for "try again" after a failure.
    pub fn retry(&self) {
        self.state.try_set(Remote::Loading);
        self.refetch();
    }
}

/// Runs a query now, whenever a signal read in `build` changes, and whenever the server says that something changed.
pub fn use_query<T, V>(build: impl Fn() -> Operation<T, V> + 'static) -> Query<T>
where
    T: DeserializeOwned + Send + Sync + 'static,
    V: Serialize + 'static,
{
    use_checked_query(build, |_| !session::is_ending())
}

/// The same, taking in only answers that `accept` lets through.
pub fn use_checked_query<T, V>(
    build: impl Fn() -> Operation<T, V> + 'static,
    accept: fn(&Result<T, ApiError>) -> bool,
) -> Query<T>
where
    T: DeserializeOwned + Send + Sync + 'static,
    V: Serialize + 'static,
{
    let query =
        Query { state: RwSignal::new(Remote::Loading), busy: RwSignal::new(false), again: RwSignal::new(0) };
    let take = move |answer: Body, asked_again: bool| {
        let answer = answer.and_then(|text| read(&text));
        if !accept(&answer) {
            return Taken::Refused;
        }
        if let Err(error) = &answer {
            notice(error);
        }
        let taken = if answer.is_ok() { Taken::Shown } else { Taken::Failed };
        query.state.try_update(|state| state.settle(answer, asked_again));
        taken
    };
    keep_asking(query.again, query.busy, Box::new(move || encode(&build())), Rc::new(take));
    query
}

/// What can be posted, or was answered; or why not.
type Body = Result<String, ApiError>;

/// What became of an answer.
enum Taken {
    /// It does not count.
    Refused,
    /// It was a failure.
    Failed,
    /// It is what is shown now.
    Shown,
}

/// The part of a query that does not depend on its type, so that it is compiled once: when to ask, and which answer
/// counts. `take` is told whether what is shown answers the same question.
fn keep_asking(
    again: RwSignal<u32>,
    busy: RwSignal<bool>,
    body: Box<dyn Fn() -> Body>,
    take: Rc<dyn Fn(Body, bool) -> Taken>,
) {
    let live = use_context::<Live>();
    let newest = StoredValue::new(0_u32);
    let shown = StoredValue::new(None::<String>);
    Effect::new(move |_| {
        again.track();
        if let Some(live) = live {
            live.revision.track();
        }
        if session::is_ending() {
            return;
        }
        let body = body();
        let number = newest.get_value().wrapping_add(1);
        newest.set_value(number);
        busy.set(true);
        let take = Rc::clone(&take);
        // Who goes back finds the page as it was, until it is known how it is.
        if let Ok(question) = &body
            && shown.with_value(Option::is_none)
            && let Some(known) = back::recall(question)
            && matches!(take(Ok(known), false), Taken::Shown)
        {
            shown.set_value(Some(question.clone()));
        }
        spawn_local(async move {
            let question = body.as_ref().ok().cloned();
            let answer = exchange(body).await;
            if let (Some(question), Ok(answer)) = (&question, &answer) {
                back::keep(question, answer);
            }
            // A later request makes this answer old; a page that is gone has no use for it.
            if newest.try_get_value() != Some(number) {
                return;
            }
            match take(answer, shown.try_get_value() == Some(question.clone())) {
                Taken::Refused => return,
                Taken::Failed => {}
                Taken::Shown => drop(shown.try_set_value(question)),
            }
            busy.try_set(false);
        });
    });
}

async fn exchange(body: Body) -> Result<String, ApiError> {
    post(body?).await
}

/// A failure may mean that the session is over.
fn notice(error: &ApiError) {
    if error.code == ErrorCode::Unauthenticated {
        Session::expired();
    }
}

/// A mutation a control can run.
pub struct Mutation<I: 'static> {
    /// Whether it is under way.
    pub pending: RwSignal<bool>,
    run: StoredValue<Box<dyn Fn(I)>, LocalStorage>,
}

impl<I: 'static> Clone for Mutation<I> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<I: 'static> Copy for Mutation<I> {}

impl<I: 'static> Mutation<I> {
    /// Runs it, unless it is under way.
    pub fn run(&self, input: I) {
        if self.pending.try_get_untracked() == Some(false) {
            self.run.try_with_value(|run| run(input));
        }
    }
}

/// Prepares a mutation: `build` makes the operation, `done` gets the answer. A failure is shown as a toast.
pub fn use_mutation<I, T, V>(build: fn(I) -> Operation<T, V>, done: impl Fn(T) + 'static) -> Mutation<I>
where
    I: 'static,
    T: DeserializeOwned + 'static,
    V: Serialize + 'static,
{
    let pending = RwSignal::new(false);
    let done = StoredValue::new_local(done);
    let toasts = Toasts::get();
    let take: Take = Rc::new(move |text| {
        let data = read(text)?;
        done.try_with_value(|done| done(data));
        Ok(())
    });
    let run = StoredValue::new_local(Box::new(move |input: I| {
        perform(pending, toasts, encode(&build(input)), Rc::clone(&take));
    }) as Box<dyn Fn(I)>);
    Mutation { pending, run }
}

/// Takes the text of an answer.
type Take = Rc<dyn Fn(&str) -> Result<(), ApiError>>;

/// The part of a mutation that does not depend on its type.
fn perform(pending: RwSignal<bool>, toasts: Toasts, body: Body, take: Take) {
    pending.set(true);
    spawn_local(async move {
        let answer = exchange(body).await;
        pending.try_set(false);
        if session::is_ending() {
            return;
        }
        if let Err(failure) = answer.and_then(|text| take(&text)) {
            notice(&failure);
            toasts.failure(&failure);
        }
    });
}
