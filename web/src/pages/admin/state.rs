//! One state: whom it lists and what it carries; a new one, too.

use std::collections::BTreeSet;

use cynic::QueryBuilder;
use fealty_shared::permission::{AddState, ChangeState, DeleteState, Permission as _};
use leptos::prelude::*;
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_params_map},
};

use super::{
    as_of::{self, ChangesBetween, HoldersThen},
    catalogue::{Catalogue, Permission, PermissionChecks},
    edit::{Edit, EditFlow, Saved},
    form::{FormActions, gone, local_problem},
    inputs::{CreateStateInput, DeleteStateInput, StateMembersInput, UpdateStateInput},
    preview::PreviewDialog,
    rights,
};
use crate::{
    api::{EveId, Query, schema, use_query},
    i18n::{format, texts::rules as text},
    pages::explain::Subject,
    pages::lookup::{
        Alliance, Character, Corporation, FindAlliances, FindCharacters, FindCorporations, use_hits,
    },
    ui::{
        banner::{Banner, Tone},
        button::Button,
        field::{Field, Switch},
        guard::Guard,
        icon::Glyph,
        loaded::{ABSENT, loaded, loaded_page},
        page_header::PageHeader,
        picker::{Pick, Picker},
        portrait::{Portrait, Size},
        skeleton::SkeletonRows,
        tabs::Tabs,
        timeline::AccessKind,
    },
    url::Address,
};

const LIST: &str = "/admin/states";

#[derive(cynic::QueryVariables, Debug)]
pub struct StateVariables {
    /// Which.
    pub id: cynic::Id,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "Query", variables = "StateVariables")]
pub struct StateQuery {
    #[arguments(id: $id)]
    state: Option<StateDetail>,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "State")]
struct StateDetail {
    id: cynic::Id,
    name: String,
    priority: i32,
    is_guest: bool,
    is_public: bool,
    user_count: i32,
    permissions: Vec<String>,
    members: Members,
}

#[derive(cynic::QueryFragment, Clone, Debug, Default, PartialEq)]
#[cynic(graphql_type = "StateMembers")]
struct Members {
    characters: Vec<Character>,
    corporations: Vec<Corporation>,
    alliances: Vec<Alliance>,
    factions: Vec<Faction>,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
struct Faction {
    id: EveId,
    name: String,
    is_militia: bool,
    #[arguments(size: 64)]
    logo_url: String,
}

impl StateDetail {
    /// What a new one begins with.
    fn empty() -> Self {
        Self {
            id: cynic::Id::new(""),
            name: String::new(),
            priority: 0,
            is_guest: false,
            is_public: false,
            user_count: 0,
            permissions: Vec::new(),
            members: Members::default(),
        }
    }
}

impl Faction {
    fn pick(self) -> Pick {
        Pick { id: self.id.to_string(), name: self.name, picture: self.logo_url, ..Pick::default() }
    }
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "Query")]
pub struct Factions {
    factions: Vec<Faction>,
}

/// What the fields hold, comparable.
#[derive(Clone, Debug, Default, PartialEq)]
struct Draft {
    name: String,
    priority: String,
    is_public: bool,
    members: [BTreeSet<String>; 4],
    permissions: BTreeSet<String>,
}

/// The fields.
#[derive(Clone, Copy)]
struct Form {
    name: RwSignal<String>,
    priority: RwSignal<String>,
    is_public: RwSignal<bool>,
    /// Characters, corporations, alliances, factions.
    members: [RwSignal<Vec<Pick>>; 4],
    permissions: RwSignal<BTreeSet<String>>,
}

impl Form {
    fn new() -> Self {
        Self {
            name: RwSignal::new(String::new()),
            priority: RwSignal::new(String::new()),
            is_public: RwSignal::new(false),
            members: std::array::from_fn(|_| RwSignal::new(Vec::new())),
            permissions: RwSignal::new(BTreeSet::new()),
        }
    }

    fn fill(self, state: StateDetail) {
        let Members { characters, corporations, alliances, factions } = state.members;
        self.name.set(state.name);
        self.priority.set(state.priority.to_string());
        self.is_public.set(state.is_public);
        self.permissions.set(state.permissions.into_iter().collect());
        let [a, b, c, d] = self.members;
        a.set(characters.into_iter().map(Character::pick).collect());
        b.set(corporations.into_iter().map(Corporation::pick).collect());
        c.set(alliances.into_iter().map(Alliance::pick).collect());
        d.set(factions.into_iter().map(Faction::pick).collect());
    }

