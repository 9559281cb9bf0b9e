//! Who had something at a past moment, and what changed between two moments.
//!
//! The past is the present rewound: among the changes after the moment that concern the subject, a user's earliest
//! one decides (if they lost it then, they had it; if they gained it, they did not); for users without such a
//! change, the present decides. States and groups are matched by id, so names do not matter; deleted ones still
//! give answers. Users who are gone are left out: nobody is shown whom this site no longer knows. Nobody held
//! anything before they registered.

use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    dsl::sql,
    prelude::*,
    sql_types::{Array, BigInt, Bool, Text, Timestamptz},
};
use diesel_async::RunQueryDsl;
use fealty_shared::permission::AuditPermissions;

use super::{
    Kind, Subject,
    history::{COLUMNS, Change},
};
use crate::{
    db::{
        Conn,
        keyset::{Clauses, Moment, Position, Slice, Sql},
        schema::{access_changes as h, audit_chain as c, audit_entries as e, permissions as p},
    },
    error::Result,
    permissions::Grant,
    services,
};

/// The parts of the statement that depend on the subject. `$1` is its name or id, `$2` the moment.
struct Words {
    kind: Kind,
    lost: &'static str,
    gained: &'static str,
    /// Who has it now, as a condition on `users u`.
    present: &'static str,
}

const fn words(subject: &Subject) -> Words {
    match subject {
        Subject::Permission(_) => Words {
            kind: Kind::Permission,
            lost: "lost @> array[$1]",
            gained: "gained @> array[$1]",
            present: "u.permission_set_id in (select ps.id from permissions p join permission_sets ps
                      on ps.permission_ids @> array[p.id] where p.name = $1)",
        },
        Subject::Service(_) => Words {
            kind: Kind::Service,
            lost: "lost @> array[$1]",
            gained: "gained @> array[$1]",
            present: "u.services @> array[$1]",
        },
        Subject::Group(_) => Words {
            kind: Kind::Group,
            lost: "lost_ids @> array[$1]",
            gained: "gained_ids @> array[$1]",
            present: "u.id in (select user_id from group_members where group_id = $1 and is_started)",
        },
        Subject::State(_) => Words {
            kind: Kind::State,
            lost: "lost_ids @> array[$1]",
            gained: "gained_ids @> array[$1]",
            present: "u.state_id = $1",
        },
    }
}

fn holders_of(sql: &mut Sql, subject: &Subject, at: DateTime<Utc>) -> String {
    match subject {
        Subject::Permission(name) | Subject::Service(name) => sql.bind(name.clone()),
        Subject::Group(id) | Subject::State(id) => sql.bind(*id),
    };
    sql.bind(at);
    let Words { kind, lost, gained, present } = words(subject);
    let kind = kind.as_str();
    format!(
        "with later as materialized (
             select user_id, coalesce(min(id) filter (where {lost}), {never})
                             < coalesce(min(id) filter (where {gained}), {never}) as had
             from access_changes where kind = '{kind}' and at > $2 and ({lost} or {gained}) group by user_id
         ), holders as (
             select u.id, lower(u.username) collate \"C\" as key from users u
             where u.created_at <= $2 and {present} and not exists (select from later l where l.user_id = u.id)
             union all
             select u.id, lower(u.username) collate \"C\" from later l join users u on u.id = l.user_id
             where u.created_at <= $2 and l.had
         )",
        never = i64::MAX
    )
}

/// Whether there is, or once was, such a permission or service: this catches misspellings. Ids of states and groups
/// are accepted as they are, because those of deleted ones are valid, too.
///
/// # Errors
/// When the database fails.
pub async fn is_known(conn: &mut Conn, subject: &Subject) -> Result<bool> {
    match subject {
        Subject::Permission(name) => {
            let query = p::table.filter(p::name.eq(name));
            Ok(diesel::select(diesel::dsl::exists(query)).get_result(conn).await?)
        }
        Subject::Service(key) => Ok(services::SPECS.iter().any(|spec| spec.key == key)),
        Subject::Group(_) | Subject::State(_) => Ok(true),
    }
}

/// Who had it at a moment, by user name: ids with their positions.
///
/// # Errors
/// When the database fails.
pub async fn holders(
    conn: &mut Conn,
    _grant: &Grant<AuditPermissions>,
    subject: &Subject,
    at: DateTime<Utc>,
    slice: &Slice<Position>,
) -> Result<Vec<Position>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = BigInt)]
        id: i64,
        #[diesel(sql_type = Text)]
        key: String,
    }
    let mut sql = Sql::default();
    let holders = holders_of(&mut sql, subject, at);
    let Clauses { behind, end } = slice.clauses(&mut sql, "key", "id");
    let text = format!("{holders} select id, key from holders where {behind} {end}");
    let rows: Vec<Row> = sql.finish(text).load(conn).await?;
    Ok(rows.into_iter().map(|row| Position(row.key, row.id)).collect())
}

/// How many users had it at a moment.
///
/// # Errors
/// When the database fails.
pub async fn count_holders(
    conn: &mut Conn,
    _grant: &Grant<AuditPermissions>,
    subject: &Subject,
    at: DateTime<Utc>,
) -> Result<i64> {
    let mut sql = Sql::default();
    let holders = holders_of(&mut sql, subject, at);
    sql.count(conn, format!("{holders} select count(*) as n from holders")).await
}

