//! Who may use which field, in one list.
//!
//! Root fields that are not listed are refused. Fields of objects that tell more than their object does are listed too.
//! A guard decides who may ask at all; which objects somebody sees (his own, or others') is decided by the resolver's
//! scope, the same way for lists and single objects.

use async_graphql::{Context, Guard};

use super::context;
use crate::error::Error;

/// What is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Nothing: visitors too.
    Nothing,
    /// A registration in progress in this browser.
    Registration,
    /// Being logged in, or a token.
    Viewer,
    /// Being logged in in a browser: not for bots.
    Browser,
    /// A permission.
    Permission(&'static str),
    /// Belonging to the staff, and a permission.
    Staff(&'static str),
}

/// Every guarded field: `Type.field` and what is needed.
pub const DECLARED: &[(&str, Need)] = &[
    ("Query.site", Need::Nothing),
    ("Query.viewer", Need::Nothing),
    ("Query.registration", Need::Nothing),
    // One's own user is always visible; others need auth.view_user (scope of the resolver).
    ("Query.user", Need::Viewer),
    ("Query.users", Need::Permission("auth.view_user")),
    ("Query.character", Need::Viewer),
    ("Query.characters", Need::Viewer),
    ("Query.corporation", Need::Viewer),
    ("Query.corporations", Need::Viewer),
    ("Query.alliance", Need::Viewer),
    ("Query.alliances", Need::Viewer),
    ("Query.factions", Need::Viewer),
    ("Query.state", Need::Permission("authentication.view_state")),
    ("Query.reservedGroupNames", Need::Permission("groupmanagement.view_reservedgroupname")),
    ("Query.states", Need::Permission("authentication.view_state")),
    ("Query.permissions", Need::Viewer),
    ("Query.permissionUsages", Need::Permission("permissions_tool.audit_permissions")),
    ("Query.permissionUsage", Need::Permission("permissions_tool.audit_permissions")),
    // About oneself always; about others auth.view_user (scope of the resolver).
    ("Query.explain", Need::Viewer),
    ("Query.accessHolders", Need::Permission("permissions_tool.audit_permissions")),
    ("Query.accessChanges", Need::Permission("permissions_tool.audit_permissions")),
    ("Query.auditEntries", Need::Permission("admin.view_logentry")),
    // Which groups, requests and members: those he may see or manages (scope of the resolver).
    ("Query.group", Need::Viewer),
    ("Query.groups", Need::Viewer),
    ("Query.groupRequests", Need::Viewer),
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
    ("Mutation.createState", Need::Staff("authentication.add_state")),
    ("Mutation.updateState", Need::Staff("authentication.change_state")),
    ("Mutation.deleteState", Need::Staff("authentication.delete_state")),
    ("Mutation.createGroup", Need::Staff("auth.add_group")),
    ("Mutation.updateGroup", Need::Staff("auth.change_group")),
    ("Mutation.deleteGroup", Need::Staff("auth.delete_group")),
    ("Mutation.updateUser", Need::Staff("auth.change_user")),
    ("Mutation.createReservedGroupName", Need::Staff("groupmanagement.add_reservedgroupname")),
    ("Mutation.deleteReservedGroupName", Need::Staff("groupmanagement.delete_reservedgroupname")),
    ("Mutation.joinGroup", Need::Browser),
    ("Mutation.leaveGroup", Need::Browser),
    ("Mutation.retractGroupRequest", Need::Browser),
    ("Mutation.decideGroupRequests", Need::Viewer),
    ("Mutation.addGroupMembers", Need::Viewer),
    ("Mutation.removeGroupMembers", Need::Viewer),
    ("Subscription.viewerChanged", Need::Viewer),
    ("Subscription.notificationAdded", Need::Viewer),
    ("Subscription.groupRequestsChanged", Need::Viewer),
    ("Viewer.sessions", Need::Browser),
];

/// Looks a field up in [`DECLARED`].
#[must_use]
pub fn need_of(field: &str) -> Option<Need> {
    DECLARED.iter().find(|(name, _)| *name == field).map(|(_, need)| *need)
}

/// Refuses whoever lacks what the field's declaration asks for.
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
            Need::Permission(name) => {
                if context::viewer(ctx)?.may(name) {
                    Ok(())
                } else {
                    Err(Error::Forbidden)
                }
            }
        }
        .map_err(Into::into)
    }
}
