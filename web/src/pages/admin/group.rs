//! One group: how one gets in, who leads it and what it carries; a new one, too.

use std::collections::BTreeSet;

use cynic::QueryBuilder;
use fealty_shared::permission::{AddGroup, ChangeGroup, DeleteGroup, Permission as _, ViewUser};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::{
    as_of::{self, ChangesBetween, HoldersThen},
    catalogue::{Catalogue, Permission},
    edit::Edit,
    form::gone,
    inputs::{CreateGroupInput, DeleteGroupInput, UpdateGroupInput},
    rights,
    rule_form::{Fields, RuleForm, with_catalogue},
};
use crate::{
    api::{ErrorCode, Problem, Remote, schema, use_query},
    i18n::{
        Text, format,
        texts::{groups, rules as text},
    },
    pages::{
        explain::Subject,
        groups::{
            members::{AdministeredMembers, members_tab},
            row::GroupReference,
        },
        lookup::{groups::FindGroups, use_hits, users::FindUsers},
    },
    session::Session,
    ui::{
        banner::{Banner, Tone},
        button::Button,
        field::{Field, Switch},
        group_badges::kinds,
        loaded::{ABSENT, failed, loaded_page},
        page_header::PageHeader,
        person::Person,
        picker::{Pick, Picker},
        tabs::{Tab, Tabs},
    },
    url::Address,
};

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
    is_state_limited: bool,
    states: Vec<StateToChoose>,
    leaders: Vec<Person>,
    leader_groups: Vec<GroupReference>,
    settings: Option<GroupSettings>,
    management: Option<Management>,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
struct GroupSettings {
    permissions: Vec<String>,
    member_count: i32,
    can_edit_members: bool,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "GroupManagement")]
struct Management {
    can_edit_members: bool,
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
    /// Limited to states of which none is left.
    closed: bool,
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
    /// Limited to states of which none is left, unless others are chosen or the limit is lifted.
    is_orphaned: RwSignal<bool>,
    states: RwSignal<BTreeSet<String>>,
    leaders: RwSignal<Vec<Pick>>,
    leader_groups: RwSignal<Vec<Pick>>,
    permissions: RwSignal<BTreeSet<String>>,
}

impl Fields for Form {
    type Rule = GroupDetail;
    type Draft = Draft;
    type Add = AddGroup;
    type Change = ChangeGroup;
    type Delete = DeleteGroup;

    const DELETE: (Text, Text) = (text::group_delete, text::group_delete_hint);
    const LIST: &'static str = "/admin/groups";

    fn new() -> Self {
        let form = Self {
            name: RwSignal::new(String::new()),
            description: RwSignal::new(String::new()),
            flags: std::array::from_fn(|_| RwSignal::new(false)),
            is_orphaned: RwSignal::new(false),
            states: RwSignal::new(BTreeSet::new()),
            leaders: RwSignal::new(Vec::new()),
            leader_groups: RwSignal::new(Vec::new()),
            permissions: RwSignal::new(BTreeSet::new()),
        };
        form.clear();
        form
    }

    fn clear(self) {
        self.name.set(String::new());
        self.description.set(String::new());
        let [internal, hidden] = [true, true];
        for (signal, flag) in self.flags.into_iter().zip([internal, hidden, false, false, false]) {
            signal.set(flag);
        }
        self.is_orphaned.set(false);
        self.states.set(BTreeSet::new());
        self.leaders.set(Vec::new());
        self.leader_groups.set(Vec::new());
        self.permissions.set(BTreeSet::new());
    }

    fn fill(self, group: GroupDetail) {
        let flags = [group.is_internal, group.is_hidden, group.is_open, group.is_public, group.is_restricted];
        for (signal, flag) in self.flags.into_iter().zip(flags) {
            signal.set(flag);
        }
        self.name.set(group.name);
        self.description.set(group.description);
        self.is_orphaned.set(group.is_state_limited && group.states.is_empty());
        self.states.set(group.states.into_iter().map(|state| state.id.into_inner()).collect());
        let leader = |person: Person| Pick {
            name: person.name().to_owned(),
            detail: person.username.clone(),
            picture: person.main_character.map(|main| main.portrait_url).unwrap_or_default(),
            id: person.id.into_inner(),
            ..Pick::default()
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
            closed: self.is_closed(),
            states: self.states.get(),
            leaders: ids(self.leaders),
            leader_groups: ids(self.leader_groups),
            permissions: self.permissions.get(),
        }
    }

