//! Everything about one user on one page.

use cynic::QueryBuilder;
use fealty_shared::permission::{AuditPermissions, ViewLogEntry};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::{
    ask_about::AskAbout,
    edit::EditFlow,
    form::gone,
    preview::PreviewDialog,
    user_access::{Account, GrantsCard, GroupsCard, UserGroup, UserPermissionGrant},
};
use crate::{
    api::{DateTime, schema, use_query},
    i18n::texts::{access, admin as text, common, frame, rules},
    pages::{
        explain::{Subject, WhyDialog},
        history::HistoryOf,
        service_card::{Service, ServiceCard},
    },
    session::Session,
    ui::{
        ago::Ago,
        badge::{StateBadge, StateName},
        button::Button,
        icon::{Glyph, Icon},
        identifier::identifier,
        loaded::{ABSENT, loaded_page},
        page_header::PageHeader,
        pilot::{Organisations, Pilot, PilotLine},
        portrait::{Portrait, Size},
        search_box::{SearchBox, matches},
    },
};

#[derive(cynic::QueryVariables, Debug)]
pub struct UserVariables {
    /// Which user.
    pub id: cynic::Id,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "Query", variables = "UserVariables")]
pub struct UserQuery {
    #[arguments(id: $id)]
    user: Option<UserDetail>,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "User")]
pub struct UserDetail {
    /// Opaque id.
    pub id: cynic::Id,
    /// Account name.
    pub username: String,
    email: Option<String>,
    /// Whether he may log in.
    pub is_active: bool,
    /// Since when he is switched off. Neither active nor switched off is whoever has not finished his registration.
    pub switched_off_at: Option<DateTime>,
    /// Whether he may administrate.
    pub is_staff: bool,
    /// Whether he may do everything.
    pub is_superuser: bool,
    main_character: Option<Pilot>,
    characters: Vec<Pilot>,
    /// Where he stands.
    pub state: UserState,
    state_since: DateTime,
    permissions: Vec<String>,
    /// What he is in.
    pub groups: Vec<UserGroup>,
    /// What was granted to him alone.
    pub permission_grants: Vec<UserPermissionGrant>,
    /// His accounts, and what he may have.
    pub services: Vec<Service>,
    created_at: DateTime,
    last_login_at: Option<DateTime>,
}

/// A user's state.
#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "State")]
pub struct UserState {
    id: cynic::Id,
    /// As it is drawn.
    #[cynic(spread)]
    pub badge: StateName,
}

/// What is asked about him: what it is called, and what it is.
pub type Asked = RwSignal<Option<(String, Subject)>>;

/// The button that asks why he has something, or why not.
pub fn why(name: String, subject: Subject, has: bool, asked: Asked) -> AnyView {
    let (word, label) = if has {
        (access::why(), access::why_named(&name))
    } else {
        (access::why_not(), access::why_not_named(&name))
    };
    view! {
        <Button
            text=word.to_owned()
            label=label
            icon=Glyph::Question
            small=true
            on_click=move |()| asked.set(Some((name.clone(), subject.clone())))
        />
    }
    .into_any()
}

/// The page.
#[component]
pub fn UserPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|p| p.get("id").unwrap_or_default()));
    move || view! { <Loaded id=id.get() /> }
}

#[component]
fn Loaded(id: String) -> impl IntoView {
    let query = use_query(move || UserQuery::build(UserVariables { id: cynic::Id::new(&id) }));
    loaded_page(query, ABSENT, nobody, move |data| {
        let user = Memo::new(move |_| data.with(|data| data.user.clone()));
        let under_way = move |user: &UserDetail| user.services.iter().any(Service::is_under_way);
        query.refetch_while(Memo::new(move |_| user.read().as_ref().is_some_and(under_way)));
        let there = Memo::new(move |_| user.read().is_some());
        // What changes about the user changes on the page where it stands: dialogs stay as they are.
        move || match there.get().then(|| user.get_untracked()).flatten() {
            Some(first) => {
                let user = Memo::new(move |_| user.get().unwrap_or_else(|| first.clone()));
                view! { <Detail user=user on_change=move |()| query.refetch() /> }.into_any()
            }
            None => nobody(),
        }
    })
}

