//! Groups: who may see, join and leave them, who manages them, how they are edited ([`edit`]) and the names they may not
//! have ([`reserved`]).
//!
//! Rules
//! - **Memberships** are changed by [`crate::access`] only. Here is decided who may ask for a change; the engine writes
//!   the group's log, the history and what follows.
//! - **Joining** needs an active account with a main, one of the group's states where it is limited to some, and, unless
//!   the group is public, `groupmanagement.request_groups`. An open group is joined at once, any other on request.
//! - **Leaving** works at once for open groups, and for all where `groups.auto_leave` is set; else on request.
//! - **Internal** groups are joined and left by nobody himself, and managed by nobody but admins. **Hidden** ones are not
//!   listed, but work through their link. **Restricted** ones take and lose members by superusers only: a request to join
//!   waits for a superuser even where the group is open. Leaving stays everybody's own affair.
//! - One request per user and group. It can be taken back, and is settled by whatever makes it pointless; whoever asked is
//!   told by the engine where nothing else tells them. It stays while the pilot may not be accepted, who may be again.
//! - **Managing** groups that are not internal: superusers and `auth.group_management` all, leaders theirs. Whoever does
//!   not manage a group learns nothing of its members, requests and log; to him it is as if they did not exist.
//! - Whoever edits members may look first at what follows. Who manages the group and is no admin is told what the group
//!   itself gives, as often as somebody comes in or goes, and not who has it otherwise ([`gives`]).
//! - Whether something is allowed is decided in the transaction that does it, with the rules held still
//!   ([`crate::access::hold_rules`]) and the users concerned locked in the order of their ids: what races is decided one
//!   after the other.

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
