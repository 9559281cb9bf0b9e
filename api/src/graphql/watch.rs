//! Watching what happens to others: access changes, and the audit log.
//!
//! Rules
//! - Items come in the order of the audit log's chain, which is the order of commits: a watcher that remembers its place in
//!   the chain misses nothing and gets nothing twice, however many transactions run side by side.
//! - A wake-up carries no data. Whatever is new is read once for all wake-ups heard until then, a page at a time and no
//!   faster than it is consumed. Everybody may watch themselves, so that costs nothing while nothing about them changes.
//! - The right to see it is checked again before each page. Every change of a right is itself an entry of the log, so it
//!   wakes up a watcher who loses theirs.

use std::{collections::VecDeque, future::Future, time::Duration};

use fealty_shared::permission::ViewLogEntry;
use futures_util::{
    FutureExt, Stream, StreamExt,
    stream::{self, BoxStream},
};

use super::{
    context::Viewer,
    loaders::{self, UserKey},
    past::{change_filter, changes_seen_by},
    subscription::Hub,
    types::{
        audit::{AuditEntry, AuditFilter},
        history::{AccessChangeFilter, UserAccessChange},
        person::Person,
    },
};
use crate::{
    access::as_of::{self, ChangeFilter},
    app::App,
    audit::log,
    error::{Error, Result},
    events::Topic,
    permissions::{Grant, Held, Permission as _},
};

/// How many are read at once.
const PAGE: i64 = 100;
/// How long to leave a failing database alone.
const PAUSE: Duration = Duration::from_secs(1);

/// A place in the chain: a position, and the id of the last item delivered from it.
type Place = (i64, i64);

/// Something that can be watched.
trait Source: Send + Sync + 'static {
    type Item: Send;

    /// Reads what comes after a place, up to and including a position of the chain: at most [`PAGE`]
    /// items with their places.
    fn read(
        &self,
        app: &App,
        behind: Place,
        upto: i64,
    ) -> impl Future<Output = Result<Vec<(Place, Self::Item)>>> + Send;
}

impl Source for ChangeFilter {
    type Item = UserAccessChange;

    async fn read(&self, app: &App, behind: Place, upto: i64) -> Result<Vec<(Place, UserAccessChange)>> {
        let found = {
            let mut conn = app.db.conn().await?;
            as_of::changes_between(&mut conn, self, (behind, upto), PAGE).await?
        };
        // Not the subscription's own loader, which would remember everybody it ever saw.
        let people =
            loaders::new(app).load_many(found.iter().map(|(_, (user_id, _))| UserKey(*user_id))).await?;
        let told = found.into_iter().map(|(place, (user_id, change))| {
            let person = people.get(&UserKey(user_id)).cloned().map(Person::from);
            (place, UserAccessChange { change: change.into(), person })
        });
        Ok(told.collect())
    }
}

/// The audit log, for somebody who was allowed to see it when they began; the watcher checks whether they still are.
struct Log {
    filter: log::Filter,
    grant: Grant<ViewLogEntry>,
}

impl Source for Log {
    type Item = AuditEntry;

    async fn read(&self, app: &App, behind: Place, upto: i64) -> Result<Vec<(Place, AuditEntry)>> {
        let mut conn = app.db.conn().await?;
        let found = log::between(&mut conn, &self.grant, &self.filter, (behind.0, upto), PAGE).await?;
        Ok(found.into_iter().map(|(position, entry)| ((position, i64::MAX), AuditEntry(entry))).collect())
    }
}

/// Somebody who is watching.
struct Watcher<S: Source> {
    app: App,
    held: Held,
    source: S,
    wakes: BoxStream<'static, ()>,
    place: Place,
    /// Read, but not delivered yet.
    waiting: VecDeque<(Place, S::Item)>,
    /// Whether there may be more than what was read.
    is_behind: bool,
    has_ended: bool,
}

impl<S: Source> Watcher<S> {
    /// From here on: what happened before is not told.
    async fn begin(
        app: &App,
        held: Held,
        source: S,
        // Heard from before this call on: nothing falls between.
        wakes: BoxStream<'static, ()>,
    ) -> Result<Self> {
        let head = {
            let mut conn = app.db.conn().await?;
            log::head(&mut conn).await?
        };
        let (place, waiting) = ((head, i64::MAX), VecDeque::new());
        Ok(Self { app: app.clone(), held, source, wakes, place, waiting, is_behind: false, has_ended: false })
    }

    /// Reads on from the current place.
    async fn read(&mut self) -> Result<()> {
        let head = {
            let mut conn = self.app.db.conn().await?;
            if !self.held.still(&mut conn).await? {
                return Err(Error::Forbidden);
            }
            log::head(&mut conn).await?
        };
        let found = self.source.read(&self.app, self.place, head).await?;
        self.is_behind = i64::try_from(found.len()).unwrap_or(PAGE) >= PAGE;
        self.place = match found.last() {
            Some((place, _)) if self.is_behind => *place,
            _ => (head, i64::MAX),
        };
        self.waiting = found.into();
        Ok(())
    }

    /// The next item to deliver; `None` at the end.
    async fn next(&mut self) -> Option<async_graphql::Result<S::Item>> {
        loop {
            if self.has_ended {
                return None;
            }
            if let Some((_, item)) = self.waiting.pop_front() {
                return Some(Ok(item));
            }
            if !self.is_behind {
                self.wakes.next().await?;
            }
            // All that was heard until now is read at once.
            while let Some(heard) = self.wakes.next().now_or_never() {
                heard?;
            }
            match self.read().await {
                Ok(()) => {}
                Err(error @ Error::Forbidden) => {
                    self.has_ended = true;
                    return Some(Err(error.into()));
                }
                Err(error) => {
                    tracing::warn!(?error, "what is watched could not be read");
                    self.is_behind = true;
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }

    fn stream(self) -> impl Stream<Item = async_graphql::Result<S::Item>> + use<S> {
        stream::unfold(self, |mut watcher| async move {
            let item = watcher.next().await?;
            Some((item, watcher))
        })
    }
}

/// Access changes.
///
/// # Errors
/// `Forbidden` when the viewer may not see them, `Invalid` for a nonsensical filter.
pub(super) async fn access_changes(
    hub: Hub,
    app: &App,
    viewer: &Viewer,
    filter: AccessChangeFilter,
) -> Result<impl Stream<Item = async_graphql::Result<UserAccessChange>> + use<>> {
    let filter = change_filter(filter)?;
    let seen_by = changes_seen_by(viewer, &filter)?;
    let held = viewer.held(&seen_by);
    let wakes = if seen_by.is_empty() {
        let of_access = |topic| matches!(topic, Topic::Access | Topic::Sessions).then_some(());
        hub.of(viewer.user.id).filter_map(move |topic| std::future::ready(of_access(topic))).boxed()
    } else {
        hub.of_audit().boxed()
    };
    Ok(Watcher::begin(app, held, filter, wakes).await?.stream())
}

/// New entries of the audit log.
///
/// # Errors
/// `Forbidden` when the viewer may not see them, `Invalid` for a nonsensical filter.
pub(super) async fn audit_entries(
    hub: Hub,
    app: &App,
    viewer: &Viewer,
    filter: AuditFilter,
) -> Result<impl Stream<Item = async_graphql::Result<AuditEntry>> + use<>> {
    let source = Log { filter: filter.parse()?, grant: viewer.grant()? };
    let held = viewer.held(&[ViewLogEntry::NAME]);
    Ok(Watcher::begin(app, held, source, hub.of_audit().boxed()).await?.stream())
}