/// Why somebody is not active, where he is not.
pub fn inactive(is_active: bool, switched_off_at: Option<DateTime>) -> AnyView {
    match switched_off_at {
        _ if is_active => ().into_any(),
        Some(_) => view! { <span class="status status-bad">{text::inactive()}</span> }.into_any(),
        None => view! { <span class="status status-neutral">{text::unfinished()}</span> }.into_any(),
    }
}

fn nobody() -> AnyView {
    gone(text::user_gone(), "/admin/users", frame::users())
}

/// An address that breaks before the `@` when it must.
fn email(address: &str) -> impl IntoView + use<> {
    let (name, host) = address.split_at(address.rfind('@').unwrap_or(address.len()));
    view! { <dd class="email">{name.to_owned()}<wbr />{host.to_owned()}</dd> }
}

/// Part of what is known about a user, on its own.
fn part<T: Clone + PartialEq + Send + Sync + 'static>(
    user: Memo<UserDetail>,
    of: fn(&UserDetail) -> T,
) -> Memo<T> {
    Memo::new(move |_| user.with(of))
}

/// What to call somebody: by the main character, or by the account.
fn name_of(user: &UserDetail) -> String {
    user.main_character.as_ref().map_or_else(|| user.username.clone(), |main| main.name.clone())
}

#[component]
fn Detail(user: Memo<UserDetail>, #[prop(into)] on_change: Callback<()>) -> impl IntoView {
    let flow = EditFlow::new(move |_| on_change.run(()));
    let (asked, asking) = (Asked::new(None), RwSignal::new(false));
    let id = user.with_untracked(|user| user.id.clone());
    let audit = untrack(|| Session::get().can::<ViewLogEntry>()).then(|| {
        let to = format!("/admin/audit?person={}", crate::web::encode(id.inner()));
        view! { <a class="btn btn-quiet" href=to>{rules::audit()}</a> }
    });
    let name = part(user, name_of);
    let services = user.with_untracked(|user| {
        user.services.iter().map(|service| (service.key.clone(), service.title.clone())).collect()
    });
    let characters = part(user, |user| user.characters.clone());
    let accounts = part(user, |user| user.services.clone());
    let account = move |service: Service| {
        let subject = Subject::Service(service.key.clone());
        let why = why(service.title.clone(), subject, service.status.is_open(), asked);
        view! { <ServiceCard service=service read_only=true aside=why on_change=on_change /> }
    };
    view! {
        <PageHeader title=name>
            {audit}
            <Button
                text=rules::ask_about().to_owned()
                icon=Glyph::Question
                on_click=move |()| asking.set(true)
            />
        </PageHeader>
        <PreviewDialog flow=flow />
        <AskAbout
            open=asking
            user=id.clone()
            state=part(user, |user| user.state.id.inner().to_owned())
            title=Signal::derive(move || rules::ask_about_title(&name.read()))
            services=services
        />
        <WhyDialog picked=asked user_id=id.clone() on_close=move |()| asked.set(None) />
        <section class="card standing" aria-labelledby="overview">
            <h2 id="overview" class="visually-hidden">{text::overview()}</h2>
            {move || overview(user.get(), asked)}
        </section>
        <div class="dashboard">
            <div class="dashboard-main">
                <section class="card" aria-labelledby="characters">
                    <div class="card-head">
                        <h2 id="characters" class="card-title">{text::characters()}</h2>
                        <span class="count-badge">{move || characters.read().len()}</span>
                    </div>
                    <ul class="rows">
                        {move || characters.get().into_iter().map(|pilot| view! {
                            <li class="character-row"><PilotLine pilot=pilot /></li>
                        }).collect_view()}
                    </ul>
                </section>
                <section class="plain-section" aria-labelledby="services">
                    <h2 id="services" class="visually-hidden">{text::services()}</h2>
                    <div class="card-grid">{move || accounts.get().into_iter().map(account).collect_view()}</div>
                </section>
                <GroupsCard user=user asked=asked on_change=on_change />
                <GrantsCard user=user flow=flow />
                <section class="card" aria-labelledby="permissions">
                    <div class="card-head"><h2 id="permissions" class="card-title">{text::permissions()}</h2></div>
                    <Effective user=user asked=asked />
                </section>
            </div>
            <div class="dashboard-side">
                <Account user=user flow=flow />
                <section class="card" aria-labelledby="history">
                    <div class="card-head"><h2 id="history" class="card-title">{text::history()}</h2></div>
                    <HistoryOf user=id />
                </section>
            </div>
        </div>
    }
}

