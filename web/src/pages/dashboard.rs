//! One glance: am I in, what can I use, what must I do.

use cynic::QueryBuilder;
use leptos::prelude::*;

use super::{
    character_actions::ConfirmMain,
    characters::AddCharacter,
    groups::row::{GroupRequestKind, OwnRequest},
    notifications::{Notification, NotificationItem, use_read_notifications},
    service_card::{Service, ServiceRow, ServiceStatus},
};
use crate::{
    api::{DateTime, schema, use_query},
    i18n::texts::{access, account, admin, common, dashboard as text, groups as words, inbox, services},
    session::Session,
    ui::{
        ago::Until,
        badge::{StateBadge, StateName},
        button::Button,
        icon::{Glyph, Icon},
        kept::kept,
        loaded::loaded,
        page_header::PageHeader,
        pilot::{Organisations, Pilot, PilotLine},
        portrait::{Portrait, Size},
        skeleton::SkeletonRows,
        timeline::{AccessChange, Timeline},
    },
    web,
};

/// Characters shown before the rest is a link.
const SHOWN: usize = 6;

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "Query")]
pub struct Dashboard {
    viewer: Option<DashboardViewer>,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "Viewer")]
struct DashboardViewer {
    user: DashboardUser,
    #[arguments(mine: true)]
    groups: Vec<DashboardGroup>,
    group_request_count: i32,
    unread_notifications: i32,
    #[arguments(first: 5, unread: true)]
    notifications: RecentList,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "AccessChangeConnection")]
struct RecentChanges {
    nodes: Vec<AccessChange>,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "User")]
struct DashboardUser {
    username: String,
    state: DashboardState,
    main_character: Option<Pilot>,
    characters: Vec<Pilot>,
    services: Vec<Service>,
    // One event may be several changes.
    #[arguments(first: 9)]
    history: RecentChanges,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "State")]
struct DashboardState {
    id: cynic::Id,
    name: String,
    is_guest: bool,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "Group")]
struct DashboardGroup {
    id: cynic::Id,
    name: String,
    membership: DashboardMembership,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "GroupMembership")]
struct DashboardMembership {
    is_member: bool,
    ends_at: Option<DateTime>,
    request: Option<OwnRequest>,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "NotificationConnection")]
struct RecentList {
    nodes: Vec<Notification>,
}

/// The page.
#[component]
pub fn DashboardPage() -> impl IntoView {
    let session = Session::get();
    let query = use_query(|| Dashboard::build(()));
    let picked = RwSignal::new(None::<Pilot>);
    view! {
        <PageHeader title=text::title().to_owned() />
        {loaded(
            query,
            || view! { <div class="card"><SkeletonRows rows=4 /></div> },
            move |data| {
                let viewer = Memo::new(move |_| data.with(|data| data.viewer.clone()));
                let there = Memo::new(move |_| viewer.read().is_some());
                move || {
                    there.get().then(|| viewer.get_untracked()).flatten().map(|first| {
                        let viewer = Memo::new(move |_| viewer.get().unwrap_or_else(|| first.clone()));
                        view! { <Overview viewer=viewer picked=picked /> }
                    })
                }
            },
        )}
        <ConfirmMain picked=picked on_done=move |()| { query.refetch(); session.reload() } />
    }
}

/// Where somebody stands.
#[derive(Clone, PartialEq)]
struct Place {
    username: String,
    state: DashboardState,
    main: Option<Pilot>,
    has_characters: bool,
    open_services: usize,
}

impl Place {
    fn of(viewer: &DashboardViewer) -> Self {
        let user = &viewer.user;
        Self {
            username: user.username.clone(),
            state: user.state.clone(),
            main: user.main_character.clone(),
            has_characters: !user.characters.is_empty(),
            open_services: user.services.iter().filter(|service| service.status.is_open()).count(),
        }
    }
}

/// Part of what is shown, on its own: a card changes when its part does, and not because another one has.
fn part<T: Clone + PartialEq + Send + Sync + 'static>(
    viewer: Memo<DashboardViewer>,
    of: fn(&DashboardViewer) -> T,
) -> Memo<T> {
    Memo::new(move |_| viewer.with(of))
}

