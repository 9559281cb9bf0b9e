//! A group, and where the viewer stands with it.

use std::sync::Arc;

use async_graphql::{Context, Description, Enum, ID, Object, SimpleObject};
use fealty_shared::id::GroupId;
use futures_util::FutureExt;

use super::{
    loaders::{CountsOf, OverviewOf, PermissionsOf},
    management::{self, GroupManagement, GroupMember, GroupMemberFilter, GroupMemberOrder},
    request::GroupRequest,
};
use crate::{
    db::keyset::Position,
    error::{Error, Result},
    graphql::{
        connection::{self, List, PageArgs, cost},
        context::{app, own, viewer},
        loaders::{StateKey, Time},
        types::{load, person::Person, rows, state::State},
    },
    groups::{self, Action, Asker, Overview, Seen},
};

/// A group, as far as the viewer may see it.
#[derive(Description)]
pub struct Group {
    pub seen: Arc<Seen>,
    sight: Sight,
}

/// The viewer, and all groups as they stand with them.
#[derive(Clone)]
pub struct Sight {
    pub asker: Arc<Asker>,
    overview: Arc<Overview>,
}

impl Sight {
    /// The viewer's sight.
    ///
    /// # Errors
    /// When it cannot be loaded.
    pub async fn of(ctx: &Context<'_>) -> Result<Self> {
        let viewer = viewer(ctx)?;
        let overview = load(ctx, OverviewOf(viewer.user.id)).await?.ok_or(Error::NotFound)?;
        Ok(Self { asker: Arc::new(viewer.asker()), overview })
    }

    /// What the viewer's page of groups shows; `is_mine`: only those they are in or asked to join.
    ///
    /// # Errors
    /// When it cannot be loaded.
    pub async fn listed(ctx: &Context<'_>, is_mine: bool) -> Result<Vec<Group>> {
        let viewer = viewer(ctx)?;
        // Not through the loader, which waits a moment for more keys of the same kind.
        let at_hand = own(ctx, viewer.user.id).and_then(|(_, own)| own.groups.clone());
        let overview = match at_hand {
            Some(standing) => groups::overview_of(app(ctx)?, standing).await?,
            None => groups::overview(app(ctx)?, viewer.user.id).await?,
        };
        let overview = Arc::new(overview);
        rows(ctx)?.feed_one(OverviewOf(viewer.user.id), Arc::clone(&overview)).await;
        let sight = Self { asker: Arc::new(viewer.asker()), overview };
        let listed = sight.overview.listed(&sight.asker).into_iter();
        let listed = listed.filter(|seen| !is_mine || seen.membership.is_some() || seen.request.is_some());
        Ok(listed.map(|seen| Group { seen: Arc::new(seen), sight: sight.clone() }).collect())
    }

    /// What the viewer's page of groups shows, along with what they manage or may see as an administrator; by name.
    ///
    /// # Errors
    /// When it cannot be loaded.
    pub async fn known(ctx: &Context<'_>) -> Result<Vec<Group>> {
        let sight = Self::of(ctx).await?;
        let known = sight.overview.known(&sight.asker).into_iter();
        Ok(known.map(|seen| Group { seen: Arc::new(seen), sight: sight.clone() }).collect())
    }

    /// A group, whether or not the viewer may know of it.
    pub fn any(&self, id: i64) -> Option<Group> {
        let seen = Arc::new(self.overview.seen(id)?);
        Some(Group { seen, sight: self.clone() })
    }

    /// A group, if the viewer may know of it.
    pub fn find(&self, id: i64) -> Option<Group> {
        self.any(id).filter(|group| self.asker.sees(&group.seen))
    }
}

/// A group by name.
#[derive(SimpleObject)]
#[graphql(serial)]
pub struct GroupReference {
    /// An opaque id.
    pub id: ID,
    /// The group's name.
    pub name: String,
}

