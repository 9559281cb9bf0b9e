//! Permissions and who has them.

use async_graphql::{Context, Description, Enum, InputObject, Object, SimpleObject};
use futures_util::FutureExt;

use super::{person::Person, rows};
use crate::{
    db::keyset::Position,
    error::Result,
    graphql::{
        connection::{self, List, OrderDirection, Page, PageArgs, Total, cost, count, ordered},
        context::{app, viewer},
        input,
        loaders::{PermissionPaths, Time, UserKey},
    },
    permissions::{
        granted::Granted,
        model_of,
        usage::{self, GrantFilter, GrantOrderBy, Usage, Way},
    },
};

/// A permission of the catalogue.
#[derive(SimpleObject)]
pub struct Permission {
    /// `app.codename`
    name: &'static str,
    /// The part before the dot.
    app: &'static str,
    /// What it is about within its app, as Alliance Auth groups it, for example `group`.
    model: &'static str,
    /// The part after the dot.
    codename: &'static str,
    /// One line for people who grant it.
    description: &'static str,
}

impl Permission {
    /// Creates it from a catalogue entry.
    pub(in crate::graphql) fn new(name: &'static str, description: &'static str) -> Self {
        let (app, codename) = name.split_once('.').unwrap_or((name, ""));
        Self { name, app, model: model_of(name).unwrap_or_default(), codename, description }
    }
}

/// Filter for permissions.
#[derive(InputObject, Default)]
pub struct PermissionUsageFilter {
    /// Part of the name or description.
    pub search: Option<String>,
    /// As in `Permission.app`.
    pub app: Option<String>,
    /// As in `Permission.model`.
    pub model: Option<String>,
    /// Absent or false: only permissions that some user, group or state has.
    pub include_unused: Option<bool>,
}

/// What to order permissions by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum PermissionUsageOrderField {
    /// `app.codename`
    Name,
    /// How many users effectively have it.
    Users,
    /// As `directUserCount`.
    DirectUsers,
    /// As `groupCount`.
    Groups,
    /// As `groupUserCount`.
    GroupUsers,
    /// As `stateCount`.
    States,
    /// As `stateUserCount`.
    StateUsers,
}

impl PermissionUsageOrderField {
    /// The number that permissions are ordered by, before their names.
    pub(in crate::graphql) const fn number(self, usage: &Usage) -> i64 {
        match self {
            Self::Name => 0,
            Self::Users => usage.effective_users,
            Self::DirectUsers => usage.direct_users,
            Self::Groups => usage.groups,
            Self::GroupUsers => usage.group_users,
            Self::States => usage.states,
            Self::StateUsers => usage.state_users,
        }
    }
}

/// The order of permissions; ties are broken by name.
#[derive(InputObject)]
pub struct PermissionUsageOrder {
    /// What to order by.
    pub field: PermissionUsageOrderField,
    /// In which direction.
    pub direction: OrderDirection,
}

/// How a user can have a permission.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum PermissionPathKind {
    /// Granted directly to the user.
    Direct,
    /// Carried by a group they are in.
    Group,
    /// Carried by their state.
    State,
    /// Superusers have every permission.
    Superuser,
}

impl From<Way> for PermissionPathKind {
    fn from(way: Way) -> Self {
        match way {
            Way::Direct => Self::Direct,
            Way::Group => Self::Group,
            Way::State => Self::State,
            Way::Superuser => Self::Superuser,
        }
    }
}

impl From<PermissionPathKind> for Way {
    fn from(kind: PermissionPathKind) -> Self {
        match kind {
            PermissionPathKind::Direct => Self::Direct,
            PermissionPathKind::Group => Self::Group,
            PermissionPathKind::State => Self::State,
            PermissionPathKind::Superuser => Self::Superuser,
        }
    }
}

/// One way to have a permission.
#[derive(SimpleObject)]
pub struct PermissionPath {
    /// What kind of path.
    kind: PermissionPathKind,
    /// The name of the group or state.
    name: Option<String>,
    /// Users who have it this way, inactive ones included.
    user_count: i32,
}

/// Filter for grants.
#[derive(InputObject, Default)]
pub struct PermissionGrantFilter {
    /// By this kind of path.
    kind: Option<PermissionPathKind>,
    /// The name of the group or state.
    name: Option<String>,
    /// Part of the user name or of any of their characters' names, ignoring case.
    search: Option<String>,
}

/// By what grants are ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "GrantOrderBy")]
pub enum PermissionGrantOrderField {
    /// The path, then the user name.
    Path,
    /// The user name.
    Username,
    /// The main character's name.
    Main,
    /// The name of the main's corporation.
    Corporation,
    /// The state's priority.
    State,
}

