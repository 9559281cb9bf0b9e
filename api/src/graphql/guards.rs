//! Who may use which field, in one list.
//!
//! Root fields that are not listed are refused. Fields that reveal more than the object they belong to are listed
//! too, in a list of their own ([`INNER`]).
//! A guard decides who may ask at all; which objects somebody sees (their own, or those of others) is decided by the
//! resolver's scope, in the same way for lists and single objects.

use async_graphql::{Context, Guard};
use fealty_shared::permission::{
    AddGroup, AddReservedGroupName, AddState, AuditPermissions, CHOOSES_STATES, ChangeGroup, ChangeState,
    ChangeUser, DeleteGroup, DeleteReservedGroupName, DeleteState, GroupManagement, Permission as _,
    SEES_GROUPS, SEES_STATES, SEES_USERS, ViewGroup, ViewLogEntry, ViewReservedGroupName,
};

use super::context;
use crate::error::Error;

/// What a field requires.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Nothing: open to visitors.
    Nothing,
    /// A registration in progress in this browser.
    Registration,
    /// A login, or a token.
    Viewer,
    /// A login in a browser: not for bots.
    Browser,
    /// Any of these permissions.
    Permission(&'static [&'static str]),
    /// Being staff, and a permission.
    Staff(&'static str),
}

/// Every guarded field: `Type.field` and what it requires.
pub const DECLARED: &[(&str, Need)] = &[
    ("Query.site", Need::Nothing),
    ("Query.viewer", Need::Nothing),
    ("Query.registration", Need::Nothing),
    // Your own user is always visible; others need SEES_USERS (scope of the resolver).
    ("Query.user", Need::Viewer),
    ("Query.users", Need::Permission(SEES_USERS)),
    // Your own characters and their organisations always; the rest needs SEES_DIRECTORY (scope of the resolver).
    ("Query.character", Need::Viewer),
    ("Query.characters", Need::Viewer),
    ("Query.corporation", Need::Viewer),
    ("Query.corporations", Need::Viewer),
    ("Query.alliance", Need::Viewer),
    ("Query.alliances", Need::Viewer),
    ("Query.factions", Need::Viewer),
    ("Query.state", Need::Permission(SEES_STATES)),
    ("Query.reservedGroupNames", Need::Permission(&[ViewReservedGroupName::NAME])),
    // What they list and carry is covered by INNER.
    ("Query.states", Need::Permission(CHOOSES_STATES)),
    ("Query.permissions", Need::Viewer),
    ("Query.permissionUsages", Need::Permission(&[AuditPermissions::NAME])),
    ("Query.permissionUsage", Need::Permission(&[AuditPermissions::NAME])),
    // About yourself always; about others SEES_USERS (scope of the resolver).
    ("Query.explain", Need::Viewer),
    ("Query.accessHolders", Need::Permission(&[AuditPermissions::NAME])),
    // Your own always; those of one other user need SEES_USERS, those of everybody AuditPermissions
    // (scope of the resolver).
    ("Query.accessChanges", Need::Viewer),
    ("Query.auditEntries", Need::Permission(&[ViewLogEntry::NAME])),
    // Groups, requests and members that the viewer may see or manages (scope of the resolver).
    ("Query.group", Need::Viewer),
    ("Query.groups", Need::Viewer),
    ("Query.groupRequests", Need::Viewer),
    // Limited in the same way as the list of each kind (scope of the resolver).
    ("Query.search", Need::Viewer),
    ("Query.groupLog", Need::Permission(&[ViewGroup::NAME, ChangeGroup::NAME, ViewLogEntry::NAME])),
    ("Mutation.register", Need::Registration),
    ("Mutation.confirmEmail", Need::Nothing),
    ("Mutation.loginWithPassword", Need::Nothing),
    ("Mutation.logout", Need::Nothing),
    ("Mutation.revokeSession", Need::Browser),
    ("Mutation.setMainCharacter", Need::Browser),
    ("Mutation.refreshCharacters", Need::Viewer),
    ("Mutation.linkService", Need::Browser),
    ("Mutation.unlinkService", Need::Browser),
    ("Mutation.readNotifications", Need::Viewer),
    ("Mutation.updatePreferences", Need::Browser),
    ("Mutation.createState", Need::Staff(AddState::NAME)),
    ("Mutation.updateState", Need::Staff(ChangeState::NAME)),
    ("Mutation.deleteState", Need::Staff(DeleteState::NAME)),
    ("Mutation.createGroup", Need::Staff(AddGroup::NAME)),
    ("Mutation.updateGroup", Need::Staff(ChangeGroup::NAME)),
    ("Mutation.deleteGroup", Need::Staff(DeleteGroup::NAME)),
    ("Mutation.updateUser", Need::Staff(ChangeUser::NAME)),
    ("Mutation.createReservedGroupName", Need::Staff(AddReservedGroupName::NAME)),
    ("Mutation.deleteReservedGroupName", Need::Staff(DeleteReservedGroupName::NAME)),
    ("Mutation.joinGroup", Need::Browser),
    ("Mutation.leaveGroup", Need::Browser),
    ("Mutation.retractGroupRequest", Need::Browser),
    ("Mutation.decideGroupRequests", Need::Viewer),
    ("Mutation.addGroupMembers", Need::Viewer),
    ("Mutation.removeGroupMembers", Need::Viewer),
    ("Subscription.viewerChanged", Need::Viewer),
    ("Subscription.notificationAdded", Need::Viewer),
    ("Subscription.groupRequestsChanged", Need::Viewer),
    // As `Query.accessChanges`.
    ("Subscription.accessChanged", Need::Viewer),
    ("Subscription.auditEntryAdded", Need::Permission(&[ViewLogEntry::NAME])),
    ("Viewer.sessions", Need::Browser),
];

