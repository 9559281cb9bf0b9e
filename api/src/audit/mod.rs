//! The audit log: every change by person, bot, rule or job is one entry, append-only.
//!
//! Rules
//! - Entries keep names as they were and reference nothing, so that they survive the deletion of whatever they speak of.
//! - The database refuses UPDATE, DELETE and TRUNCATE, and seals each entry when its transaction commits: `audit_chain`
//!   holds a hash over the entry and the hash before it (see the migration `audit_chain`). [`verify`] recomputes them.
//! - Whoever reads the log ([`log`], [`export`]) needs `admin.view_logentry`; operators have `fealtyctl`.

pub mod export;
pub mod log;
pub mod verify;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::{access::Cause, db::Conn, db::schema::audit_entries, error::Result};

/// Writes one entry and returns its id.
///
/// # Errors
/// When the database fails.
pub async fn write(conn: &mut Conn, now: DateTime<Utc>, cause: &Cause) -> Result<i64> {
    use audit_entries as e;
    Ok(diesel::insert_into(e::table)
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
        ))
        .returning(e::id)
        .get_result(conn)
        .await?)
}
