//! Edits of states by staff. Each one is previewed first and saved with the preview's token (see [`access::edit`]).

use chrono::{DateTime, Utc};
use diesel::{QueryableByName, prelude::*, sql_query, sql_types as t};
use diesel_async::RunQueryDsl;
use fealty_shared::{
    id::StateId,
    permission::{AddState, ChangeState, DeleteState},
};
use serde_json::{Value, json};

use crate::{
    access::{
        Actor, Cause, Change, NewId, StateMembers, apply_all,
        edit::{self, Edited},
    },
    app::App,
    audit::{Named, Thing},
    db::{Conn, schema::states as s},
    error::{Error, Problem, Result},
    eve::known,
    permissions::{self, StaffGrant},
    text,
};

/// The kind of audit entry for a new state.
const CREATED: &str = "state_created";

/// How a state is set up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    pub name: String,
    pub priority: i32,
    pub is_public: bool,
    pub members: StateMembers,
    pub permissions: Vec<String>,
}

/// What changes about a state; `None`: nothing.
#[derive(Debug, Clone, Default)]
pub struct Update {
    pub name: Option<String>,
    pub priority: Option<i32>,
    pub is_public: Option<bool>,
    pub members: Option<StateMembers>,
    pub permissions: Option<Vec<String>>,
}

impl Settings {
    /// Sorted, without duplicates: the same edit always looks the same.
    fn tidy(mut self) -> Self {
        let members = &mut self.members;
        for ids in [
            &mut members.characters,
            &mut members.corporations,
            &mut members.alliances,
            &mut members.factions,
        ] {
            ids.sort_unstable();
            ids.dedup();
        }
        self.name = text::tidy_name(&self.name);
        self.permissions.sort_unstable();
        self.permissions.dedup();
        self
    }

    fn changed(&self, update: &Update) -> Self {
        let old = self.clone();
        let new = update.clone();
        Self {
            name: new.name.unwrap_or(old.name),
            priority: new.priority.unwrap_or(old.priority),
            is_public: new.is_public.unwrap_or(old.is_public),
            members: new.members.unwrap_or(old.members),
            permissions: new.permissions.unwrap_or(old.permissions),
        }
        .tidy()
    }

    /// For the audit log.
    fn json(&self, named: &Named) -> Value {
        let [characters, corporations, alliances, factions] =
            self.things().map(|(thing, ids)| named.all(thing, &ids));
        json!({
            "name": self.name, "priority": self.priority, "isPublic": self.is_public, "characters": characters,
            "corporations": corporations, "alliances": alliances, "factions": factions,
            "permissions": self.permissions,
        })
    }

    /// The names of what it carries.
    fn carried(&self) -> Vec<&str> {
        self.permissions.iter().map(String::as_str).collect()
    }

    /// What turns `self` into `new`, which carries `carried`.
    fn changes_to<'a>(&self, id: i64, new: &'a Self, carried: &'a [&'a str]) -> Vec<Change<'a>> {
        let mut changes = Vec::new();
        if new.name != self.name {
            changes.push(Change::StateRenamed { state_id: id, name: &new.name });
        }
        if (new.priority, new.is_public) != (self.priority, self.is_public) {
            changes.push(Change::StateEdited {
                state_id: id,
                priority: new.priority,
                is_public: new.is_public,
            });
        }
        if new.members != self.members {
            changes.push(Change::StateMembersSet { state_id: id, members: &new.members });
        }
        if new.permissions != self.permissions {
            changes.push(Change::StatePermissionsSet { state_id: id, permissions: carried });
        }
        changes
    }

    /// What it lists, by id.
    fn things(&self) -> [(Thing, Vec<i64>); 4] {
        let members = &self.members;
        [
            (Thing::Character, members.characters.clone()),
            (Thing::Corporation, members.corporations.clone()),
            (Thing::Alliance, members.alliances.clone()),
            (Thing::Faction, members.factions.clone()),
        ]
    }
}

#[derive(QueryableByName)]
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

/// A state as it is now.
struct Found {
    settings: Settings,
    is_guest: bool,
    revision: i64,
}

