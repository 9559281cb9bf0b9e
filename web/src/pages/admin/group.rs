//! One group: how one gets in, who leads it and what it carries; a new one, too.

use std::collections::BTreeSet;

use cynic::QueryBuilder;
use fealty_shared::permission::{AddGroup, ChangeGroup, DeleteGroup, Permission as _};
use leptos::prelude::*;
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_params_map},
};

use super::{
    as_of::{self, ChangesBetween, HoldersThen},
    catalogue::{Catalogue, Permission, PermissionChecks},
    edit::{Edit, EditFlow, Saved},
    form::{FormActions, gone},
    inputs::{CreateGroupInput, DeleteGroupInput, UpdateGroupInput},
    preview::PreviewDialog,
    rights,
};
use crate::{
    api::{Query, Remote, schema, use_query},
    i18n::{
        format,
        texts::{groups, rules as text},
    },
    pages::lookup::{FindGroups, FindUsers, use_hits},
    pages::{explain::Subject, groups::row::GroupReference},
    ui::{
        banner::{Banner, Tone},
        button::Button,
        field::{Field, Switch},
        group_badges::kinds,
        guard::Guard,
        icon::Glyph,
        loaded::{ABSENT, loaded, loaded_page},
        page_header::PageHeader,
        person::Person,
        picker::{Pick, Picker},
        skeleton::SkeletonRows,
        tabs::Tabs,
        timeline::AccessKind,
    },
    url::Address,
};

const LIST: &str = "/admin/groups";

#[derive(cynic::QueryVariables, Debug)]
pub struct GroupVariables {
    /// Which.
    pub id: cynic::Id,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "Query", variables = "GroupVariables")]
pub struct GroupQuery {
    #[arguments(id: $id)]
    group: Option<GroupDetail>,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "Group")]
struct GroupDetail {
    id: cynic::Id,
    name: String,
    description: String,
    is_internal: bool,
    is_hidden: bool,
    is_open: bool,
    is_public: bool,
    is_restricted: bool,
    states: Vec<StateId>,
    leaders: Vec<Person>,
    leader_groups: Vec<GroupReference>,
    settings: Option<GroupSettings>,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "State")]
struct StateId {
    id: cynic::Id,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
struct GroupSettings {
    permissions: Vec<String>,
    member_count: i32,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "Query")]
pub struct StatesToChoose {
    states: Vec<StateToChoose>,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "State")]
struct StateToChoose {
    id: cynic::Id,
    name: String,
}

/// What the fields hold, comparable.
#[derive(Clone, Debug, PartialEq)]
struct Draft {
    name: String,
    description: String,
    /// Internal, hidden, open, public, restricted.
    flags: [bool; 5],
    states: BTreeSet<String>,
    leaders: BTreeSet<String>,
    leader_groups: BTreeSet<String>,
    permissions: BTreeSet<String>,
}

/// The fields.
#[derive(Clone, Copy)]
struct Form {
    name: RwSignal<String>,
    description: RwSignal<String>,
    flags: [RwSignal<bool>; 5],
    states: RwSignal<BTreeSet<String>>,
    leaders: RwSignal<Vec<Pick>>,
    leader_groups: RwSignal<Vec<Pick>>,
    permissions: RwSignal<BTreeSet<String>>,
}

impl Form {
    fn new() -> Self {
        let [internal, hidden] = [true, true];
        Self {
            name: RwSignal::new(String::new()),
            description: RwSignal::new(String::new()),
            flags: [internal, hidden, false, false, false].map(RwSignal::new),
            states: RwSignal::new(BTreeSet::new()),
            leaders: RwSignal::new(Vec::new()),
            leader_groups: RwSignal::new(Vec::new()),
            permissions: RwSignal::new(BTreeSet::new()),
        }
    }

    fn fill(self, group: GroupDetail) {
        let flags = [group.is_internal, group.is_hidden, group.is_open, group.is_public, group.is_restricted];
        for (signal, flag) in self.flags.into_iter().zip(flags) {
            signal.set(flag);
        }
        self.name.set(group.name);
        self.description.set(group.description);
        self.states.set(group.states.into_iter().map(|state| state.id.into_inner()).collect());
        let leader = |person: Person| Pick {
            name: person.name().to_owned(),
            detail: person.username.clone(),
            picture: person.main_character.map(|main| main.portrait_url).unwrap_or_default(),
            id: person.id.into_inner(),
        };
        self.leaders.set(group.leaders.into_iter().map(leader).collect());
        let named =
            |group: GroupReference| Pick { id: group.id.into_inner(), name: group.name, ..Pick::default() };
        self.leader_groups.set(group.leader_groups.into_iter().map(named).collect());
        let permissions = group.settings.map(|settings| settings.permissions).unwrap_or_default();
        self.permissions.set(permissions.into_iter().collect());
    }

