//! The audit log.

use async_graphql::{Context, Description, ID, InputObject, Object};
use fealty_shared::{
    id::{ApiTokenId, AuditEntryId, UserId},
    permission::ViewLogEntry,
};
use futures_util::FutureExt;

use super::rows;
use crate::{
    app::App,
    audit::log::{self, Entry, Filter},
    db::keyset::Moment,
    error::Result,
    graphql::{
        connection::{self, List, Page, Total},
        input,
        loaders::{AffectedBy, Time},
    },
    permissions::Grant,
};

/// Filter for the audit log; all conditions must hold.
#[derive(InputObject, Default)]
pub struct AuditFilter {
    /// Who did it or who it happened to.
    person_id: Option<ID>,
    /// `user`, `group`, `state`, ...
    object_kind: Option<String>,
    /// As in `AuditEntry.objectId`.
    object_id: Option<ID>,
    /// Any of these, at most 20. Empty: all.
    kinds: Option<Vec<String>>,
    /// Not before this.
    from: Option<Time>,
    /// Before this.
    to: Option<Time>,
    /// Part of the summary or names, ignoring case: at least three characters; fewer only together with
    /// `personId` or `objectId`.
    search: Option<String>,
}

impl AuditFilter {
    pub(in crate::graphql) fn parse(self) -> Result<Filter> {
        Filter {
            person: input::some_id::<UserId>("filter.personId", self.person_id.as_ref())?,
            object_kind: self.object_kind,
            object_id: self.object_id.map(|id| id.0),
            kinds: self.kinds.unwrap_or_default(),
            from: self.from,
            to: self.to,
            search: self.search,
        }
        .checked()
    }
}

/// One entry of the audit log. Names are as they were at the time.
#[derive(Description)]
pub struct AuditEntry(pub(in crate::graphql) Entry);

#[Object(use_type_description)]
impl AuditEntry {
    /// An opaque id.
    async fn id(&self) -> ID {
        AuditEntryId(self.0.id).to_string().into()
    }

    /// When the change began.
    async fn at(&self) -> Time {
        self.0.at
    }

    /// `user`, `token`, `operator` or `system`.
    async fn actor_kind(&self) -> &str {
        &self.0.actor_kind
    }

    /// The name of a user, also for their token; otherwise `fealtyctl` or `system`.
    async fn actor_name(&self) -> &str {
        &self.0.actor_name
    }

    /// The token that a bot acted with; the number that revokes it follows the colon. The token may be gone.
    async fn token_id(&self) -> Option<ID> {
        self.0.token_id.map(|id| ApiTokenId(id).to_string().into())
    }

    /// What that token was called.
    async fn token_name(&self) -> Option<&str> {
        self.0.token_name.as_deref()
    }

    /// Machine-readable, for example `main_changed`.
    async fn kind(&self) -> &str {
        &self.0.kind
    }

    /// What it happened to: `user`, `group`, `state`, ...
    async fn object_kind(&self) -> &str {
        &self.0.object_kind
    }

    /// The object's id, if it has one; the object may be gone.
    async fn object_id(&self) -> &str {
        &self.0.object_id
    }

    /// Its name at that time.
    async fn object_name(&self) -> &str {
        &self.0.object_name
    }

    /// One sentence in English.
    async fn summary(&self) -> &str {
        &self.0.summary
    }

    /// What it was before, as a JSON text.
    async fn before(&self) -> Option<&str> {
        self.0.before.as_deref()
    }

    /// What it has been since, as a JSON text.
    async fn after(&self) -> Option<&str> {
        self.0.after.as_deref()
    }

    /// The id of the HTTP request or job, as in the log of the server or worker.
    async fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// How many users' access it changed.
    async fn affected_user_count(&self, ctx: &Context<'_>) -> Result<i32> {
        let count = rows(ctx)?.load_one(AffectedBy(self.0.id)).await?.unwrap_or_default();
        Ok(connection::count(count))
    }
}

/// One page of the log.
pub(in crate::graphql) async fn page(
    app: &App,
    grant: Grant<ViewLogEntry>,
    filter: Filter,
    page: &Page<Moment>,
) -> Result<List<Moment, AuditEntry>> {
    let entries = {
        let mut conn = app.db.conn().await?;
        // Newest first.
        log::page(&mut conn, &grant, &filter, &page.slice(true)).await?
    };
    let rows =
        entries.into_iter().map(|entry| (Moment::new(entry.at, entry.id), AuditEntry(entry))).collect();
    let total =
        Total::counted(app, (grant, filter), |conn, (grant, filter)| log::count(conn, grant, filter).boxed());
    Ok(connection::build(page, rows, total))
}
