//! What one user is given: the account itself, his groups, and what was granted to him alone.

use cynic::QueryBuilder;
use fealty_shared::permission::{ChangeGroup, ChangeUser, ViewGroup};
use leptos::prelude::*;

use super::{
    catalogue::Catalogue,
    edit::{Edit, EditFlow},
    group_gives::Gives,
    inputs::{PermissionGrantInput, UpdateUserInput},
    rights,
    user::{Asked, UserDetail, why},
};
use crate::{
    api::{DateTime, schema, use_query},
    i18n::{
        format,
        texts::{common, manage, rules as text},
    },
    pages::{
        explain::Subject,
        groups::{
            looked::{Consequence, LookFirst, MemberEdit, MemberFlow},
            membership::{AddVariables, GivenTerms, GroupMemberOutcome, RemoveVariables, Terms},
            row::GroupReference,
        },
        lookup::groups::use_groups_for,
    },
    session::Session,
    ui::{
        ago::Ago,
        ask::Ask,
        button::{Button, Look},
        confirm::{Dialog, Refused},
        field::Field,
        group_badges,
        icon::{Glyph, Icon},
        identifier::identifier,
        picker::{Hits, Pick, Picker, Progress},
        toast::Toasts,
    },
};

/// A group somebody is in.
#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
pub struct UserGroup {
    group: GroupReference,
    since: DateTime,
    starts_at: Option<DateTime>,
    is_started: bool,
    ends_at: Option<DateTime>,
    reason: String,
    is_restricted: bool,
    is_internal: bool,
}

/// A permission granted to one user.
#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
pub struct UserPermissionGrant {
    permission: String,
    starts_at: Option<DateTime>,
    is_started: bool,
    ends_at: Option<DateTime>,
    reason: String,
}

/// Whether he may log in, and what he may administrate; each change shown before it is made.
#[component]
pub fn Account(user: Memo<UserDetail>, flow: EditFlow) -> impl IntoView {
    let id = StoredValue::new(user.with_untracked(|user| user.id.clone()));
    let own = id.with_value(|id| {
        Session::get().viewer.with_untracked(|viewer| viewer.as_ref().is_some_and(|v| v.user.id == *id))
    });
    let may = rights::may_edit::<ChangeUser>();
    let superuser = rights::superuser();
    let reason = RwSignal::new(String::new());
    let change = move |fill: fn(&mut UpdateUserInput, bool), on: bool| {
        let mut input = UpdateUserInput::new(id.get_value());
        fill(&mut input, on);
        input.reason = Some(reason.get_untracked().trim().to_owned()).filter(|reason| !reason.is_empty());
        flow.look(Edit::UpdateUser(input));
    };
    // The reason was that of what is saved now; the next change has its own.
    Effect::new(move |before: Option<u32>| {
        let now = flow.saved.get();
        let is_own = flow.edit.with_untracked(|edit| match edit {
            Some(Edit::UpdateUser(input)) => input.permissions.is_none(),
            _ => false,
        });
        if before.is_some_and(|before| before != now) && is_own {
            reason.set(String::new());
        }
        now
    });
    let lock = move |taking: bool, of_superuser: bool| -> Signal<Option<String>> {
        let why = if own && taking {
            Some(text::not_yourself().to_owned())
        } else if !superuser && of_superuser {
            Some(text::not_superusers().to_owned())
        } else {
            None
        };
        Signal::stored(why)
    };
    let button = move |on: bool,
                       texts: (&'static str, &'static str),
                       locked: Signal<Option<String>>,
                       fill: fn(&mut UpdateUserInput, bool)| {
        let called = if on { texts.1 } else { texts.0 };
        view! {
            <Button text=called.to_owned() locked=locked busy=flow.asking on_click=move |()| change(fill, !on) />
        }
    };
    let standing = Memo::new(move |_| {
        user.with(|user| (user.is_active, user.switched_off_at, user.is_staff, user.is_superuser))
    });
    let hint = move || {
        let (is_active, switched_off_at, ..) = standing.get();
        match switched_off_at.filter(|_| !is_active) {
            Some(at) => view! {
                {text::switched_off_since()} " " <Ago at=at /> ". " {text::account_hint_off()}
            }
            .into_any(),
            None if is_active => text::account_hint_on().into_any(),
            None => text::account_hint_unfinished().into_any(),
        }
    };
    let buttons = move || {
        let (is_active, switched_off_at, staff, of_superuser) = standing.get();
        // Whoever has not finished registering can only be kept from it: they become active by finishing it.
        let on = is_active || switched_off_at.is_none();
        let (active_lock, staff_lock) = (lock(on, of_superuser), lock(false, of_superuser));
        let superuser_lock = lock(of_superuser, of_superuser);
        view! {
            {button(on, (text::switch_on(), text::switch_off()), active_lock, |input, on| input.is_active = Some(on))}
            {superuser.then(|| view! {
                {button(staff, (text::make_staff(), text::unmake_staff()), staff_lock, |input, on| input.is_staff = Some(on))}
                {button(of_superuser, (text::make_superuser(), text::unmake_superuser()), superuser_lock, |input, on| input.is_superuser = Some(on))}
            })}
        }
    };
    may.then(move || {
        view! {
            <section class="card" aria-labelledby="account">
                <div class="card-head"><h2 id="account" class="card-title">{text::access()}</h2></div>
                <p class="card-lead">{hint}</p>
                <Field
                    name="reason"
                    label=text::reason()
                    hint=text::reason_hint()
                    autocomplete="off"
                    value=reason
                    problems=flow.problems
                    optional=true
                />
                <div class="card-actions">{buttons}</div>
            </section>
        }
    })
}

