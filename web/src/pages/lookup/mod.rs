//! Finds what is chosen in forms and filters, by what it is: `eve` for characters and organisations, `users`, `groups`.
//! Here is what they share: when to ask, and which answer counts. `filter` is a filter of a list by one such thing.

pub mod eve;
pub mod filter;
pub mod groups;
pub mod users;

use std::rc::Rc;

use cynic::Operation;
use leptos::{prelude::*, task::spawn_local};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    api::{ApiError, ErrorCode, EveId, encode, post, read, schema},
    i18n::texts::rules as text,
    session::{self, Session},
    ui::picker::{Hits, Pick, Progress},
};

/// An id that nothing of New Eden has: the query wants one even where only words are looked for.
const NO_EVE_ID: EveId = EveId(1);

#[derive(cynic::QueryVariables, Debug)]
pub struct LookupVariables {
    search: String,
    /// What was typed, as EVE's id; that of nothing when it is none.
    id: EveId,
}

impl LookupVariables {
    /// For what was typed.
    pub fn of(words: &str) -> Self {
        Self { search: words.to_owned(), id: eve_id(words).unwrap_or(NO_EVE_ID) }
    }
}

fn eve_id(words: &str) -> Option<EveId> {
    words.parse().ok().filter(|id| *id > 0).map(EveId)
}

#[derive(cynic::QueryVariables, Debug)]
pub struct NameVariables {
    id: cynic::Id,
}

impl NameVariables {
    fn of(id: &str) -> Self {
        Self { id: cynic::Id::new(id) }
    }
}

/// What a search found.
pub trait Found: DeserializeOwned + 'static {
    /// As things to choose.
    fn picks(self) -> Vec<Pick>;
}

/// What matches the words typed: of EVE's things also an id that nobody here has heard of yet.
pub fn use_hits<T, V>(
    words: RwSignal<String>,
    build: fn(LookupVariables) -> Operation<T, V>,
    by_eve_id: bool,
) -> Hits
where
    T: Found,
    V: Serialize + 'static,
{
    let ask = move |typed: &str| encode(&build(LookupVariables::of(typed)));
    look_up(words, Box::new(ask), Box::new(|answer| read::<T>(answer).map(Found::picks)), by_eve_id)
}

/// Makes the question for some words.
type Ask = Box<dyn Fn(&str) -> Result<String, ApiError>>;
/// Reads the answer.
type Take = Box<dyn Fn(&str) -> Result<Vec<Pick>, ApiError>>;

/// The part that does not depend on what is looked for, so that it is compiled once.
fn look_up(words: RwSignal<String>, ask: Ask, take: Take, by_eve_id: bool) -> Hits {
    let found = RwSignal::new(Vec::new());
    let progress = RwSignal::new(Progress::Done);
    let again = RwSignal::new(0_u32);
    let take = Rc::new(take);
    Effect::new(move |_| {
        again.track();
        let typed = words.get();
        if typed.is_empty() {
            return;
        }
        let Ok(body) = ask(&typed) else { return };
        let take = Rc::clone(&take);
        progress.set(Progress::Searching);
        spawn_local(async move {
            let answer = post(body).await.and_then(|answer| take(&answer));
            // Somebody who types on has no use for this answer.
            if session::is_ending() || words.try_with_untracked(|now| *now == typed) != Some(true) {
                return;
            }
            let (all, came) = match answer {
                Ok(all) => (all, Progress::Done),
                Err(error) => {
                    if error.code == ErrorCode::Unauthenticated {
                        Session::expired();
                    }
                    (Vec::new(), Progress::Failed)
                }
            };
            found.try_set(with_unknown(all, &typed, by_eve_id));
            progress.try_set(came);
        });
    });
    Hits {
        found: found.into(),
        progress: progress.into(),
        retry: Callback::new(move |()| again.update(|count| *count = count.wrapping_add(1))),
    }
}

/// Adds what was typed as a bare id, unless the server knows it.
fn with_unknown(mut found: Vec<Pick>, typed: &str, by_eve_id: bool) -> Vec<Pick> {
    if let Some(id) = eve_id(typed).filter(|_| by_eve_id).map(|id| id.to_string())
        && !found.iter().any(|pick| pick.id == id)
    {
        found.push(Pick {
            name: text::eve_id(&id),
            id,
            detail: text::eve_id_unknown().to_owned(),
            ..Pick::default()
        });
    }
    let mut seen = Vec::new();
    found.retain(|pick| {
        let new = !seen.contains(&pick.id);
        seen.push(pick.id.clone());
        new
    });
    found
}

/// Every search's operation, for the list of them.
#[cfg(test)]
pub fn documents() -> Vec<String> {
    [eve::documents(), users::documents(), groups::documents()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_nobody_knows_can_be_chosen() {
        let known = Pick { id: "98000001".to_owned(), name: "Known".to_owned(), ..Pick::default() };
        assert_eq!(with_unknown(vec![known.clone(), known.clone()], "98000001", true), [known]);
        assert_eq!(with_unknown(Vec::new(), "98000002", true).len(), 1);
        assert_eq!(with_unknown(Vec::new(), "98000002", false).len(), 0);
        assert_eq!(with_unknown(Vec::new(), "ayla", true).len(), 0);
    }
}
