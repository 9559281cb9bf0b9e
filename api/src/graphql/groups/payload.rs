//! Inputs and payloads of the mutations about groups.

use async_graphql::{Enum, ID, InputObject, SimpleObject};

use super::group::Group;
use crate::graphql::{
    loaders::Time,
    types::{payload::Problem, preview::AccessPreview},
};

macro_rules! status {
    ($($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident),* $(,)? })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
        pub enum $name { $($(#[$vdoc])* $variant),* }
    )*};
}

status! {
    /// The outcome of joining.
    JoinGroupStatus {
        /// The viewer is a member now.
        Joined,
        /// It is waiting for a decision.
        Requested,
        /// The viewer is already a member.
        AlreadyMember,
        /// The viewer asked before, and that request is still waiting.
        AlreadyRequested,
        /// The viewer may not join: `group.membership.detail` says why.
        NotAllowed,
        /// There is no such group, or the viewer may not know of it.
        NotFound,
        /// Nothing was done: see `problems`.
        Invalid,
    }
    /// The outcome of leaving.
    LeaveGroupStatus {
        /// The viewer is no longer a member.
        Left,
        /// It is waiting for a decision.
        Requested,
        /// The viewer is not a member.
        NotMember,
        /// The viewer asked before, and that request is still waiting.
        AlreadyRequested,
        /// Members cannot leave this group by themselves.
        NotAllowed,
        /// Nothing was written: `preview` says what would come of it.
        Preview,
        /// There is no such group, or the viewer may not know of it.
        NotFound,
        /// Nothing was done: see `problems`.
        Invalid,
    }
    /// The outcome of taking a request back.
    RetractGroupRequestStatus {
        /// The request is gone.
        Retracted,
        /// The viewer has no such request, or may not know of the group.
        NotFound,
    }
    /// The outcome of deciding on requests.
    DecideGroupRequestsStatus {
        /// Every request was processed: see `results`.
        Done,
        /// Nothing was done: see `problems`.
        Invalid,
    }
    /// `NOT_FOUND`: gone, decided by somebody else, or not visible to the viewer. `NOT_ELIGIBLE`:
    /// their state no longer fits.
    GroupRequestOutcome {
        /// They are a member now, or no longer one.
        Accepted,
        /// It was refused.
        Rejected,
        /// There is no such request (any more), or the viewer may not see it.
        NotFound,
        /// The group is restricted: only superusers decide.
        NotAllowed,
        /// They could not be a member: the request stays.
        NotEligible,
    }
    /// The outcome of adding members.
    AddGroupMembersStatus {
        /// Every user was processed: see `results`.
        Done,
        /// Nothing was written: `results` and `preview` say what would happen.
        Preview,
        /// There is no such group, or the viewer does not manage it.
        NotFound,
        /// The group is restricted: only superusers edit its members.
        NotAllowed,
        /// Nothing was done: see `problems`.
        Invalid,
    }
    /// The outcome for one user.
    GroupMemberOutcome {
        /// They are a member now, or will be from `startsAt` on.
        Added,
        /// They were already a member, and have the new times and reason.
        Changed,
        /// They are no longer a member.
        Removed,
        /// They were not a member.
        NotMember,
        /// There is no such user, or the viewer may not name them.
        NotFound,
        /// The group's state limit or their account does not allow them to be a member.
        NotEligible,
    }
    /// The outcome of removing members.
    RemoveGroupMembersStatus {
        /// Every user was processed: see `results`.
        Done,
        /// Nothing was written: `results` and `preview` say what would happen.
        Preview,
        /// There is no such group, or the viewer does not manage it.
        NotFound,
        /// The group is restricted: only superusers edit its members.
        NotAllowed,
        /// Nothing was done: see `problems`.
        Invalid,
    }
}

