//! One state: whom it lists and what it carries; a new one, too.

use std::collections::BTreeSet;

use cynic::QueryBuilder;
use fealty_shared::permission::{AddState, ChangeState, DeleteState, ViewUser};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::{
    as_of::{self, ChangesBetween, HoldersThen},
    catalogue::{Catalogue, Permission},
    edit::Edit,
    form::{gone, local_problem},
    inputs::{CreateStateInput, DeleteStateInput, StateMembersInput, UpdateStateInput},
    rights,
    rule_form::{Fields, RuleForm, with_catalogue},
};
use crate::{
    api::{EveId, Problem, schema, use_query},
    i18n::{Text, format, texts::rules as text},
    pages::{
        explain::Subject,
        lookup::{
            eve::{Alliance, Character, Corporation, FindAlliances, FindCharacters, FindCorporations},
            use_hits,
        },
    },
    session::Session,
    ui::{
        banner::{Banner, Tone},
        field::{Field, Switch},
        loaded::{ABSENT, loaded_page},
        page_header::PageHeader,
        picker::{Hits, Pick, Picker},
        portrait::{Portrait, Size},
        tabs::Tabs,
    },
    url::Address,
};

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

impl Fields for Form {
    type Rule = StateDetail;
    type Draft = Draft;
    type Add = AddState;
    type Change = ChangeState;
    type Delete = DeleteState;

    const DELETE: (Text, Text) = (text::state_delete, text::state_delete_hint);
    const LIST: &'static str = "/admin/states";

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

    fn clear(self) {
        self.name.set(String::new());
        self.priority.set(String::new());
        self.is_public.set(false);
        for members in self.members {
            members.set(Vec::new());
        }
        self.permissions.set(BTreeSet::new());
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

    fn permissions(self) -> RwSignal<BTreeSet<String>> {
        self.permissions
    }

    fn id(state: &StateDetail) -> cynic::Id {
        state.id.clone()
    }

    fn edit(draft: Draft, id: Option<cynic::Id>, before: &Draft) -> Result<Edit, Problem> {
        draft.edit(id, before).ok_or_else(|| local_problem("priority", text::priority_number()))
    }

    fn delete(id: cynic::Id) -> Edit {
        Edit::DeleteState(DeleteStateInput { id, preview_token: None })
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
    gone(text::state_gone(), Form::LIST, text::states())
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
            let id = first.id.clone();
            let title = Memo::new(move |_| state.read().as_ref().map(|s| s.name.clone()).unwrap_or_default());
            let users = Memo::new(move |_| state.read().as_ref().map_or(0, |s| s.user_count));
            let list = format!("/admin/users?state={}", crate::web::encode(id.inner()));
            let count = move || text::users_of(users.get(), &format::number(users.get().into()));
            // Links only to what the viewer may open.
            let list = if untrack(|| Session::get().can::<ViewUser>()) {
                view! { <a class="btn btn-quiet" href=list>{count}</a> }.into_any()
            } else {
                view! { <span class="status status-neutral">{count}</span> }.into_any()
            };
            let tab = Memo::new(move |_| address.text("tab"));
            let looks_back = as_of::may_look_back();
            let body = move || match tab.read().as_str() {
                "then" if looks_back => {
                    let subject = Subject::StateId(id.clone());
                    view! { <HoldersThen subject=subject address=address /> }.into_any()
                }
                "changes" if looks_back => {
                    let subject = Subject::StateId(id.clone());
                    view! { <ChangesBetween subject=subject address=address /> }.into_any()
                }
                _ => with_catalogue(catalogue, move |all| {
                    let on_change = move |()| query.refetch();
                    view! { <StateForm state=Some(state) catalogue=all on_change=on_change /> }.into_any()
                }),
            };
            view! {
                <PageHeader title=title>{list}</PageHeader>
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
            {with_catalogue(catalogue, |all| {
                view! { <StateForm state=None catalogue=all on_change=|()| () /> }.into_any()
            })}
        }
        .into_any()
    }
}

#[component]
fn StateForm(
    state: Option<Memo<Option<StateDetail>>>,
    catalogue: Vec<Permission>,
    #[prop(into)] on_change: Callback<()>,
) -> impl IntoView {
    let frame = RuleForm::<Form>::new(state, on_change);
    let RuleForm { fields: form, flow, may, .. } = frame;
    let guest = untrack(|| state.and_then(|state| state.get())).is_some_and(|state| state.is_guest);
    let locked = !may || guest;
    let [characters, corporations, alliances, factions] = form.members;
    let problems = flow.problems;
    let picker =
        move |name: &'static str, label: &'static str, chosen, hits: fn(RwSignal<String>) -> Hits| {
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
    let notes = guest.then(|| view! { <Banner tone=Tone::Info><p>{text::guest_locked()}</p></Banner> });
    let cards = view! {
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
    };
    frame.draw(catalogue, !guest, notes.into_any(), cards.into_any())
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