/// Who it is and where they stand.
fn overview(user: UserDetail, asked: Asked) -> AnyView {
    let why_state = why(user.state.badge.name.clone(), Subject::StateId(user.state.id.clone()), true, asked);
    let name = name_of(&user);
    view! {
        <Portrait
            src=user.main_character.as_ref().map(|main| main.portrait_url.clone()).unwrap_or_default()
            name=name
            size=Size::Large
        />
        <div class="standing-who">
            <p class="cell-badges">
                <StateBadge state=user.state.badge large=true />
                <span class="text-muted-own">{rules::since()} " " <Ago at=user.state_since /></span>
                {why_state}
                {user.is_superuser.then(|| view! {
                    <span class="status status-neutral">{text::superuser()}</span>
                })}
                {(user.is_staff && !user.is_superuser).then(|| view! {
                    <span class="status status-neutral">{rules::staff()}</span>
                })}
                {inactive(user.is_active, user.switched_off_at)}
            </p>
            {match user.main_character {
                Some(main) => {
                    view! { <Organisations corporation=main.corporation alliance=main.alliance /> }.into_any()
                }
                None => view! { <p class="text-muted-own">{text::no_main()}</p> }.into_any(),
            }}
        </div>
        <dl class="facts standing-facts">
            <div><dt>{text::col_user()}</dt><dd>{identifier(&user.username)}</dd></div>
            {user.email.map(|email| view! { <div><dt>{text::email()}</dt>{self::email(&email)}</div> })}
            <div><dt>{text::registered()}</dt><dd><Ago at=user.created_at /></dd></div>
            <div>
                <dt>{text::last_login()}</dt>
                <dd>{match user.last_login_at {
                    Some(at) => view! { <Ago at=at /> }.into_any(),
                    None => common::never().into_any(),
                }}</dd>
            </div>
        </dl>
    }
    .into_any()
}

/// What somebody may do, from wherever.
#[component]
fn Effective(user: Memo<UserDetail>, asked: Asked) -> impl IntoView {
    let names = part(user, |user| user.permissions.clone());
    let superuser = part(user, |user| user.is_superuser);
    let words = RwSignal::new(String::new());
    let many = Memo::new(move |_| names.read().len() > 8);
    let linked = untrack(|| Session::get().can::<AuditPermissions>());
    let row = move |name: String| {
        let (shown, about) = (name.clone(), name.clone());
        let called = if linked {
            let to = format!("/admin/permissions/{name}");
            view! { <a class="code" href=to>{identifier(&name)}</a> }.into_any()
        } else {
            view! { <span class="code">{identifier(&name)}</span> }.into_any()
        };
        view! {
            <li class="permission-row" class:d-none=move || !matches(&words.read(), &[&shown])>
                {called}
                {why(about.clone(), Subject::Permission(about), true, asked)}
            </li>
        }
    };
    view! {
        <Show when=move || superuser.get()>
            <p class="card-empty"><Icon of=Glyph::Lock class="text-accent" />{text::all_permissions()}</p>
        </Show>
        <Show when=move || names.read().is_empty() && !superuser.get()>
            <p class="card-empty">{text::no_permissions()}</p>
        </Show>
        <Show when=move || many.get()><SearchBox label=rules::search_permissions() words=words /></Show>
        <ul class="rows">{move || names.get().into_iter().map(row).collect_view()}</ul>
    }
}