#[component]
fn Overview(viewer: Memo<DashboardViewer>, picked: RwSignal<Option<Pilot>>) -> impl IntoView {
    let place = part(viewer, Place::of);
    let requests = part(viewer, |viewer| viewer.group_request_count);
    let characters = part(viewer, |viewer| viewer.user.characters.clone());
    let services = part(viewer, |viewer| viewer.user.services.clone());
    let groups = part(viewer, |viewer| viewer.groups.clone());
    let unread = part(viewer, |viewer| viewer.notifications.nodes.clone());
    let count = part(viewer, |viewer| viewer.unread_notifications);
    let changes = part(viewer, |viewer| viewer.user.history.nodes.clone());
    view! {
        {move || view! { <Standing place=place.get() /> }}
        {move || Some(requests.get()).filter(|count| *count > 0).map(|count| view! {
            <a class="notice notice-info notice-link" href="/inbox">
                <Icon of=Glyph::Empty />
                <span class="notice-body">{inbox::waiting(count)}</span>
                <span class="notice-go">{inbox::open_inbox()}<Icon of=Glyph::Next /></span>
            </a>
        })}
        <div class="dashboard">
            <div class="dashboard-main">
                {move || view! { <Characters characters=characters.get() picked=picked /> }}
                {move || view! { <Services services=services.get() /> }}
                {move || view! { <Groups groups=groups.get() /> }}
            </div>
            <div class="dashboard-side">
                <Unread unread=unread count=count />
                <Changes changes=changes />
            </div>
        </div>
    }
}

/// Am I in?
#[component]
fn Standing(place: Place) -> impl IntoView {
    let Place { username, state, main, has_characters, open_services } = place;
    let DashboardState { id, name, is_guest } = state;
    let state = StateName { name, is_guest };
    let is_strange = main.is_some() && is_guest;
    let why = format!("/access?why={}", id.inner());
    let way = if !has_characters {
        Some(view! { <p class="standing-way"><AddCharacter /></p> }.into_any())
    } else if is_strange {
        // The main is picked from one's characters.
        Some(
            view! {
                <p class="standing-way">
                    <a class="btn btn-quiet" href="/characters"><Icon of=Glyph::Star /><span>{text::other_main()}</span></a>
                    <AddCharacter quiet=true />
                    <a class="btn btn-quiet" href=why><Icon of=Glyph::Question /><span>{access::why()}</span></a>
                </p>
            }
            .into_any(),
        )
    } else {
        None
    };
    let sentence = match (&main, state.is_guest) {
        (None, _) if !has_characters => text::no_characters_sentence().to_owned(),
        (None, _) => text::no_main_sentence().to_owned(),
        (_, true) => text::guest_sentence().to_owned(),
        (_, false) if open_services == 0 => text::in_plain().to_owned(),
        (_, false) => text::in_sentence(i32::try_from(open_services).unwrap_or(i32::MAX)),
    };
    let label = if main.is_some() { common::main_character() } else { admin::no_main() };
    let name = main.as_ref().map_or(username, |main| main.name.clone());
    let portrait = main.as_ref().map(|main| main.portrait_url.clone()).unwrap_or_default();
    let organisations = main.map(|main| {
        view! { <Organisations corporation=main.corporation alliance=main.alliance /> }
    });
    view! {
        <section class="card standing" aria-labelledby="standing">
            <Portrait src=portrait name=name.clone() size=Size::Large />
            <div class="standing-who">
                <p class="standing-label">{label}</p>
                <p class="standing-name">{name}</p>
                {organisations}
            </div>
            <div class="standing-state">
                <h2 id="standing" class="standing-label">{text::your_access()}</h2>
                <StateBadge state=state large=true />
                <p class="standing-sentence" aria-live="polite">{sentence}</p>
                {way}
            </div>
        </section>
    }
}

/// The link below a card. It stands beside others of the same words, so its name says which card is meant.
fn foot(href: &'static str, words: String, card: &'static str) -> impl IntoView {
    let name = common::of_what(&words, card);
    view! { <a class="card-foot" href=href aria-label=name>{words}</a> }
}

#[component]
fn Characters(characters: Vec<Pilot>, picked: RwSignal<Option<Pilot>>) -> impl IntoView {
    // Then the way to the first one stands on top.
    let none = characters.is_empty();
    let more = match i32::try_from(characters.len().saturating_sub(SHOWN)) {
        Ok(0) | Err(_) => common::show_all().to_owned(),
        Ok(hidden) => text::more_characters(hidden),
    };
    let row = move |pilot: Pilot| {
        let chosen = pilot.clone();
        let label = account::main_pick_named(&pilot.name);
        let may = !pilot.is_main && !pilot.is_biomassed;
        let is_main = pilot.is_main;
        view! {
            <li class="character-row">
                <PilotLine pilot=pilot unstarred=true />
                {is_main.then(|| view! {
                    <span class="main-badge"><Icon of=Glyph::StarFull />{common::main()}</span>
                })}
                {may.then(|| view! {
                    <Button
                        small=true
                        text=account::main_pick_short().to_owned()
                        label=label
                        on_click=move |()| picked.set(Some(chosen.clone()))
                    />
                })}
            </li>
        }
    };
    view! {
        <section class="card" aria-labelledby="characters">
            <div class="card-head">
                <h2 id="characters" class="card-title">{text::characters()}</h2>
                {(!none).then(|| view! { <AddCharacter /> })}
            </div>
            {none.then(|| view! { <p class="card-empty">{account::characters_empty()}</p> })}
            <ul class="rows">{characters.into_iter().take(SHOWN).map(row).collect_view()}</ul>
            {foot("/characters", more, text::characters())}
        </section>
    }
}

