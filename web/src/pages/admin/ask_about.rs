//! Asks why a user has or lacks anything there is: a permission, a group, a service or a state.

use cynic::QueryBuilder;
use fealty_shared::permission::{Permission as _, ViewState};
use leptos::prelude::*;

use crate::{
    api::{schema, use_query},
    i18n::texts::{access, dashboard, rules as text},
    pages::{
        explain::{Subject, Why},
        lookup::{groups::FindGroups, use_hits},
    },
    session::Session,
    ui::{
        confirm::Dialog,
        picker::{Hits, Pick, Picker, Progress},
        search_box::matches,
    },
};

/// Hits of one kind that are offered.
const SHOWN: usize = 6;

/// What is few enough to be known whole.
#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "Query")]
pub struct Askable {
    permissions: Vec<AskablePermission>,
    states: Vec<AskableState>,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "Permission")]
struct AskablePermission {
    name: String,
    description: String,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "State")]
struct AskableState {
    id: cynic::Id,
    name: String,
}

impl Askable {
    /// States, as far as one may ask about them: whoever may not see states is told only of the one that the user has.
    fn states(&self, words: &str, only: Option<&str>) -> Vec<Pick> {
        let found = self.states.iter().filter(|state| matches(words, &[&state.name]));
        let pick = |state: &AskableState| Pick {
            id: state.id.inner().to_owned(),
            name: state.name.clone(),
            detail: dashboard::kind_state().to_owned(),
            unfit: match only {
                Some(own) if own != state.id.inner() => text::ask_state_needs(&ViewState::in_words()),
                _ => String::new(),
            },
            ..Pick::default()
        };
        found.map(pick).take(SHOWN).collect()
    }

    fn permissions(&self, words: &str) -> Vec<Pick> {
        let found = self
            .permissions
            .iter()
            .filter(|permission| matches(words, &[&permission.name, &permission.description]));
        let pick = |permission: &AskablePermission| Pick {
            id: format!("permission:{}", permission.name),
            name: permission.name.clone(),
            detail: permission.description.clone(),
            ..Pick::default()
        };
        found.map(pick).take(SHOWN).collect()
    }
}

/// The dialog.
#[component]
pub fn AskAbout(
    /// Whether it is shown.
    open: RwSignal<bool>,
    /// Whom.
    user: cynic::Id,
    /// The state the user has.
    #[prop(into)]
    state: Signal<String>,
    /// What the dialog says on top.
    #[prop(into)]
    title: Signal<String>,
    /// The services of this site: key and title.
    services: Vec<(String, String)>,
) -> impl IntoView {
    let (user, services) = (StoredValue::new(user), StoredValue::new(services));
    view! {
        <Dialog open=open title=title>
            <Show when=move || open.get()>
                <Inside user=user.get_value() state=state services=services.get_value() />
            </Show>
        </Dialog>
    }
}

#[component]
fn Inside(user: cynic::Id, state: Signal<String>, services: Vec<(String, String)>) -> impl IntoView {
    let known = use_query(|| Askable::build(()));
    let sees_states = untrack(|| Session::get().can::<ViewState>());
    let (chosen, words) = (RwSignal::new(Vec::<Pick>::new()), RwSignal::new(String::new()));
    let groups = use_hits(words, FindGroups::build, false);
    let of_services = move |words: &str| {
        let found = services.iter().filter(|(_, title)| matches(words, &[title]));
        let pick = |(key, title): &(String, String)| Pick {
            id: format!("service:{key}"),
            name: title.clone(),
            detail: dashboard::kind_service().to_owned(),
            ..Pick::default()
        };
        found.map(pick).collect::<Vec<_>>()
    };
    let found = Memo::new(move |_| {
        let words = words.read();
        let own = (!sees_states).then(|| state.get());
        let (states, permissions) = known.state.with(|known| {
            let of = |known: &Askable| (known.states(&words, own.as_deref()), known.permissions(&words));
            known.ready().map(of).unwrap_or_default()
        });
        let mut all = of_services(&words);
        all.extend(states);
        all.extend(
            groups
                .found
                .get()
                .into_iter()
                .take(SHOWN)
                .map(|pick| {
                    // What was found for the words before is no answer to these.
                    let detail = dashboard::kind_group().to_owned();
                    Pick { detail, ..pick }
                })
                .filter(|pick| matches(&words, &[&pick.name])),
        );
        all.extend(permissions);
        all
    });
    let progress = Signal::derive(move || known.state.with(Progress::of).and(groups.progress.get()));
    let retry = Callback::new(move |()| {
        known.refetch();
        groups.retry.run(());
    });
    let subject = move || chosen.with(|chosen| chosen.first().and_then(|pick| Subject::parse(&pick.id)));
    view! {
        <div class="ask-about">
            <Picker
                name="subject"
                label=text::ask_about_what()
                placeholder=access::search_any()
                chosen=chosen
                single=true
                words=words
                hits=Hits { found: found.into(), progress, retry }
            />
            {move || subject().map(|subject| view! { <Why subject=subject user_id=Some(user.clone()) /> })}
        </div>
    }
}