async fn load(conn: &mut Conn, id: i64) -> Result<Found> {
    let row: Row = sql_query(
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
    .ok_or(Error::NotFound)?;
    let members = StateMembers {
        characters: row.characters,
        corporations: row.corporations,
        alliances: row.alliances,
        factions: row.factions,
    };
    let settings = Settings {
        name: row.name,
        priority: row.priority,
        is_public: row.is_public,
        members,
        permissions: row.permissions,
    };
    Ok(Found { settings, is_guest: row.is_guest, revision: row.revision })
}

/// Problems that are evident without looking at other states.
fn check(is_superuser: bool, old: Option<&Settings>, new: &Settings) -> Vec<Problem> {
    let mut problems = Vec::new();
    if old.is_none_or(|old| old.name != new.name) {
        problems.extend(text::check_name("A state", &new.name, 32));
    }
    if new.priority < 0 {
        problems.push(Problem::new("priority", "invalid", "A priority must be 0 or more."));
    }
    let had = old.map_or(&[][..], |old| &old.permissions);
    problems.extend(permissions::check(had, &new.permissions));
    if had != new.permissions && !is_superuser {
        problems.push(Problem::new("permissions", "forbidden", "Only superusers can change permissions."));
    }
    problems
}

/// Only Guest's permissions can change.
fn check_guest(old: &Settings, new: &Settings) -> Vec<Problem> {
    let is_same = [
        ("name", new.name == old.name),
        ("priority", new.priority == old.priority),
        ("isPublic", new.is_public == old.is_public),
        ("members", new.members == old.members),
    ];
    let message = "Only the permissions of Guest, the state of last resort, can be changed.";
    let changed = is_same.into_iter().filter(|(_, is_same)| !is_same);
    changed.map(|(field, _)| Problem::new(field, "protected", message)).collect()
}

/// Problems with other states, groups and reserved names: names (ignoring case) and priorities are unique.
async fn check_taken(conn: &mut Conn, id: i64, settings: &Settings) -> Result<Vec<Problem>> {
    #[derive(QueryableByName)]
    struct Other {
        /// The other's name, or why a name is reserved.
        #[diesel(sql_type = t::Text)]
        text: String,
        #[diesel(sql_type = t::Text)]
        what: String,
    }
    let others: Vec<Other> = sql_query(
        "with new as (
             select lower($2) as name,
                    not exists (select from states where id = $1 and lower(name) = lower($2)) as is_new
         )
         select text, what from (
             select s.id, s.name as text, case when lower(s.name) = new.name then 'state' else 'priority' end as what,
                    1 as place
             from states s, new where s.id <> $1 and (lower(s.name) = new.name or s.priority = $3)
             union all
             select g.id, g.name, 'group', 2 from groups g, new where new.is_new and lower(g.name) = new.name
             union all
             select r.id, r.reason, 'reserved', 3 from reserved_group_names r, new
             where new.is_new and lower(r.name) = new.name
         ) other order by place, id",
    )
    .bind::<t::BigInt, _>(id)
    .bind::<t::Text, _>(&settings.name)
    .bind::<t::Integer, _>(settings.priority)
    .load(conn)
    .await?;
    let taken = |Other { text, what }: Other| match what.as_str() {
        // Services show states as roles, as they do groups: one would pass for the other.
        "group" => Problem::new("name", "taken", format!("There is already a group called {text}.")),
        "reserved" => Problem::new("name", "reserved", format!("This name is reserved: {text}")),
        "state" => Problem::new("name", "taken", format!("There is already a state called {text}.")),
        _ => {
            let message = format!("{text} already has this priority; no two states can share one.");
            Problem::new("priority", "taken", message)
        }
    };
    Ok(others.into_iter().map(taken).collect())
}

fn cause(actor: &Actor, kind: &'static str, id: i64, name: &str, summary: String) -> Cause {
    Cause::new(actor.clone(), kind, ("state", StateId(id).to_string(), name.to_owned()), summary)
}

/// The cause of an edit, with the state as it was and as it is from then on.
async fn cause_of_edit(
    conn: &mut Conn,
    actor: &Actor,
    id: i64,
    (old, new): (&Settings, &Settings),
    summary: String,
) -> Result<Cause> {
    let named = Named::load(conn, old.things().into_iter().chain(new.things())).await?;
    Ok(cause(actor, "state_edited", id, &new.name, summary).with_values(old.json(&named), new.json(&named)))
}