/// Which changes to look for.
#[derive(Debug, Clone, Default)]
pub struct ChangeFilter {
    pub kind: Option<Kind>,
    /// Exact names of what was gained or lost; any of these.
    pub names: Option<Vec<String>>,
    /// What was gained or lost; states and groups by id.
    pub subject: Option<Subject>,
    pub user_id: Option<i64>,
    /// Not before.
    pub from: Option<DateTime<Utc>>,
    /// Before.
    pub to: Option<DateTime<Utc>>,
}

/// Adds the filter's conditions to a statement over `access_changes`.
macro_rules! narrowed {
    ($query:expr, $filter:expr) => {{
        let mut query = $query;
        let filter = $filter;
        if let Some(kind) = filter.kind {
            query = query.filter(h::kind.eq(kind.as_str()));
        }
        if let Some(names) = &filter.names {
            query = query.filter(h::gained.overlaps_with(names).or(h::lost.overlaps_with(names)));
        }
        if let Some(subject) = &filter.subject {
            // The kind is part of the SQL text: each index on ids covers changes of one kind only.
            let kind = format!("access_changes.kind = '{}'", words(subject).kind.as_str());
            query = match subject {
                Subject::Permission(name) | Subject::Service(name) => query.filter(
                    sql::<Bool>(&format!("{kind} and (gained || lost) @> "))
                        .bind::<Array<Text>, _>(vec![name.clone()]),
                ),
                Subject::Group(id) | Subject::State(id) => query.filter(
                    sql::<Bool>(&format!("{kind} and (gained_ids || lost_ids) @> "))
                        .bind::<Array<BigInt>, _>(vec![*id]),
                ),
            };
        }
        if let Some(user_id) = filter.user_id {
            query = query.filter(h::user_id.eq(user_id));
        }
        if let Some(from) = filter.from {
            query = query.filter(h::at.ge(from));
        }
        if let Some(to) = filter.to {
            query = query.filter(h::at.lt(to));
        }
        query
    }};
}

/// Changes and whose they are, by moment and id.
///
/// # Errors
/// When the database fails.
pub async fn changes(
    conn: &mut Conn,
    filter: &ChangeFilter,
    slice: &Slice<Moment>,
) -> Result<Vec<(i64, Change)>> {
    let mut query =
        narrowed!(h::table.inner_join(e::table).select((h::user_id, COLUMNS)).into_boxed(), filter);
    // A group's history is short: it is fetched by its own index and sorted. An index in the right order would
    // tempt the planner to read everybody's changes until it found enough. For a state, which may be
    // everybody's, that is the better way.
    let is_gathered = matches!(filter.subject, Some(Subject::Group(_)));
    let gathered = || sql::<Timestamptz>("access_changes.at + interval '0'");
    // The first condition on its own can be answered by an index.
    if slice.is_descending {
        if let Some(after) = slice.after {
            query = query.filter(h::at.le(after.at())).filter(h::at.lt(after.at()).or(h::id.lt(after.id())));
        }
        query = if is_gathered {
            query.order((gathered().desc(), h::id.desc()))
        } else {
            query.order((h::at.desc(), h::id.desc()))
        };
    } else {
        if let Some(after) = slice.after {
            query = query.filter(h::at.ge(after.at())).filter(h::at.gt(after.at()).or(h::id.gt(after.id())));
        }
        query = if is_gathered {
            query.order((gathered().asc(), h::id.asc()))
        } else {
            query.order((h::at.asc(), h::id.asc()))
        };
    }
    Ok(query.limit(slice.limit).load(conn).await?)
}

/// A place among the changes: the position of their cause in the audit log's chain, and the id.
pub type Sealed = (i64, i64);

/// Up to `limit` changes after a place, up to and including a position of the chain, in the order in
/// which they were committed.
///
/// # Errors
/// When the database fails.
pub async fn changes_between(
    conn: &mut Conn,
    filter: &ChangeFilter,
    (behind, upto): (Sealed, i64),
    limit: i64,
) -> Result<Vec<(Sealed, (i64, Change))>> {
    // Bound by position: few links of the chain, and their changes by the index on causes.
    let found = h::table.inner_join(e::table.inner_join(c::table.on(c::audit_id.eq(e::id))));
    let query = narrowed!(found.select((c::position, (h::user_id, COLUMNS))).into_boxed(), filter)
        .filter(c::position.between(behind.0, upto))
        .filter(c::position.gt(behind.0).or(h::id.gt(behind.1)))
        .order((c::position.asc(), h::id.asc()))
        .limit(limit);
    let rows: Vec<(i64, (i64, Change))> = query.load(conn).await?;
    Ok(rows.into_iter().map(|(position, row)| ((position, row.1.id), row)).collect())
}

/// How many changes there are.
///
/// # Errors
/// When the database fails.
pub async fn count_changes(conn: &mut Conn, filter: &ChangeFilter) -> Result<i64> {
    Ok(narrowed!(h::table.count().into_boxed(), filter).get_result(conn).await?)
}