    fn draft(self) -> Draft {
        let ids =
            |picks: RwSignal<Vec<Pick>>| picks.with(|all| all.iter().map(|pick| pick.id.clone()).collect());
        Draft {
            name: self.name.get().trim().to_owned(),
            priority: self.priority.get().trim().to_owned(),
            is_public: self.is_public.get(),
            members: self.members.map(ids),
            permissions: self.permissions.get(),
        }
    }
}

impl Draft {
    fn members(&self) -> StateMembersInput {
        let ids = |ids: &BTreeSet<String>| ids.iter().filter_map(|id| id.parse().ok().map(EveId)).collect();
        let [characters, corporations, alliances, factions] = &self.members;
        StateMembersInput {
            character_ids: ids(characters),
            corporation_ids: ids(corporations),
            alliance_ids: ids(alliances),
            faction_ids: ids(factions),
        }
    }

    fn permissions(&self) -> Vec<String> {
        self.permissions.iter().cloned().collect()
    }

    /// The edit that makes this of what was there before. None when the priority is no number.
    fn edit(&self, id: Option<cynic::Id>, before: &Self) -> Option<Edit> {
        let priority: i32 = self.priority.parse().ok()?;
        let changed = |differs: bool| differs.then_some(());
        Some(match id {
            None => Edit::CreateState(CreateStateInput {
                name: self.name.clone(),
                priority,
                is_public: self.is_public,
                members: Some(self.members()),
                permissions: changed(!self.permissions.is_empty()).map(|()| self.permissions()),
                preview_token: None,
            }),
            Some(id) => Edit::UpdateState(UpdateStateInput {
                name: changed(self.name != before.name).map(|()| self.name.clone()),
                priority: changed(self.priority != before.priority).map(|()| priority),
                is_public: changed(self.is_public != before.is_public).map(|()| self.is_public),
                members: changed(self.members != before.members).map(|()| self.members()),
                permissions: changed(self.permissions != before.permissions).map(|()| self.permissions()),
                ..UpdateStateInput::new(id)
            }),
        })
    }
}

/// The page of a state that is there.
#[component]
pub fn StatePage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|p| p.get("id").unwrap_or_default()));
    move || view! { <Loaded id=id.get() /> }
}

fn nothing() -> AnyView {
    gone(text::state_gone())
}

#[component]
fn Loaded(id: String) -> impl IntoView {
    let query = use_query(move || StateQuery::build(StateVariables { id: cynic::Id::new(&id) }));
    let catalogue = use_query(|| Catalogue::build(()));
    let address = Address::here();
    loaded_page(query, ABSENT, nothing, move |data| {
        let state = Memo::new(move |_| data.with(|data| data.state.clone()));
        let there = Memo::new(move |_| state.read().is_some());
        move || {
            let first = there.get().then(|| state.get_untracked()).flatten();
            let Some(first) = first else { return nothing() };
            let (id, name) = (first.id.clone(), first.name.clone());
            let title = Memo::new(move |_| state.read().as_ref().map(|s| s.name.clone()).unwrap_or_default());
            let users = Memo::new(move |_| state.read().as_ref().map_or(0, |s| s.user_count));
            let count = format::number(users.get_untracked().into());
            let list = format!("/admin/users?state={}", crate::web::encode(id.inner()));
            let tab = Memo::new(move |_| address.text("tab"));
            let body = move || match tab.read().as_str() {
                "then" => {
                    let subject = Subject::StateId(id.clone());
                    view! { <HoldersThen subject=subject address=address /> }.into_any()
                }
                "changes" => {
                    view! { <ChangesBetween kind=AccessKind::State name=name.clone() address=address /> }
                        .into_any()
                }
                _ => with_catalogue(catalogue, Some(state)),
            };
            view! {
                <PageHeader title=title>
                    <a class="btn btn-quiet" href=list>{text::users_of(users.get_untracked(), &count)}</a>
                </PageHeader>
                <Tabs address=address label=text::views() tabs=as_of::tabs(text::tab_rule()) />
                {body}
            }
            .into_any()
        }
    })
}

/// The page of a state to be.
#[component]
pub fn NewStatePage() -> impl IntoView {
    let may = rights::may_edit_now::<AddState>();
    move || {
        if !may.get() {
            return rights::not_for_you(text::state_new());
        }
        let catalogue = use_query(|| Catalogue::build(()));
        view! {
            <PageHeader title=text::state_new().to_owned() lead=text::state_new_lead() />
            {with_catalogue(catalogue, None)}
        }
        .into_any()
    }
}

