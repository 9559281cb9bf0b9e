//! Requests to join or leave.

use async_graphql::{Context, Description, Enum, ID, Object};
use fealty_shared::id::GroupRequestId;

use super::group::{Group, Sight};
use crate::{
    error::{Error, Result},
    graphql::{
        loaders::{Time, UserKey},
        types::{load, person::Person},
    },
    groups::{self, RequestKind, Seen},
};

/// What a request is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum GroupRequestKind {
    /// To become a member.
    Join,
    /// To stop being a member.
    Leave,
}

impl From<RequestKind> for GroupRequestKind {
    fn from(kind: RequestKind) -> Self {
        match kind {
            RequestKind::Join => Self::Join,
            RequestKind::Leave => Self::Leave,
        }
    }
}

impl From<GroupRequestKind> for RequestKind {
    fn from(kind: GroupRequestKind) -> Self {
        match kind {
            GroupRequestKind::Join => Self::Join,
            GroupRequestKind::Leave => Self::Leave,
        }
    }
}

/// A request to join or leave a group, waiting for a decision.
#[derive(Description)]
pub struct GroupRequest(pub groups::Request);

impl GroupRequest {
    /// The user's own request for a group.
    pub fn own(seen: &Seen, user_id: i64) -> Option<Self> {
        let request = seen.request.as_ref()?;
        Some(Self(groups::Request {
            id: request.id,
            group_id: seen.group.id,
            user_id,
            kind: request.kind,
            reason: request.reason.clone(),
            created_at: request.created_at,
        }))
    }
}

#[Object(use_type_description, serial)]
impl GroupRequest {
    /// An opaque id.
    async fn id(&self) -> ID {
        GroupRequestId(self.0.id).to_string().into()
    }

    /// To join or to leave.
    async fn kind(&self) -> GroupRequestKind {
        self.0.kind.into()
    }

    /// Why, as written by whoever is asking; may be empty.
    async fn reason(&self) -> &str {
        &self.0.reason
    }

    /// When it was made.
    async fn created_at(&self) -> Time {
        self.0.created_at
    }

    /// The group.
    async fn group(&self, ctx: &Context<'_>) -> Result<Group> {
        // Anybody who sees a request may know of its group.
        Sight::of(ctx).await?.any(self.0.group_id).ok_or(Error::NotFound)
    }

    /// Who is asking.
    async fn person(&self, ctx: &Context<'_>) -> Result<Person> {
        load(ctx, UserKey(self.0.user_id)).await?.map(Person::from).ok_or(Error::NotFound)
    }

    /// Whether the viewer may accept or reject it (in restricted groups, superusers only).
    async fn can_decide(&self, ctx: &Context<'_>) -> Result<bool> {
        let sight = Sight::of(ctx).await?;
        let group = sight.any(self.0.group_id).ok_or(Error::NotFound)?;
        Ok(sight.asker.may_edit(&group.seen.group))
    }
}