/// What the viewer can do with a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum GroupAction {
    /// `joinGroup` makes them a member at once.
    Join,
    /// `joinGroup` asks to join.
    RequestJoin,
    /// `leaveGroup` ends the membership at once.
    Leave,
    /// `leaveGroup` asks to leave.
    RequestLeave,
    /// `retractGroupRequest` takes their request back.
    Retract,
    /// Nothing: see `detail`.
    None,
}

impl From<Action> for GroupAction {
    fn from(action: Action) -> Self {
        match action {
            Action::Join => Self::Join,
            Action::RequestJoin => Self::RequestJoin,
            Action::Leave => Self::Leave,
            Action::RequestLeave => Self::RequestLeave,
            Action::Retract => Self::Retract,
            Action::None => Self::None,
        }
    }
}

/// Where the viewer stands with a group.
#[derive(SimpleObject)]
#[graphql(serial)]
pub struct GroupMembership {
    /// Whether they are a member and the membership has begun.
    is_member: bool,
    /// Since when.
    since: Option<Time>,
    /// When it ends by itself.
    ends_at: Option<Time>,
    /// Their request, if one is waiting for a decision.
    request: Option<GroupRequest>,
    /// What they can do now.
    action: GroupAction,
    /// Why `action` is NONE, in one sentence.
    detail: Option<String>,
}

/// What admins see of a group.
#[derive(Description)]
pub struct GroupSettings(Arc<Seen>, Arc<Asker>);

#[Object(use_type_description, serial)]
impl GroupSettings {
    /// Names of the permissions it carries, sorted.
    async fn permissions(&self, ctx: &Context<'_>) -> Result<Vec<String>> {
        Ok(load(ctx, PermissionsOf(self.0.group.id)).await?.unwrap_or_default())
    }

    /// Memberships that have begun.
    async fn member_count(&self, ctx: &Context<'_>) -> Result<i32> {
        let counts = load(ctx, CountsOf(self.0.group.id)).await?;
        Ok(connection::count(counts.unwrap_or_default().0))
    }

    /// When the group was created.
    async fn created_at(&self) -> Time {
        self.0.group.created_at
    }

    /// Whether the viewer may add and remove members here: staff with `auth.change_group`; in a
    /// restricted group, superusers only.
    async fn can_edit_members(&self) -> bool {
        self.1.is_admin && self.1.passes_restriction(&self.0.group)
    }

    /// The members, even of an internal group, including those whose membership has not begun; null except for staff
    /// with `auth.change_group`. By the main's name unless ordered otherwise.
    #[graphql(complexity = "cost(first, last, child_complexity)")]
    #[expect(clippy::too_many_arguments, reason = "the arguments of a Relay connection")]
    async fn members(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
        filter: Option<GroupMemberFilter>,
        order_by: Option<GroupMemberOrder>,
    ) -> Result<Option<List<Position, GroupMember>>> {
        if !self.1.is_admin {
            return Ok(None);
        }
        let page = PageArgs { first, after, last, before };
        Ok(Some(management::members(ctx, self.0.group.id, page, filter, order_by).await?))
    }
}

#[Object(use_type_description, serial)]
impl Group {
    /// An opaque id.
    async fn id(&self) -> ID {
        GroupId(self.seen.group.id).to_string().into()
    }

    /// Unique, ignoring case.
    async fn name(&self) -> &str {
        &self.seen.group.name
    }

    /// For people to read, as its editors wrote it.
    async fn description(&self) -> &str {
        &self.seen.group.description
    }

    /// Not shown, and cannot be joined, left or managed by leaders; overrides the other flags.
    async fn is_internal(&self) -> bool {
        self.seen.group.is_internal
    }

    /// Not listed; joinable through its link.
    async fn is_hidden(&self) -> bool {
        self.seen.group.is_hidden
    }

    /// Joining and leaving need no approval.
    async fn is_open(&self) -> bool {
        self.seen.group.is_open
    }

