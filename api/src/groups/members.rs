//! Adding and removing members, by those who manage a group.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use chrono::{DateTime, Duration, Utc};
use serde_json::{Value, json};

use super::{
    asker::Asker,
    gives,
    join::cause,
    model::{Group, Member, Pilot},
    store, told,
};
use crate::{
    access::{
        self, Cause, Change, Joined, Membership, Removed,
        edit::{self, Way},
    },
    app::App,
    audit::{Named, Thing},
    db::{Conn, Rollback},
    error::{Error, Result},
    text,
};

/// Times may not be further ahead than this: it catches typing errors, and dates that no database can hold.
const FURTHEST: Duration = Duration::days(36_525);

/// When a membership begins and ends.
#[derive(Debug, Clone, Copy, Default)]
pub struct Times {
    /// `None`, or in the past: immediately.
    pub starts_at: Option<DateTime<Utc>>,
    /// When it ends by itself.
    pub ends_at: Option<DateTime<Utc>>,
}

impl Times {
    fn check(self, now: DateTime<Utc>) -> Result<Self> {
        let problem = |field, message| Error::invalid(field, "invalid", message);
        let starts_at = self.starts_at.filter(|at| *at > now);
        if starts_at.is_some_and(|at| at > now + FURTHEST) {
            return Err(problem("startsAt", "This is more than 100 years ahead."));
        }
        if self.ends_at.is_some_and(|at| at <= starts_at.unwrap_or(now)) {
            return Err(problem("endsAt", "The end must be after the start, and in the future."));
        }
        if self.ends_at.is_some_and(|at| at > now + FURTHEST) {
            return Err(problem("endsAt", "This is more than 100 years ahead."));
        }
        Ok(Self { starts_at, ends_at: self.ends_at })
    }
}

/// The outcome for one user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Added,
    /// They were already a member, and have the new times and reason.
    Changed,
    Removed,
    /// Or no such user, for an asker who may not see users.
    NotMember,
    /// Or nobody the asker may know of.
    NotFound,
    /// Their state does not fit, or their account is switched off.
    NotEligible,
}

/// The outcome of an edit of members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Edited {
    /// The outcome for each user that was requested, and what follows from it as far as the asker may know. For a
    /// preview, nothing was written.
    Done(Vec<(i64, Outcome)>, edit::Edited),
    /// There is no such group, or the asker does not handle it.
    NotFound,
    /// Only superusers edit the members of a restricted group.
    NotAllowed,
}

/// The asker and the group as they are now, the users, and which of them are members.
type Opened = (Asker, Arc<Group>, Vec<Pilot>, HashMap<i64, Member>);

/// Locks everything and finds the group, if the asker may edit its members.
async fn open(
    conn: &mut Conn,
    asker: &Asker,
    group_id: i64,
    users: &[i64],
) -> Result<Result<Opened, Edited>> {
    access::hold_rules(conn).await?;
    let pilots = store::lock_pilots(conn, users).await?;
    let Some(asker) = asker.as_of_now(conn).await? else { return Ok(Err(Edited::NotFound)) };
    let seen = store::seen(conn, asker.pilot.user_id, &[group_id]).await?;
    let Some(group) = seen.into_iter().map(|seen| seen.group).next() else {
        return Ok(Err(Edited::NotFound));
    };
    if !asker.manages(&group) && !asker.is_admin {
        return Ok(Err(Edited::NotFound));
    }
    if !asker.passes_restriction(&group) {
        return Ok(Err(Edited::NotAllowed));
    }
    let present = store::members_of(conn, group_id, users).await?;
    let present = present.into_iter().map(|member| (member.user_id, member)).collect();
    Ok(Ok((asker, group, pilots.into_values().collect(), present)))
}

/// Whether the rules allow them to stay in the group once they are in it.
fn may_stay(pilot: &Pilot, group: &Group) -> bool {
    pilot.fits(group) && (pilot.is_active || group.is_internal)
}