    fn draft(self) -> Draft {
        let ids =
            |picks: RwSignal<Vec<Pick>>| picks.with(|all| all.iter().map(|pick| pick.id.clone()).collect());
        Draft {
            name: self.name.get().trim().to_owned(),
            description: self.description.get().trim().to_owned(),
            flags: self.flags.map(|flag| flag.get()),
            states: self.states.get(),
            leaders: ids(self.leaders),
            leader_groups: ids(self.leader_groups),
            permissions: self.permissions.get(),
        }
    }
}

impl Draft {
    /// The edit that makes this of what was there before.
    fn edit(self, id: Option<cynic::Id>, before: &Self) -> Edit {
        let ids = |ids: &BTreeSet<String>| ids.iter().map(cynic::Id::new).collect::<Vec<_>>();
        let permissions =
            (self.permissions != before.permissions).then(|| self.permissions.iter().cloned().collect());
        let some = |ids_: &BTreeSet<String>, then: &BTreeSet<String>| (ids_ != then).then(|| ids(ids_));
        let state_ids = some(&self.states, &before.states);
        let leader_ids = some(&self.leaders, &before.leaders);
        let leader_group_ids = some(&self.leader_groups, &before.leader_groups);
        let [is_internal, is_hidden, is_open, is_public, is_restricted] = self.flags;
        match id {
            None => Edit::CreateGroup(CreateGroupInput {
                name: self.name,
                description: Some(self.description),
                is_internal,
                is_hidden,
                is_open,
                is_public,
                is_restricted,
                state_ids,
                leader_ids,
                leader_group_ids,
                permissions,
                preview_token: None,
            }),
            Some(id) => {
                let flag = |at: usize| (self.flags.get(at) != before.flags.get(at)).then(|| self.flags[at]);
                Edit::UpdateGroup(UpdateGroupInput {
                    is_internal: flag(0),
                    is_hidden: flag(1),
                    is_open: flag(2),
                    is_public: flag(3),
                    is_restricted: flag(4),
                    name: (self.name != before.name).then_some(self.name),
                    description: (self.description != before.description).then_some(self.description),
                    state_ids,
                    leader_ids,
                    leader_group_ids,
                    permissions,
                    ..UpdateGroupInput::new(id)
                })
            }
        }
    }
}

/// The page of a group that is there.
#[component]
pub fn GroupPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|p| p.get("id").unwrap_or_default()));
    move || view! { <Loaded id=id.get() /> }
}

fn nothing() -> AnyView {
    gone(text::group_gone())
}

#[component]
fn Loaded(id: String) -> impl IntoView {
    let query = use_query(move || GroupQuery::build(GroupVariables { id: cynic::Id::new(&id) }));
    let catalogue = use_query(|| Catalogue::build(()));
    let address = Address::here();
    loaded_page(query, ABSENT, nothing, move |data| {
        // Without its settings it is not for this viewer.
        let group =
            Memo::new(move |_| data.with(|data| data.group.clone().filter(|group| group.settings.is_some())));
        let there = Memo::new(move |_| group.read().is_some());
        move || {
            let first = there.get().then(|| group.get_untracked()).flatten();
            let Some(first) = first else { return nothing() };
            let (id, name) = (first.id.clone(), first.name.clone());
            let title = Memo::new(move |_| group.read().as_ref().map(|g| g.name.clone()).unwrap_or_default());
            let members = first.settings.map_or(0, |settings| settings.member_count);
            let list = format!("/admin/users?group={}", crate::web::encode(id.inner()));
            let manage = (!first.is_internal).then(|| {
                let to = format!("/manage/groups/{}", id.inner());
                view! { <a class="btn btn-quiet" href=to>{text::manage_members()}</a> }
            });
            let tab = Memo::new(move |_| address.text("tab"));
            let body = move || match tab.read().as_str() {
                "then" => {
                    let subject = Subject::GroupId(id.clone());
                    view! { <HoldersThen subject=subject address=address /> }.into_any()
                }
                "changes" => {
                    view! { <ChangesBetween kind=AccessKind::Group name=name.clone() address=address /> }
                        .into_any()
                }
                _ => with_catalogue(catalogue, Some(group)),
            };
            view! {
                <PageHeader title=title>
                    <a class="btn btn-quiet" href=list>
                        {text::members_of(members, &format::number(members.into()))}
                    </a>
                    {manage}
                </PageHeader>
                <Tabs address=address label=text::views() tabs=as_of::tabs(text::tab_rule()) />
                {body}
            }
            .into_any()
        }
    })
}

