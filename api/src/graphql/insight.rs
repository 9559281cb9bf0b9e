//! Questions about access itself: why, since when, who, and who then.

use async_graphql::{Context, Object};
use chrono::{TimeZone, Utc};
use fealty_shared::{
    id::UserId,
    permission::{AuditPermissions, Permission as _, SEES_STATES, SEES_USERS},
};
use serde::{Deserialize, Serialize};

use super::{
    connection::{self, List, Page, PageArgs, Total},
    context::{Viewer, app, viewer},
    guards::Declared,
    loaders::{Time, UserKey},
    query::{OrderDirection, clean, within_reach},
    types::{
        explanation::{AccessSubjectInput, ExplainInput, Explanation},
        history::{AccessChangeFilter, UserAccessChange},
        permission::{
            Permission, PermissionUsage, PermissionUsageFilter, PermissionUsageOrder,
            PermissionUsageOrderField,
        },
        person::Person,
        rows,
    },
};
use crate::{
    access::{
        as_of::{self, ChangeFilter},
        explain::{self, Asker},
    },
    db::keyset::Position,
    error::{Error, Result},
    permissions::{
        CATALOGUE,
        usage::{self, Usage},
    },
    services,
};

/// A place among permissions: the number they are ordered by, if any, and the name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct UsagePlace(i64, String);

/// A place among changes: microseconds and id.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct ChangePlace(i64, i64);

/// Explanations, the audit of permissions, and the past.
#[derive(Debug, Default)]
pub struct InsightQuery;

#[Object]
impl InsightQuery {
    /// The catalogue, by name.
    #[graphql(guard = "Declared(\"Query.permissions\")", complexity = "10 * child_complexity")]
    async fn permissions(&self) -> Vec<Permission> {
        CATALOGUE.iter().map(|(name, description)| Permission::new(name, description)).collect()
    }

