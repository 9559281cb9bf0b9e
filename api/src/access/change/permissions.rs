//! What users, states and groups carry.

use chrono::{DateTime, Utc};
use diesel::{
    sql_query,
    sql_types::{Array, BigInt, Nullable, Text, Timestamptz},
};
use diesel_async::RunQueryDsl;

use super::{PermissionGrant, one_row};
use crate::{access::affected, db::Conn, error::Result};

/// `table` and `column` are literals in this folder.
pub(super) async fn set(
    conn: &mut Conn,
    table: &str,
    column: &str,
    id: i64,
    permissions: &[&str],
) -> Result<()> {
    sql_query(format!(
        "delete from {table} where {column} = $1 and permission_id not in (select id from permissions where name = any ($2))"
    ))
    .bind::<BigInt, _>(id)
    .bind::<Array<Text>, _>(permissions)
    .execute(conn)
    .await?;
    sql_query(format!(
        "insert into {table} ({column}, permission_id) select $1, id from permissions where name = any ($2)
         on conflict do nothing"
    ))
    .bind::<BigInt, _>(id)
    .bind::<Array<Text>, _>(permissions)
    .execute(conn)
    .await?;
    Ok(())
}

/// The user's own grants become exactly these. A grant that stays the same keeps the time it was given.
pub(super) async fn set_of_user(
    conn: &mut Conn,
    now: DateTime<Utc>,
    user_id: i64,
    grants: &[PermissionGrant<'_>],
) -> Result<()> {
    one_row(
        sql_query("update users set revision = revision + 1 where id = $1")
            .bind::<BigInt, _>(user_id)
            .execute(conn)
            .await?,
    )?;
    let names: Vec<&str> = grants.iter().map(|grant| grant.permission).collect();
    sql_query(
        "delete from user_permissions
         where user_id = $1 and permission_id not in (select id from permissions where name = any ($2))",
    )
    .bind::<BigInt, _>(user_id)
    .bind::<Array<Text>, _>(&names)
    .execute(conn)
    .await?;
    sql_query(
        "insert into user_permissions as up (user_id, permission_id, granted_at, starts_at, ends_at, is_started, reason)
         select $1, p.id, $2, g.starts_at, g.ends_at, coalesce(g.starts_at <= $2, true), g.reason
         from unnest($3, $4, $5, $6) as g (name, starts_at, ends_at, reason) join permissions p on p.name = g.name
         on conflict (user_id, permission_id) do update
         set starts_at = excluded.starts_at, ends_at = excluded.ends_at, is_started = excluded.is_started,
             reason = excluded.reason
         where (up.starts_at, up.ends_at, up.is_started, up.reason)
               is distinct from (excluded.starts_at, excluded.ends_at, excluded.is_started, excluded.reason)",
    )
    .bind::<BigInt, _>(user_id)
    .bind::<Timestamptz, _>(now)
    .bind::<Array<Text>, _>(names)
    .bind::<Array<Nullable<Timestamptz>>, _>(grants.iter().map(|grant| grant.starts_at).collect::<Vec<_>>())
    .bind::<Array<Nullable<Timestamptz>>, _>(grants.iter().map(|grant| grant.ends_at).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(grants.iter().map(|grant| grant.reason).collect::<Vec<_>>())
    .execute(conn)
    .await?;
    affected::add(conn, &[user_id], false).await
}
