//! Deciding on requests.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName, sql_query,
    sql_types::{Array, BigInt},
};
use diesel_async::RunQueryDsl;
use fealty_shared::id::GroupId;

use super::{
    asker::Asker,
    gate::Obstacle,
    join::cause,
    model::{Group, Request, RequestKind},
    store, told,
};
use crate::{
    access::{self, Change, Joined, Membership, Removed, SettledRequests},
    app::App,
    audit::{Named, Thing},
    db::Conn,
    error::Result,
    notifications::{self, Level},
    text,
};

/// The outcome for one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    Accepted,
    Rejected,
    /// Gone, decided by somebody else, or not visible to the asker.
    NotFound,
    /// Only superusers decide for a restricted group.
    NotAllowed,
    /// They may no longer become a member; the request stays. Why, in one sentence.
    NotEligible(&'static str),
}

/// Requests for one group that are decided in the same way.
struct Batch {
    kind: RequestKind,
    requests: Vec<Request>,
}

/// Accepts or rejects requests, all in one transaction. The number of statements depends on the number of groups
/// only. Returns the outcome for each id.
///
/// # Errors
/// `Invalid` for a note that is too long.
pub async fn decide(
    app: &App,
    asker: &Asker,
    ids: &[i64],
    is_accepted: bool,
    note: Option<&str>,
) -> Result<Vec<(i64, Decision)>> {
    let note = text::reason("note", note)?;
    let now = app.clock.now();
    let db = &app.db;
    db.transaction(async |conn| {
        access::hold_rules(conn).await?;
        let requests = store::requests(conn, ids).await?;
        let users: Vec<i64> = requests.iter().map(|request| request.user_id).collect();
        let pilots = store::lock_pilots(conn, &users).await?;
        let Some(asker) = asker.as_of_now(conn).await? else {
            return Ok(ids.iter().map(|id| (*id, Decision::NotFound)).collect());
        };
        let group_ids: Vec<i64> = requests.iter().map(|request| request.group_id).collect();
        let seen = store::seen(conn, asker.pilot.user_id, &group_ids).await?;
        let groups: HashMap<i64, &Group> = seen.iter().map(|seen| (seen.group.id, &*seen.group)).collect();
        let mut decisions: HashMap<i64, Decision> = HashMap::new();
        let mut chosen = Vec::new();
        for request in requests {
            let Some(group) = groups.get(&request.group_id).filter(|group| asker.manages(group)) else {
                continue;
            };
            let pilot = pilots.get(&request.user_id);
            let obstacle = match request.kind {
                RequestKind::Join => pilot.map_or(Some("This pilot no longer has an account."), |pilot| {
                    pilot.obstacle(group.gate()).map(Obstacle::sentence)
                }),
                RequestKind::Leave => None,
            };
            match obstacle {
                _ if !asker.may_edit(group) => {
                    decisions.insert(request.id, Decision::NotAllowed);
                }
                Some(obstacle) if is_accepted => {
                    decisions.insert(request.id, Decision::NotEligible(obstacle));
                }
                _ => chosen.push(request),
            }
        }
        let taken = take(conn, &chosen).await?;
        chosen.retain(|request| taken.contains(&request.id));
        let decision = if is_accepted { Decision::Accepted } else { Decision::Rejected };
        decisions.extend(chosen.iter().map(|request| (request.id, decision)));
        carry_out(conn, now, &asker, &groups, chosen, is_accepted, &note).await?;
        Ok(ids.iter().map(|id| (*id, decisions.get(id).copied().unwrap_or(Decision::NotFound))).collect())
    })
    .await
}

/// Removes the requests. When two people decide on the same request, only one of them gets it.
async fn take(conn: &mut Conn, requests: &[Request]) -> Result<HashSet<i64>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = BigInt)]
        id: i64,
    }
    if requests.is_empty() {
        return Ok(HashSet::new());
    }
    let rows: Vec<Row> = sql_query("delete from group_requests where id = any ($1) returning id")
        .bind::<Array<BigInt>, _>(requests.iter().map(|request| request.id).collect::<Vec<_>>())
        .load(conn)
        .await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

