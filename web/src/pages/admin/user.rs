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
    i18n::texts::{access, admin as text, common, rules},
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
    let query = use_query(move || UserQuery::build(UserVariables { id: cynic::Id::new(id.get()) }));
    view! {
        {loaded_page(
            query,
            ABSENT,
            nobody,
            move |data| {
                let user = Memo::new(move |_| data.with(|data| data.user.clone()));
                move || match user.get() {
                    Some(user) => view! { <Detail user=user on_change=move |()| query.refetch() /> }.into_any(),
                    None => nobody(),
                }
            },
        )}
    }
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
    gone(text::user_gone())
}

/// An address that breaks before the `@` when it must.
fn email(address: &str) -> impl IntoView + use<> {
    let (name, host) = address.split_at(address.rfind('@').unwrap_or(address.len()));
    view! { <dd class="email">{name.to_owned()}<wbr />{host.to_owned()}</dd> }
}

#[component]
fn Detail(user: UserDetail, #[prop(into)] on_change: Callback<()>) -> impl IntoView {
    let flow = EditFlow::new(move |_| on_change.run(()));
    let account = view! { <Account user=user.clone() flow=flow /> };
    let (asked, asking) = (Asked::new(None), RwSignal::new(false));
    let groups = view! { <GroupsCard user=user.clone() asked=asked on_change=on_change /> };
    let grants = view! { <GrantsCard user=user.clone() flow=flow /> };
    let audit = untrack(|| Session::get().can::<ViewLogEntry>()).then(|| {
        let to = format!("/admin/audit?person={}", crate::web::encode(user.id.inner()));
        view! { <a class="btn btn-quiet" href=to>{rules::audit()}</a> }
    });
    let name = user.main_character.as_ref().map_or_else(|| user.username.clone(), |main| main.name.clone());
    let whose = user.id.clone();
    let services = user.services.iter().map(|service| (service.key.clone(), service.title.clone())).collect();
    let why_state = why(user.state.badge.name.clone(), Subject::StateId(user.state.id), true, asked);
    view! {
        <PageHeader title=name.clone()>
            {audit}
            <Button
                text=rules::ask_about().to_owned()
                icon=Glyph::Question
                on_click=move |()| asking.set(true)
            />
        </PageHeader>
        <PreviewDialog flow=flow />
        <AskAbout open=asking user=user.id.clone() title=rules::ask_about_title(&name) services=services />
        <WhyDialog picked=asked user_id=user.id.clone() on_close=move |()| asked.set(None) />
        <section class="card standing" aria-labelledby="overview">
            <h2 id="overview" class="visually-hidden">{text::overview()}</h2>
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
                <div><dt>{text::col_user()}</dt><dd>{user.username}</dd></div>
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
        </section>
        <div class="dashboard">
            <div class="dashboard-main">
                <section class="card" aria-labelledby="characters">
                    <div class="card-head">
                        <h2 id="characters" class="card-title">{text::characters()}</h2>
                        <span class="count-badge">{user.characters.len()}</span>
                    </div>
                    <ul class="rows">
                        {user.characters.into_iter().map(|pilot| view! {
                            <li class="character-row"><PilotLine pilot=pilot /></li>
                        }).collect_view()}
                    </ul>
                </section>
                <section class="plain-section" aria-labelledby="services">
                    <h2 id="services" class="visually-hidden">{text::services()}</h2>
                    <div class="card-grid">
                        {user.services
                            .into_iter()
                            .map(|service| {
                                let subject = Subject::Service(service.key.clone());
                                let why = why(service.title.clone(), subject, service.status.is_open(), asked);
                                view! { <ServiceCard service=service read_only=true aside=why on_change=on_change /> }
                            })
                            .collect_view()}
                    </div>
                </section>
                {groups}
                {grants}
                <section class="card" aria-labelledby="permissions">
                    <h2 id="permissions" class="card-title">{text::permissions()}</h2>
                    <Effective names=user.permissions superuser=user.is_superuser asked=asked />
                </section>
            </div>
            <div class="dashboard-side">
                {account}
                <section class="card" aria-labelledby="history">
                    <h2 id="history" class="card-title">{text::history()}</h2>
                    <HistoryOf user=whose />
                </section>
            </div>
        </div>
    }
}

/// What he may do, from wherever.
#[component]
fn Effective(names: Vec<String>, superuser: bool, asked: Asked) -> impl IntoView {
    let none = names.is_empty() && !superuser;
    let words = RwSignal::new(String::new());
    let search = (names.len() > 8).then(|| {
        view! { <SearchBox label=rules::search_permissions() words=words /> }
    });
    let linked = untrack(|| Session::get().can::<AuditPermissions>());
    let row = move |name: String| {
        let (shown, about) = (name.clone(), name.clone());
        let called = if linked {
            let to = format!("/admin/permissions/{name}");
            view! { <a class="code" href=to>{name}</a> }.into_any()
        } else {
            view! { <span class="code">{name}</span> }.into_any()
        };
        view! {
            <li class="permission-row" class:d-none=move || !matches(&words.read(), &[&shown])>
                {called}
                {why(about.clone(), Subject::Permission(about), true, asked)}
            </li>
        }
    };
    view! {
        {superuser.then(|| view! {
            <p class="card-empty"><Icon of=Glyph::Lock class="text-accent" />{text::all_permissions()}</p>
        })}
        {none.then(|| view! { <p class="card-empty">{text::no_permissions()}</p> })}
        {search}
        <ul class="rows">{names.into_iter().map(row).collect_view()}</ul>
    }
}
