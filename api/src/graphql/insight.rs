//! The permission catalogue, and how widely permissions are used.

use async_graphql::{Context, Object};
use serde::{Deserialize, Serialize};

use super::{
    connection::{self, List, Page, PageArgs, Total, cost, ordered},
    context::{app, viewer},
    guards::Declared,
    types::permission::{
        Permission, PermissionUsage, PermissionUsageFilter, PermissionUsageOrder, PermissionUsageOrderField,
    },
};
use crate::{
    error::Result,
    permissions::{
        CATALOGUE,
        usage::{self, Usage},
    },
};

/// A position among permissions: the number they are ordered by, if any, and the name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct UsagePlace(i64, String);

/// The permission audit.
#[derive(Debug, Default)]
pub struct InsightQuery;

#[Object]
impl InsightQuery {
    /// The catalogue, by name.
    #[graphql(guard = "Declared(\"Query.permissions\")", complexity = "10 * child_complexity")]
    async fn permissions(&self) -> Vec<Permission> {
        CATALOGUE.iter().map(|(name, description)| Permission::new(name, description)).collect()
    }

    /// How widely each permission is used. By name unless ordered otherwise. `permissions_tool.audit_permissions`.
    #[graphql(
        guard = "Declared(\"Query.permissionUsages\")",
        complexity = "cost(first, last, child_complexity)"
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
        let order_by = order_by.map(|order| (order.field, order.direction));
        let (field, is_descending) = ordered(order_by, PermissionUsageOrderField::Name);
        let by_group_users = field == PermissionUsageOrderField::GroupUsers;
        let grant = viewer(ctx)?.grant()?;
        let mut conn = app(ctx)?.db.conn().await?;
        let mut found = usage::overview(&mut conn, &grant, &filter).await?;
        if by_group_users {
            usage::count_group_users(&mut conn, &grant, found.iter_mut()).await?;
        }
        let total = Total::known(found.len());
        let place = |usage: &Usage| UsagePlace(field.number(usage), usage.name.to_owned());
        let mut found =
            page.cut(is_descending, found.into_iter().map(|usage| (place(&usage), usage)).collect());
        if !by_group_users {
            usage::count_group_users(&mut conn, &grant, found.iter_mut().map(|(_, usage)| usage)).await?;
        }
        let nodes = found.into_iter().map(|(place, usage)| (place, PermissionUsage(usage))).collect();
        Ok(connection::build(&page, nodes, total))
    }

    /// One permission of the catalogue and who has it; null if unknown. `permissions_tool.audit_permissions`.
    #[graphql(guard = "Declared(\"Query.permissionUsage\")")]
    async fn permission_usage(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "`app.codename`")] name: String,
    ) -> Result<Option<PermissionUsage>> {
        let grant = viewer(ctx)?.grant()?;
        let mut conn = app(ctx)?.db.conn().await?;
        Ok(usage::one(&mut conn, &grant, &name).await?.map(PermissionUsage))
    }
}
