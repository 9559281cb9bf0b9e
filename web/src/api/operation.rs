//! Queries and mutations as Leptos signals.

use cynic::Operation;
use leptos::{prelude::*, task::spawn_local};
use serde::{Serialize, de::DeserializeOwned};

use super::{ApiError, ErrorCode, Remote, live::Live, send};
use crate::{
    session::{self, Session},
    ui::toast::Toasts,
};

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
    let live = use_context::<Live>();
    let newest = StoredValue::new(0_u32);
    Effect::new(move |_| {
        query.again.track();
        if let Some(live) = live {
            live.revision.track();
        }
        if session::is_ending() {
            return;
        }
        let operation = build();
        let number = newest.get_value().wrapping_add(1);
        newest.set_value(number);
        query.busy.set(true);
        spawn_local(async move {
            let answer = send(operation).await;
            // A later request makes this answer old; a page that is gone has no use for it.
            if newest.try_get_value() != Some(number) || !accept(&answer) {
                return;
            }
            if let Err(ApiError { code: ErrorCode::Unauthenticated, .. }) = &answer {
                Session::expired();
            }
            query.busy.try_set(false);
            query.state.try_update(|state| state.settle(answer));
        });
    });
    query
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
    let run = StoredValue::new_local(Box::new(move |input: I| {
        pending.set(true);
        let operation = build(input);
        spawn_local(async move {
            let answer = send(operation).await;
            pending.try_set(false);
            if session::is_ending() {
                return;
            }
            match answer {
                Ok(data) => {
                    done.try_with_value(|done| done(data));
                }
                Err(failure) => {
                    if failure.code == ErrorCode::Unauthenticated {
                        Session::expired();
                    }
                    toasts.failure(&failure);
                }
            }
        });
    }) as Box<dyn Fn(I)>);
    Mutation { pending, run }
}