/// The order of grants; equal ones by path, then by the user's id.
#[derive(InputObject)]
pub struct PermissionGrantOrder {
    /// By what.
    field: PermissionGrantOrderField,
    /// Which way.
    direction: OrderDirection,
}

/// Somebody who has a permission in one particular way.
#[derive(SimpleObject)]
pub struct PermissionGrant {
    /// The kind of path.
    path: PermissionPathKind,
    /// The name of the group or state.
    path_name: Option<String>,
    /// Who it is.
    person: Person,
    /// Whether they are a superuser, who has every permission anyway.
    is_superuser: bool,
    /// When the grant or membership ends by itself.
    ends_at: Option<Time>,
}

/// How widely a permission is used, and by whom.
#[derive(Description)]
pub struct PermissionUsage(pub Usage);

#[Object(use_type_description)]
impl PermissionUsage {
    /// The permission.
    async fn permission(&self) -> Permission {
        Permission::new(self.0.name, self.0.description)
    }

    /// Users it was granted to directly.
    async fn direct_user_count(&self) -> i32 {
        count(self.0.direct_users)
    }

    /// Groups that carry it.
    async fn group_count(&self) -> i32 {
        count(self.0.groups)
    }

    /// Distinct users in the groups that carry it.
    async fn group_user_count(&self) -> i32 {
        count(self.0.group_users)
    }

    /// States that carry it.
    async fn state_count(&self) -> i32 {
        count(self.0.states)
    }

    /// Users in the states that carry it.
    async fn state_user_count(&self) -> i32 {
        count(self.0.state_users)
    }

    /// Users who effectively have it: active ones, including superusers.
    async fn effective_user_count(&self) -> i32 {
        count(self.0.effective_users)
    }

    /// One row per user and path. By path, then user name, unless ordered otherwise.
    #[graphql(complexity = "cost(first, last, child_complexity)")]
    #[expect(clippy::too_many_arguments, reason = "the arguments of a Relay connection")]
    async fn grants(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
        filter: Option<PermissionGrantFilter>,
        order_by: Option<PermissionGrantOrder>,
    ) -> Result<List<Position, PermissionGrant>> {
        let page = Page::<Position>::parse(PageArgs { first, after, last, before })?;
        let filter = filter.unwrap_or_default();
        let filter = GrantFilter {
            way: filter.kind.map(Into::into),
            name: input::text(filter.name),
            search: input::text(filter.search),
        };
        let order_by = order_by.map(|order| (order.field, order.direction));
        let (order, is_descending) = ordered(order_by, GrantOrderBy::Path);
        let (app, id, grant) = (app(ctx)?, self.0.id, viewer(ctx)?.grant()?);
        let found = {
            let mut conn = app.db.conn().await?;
            usage::grants(&mut conn, &grant, id, &filter, order, &page.slice(is_descending)).await?
        };
        let people = rows(ctx)?.load_many(found.iter().map(|row| UserKey(row.user_id))).await?;
        let nodes = found
            .into_iter()
            .filter_map(|row| {
                let grant = PermissionGrant {
                    path: row.way.into(),
                    path_name: row.name,
                    person: Person::from(people.get(&UserKey(row.user_id))?.clone()),
                    is_superuser: row.is_superuser,
                    ends_at: row.ends_at,
                };
                Some((row.position, grant))
            })
            .collect();
        let total = Total::counted(app, (grant, id, filter), |conn, (grant, id, filter)| {
            usage::count_grants(conn, grant, *id, filter).boxed()
        });
        Ok(connection::build(&page, nodes, total))
    }

    /// The existing paths to it.
    async fn paths(&self, ctx: &Context<'_>) -> Result<Vec<PermissionPath>> {
        let paths = rows(ctx)?.load_one(PermissionPaths(i64::from(self.0.id))).await?.unwrap_or_default();
        Ok(paths
            .into_iter()
            .map(|path| PermissionPath {
                kind: path.way.into(),
                name: path.name,
                user_count: count(path.users),
            })
            .collect())
    }
}

/// A permission granted to a user directly.
#[derive(Description)]
pub struct UserPermissionGrant(pub Granted);

#[Object(use_type_description)]
impl UserPermissionGrant {
    /// `app.codename`
    async fn permission(&self) -> &str {
        &self.0.permission
    }

    /// Null: immediately.
    async fn starts_at(&self) -> Option<Time> {
        self.0.starts_at
    }

    /// Whether it has begun.
    async fn is_started(&self) -> bool {
        self.0.is_started
    }

    /// When it ends by itself.
    async fn ends_at(&self) -> Option<Time> {
        self.0.ends_at
    }

    /// Why, as written by whoever granted it; may be empty.
    async fn reason(&self) -> &str {
        &self.0.reason
    }

    /// When it was granted.
    async fn granted_at(&self) -> Time {
        self.0.granted_at
    }
}
