//! Mutations about groups.

use async_graphql::{Context, ID, Object};
use fealty_shared::id::{GroupId, GroupRequestId, UserId};

use super::{
    group::{Group, Sight},
    loaders::{CountsOf, GroupsOf, OverviewOf},
    payload::*,
};
use crate::{
    access::edit::Way,
    error::{Error, Problem, Result},
    graphql::{
        context::{app, viewer},
        guards::Declared,
        input,
        types::rows,
    },
    groups::{self, Decision, Edited, Joining, Leaving, Outcome, Times},
};

/// The most requests or users in one mutation.
const MAX_IDS: usize = 100;

/// Joining, leaving and managing groups.
#[derive(Debug, Default)]
pub struct GroupsMutation;

#[Object]
impl GroupsMutation {
    /// Joins a group, or asks to.
    #[graphql(guard = "Declared(\"Mutation.joinGroup\")")]
    async fn join_group(&self, ctx: &Context<'_>, input: JoinGroupInput) -> Result<JoinGroupPayload> {
        use JoinGroupStatus as Status;
        let joined = async {
            let id = input::id::<GroupId>("groupId", &input.group_id)?;
            let asker = viewer(ctx)?.asker();
            Ok((id, groups::join(app(ctx)?, &asker, id, input.reason.as_deref()).await?))
        };
        let (id, joined) = match checked(joined.await)? {
            Ok(joined) => joined,
            Err(problems) => return Ok(JoinGroupPayload { status: Status::Invalid, problems, group: None }),
        };
        let (status, problem) = match joined {
            Joining::Joined => (Status::Joined, None),
            Joining::Requested => (Status::Requested, None),
            Joining::AlreadyMember => (Status::AlreadyMember, None),
            Joining::AlreadyRequested => (Status::AlreadyRequested, None),
            Joining::NotAllowed(why) => (Status::NotAllowed, Some(not_allowed(why))),
            Joining::NotFound => (Status::NotFound, None),
        };
        let group = fresh(ctx, id).await?;
        Ok(JoinGroupPayload { status, problems: listed(problem), group })
    }

    /// Leaves a group, or asks to.
    #[graphql(guard = "Declared(\"Mutation.leaveGroup\")")]
    async fn leave_group(&self, ctx: &Context<'_>, input: LeaveGroupInput) -> Result<LeaveGroupPayload> {
        use LeaveGroupStatus as Status;
        let left = async {
            let id = input::id::<GroupId>("groupId", &input.group_id)?;
            let (asker, why) = (viewer(ctx)?.asker(), input.reason.as_deref());
            Ok((id, groups::leave(app(ctx)?, &asker, id, why, way(input.preview, None)?).await?))
        };
        let payload =
            |status, problems, preview, group| Ok(LeaveGroupPayload { status, problems, preview, group });
        let (id, left) = match checked(left.await)? {
            Ok(left) => left,
            Err(problems) => return payload(Status::Invalid, problems, None, None),
        };
        let (status, problem, preview) = match left {
            Leaving::Left(edit) => (Status::Left, None, Some(edit.into())),
            Leaving::Looked(edit) => (Status::Preview, None, Some(edit.into())),
            Leaving::Requested => (Status::Requested, None, None),
            Leaving::NotMember => (Status::NotMember, None, None),
            Leaving::AlreadyRequested => (Status::AlreadyRequested, None, None),
            Leaving::NotAllowed(why) => (Status::NotAllowed, Some(not_allowed(why)), None),
            Leaving::NotFound => (Status::NotFound, None, None),
        };
        payload(status, listed(problem), preview, fresh(ctx, id).await?)
    }

    /// Takes back the viewer's request to join or leave a group.
    #[graphql(guard = "Declared(\"Mutation.retractGroupRequest\")")]
    async fn retract_group_request(
        &self,
        ctx: &Context<'_>,
        input: RetractGroupRequestInput,
    ) -> Result<RetractGroupRequestPayload> {
        use RetractGroupRequestStatus as Status;
        let Ok(id) = input::id::<GroupId>("groupId", &input.group_id) else {
            return Ok(RetractGroupRequestPayload { status: Status::NotFound, group: None });
        };
        let is_retracted = groups::retract(app(ctx)?, &viewer(ctx)?.asker(), id).await?;
        let status = if is_retracted { Status::Retracted } else { Status::NotFound };
        Ok(RetractGroupRequestPayload { status, group: fresh(ctx, id).await? })
    }

