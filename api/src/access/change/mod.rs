//! The changes that can affect access. Each one performs its own writes and reports who it can touch.

mod facts;
mod groups;
mod permissions;
mod states;

use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName, sql_query,
    sql_types::{BigInt, Bool, Timestamptz},
};
use diesel_async::RunQueryDsl;

use super::affected;
use crate::{
    db::Conn,
    error::{Error, Result},
};

/// Where a character flies, as reported by ESI's affiliation call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AffiliationFact {
    pub character_id: i64,
    pub corporation_id: i64,
    pub alliance_id: Option<i64>,
    pub faction_id: Option<i64>,
}

/// Who owns a character, as reported by a fresh SSO answer.
#[derive(Debug, Clone, Copy)]
pub struct OwnershipFact<'a> {
    pub character_id: i64,
    pub user_id: i64,
    pub owner_hash: &'a str,
}

/// What a state lists.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StateMembers {
    pub characters: Vec<i64>,
    pub corporations: Vec<i64>,
    pub alliances: Vec<i64>,
    pub factions: Vec<i64>,
}

/// What a group is called, and how people get in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GroupSettings<'a> {
    pub name: &'a str,
    pub description: &'a str,
    /// Not shown, joinable or leavable; overrides the other flags.
    pub is_internal: bool,
    /// Not listed, joinable through its link.
    pub is_hidden: bool,
    /// Joining and leaving need no approval.
    pub is_open: bool,
    /// Joining needs no `groupmanagement.request_groups`, and losing that does not end membership.
    pub is_public: bool,
    /// Only superusers add, remove or accept members. The engine does not enforce this: actions check it.
    pub is_restricted: bool,
}

/// How somebody became a member, for the group's log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Joined {
    /// On their own: an open group.
    Self_,
    /// A request was accepted.
    Accepted,
    /// Somebody added them.
    Added,
}

/// How somebody stopped being a member, for the group's log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Removed {
    /// On their own.
    Self_,
    /// A request to leave was accepted.
    Accepted,
    /// Somebody removed them.
    Removed,
}

/// Users become members of a group, or get other times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Membership<'a> {
    pub group_id: i64,
    pub users: &'a [i64],
    /// When it begins; `None`: immediately.
    pub starts_at: Option<DateTime<Utc>>,
    /// When it ends by itself.
    pub ends_at: Option<DateTime<Utc>>,
    pub reason: &'a str,
    pub how: Joined,
}

/// A permission granted to a user directly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PermissionGrant<'a> {
    /// `app.codename`.
    pub permission: &'a str,
    /// When it begins; `None`: immediately.
    pub starts_at: Option<DateTime<Utc>>,
    /// When it ends by itself.
    pub ends_at: Option<DateTime<Utc>>,
    pub reason: &'a str,
}

impl<'a> PermissionGrant<'a> {
    /// Immediately and permanently.
    #[must_use]
    pub const fn lasting(permission: &'a str) -> Self {
        Self { permission, starts_at: None, ends_at: None, reason: "" }
    }
}

/// The id of what a change creates, taken in advance so that the audit entry can name it. Two attempts at the same
/// thing differ in this and nothing else, so `Debug` leaves it out.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct NewId(pub i64);

impl std::fmt::Debug for NewId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("new")
    }
}

impl NewId {
    async fn next(conn: &mut Conn, table: &str) -> Result<Self> {
        #[derive(QueryableByName)]
        struct Row {
            #[diesel(sql_type = BigInt)]
            id: i64,
        }
        let row: Row = sql_query(format!("select nextval(pg_get_serial_sequence('{table}', 'id')) as id"))
            .get_result(conn)
            .await?;
        Ok(Self(row.id))
    }

    /// Takes one for a state.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn of_state(conn: &mut Conn) -> Result<Self> {
        Self::next(conn, "states").await
    }

    /// Takes one for a group.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn of_group(conn: &mut Conn) -> Result<Self> {
        Self::next(conn, "groups").await
    }
}

