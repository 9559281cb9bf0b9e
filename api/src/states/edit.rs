//! Edits of states by the staff. Each is looked at first and saved with the preview's token (see [`access::edit`]).

use diesel::{QueryableByName, prelude::*, sql_query, sql_types as t};
use diesel_async::{AsyncConnection, RunQueryDsl};
use fealty_shared::{
    id::StateId,
    permission::{AddState, ChangeState, DeleteState},
};
use serde_json::{Value, json};

use crate::{
    access::{
        Actor, Cause, Change, NewId, StateMembers,
        edit::{self, Edited},
    },
    app::App,
    db::{Conn, Rollback, schema::states as s},
    error::{Error, Problem, Result},
    eve::known,
    permissions::{self, StaffGrant},
};

/// A new state.
#[derive(Debug, Clone)]
pub struct New {
    pub name: String,
    pub priority: i32,
    pub is_public: bool,
    pub members: StateMembers,
    pub permissions: Vec<String>,
}

/// What changes of a state; `None`: nothing.
#[derive(Debug, Clone, Default)]
pub struct Update {
    pub name: Option<String>,
    pub priority: Option<i32>,
    pub is_public: Option<bool>,
    pub members: Option<StateMembers>,
    pub permissions: Option<Vec<String>>,
}

#[derive(Debug, Clone, QueryableByName)]
struct Row {
    #[diesel(sql_type = t::Text)]
    name: String,
    #[diesel(sql_type = t::Integer)]
    priority: i32,
    #[diesel(sql_type = t::Bool)]
    is_public: bool,
    #[diesel(sql_type = t::Bool)]
    is_guest: bool,
    #[diesel(sql_type = t::BigInt)]
    revision: i64,
    #[diesel(sql_type = t::Array<t::BigInt>)]
    characters: Vec<i64>,
    #[diesel(sql_type = t::Array<t::BigInt>)]
    corporations: Vec<i64>,
    #[diesel(sql_type = t::Array<t::BigInt>)]
    alliances: Vec<i64>,
    #[diesel(sql_type = t::Array<t::BigInt>)]
    factions: Vec<i64>,
    #[diesel(sql_type = t::Array<t::Text>)]
    permissions: Vec<String>,
}

impl Row {
    fn members(&self) -> StateMembers {
        StateMembers {
            characters: self.characters.clone(),
            corporations: self.corporations.clone(),
            alliances: self.alliances.clone(),
            factions: self.factions.clone(),
        }
    }

    fn json(&self) -> Value {
        json!({
            "name": self.name, "priority": self.priority, "isPublic": self.is_public,
            "characters": self.characters, "corporations": self.corporations, "alliances": self.alliances,
            "factions": self.factions, "permissions": self.permissions,
        })
    }
}