    fn permissions(self) -> RwSignal<BTreeSet<String>> {
        self.permissions
    }

    fn id(group: &GroupDetail) -> cynic::Id {
        group.id.clone()
    }

    fn edit(draft: Draft, id: Option<cynic::Id>, before: &Draft) -> Result<Edit, Problem> {
        Ok(draft.edit(id, before))
    }

    fn locked(group: &GroupDetail) -> Option<&'static str> {
        (group.is_restricted && !rights::superuser()).then(text::restricted_locked)
    }

    fn delete(id: cynic::Id) -> Edit {
        Edit::DeleteGroup(DeleteGroupInput { id, preview_token: None })
    }
}

impl Form {
    /// Whether it is limited to states of which none is left: nobody may be a member.
    fn is_closed(self) -> bool {
        self.is_orphaned.get() && self.states.read().is_empty()
    }
}

impl Draft {
    /// The edit that makes this of what was there before.
    fn edit(self, id: Option<cynic::Id>, before: &Self) -> Edit {
        let ids = |ids: &BTreeSet<String>| ids.iter().map(cynic::Id::new).collect::<Vec<_>>();
        let permissions =
            (self.permissions != before.permissions).then(|| self.permissions.iter().cloned().collect());
        let some = |ids_: &BTreeSet<String>, then: &BTreeSet<String>| (ids_ != then).then(|| ids(ids_));
        let state_ids =
            (self.states != before.states || self.closed != before.closed).then(|| ids(&self.states));
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
    gone(text::group_gone(), Form::LIST, text::groups())
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
            let id = first.id.clone();
            let title = Memo::new(move |_| group.read().as_ref().map(|g| g.name.clone()).unwrap_or_default());
            let members = Memo::new(move |_| {
                group
                    .read()
                    .as_ref()
                    .and_then(|g| g.settings.as_ref())
                    .map_or(0, |settings| settings.member_count)
            });
            let list = format!("/admin/users?group={}", crate::web::encode(id.inner()));
            let log = format!("/admin/groups/{}/log", id.inner());
            // Links only to what the viewer may open.
            let list = untrack(|| Session::get().can::<ViewUser>()).then(|| {
                view! {
                    <a class="btn btn-quiet" href=list>
                        {move || text::members_of(members.get(), &format::number(members.get().into()))}
                    </a>
                }
            });
            let manages = Memo::new(move |_| group.read().as_ref().is_some_and(|g| g.management.is_some()));
            let membership = StoredValue::new(format!("/manage/groups/{}", id.inner()));
            let manage = move || {
                manages.get().then(|| {
                    view! { <a class="btn btn-quiet" href=membership.get_value()>{text::manage_members()}</a> }
                })
            };
            let may_edit_members = rights::may_edit::<ChangeGroup>();
            let can_edit_members = Memo::new(move |_| {
                let group = group.read();
                group
                    .as_ref()
                    .and_then(|g| g.settings.as_ref())
                    .is_some_and(|settings| settings.can_edit_members)
            });
            let name = first.name.clone();
            let tab = Memo::new(move |_| address.text("tab"));
            let looks_back = as_of::may_look_back();
            let body = move || match tab.read().as_str() {
                "members" if may_edit_members => members_tab::<AdministeredMembers>(
                    id.clone(),
                    name.clone(),
                    can_edit_members,
                    Callback::new(move |()| query.refetch()),
                ),
                "then" if looks_back => {
                    let subject = Subject::GroupId(id.clone());
                    view! { <HoldersThen subject=subject address=address /> }.into_any()
                }
                "changes" if looks_back => {
                    let subject = Subject::GroupId(id.clone());
                    view! { <ChangesBetween subject=subject address=address /> }.into_any()
                }
                _ => with_catalogue(catalogue, move |all| {
                    let on_change = move |()| query.refetch();
                    view! { <GroupForm group=Some(group) catalogue=all on_change=on_change /> }.into_any()
                }),
            };
            view! {
                <PageHeader title=title>
                    {list}
                    <a class="btn btn-quiet" href=log>{text::group_log()}</a>
                    {manage}
                </PageHeader>
                <Tabs address=address label=text::views() tabs=tabs(may_edit_members) />
                {body}
            }
            .into_any()
        }
    })
}

