//! Notifications: the list, and reading them.

use cynic::{MutationBuilder, QueryBuilder};
use leptos::{prelude::*, task::spawn_local};

use crate::{
    api::{DateTime, Mutation, PageInfo, PageVariables, live::Live, schema, send, use_mutation, use_query},
    i18n::texts::notifications as text,
    session::Session,
    ui::{
        ago::Ago,
        button::Button,
        empty::Empty,
        icon::{Glyph, Icon},
        loaded::loaded,
        page_header::PageHeader,
        pager::{Pager, Turn},
        segments::Segments,
        skeleton::SkeletonRows,
        toast::{NotificationLevel, Toasts},
    },
    url::Address,
    web,
};

const PAGE: i32 = 25;
/// The address' word for those that are not read.
const UNREAD: &str = "unread";

/// What the part draws.
#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
pub struct Notification {
    /// Opaque id.
    pub id: cynic::Id,
    /// How serious.
    pub level: NotificationLevel,
    /// Where it leads, a path of this site.
    pub href: Option<String>,
    /// In a few words.
    pub title: String,
    /// The rest.
    pub body: String,
    /// When.
    pub created_at: DateTime,
    /// When it was read.
    pub read_at: Option<DateTime>,
}

#[derive(cynic::QueryVariables, Clone, Debug)]
pub struct NotificationsVariables {
    first: Option<i32>,
    after: Option<String>,
    last: Option<i32>,
    before: Option<String>,
    unread: bool,
}

impl NotificationsVariables {
    /// One page of all, or of those that are not read.
    pub fn of(page: PageVariables, unread: bool) -> Self {
        let PageVariables { first, after, last, before } = page;
        Self { first, after, last, before, unread }
    }
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "Query", variables = "NotificationsVariables")]
pub struct NotificationsQuery {
    viewer: Option<NotificationsViewer>,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "Viewer", variables = "NotificationsVariables")]
struct NotificationsViewer {
    #[arguments(first: $first, after: $after, last: $last, before: $before, unread: $unread)]
    notifications: NotificationPage,
}

#[derive(cynic::QueryFragment, Clone, Debug, Default, PartialEq)]
#[cynic(graphql_type = "NotificationConnection")]
struct NotificationPage {
    nodes: Vec<Notification>,
    page_info: PageInfo,
}

#[derive(cynic::QueryVariables, Debug)]
pub struct ReadVariables {
    /// Which; absent for all.
    pub ids: Option<Vec<cynic::Id>>,
}

#[derive(cynic::QueryFragment, Debug)]
#[cynic(graphql_type = "Mutation", variables = "ReadVariables")]
pub struct ReadNotifications {
    #[arguments(input: { ids: $ids })]
    read_notifications: ReadNotificationsPayload,
}

#[derive(cynic::QueryFragment, Debug)]
struct ReadNotificationsPayload {
    count: i32,
}

/// Marks notifications as read: the given one, or all.
pub fn use_read_notifications(done: impl Fn(i32) + 'static) -> Mutation<Option<cynic::Id>> {
    use_mutation(
        |id: Option<cynic::Id>| ReadNotifications::build(ReadVariables { ids: id.map(|id| vec![id]) }),
        move |data: ReadNotifications| done(data.read_notifications.count),
    )
}

/// Marks one as read, from wherever it was followed; what shows how many are unread asks again.
pub fn mark_read(id: cynic::Id, live: Live, toasts: Toasts) {
    spawn_local(async move {
        match send(ReadNotifications::build(ReadVariables { ids: Some(vec![id]) })).await {
            Ok(_) => live.changed(),
            Err(failure) => toasts.failure(&failure),
        }
    });
}

