//! What somebody may see of groups and do about them. Pure decisions: the same ones for lists, single groups,
//! mutations and explanations.

use super::{
    gate::{Gate, Obstacle},
    model::{Group, Pilot, Seen},
    store,
};
use crate::{access::Actor, db::Conn, error::Result};

/// What somebody can currently do about a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    Join,
    RequestJoin,
    Leave,
    RequestLeave,
    Retract,
    None,
}

/// Who is asking, as far as groups are concerned. For a limited token, no more than the token allows.
#[derive(Debug, Clone)]
pub struct Asker {
    pub actor: Actor,
    pub pilot: Pilot,
    pub is_superuser: bool,
    /// Has `auth.group_management`.
    pub manages_all: bool,
    /// Has `auth.view_group` or `auth.change_group`.
    pub sees_all: bool,
    /// Has `auth.view_user` or `auth.change_user`: sees users who have nothing to do with their groups,
    /// and everybody's characters.
    pub sees_users: bool,
    /// Staff with `auth.change_group`.
    pub is_admin: bool,
    /// Whether this is a token that lists what it may do: it leads nothing.
    pub is_limited: bool,
    /// Groups they lead, sorted.
    pub leads: Vec<i64>,
}

impl Asker {
    /// Whether they handle the group's members, requests and log.
    #[must_use]
    pub fn manages(&self, group: &Group) -> bool {
        self.manages_at(group.gate())
    }

    fn manages_at(&self, gate: Gate<'_>) -> bool {
        !gate.is_internal && (self.manages_all || self.leads.binary_search(&gate.group_id).is_ok())
    }

    /// Whether they add and remove members and decide on requests, if they manage the group.
    #[must_use]
    pub fn may_edit(&self, group: &Group) -> bool {
        self.manages(group) && self.passes_restriction(group)
    }

    /// Restricted groups are for superusers only.
    #[must_use]
    pub const fn passes_restriction(&self, group: &Group) -> bool {
        self.is_superuser || !group.is_restricted
    }

    /// Whether they may know of the group. Hidden groups are known to anybody who could join
    /// them: they have the link.
    #[must_use]
    pub fn sees(&self, seen: &Seen) -> bool {
        self.sees_at(seen.group.gate(), seen.is_own())
    }

    /// [`Self::sees`], for a group that is read elsewhere; `is_own`: the asker is a member or asks to join or leave.
    #[must_use]
    pub fn sees_at(&self, gate: Gate<'_>, is_own: bool) -> bool {
        self.sees_without_link(gate, is_own) || self.pilot.obstacle(gate).is_none()
    }

    /// Whether they may know of the group without having its link.
    #[must_use]
    pub fn knows(&self, seen: &Seen) -> bool {
        self.knows_at(seen.group.gate(), seen.is_own())
    }

    /// [`Self::knows`], as [`Self::sees_at`].
    #[must_use]
    pub fn knows_at(&self, gate: Gate<'_>, is_own: bool) -> bool {
        self.sees_at(gate, is_own) && (!gate.is_hidden || self.sees_without_link(gate, is_own))
    }

    fn sees_without_link(&self, gate: Gate<'_>, is_own: bool) -> bool {
        self.sees_all || is_own || self.manages_at(gate)
    }

    /// Whether the page of groups shows it: groups they may join that are not hidden, and those they
    /// are in or asked to join.
    #[must_use]
    pub fn lists(&self, seen: &Seen) -> bool {
        !seen.group.is_internal
            && (seen.is_own() || (!seen.group.is_hidden && self.pilot.obstacle(seen.group.gate()).is_none()))
    }

    /// What they can do now, and if nothing, why.
    #[must_use]
    pub fn action(&self, seen: &Seen, auto_leave: bool) -> (Action, Option<String>) {
        let group = &seen.group;
        if seen.request.is_some() {
            return (Action::Retract, None);
        }
        match &seen.membership {
            Some(_) if group.is_internal => {
                (Action::None, Some("Only an administrator can take you out of an internal group.".into()))
            }
            Some(membership) if !membership.is_started => {
                let from = membership.starts_at.map(|at| at.format("%Y-%m-%d %H:%M").to_string());
                let text = format!("Your membership begins on {} (EVE time).", from.unwrap_or_default());
                (Action::None, Some(text))
            }
            Some(_) if group.is_open || auto_leave => (Action::Leave, None),
            Some(_) => (Action::RequestLeave, None),
            None => match self.pilot.obstacle(group.gate()) {
                Some(obstacle) => (Action::None, Some(obstacle.sentence().into())),
                None if self.joins_at_once(group) => (Action::Join, None),
                None => (Action::RequestJoin, None),
            },
        }
    }

    /// Whether they can join without anybody's decision.
    #[must_use]
    pub fn joins_at_once(&self, group: &Group) -> bool {
        group.gate().opens_at_once(self.is_superuser)
    }

    /// The same asker as recorded in the database at this moment; `None` when their account is switched off. A
    /// limited token gains nothing by this.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn as_of_now(&self, conn: &mut Conn) -> Result<Option<Self>> {
        let Some(now) = store::standing(conn, self.pilot.user_id).await? else { return Ok(None) };
        let mut asker = self.clone();
        if self.is_limited {
            asker.manages_all &= now.manages_all;
            asker.is_admin &= now.is_admin;
        } else {
            asker.is_superuser = now.is_superuser;
            asker.manages_all = now.manages_all;
            asker.is_admin = now.is_admin;
            asker.leads = now.leads;
        }
        Ok(Some(asker))
    }
}

impl Pilot {
    /// Why they cannot join.
    #[must_use]
    pub fn obstacle(&self, gate: Gate<'_>) -> Option<Obstacle> {
        if gate.is_internal {
            Some(Obstacle::Internal)
        } else if !self.is_active {
            Some(Obstacle::SwitchedOff)
        } else if !self.has_main {
            Some(Obstacle::NoMain)
        } else if !gate.fits(self.state_id) {
            Some(Obstacle::OtherStates)
        } else if !gate.is_public && !self.may_request {
            Some(Obstacle::NotPublic)
        } else {
            None
        }
    }

    /// Whether the group's limit to states, if it has one, allows them to be a member.
    #[must_use]
    pub fn fits(&self, group: &Group) -> bool {
        group.gate().fits(self.state_id)
    }
}