/// Since when, until when, and why.
fn times(
    since: Option<DateTime>,
    starts: Option<DateTime>,
    started: bool,
    ends: Option<DateTime>,
    reason: String,
) -> AnyView {
    view! {
        <span class="times">
            {(!started).then(|| view! { <span class="status status-busy">{text::not_started()}</span> })}
            {since.filter(|_| started).map(|at| view! { <span>{text::since()} " " <Ago at=at /></span> })}
            {starts.filter(|_| !started).map(|at| view! { <span>{text::begins(&format::eve_time(at))}</span> })}
            {ends.map(|at| view! { <span>{text::until(&format::eve_time(at))}</span> })}
            {(!reason.is_empty()).then(|| view! { <span>{reason}</span> })}
        </span>
    }
    .into_any()
}

/// What somebody is in, and putting them into more.
#[component]
pub fn GroupsCard(
    /// Whom.
    user: Memo<UserDetail>,
    /// What is asked about them.
    asked: Asked,
    /// Something changed.
    on_change: Callback<()>,
) -> impl IntoView {
    let groups = Memo::new(move |_| user.with(|user| user.groups.clone()));
    let services = move || {
        user.with_untracked(|user| {
            user.services.iter().map(|it| (it.key.clone(), it.title.clone())).collect::<Vec<_>>()
        })
    };
    let state = move || user.with_untracked(|user| user.state.badge.name.clone());
    let toasts = Toasts::get();
    let may = rights::may_edit::<ChangeGroup>();
    let superuser = rights::superuser();
    let (adding, removing) = (RwSignal::new(false), RwSignal::new(false));
    let saving = RwSignal::new(false);
    let picked = RwSignal::new(None::<GroupReference>);
    let whom = StoredValue::new(user.with_untracked(|user| user.id.clone()));
    let flow = MemberFlow::new(move |outcomes| {
        removing.set(false);
        match outcomes.as_deref() {
            Some([GroupMemberOutcome::Removed]) => toasts.done(text::group_removed()),
            Some(_) => toasts.warn(text::group_unchanged()),
            None => {}
        }
        on_change.run(());
    });
    let linked = untrack(|| Session::get().can::<ViewGroup>());
    let row = move |UserGroup {
                        group,
                        since,
                        starts_at,
                        is_started,
                        ends_at,
                        reason,
                        is_restricted,
                        is_internal,
                    }: UserGroup| {
        let name = group.name.clone();
        let called = if linked {
            view! { <a class="cell-name" href=format!("/admin/groups/{}", group.id.inner())>{name.clone()}</a> }.into_any()
        } else {
            view! { <span class="cell-name">{name.clone()}</span> }.into_any()
        };
        let why = why(name.clone(), Subject::GroupId(group.id.clone()), true, asked);
        let remove = (may && (superuser || !is_restricted)).then(|| {
            view! {
                <Button
                    text=text::remove().to_owned()
                    label=text::remove_from_named(&name)
                    small=true
                    on_click=move |()| {
                        let variables = RemoveVariables::of(group.id.clone(), vec![whom.get_value()]);
                        flow.look(MemberEdit::Remove(variables));
                        picked.set(Some(group.clone()));
                        removing.set(true);
                    }
                />
            }
        });
        view! {
            <li class="access-row">
                <div class="access-text">
                    <p class="cell-badges">
                        {called}
                        {is_internal.then(group_badges::internal)}
                        {is_restricted.then(group_badges::restricted)}
                    </p>
                    {times(Some(since), starts_at, is_started, ends_at, reason)}
                </div>
                {is_started.then_some(why)}
                {remove}
            </li>
        }
    };
    let name = move || picked.read().as_ref().map(|group| group.name.clone()).unwrap_or_default();
    view! {
        <section class="card" aria-labelledby="in-groups">
            <div class="card-head">
                <h2 id="in-groups" class="card-title">{text::in_groups()}</h2>
                {may.then(|| view! {
                    <Button
                        text=text::add_ellipsis().to_owned()
                        label=text::add_to_group()
                        icon=Glyph::Plus
                        small=true
                        on_click=move |()| adding.set(true)
                    />
                })}
            </div>
            <Show when=move || groups.read().is_empty()>
                <p class="card-empty">{text::no_groups()}</p>
            </Show>
            <ul class="rows">{move || groups.get().into_iter().map(row).collect_view()}</ul>
        </section>
        <Dialog open=adding title=text::add_to_group().to_owned() held=saving>
            <Show when=move || adding.get()>
                <AddToGroup
                    user=whom.get_value()
                    state=state()
                    services=services()
                    saving=saving
                    on_done=move |()| { adding.set(false); on_change.run(()) }
                    on_cancel=move |()| adding.set(false)
                />
            </Show>
        </Dialog>
        <Ask
            open=removing
            name="reason"
            title=Signal::derive(move || text::remove_from(&name()))
            body=text::remove_from_body().to_owned()
            label=manage::reason()
            hint=manage::reason_hint()
            action=text::remove().to_owned()
            danger=true
            busy=flow.busy
            held=flow.saving
            problems=flow.problems
            on_done=move |reason| flow.save(reason)
        >
            {move || picked.get().filter(|_| removing.get()).map(|group| view! {
                <Gives group=group.id services=services() />
                <Consequence flow=flow in_full=true />
            })}
        </Ask>
    }
}

