//! The audit log: its chain, reading it, exporting it.

mod chain;
mod details;
mod export;
mod log;

use crate::support::World;

/// Writes `count` entries in one transaction, a second apart, the last one now. `{n}` in a text of
/// the values is its number, from 1.
async fn write(world: &World, count: usize, columns: &str, values: &str) {
    let values = values.replace("{n}", "' || n || '");
    world
        .sql(&format!(
            "insert into audit_entries (at, actor_kind, {columns})
             select date_trunc('second', now()) - ({count} - n) * interval '1 second', {values}
             from generate_series(1, {count}) n order by n"
        ))
        .await;
}

/// Writes entries by the system about `user:777`.
async fn write_some(world: &World, count: usize) {
    write(
        world,
        count,
        "actor_name, kind, object_kind, object_id, object_name, summary, before, after",
        "'system', 'system', 'main_changed', 'user', 'user:777', 'Ansgar', 'Entry {n}.', '{\"a\": 1}', null",
    )
    .await;
}