    /// Accepts or rejects requests for groups the viewer manages.
    #[graphql(guard = "Declared(\"Mutation.decideGroupRequests\")")]
    async fn decide_group_requests(
        &self,
        ctx: &Context<'_>,
        input: DecideGroupRequestsInput,
    ) -> Result<DecideGroupRequestsPayload> {
        use DecideGroupRequestsStatus as Status;
        let decided = async {
            let ids = ids::<GroupRequestId>("ids", &input.ids)?;
            let asker = viewer(ctx)?.asker();
            groups::decide(app(ctx)?, &asker, &ids, input.accept, input.note.as_deref()).await
        };
        let (status, problems, results) = match checked(decided.await)? {
            Ok(decisions) => (Status::Done, Vec::new(), decisions.into_iter().map(decision).collect()),
            Err(problems) => (Status::Invalid, problems, Vec::new()),
        };
        forget(ctx)?;
        Ok(DecideGroupRequestsPayload { status, problems, results })
    }

    /// Makes users members of a group the viewer manages, at once or for a period; staff with
    /// `auth.change_group` may do so in any group.
    #[graphql(guard = "Declared(\"Mutation.addGroupMembers\")")]
    async fn add_group_members(
        &self,
        ctx: &Context<'_>,
        input: AddGroupMembersInput,
    ) -> Result<AddGroupMembersPayload> {
        use AddGroupMembersStatus as Status;
        let payload = |status, problems, results, preview, group| {
            Ok(AddGroupMembersPayload { status, problems, results, preview, group })
        };
        let times = Times { starts_at: input.starts_at, ends_at: input.ends_at };
        let edited = async {
            let (id, users) = target(&input.group_id, &input.user_ids)?;
            let (asker, why) = (viewer(ctx)?.asker(), input.reason.as_deref());
            let way = way(input.preview, input.preview_token.as_deref())?;
            Ok((id, groups::add(app(ctx)?, &asker, id, &users, times, why, way).await?))
        };
        let (id, edited) = match checked(edited.await)? {
            Ok(edited) => edited,
            Err(problems) => return payload(Status::Invalid, problems, Vec::new(), None, None),
        };
        let (status, problem, results, preview) = match edited {
            Edited::Done(outcomes, edit) => {
                let status = if edit.is_saved { Status::Done } else { Status::Preview };
                (status, None, changes(outcomes), Some(edit.into()))
            }
            Edited::NotFound => (Status::NotFound, None, Vec::new(), None),
            Edited::NotAllowed => (Status::NotAllowed, Some(restricted()), Vec::new(), None),
        };
        payload(status, listed(problem), results, preview, fresh(ctx, id).await?)
    }

    /// Ends memberships in a group the viewer manages; staff with `auth.change_group` may do so in any group.
    #[graphql(guard = "Declared(\"Mutation.removeGroupMembers\")")]
    async fn remove_group_members(
        &self,
        ctx: &Context<'_>,
        input: RemoveGroupMembersInput,
    ) -> Result<RemoveGroupMembersPayload> {
        use RemoveGroupMembersStatus as Status;
        let payload = |status, problems, results, preview, group| {
            Ok(RemoveGroupMembersPayload { status, problems, results, preview, group })
        };
        let edited = async {
            let (id, users) = target(&input.group_id, &input.user_ids)?;
            let (asker, why) = (viewer(ctx)?.asker(), input.reason.as_deref());
            let way = way(input.preview, input.preview_token.as_deref())?;
            Ok((id, groups::remove(app(ctx)?, &asker, id, &users, why, way).await?))
        };
        let (id, edited) = match checked(edited.await)? {
            Ok(edited) => edited,
            Err(problems) => return payload(Status::Invalid, problems, Vec::new(), None, None),
        };
        let (status, problem, results, preview) = match edited {
            Edited::Done(outcomes, edit) => {
                let status = if edit.is_saved { Status::Done } else { Status::Preview };
                (status, None, changes(outcomes), Some(edit.into()))
            }
            Edited::NotFound => (Status::NotFound, None, Vec::new(), None),
            Edited::NotAllowed => (Status::NotAllowed, Some(restricted()), Vec::new(), None),
        };
        payload(status, listed(problem), results, preview, fresh(ctx, id).await?)
    }
}

