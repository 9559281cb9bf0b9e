//! Edits of users by staff: on and off, staff, superuser, permissions granted directly. Each one is previewed first
//! and saved with the preview's token (see [`access::edit`]).
//!
//! - Staff cannot edit superusers; only superusers can edit who is staff or superuser, and permissions.
//! - Nobody can switch themselves off or take superuser from themselves: somebody who can undo it is always left.
//!
//! [`access::edit`]: crate::access::edit

use chrono::{DateTime, Utc};
use diesel::{QueryableByName, prelude::*, sql_query, sql_types as t};
use diesel_async::RunQueryDsl;
use fealty_shared::{id::UserId, permission::ChangeUser};
use serde_json::{Value, json};

use super::session;
use crate::{
    access::{
        Cause, Change, PermissionGrant,
        edit::{self, Edited},
    },
    app::App,
    db::{Conn, schema::users as u},
    error::{Error, Problem, Result},
    events::{self, Topic},
    permissions::{self, StaffGrant},
    text,
};

/// A permission granted directly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    pub permission: String,
    pub starts_at: Option<DateTime<Utc>>,
    pub ends_at: Option<DateTime<Utc>>,
    pub reason: String,
}

/// What changes about a user; `None`: nothing.
#[derive(Debug, Clone, Default)]
pub struct Update {
    pub is_active: Option<bool>,
    pub is_staff: Option<bool>,
    pub is_superuser: Option<bool>,
    pub permissions: Option<Vec<Grant>>,
    /// Why, for the audit log; the user does not get to read it.
    pub reason: String,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = t::Text)]
    username: String,
    #[diesel(sql_type = t::Bool)]
    is_switched_off: bool,
    #[diesel(sql_type = t::Bool)]
    is_registered: bool,
    #[diesel(sql_type = t::Bool)]
    is_staff: bool,
    #[diesel(sql_type = t::Bool)]
    is_superuser: bool,
    #[diesel(sql_type = t::BigInt)]
    revision: i64,
}

#[derive(QueryableByName)]
struct GrantRow {
    #[diesel(sql_type = t::Text)]
    permission: String,
    #[diesel(sql_type = t::Nullable<t::Timestamptz>)]
    starts_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = t::Nullable<t::Timestamptz>)]
    ends_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = t::Text)]
    reason: String,
}

async fn load(conn: &mut Conn, id: i64) -> Result<(Row, Vec<Grant>)> {
    let row: Row = sql_query(
        "select username, switched_off_at is not null as is_switched_off, email is not null as is_registered,
                is_staff, is_superuser, revision
         from users where id = $1 for no key update",
    )
    .bind::<t::BigInt, _>(id)
    .get_result(conn)
    .await
    .optional()?
    .ok_or(Error::NotFound)?;
    let grants: Vec<GrantRow> = sql_query(
        "select p.name as permission, up.starts_at, up.ends_at, up.reason
         from user_permissions up join permissions p on p.id = up.permission_id
         where up.user_id = $1 order by p.name collate \"C\"",
    )
    .bind::<t::BigInt, _>(id)
    .load(conn)
    .await?;
    let grants = grants
        .into_iter()
        .map(|row| Grant {
            permission: row.permission,
            starts_at: row.starts_at,
            ends_at: row.ends_at,
            reason: row.reason,
        })
        .collect();
    Ok((row, grants))
}

fn check_grants(now: DateTime<Utc>, old: &[Grant], grants: &[Grant]) -> Vec<Problem> {
    let mut problems = Vec::new();
    let names = |grants: &[Grant]| grants.iter().map(|grant| grant.permission.clone()).collect::<Vec<_>>();
    problems.extend(permissions::check(&names(old), &names(grants)));
    if grants.windows(2).any(|pair| pair[0].permission == pair[1].permission) {
        problems.push(Problem::new("permissions", "twice", "A permission can be granted only once."));
    }
    for grant in grants.iter().filter(|grant| !old.contains(grant)) {
        let begin = grant.starts_at.map_or(now, |at| at.max(now));
        if grant.ends_at.is_some_and(|at| at <= begin) {
            problems.push(Problem::new(
                "permissions",
                "invalid",
                "The end must be after the start, and in the future.",
            ));
        }
        if grant.reason.chars().count() > text::MAX_REASON {
            problems.push(Problem::new(
                "permissions",
                "too_long",
                "A reason can have at most 1,000 characters.",
            ));
        }
    }
    problems
}

fn shown(flags: Flags, grants: &[Grant], reason: Option<&str>) -> Value {
    let grants: Vec<Value> = grants
        .iter()
        .map(|grant| {
            json!({
                "permission": grant.permission, "startsAt": grant.starts_at, "endsAt": grant.ends_at,
                "reason": grant.reason,
            })
        })
        .collect();
    let mut value = json!({
        "isActive": !flags.is_off, "isStaff": flags.is_staff, "isSuperuser": flags.is_superuser, "permissions": grants,
    });
    if let Some(reason) = reason.filter(|reason| !reason.is_empty()) {
        value["reason"] = reason.into();
    }
    value
}

/// What happened, in words and as a kind; the most important thing if there are several.
fn story(old: &Row, new: Flags) -> (&'static str, &'static str) {
    match new {
        Flags { is_off: false, .. } if old.is_switched_off => ("activated", "was switched on"),
        Flags { is_off: true, .. } if !old.is_switched_off => ("deactivated", "was switched off"),
        Flags { is_superuser: true, .. } if !old.is_superuser => ("superuser_granted", "became a superuser"),
        Flags { is_superuser: false, .. } if old.is_superuser => {
            ("superuser_revoked", "is no longer a superuser")
        }
        Flags { is_staff: true, .. } if !old.is_staff => ("staff_granted", "joined the staff"),
        Flags { is_staff: false, .. } if old.is_staff => ("staff_revoked", "left the staff"),
        _ => ("permissions_edited", "was granted other permissions"),
    }
}