/// One notification. It leads to what it is about, and is read then.
#[component]
pub fn NotificationItem(
    /// Which.
    note: Notification,
    /// Marks it.
    read: Mutation<Option<cynic::Id>>,
    /// For the bell's panel.
    #[prop(optional)]
    compact: bool,
) -> impl IntoView {
    let unread = note.read_at.is_none();
    let tone = note.level.tone();
    let id = note.id.clone();
    let label = text::mark_named(&note.title);
    let body = (!note.body.is_empty()).then_some(note.body);
    let followed = note.id.clone();
    let title = match note.href {
        None => note.title.into_any(),
        Some(href) => view! {
            <a
                class="note-link"
                href=web::safe_path(&href).to_owned()
                on:click=move |_| if unread { read.run(Some(followed.clone())) }
            >
                {note.title}
            </a>
        }
        .into_any(),
    };
    view! {
        <li class="note" class:is-unread=unread class:is-compact=compact>
            <span class=format!("note-mark tone-{}", tone.class())>
                <Icon of=tone.glyph() />
                <span class="visually-hidden">{note.level.name()} ": "</span>
            </span>
            <div class="note-text">
                <p class="note-title">
                    {title}
                    {unread.then(|| view! { <span class="visually-hidden">" (" {text::new()} ")"</span> })}
                </p>
                {body.map(|body| view! { <p class="note-body">{body}</p> })}
                <p class="note-when"><Ago at=note.created_at /></p>
            </div>
            {unread.then(|| view! {
                <button
                    type="button"
                    class="btn btn-icon note-read"
                    aria-label=label
                    title=text::mark_read()
                    on:click=move |_| read.run(Some(id.clone()))
                >
                    <Icon of=Glyph::Check />
                </button>
            })}
        </li>
    }
}

/// The page.
#[component]
pub fn NotificationsPage() -> impl IntoView {
    let session = Session::get();
    let toasts = Toasts::get();
    let address = Address::here();
    let only_unread = Memo::new(move |_| address.text("show") == UNREAD);
    let query = use_query(move || {
        NotificationsQuery::build(NotificationsVariables::of(address.page(PAGE), only_unread.get()))
    });
    let after_reading = move || {
        session.reload();
        query.refetch();
        // What was read may be gone from the list.
        web::focus_if_lost("#content");
    };
    let read_one = use_read_notifications(move |_| after_reading());
    let read_all = use_read_notifications(move |count| {
        toasts.done(text::marked(count));
        after_reading();
    });
    let unread =
        Memo::new(move |_| session.viewer.read().as_ref().map_or(0, |viewer| viewer.unread_notifications));
    let show = vec![
        ("", Signal::stored(text::all().to_owned())),
        (UNREAD, Signal::derive(move || text::unread_only(unread.get()))),
    ];
    let empty = move || {
        if only_unread.get() {
            view! {
                <Empty title=text::none_unread() hint=text::none_unread_hint() icon=Glyph::Check>
                    <a class="btn btn-quiet" href="/notifications">{text::see_all()}</a>
                </Empty>
            }
            .into_any()
        } else {
            view! { <Empty title=text::empty() hint=text::empty_hint() icon=Glyph::Bell /> }.into_any()
        }
    };
    view! {
        <PageHeader title=text::title().to_owned() lead=text::lead()>
            <Show when=move || { unread.get() > 0 }>
                <Button
                    text=text::mark_all().to_owned()
                    icon=Glyph::MailOpen
                    busy=read_all.pending
                    on_click=move |()| read_all.run(None)
                />
            </Show>
        </PageHeader>
        <div class="filters">
            <Segments
                label=text::show()
                options=show
                chosen=Signal::derive(move || address.text("show"))
                on_choose=move |chosen| address.set(&[("show", Some(chosen))])
            />
        </div>
        {loaded(
            query,
            || view! { <div class="card"><SkeletonRows rows=5 /></div> },
            move |data| {
                let page = Memo::new(move |_| {
                    data.with(|d| d.viewer.as_ref().map(|v| v.notifications.clone()).unwrap_or_default())
                });
                let info = Signal::derive(move || page.get().page_info);
                let emptied =
                    address.leave_emptied(Signal::derive(move || page.read().nodes.is_empty()), info);
                let nothing = move || {
                    if emptied.get() { view! { <SkeletonRows rows=5 /> }.into_any() } else { empty() }
                };
                view! {
                    <Show
                        when=move || !page.read().nodes.is_empty()
                        fallback=move || view! { <div class="card">{nothing}</div> }
                    >
                        <ul class="card notes">
                            {move || page.get().nodes.into_iter().map(|note| view! {
                                <NotificationItem note=note read=read_one />
                            }).collect_view()}
                        </ul>
                    </Show>
                    <Pager info=info on_turn=move |turn: Turn| address.turn(&turn) />
                }
            },
        )}
    }
}
