//! What is known about groups.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use diesel::{
    Queryable, QueryableByName, Selectable,
    deserialize::{self, FromSql, FromSqlRow},
    pg::{Pg, PgValue},
    sql_types::{Array, BigInt, Bool, Nullable, Text, Timestamptz},
};

/// A group.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Group {
    #[diesel(sql_type = BigInt)]
    pub id: i64,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Text)]
    pub description: String,
    #[diesel(sql_type = Bool)]
    pub is_internal: bool,
    #[diesel(sql_type = Bool)]
    pub is_hidden: bool,
    #[diesel(sql_type = Bool)]
    pub is_open: bool,
    #[diesel(sql_type = Bool)]
    pub is_public: bool,
    #[diesel(sql_type = Bool)]
    pub is_restricted: bool,
    /// Whether only users in `states` may be members.
    #[diesel(sql_type = Bool)]
    pub is_state_limited: bool,
    #[diesel(sql_type = Timestamptz)]
    pub created_at: DateTime<Utc>,
    #[diesel(sql_type = Array<BigInt>)]
    pub states: Vec<i64>,
    /// Users who lead it directly.
    #[diesel(sql_type = Array<BigInt>)]
    pub leaders: Vec<i64>,
    /// Groups whose members lead it.
    #[diesel(sql_type = Array<BigInt>)]
    pub leader_groups: Vec<i64>,
}

/// What joining depends on, for one user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, QueryableByName)]
pub struct Pilot {
    #[diesel(sql_type = BigInt)]
    pub user_id: i64,
    #[diesel(sql_type = Bool)]
    pub is_active: bool,
    #[diesel(sql_type = Bool)]
    pub has_main: bool,
    #[diesel(sql_type = BigInt)]
    pub state_id: i64,
    /// Has `groupmanagement.request_groups`.
    #[diesel(sql_type = Bool)]
    pub may_request: bool,
}

/// Somebody's own membership.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    pub since: DateTime<Utc>,
    /// In the future while `is_started` is false.
    pub starts_at: Option<DateTime<Utc>>,
    pub ends_at: Option<DateTime<Utc>>,
    pub is_started: bool,
}

/// What a request is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, FromSqlRow)]
pub enum RequestKind {
    Join,
    Leave,
}

impl RequestKind {
    /// As stored, in requests and in the log.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Join => "join",
            Self::Leave => "leave",
        }
    }
}

impl FromSql<Text, Pg> for RequestKind {
    fn from_sql(stored: PgValue<'_>) -> deserialize::Result<Self> {
        match <String as FromSql<Text, Pg>>::from_sql(stored)?.as_str() {
            "join" => Ok(Self::Join),
            "leave" => Ok(Self::Leave),
            other => Err(format!("there is no kind of request called {other}").into()),
        }
    }
}

/// Somebody's own request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnRequest {
    pub id: i64,
    pub kind: RequestKind,
    pub reason: String,
    pub created_at: DateTime<Utc>,
}

/// A group, and where one user stands with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    pub group: Arc<Group>,
    pub membership: Option<Membership>,
    pub request: Option<OwnRequest>,
}

impl Seen {
    /// Whether the user is a member, or asks to join or leave.
    #[must_use]
    pub const fn is_own(&self) -> bool {
        self.membership.is_some() || self.request.is_some()
    }
}

/// A request that is waiting for a decision.
#[derive(Debug, Clone, QueryableByName)]
pub struct Request {
    #[diesel(sql_type = BigInt)]
    pub id: i64,
    #[diesel(sql_type = BigInt)]
    pub group_id: i64,
    #[diesel(sql_type = BigInt)]
    pub user_id: i64,
    #[diesel(sql_type = Text)]
    pub kind: RequestKind,
    #[diesel(sql_type = Text)]
    pub reason: String,
    #[diesel(sql_type = Timestamptz)]
    pub created_at: DateTime<Utc>,
}

/// A member, as seen by those who manage the group.
#[derive(Debug, Clone, QueryableByName)]
pub struct Member {
    #[diesel(sql_type = BigInt)]
    pub user_id: i64,
    #[diesel(sql_type = Timestamptz)]
    pub since: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub starts_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub ends_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Bool)]
    pub is_started: bool,
    #[diesel(sql_type = Text)]
    pub reason: String,
    /// Whether they lead it, directly or through a leader group.
    #[diesel(sql_type = Bool)]
    pub is_leader: bool,
}

/// A group that a user is in, as they and those who may see them see it.
#[derive(Debug, Clone, QueryableByName)]
pub struct UserGroup {
    #[diesel(sql_type = BigInt)]
    pub user_id: i64,
    #[diesel(sql_type = BigInt)]
    pub group_id: i64,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Bool)]
    pub is_internal: bool,
    #[diesel(sql_type = Bool)]
    pub is_restricted: bool,
    #[diesel(sql_type = Timestamptz)]
    pub since: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub starts_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub ends_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Bool)]
    pub is_started: bool,
    #[diesel(sql_type = Text)]
    pub reason: String,
}

/// An entry of a group's log, with names as they were then.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = crate::db::schema::group_log)]
#[diesel(check_for_backend(Pg))]
pub struct LogEntry {
    pub id: i64,
    pub at: DateTime<Utc>,
    pub group_name: String,
    pub user_id: i64,
    pub username: String,
    pub main_name: Option<String>,
    pub corporation_name: Option<String>,
    pub kind: String,
    pub action: String,
    pub actor_name: String,
    pub note: String,
}
