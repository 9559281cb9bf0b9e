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
    /// What came of joining.
    JoinGroupStatus {
        /// He is a member.
        Joined,
        /// It waits for a decision.
        Requested,
        /// He is a member already.
        AlreadyMember,
        /// He asked before, and it still waits.
        AlreadyRequested,
        /// He may not join: `group.membership.detail` says why.
        NotAllowed,
        /// There is no such group, or none he may know of.
        NotFound,
        /// Nothing was done: see `problems`.
        Invalid,
    }
    /// What came of leaving.
    LeaveGroupStatus {
        /// He is a member no more.
        Left,
        /// It waits for a decision.
        Requested,
        /// He is no member.
        NotMember,
        /// He asked before, and it still waits.
        AlreadyRequested,
        /// Nobody leaves this group by himself.
        NotAllowed,
        /// There is no such group, or none he may know of.
        NotFound,
        /// Nothing was done: see `problems`.
        Invalid,
    }
    /// What came of taking a request back.
    RetractGroupRequestStatus {
        /// The request is gone.
        Retracted,
        /// There is no request of his, or no group he may know of.
        NotFound,
    }
    /// What came of deciding requests.
    DecideGroupRequestsStatus {
        /// Every request was looked at: see `results`.
        Done,
        /// Nothing was done: see `problems`.
        Invalid,
    }
    /// `NOT_FOUND`: gone, decided by somebody else, or not the viewer's to see. `NOT_ELIGIBLE`: his state no longer fits.
    GroupRequestOutcome {
        /// He is a member now, or no more.
        Accepted,
        /// It was refused.
        Rejected,
        /// There is no such request (any more), or none the viewer may see.
        NotFound,
        /// The group is restricted: only superusers decide.
        NotAllowed,
        /// He could not be a member: the request stays.
        NotEligible,
    }
    /// What came of adding members.
    AddGroupMembersStatus {
        /// Every user was looked at: see `results`.
        Done,
        /// Nothing was written: `results` and `preview` say what would come of it.
        Preview,
        /// There is no such group, or none the viewer manages.
        NotFound,
        /// The group is restricted: only superusers edit its members.
        NotAllowed,
        /// Nothing was done: see `problems`.
        Invalid,
    }
    /// What came of it for one user.
    GroupMemberOutcome {
        /// He is a member now, or from `startsAt` on.
        Added,
        /// He was a member already, and has the new times and reason.
        Changed,
        /// He is a member no more.
        Removed,
        /// He was no member.
        NotMember,
        /// There is no such user, or none the viewer may name.
        NotFound,
        /// The group's limit to states or his account does not let him be a member.
        NotEligible,
    }
    /// What came of removing members.
    RemoveGroupMembersStatus {
        /// Every user was looked at: see `results`.
        Done,
        /// Nothing was written: `results` and `preview` say what would come of it.
        Preview,
        /// There is no such group, or none the viewer manages.
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
    /// Which group to join.
    InputObject JoinGroupInput {
        /// Which group.
        group_id: ID,
        /// At most 1,000 characters.
        reason: Option<String>,
    }
    /// What came of joining.
    SimpleObject JoinGroupPayload {
        /// What came of it.
        status: JoinGroupStatus,
        /// What is wrong with which field; empty unless `status` is INVALID.
        problems: Vec<Problem>,
        /// The group as it is now; null where the viewer may not see it.
        group: Option<Group>,
    }
    /// Which group to leave.
    InputObject LeaveGroupInput {
        /// Which group.
        group_id: ID,
        /// At most 1,000 characters.
        reason: Option<String>,
    }
    /// What came of leaving.
    SimpleObject LeaveGroupPayload {
        /// What came of it.
        status: LeaveGroupStatus,
        /// What is wrong with which field; empty unless `status` is INVALID.
        problems: Vec<Problem>,
        /// The group as it is now; null where the viewer may not see it.
        group: Option<Group>,
    }
    /// Which request to take back.
    InputObject RetractGroupRequestInput {
        /// The group it is about.
        group_id: ID,
    }
    /// What came of taking a request back.
    SimpleObject RetractGroupRequestPayload {
        /// What came of it.
        status: RetractGroupRequestStatus,
        /// The group as it is now; null where the viewer may not see it.
        group: Option<Group>,
    }
    /// Which requests to decide, and how.
    InputObject DecideGroupRequestsInput {
        /// At most 100.
        ids: Vec<ID>,
        /// True accepts them, false rejects them.
        accept: bool,
        /// Told to those who asked. At most 1,000 characters.
        note: Option<String>,
    }
    /// What came of deciding requests.
    SimpleObject DecideGroupRequestsPayload {
        /// Of the call as a whole; each request has an outcome of its own.
        status: DecideGroupRequestsStatus,
        /// What is wrong with which field; empty unless `status` is INVALID.
        problems: Vec<Problem>,
        /// In the order of `ids`.
        results: Vec<GroupRequestDecision>,
    }
    /// What came of one request.
    SimpleObject GroupRequestDecision {
        /// Which request.
        id: ID,
        /// What came of it.
        outcome: GroupRequestOutcome,
        /// One sentence in English.
        message: String,
    }
    /// Whom to make members of which group.
    InputObject AddGroupMembersInput {
        /// Which group.
        group_id: ID,
        /// At most 100.
        user_ids: Vec<ID>,
        /// Absent or past: at once.
        starts_at: Option<Time>,
        /// When it ends by itself.
        ends_at: Option<Time>,
        /// At most 1,000 characters.
        reason: Option<String>,
        /// Whether nothing is done yet, and only what would follow is wanted.
        #[graphql(default)]
        preview: bool,
        /// Of a preview of this very edit: it is done if it still comes to what was shown, else CONFLICT. Absent: it is done,
        /// whatever follows.
        preview_token: Option<String>,
    }
    /// Who is a member already gets the new times and reason.
    SimpleObject AddGroupMembersPayload {
        /// What came of it.
        status: AddGroupMembersStatus,
        /// What is wrong with which field; empty unless `status` is INVALID.
        problems: Vec<Problem>,
        /// In the order of `userIds`.
        results: Vec<GroupMemberChange>,
        /// What follows, or would. To staff with `auth.change_group` everything; to others what the group itself gives, for
        /// each who comes in or goes. Null where nothing was looked at.
        preview: Option<AccessPreview>,
        /// The group as it is now; null where the viewer may not see it.
        group: Option<Group>,
    }
    /// What came of it for one user.
    SimpleObject GroupMemberChange {
        /// Which user.
        user_id: ID,
        /// What came of it.
        outcome: GroupMemberOutcome,
    }
    /// Whom to remove from which group.
    InputObject RemoveGroupMembersInput {
        /// Which group.
        group_id: ID,
        /// At most 100.
        user_ids: Vec<ID>,
        /// At most 1,000 characters.
        reason: Option<String>,
        /// Whether nothing is done yet, and only what would follow is wanted.
        #[graphql(default)]
        preview: bool,
        /// Of a preview of this very edit: it is done if it still comes to what was shown, else CONFLICT. Absent: it is done,
        /// whatever follows.
        preview_token: Option<String>,
    }
    /// What came of removing members.
    SimpleObject RemoveGroupMembersPayload {
        /// What came of it.
        status: RemoveGroupMembersStatus,
        /// What is wrong with which field; empty unless `status` is INVALID.
        problems: Vec<Problem>,
        /// In the order of `userIds`.
        results: Vec<GroupMemberChange>,
        /// What follows, or would. To staff with `auth.change_group` everything; to others what the group itself gives, for
        /// each who comes in or goes. Null where nothing was looked at.
        preview: Option<AccessPreview>,
        /// The group as it is now; null where the viewer may not see it.
        group: Option<Group>,
    }
}