/// Fields that reveal more than the object they belong to, each with the permissions that show it; any one of them is
/// enough. Without one the field is null or empty, which is not an error. Some are shown to others as well: the user
/// concerned, the leaders of a group.
pub const INNER: &[(&str, &[&str])] = &[
    // And to the user themselves in a browser.
    ("User.email", &[ChangeUser::NAME]),
    // And to the owner.
    ("Character.user", SEES_USERS),
    ("Character.isMain", SEES_USERS),
    ("State.permissions", SEES_STATES),
    ("State.members", SEES_STATES),
    ("State.userCount", SEES_STATES),
    // And to the group's leaders; of internal groups, to nobody.
    ("Group.management", &[GroupManagement::NAME]),
    ("Group.settings", SEES_GROUPS),
    // Staff only.
    ("GroupSettings.members", &[ChangeGroup::NAME]),
    ("AccessPreview.changes", SEES_USERS),
];

/// Whether [`INNER`] shows a field to somebody.
#[must_use]
pub fn shows(viewer: &context::Viewer, field: &str) -> bool {
    INNER.iter().any(|(name, permissions)| *name == field && viewer.may_any(permissions))
}

/// Looks a field up in [`DECLARED`].
#[must_use]
pub fn need_of(field: &str) -> Option<Need> {
    DECLARED.iter().find(|(name, _)| *name == field).map(|(_, need)| *need)
}

/// Refuses anybody who lacks what the field's declaration requires.
pub struct Declared(pub &'static str);

impl Guard for Declared {
    async fn check(&self, ctx: &Context<'_>) -> async_graphql::Result<()> {
        let need = need_of(self.0).ok_or_else(|| Error::internal(format!("{} declares no guard", self.0)))?;
        match need {
            Need::Nothing => Ok(()),
            Need::Registration => {
                context::request(ctx)?.registration.as_ref().map(|_| ()).ok_or(Error::Unauthenticated)
            }
            Need::Viewer => context::viewer(ctx).map(|_| ()),
            Need::Browser => {
                let viewer = context::viewer(ctx)?;
                if viewer.session_id.is_some() { Ok(()) } else { Err(Error::Forbidden) }
            }
            Need::Staff(name) => {
                let viewer = context::viewer(ctx)?;
                let is_staff = viewer.user.is_staff || viewer.is_superuser;
                if is_staff && viewer.may(name) { Ok(()) } else { Err(Error::Forbidden) }
            }
            Need::Permission(names) => {
                if context::viewer(ctx)?.may_any(names) {
                    Ok(())
                } else {
                    Err(Error::Forbidden)
                }
            }
        }
        .map_err(Into::into)
    }
}