#[component]
fn AddToGroup(
    user: cynic::Id,
    state: String,
    services: Vec<(String, String)>,
    saving: RwSignal<bool>,
    #[prop(into)] on_done: Callback<()>,
    #[prop(into)] on_cancel: Callback<()>,
) -> impl IntoView {
    let toasts = Toasts::get();
    let user = StoredValue::new(user);
    let (chosen, words) = (RwSignal::new(Vec::<Pick>::new()), RwSignal::new(String::new()));
    let hits = use_groups_for(words, state);
    let terms = Terms::new();
    // What is refused leaves the form open: another group may do.
    let flow = MemberFlow::new(move |outcomes| {
        match outcomes.as_deref() {
            Some([GroupMemberOutcome::Added | GroupMemberOutcome::Changed]) => {
                toasts.done(text::group_added());
            }
            Some(_) => toasts.warn(text::not_eligible()),
            None => return,
        }
        on_done.run(());
    });
    let picked = move || chosen.with(|chosen| chosen.first().map(|pick| cynic::Id::new(&pick.id)));
    let look = move |GivenTerms { starts_at, ends_at, reason }: GivenTerms| {
        let Some(group_id) = untrack(picked) else {
            let problem = super::form::local_problem("groupId", text::choose_group());
            return flow.problems.set(vec![problem]);
        };
        let variables = AddVariables::of(group_id, vec![user.get_value()]);
        flow.look(MemberEdit::Add(AddVariables { starts_at, ends_at, reason, ..variables }));
    };
    Effect::new(move |_| saving.set(flow.saving.get()));
    on_cleanup(move || {
        saving.try_set(false);
    });
    view! {
        <LookFirst
            flow=flow
            in_full=true
            terms=terms
            field="#field-groupId"
            action=text::add().to_owned()
            on_look=look
            on_cancel=on_cancel
        >
            <Picker
                name="groupId"
                label=text::group()
                placeholder=text::pick_group()
                chosen=chosen
                single=true
                words=words
                hits=hits
                problems=flow.problems
            />
            {move || picked().map(|group| view! { <Gives group=group services=services.clone() /> })}
        </LookFirst>
    }
}