    /// How much permissions are used. By name unless ordered otherwise. `permissions_tool.audit_permissions`.
    #[graphql(
        guard = "Declared(\"Query.permissionUsages\")",
        complexity = "first.or(last).unwrap_or(25).clamp(1, 100) as usize * child_complexity / 2 + 10"
    )]
    #[expect(clippy::too_many_arguments, reason = "the arguments of a Relay connection")]
    async fn permission_usages(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
        filter: Option<PermissionUsageFilter>,
        order_by: Option<PermissionUsageOrder>,
    ) -> Result<List<UsagePlace, PermissionUsage>> {
        let page = Page::<UsagePlace>::parse(PageArgs { first, after, last, before })?;
        let filter = filter.unwrap_or_default();
        let filter = usage::Filter {
            search: filter.search,
            app: filter.app,
            model: filter.model,
            includes_unused: filter.include_unused.unwrap_or(false),
        };
        let (field, is_descending) = match order_by {
            None => (PermissionUsageOrderField::Name, false),
            Some(PermissionUsageOrder { field, direction }) => (field, direction == OrderDirection::Desc),
        };
        let by_group_users = field == PermissionUsageOrderField::GroupUsers;
        let found = {
            let mut conn = app(ctx)?.db.conn().await?;
            let mut found = usage::overview(&mut conn, &filter).await?;
            if by_group_users {
                usage::count_group_users(&mut conn, found.iter_mut()).await?;
            }
            found
        };
        let count = i64::try_from(found.len()).unwrap_or(i64::MAX);
        let place = |usage: &Usage| UsagePlace(field.number(usage), usage.name.to_owned());
        let mut all: Vec<(UsagePlace, PermissionUsage)> =
            found.into_iter().map(|usage| (place(&usage), PermissionUsage(usage))).collect();
        all.sort_by(|(a, _), (b, _)| a.cmp(b));
        if is_descending != page.is_backward {
            all.reverse();
        }
        if let Some(cursor) = &page.cursor {
            let is_beyond = |place: &UsagePlace| {
                if is_descending == page.is_backward { place > cursor } else { place < cursor }
            };
            all.retain(|(place, _)| is_beyond(place));
        }
        all.truncate(page.limit + 1);
        if !by_group_users {
            let mut conn = app(ctx)?.db.conn().await?;
            usage::count_group_users(&mut conn, all.iter_mut().map(|(_, usage)| &mut usage.0)).await?;
        }
        Ok(connection::build(&page, all, Total::new(move || async move { Ok(count) })))
    }

    /// One permission of the catalogue with who has it; null when unknown. `permissions_tool.audit_permissions`.
    #[graphql(guard = "Declared(\"Query.permissionUsage\")")]
    async fn permission_usage(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "`app.codename`")] name: String,
    ) -> Result<Option<PermissionUsage>> {
        let mut conn = app(ctx)?.db.conn().await?;
        Ok(usage::one(&mut conn, &name).await?.map(PermissionUsage))
    }

    /// Why somebody has or lacks something: oneself, or anybody with `auth.view_user` or `auth.change_user`. Null where
    /// there is no such person or thing, or none the viewer may know of.
    #[graphql(guard = "Declared(\"Query.explain\")", complexity = "20 + child_complexity")]
    async fn explain(&self, ctx: &Context<'_>, input: ExplainInput) -> Result<Option<Explanation>> {
        let viewer = viewer(ctx)?;
        let user_id = match input.user_id {
            None => viewer.user.id,
            Some(id) => {
                let UserId(id) = id
                    .parse()
                    .map_err(|_| Error::invalid("input.userId", "invalid", "This is no id of a user."))?;
                id
            }
        };
        let subject = input.subject.parse()?;
        if user_id != viewer.user.id && !viewer.may_any(SEES_USERS) {
            return Ok(None);
        }
        let asker = Asker { who: viewer.asker(), sees_states: viewer.may_any(SEES_STATES) };
        let facts = {
            let mut conn = app(ctx)?.db.conn().await?;
            // One snapshot: the parts of an answer must not be of different moments.
            conn.build_transaction()
                .read_only()
                .repeatable_read()
                .run(async |conn| explain::load(conn, user_id, viewer.user.id, &subject).await)
                .await?
        };
        let Some(said) = facts.and_then(|facts| explain::explain(&facts, &asker)) else { return Ok(None) };
        let Some(person) = rows(ctx)?.load_one(UserKey(user_id)).await? else { return Ok(None) };
        Ok(Some(Explanation::new(Person::from(person), said)))
    }

    /// Who had it then, by user name. `permissions_tool.audit_permissions`.
    #[graphql(
        guard = "Declared(\"Query.accessHolders\")",
        complexity = "first.or(last).unwrap_or(25).clamp(1, 100) as usize * child_complexity / 2 + 20"
    )]
    #[expect(clippy::too_many_arguments, reason = "the arguments of a Relay connection")]
    async fn access_holders(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What they had.")] subject: AccessSubjectInput,
        #[graphql(desc = "When; not in the future.")] at: Time,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<List<Position, Person>> {
        let page = Page::<Position>::parse(PageArgs { first, after, last, before })?;
        let subject = subject.parse()?;
        let app = app(ctx)?.clone();
        if at > app.clock.now() {
            return Err(Error::invalid(
                "at",
                "future",
                "Nobody knows the future: choose a moment of the past.",
            ));
        }
        let at = within_reach(at);
        let positions = {
            let mut conn = app.db.conn().await?;
            if !as_of::is_known(&mut conn, &subject).await? {
                return Err(Error::invalid("subject", "unknown", "There is no such permission or service."));
            }
            let cursor = page.cursor.as_ref();
            as_of::holders(&mut conn, &subject, at, page.is_backward, cursor, page.fetch()).await?
        };
        let mut people = rows(ctx)?.load_many(positions.iter().map(|(_, id)| UserKey(*id))).await?;
        let nodes = positions
            .into_iter()
            .filter_map(|position| Some((people.remove(&UserKey(position.1))?, position)))
            .map(|(user, position)| (position, Person::from(user)))
            .collect();
        let total = Total::new(move || {
            let (app, subject) = (app.clone(), subject.clone());
            async move {
                let mut conn = app.db.conn().await?;
                as_of::count_holders(&mut conn, &subject, at).await
            }
        });
        Ok(connection::build(&page, nodes, total))
    }

    /// What changed for whom, newest first. Of oneself (`filter.personId`) always, of one other user with
    /// `auth.view_user` or `auth.change_user`, of everybody with `permissions_tool.audit_permissions`.
    #[graphql(
        guard = "Declared(\"Query.accessChanges\")",
        complexity = "first.or(last).unwrap_or(25).clamp(1, 100) as usize * child_complexity / 2 + 20"
    )]
    async fn access_changes(
        &self,
        ctx: &Context<'_>,
        filter: AccessChangeFilter,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<List<ChangePlace, UserAccessChange>> {
        let page = Page::<ChangePlace>::parse(PageArgs { first, after, last, before })?;
        let filter = change_filter(filter)?;
        changes_seen_by(viewer(ctx)?, &filter)?;
        let place = match page.cursor {
            None => None,
            Some(ChangePlace(micros, id)) => {
                let at = Utc.timestamp_micros(micros).single().filter(|at| within_reach(*at) == *at);
                let field = if page.is_backward { "before" } else { "after" };
                let at =
                    at.ok_or_else(|| Error::invalid(field, "invalid", "This is no cursor of this list."))?;
                Some((at, id))
            }
        };
        let app = app(ctx)?.clone();
        let found = {
            let mut conn = app.db.conn().await?;
            as_of::changes(&mut conn, &filter, page.is_backward, place, page.fetch()).await?
        };
        let people = rows(ctx)?.load_many(found.iter().map(|row| UserKey(row.user_id))).await?;
        let nodes = found
            .into_iter()
            .map(|row| {
                let place = ChangePlace(row.at.timestamp_micros(), row.id);
                let person = people.get(&UserKey(row.user_id)).cloned().map(Person::from);
                (place, UserAccessChange { change: row.into(), person })
            })
            .collect();
        let total = Total::new(move || {
            let (app, filter) = (app.clone(), filter.clone());
            async move {
                let mut conn = app.db.conn().await?;
                as_of::count_changes(&mut conn, &filter).await
            }
        });
        Ok(connection::build(&page, nodes, total))
    }
}

