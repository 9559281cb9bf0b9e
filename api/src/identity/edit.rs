//! Edits of users by the staff: on and off, staff, superuser, permissions granted directly. Each is looked at first and
//! saved with the preview's token (see [`access::edit`]).
//!
//! - Staff cannot edit superusers; staff, superusers and permissions are edited by superusers only.
//! - Nobody switches himself off or stops being superuser himself: there is always one left who can undo it.
//!
//! [`access::edit`]: crate::access::edit

use chrono::{DateTime, Utc};
use diesel::{QueryableByName, prelude::*, sql_query, sql_types as t};
use diesel_async::{AsyncConnection, RunQueryDsl};
use fealty_shared::{id::UserId, permission::ChangeUser};
use serde_json::{Value, json};

use crate::{
    access::{
        Cause, Change, PermissionGrant,
        edit::{self, Edited},
    },
    app::App,
    db::{Conn, Rollback, schema::users as u},
    error::{Error, Problem, Result},
    events::{self, Topic},
    permissions::{self, StaffGrant},
};

/// A permission granted directly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    pub permission: String,
    pub starts_at: Option<DateTime<Utc>>,
    pub ends_at: Option<DateTime<Utc>>,
    pub reason: String,
}

/// What changes of a user; `None`: nothing.
#[derive(Debug, Clone, Default)]
pub struct Update {
    pub is_active: Option<bool>,
    pub is_staff: Option<bool>,
    pub is_superuser: Option<bool>,
    pub permissions: Option<Vec<Grant>>,
    /// Why, for the audit log.
    pub reason: String,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = t::Text)]
    username: String,
    #[diesel(sql_type = t::Bool)]
    is_active: bool,
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
        "select username, is_active, is_staff, is_superuser, revision from users where id = $1 for no key update",
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

fn problem(field: &'static str, code: &'static str, message: impl Into<String>) -> Problem {
    Problem { field, code, message: message.into() }
}

fn check_grants(now: DateTime<Utc>, old: &[Grant], grants: &[Grant]) -> Vec<Problem> {
    let mut problems = Vec::new();
    let names: Vec<String> = grants.iter().map(|grant| grant.permission.clone()).collect();
    if let [first, ..] = permissions::unknown(&names).as_slice() {
        problems.push(problem("permissions", "unknown", format!("There is no permission {first}.")));
    }
    if grants.windows(2).any(|pair| pair[0].permission == pair[1].permission) {
        problems.push(problem("permissions", "twice", "A permission is granted once."));
    }
    for grant in grants.iter().filter(|grant| !old.contains(grant)) {
        let begin = grant.starts_at.map_or(now, |at| at.max(now));
        if grant.ends_at.is_some_and(|at| at <= begin) {
            problems.push(problem("permissions", "invalid", "The end has to be after the start, and ahead."));
        }
        if grant.reason.chars().count() > 1_000 || grant.reason.contains('\0') {
            problems.push(problem("permissions", "too_long", "A reason has at most 1,000 characters."));
        }
    }
    problems
}

fn shown(row: (bool, bool, bool), grants: &[Grant]) -> Value {
    let (is_active, is_staff, is_superuser) = row;
    let grants: Vec<Value> = grants
        .iter()
        .map(|grant| {
            json!({
                "permission": grant.permission, "startsAt": grant.starts_at, "endsAt": grant.ends_at,
                "reason": grant.reason,
            })
        })
        .collect();
    json!({
        "isActive": is_active, "isStaff": is_staff, "isSuperuser": is_superuser, "permissions": grants,
    })
}

/// What happened, in words and as a kind; the most important of several.
fn story(old: &Row, new: (bool, bool, bool)) -> (&'static str, &'static str) {
    match new {
        (true, _, _) if !old.is_active => ("activated", "was activated"),
        (false, _, _) if old.is_active => ("deactivated", "was switched off"),
        (_, _, true) if !old.is_superuser => ("superuser_granted", "became superuser"),
        (_, _, false) if old.is_superuser => ("superuser_revoked", "is no longer superuser"),
        (_, true, _) if !old.is_staff => ("staff_granted", "joined the staff"),
        (_, false, _) if old.is_staff => ("staff_revoked", "left the staff"),
        _ => ("permissions_edited", "got other permissions"),
    }
}

/// Changes a user.
///
/// # Errors
/// `NotFound`; `Invalid` with what is wrong by field; as [`edit::run`] otherwise.
pub async fn update(
    app: &App,
    staff: &StaffGrant<ChangeUser>,
    id: i64,
    update: &Update,
    token: Option<&str>,
) -> Result<Edited> {
    let now = app.clock.now();
    let reason = update.reason.trim();
    if reason.chars().count() > 1_000 || reason.contains('\0') {
        return Err(Error::invalid("reason", "too_long", "A reason has at most 1,000 characters."));
    }
    let mut conn = app.db.conn().await?;
    let ended = conn
        .transaction(async |conn| {
            edit::begin(conn).await?;
            let (old, old_grants) = load(conn, id).await?;
            let is_active = update.is_active.unwrap_or(old.is_active);
            let is_superuser = update.is_superuser.unwrap_or(old.is_superuser);
            let is_staff = update.is_staff.unwrap_or(old.is_staff) || is_superuser;
            let mut grants = update.permissions.clone().unwrap_or_else(|| old_grants.clone());
            for grant in &mut grants {
                grant.reason = grant.reason.trim().to_owned();
            }
            grants.sort_by(|a, b| a.permission.cmp(&b.permission));
            let mut problems = check_grants(now, &old_grants, &grants);
            if !staff.is_superuser() {
                if old.is_superuser {
                    problems.push(problem("id", "forbidden", "Only superusers edit superusers."));
                }
                for (field, is_changed) in [
                    ("isStaff", is_staff != old.is_staff),
                    ("isSuperuser", is_superuser != old.is_superuser),
                    ("permissions", grants != old_grants),
                ] {
                    if is_changed {
                        problems.push(problem(field, "forbidden", "Only superusers change this."));
                    }
                }
            }
            if staff.actor().id() == Some(id) {
                if !is_active && old.is_active {
                    problems.push(problem("isActive", "forbidden", "You cannot switch yourself off."));
                }
                if !is_superuser && old.is_superuser {
                    problems.push(problem("isSuperuser", "forbidden", "Another superuser has to do that."));
                }
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
            if is_active != old.is_active {
                changes.push(Change::ActiveChanged { user_id: id, is_active });
            }
            if is_superuser != old.is_superuser {
                changes.push(Change::SuperuserChanged { user_id: id, is_superuser });
            }
            if is_staff != old.is_staff {
                changes.push(Change::StaffChanged { user_id: id, is_staff });
            }
            if grants != old_grants {
                changes.push(Change::UserPermissions { user_id: id, grants: &list });
            }
            let (kind, words) = story(&old, (is_active, is_staff, is_superuser));
            let summary = match reason {
                "" => format!("{} {words}.", old.username),
                _ => format!("{} {words}: {reason}", old.username),
            };
            let object = ("user", UserId(id).to_string(), old.username.clone());
            let cause = Cause::new(staff.actor().clone(), kind, object, summary).with_values(
                shown((old.is_active, old.is_staff, old.is_superuser), &old_grants),
                shown((is_active, is_staff, is_superuser), &grants),
            );
            let edited = edit::run(app, conn, &cause, (id, old.revision), &changes, token).await?;
            diesel::update(u::table.find(id)).set(u::revision.eq(u::revision + 1)).execute(conn).await?;
            events::send(conn, Topic::Sessions, &[id]).await?;
            Ok(edited)
        })
        .await;
    Rollback::outcome(ended)
}