/// One change of facts or of rules.
#[derive(Debug, Clone, Copy)]
pub enum Change<'a> {
    /// Characters fly elsewhere. The corporations, alliances and factions must exist as rows.
    Affiliations(&'a [AffiliationFact]),
    /// Characters (id and name) have new names.
    CharactersRenamed(&'a [(i64, &'a str)]),
    /// A user owns a character, whoever owned it before. A previous owner whose main it was is left without a main.
    OwnershipGained(OwnershipFact<'a>),
    /// Nobody owns the character any more.
    OwnershipLost { character_id: i64 },
    /// The user flies under another of their characters.
    MainChanged { user_id: i64, character_id: i64 },
    /// An account is switched on (or its registration is completed) or off. One that is not registered yet
    /// can be switched off, too.
    ActiveChanged { user_id: i64, is_active: bool },
    /// An account that was switched off before it was registered may be registered again. Nobody's access changes.
    RegistrationAllowed { user_id: i64 },
    /// A user becomes a superuser or stops being one. When they stop, they lose their password, which is for
    /// superusers only, and any session begun with it. They stay on the staff.
    SuperuserChanged { user_id: i64, is_superuser: bool },
    /// A user joins the staff or leaves it. Nobody's access changes: admin pages require it in
    /// addition to a permission.
    StaffChanged { user_id: i64, is_staff: bool },
    /// The permissions granted directly to the user become exactly these.
    UserPermissions { user_id: i64, grants: &'a [PermissionGrant<'a>] },
    /// A state is created.
    StateCreated {
        id: NewId,
        name: &'a str,
        priority: i32,
        is_public: bool,
        members: &'a StateMembers,
        permissions: &'a [&'a str],
    },
    /// A state's priority or public flag changes.
    StateEdited { state_id: i64, priority: i32, is_public: bool },
    /// A state gets another name.
    StateRenamed { state_id: i64, name: &'a str },
    /// A state lists exactly these.
    StateMembersSet { state_id: i64, members: &'a StateMembers },
    /// A state carries exactly these permissions.
    StatePermissionsSet { state_id: i64, permissions: &'a [&'a str] },
    /// A state is deleted; its users move to their next best one.
    StateDeleted { state_id: i64 },
    /// A group is created, without members.
    GroupCreated {
        id: NewId,
        settings: GroupSettings<'a>,
        /// As in `GroupStatesSet`.
        states: Option<&'a [i64]>,
        /// As in `GroupLeadersSet`.
        leaders: &'a [i64],
        leader_groups: &'a [i64],
        permissions: &'a [&'a str],
    },
    /// A group's name, description and flags become these.
    GroupEdited { group_id: i64, settings: GroupSettings<'a> },
    /// Only users in these states may be members; `None`: all may.
    GroupStatesSet { group_id: i64, states: Option<&'a [i64]> },
    /// Exactly these users, and the members of exactly these groups, lead the group.
    GroupLeadersSet { group_id: i64, users: &'a [i64], groups: &'a [i64] },
    /// A group carries exactly these permissions.
    GroupPermissionsSet { group_id: i64, permissions: &'a [&'a str] },
    /// A group is deleted; what it granted ends.
    GroupDeleted { group_id: i64 },
    /// Users become members. Those the rules do not allow are out again by the end of the same
    /// change: actions check first.
    MembersAdded(Membership<'a>),
    /// Users stop being members.
    MembersRemoved { group_id: i64, users: &'a [i64], how: Removed, note: &'a str },
    /// Memberships and grants that are due begin and end.
    TimePassed,
    /// Nothing changes; everybody's access is recomputed.
    RecomputeAll,
}

impl Change<'_> {
    /// Whether this edits rules (as opposed to facts about some users).
    #[must_use]
    pub const fn is_rule(&self) -> bool {
        matches!(
            self,
            Self::StateCreated { .. }
                | Self::StateEdited { .. }
                | Self::StateMembersSet { .. }
                | Self::StatePermissionsSet { .. }
                | Self::StateRenamed { .. }
                | Self::StateDeleted { .. }
                | Self::GroupCreated { .. }
                | Self::GroupEdited { .. }
                | Self::GroupStatesSet { .. }
                | Self::GroupLeadersSet { .. }
                | Self::GroupPermissionsSet { .. }
                | Self::GroupDeleted { .. }
                | Self::RecomputeAll
        )
    }
}

