//! Edits of groups by staff. Each one is previewed first and saved with the preview's token (see [`access::edit`]).
//!
//! [`access::edit`]: crate::access::edit

use diesel::{QueryableByName, prelude::*, sql_query, sql_types as t};
use diesel_async::RunQueryDsl;
use fealty_shared::{
    id::GroupId,
    permission::{AddGroup, ChangeGroup, DeleteGroup},
};
use serde_json::{Value, json};

use crate::{
    access::{
        Actor, Cause, Change, GroupSettings, NewId,
        edit::{self, Edited},
    },
    app::App,
    audit::{Named, Thing},
    db::{Conn, schema::groups as g},
    error::{Error, Problem, Result},
    permissions::{self, StaffGrant},
    text,
};

/// The kind of audit entry for a new group.
const CREATED: &str = "group_created";

/// How a group is set up.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "the flags are independent, and documented as such")]
pub struct Settings {
    pub name: String,
    pub description: String,
    pub is_internal: bool,
    pub is_hidden: bool,
    pub is_open: bool,
    pub is_public: bool,
    pub is_restricted: bool,
    /// Ids of the only states whose users may be members; `None`: all.
    pub states: Option<Vec<i64>>,
    pub leaders: Vec<i64>,
    pub leader_groups: Vec<i64>,
    pub permissions: Vec<String>,
}

/// What changes about a group; `None`: nothing.
#[derive(Debug, Clone, Default)]
pub struct Update {
    pub name: Option<String>,
    pub description: Option<String>,
    pub is_internal: Option<bool>,
    pub is_hidden: Option<bool>,
    pub is_open: Option<bool>,
    pub is_public: Option<bool>,
    pub is_restricted: Option<bool>,
    /// An empty list lifts the limit.
    pub states: Option<Vec<i64>>,
    pub leaders: Option<Vec<i64>>,
    pub leader_groups: Option<Vec<i64>>,
    pub permissions: Option<Vec<String>>,
}

impl Settings {
    fn flags(&self) -> GroupSettings<'_> {
        GroupSettings {
            name: &self.name,
            description: &self.description,
            is_internal: self.is_internal,
            is_hidden: self.is_hidden,
            is_open: self.is_open,
            is_public: self.is_public,
            is_restricted: self.is_restricted,
        }
    }

    /// For the audit log.
    fn json(&self, named: &Named) -> Value {
        json!({
            "name": self.name, "description": self.description, "isInternal": self.is_internal,
            "isHidden": self.is_hidden, "isOpen": self.is_open, "isPublic": self.is_public,
            "isRestricted": self.is_restricted,
            "states": self.states.as_ref().map(|states| named.all(Thing::State, states)),
            "leaders": named.all(Thing::User, &self.leaders),
            "leaderGroups": named.all(Thing::Group, &self.leader_groups), "permissions": self.permissions,
        })
    }

    /// What it refers to, by id.
    fn things(&self) -> [(Thing, Vec<i64>); 3] {
        [
            (Thing::State, self.states.clone().unwrap_or_default()),
            (Thing::User, self.leaders.clone()),
            (Thing::Group, self.leader_groups.clone()),
        ]
    }

    /// Trimmed, sorted, without duplicates: the same edit always looks the same.
    fn tidy(mut self) -> Self {
        fn ids(list: &mut Vec<i64>) {
            list.sort_unstable();
            list.dedup();
        }
        self.name = text::tidy_name(&self.name);
        self.description = self.description.trim().to_owned();
        self.states.iter_mut().for_each(ids);
        ids(&mut self.leaders);
        ids(&mut self.leader_groups);
        self.permissions.sort_unstable();
        self.permissions.dedup();
        self
    }

    fn changed(&self, update: &Update) -> Self {
        fn or<T: Clone>(new: &Option<T>, old: &T) -> T {
            new.clone().unwrap_or_else(|| old.clone())
        }
        Self {
            name: or(&update.name, &self.name),
            description: or(&update.description, &self.description),
            is_internal: or(&update.is_internal, &self.is_internal),
            is_hidden: or(&update.is_hidden, &self.is_hidden),
            is_open: or(&update.is_open, &self.is_open),
            is_public: or(&update.is_public, &self.is_public),
            is_restricted: or(&update.is_restricted, &self.is_restricted),
            states: match &update.states {
                None => self.states.clone(),
                Some(states) => Some(states.clone()).filter(|states| !states.is_empty()),
            },
            leaders: or(&update.leaders, &self.leaders),
            leader_groups: or(&update.leader_groups, &self.leader_groups),
            permissions: or(&update.permissions, &self.permissions),
        }
        .tidy()
    }
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = t::Text)]
    name: String,
    #[diesel(sql_type = t::Text)]
    description: String,
    #[diesel(sql_type = t::Bool)]
    is_internal: bool,
    #[diesel(sql_type = t::Bool)]
    is_hidden: bool,
    #[diesel(sql_type = t::Bool)]
    is_open: bool,
    #[diesel(sql_type = t::Bool)]
    is_public: bool,
    #[diesel(sql_type = t::Bool)]
    is_restricted: bool,
    #[diesel(sql_type = t::Bool)]
    is_state_limited: bool,
    #[diesel(sql_type = t::BigInt)]
    revision: i64,
    #[diesel(sql_type = t::Array<t::BigInt>)]
    states: Vec<i64>,
    #[diesel(sql_type = t::Array<t::BigInt>)]
    leaders: Vec<i64>,
    #[diesel(sql_type = t::Array<t::BigInt>)]
    leader_groups: Vec<i64>,
    #[diesel(sql_type = t::Array<t::Text>)]
    permissions: Vec<String>,
}