fn ending(why: &str) -> String {
    if why.is_empty() { ".".into() } else { format!(": {why}") }
}

/// For the audit log.
fn as_it_was(named: &Named, member: &Member) -> Value {
    json!({
        "user": named.one(Thing::User, member.user_id), "since": member.since, "startsAt": member.starts_at,
        "endsAt": member.ends_at, "reason": member.reason,
    })
}

/// What is to be done to a group's members, and to which of them.
struct Step<'a> {
    asker: &'a Asker,
    group: &'a Group,
    /// Sorted.
    chosen: &'a [i64],
    cause: &'a Cause,
    change: Change<'a>,
    times: Times,
    outcomes: Vec<(i64, Outcome)>,
    present: &'a HashMap<i64, Member>,
}

impl Step<'_> {
    /// Previews it or does it, and returns the outcome.
    async fn take(self, app: &App, conn: &mut Conn, way: Way<'_>) -> Result<Edited, Rollback<Edited>> {
        let Self { asker, group, chosen, cause, change, times, outcomes, present } = self;
        // What happens to whom, from when until when, and which memberships it replaces. Not the reason: that is
        // given after the preview.
        let mut replaced: Vec<&Member> = chosen.iter().filter_map(|id| present.get(id)).collect();
        replaced.sort_unstable_by_key(|member| member.user_id);
        let replaced: Vec<Value> = replaced
            .into_iter()
            .map(|member| {
                json!([member.user_id, member.since, member.starts_at, member.ends_at, member.reason])
            })
            .collect();
        let shown = format!("{outcomes:?} {times:?} {}", Value::from(replaced));
        let changes = [change];
        let changes = if chosen.is_empty() { &[][..] } else { &changes[..] };
        let ended = edit::run_fact(app, conn, cause, (group.id, &shown), changes, way).await;
        let is_done = ended.is_ok();
        let mut edited = match ended {
            Ok(edited) | Err(Rollback::With(edited)) => edited,
            Err(Rollback::Failed(error)) => return Err(error.into()),
        };
        // Who gains what they did not have says what they had: that is for those who see users.
        if !asker.is_admin || !asker.sees_users {
            edited.diff = gives::part_of(conn, group, edited.diff).await?;
        }
        let done = Edited::Done(outcomes, edited);
        if !is_done {
            return Err(Rollback::With(done));
        }
        if !chosen.is_empty() {
            told::wake(conn, &[group.id], chosen).await?;
        }
        Ok(done)
    }
}

