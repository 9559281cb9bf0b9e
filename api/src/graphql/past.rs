//! Who had something at a given time, and what has changed since.

use async_graphql::{Context, Object};
use fealty_shared::{
    id::UserId,
    permission::{AuditPermissions, Permission as _, SEES_USERS},
};
use futures_util::FutureExt;

use super::{
    connection::{self, List, Page, PageArgs, Total, cost, keyed},
    context::{Viewer, app, viewer},
    guards::Declared,
    input,
    loaders::{Time, UserKey},
    types::{
        explanation::AccessSubjectInput,
        history::{AccessChangeFilter, UserAccessChange},
        person::Person,
        rows,
    },
};
use crate::{
    access::as_of::{self, ChangeFilter},
    db::keyset::{Moment, Position},
    error::{Error, Result},
    services,
};

/// The past of access.
#[derive(Debug, Default)]
pub struct PastQuery;

#[Object]
impl PastQuery {
    /// Who had it at that time, by user name. `permissions_tool.audit_permissions`.
    #[graphql(
        guard = "Declared(\"Query.accessHolders\")",
        complexity = "cost(first, last, child_complexity) + 10"
    )]
    #[expect(clippy::too_many_arguments, reason = "the arguments of a Relay connection")]
    async fn access_holders(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What they had.")] subject: AccessSubjectInput,
        #[graphql(desc = "The moment; not in the future.")] at: Time,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<List<Position, Person>> {
        let page = Page::parse(PageArgs { first, after, last, before })?;
        let subject = subject.parse()?;
        let (app, grant) = (app(ctx)?, viewer(ctx)?.grant()?);
        if at > app.clock.now() {
            return Err(Error::invalid(
                "at",
                "future",
                "This is in the future: choose a moment in the past.",
            ));
        }
        let at = input::within_reach(at);
        let positions = {
            let mut conn = app.db.conn().await?;
            if !as_of::is_known(&mut conn, &subject).await? {
                return Err(Error::invalid("subject", "unknown", "There is no such permission or service."));
            }
            as_of::holders(&mut conn, &grant, &subject, at, &page.slice(false)).await?
        };
        let total = Total::counted(app, (grant, subject, at), |conn, (grant, subject, at)| {
            as_of::count_holders(conn, grant, subject, *at).boxed()
        });
        keyed(ctx, &page, positions, UserKey, Person::from, total).await
    }

    /// Changes of users' access, newest first. The viewer's own (`filter.personId`) are always allowed, those of one
    /// other user with `auth.view_user` or `auth.change_user`, those of everybody with
    /// `permissions_tool.audit_permissions`.
    #[graphql(
        guard = "Declared(\"Query.accessChanges\")",
        complexity = "cost(first, last, child_complexity) + 10"
    )]
    async fn access_changes(
        &self,
        ctx: &Context<'_>,
        filter: AccessChangeFilter,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<List<Moment, UserAccessChange>> {
        let page = Page::<Moment>::parse(PageArgs { first, after, last, before })?;
        let filter = change_filter(filter)?;
        changes_seen_by(viewer(ctx)?, &filter)?;
        let app = app(ctx)?;
        let found = {
            let mut conn = app.db.conn().await?;
            // Newest first.
            as_of::changes(&mut conn, &filter, &page.slice(true)).await?
        };
        let people = rows(ctx)?.load_many(found.iter().map(|(user_id, _)| UserKey(*user_id))).await?;
        let nodes = found
            .into_iter()
            .map(|(user_id, change)| {
                let person = people.get(&UserKey(user_id)).cloned().map(Person::from);
                (Moment::new(change.at, change.id), UserAccessChange { change: change.into(), person })
            })
            .collect();
        let total = Total::counted(app, filter, |conn, filter| as_of::count_changes(conn, filter).boxed());
        Ok(connection::build(&page, nodes, total))
    }
}

/// The permissions that show a viewer the changes matching a filter, any one being enough; empty if being
/// that user is what allows it.
///
/// # Errors
/// `Forbidden` when the viewer may not see them.
pub(super) fn changes_seen_by(viewer: &Viewer, filter: &ChangeFilter) -> Result<Vec<&'static str>> {
    if filter.user_id == Some(viewer.user.id) {
        return Ok(Vec::new());
    }
    let of_person = if filter.user_id.is_some() { SEES_USERS } else { &[] };
    let by: Vec<&str> = of_person.iter().copied().chain([AuditPermissions::NAME]).collect();
    if viewer.may_any(&by) { Ok(by) } else { Err(Error::Forbidden) }
}

/// Parses the filter that callers send.
///
/// # Errors
/// `Invalid` for ids of another kind, an end before the beginning, and a subject that is not one.
pub(super) fn change_filter(filter: AccessChangeFilter) -> Result<ChangeFilter> {
    let user_id = input::some_id::<UserId>("filter.personId", filter.person_id.as_ref())?;
    let (from, to) = input::span(filter.from, filter.to)?;
    Ok(ChangeFilter {
        kind: filter.kind.map(Into::into),
        subject: filter.subject.map(AccessSubjectInput::parse).transpose()?,
        // Services are stored by key and shown by title.
        names: input::text(filter.name).map(|name| {
            let keys =
                services::SPECS.iter().filter(|spec| spec.title == name).map(|spec| spec.key.to_owned());
            keys.chain([name.clone()]).collect()
        }),
        user_id,
        from,
        to,
    })
}
