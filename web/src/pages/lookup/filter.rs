//! A filter by one of many things that the server finds.

use leptos::{prelude::*, task::spawn_local};

use crate::{
    api::{ApiError, post},
    session,
    ui::picker::{Hits, Pick, Picker},
    url::Address,
};

/// A kind of thing that a filter may name: how it is searched, and what one is called that an address names.
#[derive(Clone, Copy)]
pub struct Source {
    /// What matches words.
    pub hits: fn(RwSignal<String>) -> Hits,
    /// Asks what one is called.
    pub ask: fn(&str) -> Result<String, ApiError>,
    /// Reads the answer.
    pub take: fn(&str) -> Result<Vec<Pick>, ApiError>,
}

/// A filter by one of many things, found by the server.
#[component]
pub fn PickFilter(
    /// Where it stands.
    address: Address,
    /// The parameter.
    name: &'static str,
    /// What is chosen.
    label: &'static str,
    /// Among what.
    source: Source,
) -> impl IntoView {
    let words = RwSignal::new(String::new());
    let hits = (source.hits)(words);
    let chosen = RwSignal::new(Vec::<Pick>::new());
    let id_now = move || chosen.with(|chosen| chosen.first().map(|pick| pick.id.clone()).unwrap_or_default());
    // The address may name something that nobody chose here.
    Effect::new(move |_| {
        let id = address.text(name);
        if id == untrack(id_now) {
            return;
        }
        if id.is_empty() {
            chosen.set(Vec::new());
            return;
        }
        chosen.set(vec![Pick { id: id.clone(), name: id.clone(), ..Pick::default() }]);
        let Ok(body) = (source.ask)(&id) else { return };
        spawn_local(async move {
            let found = post(body).await.and_then(|answer| (source.take)(&answer)).unwrap_or_default();
            let Some(named) = found.into_iter().find(|pick| pick.id == id) else { return };
            if !session::is_ending()
                && chosen.try_with_untracked(|now| now.first().map(|pick| pick.id == id)) == Some(Some(true))
            {
                chosen.set(vec![named]);
            }
        });
    });
    Effect::new(move |seen: Option<String>| {
        let now = id_now();
        if seen.is_some_and(|seen| seen != now) && address.text_now(name) != now {
            address.set(&[(name, Some(&now))]);
        }
        now
    });
    view! {
        <Picker
            name=name
            label=label
            placeholder=label
            chosen=chosen
            single=true
            words=words
            hits=hits
            compact=true
        />
    }
}