/// What was granted to one user alone. Superusers change it, and see first what that does.
#[component]
pub fn GrantsCard(user: Memo<UserDetail>, flow: EditFlow) -> impl IntoView {
    let superuser = rights::superuser();
    let adding = RwSignal::new(false);
    let id = StoredValue::new(user.with_untracked(|user| user.id.clone()));
    let grants = Memo::new(move |_| user.with(|user| user.permission_grants.clone()));
    // What was entered stays until it is saved.
    Effect::new(move |before: Option<u32>| {
        let now = flow.saved.get();
        if before.is_some_and(|before| before != now) {
            adding.set(false);
        }
        now
    });
    // Whoever closes the form does not want to see what it would have done.
    Effect::new(move |was_open: Option<bool>| {
        let is_open = adding.get();
        if was_open == Some(true) && !is_open {
            flow.stop();
        }
        is_open
    });
    let look = move |grants: Vec<PermissionGrantInput>| {
        let input = UpdateUserInput { permissions: Some(grants), ..UpdateUserInput::new(id.get_value()) };
        flow.look(Edit::UpdateUser(input));
    };
    let without = move |name: &str| {
        let kept = grants.get_untracked().into_iter().filter(|grant| grant.permission != name);
        kept.map(|grant| PermissionGrantInput {
            permission: grant.permission,
            starts_at: grant.starts_at,
            ends_at: grant.ends_at,
            reason: Some(grant.reason).filter(|reason| !reason.is_empty()),
        })
        .collect::<Vec<_>>()
    };
    let row = move |grant: UserPermissionGrant| {
        let UserPermissionGrant { permission, starts_at, is_started, ends_at, reason } = grant;
        let name = permission.clone();
        let remove = superuser.then(|| {
            view! {
                <Button
                    text=text::remove().to_owned()
                    label=text::remove_named(&permission)
                    small=true
                    busy=flow.asking
                    on_click=move |()| look(without(&name))
                />
            }
        });
        view! {
            <li class="access-row">
                <div class="access-text">
                    <p class="code">{identifier(&permission)}</p>
                    {times(None, starts_at, is_started, ends_at, reason)}
                </div>
                {remove}
            </li>
        }
    };
    let add = superuser.then(|| {
        view! {
            <Button
                text=text::add_ellipsis().to_owned()
                label=text::grant()
                icon=Glyph::Plus
                small=true
                on_click=move |()| { flow.problems.set(Vec::new()); adding.set(true) }
            />
        }
    });
    let on_grant = move |grant: PermissionGrantInput| {
        let mut all = without(&grant.permission);
        all.push(grant);
        look(all);
    };
    view! {
        <section class="card" aria-labelledby="grants">
            <div class="card-head"><h2 id="grants" class="card-title">{text::grants()}</h2>{add}</div>
            <p class="card-lead">{text::grants_hint()}</p>
            <Show when=move || grants.read().is_empty()>
                <p class="card-empty"><Icon of=Glyph::Key />{text::no_grants()}</p>
            </Show>
            <ul class="rows">{move || grants.get().into_iter().map(row).collect_view()}</ul>
        </section>
        <Dialog open=adding title=text::grant().to_owned()>
            <Show when=move || adding.get()>
                <GrantForm flow=flow on_grant=on_grant on_cancel=move |()| adding.set(false) />
            </Show>
        </Dialog>
    }
}

#[component]
fn GrantForm(
    flow: EditFlow,
    #[prop(into)] on_grant: Callback<PermissionGrantInput>,
    #[prop(into)] on_cancel: Callback<()>,
) -> impl IntoView {
    let catalogue = use_query(|| Catalogue::build(()));
    let problems = flow.problems;
    let (chosen, words) = (RwSignal::new(Vec::<Pick>::new()), RwSignal::new(String::new()));
    let found = Memo::new(move |_| {
        let typed = words.read().to_lowercase();
        let fits = |text: &str| text.to_lowercase().contains(&typed);
        catalogue.state.with(|known| {
            let all = known.ready().map(|known| known.permissions.clone()).unwrap_or_default();
            all.into_iter()
                .filter(|permission| fits(&permission.name) || fits(&permission.description))
                .take(8)
                .map(|permission| Pick {
                    id: permission.name.clone(),
                    name: permission.name,
                    detail: permission.description,
                    ..Pick::default()
                })
                .collect::<Vec<_>>()
        })
    });
    let hits = Hits {
        found: found.into(),
        progress: Signal::derive(move || catalogue.state.with(Progress::of)),
        retry: Callback::new(move |()| catalogue.retry()),
    };
    let terms = Terms::new();
    let send = move || {
        let Some(permission) = chosen.with_untracked(|chosen| chosen.first().map(|pick| pick.id.clone()))
        else {
            return problems.set(vec![super::form::local_problem("permission", text::choose_permission())]);
        };
        match terms.read() {
            Ok(GivenTerms { starts_at, ends_at, reason }) => {
                on_grant.run(PermissionGrantInput { permission, starts_at, ends_at, reason });
            }
            Err(half) => problems.set(half),
        }
    };
    // The server names the list of grants, not what is wrong in it.
    let refused = Signal::derive(move || {
        problems.with(|all| all.iter().find(|it| it.field == "permissions").map(|it| it.message.clone()))
    });
    view! {
        <form novalidate=true on:submit=move |event| { event.prevent_default(); send() }>
            <Picker
                name="permission"
                label=text::permission()
                placeholder=text::search_permissions()
                chosen=chosen
                single=true
                words=words
                hits=hits
                problems=problems
            />
            {terms.fields(problems)}
            <Refused by=refused />
            <div class="dialog-actions">
                <Button text=common::cancel().to_owned() on_click=on_cancel />
                <Button text=text::review().to_owned() look=Look::Primary busy=flow.asking submit=true />
            </div>
        </form>
    }
}