/// What a user is, apart from their permissions.
#[derive(Clone, Copy)]
struct Flags {
    /// Switched off by staff.
    is_off: bool,
    is_staff: bool,
    is_superuser: bool,
}

/// What staff who are not superusers may not do, and what nobody may do to themselves.
fn check_staff(
    staff: &StaffGrant<ChangeUser>,
    id: i64,
    old: &Row,
    new: Flags,
    is_granted_otherwise: bool,
) -> Vec<Problem> {
    let mut problems = Vec::new();
    if !staff.is_superuser() {
        if old.is_superuser {
            problems.push(Problem::new("id", "forbidden", "Only superusers can change superusers."));
        }
        let changed = [
            ("isStaff", new.is_staff != old.is_staff),
            ("isSuperuser", new.is_superuser != old.is_superuser),
            ("permissions", is_granted_otherwise),
        ];
        for (field, _) in changed.into_iter().filter(|(_, is_changed)| *is_changed) {
            problems.push(Problem::new(field, "forbidden", "Only superusers can change this."));
        }
    }
    if staff.actor().id() == Some(id) {
        if new.is_off && !old.is_switched_off {
            problems.push(Problem::new("isActive", "forbidden", "You cannot switch yourself off."));
        }
        if !new.is_superuser && old.is_superuser {
            problems.push(Problem::new("isSuperuser", "forbidden", "Another superuser has to do that."));
        }
    }
    problems
}

/// Changes a user. Switching them off ends their sessions, tokens and any login they have begun. Somebody who has not
/// finished registering can be switched off, too, and then cannot finish; nobody else can finish for them.
///
/// # Errors
/// `NotFound`; `Invalid` with what is wrong by field; otherwise as [`edit::run`].
pub async fn update(
    app: &App,
    staff: &StaffGrant<ChangeUser>,
    id: i64,
    update: &Update,
    token: Option<&str>,
) -> Result<Edited> {
    let now = app.clock.now();
    let reason = &text::reason("reason", Some(&update.reason))?;
    let db = &app.db;
    db.tentative(async |conn| {
        let staff = edit::begin(conn, staff).await?;
        let (old, old_grants) = load(conn, id).await?;
        let is_superuser = update.is_superuser.unwrap_or(old.is_superuser);
        let new = Flags {
            is_off: update.is_active.map_or(old.is_switched_off, |is_active| !is_active),
            is_staff: update.is_staff.unwrap_or(old.is_staff) || is_superuser,
            is_superuser,
        };
        // Grants that have ended are left for the cleanup: editing something else does not remove them along the way.
        let has_ended = |grant: &Grant| grant.ends_at.is_some_and(|at| at <= now);
        let lasting: Vec<Grant> = old_grants.iter().filter(|grant| !has_ended(grant)).cloned().collect();
        let mut grants = update.permissions.clone().unwrap_or_else(|| lasting.clone());
        for grant in &mut grants {
            grant.reason = grant.reason.replace('\0', "").trim().to_owned();
        }
        // Clients that loaded an ended grant send it back: it is dropped.
        grants.retain(|grant| !has_ended(grant) || !old_grants.contains(grant));
        grants.sort_by(|a, b| a.permission.cmp(&b.permission));
        let is_granted_otherwise = grants != lasting;
        let mut problems = check_grants(now, &old_grants, &grants);
        problems.extend(check_staff(&staff, id, &old, new, is_granted_otherwise));
        if update.is_active == Some(true) && !old.is_registered && !old.is_switched_off {
            let message = "The registration is not finished: the e-mail address must be confirmed first.";
            problems.push(Problem::new("isActive", "unregistered", message));
        }
        if !problems.is_empty() {
            return Err(Error::Invalid(problems).into());
        }
        let list: Vec<PermissionGrant<'_>> = grants
            .iter()
            .map(|grant| PermissionGrant {
                permission: &grant.permission,
                starts_at: grant.starts_at,
                ends_at: grant.ends_at,
                reason: &grant.reason,
            })
            .collect();
        let mut changes = Vec::new();
        if new.is_off != old.is_switched_off {
            changes.push(if new.is_off || old.is_registered {
                Change::ActiveChanged { user_id: id, is_active: !new.is_off }
            } else {
                Change::RegistrationAllowed { user_id: id }
            });
        }
        if new.is_superuser != old.is_superuser {
            changes.push(Change::SuperuserChanged { user_id: id, is_superuser });
        }
        if new.is_staff != old.is_staff {
            changes.push(Change::StaffChanged { user_id: id, is_staff: new.is_staff });
        }
        if is_granted_otherwise {
            changes.push(Change::UserPermissions { user_id: id, grants: &list });
        }
        let (kind, words) = story(&old, new);
        let object = ("user", UserId(id).to_string(), old.username.clone());
        let before =
            Flags { is_off: old.is_switched_off, is_staff: old.is_staff, is_superuser: old.is_superuser };
        // The reason is for readers of the log; the user themselves reads the summary.
        let cause = Cause::new(staff.actor().clone(), kind, object, format!("{} {words}.", old.username))
            .with_values(shown(before, &lasting, None), shown(new, &grants, Some(reason)));
        let edited = edit::run(app, conn, &staff, &cause, (id, old.revision), &changes, token).await?;
        diesel::update(u::table.find(id)).set(u::revision.eq(u::revision + 1)).execute(conn).await?;
        if new.is_off {
            session::end_all(conn, now, id).await?;
        }
        events::send(conn, Topic::Sessions, &[id]).await?;
        Ok(edited)
    })
    .await
}