/// The settings and their revision.
async fn load(conn: &mut Conn, id: i64) -> Result<(Settings, i64)> {
    let row: Row = sql_query(
        "select g.name, g.description, g.is_internal, g.is_hidden, g.is_open, g.is_public, g.is_restricted,
                g.is_state_limited, g.revision,
                array(select state_id from group_states where group_id = g.id order by 1) as states,
                array(select user_id from group_leaders where group_id = g.id order by 1) as leaders,
                array(select leader_group_id from group_leader_groups where group_id = g.id order by 1) as leader_groups,
                array(select p.name from group_permissions m join permissions p on p.id = m.permission_id
                      where m.group_id = g.id order by p.name collate \"C\") as permissions
         from groups g where g.id = $1",
    )
    .bind::<t::BigInt, _>(id)
    .get_result(conn)
    .await
    .optional()?
    .ok_or(Error::NotFound)?;
    let settings = Settings {
        name: row.name,
        description: row.description,
        is_internal: row.is_internal,
        is_hidden: row.is_hidden,
        is_open: row.is_open,
        is_public: row.is_public,
        is_restricted: row.is_restricted,
        states: row.is_state_limited.then_some(row.states),
        leaders: row.leaders,
        leader_groups: row.leader_groups,
        permissions: row.permissions,
    };
    Ok((settings, row.revision))
}

/// Problems that are evident from the settings alone.
fn check(old: Option<&Settings>, settings: &Settings) -> Vec<Problem> {
    let mut problems = Vec::new();
    if old.is_none_or(|old| old.name != settings.name) {
        problems.extend(text::check_name("A group", &settings.name, 150));
    }
    if settings.description.chars().count() > 512 {
        problems.push(Problem::new(
            "description",
            "too_long",
            "A description can have at most 512 characters.",
        ));
    }
    if settings.description.contains('\0') {
        problems.push(Problem::new(
            "description",
            "invalid",
            "A description cannot contain control characters.",
        ));
    }
    let had = old.map_or(&[][..], |old| &old.permissions);
    problems.extend(permissions::check(had, &settings.permissions));
    problems
}

/// Problems with other things: the name, and whatever the settings refer to.
async fn check_references(conn: &mut Conn, id: i64, settings: &Settings) -> Result<Vec<Problem>> {
    #[derive(QueryableByName)]
    struct Found {
        #[diesel(sql_type = t::Bool)]
        is_taken: bool,
        #[diesel(sql_type = t::Nullable<t::Text>)]
        state: Option<String>,
        #[diesel(sql_type = t::Nullable<t::Text>)]
        reserved: Option<String>,
        #[diesel(sql_type = t::BigInt)]
        states: i64,
        #[diesel(sql_type = t::BigInt)]
        leaders: i64,
        #[diesel(sql_type = t::BigInt)]
        leader_groups: i64,
    }
    let states = settings.states.clone().unwrap_or_default();
    let found: Found = sql_query(
        "select exists (select from groups where lower(name) = lower($2) and id <> $1) as is_taken,
                (select name from states where lower(name) = lower($2)
                 and not exists (select from groups where id = $1 and lower(name) = lower($2))) as state,
                (select reason from reserved_group_names where lower(name) = lower($2)
                 and not exists (select from groups where id = $1 and lower(name) = lower($2))) as reserved,
                (select count(*) from states where id = any ($3)) as states,
                (select count(*) from users where id = any ($4)) as leaders,
                (select count(*) from groups where id = any ($5)) as leader_groups",
    )
    .bind::<t::BigInt, _>(id)
    .bind::<t::Text, _>(&settings.name)
    .bind::<t::Array<t::BigInt>, _>(&states)
    .bind::<t::Array<t::BigInt>, _>(&settings.leaders)
    .bind::<t::Array<t::BigInt>, _>(&settings.leader_groups)
    .get_result(conn)
    .await?;
    let mut problems = Vec::new();
    if found.is_taken {
        problems.push(Problem::new("name", "taken", "There is already a group with this name."));
    }
    if let Some(state) = found.state {
        // Services show both as roles, where one would pass for the other.
        problems.push(Problem::new("name", "taken", format!("There is already a state called {state}.")));
    }
    if let Some(reason) = found.reserved {
        problems.push(Problem::new("name", "reserved", format!("This name is reserved: {reason}")));
    }
    for (field, count, ids) in [
        ("stateIds", found.states, &states),
        ("leaderIds", found.leaders, &settings.leaders),
        ("leaderGroupIds", found.leader_groups, &settings.leader_groups),
    ] {
        if usize::try_from(count) != Ok(ids.len()) {
            problems.push(Problem::new(field, "unknown", "Something in this list no longer exists."));
        }
    }
    Ok(problems)
}

/// What only superusers may do.
fn check_staff(is_superuser: bool, old: Option<&Settings>, new: &Settings) -> Vec<Problem> {
    let mut problems = Vec::new();
    if is_superuser {
        return problems;
    }
    if new.is_restricted || old.is_some_and(|old| old.is_restricted) {
        let message = "Only superusers can create, edit and delete restricted groups.";
        problems.push(Problem::new("isRestricted", "forbidden", message));
    }
    if old.map_or(!new.permissions.is_empty(), |old| old.permissions != new.permissions) {
        problems.push(Problem::new("permissions", "forbidden", "Only superusers can change permissions."));
    }
    problems
}

fn cause(actor: &Actor, kind: &'static str, id: i64, name: &str, summary: String) -> Cause {
    Cause::new(actor.clone(), kind, ("group", GroupId(id).to_string(), name.to_owned()), summary)
}

/// Creates a group.
///
/// # Errors
/// `Invalid` with what is wrong by field; otherwise as [`edit::run`].
pub async fn create(
    app: &App,
    staff: &StaffGrant<AddGroup>,
    settings: Settings,
    token: Option<&str>,
) -> Result<Edited> {
    let (db, new) = (&app.db, &settings.tidy());
    db.tentative(async |conn| {
        let staff = edit::begin(conn, staff).await?;
        let mut problems = check(None, new);
        problems.extend(check_staff(staff.is_superuser(), None, new));
        problems.extend(check_references(conn, 0, new).await?);
        if !problems.is_empty() {
            return Err(Error::Invalid(problems).into());
        }
        let names: Vec<&str> = new.permissions.iter().map(String::as_str).collect();
        let summary = format!("Group {} was created.", new.name);
        let id = NewId::of_group(conn).await?;
        let before = edit::made_last(conn, CREATED).await?;
        let named = Named::load(conn, new.things()).await?;
        let cause = cause(staff.actor(), CREATED, id.0, &new.name, summary)
            .with_values(Value::Null, new.json(&named));
        let change = Change::GroupCreated {
            id,
            settings: new.flags(),
            states: new.states.as_deref(),
            leaders: &new.leaders,
            leader_groups: &new.leader_groups,
            permissions: &names,
        };
        Ok(edit::run(app, conn, &staff, &cause, (0, before), &[change], token).await?.making(id.0))
    })
    .await
}

/// Changes a group.
///
/// # Errors
/// `NotFound`; `Invalid` with what is wrong by field; otherwise as [`edit::run`].
pub async fn update(
    app: &App,
    staff: &StaffGrant<ChangeGroup>,
    id: i64,
    update: &Update,
    token: Option<&str>,
) -> Result<Edited> {
    let db = &app.db;
    db.tentative(async |conn| {
        let staff = edit::begin(conn, staff).await?;
        let (old, revision) = load(conn, id).await?;
        let new = old.changed(update);
        let mut problems = check(Some(&old), &new);
        problems.extend(check_staff(staff.is_superuser(), Some(&old), &new));
        problems.extend(check_references(conn, id, &new).await?);
        if new.leader_groups.contains(&id) && !old.leader_groups.contains(&id) {
            // Its members would lead themselves: allowed by the reference, and hardly ever meant.
            problems.push(Problem::new("leaderGroupIds", "invalid", "A group cannot lead itself."));
        }
        if !problems.is_empty() {
            return Err(Error::Invalid(problems).into());
        }
        let names: Vec<&str> = new.permissions.iter().map(String::as_str).collect();
        let mut changes = Vec::new();
        if new.flags() != old.flags() {
            changes.push(Change::GroupEdited { group_id: id, settings: new.flags() });
        }
        if new.states != old.states {
            changes.push(Change::GroupStatesSet { group_id: id, states: new.states.as_deref() });
        }
        if (&new.leaders, &new.leader_groups) != (&old.leaders, &old.leader_groups) {
            changes.push(Change::GroupLeadersSet {
                group_id: id,
                users: &new.leaders,
                groups: &new.leader_groups,
            });
        }
        if new.permissions != old.permissions {
            changes.push(Change::GroupPermissionsSet { group_id: id, permissions: &names });
        }
        let summary = format!("Group {} was edited.", new.name);
        let named = Named::load(conn, old.things().into_iter().chain(new.things())).await?;
        let cause = cause(staff.actor(), "group_edited", id, &new.name, summary)
            .with_values(old.json(&named), new.json(&named));
        let edited = edit::run(app, conn, &staff, &cause, (id, revision), &changes, token).await?;
        diesel::update(g::table.find(id)).set(g::revision.eq(g::revision + 1)).execute(conn).await?;
        Ok(edited)
    })
    .await
}

/// Deletes a group: what it granted ends.
///
/// # Errors
/// `NotFound`; `Invalid` for a restricted group unless a superuser deletes it; otherwise as [`edit::run`].
pub async fn delete(
    app: &App,
    staff: &StaffGrant<DeleteGroup>,
    id: i64,
    token: Option<&str>,
) -> Result<Edited> {
    let db = &app.db;
    db.tentative(async |conn| {
        let staff = edit::begin(conn, staff).await?;
        let (old, revision) = load(conn, id).await?;
        let problems = check_staff(staff.is_superuser(), Some(&old), &old);
        if !problems.is_empty() {
            return Err(Error::Invalid(problems).into());
        }
        let summary = format!("Group {} was deleted.", old.name);
        let named = Named::load(conn, old.things()).await?;
        let cause = cause(staff.actor(), "group_deleted", id, &old.name, summary)
            .with_values(old.json(&named), Value::Null);
        edit::run(app, conn, &staff, &cause, (id, revision), &[Change::GroupDeleted { group_id: id }], token)
            .await
    })
    .await
}