async fn load(conn: &mut Conn, id: i64) -> Result<Row> {
    sql_query(
        "select s.name, s.priority, s.is_public, s.is_guest, s.revision,
                array(select character_id from state_characters where state_id = s.id order by 1) as characters,
                array(select corporation_id from state_corporations where state_id = s.id order by 1) as corporations,
                array(select alliance_id from state_alliances where state_id = s.id order by 1) as alliances,
                array(select faction_id from state_factions where state_id = s.id order by 1) as factions,
                array(select p.name from state_permissions m join permissions p on p.id = m.permission_id
                      where m.state_id = s.id order by p.name collate \"C\") as permissions
         from states s where s.id = $1",
    )
    .bind::<t::BigInt, _>(id)
    .get_result(conn)
    .await
    .optional()?
    .ok_or(Error::NotFound)
}

fn problem(field: &'static str, code: &'static str, message: impl Into<String>) -> Problem {
    Problem { field, code, message: message.into() }
}

/// Problems that can be told without the other states.
fn check(name: &str, priority: i32, unknown: &[&str]) -> Vec<Problem> {
    let mut problems = Vec::new();
    match name.chars().count() {
        0 => problems.push(problem("name", "required", "A state needs a name.")),
        33.. => problems.push(problem("name", "too_long", "A name has at most 32 characters.")),
        _ => {}
    }
    if name.chars().any(char::is_control) {
        problems.push(problem("name", "invalid", "A name has no control characters."));
    }
    if priority < 0 {
        problems.push(problem("priority", "invalid", "A priority is 0 or more."));
    }
    if let [first, ..] = unknown {
        problems.push(problem("permissions", "unknown", format!("There is no permission {first}.")));
    }
    problems
}

/// Problems with the other states: names (any case) and priorities are unique.
async fn check_taken(conn: &mut Conn, id: i64, name: &str, priority: i32) -> Result<Vec<Problem>> {
    #[derive(QueryableByName)]
    struct Other {
        #[diesel(sql_type = t::Text)]
        name: String,
        #[diesel(sql_type = t::Bool)]
        has_name: bool,
    }
    let others: Vec<Other> = sql_query(
        "select name, lower(name) = lower($2) as has_name from states
         where id <> $1 and (lower(name) = lower($2) or priority = $3) order by id",
    )
    .bind::<t::BigInt, _>(id)
    .bind::<t::Text, _>(name)
    .bind::<t::Integer, _>(priority)
    .load(conn)
    .await?;
    Ok(others
        .into_iter()
        .map(|other| {
            if other.has_name {
                problem("name", "taken", format!("There is a state {} already.", other.name))
            } else {
                problem(
                    "priority",
                    "taken",
                    format!("{} has this priority; each state has its own.", other.name),
                )
            }
        })
        .collect())
}

/// Sorted and without duplicates, so that the same edit always looks the same.
fn tidy(mut members: StateMembers) -> StateMembers {
    for ids in
        [&mut members.characters, &mut members.corporations, &mut members.alliances, &mut members.factions]
    {
        ids.sort_unstable();
        ids.dedup();
    }
    members
}

fn tidy_names(mut names: Vec<String>) -> Vec<String> {
    names.sort_unstable();
    names.dedup();
    names
}

fn cause(actor: &Actor, kind: &'static str, id: i64, name: &str, summary: String) -> Cause {
    Cause::new(actor.clone(), kind, ("state", StateId(id).to_string(), name.to_owned()), summary)
}

const PERMISSIONS_ARE_SUPERUSERS: &str = "Only superusers edit permissions.";

/// Makes a state. Gives its id once it is saved.
///
/// # Errors
/// `Invalid` with what is wrong by field; as [`edit::run`] otherwise.
pub async fn create(
    app: &App,
    staff: &StaffGrant<AddState>,
    new: New,
    token: Option<&str>,
) -> Result<(Edited, Option<i64>)> {
    let new = New {
        name: new.name.trim().to_owned(),
        members: tidy(new.members),
        permissions: tidy_names(new.permissions),
        ..new
    };
    let mut problems = check(&new.name, new.priority, &permissions::unknown(&new.permissions));
    if !new.permissions.is_empty() && !staff.is_superuser() {
        problems.push(problem("permissions", "forbidden", PERMISSIONS_ARE_SUPERUSERS));
    }
    problems.extend(known::learn(app, &new.members).await?);
    let mut conn = app.db.conn().await?;
    let mut saved = None;
    let ended = conn
        .transaction(async |conn| {
            edit::begin(conn).await?;
            problems.extend(check_taken(conn, 0, &new.name, new.priority).await?);
            if !problems.is_empty() {
                return Err(Error::Invalid(std::mem::take(&mut problems)).into());
            }
            let names: Vec<&str> = new.permissions.iter().map(String::as_str).collect();
            let after = json!({
                "name": new.name, "priority": new.priority, "isPublic": new.is_public,
                "characters": new.members.characters, "corporations": new.members.corporations,
                "alliances": new.members.alliances, "factions": new.members.factions, "permissions": names,
            });
            let id = NewId::of_state(conn).await?;
            let summary = format!("State {} was made.", new.name);
            let cause = cause(staff.actor(), "state_created", id.0, &new.name, summary)
                .with_values(Value::Null, after);
            let change = Change::StateCreated {
                id,
                name: &new.name,
                priority: new.priority,
                is_public: new.is_public,
                members: &new.members,
                permissions: &names,
            };
            let edited = edit::run(app, conn, &cause, (0, 0), &[change], token).await?;
            saved = Some(id.0);
            Ok(edited)
        })
        .await;
    Ok((Rollback::outcome(ended)?, saved))
}

/// Changes a state.
///
/// # Errors
/// `NotFound`; `Invalid` with what is wrong by field; as [`edit::run`] otherwise.
pub async fn update(
    app: &App,
    staff: &StaffGrant<ChangeState>,
    id: i64,
    update: Update,
    token: Option<&str>,
) -> Result<Edited> {
    let mut problems = Vec::new();
    if let Some(members) = &update.members {
        problems.extend(known::learn(app, members).await?);
    }
    let mut conn = app.db.conn().await?;
    let ended = conn
        .transaction(async |conn| {
            edit::begin(conn).await?;
            let old = load(conn, id).await?;
            let name = update.name.as_deref().map_or(old.name.as_str(), str::trim);
            let priority = update.priority.unwrap_or(old.priority);
            let is_public = update.is_public.unwrap_or(old.is_public);
            let members = update.members.clone().map_or_else(|| old.members(), tidy);
            let permissions = update.permissions.clone().map_or_else(|| old.permissions.clone(), tidy_names);
            problems.extend(check(name, priority, &permissions::unknown(&permissions)));
            if permissions != old.permissions && !staff.is_superuser() {
                problems.push(problem("permissions", "forbidden", PERMISSIONS_ARE_SUPERUSERS));
            }
            if old.is_guest {
                let is_same = [
                    ("name", name == old.name),
                    ("priority", priority == old.priority),
                    ("isPublic", is_public == old.is_public),
                    ("members", members == old.members()),
                ];
                for (field, _) in is_same.into_iter().filter(|(_, is_same)| !is_same) {
                    let message = "Of Guest, the state of last resort, only the permissions change.";
                    problems.push(problem(field, "protected", message));
                }
            }
            problems.extend(check_taken(conn, id, name, priority).await?);
            if !problems.is_empty() {
                return Err(Error::Invalid(std::mem::take(&mut problems)).into());
            }
            let names: Vec<&str> = permissions.iter().map(String::as_str).collect();
            let mut changes = Vec::new();
            if name != old.name {
                changes.push(Change::StateRenamed { state_id: id, name });
            }
            if (priority, is_public) != (old.priority, old.is_public) {
                changes.push(Change::StateEdited { state_id: id, priority, is_public });
            }
            if members != old.members() {
                changes.push(Change::StateMembersSet { state_id: id, members: &members });
            }
            if permissions != old.permissions {
                changes.push(Change::StatePermissionsSet { state_id: id, permissions: &names });
            }
            let after = json!({
                "name": name, "priority": priority, "isPublic": is_public, "characters": members.characters,
                "corporations": members.corporations, "alliances": members.alliances, "factions": members.factions,
                "permissions": permissions,
            });
            let cause =
                cause(staff.actor(), "state_edited", id, name, format!("State {name} was edited."))
                    .with_values(old.json(), after);
            let edited = edit::run(app, conn, &cause, (id, old.revision), &changes, token).await?;
            diesel::update(s::table.find(id)).set(s::revision.eq(s::revision + 1)).execute(conn).await?;
            Ok(edited)
        })
        .await;
    Rollback::outcome(ended)
}

/// Deletes a state; its members move to their next best.
///
/// # Errors
/// `NotFound`; `Invalid` for Guest; as [`edit::run`] otherwise.
pub async fn delete(
    app: &App,
    staff: &StaffGrant<DeleteState>,
    id: i64,
    token: Option<&str>,
) -> Result<Edited> {
    let mut conn = app.db.conn().await?;
    let ended = conn
        .transaction(async |conn| {
            edit::begin(conn).await?;
            let old = load(conn, id).await?;
            if old.is_guest {
                let message = "Guest is the state of last resort and cannot be deleted.";
                return Err(Error::invalid("id", "protected", message).into());
            }
            let summary = format!("State {} was deleted.", old.name);
            let cause = cause(staff.actor(), "state_deleted", id, &old.name, summary)
                .with_values(old.json(), Value::Null);
            edit::run(app, conn, &cause, (id, old.revision), &[Change::StateDeleted { state_id: id }], token)
                .await
        })
        .await;
    Rollback::outcome(ended)
}
