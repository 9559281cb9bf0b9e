//! What a group gives: shown to those who edit its members but may not know what else those members have.

use super::{model::Group, store};
use crate::{
    access::{AccessDiff, Kind, UserDiff},
    db::Conn,
    error::Result,
    services,
};

/// The part of an edit's effects that its editor may see: who joins and who leaves, and for each of them what the
/// group gives. Not what they actually gain or lose: that would reveal what they have from elsewhere.
///
/// # Errors
/// When the database fails.
pub(super) async fn part_of(conn: &mut Conn, group: &Group, diff: AccessDiff) -> Result<AccessDiff> {
    let permissions: Vec<String> =
        store::permissions_of(conn, &[group.id]).await?.into_iter().map(|(_, name)| name).collect();
    let opened = services::SPECS.iter().filter(|spec| permissions.iter().any(|name| name == spec.permission));
    let services: Vec<String> = opened.map(|spec| spec.key.to_owned()).collect();
    let gives =
        [(Kind::Group, vec![group.name.clone()]), (Kind::Permission, permissions), (Kind::Service, services)];
    let is_this = |names: &[String]| names.contains(&group.name);
    let moved = diff.entries.into_iter().filter(|entry| entry.kind == Kind::Group);
    let entries = moved.flat_map(|UserDiff { user_id, gained, lost, .. }| {
        let (comes, goes) = (is_this(&gained), is_this(&lost));
        let given = gives.iter().filter(move |(_, names)| (comes || goes) && !names.is_empty());
        given.map(move |(kind, names)| {
            let of = |moves: bool| if moves { names.clone() } else { Vec::new() };
            UserDiff { user_id, kind: *kind, gained: of(comes), lost: of(goes) }
        })
    });
    Ok(AccessDiff { entries: entries.collect() })
}