fn with_catalogue(catalogue: Query<Catalogue>, state: Option<Memo<Option<StateDetail>>>) -> AnyView {
    loaded(
        catalogue,
        || view! { <div class="card"><SkeletonRows rows=6 /></div> },
        move |all| {
            view! { <StateForm state=state catalogue=all.get_untracked().permissions /> }
        },
    )
    .into_any()
}

#[component]
fn StateForm(state: Option<Memo<Option<StateDetail>>>, catalogue: Vec<Permission>) -> impl IntoView {
    let form = Form::new();
    let now = move || state.and_then(|state| state.get());
    let before = RwSignal::new(Draft::default());
    let first = untrack(now);
    if let Some(state) = first.clone() {
        form.fill(state);
        before.set(untrack(|| form.draft()));
    }
    let dirty = Memo::new(move |_| form.draft() != before.get());
    // Somebody else's change is taken over while nothing was entered here; else saving will tell.
    Effect::new(move |seen: Option<Option<StateDetail>>| {
        let newest = now();
        if seen.is_some_and(|seen| seen != newest)
            && !dirty.get_untracked()
            && let Some(state) = newest.clone()
        {
            form.fill(state);
            before.set(untrack(|| form.draft()));
        }
        newest
    });
    let id = first.as_ref().map(|state| state.id.clone());
    let guest = first.as_ref().is_some_and(|state| state.is_guest);
    let new = id.is_none();
    let (permission, may) = if new {
        (AddState::NAME, rights::may_edit::<AddState>())
    } else {
        (ChangeState::NAME, rights::may_edit::<ChangeState>())
    };
    let locked = !may || guest;
    let permissions_locked = match (may, rights::superuser()) {
        (false, _) => Some(text::needs(permission)),
        (true, false) => Some(text::superusers_only().to_owned()),
        (true, true) => None,
    };
    let navigate = StoredValue::new_local(use_navigate());
    let flow = EditFlow::new(move |saved| {
        before.set(untrack(|| form.draft()));
        let to = match saved {
            Saved::Made(id) => format!("{LIST}/{id}"),
            Saved::Deleted => LIST.to_owned(),
            Saved::Changed => return,
        };
        let replace = NavigateOptions { replace: true, ..NavigateOptions::default() };
        navigate.try_with_value(|navigate| navigate(&to, replace));
    });
    let target = StoredValue::new(id.clone());
    let review = move |()| {
        let draft = untrack(|| form.draft());
        match before.with_untracked(|before| draft.edit(target.get_value(), before)) {
            Some(edit) => flow.look(edit),
            None => flow.problems.set(vec![local_problem("priority", text::priority_number())]),
        }
    };
    let discard = move |()| {
        let state = untrack(now);
        match state {
            Some(state) => form.fill(state),
            None => form.fill(StateDetail::empty()),
        }
        before.set(untrack(|| form.draft()));
        flow.problems.set(Vec::new());
    };
    let delete = (!new && !guest && rights::may_edit::<DeleteState>()).then(|| {
        let delete = move |()| {
            let id = target.get_value().unwrap_or_else(|| cynic::Id::new(""));
            flow.look(Edit::DeleteState(DeleteStateInput { id, preview_token: None }));
        };
        view! {
            <section class="card danger-card" aria-labelledby="delete">
                <div>
                    <h2 id="delete" class="card-title">{text::state_delete()}</h2>
                    <p class="card-lead">{text::state_delete_hint()}</p>
                </div>
                <Button text=text::delete_ask().to_owned() icon=Glyph::Trash busy=flow.asking on_click=delete />
            </section>
        }
    });
    let [characters, corporations, alliances, factions] = form.members;
    let problems = flow.problems;
    let picker = move |name: &'static str,
                       label: &'static str,
                       chosen,
                       hits: fn(RwSignal<String>) -> RwSignal<Vec<Pick>>| {
        let words = RwSignal::new(String::new());
        let hits = hits(words);
        view! {
            <Picker
                name=name
                label=label
                placeholder=text::pick_eve()
                chosen=chosen
                words=words
                hits=hits
                problems=problems
                locked=locked
            />
        }
    };
    view! {
        <Guard dirty=dirty />
        <PreviewDialog flow=flow />
        {guest.then(|| view! { <Banner tone=Tone::Info><p>{text::guest_locked()}</p></Banner> })}
        {(!may).then(|| view! { <Banner tone=Tone::Info><p>{text::needs(permission)}</p></Banner> })}
        <form
            class="edit-form"
            novalidate=true
            on:submit=move |event| { event.prevent_default(); if dirty.get_untracked() { review(()) } }
        >
            <div class="dashboard">
                <div class="dashboard-main">
                    <section class="card" aria-labelledby="basics">
                        <h2 id="basics" class="card-title">{text::basics()}</h2>
                        <Field
                            name="name"
                            label=text::name()
                            autocomplete="off"
                            value=form.name
                            problems=problems
                            locked=locked
                        />
                        <Field
                            name="priority"
                            label=text::priority()
                            hint=text::priority_hint()
                            kind="number"
                            autocomplete="off"
                            value=form.priority
                            problems=problems
                            locked=locked
                        />
                        <Switch
                            name="isPublic"
                            label=text::public()
                            hint=text::state_public_hint()
                            value=form.is_public
                            locked=locked.then(|| text::locked().to_owned())
                        />
                    </section>
                    {(!guest).then(|| view! {
                        <section class="card" aria-labelledby="members">
                            <h2 id="members" class="card-title">{text::lists()}</h2>
                            <p class="card-lead">{text::lists_hint()}</p>
                            {picker("allianceIds", text::alliances(), alliances, |words| use_hits(words, FindAlliances::build, true))}
                            {picker("corporationIds", text::corporations(), corporations, |words| use_hits(words, FindCorporations::build, true))}
                            <FactionChecks chosen=factions locked=locked />
                            {picker("characterIds", text::characters(), characters, |words| use_hits(words, FindCharacters::build, true))}
                        </section>
                    })}
                </div>
                <div class="dashboard-side">
                    <section class="card" aria-labelledby="permissions">
                        <h2 id="permissions" class="card-title">{text::permissions()}</h2>
                        <PermissionChecks chosen=form.permissions catalogue=catalogue locked=permissions_locked />
                    </section>
                    {delete}
                </div>
            </div>
            {may.then(|| view! {
                <FormActions flow=flow dirty=dirty on_review=review on_discard=discard />
            })}
        </form>
    }
}