/// What shows a viewer the changes of a filter: nothing but being who he is, or any of these permissions.
///
/// # Errors
/// `Forbidden` when he may not see them.
pub(super) fn changes_seen_by(viewer: &Viewer, filter: &ChangeFilter) -> Result<Vec<&'static str>> {
    if filter.user_id == Some(viewer.user.id) {
        return Ok(Vec::new());
    }
    let of_person = if filter.user_id.is_some() { SEES_USERS } else { &[] };
    let by: Vec<&str> = of_person.iter().copied().chain([AuditPermissions::NAME]).collect();
    if viewer.may_any(&by) { Ok(by) } else { Err(Error::Forbidden) }
}

/// As callers may send it.
///
/// # Errors
/// `Invalid` for ids of another kind, an end before the beginning, and a subject that is none.
pub(super) fn change_filter(filter: AccessChangeFilter) -> Result<ChangeFilter> {
    let user_id = match filter.person_id {
        None => None,
        Some(id) => {
            let UserId(id) = id
                .parse::<UserId>()
                .map_err(|_| Error::invalid("filter.personId", "invalid", "This is no id of a user."))?;
            Some(id)
        }
    };
    if let (Some(from), Some(to)) = (filter.from, filter.to)
        && from > to
    {
        return Err(Error::invalid("filter.to", "invalid", "The end lies before the beginning."));
    }
    Ok(ChangeFilter {
        kind: filter.kind.map(Into::into),
        subject: filter.subject.map(AccessSubjectInput::parse).transpose()?,
        // Services are stored by key and shown by title.
        names: clean(filter.name).map(|name| {
            let keys =
                services::SPECS.iter().filter(|spec| spec.title == name).map(|spec| spec.key.to_owned());
            keys.chain([name.clone()]).collect()
        }),
        user_id,
        from: filter.from.map(within_reach),
        to: filter.to.map(within_reach),
    })
}
