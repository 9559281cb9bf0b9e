//! The audit log: every change by person, bot, rule or job is one entry, append-only.
//!
//! Rules
//! - An entry happened to its object, to whoever gained or lost access by it, to whom a group's log names with it, and to
//!   whom it concerns otherwise (`audit_concerned`, written with it).
//! - What a bot did says which token it had.
//! - Entries keep names as they were and reference nothing, so that they survive the deletion of whatever they speak of.
//!   What was before and after names things by id and name, too ([`Named`]).
//! - The database refuses UPDATE, DELETE and TRUNCATE, and seals each entry when its transaction commits: `audit_chain`
//!   holds a hash over the entry and the hash before it (see the migration `audit_chain`). [`verify`] recomputes them.
//! - Whoever reads the log ([`log`], [`export`]) needs `admin.view_logentry`; operators have `fealtyctl`.

pub mod export;
pub mod log;
mod named;
pub mod verify;

use chrono::{DateTime, Utc};
use diesel::{
    prelude::*,
    sql_query,
    sql_types::{Array, BigInt},
};
use diesel_async::RunQueryDsl;

pub use named::{Named, Thing};

use crate::{
    access::Cause,
    db::{Conn, schema::audit_entries as e},
    error::Result,
};

/// So many of the things a change was about are named in an entry's before and after. All are counted, and all users are
/// found by it.
pub const NAMED: usize = 50;

/// Writes one entry and returns its id.
///
/// # Errors
/// When the database fails.
pub async fn write(conn: &mut Conn, now: DateTime<Utc>, cause: &Cause) -> Result<i64> {
    let token = cause.actor.token();
    let id = diesel::insert_into(e::table)
        .values((
            e::at.eq(now),
            e::actor_kind.eq(cause.actor.kind()),
            e::actor_id.eq(cause.actor.id()),
            e::actor_name.eq(cause.actor.name()),
            e::kind.eq(cause.kind),
            e::object_kind.eq(cause.object_kind),
            e::object_id.eq(&cause.object_id),
            e::object_name.eq(&cause.object_name),
            e::summary.eq(&cause.summary),
            e::before.eq(&cause.before),
            e::after.eq(&cause.after),
            e::request_id.eq(&cause.request_id),
            e::token_id.eq(token.map(|token| token.id)),
            e::token_name.eq(token.map(|token| &token.name)),
        ))
        .returning(e::id)
        .get_result(conn)
        .await?;
    if !cause.concerned.is_empty() {
        sql_query(
            "insert into audit_concerned (user_id, audit_id) select unnest($1), $2 on conflict do nothing",
        )
        .bind::<Array<BigInt>, _>(&cause.concerned)
        .bind::<BigInt, _>(id)
        .execute(conn)
        .await?;
    }
    Ok(id)
}

/// How many users' access each entry changed, of those that changed any.
///
/// # Errors
/// When the database fails.
pub async fn affected(conn: &mut Conn, entries: &[i64]) -> Result<Vec<(i64, i64)>> {
    use crate::db::schema::access_changes as h;
    Ok(h::table
        .filter(h::audit_id.eq_any(entries.to_vec()))
        .group_by(h::audit_id)
        .select((h::audit_id, diesel::dsl::count(h::user_id).aggregate_distinct()))
        .load(conn)
        .await?)
}
