//! The audit log: every change by a person, bot, rule or job is one entry, append-only.
//!
//! Rules
//! - An entry happened to its object, to everybody who gained or lost access by it, to those a group's log names
//!   along with it, and to those it otherwise concerns (`audit_concerned`, written with it).
//! - What a bot did says which token it used.
//! - Entries keep names as they were and reference nothing, so they survive the deletion of whatever they are about.
//!   The values before and after also give things by id and name ([`Named`]).
//! - The database refuses UPDATE, DELETE and TRUNCATE, and seals each entry when its transaction commits:
//!   `audit_chain` holds a hash over the entry and the previous hash (see the migration `audit_chain`).
//!   [`verify`] recomputes them.
//! - Reading the log ([`log`], [`export`]) requires `admin.view_logentry`; operators have `fealtyctl`.

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

/// How many of the things a change was about are named in an entry's before and after. All of them are counted, and
/// all users concerned find the entry.
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

/// How many users' access each entry changed, for those that changed any.
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
