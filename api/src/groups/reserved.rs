//! Names that no group and no state may have: they belong to something else on the services that groups
//! and states are copied to.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::{
    define_sql_function,
    prelude::*,
    result::{DatabaseErrorKind, Error::DatabaseError},
    sql_types::Text,
};
use diesel_async::RunQueryDsl;
use fealty_shared::{
    id::ReservedGroupNameId,
    permission::{AddReservedGroupName, DeleteReservedGroupName, ViewReservedGroupName},
};
use serde_json::{Value, json};

use crate::{
    access::{self, Cause},
    app::App,
    audit,
    db::{
        Conn,
        keyset::{self, List, Position, Slice},
        schema::{groups as g, reserved_group_names as r, states as st},
    },
    error::{Error, Problem, Result},
    permissions::{Grant, Permission, StaffGrant},
    text,
};

define_sql_function! {
    /// Lower case by the rules of the database's constraints, which are not quite Rust's.
    fn lower(text: Text) -> Text;
}

/// A reserved name.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = r)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct Reserved {
    pub id: i64,
    pub name: String,
    pub reason: String,
    /// Who reserved it, by name.
    pub created_by: String,
    pub created_at: DateTime<Utc>,
}

fn list(search: Option<&str>) -> List {
    let mut list = List::new("reserved_group_names r", "r.id");
    if let Some(text) = keyset::pattern(search) {
        list.and_value("(r.name ilike ? or r.reason ilike ?)", text);
    }
    list
}

/// Those whose name or reason contains `search`, with their positions, by name.
///
/// # Errors
/// When the database fails.
pub async fn page(
    conn: &mut Conn,
    _grant: &Grant<ViewReservedGroupName>,
    search: Option<&str>,
    slice: &Slice<Position>,
) -> Result<Vec<(Position, Reserved)>> {
    let positions = list(search).page(conn, "lower(r.name)", slice).await?;
    let ids: Vec<i64> = positions.iter().map(|Position(_, id)| *id).collect();
    let rows: Vec<Reserved> =
        r::table.filter(r::id.eq_any(ids)).select(Reserved::as_select()).load(conn).await?;
    let mut by_id: HashMap<i64, Reserved> = rows.into_iter().map(|row| (row.id, row)).collect();
    Ok(positions.into_iter().filter_map(|at| by_id.remove(&at.1).map(|row| (at, row))).collect())
}

/// How many there are.
///
/// # Errors
/// When the database fails.
pub async fn count(
    conn: &mut Conn,
    _grant: &Grant<ViewReservedGroupName>,
    search: Option<&str>,
) -> Result<i64> {
    list(search).count(conn).await
}

/// Locks the names of groups and the rights of staff as they are, and returns what the editor may do.
async fn begin<P: Permission>(conn: &mut Conn, staff: &StaffGrant<P>) -> Result<StaffGrant<P>> {
    access::hold_rules(conn).await?;
    staff.as_of_now(conn).await
}

/// Reserves a name.
///
/// # Errors
/// `Invalid` with what is wrong by field, for example a name that a group or a state has, ignoring case; `Forbidden`
/// when they may no longer edit.
pub async fn create(
    app: &App,
    staff: &StaffGrant<AddReservedGroupName>,
    name: &str,
    reason: &str,
) -> Result<Reserved> {
    let name = &text::tidy_name(name);
    let mut problems: Vec<Problem> = text::check_name("A reservation", name, 150).into_iter().collect();
    let reason = &match text::reason("reason", Some(reason)) {
        Ok(reason) => reason,
        Err(Error::Invalid(more)) => {
            problems.extend(more);
            String::new()
        }
        Err(error) => return Err(error),
    };
    if reason.is_empty() && problems.iter().all(|problem| problem.field != "reason") {
        problems.push(Problem::new("reason", "required", "Say why the name is reserved."));
    }
    if !problems.is_empty() {
        return Err(Error::Invalid(problems));
    }
    let now = app.clock.now();
    let db = &app.db;
    db.transaction(async |conn| {
        let staff = begin(conn, staff).await?;
        let is_group = diesel::dsl::exists(g::table.filter(lower(g::name).eq(lower(name))));
        let is_reserved = diesel::dsl::exists(r::table.filter(lower(r::name).eq(lower(name))));
        let is_state = diesel::dsl::exists(st::table.filter(lower(st::name).eq(lower(name))));
        let (is_group, is_state, is_reserved): (bool, bool, bool) =
            diesel::select((is_group, is_state, is_reserved)).get_result(conn).await?;
        if is_group {
            return Err(Error::invalid("name", "in_use", "A group has this name; rename it first."));
        }
        if is_state {
            return Err(Error::invalid("name", "in_use", "A state has this name; rename it first."));
        }
        let taken = || Error::invalid("name", "taken", "This name is already reserved.");
        if is_reserved {
            return Err(taken());
        }
        let row: Reserved = diesel::insert_into(r::table)
            .values((
                r::name.eq(name),
                r::reason.eq(reason),
                r::created_by_id.eq(staff.actor().id()),
                r::created_by.eq(staff.actor().name()),
                r::created_at.eq(now),
            ))
            .returning(Reserved::as_returning())
            .get_result(conn)
            .await
            .map_err(|error| match error {
                // Taken by somebody else at the same moment.
                DatabaseError(DatabaseErrorKind::UniqueViolation, _) => taken(),
                error => error.into(),
            })?;
        let object = ("reserved_group_name", ReservedGroupNameId(row.id).to_string(), row.name.clone());
        let summary = format!("The group name {} was reserved.", row.name);
        let cause = Cause::new(staff.actor().clone(), "group_name_reserved", object, summary)
            .with_values(Value::Null, json!({ "name": row.name, "reason": row.reason }));
        audit::write(conn, now, &cause).await?;
        Ok(row)
    })
    .await
}

/// Releases a name. Returns whether it was reserved.
///
/// # Errors
/// `Forbidden` when they may no longer edit.
pub async fn delete(app: &App, staff: &StaffGrant<DeleteReservedGroupName>, id: i64) -> Result<bool> {
    let now = app.clock.now();
    let db = &app.db;
    db.transaction(async |conn| {
        let staff = begin(conn, staff).await?;
        let row: Option<Reserved> = diesel::delete(r::table.find(id))
            .returning(Reserved::as_returning())
            .get_result(conn)
            .await
            .optional()?;
        let Some(row) = row else { return Ok(false) };
        let object = ("reserved_group_name", ReservedGroupNameId(row.id).to_string(), row.name.clone());
        let summary = format!("The group name {} was released.", row.name);
        let cause = Cause::new(staff.actor().clone(), "group_name_released", object, summary)
            .with_values(json!({ "name": row.name, "reason": row.reason }), Value::Null);
        audit::write(conn, now, &cause).await?;
        Ok(true)
    })
    .await
}