/// The tabs: the members for those who may edit them.
fn tabs(with_members: bool) -> Vec<Tab> {
    let mut tabs = as_of::tabs(text::tab_rule());
    if with_members {
        tabs.insert(1, Tab::new("members", text::tab_members()));
    }
    tabs
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
            {with_catalogue(catalogue, |all| {
                view! { <GroupForm group=None catalogue=all on_change=|()| () /> }.into_any()
            })}
        }
        .into_any()
    }
}

#[component]
fn GroupForm(
    group: Option<Memo<Option<GroupDetail>>>,
    catalogue: Vec<Permission>,
    #[prop(into)] on_change: Callback<()>,
) -> impl IntoView {
    let frame = RuleForm::<Form>::new(group, on_change);
    let RuleForm { fields: form, flow, may, .. } = frame;
    let (locked, problems) = (!may, flow.problems);
    let [internal, hidden, open, public, restricted] = form.flags;
    let (users, groups) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let (user_hits, group_hits) =
        (use_hits(users, FindUsers::build, false), use_hits(groups, FindGroups::build, false));
    let restricted_locked = if rights::superuser() { None } else { Some(text::only_superusers().to_owned()) };
    let why = move || locked.then(|| text::locked().to_owned());
    let own = untrack(|| group.and_then(|group| group.get())).map(|group| group.states).unwrap_or_default();
    // Whom to make leader is found among users.
    let finds_users = untrack(|| Session::get().can::<ViewUser>());
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
            {move || form.is_closed().then(|| view! {
                <Banner tone=Tone::Warning title=text::limit_gone()>
                    <p>{text::limit_gone_hint()}</p>
                    {may.then(|| view! {
                        <Button text=text::limit_lift().to_owned() on_click=move |()| form.is_orphaned.set(false) />
                    })}
                </Banner>
            })}
            <StateChecks chosen=form.states own=own locked=locked />
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
                locked=locked || !finds_users
            />
            {(!locked && !finds_users).then(|| view! {
                <p class="form-text">{text::find_users_needs(&ViewUser::in_words())}</p>
            })}
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
    };
    frame.draw(catalogue, true, ().into_any(), cards.into_any())
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
    if form.is_closed() {
        return text::means_nobody().to_owned();
    }
    if !form.states.read().is_empty() {
        said.push(' ');
        said.push_str(text::means_states());
    }
    said
}

/// The states to which it is limited.
#[component]
fn StateChecks(
    chosen: RwSignal<BTreeSet<String>>,
    /// Those that the group itself names.
    own: Vec<StateToChoose>,
    locked: bool,
) -> impl IntoView {
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
        Remote::Ready(known) => known.states.clone().into_iter().map(check).collect_view().into_any(),
        // Which others there are is not for this viewer; the rest of the form is.
        Remote::Failed(failure) if failure.code == ErrorCode::Forbidden => {
            own.clone().into_iter().map(check).collect_view().into_any()
        }
        Remote::Failed(failure) => failed(failure, move || query.retry()),
        Remote::Loading => ().into_any(),
    };
    view! {
        <fieldset class="field">
            <legend class="form-label">{text::limit()}</legend>
            <div class="checks">{all}</div>
            <p class="form-text">{text::limit_hint()}</p>
        </fieldset>
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

    #[test]
    fn a_limit_to_states_that_are_gone_can_be_lifted() {
        let owner = Owner::new();
        owner.set();
        let form = Form::new();
        form.is_orphaned.set(true);
        let before = untrack(|| form.draft());
        assert!(before.closed);
        form.is_orphaned.set(false);
        let wanted = UpdateGroupInput {
            state_ids: Some(Vec::new()),
            ..UpdateGroupInput::new(cynic::Id::new("group:1"))
        };
        let edit = untrack(|| form.draft()).edit(Some(cynic::Id::new("group:1")), &before);
        assert_eq!(edit, Edit::UpdateGroup(wanted));
    }
}
