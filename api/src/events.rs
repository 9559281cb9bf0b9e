//! Wake-ups for open browsers: PostgreSQL's NOTIFY, sent with the commit they are about.
//!
//! A wake-up says who should ask again, and about what; it carries no data, so nobody is told more than
//! their own query would tell them. When very many users are concerned (an edit of a rule), it says
//! "everybody" instead of naming them. For new entries of the audit log, the database itself sends one when
//! it seals them ([`Topic::Audit`]).

use diesel::{
    QueryableByName, sql_query,
    sql_types::{Array, BigInt},
};
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use serde::{Deserialize, Serialize};

use crate::{db::Conn, error::Result};

/// The channel of LISTEN and NOTIFY.
pub const CHANNEL: &str = "fealty_events";

/// The most users one wake-up names: a payload is limited to 8,000 bytes.
const MAX_USERS: usize = 500;

/// What to ask about again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    /// State, permissions, services allowed, history.
    Access,
    /// Status of service accounts.
    Services,
    /// Characters and where they fly.
    Characters,
    /// A new notification.
    Notifications,
    /// Sessions ended, or the account was switched on or off.
    Sessions,
    /// Their memberships in groups, and their requests.
    Groups,
    /// Requests they may decide on.
    GroupRequests,
    /// New entries of the audit log. It concerns nobody in particular, and is sent by the trigger that seals them.
    Audit,
}

impl Topic {
    /// Every topic that concerns particular users.
    pub const ALL: [Self; 7] = [
        Self::Access,
        Self::Services,
        Self::Characters,
        Self::Notifications,
        Self::Sessions,
        Self::Groups,
        Self::GroupRequests,
    ];

    /// As in `ViewerChange.kind`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Access => "access",
            Self::Services => "services",
            Self::Characters => "characters",
            Self::Notifications => "notifications",
            Self::Sessions => "session_ended",
            Self::Groups => "groups",
            Self::GroupRequests => "group_requests",
            Self::Audit => "audit",
        }
    }
}

/// One wake-up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    #[serde(rename = "t")]
    pub topic: Topic,
    /// Users concerned; empty: everybody.
    #[serde(rename = "u")]
    pub users: Vec<i64>,
}

impl Event {
    /// Whether a user is concerned.
    #[must_use]
    pub fn concerns(&self, user_id: i64) -> bool {
        self.users.is_empty() || self.users.contains(&user_id)
    }
}

/// Sends a wake-up when the current transaction commits.
///
/// # Errors
/// When the database fails.
pub async fn send(conn: &mut Conn, topic: Topic, users: &[i64]) -> Result<()> {
    if users.is_empty() {
        return Ok(());
    }
    sql_query(notify(topic, "select unnest($1) as user_id"))
        .bind::<Array<BigInt>, _>(users)
        .execute(conn)
        .await?;
    Ok(())
}

/// The statement that wakes up the users whose ids the query `whom` returns as `user_id`. No users, no wake-up; more
/// than [`MAX_USERS`] become "everybody".
pub(crate) fn notify(topic: Topic, whom: &str) -> String {
    let topic = serde_name(topic);
    format!(
        "select pg_notify('{CHANNEL}', json_build_object('t', '{topic}', 'u',
                case when count(*) > {MAX_USERS} then '[]'::json else json_agg(told.user_id) end)::text)
         from ({whom}) told having count(*) > 0"
    )
}

const fn serde_name(topic: Topic) -> &'static str {
    match topic {
        Topic::Access => "access",
        Topic::Services => "services",
        Topic::Characters => "characters",
        Topic::Notifications => "notifications",
        Topic::Sessions => "sessions",
        Topic::Groups => "groups",
        Topic::GroupRequests => "group_requests",
        Topic::Audit => "audit",
    }
}

/// Wakes up the users whose access the engine changed (or whose names changed).
pub(crate) async fn access_changed(conn: &mut Conn) -> Result<()> {
    let moved = "select a.user_id from access_affected a
         where a.is_renamed or a.old_state_id <> a.new_state_id or a.old_permission_set_id <> a.new_permission_set_id
            or a.old_services <> a.new_services or a.old_groups <> a.new_groups or a.old_leads <> a.new_leads";
    conn.batch_execute(&notify(Topic::Access, moved)).await?;
    Ok(())
}

/// An id returned by a query, for `send`.
#[derive(Debug, QueryableByName)]
pub struct UserIdRow {
    #[diesel(sql_type = BigInt)]
    pub user_id: i64,
}