/// How far an edit of members, or of one's own membership, goes.
fn way(is_preview: bool, token: Option<&str>) -> Result<Way<'_>> {
    match (is_preview, token) {
        (true, Some(_)) => {
            Err(Error::invalid("previewToken", "invalid", "Ask for a preview or save one, not both."))
        }
        (true, None) => Ok(Way::Look),
        (false, Some(token)) => Ok(Way::Save(token)),
        (false, None) => Ok(Way::AtOnce),
    }
}

type Problems = Vec<crate::graphql::types::payload::Problem>;

fn listed(problem: Option<Problem>) -> Problems {
    problem.into_iter().map(Into::into).collect()
}

fn not_allowed(why: &str) -> Problem {
    Problem::new("groupId", "not_allowed", why)
}

fn restricted() -> Problem {
    not_allowed("Only superusers can change the members of a restricted group.")
}

/// Turns what is wrong with an input into data for the payload.
fn checked<T>(parsed: Result<T>) -> Result<Result<T, Problems>> {
    match parsed {
        Ok(value) => Ok(Ok(value)),
        Err(Error::Invalid(problems)) => Ok(Err(problems.into_iter().map(Into::into).collect())),
        Err(error) => Err(error),
    }
}

fn ids<T: input::Kind>(field: &'static str, ids: &[ID]) -> Result<Vec<i64>> {
    if ids.is_empty() {
        return Err(Error::invalid(field, "required", "Name at least one."));
    }
    input::ids::<T>(field, ids, MAX_IDS)
}

fn target(group: &ID, users: &[ID]) -> Result<(i64, Vec<i64>)> {
    let users = ids::<UserId>("userIds", users)?;
    Ok((input::id::<GroupId>("groupId", group)?, users))
}

/// Drops what was loaded before and is now stale.
fn forget(ctx: &Context<'_>) -> Result<()> {
    let rows = rows(ctx)?;
    rows.clear::<OverviewOf>();
    rows.clear::<CountsOf>();
    rows.clear::<GroupsOf>();
    Ok(())
}

/// The group as it is after a mutation, if the viewer may know of it.
///
/// # Errors
/// When it cannot be loaded.
pub async fn fresh(ctx: &Context<'_>, id: i64) -> Result<Option<Group>> {
    forget(ctx)?;
    Ok(Sight::of(ctx).await?.find(id))
}

fn decision((id, decision): (i64, Decision)) -> GroupRequestDecision {
    use GroupRequestOutcome as Outcome;
    let (outcome, message) = match decision {
        Decision::Accepted => (Outcome::Accepted, "Accepted."),
        Decision::Rejected => (Outcome::Rejected, "Rejected."),
        Decision::NotFound => {
            (Outcome::NotFound, "The request no longer exists, or somebody else has decided it.")
        }
        Decision::NotAllowed => {
            (Outcome::NotAllowed, "Only superusers can decide requests for a restricted group.")
        }
        Decision::NotEligible(why) => (Outcome::NotEligible, why),
    };
    GroupRequestDecision { id: GroupRequestId(id).to_string().into(), outcome, message: message.into() }
}

fn changes(outcomes: Vec<(i64, Outcome)>) -> Vec<GroupMemberChange> {
    outcomes
        .into_iter()
        .map(|(id, outcome)| GroupMemberChange {
            user_id: UserId(id).to_string().into(),
            outcome: match outcome {
                Outcome::Added => GroupMemberOutcome::Added,
                Outcome::Changed => GroupMemberOutcome::Changed,
                Outcome::Removed => GroupMemberOutcome::Removed,
                Outcome::NotMember => GroupMemberOutcome::NotMember,
                Outcome::NotFound => GroupMemberOutcome::NotFound,
                Outcome::NotEligible => GroupMemberOutcome::NotEligible,
            },
        })
        .collect()
}
