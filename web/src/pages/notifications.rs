//! Notifications: the list, and reading them.

use cynic::{MutationBuilder, QueryBuilder};
use leptos::prelude::*;
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_query_map},
};

use crate::{
    api::{
        DateTime, Mutation, PageInfo, PageVariables, PageVariablesFields, schema, use_mutation, use_query,
    },
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
        skeleton::SkeletonRows,
        toast::{NotificationLevel, Toasts},
    },
    url,
};

const PAGE: i32 = 25;

/// What the part draws.
#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
pub struct Notification {
    /// Opaque id.
    pub id: cynic::Id,
    /// How serious.
    pub level: NotificationLevel,
    /// In a few words.
    pub title: String,
    /// The rest.
    pub body: String,
    /// When.
    pub created_at: DateTime,
    /// When it was read.
    pub read_at: Option<DateTime>,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "Query", variables = "PageVariables")]
pub struct NotificationsQuery {
    viewer: Option<NotificationsViewer>,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "Viewer", variables = "PageVariables")]
struct NotificationsViewer {
    #[arguments(first: $first, after: $after, last: $last, before: $before)]
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

/// One notification.
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
    view! {
        <li class="note" class:is-unread=unread class:is-compact=compact>
            <span class=format!("note-mark tone-{}", tone.class())>
                <Icon of=tone.glyph() />
                <span class="visually-hidden">{note.level.name()} ": "</span>
            </span>
            <div class="note-text">
                <p class="note-title">
                    {note.title}
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
    let params = use_query_map();
    let query = use_query(move || {
        let (after, before) = params.with(|q| (q.get("after"), q.get("before")));
        NotificationsQuery::build(PageVariables::of(after, before, PAGE))
    });
    let after_reading = move || {
        session.reload();
        query.refetch();
    };
    let read_one = use_read_notifications(move |_| after_reading());
    let read_all = use_read_notifications(move |count| {
        toasts.done(text::marked(count));
        after_reading();
    });
    let unread =
        Memo::new(move |_| session.viewer.read().as_ref().map_or(0, |viewer| viewer.unread_notifications));
    let navigate = StoredValue::new_local(use_navigate());
    let turn = move |turn: Turn| {
        let to = params.with_untracked(|q| url::with_turn("/notifications", &url::pairs(q), &turn));
        navigate.with_value(|navigate| navigate(&to, NavigateOptions::default()));
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
        {loaded(
            query,
            || view! { <div class="card"><SkeletonRows rows=5 /></div> },
            move |data| {
                let page = Memo::new(move |_| {
                    data.with(|d| d.viewer.as_ref().map(|v| v.notifications.clone()).unwrap_or_default())
                });
                view! {
                    <Show
                        when=move || !page.read().nodes.is_empty()
                        fallback=|| view! {
                            <div class="card"><Empty title=text::empty() hint=text::empty_hint() icon=Glyph::Bell /></div>
                        }
                    >
                        <ul class="card notes">
                            {move || page.get().nodes.into_iter().map(|note| view! {
                                <NotificationItem note=note read=read_one />
                            }).collect_view()}
                        </ul>
                    </Show>
                    <Pager info=Signal::derive(move || page.get().page_info) on_turn=turn />
                }
            },
        )}
    }
}