macro_rules! objects {
    ($($(#[$doc:meta])* $kind:ident $name:ident { $($(#[$fdoc:meta])* $field:ident: $type:ty),* $(,)? })*) => {$(
        $(#[$doc])*
        #[derive($kind)]
        pub struct $name { $($(#[$fdoc])* pub $field: $type),* }
    )*};
}

objects! {
    /// The group to join.
    InputObject JoinGroupInput {
        /// The group.
        group_id: ID,
        /// At most 1,000 characters.
        reason: Option<String>,
    }
    /// The outcome of joining.
    SimpleObject JoinGroupPayload {
        /// The outcome.
        status: JoinGroupStatus,
        /// What is wrong, by field; empty unless `status` is INVALID.
        problems: Vec<Problem>,
        /// The group as it is now; null if the viewer may not see it.
        group: Option<Group>,
    }
    /// The group to leave.
    InputObject LeaveGroupInput {
        /// The group.
        group_id: ID,
        /// At most 1,000 characters.
        reason: Option<String>,
        /// Whether nothing is done yet, and only what would follow is wanted.
        #[graphql(default)]
        preview: bool,
    }
    /// The outcome of leaving.
    SimpleObject LeaveGroupPayload {
        /// The outcome.
        status: LeaveGroupStatus,
        /// What is wrong, by field; empty unless `status` is INVALID.
        problems: Vec<Problem>,
        /// What follows for the viewer, or would: at once, or when a request is accepted. Null where nothing was looked at.
        preview: Option<AccessPreview>,
        /// The group as it is now; null if the viewer may not see it.
        group: Option<Group>,
    }
    /// The request to take back.
    InputObject RetractGroupRequestInput {
        /// The group it is about.
        group_id: ID,
    }
    /// The outcome of taking a request back.
    SimpleObject RetractGroupRequestPayload {
        /// The outcome.
        status: RetractGroupRequestStatus,
        /// The group as it is now; null if the viewer may not see it.
        group: Option<Group>,
    }
    /// The requests to decide on, and how.
    InputObject DecideGroupRequestsInput {
        /// At most 100.
        ids: Vec<ID>,
        /// True accepts them, false rejects them.
        accept: bool,
        /// Sent to those who asked. At most 1,000 characters.
        note: Option<String>,
    }
    /// The outcome of deciding on requests.
    SimpleObject DecideGroupRequestsPayload {
        /// The outcome of the call as a whole; each request has an outcome of its own.
        status: DecideGroupRequestsStatus,
        /// What is wrong, by field; empty unless `status` is INVALID.
        problems: Vec<Problem>,
        /// In the order of `ids`.
        results: Vec<GroupRequestDecision>,
    }
    /// The outcome for one request.
    SimpleObject GroupRequestDecision {
        /// The request.
        id: ID,
        /// The outcome.
        outcome: GroupRequestOutcome,
        /// One sentence in English.
        message: String,
    }
    /// Who to add to which group.
    InputObject AddGroupMembersInput {
        /// The group.
        group_id: ID,
        /// At most 100.
        user_ids: Vec<ID>,
        /// Absent or past: immediately.
        starts_at: Option<Time>,
        /// When it ends by itself.
        ends_at: Option<Time>,
        /// At most 1,000 characters.
        reason: Option<String>,
        /// Whether to change nothing yet, and only show what would happen.
        #[graphql(default)]
        preview: bool,
        /// From a preview of this very edit: it is carried out if it would still do what was shown, otherwise
        /// CONFLICT. Absent: it is carried out whatever it does.
        preview_token: Option<String>,
    }
    /// Anybody who is already a member gets the new times and reason.
    SimpleObject AddGroupMembersPayload {
        /// The outcome.
        status: AddGroupMembersStatus,
        /// What is wrong, by field; empty unless `status` is INVALID.
        problems: Vec<Problem>,
        /// In the order of `userIds`.
        results: Vec<GroupMemberChange>,
        /// What this does, or would do. Staff with `auth.change_group` see everything; others see what the group
        /// itself gives, for each user who joins or leaves. Null if nothing was examined.
        preview: Option<AccessPreview>,
        /// The group as it is now; null if the viewer may not see it.
        group: Option<Group>,
    }
    /// The outcome for one user.
    SimpleObject GroupMemberChange {
        /// The user.
        user_id: ID,
        /// The outcome.
        outcome: GroupMemberOutcome,
    }
    /// Who to remove from which group.
    InputObject RemoveGroupMembersInput {
        /// The group.
        group_id: ID,
        /// At most 100.
        user_ids: Vec<ID>,
        /// At most 1,000 characters.
        reason: Option<String>,
        /// Whether to change nothing yet, and only show what would happen.
        #[graphql(default)]
        preview: bool,
        /// From a preview of this very edit: it is carried out if it would still do what was shown, otherwise
        /// CONFLICT. Absent: it is carried out whatever it does.
        preview_token: Option<String>,
    }
    /// The outcome of removing members.
    SimpleObject RemoveGroupMembersPayload {
        /// The outcome.
        status: RemoveGroupMembersStatus,
        /// What is wrong, by field; empty unless `status` is INVALID.
        problems: Vec<Problem>,
        /// In the order of `userIds`.
        results: Vec<GroupMemberChange>,
        /// What this does, or would do. Staff with `auth.change_group` see everything; others see what the group
        /// itself gives, for each user who joins or leaves. Null if nothing was examined.
        preview: Option<AccessPreview>,
        /// The group as it is now; null if the viewer may not see it.
        group: Option<Group>,
    }
}