    /// Joining needs no `groupmanagement.request_groups`.
    async fn is_public(&self) -> bool {
        self.seen.group.is_public
    }

    /// Only superusers add, remove or accept members.
    async fn is_restricted(&self) -> bool {
        self.seen.group.is_restricted
    }

    /// Whether only users in `states` may be members.
    async fn is_state_limited(&self) -> bool {
        self.seen.group.is_state_limited
    }

    /// By priority, highest first.
    async fn states(&self, ctx: &Context<'_>) -> Result<Vec<State>> {
        if self.seen.group.states.is_empty() {
            return Ok(Vec::new());
        }
        let keys = self.seen.group.states.iter().map(|id| StateKey(*id));
        let loaded = rows(ctx)?.load_many(keys).boxed().await?;
        let mut states: Vec<_> = loaded.into_values().collect();
        states.sort_by_key(|state| -state.priority);
        Ok(states.into_iter().map(State).collect())
    }

    /// Users who lead it directly.
    async fn leaders(&self) -> Vec<Person> {
        self.sight.overview.leaders(&self.seen.group).into_iter().map(Person::from).collect()
    }

    /// Groups whose members lead it; only those the viewer may know of.
    async fn leader_groups(&self) -> Vec<GroupReference> {
        let Sight { asker, overview } = &self.sight;
        let leading = self.seen.group.leader_groups.iter().filter_map(|id| overview.seen(*id));
        let mut known: Vec<Seen> = leading.filter(|seen| asker.knows(seen)).collect();
        known.sort_by_cached_key(|seen| (seen.group.name.to_lowercase(), seen.group.id));
        known
            .iter()
            .map(|seen| GroupReference {
                id: GroupId(seen.group.id).to_string().into(),
                name: seen.group.name.clone(),
            })
            .collect()
    }

    /// Where the viewer stands with it.
    async fn membership(&self, ctx: &Context<'_>) -> Result<GroupMembership> {
        let asker = &self.sight.asker;
        let (action, detail) = asker.action(&self.seen, app(ctx)?.config.groups.auto_leave);
        let begun = self.seen.membership.as_ref().filter(|membership| membership.is_started);
        Ok(GroupMembership {
            is_member: begun.is_some(),
            since: begun.map(|membership| membership.starts_at.unwrap_or(membership.since)),
            ends_at: begun.and_then(|membership| membership.ends_at),
            request: GroupRequest::own(&self.seen, asker.pilot.user_id),
            action: action.into(),
            detail,
        })
    }

    /// What leaders see and do; null for those who do not manage it.
    async fn management(&self) -> Option<GroupManagement> {
        let asker = &self.sight.asker;
        let can_edit = asker.may_edit(&self.seen.group);
        asker.manages(&self.seen.group).then(|| GroupManagement { id: self.seen.group.id, can_edit })
    }

    /// What admins see; null without `auth.view_group` or `auth.change_group`.
    async fn settings(&self) -> Option<GroupSettings> {
        let asker = &self.sight.asker;
        asker.sees_all.then(|| GroupSettings(Arc::clone(&self.seen), Arc::clone(asker)))
    }
}

/// A group that a user is in.
#[derive(Description)]
pub struct UserGroup(pub groups::UserGroup);

#[Object(use_type_description, serial)]
impl UserGroup {
    /// The group.
    async fn group(&self) -> GroupReference {
        GroupReference { id: GroupId(self.0.group_id).to_string().into(), name: self.0.name.clone() }
    }

    /// When they were made a member.
    async fn since(&self) -> Time {
        self.0.since
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

    /// Why, as written by whoever added them; may be empty.
    async fn reason(&self) -> &str {
        &self.0.reason
    }

    /// As in `Group.isRestricted`.
    async fn is_restricted(&self) -> bool {
        self.0.is_restricted
    }

    /// As in `Group.isInternal`.
    async fn is_internal(&self) -> bool {
        self.0.is_internal
    }
}