/// Creates a state.
///
/// # Errors
/// `Invalid` with what is wrong by field; otherwise as [`edit::run`].
pub async fn create(
    app: &App,
    staff: &StaffGrant<AddState>,
    settings: Settings,
    token: Option<&str>,
) -> Result<Edited> {
    let new = settings.tidy();
    // EVE is not asked about something that cannot be saved anyway.
    let unknown = if check(staff.is_superuser(), None, &new).is_empty() {
        known::learn_members(app, &new.members).await?
    } else {
        Vec::new()
    };
    let (db, new, unknown) = (&app.db, &new, &unknown);
    db.tentative(async |conn| {
        let staff = edit::begin(conn, staff).await?;
        let mut problems = check(staff.is_superuser(), None, new);
        problems.extend_from_slice(unknown);
        problems.extend(check_taken(conn, 0, new).await?);
        if !problems.is_empty() {
            return Err(Error::Invalid(problems).into());
        }
        let names = new.carried();
        let id = NewId::of_state(conn).await?;
        let before = edit::made_last(conn, CREATED).await?;
        let summary = format!("State {} was created.", new.name);
        let named = Named::load(conn, new.things()).await?;
        let cause = cause(staff.actor(), CREATED, id.0, &new.name, summary)
            .with_values(Value::Null, new.json(&named));
        let change = Change::StateCreated {
            id,
            name: &new.name,
            priority: new.priority,
            is_public: new.is_public,
            members: &new.members,
            permissions: &names,
        };
        Ok(edit::run(app, conn, &staff, &cause, (0, before), &[change], token).await?.making(id.0))
    })
    .await
}

/// Changes a state.
///
/// # Errors
/// `NotFound`; `Invalid` with what is wrong by field; otherwise as [`edit::run`].
pub async fn update(
    app: &App,
    staff: &StaffGrant<ChangeState>,
    id: i64,
    update: &Update,
    token: Option<&str>,
) -> Result<Edited> {
    let unknown = match &update.members {
        Some(members) => {
            // EVE is not asked about a state that does not exist.
            load(&mut *app.db.conn().await?, id).await?;
            known::learn_members(app, members).await?
        }
        None => Vec::new(),
    };
    let (db, unknown) = (&app.db, &unknown);
    db.tentative(async |conn| {
        let staff = edit::begin(conn, staff).await?;
        let Found { settings: old, is_guest, revision } = load(conn, id).await?;
        let new = old.changed(update);
        let mut problems = check(staff.is_superuser(), Some(&old), &new);
        problems.extend_from_slice(unknown);
        if is_guest {
            problems.extend(check_guest(&old, &new));
        }
        problems.extend(check_taken(conn, id, &new).await?);
        if !problems.is_empty() {
            return Err(Error::Invalid(problems).into());
        }
        let names = new.carried();
        let changes = old.changes_to(id, &new, &names);
        let summary = format!("State {} was edited.", new.name);
        let cause = cause_of_edit(conn, staff.actor(), id, (&old, &new), summary).await?;
        let edited = edit::run(app, conn, &staff, &cause, (id, revision), &changes, token).await?;
        raise_revision(conn, id).await?;
        Ok(edited)
    })
    .await
}

/// Makes a state what `update` says, in the caller's transaction and without a preview: for the demo organisation. A
/// state that is like that already is left alone, and nothing is written about it.
///
/// # Errors
/// `NotFound`.
pub async fn set_up(
    conn: &mut Conn,
    now: DateTime<Utc>,
    id: i64,
    update: &Update,
    summary: String,
) -> Result<()> {
    edit::begin(conn, &StaffGrant::<ChangeState>::operator()).await?;
    let Found { settings: old, .. } = load(conn, id).await?;
    let new = old.changed(update);
    if new == old {
        return Ok(());
    }
    let cause = cause_of_edit(conn, &Actor::Operator, id, (&old, &new), summary).await?;
    apply_all(conn, now, &cause, &old.changes_to(id, &new, &new.carried())).await?;
    raise_revision(conn, id).await
}

/// Previews of the state as it was are no longer good.
async fn raise_revision(conn: &mut Conn, id: i64) -> Result<()> {
    diesel::update(s::table.find(id)).set(s::revision.eq(s::revision + 1)).execute(conn).await?;
    Ok(())
}

/// Deletes a state; its users move to their next best one.
///
/// # Errors
/// `NotFound`; `Invalid` for Guest; otherwise as [`edit::run`].
pub async fn delete(
    app: &App,
    staff: &StaffGrant<DeleteState>,
    id: i64,
    token: Option<&str>,
) -> Result<Edited> {
    let db = &app.db;
    db.tentative(async |conn| {
        let staff = edit::begin(conn, staff).await?;
        let Found { settings: old, is_guest, revision } = load(conn, id).await?;
        if is_guest {
            let message = "Guest is the state of last resort and cannot be deleted.";
            return Err(Error::invalid("id", "protected", message).into());
        }
        let summary = format!("State {} was deleted.", old.name);
        let named = Named::load(conn, old.things()).await?;
        let cause = cause(staff.actor(), "state_deleted", id, &old.name, summary)
            .with_values(old.json(&named), Value::Null);
        edit::run(app, conn, &staff, &cause, (id, revision), &[Change::StateDeleted { state_id: id }], token)
            .await
    })
    .await
}