async fn carry_out(
    conn: &mut Conn,
    now: DateTime<Utc>,
    asker: &Asker,
    groups: &HashMap<i64, &Group>,
    requests: Vec<Request>,
    is_accepted: bool,
    note: &str,
) -> Result<()> {
    if requests.is_empty() {
        return Ok(());
    }
    let mut batches: BTreeMap<(i64, RequestKind), Batch> = BTreeMap::new();
    for request in requests {
        let kind = request.kind;
        let batch =
            batches.entry((request.group_id, kind)).or_insert_with(|| Batch { kind, requests: Vec::new() });
        batch.requests.push(request);
    }
    let touched: Vec<i64> = batches.keys().map(|(group_id, _)| *group_id).collect();
    let mut users: Vec<i64> =
        batches.values().flat_map(|batch| batch.requests.iter().map(|request| request.user_id)).collect();
    users.sort_unstable();
    users.dedup();
    for ((group_id, _), batch) in &batches {
        let Some(group) = groups.get(group_id) else { continue };
        if is_accepted {
            accept(conn, now, asker, group, batch, note).await?;
        } else {
            reject(conn, now, asker, group, batch, note).await?;
        }
    }
    told::wake(conn, &touched, &users).await
}

/// What the audit log keeps of the requests, which are gone afterwards.
async fn kept(conn: &mut Conn, batch: &Batch, note: &str) -> Result<serde_json::Value> {
    let users = batch.requests.iter().map(|request| request.user_id);
    let named = Named::load(conn, [(Thing::User, users)]).await?;
    let requests: Vec<_> = batch
        .requests
        .iter()
        .map(|r| serde_json::json!({ "user": named.one(Thing::User, r.user_id), "reason": r.reason }))
        .collect();
    Ok(serde_json::json!({ "kind": batch.kind.as_str(), "requests": requests, "note": note }))
}

fn sentence(asker: &Asker, verb: &str, group: &Group, batch: &Batch, note: &str) -> String {
    let end = if note.is_empty() { ".".to_owned() } else { format!(": {note}") };
    format!("{} {verb} the request to {} {}{end}", asker.actor.name(), batch.kind.as_str(), group.name)
}

/// The engine notifies those who asked.
async fn accept(
    conn: &mut Conn,
    now: DateTime<Utc>,
    asker: &Asker,
    group: &Group,
    batch: &Batch,
    note: &str,
) -> Result<()> {
    let users: Vec<i64> = batch.requests.iter().map(|request| request.user_id).collect();
    let summary = sentence(asker, "accepted", group, batch, note);
    let mut cause = cause(asker, "group_request_accepted", group, summary);
    cause.after = Some(kept(conn, batch, note).await?);
    let change = match batch.kind {
        RequestKind::Join => Change::MembersAdded(Membership {
            group_id: group.id,
            users: &users,
            starts_at: None,
            ends_at: None,
            reason: note,
            how: Joined::Accepted,
        }),
        RequestKind::Leave => {
            Change::MembersRemoved { group_id: group.id, users: &users, how: Removed::Accepted, note }
        }
    };
    access::apply(conn, now, &cause, change).await?;
    Ok(())
}

async fn reject(
    conn: &mut Conn,
    now: DateTime<Utc>,
    asker: &Asker,
    group: &Group,
    batch: &Batch,
    note: &str,
) -> Result<()> {
    let users: Vec<i64> = batch.requests.iter().map(|request| request.user_id).collect();
    let kind = batch.kind.as_str();
    let summary = sentence(asker, "rejected", group, batch, note);
    let notice = notifications::New {
        level: Level::Danger,
        kind: "group_request_rejected",
        about: Some(GroupId(group.id).to_string()),
        title: format!("Your request to {kind} {} was rejected", group.name),
        body: summary.clone(),
    };
    let mut cause = cause(asker, "group_request_rejected", group, summary);
    cause.after = Some(kept(conn, batch, note).await?);
    let settled = SettledRequests { group_id: group.id, users: &users, kind, action: "rejected", note };
    access::log_requests(conn, now, &cause, &settled).await?;
    notifications::send(conn, now, &users, &notice).await
}