pub(super) async fn perform(
    conn: &mut Conn,
    now: DateTime<Utc>,
    audit_id: i64,
    change: Change<'_>,
) -> Result<()> {
    match change {
        Change::Affiliations(facts) => facts::affiliations(conn, now, facts).await,
        Change::CharactersRenamed(names) => facts::renamed(conn, names).await,
        Change::OwnershipGained(fact) => facts::ownership_gained(conn, now, fact).await,
        Change::OwnershipLost { character_id } => facts::ownership_lost(conn, character_id).await.map(|_| ()),
        Change::MainChanged { user_id, character_id } => {
            one_row(
                sql_query(
                    "update users u set main_character_id = $2 where u.id = $1
                     and exists (select from character_ownerships o where o.character_id = $2 and o.user_id = $1)",
                )
                .bind::<BigInt, _>(user_id)
                .bind::<BigInt, _>(character_id)
                .execute(conn)
                .await?,
            )?;
            affected::add(conn, &[user_id], true).await
        }
        Change::ActiveChanged { user_id, is_active } => {
            let rows = sql_query(
                "update users set is_active = $2, revision = revision + 1,
                        switched_off_at = case when not $2 then coalesce(switched_off_at, $3) end
                 where id = $1",
            )
            .bind::<BigInt, _>(user_id)
            .bind::<Bool, _>(is_active)
            .bind::<Timestamptz, _>(now)
            .execute(conn)
            .await?;
            one_row(rows)?;
            affected::add(conn, &[user_id], false).await
        }
        Change::RegistrationAllowed { user_id } => one_row(
            sql_query("update users set switched_off_at = null where id = $1")
                .bind::<BigInt, _>(user_id)
                .execute(conn)
                .await?,
        ),
        Change::SuperuserChanged { user_id, is_superuser } => {
            let flags = "is_superuser = $2, is_staff = is_staff or $2,
                         password_hash = case when $2 then password_hash end";
            switch(conn, user_id, flags, is_superuser).await?;
            // After the row: a login that was about to begin a session held it, so its session is visible here.
            sql_query("delete from sessions where user_id = $1 and is_by_password and not $2")
                .bind::<BigInt, _>(user_id)
                .bind::<Bool, _>(is_superuser)
                .execute(conn)
                .await?;
            Ok(())
        }
        Change::StaffChanged { user_id, is_staff } => {
            switch(conn, user_id, "is_staff = $2 or is_superuser", is_staff).await
        }
        Change::UserPermissions { user_id, grants } => {
            permissions::set_of_user(conn, now, user_id, grants).await
        }
        Change::StateCreated { id: NewId(state_id), name, priority, is_public, members, permissions } => {
            states::create(conn, now, state_id, name, priority, is_public).await?;
            states::set_members(conn, state_id, members).await?;
            permissions::set(conn, "state_permissions", "state_id", state_id, permissions).await?;
            affected::add_by_state(conn, state_id).await
        }
        Change::StateEdited { state_id, priority, is_public } => {
            states::edit(conn, state_id, priority, is_public).await
        }
        Change::StateRenamed { state_id, name } => states::rename(conn, state_id, name).await,
        Change::StateMembersSet { state_id, members } => states::set_members(conn, state_id, members).await,
        Change::StatePermissionsSet { state_id, permissions } => {
            permissions::set(conn, "state_permissions", "state_id", state_id, permissions).await?;
            affected::add_in_state(conn, state_id).await
        }
        Change::StateDeleted { state_id } => states::delete(conn, audit_id, state_id).await,
        Change::GroupCreated {
            id: NewId(group_id),
            settings,
            states,
            leaders,
            leader_groups,
            permissions,
        } => {
            groups::create(conn, now, group_id, &settings).await?;
            groups::set_states(conn, group_id, states).await?;
            groups::set_leaders(conn, group_id, leaders, leader_groups).await?;
            permissions::set(conn, "group_permissions", "group_id", group_id, permissions).await
        }
        Change::GroupEdited { group_id, settings } => {
            groups::edit(conn, now, audit_id, group_id, &settings).await
        }
        Change::GroupStatesSet { group_id, states } => groups::set_states(conn, group_id, states).await,
        Change::GroupLeadersSet { group_id, users, groups } => {
            groups::set_leaders(conn, group_id, users, groups).await
        }
        Change::GroupPermissionsSet { group_id, permissions } => {
            permissions::set(conn, "group_permissions", "group_id", group_id, permissions).await?;
            affected::add_in_group(conn, group_id).await
        }
        Change::GroupDeleted { group_id } => groups::delete(conn, now, audit_id, group_id).await,
        Change::MembersAdded(membership) => groups::add_members(conn, now, audit_id, &membership).await,
        Change::MembersRemoved { group_id, users, how, note } => {
            groups::remove_members(conn, now, audit_id, group_id, users, how, note).await
        }
        Change::TimePassed => groups::time_passed(conn, now, audit_id).await,
        Change::RecomputeAll => affected::add_all(conn).await,
    }
}

fn one_row(rows: usize) -> Result<()> {
    if rows == 1 { Ok(()) } else { Err(Error::NotFound) }
}

/// Sets a flag of a user. `assignment` is a literal in this file.
async fn switch(conn: &mut Conn, user_id: i64, assignment: &str, is_on: bool) -> Result<()> {
    let rows = sql_query(format!("update users set {assignment}, revision = revision + 1 where id = $1"))
        .bind::<BigInt, _>(user_id)
        .bind::<Bool, _>(is_on)
        .execute(conn)
        .await?;
    one_row(rows)?;
    affected::add(conn, &[user_id], false).await
}
