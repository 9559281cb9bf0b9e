//! Inputs and payloads of the mutations about groups.

use async_graphql::{Enum, ID, InputObject, SimpleObject};

use super::group::Group;
use crate::graphql::{loaders::Time, types::payload::Problem};

macro_rules! status {
    ($($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident),* $(,)? })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
        pub enum $name { $($(#[$vdoc])* $variant),* }
    )*};
}

status! {
    /// What came of joining.
    JoinGroupStatus { Joined, Requested, AlreadyMember, AlreadyRequested, NotAllowed, NotFound, Invalid }
    /// What came of leaving.
    LeaveGroupStatus { Left, Requested, NotMember, AlreadyRequested, NotAllowed, NotFound, Invalid }
    /// What came of taking a request back.
    RetractGroupRequestStatus { Retracted, NotFound }
    /// What came of deciding requests.
    DecideGroupRequestsStatus { Done, Invalid }
    /// `NOT_FOUND`: gone, decided by somebody else, or not the viewer's to see. `NOT_ELIGIBLE`: his state no longer fits.
    GroupRequestOutcome { Accepted, Rejected, NotFound, NotAllowed, NotEligible }
    /// What came of adding members.
    AddGroupMembersStatus { Done, NotFound, NotAllowed, Invalid }
    /// What came of it for one user.
    GroupMemberOutcome { Added, Changed, Removed, NotMember, NotFound, NotEligible }
    /// What came of removing members.
    RemoveGroupMembersStatus { Done, NotFound, NotAllowed, Invalid }
}

macro_rules! objects {
    ($($(#[$doc:meta])* $kind:ident $name:ident { $($(#[$fdoc:meta])* $field:ident: $type:ty),* $(,)? })*) => {$(
        $(#[$doc])*
        #[derive($kind)]
        pub struct $name { $($(#[$fdoc])* pub $field: $type),* }
    )*};
}

objects! {
    InputObject JoinGroupInput {
        group_id: ID,
        /// At most 1,000 characters.
        reason: Option<String>,
    }
    SimpleObject JoinGroupPayload { status: JoinGroupStatus, problems: Vec<Problem>, group: Option<Group> }
    InputObject LeaveGroupInput {
        group_id: ID,
        /// At most 1,000 characters.
        reason: Option<String>,
    }
    SimpleObject LeaveGroupPayload { status: LeaveGroupStatus, problems: Vec<Problem>, group: Option<Group> }
    InputObject RetractGroupRequestInput { group_id: ID }
    SimpleObject RetractGroupRequestPayload { status: RetractGroupRequestStatus, group: Option<Group> }
    InputObject DecideGroupRequestsInput {
        /// At most 100.
        ids: Vec<ID>,
        accept: bool,
        /// Told to those who asked. At most 1,000 characters.
        note: Option<String>,
    }
    SimpleObject DecideGroupRequestsPayload {
        status: DecideGroupRequestsStatus,
        problems: Vec<Problem>,
        /// In the order of `ids`.
        results: Vec<GroupRequestDecision>,
    }
    /// What came of one request.
    SimpleObject GroupRequestDecision {
        id: ID,
        outcome: GroupRequestOutcome,
        /// One sentence in English.
        message: String,
    }
    InputObject AddGroupMembersInput {
        group_id: ID,
        /// At most 100.
        user_ids: Vec<ID>,
        /// Absent or past: at once.
        starts_at: Option<Time>,
        /// When it ends by itself.
        ends_at: Option<Time>,
        /// At most 1,000 characters.
        reason: Option<String>,
    }
    /// Who is a member already gets the new times and reason.
    SimpleObject AddGroupMembersPayload {
        status: AddGroupMembersStatus,
        problems: Vec<Problem>,
        /// In the order of `userIds`.
        results: Vec<GroupMemberChange>,
        group: Option<Group>,
    }
    /// What came of it for one user.
    SimpleObject GroupMemberChange { user_id: ID, outcome: GroupMemberOutcome }
    InputObject RemoveGroupMembersInput {
        group_id: ID,
        /// At most 100.
        user_ids: Vec<ID>,
        /// At most 1,000 characters.
        reason: Option<String>,
    }
    SimpleObject RemoveGroupMembersPayload {
        status: RemoveGroupMembersStatus,
        problems: Vec<Problem>,
        /// In the order of `userIds`.
        results: Vec<GroupMemberChange>,
        group: Option<Group>,
    }
}