#[component]
fn Services(services: Vec<Service>) -> impl IntoView {
    // What needs doing comes first.
    let rank = |service: &Service| match service.status {
        ServiceStatus::Failed => 0,
        ServiceStatus::Available => 1,
        ServiceStatus::NotAllowed => 3,
        _ => 2,
    };
    let mut services = services;
    services.sort_by_key(rank);
    let none = services.is_empty();
    view! {
        <section class="card" aria-labelledby="services">
            <div class="card-head"><h2 id="services" class="card-title">{text::services()}</h2></div>
            <ul class="rows">
                {services.into_iter().map(|service| view! {
                    <ServiceRow service=service />
                }).collect_view()}
            </ul>
            {none.then(|| view! { <p class="card-empty">{text::no_services()}</p> })}
            {foot("/services", services::manage().to_owned(), text::services())}
        </section>
    }
}

#[component]
fn Groups(groups: Vec<DashboardGroup>) -> impl IntoView {
    let row = |group: DashboardGroup| {
        let DashboardMembership { is_member, ends_at, request } = group.membership;
        let href = format!("/groups/{}", group.id.inner());
        let waiting = request.map(|request| {
            let word = match request.kind {
                GroupRequestKind::Join => words::asked_join(),
                GroupRequestKind::Leave => words::asked_leave(),
            };
            view! { <span class="status status-busy"><Icon of=Glyph::Waiting />{word}</span> }
        });
        let ends = ends_at.filter(|_| is_member).map(|at| {
            view! {
                <span class="group-when">{words::ends()} " " <Until at=at /></span>
            }
        });
        view! { <li><a class="group-chip" href=href>{group.name}</a>{waiting}{ends}</li> }
    };
    let mine: Vec<_> = groups
        .into_iter()
        .filter(|group| group.membership.is_member || group.membership.request.is_some())
        .collect();
    let none = mine.is_empty();
    view! {
        <section class="card" aria-labelledby="groups">
            <div class="card-head"><h2 id="groups" class="card-title">{access::your_groups()}</h2></div>
            {if none {
                view! { <p class="card-empty">{access::no_groups()}</p> }.into_any()
            } else {
                view! { <ul class="group-chips">{mine.into_iter().map(row).collect_view()}</ul> }.into_any()
            }}
            <a class="card-foot" href="/groups">{access::find_groups()}</a>
        </section>
    }
}

#[component]
fn Unread(unread: Memo<Vec<Notification>>, count: Memo<i32>) -> impl IntoView {
    let session = Session::get();
    let live = use_context::<crate::api::live::Live>();
    let marked = StoredValue::new(false);
    let read = use_read_notifications(move |_| {
        marked.set_value(true);
        session.reload();
        if let Some(live) = live {
            live.changed();
        }
    });
    // What was marked goes with its button: the focus goes on to the next one, or stays at the card.
    Effect::new(move |_| {
        unread.track();
        if marked.try_update_value(std::mem::take) == Some(true) {
            web::focus_if_lost("#unread-notes .note-read");
            web::focus_if_lost("#unread");
        }
    });
    view! {
        <section class="card" aria-labelledby="unread">
            <div class="card-head">
                <h2 id="unread" class="card-title" tabindex="-1">{text::unread()}</h2>
                <Show when=move || { count.get() > 0 }><span class="count-badge">{count}</span></Show>
            </div>
            <ul id="unread-notes" class="notes">
                {kept(unread.into(), move |note: Notification| view! {
                    <NotificationItem note=note read=read compact=true />
                }.into_any())}
            </ul>
            <Show when=move || { count.get() == 0 }>
                <p class="card-empty"><Icon of=Glyph::Check class="text-accent" />{text::all_read()}</p>
            </Show>
            <a class="card-foot" href="/notifications">{crate::i18n::texts::notifications::see_all()}</a>
        </section>
    }
}

#[component]
fn Changes(changes: Memo<Vec<AccessChange>>) -> impl IntoView {
    view! {
        <section class="card" aria-labelledby="changes">
            <div class="card-head"><h2 id="changes" class="card-title">{text::changes()}</h2></div>
            <Timeline changes=changes limit=5 />
            <Show when=move || changes.read().is_empty()>
                <p class="card-empty">{text::no_changes()}</p>
            </Show>
            {foot("/history", common::show_all().to_owned(), text::changes())}
        </section>
    }
}