/// The page of a group to be.
#[component]
pub fn NewGroupPage() -> impl IntoView {
    let may = rights::may_edit_now::<AddGroup>();
    move || {
        if !may.get() {
            return rights::not_for_you(text::group_new());
        }
        let catalogue = use_query(|| Catalogue::build(()));
        view! {
            <PageHeader title=text::group_new().to_owned() lead=text::group_new_lead() />
            {with_catalogue(catalogue, None)}
        }
        .into_any()
    }
}

fn with_catalogue(catalogue: Query<Catalogue>, group: Option<Memo<Option<GroupDetail>>>) -> AnyView {
    loaded(
        catalogue,
        || view! { <div class="card"><SkeletonRows rows=6 /></div> },
        move |all| {
            view! { <GroupForm group=group catalogue=all.get_untracked().permissions /> }
        },
    )
    .into_any()
}

#[component]
fn GroupForm(group: Option<Memo<Option<GroupDetail>>>, catalogue: Vec<Permission>) -> impl IntoView {
    let form = Form::new();
    let now = move || group.and_then(|group| group.get());
    let first = untrack(now);
    if let Some(group) = first.clone() {
        form.fill(group);
    }
    let before = RwSignal::new(untrack(|| form.draft()));
    let dirty = Memo::new(move |_| form.draft() != before.get());
    // Somebody else's change is taken over while nothing was entered here; else saving will tell.
    Effect::new(move |seen: Option<Option<GroupDetail>>| {
        let newest = now();
        if seen.is_some_and(|seen| seen != newest)
            && !dirty.get_untracked()
            && let Some(group) = newest.clone()
        {
            form.fill(group);
            before.set(untrack(|| form.draft()));
        }
        newest
    });
    let id = first.as_ref().map(|group| group.id.clone());
    let new = id.is_none();
    let (permission, may) = if new {
        (AddGroup::NAME, rights::may_edit::<AddGroup>())
    } else {
        (ChangeGroup::NAME, rights::may_edit::<ChangeGroup>())
    };
    let locked = !may;
    let superuser = rights::superuser();
    let permissions_locked = match (may, superuser) {
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
    let problems = flow.problems;
    let target = StoredValue::new(id);
    let review = move |()| {
        let edit = before.with_untracked(|before| untrack(|| form.draft()).edit(target.get_value(), before));
        flow.look(edit);
    };
    let discard = move |()| {
        match untrack(now) {
            Some(group) => form.fill(group),
            None => form.fill(GroupDetail::empty()),
        }
        before.set(untrack(|| form.draft()));
        problems.set(Vec::new());
    };
    let delete = (!new && rights::may_edit::<DeleteGroup>()).then(|| {
        let delete = move |()| {
            let id = target.get_value().unwrap_or_else(|| cynic::Id::new(""));
            flow.look(Edit::DeleteGroup(DeleteGroupInput { id, preview_token: None }));
        };
        view! {
            <section class="card danger-card" aria-labelledby="delete">
                <div>
                    <h2 id="delete" class="card-title">{text::group_delete()}</h2>
                    <p class="card-lead">{text::group_delete_hint()}</p>
                </div>
                <Button text=text::delete_ask().to_owned() icon=Glyph::Trash busy=flow.asking on_click=delete />
            </section>
        }
    });
    let [internal, hidden, open, public, restricted] = form.flags;
    let (users, groups) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let (user_hits, group_hits) =
        (use_hits(users, FindUsers::build, false), use_hits(groups, FindGroups::build, false));
    let restricted_locked = if superuser { None } else { Some(text::only_superusers().to_owned()) };
    let why = move || locked.then(|| text::locked().to_owned());
    view! {
        <Guard dirty=dirty />
        <PreviewDialog flow=flow />
        {locked.then(|| view! { <Banner tone=Tone::Info><p>{text::needs(permission)}</p></Banner> })}
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
                            name="description"
                            label=text::description()
                            hint=text::description_hint()
                            autocomplete="off"
                            value=form.description
                            problems=problems
                            optional=true
                            lines=3
                            locked=locked
                        />
                    </section>
                    <section class="card" aria-labelledby="joining">
                        <h2 id="joining" class="card-title">{text::joining()}</h2>
                        <p class="group-means" role="status">
                            <span class="cell-badges">
                                {move || kinds(internal.get(), hidden.get(), open.get(), public.get(), restricted.get())}
                            </span>
                            <span>{move || meaning(form)}</span>
                        </p>
                        <Switch name="isInternal" label=groups::internal() hint=text::internal_hint() value=internal locked=why() />
                        <Switch name="isHidden" label=groups::hidden() hint=text::hidden_hint() value=hidden locked=why() />
                        <Switch name="isOpen" label=groups::open() hint=text::open_hint() value=open locked=why() />
                        <Switch name="isPublic" label=text::public() hint=text::public_hint() value=public locked=why() />
                        <Switch
                            name="isRestricted"
                            label=groups::restricted()
                            hint=text::restricted_hint()
                            value=restricted
                            locked=restricted_locked
                        />
                        <StateChecks chosen=form.states locked=locked />
                    </section>
                    <section class="card" aria-labelledby="leaders">
                        <h2 id="leaders" class="card-title">{text::leaders()}</h2>
                        <p class="card-lead">{text::leaders_hint()}</p>
                        <Picker
                            name="leaderIds"
                            label=text::users()
                            placeholder=text::pick_user()
                            chosen=form.leaders
                            words=users
                            hits=user_hits
                            problems=problems
                            locked=locked
                        />
                        <Picker
                            name="leaderGroupIds"
                            label=text::leader_groups()
                            placeholder=text::pick_group()
                            chosen=form.leader_groups
                            words=groups
                            hits=group_hits
                            problems=problems
                            locked=locked
                        />
                    </section>
                </div>
                <div class="dashboard-side">
                    <section class="card" aria-labelledby="permissions">
                        <h2 id="permissions" class="card-title">{text::permissions()}</h2>
                        <PermissionChecks chosen=form.permissions catalogue=catalogue locked=permissions_locked />
                    </section>
                    {delete}
                </div>
            </div>
            {may.then(|| view! { <FormActions flow=flow dirty=dirty on_review=review on_discard=discard /> })}
        </form>
    }
}

/// What the switches mean together.
fn meaning(form: Form) -> String {
    let [internal, hidden, open, public, _] = form.flags.map(|flag| flag.get());
    let mut said = if internal {
        text::means_internal().to_owned()
    } else {
        text::means_join(
            if hidden { text::through_link() } else { text::in_list() },
            if public { text::everybody() } else { text::requesters() },
            if open { text::joins() } else { text::asks() },
        )
    };
    if !form.states.read().is_empty() {
        said.push(' ');
        said.push_str(text::means_states());
    }
    said
}

/// The states to which it is limited.
#[component]
fn StateChecks(chosen: RwSignal<BTreeSet<String>>, locked: bool) -> impl IntoView {
    let query = use_query(|| StatesToChoose::build(()));
    let check = move |StateToChoose { id, name }: StateToChoose| {
        let id = id.into_inner();
        let toggled = id.clone();
        let toggle = move |event| {
            let on = event_target_checked(&event);
            chosen.update(|chosen| {
                if on {
                    chosen.insert(toggled.clone())
                } else {
                    chosen.remove(&toggled)
                };
            });
        };
        view! {
            <label class="check-row">
                <input
                    type="checkbox"
                    class="form-check-input"
                    disabled=locked
                    prop:checked=move || chosen.read().contains(&id)
                    on:change=toggle
                />
                <span>{name}</span>
            </label>
        }
    };
    let all = move || match &*query.state.read() {
        Remote::Ready(known) => known.states.clone().into_iter().map(check).collect_view(),
        _ => Vec::new(),
    };
    view! {
        <fieldset class="field">
            <legend class="form-label">{text::limit()}</legend>
            <div class="checks">{all}</div>
            <p class="form-text">{text::limit_hint()}</p>
        </fieldset>
    }
}

impl GroupDetail {
    /// What a new one begins with.
    fn empty() -> Self {
        Self {
            id: cynic::Id::new(""),
            name: String::new(),
            description: String::new(),
            is_internal: true,
            is_hidden: true,
            is_open: false,
            is_public: false,
            is_restricted: false,
            states: Vec::new(),
            leaders: Vec::new(),
            leader_groups: Vec::new(),
            settings: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_changed_is_sent() {
        let owner = Owner::new();
        owner.set();
        let before = untrack(|| Form::new().draft());
        let mut after = before.clone();
        after.flags[2] = true;
        after.states.insert("state:1".to_owned());
        let wanted = UpdateGroupInput {
            is_open: Some(true),
            state_ids: Some(vec![cynic::Id::new("state:1")]),
            ..UpdateGroupInput::new(cynic::Id::new("group:1"))
        };
        assert_eq!(after.edit(Some(cynic::Id::new("group:1")), &before), Edit::UpdateGroup(wanted));
    }
}
