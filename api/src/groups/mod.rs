//! Groups: who may see, join and leave them, who manages them, how they are edited ([`edit`]) and the names they may
//! not have ([`reserved`]).
//!
//! Rules
//! - **Memberships** are only changed by [`crate::access`]. This folder decides who may ask for a change; the engine
//!   writes the group's log, the history and everything that follows.
//! - **Joining** needs an active account with a main, one of the group's states if it is limited to some, and, unless
//!   the group is public, `groupmanagement.request_groups`. An open group is joined at once, any other on request.
//! - **Leaving** works at once for open groups, and for all groups if `groups.auto_leave` is
//!   set; otherwise on request.
//! - **Internal** groups: nobody can join or leave one by themselves, and only admins manage it. **Hidden**
//!   groups are not listed, but work through their link. **Restricted** groups gain and lose members only
//!   through superusers: a request to join waits for a superuser even if the group is open. Members can
//!   still leave on their own.
//! - One request per user and group. It can be taken back, and is settled by anything that makes it pointless; the
//!   engine notifies those who asked unless something else does. While the pilot may not be accepted it stays,
//!   because that can change again.
//! - **Managing** groups that are not internal: superusers and holders of `auth.group_management` manage all of
//!   them, leaders their own. Those who do not manage a group learn nothing about its members, requests and log; for
//!   them these do not exist.
//! - Those who edit members may preview the effects. Group managers who are not admins are told what the group itself
//!   gives, each time somebody joins or leaves, and not who has it from elsewhere ([`gives`]).
//! - Whether something is allowed is decided in the transaction that does it, with the rules locked
//!   ([`crate::access::hold_rules`]) and the users concerned locked in the order of their ids: races are
//!   decided one after the other.

mod asker;
mod catalogue;
mod decide;
pub mod edit;
mod gate;
mod gives;
mod join;
mod lists;
mod log;
mod members;
mod model;
pub mod reserved;
mod store;
mod told;

pub use asker::{Action, Asker};
pub use catalogue::{
    Kept, Leader, Overview, Standing, StandingColumns, StandingRow, overview, overview_of, standing_columns,
};
pub use decide::{Decision, decide};
pub use gate::{Gate, Obstacle};
pub use join::{Joining, Leaving, join, leave, retract};
pub use lists::{Filter, MemberFilter, MemberOrderBy, OrderBy, RequestFilter, RequestOrderBy};
pub use lists::{count, count_members, count_requests, page, page_members, page_requests};
pub use log::{LogFilter, log_count, log_page};
pub use members::{Edited, Outcome, Times, add, remove};
pub use model::{
    Group, LogEntry, Member, Membership, OwnRequest, Pilot, Request, RequestKind, Seen, UserGroup,
};
pub use store::{counts, decidable, groups_of_users, leads_any, members_of, permissions_of, requests};
