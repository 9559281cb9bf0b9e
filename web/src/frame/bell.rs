//! The bell: how much is unread, and the newest of it.

use cynic::QueryBuilder;
use leptos::prelude::*;

use crate::{
    api::{schema, use_query},
    i18n::texts::{frame as text, notifications as words},
    pages::notifications::{Notification, NotificationItem, use_read_notifications},
    session::Session,
    ui::{
        button::Button,
        icon::{Glyph, Icon},
        loaded::loaded,
        skeleton::SkeletonRows,
    },
};

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "Query")]
pub struct RecentNotifications {
    viewer: Option<RecentViewer>,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "Viewer")]
struct RecentViewer {
    #[arguments(first: 6)]
    notifications: RecentList,
}

#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
#[cynic(graphql_type = "NotificationConnection")]
struct RecentList {
    nodes: Vec<Notification>,
}

impl RecentNotifications {
    fn list(&self) -> Vec<Notification> {
        self.viewer.as_ref().map(|viewer| viewer.notifications.nodes.clone()).unwrap_or_default()
    }
}

/// The button and what it opens.
#[component]
pub fn Bell() -> impl IntoView {
    let session = Session::get();
    let unread =
        Memo::new(move |_| session.viewer.read().as_ref().map_or(0, |viewer| viewer.unread_notifications));
    let query = use_query(|| RecentNotifications::build(()));
    let read = use_read_notifications(move |_| {
        session.reload();
        query.refetch();
    });
    view! {
        <button
            type="button"
            class="btn btn-icon bell"
            popovertarget="bell-panel"
            aria-label=move || text::bell(unread.get())
        >
            <Icon of=Glyph::Bell />
            <Show when=move || { unread.get() > 0 }>
                <span class="bell-count" aria-hidden="true">
                    {move || if unread.get() > 99 { "99+".to_owned() } else { unread.get().to_string() }}
                </span>
            </Show>
        </button>
        <section id="bell-panel" class="panel bell-panel" popover="auto" aria-label=text::notifications()>
            <div class="panel-head">
                <h2 class="panel-title">{text::notifications()}</h2>
                <Show when=move || { unread.get() > 0 }>
                    <Button
                        small=true
                        text=words::mark_all().to_owned()
                        busy=read.pending
                        on_click=move |()| read.run(None)
                    />
                </Show>
            </div>
            {loaded(
                query,
                || view! { <SkeletonRows rows=2 /> },
                move |data| {
                    let list = Memo::new(move |_| data.with(RecentNotifications::list));
                    view! {
                        <ul class="notes">
                            {move || list.get().into_iter().map(|note| view! {
                                <NotificationItem note=note read=read compact=true />
                            }).collect_view()}
                        </ul>
                        <Show when=move || list.read().is_empty()>
                            <p class="panel-empty">{words::empty()}</p>
                        </Show>
                    }
                },
            )}
            <a class="panel-foot" href="/notifications">{words::see_all()}</a>
        </section>
    }
}