/// Makes users members. Those who already are get the new times and reason. A leader without `auth.view_user` can
/// only name members and those who ask to join.
///
/// # Errors
/// `Invalid` for nonsensical times or a reason that is too long; `Conflict` when the effects differ from
/// what the preview showed.
pub async fn add(
    app: &App,
    asker: &Asker,
    group_id: i64,
    users: &[i64],
    times: Times,
    why: Option<&str>,
    way: Way<'_>,
) -> Result<Edited> {
    let now = app.clock.now();
    let why = text::reason("reason", why)?;
    let times = times.check(now)?;
    let (db, why) = (&app.db, &why);
    db.tentative(async |conn| {
        let (asker, group, pilots, present) = match open(conn, asker, group_id, users).await? {
            Ok(opened) => opened,
            Err(edited) => return Ok(edited),
        };
        // Ids can be guessed: for those who may not see users, there only are members and those who ask to be.
        let known = if asker.sees_users || asker.is_admin {
            None
        } else {
            let asking = store::asking(conn, group_id, users).await?;
            Some(present.keys().copied().chain(asking).collect::<HashSet<i64>>())
        };
        let is_known = |id| known.as_ref().is_none_or(|known| known.contains(&id));
        let outcome = |id: i64| match pilots.iter().find(|pilot| pilot.user_id == id && is_known(id)) {
            None => Outcome::NotFound,
            Some(pilot) if !may_stay(pilot, &group) => Outcome::NotEligible,
            Some(_) if present.contains_key(&id) => Outcome::Changed,
            Some(_) => Outcome::Added,
        };
        let outcomes: Vec<(i64, Outcome)> = users.iter().map(|id| (*id, outcome(*id))).collect();
        let mut chosen: Vec<i64> = outcomes
            .iter()
            .filter(|(_, outcome)| matches!(outcome, Outcome::Added | Outcome::Changed))
            .map(|(id, _)| *id)
            .collect();
        chosen.sort_unstable();
        chosen.dedup();
        let summary = format!("{} added members to {}{}", asker.actor.name(), group.name, ending(why));
        let mut cause = cause(&asker, "group_members_added", &group, summary);
        let named = Named::load(conn, [(Thing::User, chosen.clone())]).await?;
        // What the new times and reason replace.
        let replaced: Vec<Value> =
            chosen.iter().filter_map(|id| present.get(id)).map(|member| as_it_was(&named, member)).collect();
        cause.before = (!replaced.is_empty()).then(|| json!({ "members": replaced }));
        cause.after = Some(json!({
            "users": named.all(Thing::User, &chosen),
            "startsAt": times.starts_at, "endsAt": times.ends_at, "reason": why,
        }));
        let membership = Membership {
            group_id,
            users: &chosen,
            starts_at: times.starts_at,
            ends_at: times.ends_at,
            reason: why,
            how: Joined::Added,
        };
        let (asker, group, cause) = (&asker, &*group, &cause);
        let change = Change::MembersAdded(membership);
        Step { asker, group, chosen: &chosen, cause, change, times, outcomes, present: &present }
            .take(app, conn, way)
            .await
    })
    .await
}

/// Ends memberships.
///
/// # Errors
/// `Invalid` for a reason that is too long; `Conflict` when the effects differ from what the preview showed.
pub async fn remove(
    app: &App,
    asker: &Asker,
    group_id: i64,
    users: &[i64],
    why: Option<&str>,
    way: Way<'_>,
) -> Result<Edited> {
    let why = text::reason("reason", why)?;
    let (db, why) = (&app.db, &why);
    db.tentative(async |conn| {
        let (asker, group, pilots, present) = match open(conn, asker, group_id, users).await? {
            Ok(opened) => opened,
            Err(edited) => return Ok(edited),
        };
        // For those who may not see users, a non-member and a user who does not exist look the same.
        let sees_nobody = !asker.sees_users && !asker.is_admin;
        let outcome = |id: i64| {
            if present.contains_key(&id) {
                Outcome::Removed
            } else if sees_nobody || pilots.iter().any(|pilot| pilot.user_id == id) {
                Outcome::NotMember
            } else {
                Outcome::NotFound
            }
        };
        let outcomes: Vec<(i64, Outcome)> = users.iter().map(|id| (*id, outcome(*id))).collect();
        let mut chosen: Vec<i64> = present.keys().copied().collect();
        chosen.sort_unstable();
        let summary = format!("{} removed members from {}{}", asker.actor.name(), group.name, ending(why));
        let mut cause = cause(&asker, "group_members_removed", &group, summary);
        let named = Named::load(conn, [(Thing::User, chosen.clone())]).await?;
        let gone: Vec<Value> =
            chosen.iter().filter_map(|id| present.get(id)).map(|member| as_it_was(&named, member)).collect();
        cause.before = Some(json!({ "members": gone }));
        cause.after = Some(json!({ "reason": why }));
        let change = Change::MembersRemoved { group_id, users: &chosen, how: Removed::Removed, note: why };
        let (asker, group, cause) = (&asker, &*group, &cause);
        let times = Times::default();
        Step { asker, group, chosen: &chosen, cause, change, times, outcomes, present: &present }
            .take(app, conn, way)
            .await
    })
    .await
}