/// The militias, and whatever else is chosen.
#[component]
fn FactionChecks(chosen: RwSignal<Vec<Pick>>, locked: bool) -> impl IntoView {
    let query = use_query(|| Factions::build(()));
    let all = Memo::new(move |_| {
        let known =
            query.state.with(|known| known.ready().map(|known| known.factions.clone()).unwrap_or_default());
        let mut all: Vec<Pick> =
            known.into_iter().filter(|faction| faction.is_militia).map(Faction::pick).collect();
        for pick in chosen.get_untracked() {
            if !all.iter().any(|known| known.id == pick.id) {
                all.push(pick);
            }
        }
        all
    });
    let check = move |pick: Pick| {
        let (id, name, picture) = (pick.id.clone(), pick.name.clone(), pick.picture.clone());
        let toggle = move |event| {
            let on = event_target_checked(&event);
            chosen.update(|chosen| {
                chosen.retain(|other| other.id != pick.id);
                if on {
                    chosen.push(pick.clone());
                }
            });
        };
        view! {
            <label class="check-row">
                <input
                    type="checkbox"
                    class="form-check-input"
                    disabled=locked
                    prop:checked=move || chosen.read().iter().any(|pick| pick.id == id)
                    on:change=toggle
                />
                <Portrait src=picture name=name.clone() size=Size::Tiny logo=true />
                <span>{name}</span>
            </label>
        }
    };
    view! {
        <fieldset class="field">
            <legend class="form-label">{text::factions()}</legend>
            <div class="checks">{move || all.get().into_iter().map(check).collect_view()}</div>
        </fieldset>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_changed_is_sent() {
        let before = Draft { name: "Member".to_owned(), priority: "100".to_owned(), ..Draft::default() };
        let mut after = before.clone();
        after.members[1].insert("98000001".to_owned());
        let edit = after.edit(Some(cynic::Id::new("state:1")), &before);
        let members =
            StateMembersInput { corporation_ids: vec![EveId(98_000_001)], ..StateMembersInput::default() };
        let wanted =
            UpdateStateInput { members: Some(members), ..UpdateStateInput::new(cynic::Id::new("state:1")) };
        assert_eq!(edit, Some(Edit::UpdateState(wanted)));
        after.priority = "high".to_owned();
        assert_eq!(after.edit(None, &before), None);
    }
}
