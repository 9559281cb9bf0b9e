//! Watching what happens to others: who may, what is told, and when it ends.

use std::{sync::Arc, time::Duration};

use async_graphql::Request;
use fealty_api::{
    access::{Change, PermissionGrant},
    graphql::{RequestContext, Viewer},
    identity::{api_token::Bearer, users},
};
use fealty_simulator::demo;
use futures_util::{Stream, StreamExt};
use serde_json::{Value, json};

use crate::support::World;

async fn grant(world: &World, user_id: i64, permissions: &[&str]) {
    let grants: Vec<_> = permissions.iter().map(|name| PermissionGrant::lasting(name)).collect();
    world.apply(Change::UserPermissions { user_id, grants: &grants }).await.unwrap();
}

/// Watches as a bot of a user who has these permissions; `scopes`: no more than the token names.
async fn watch(
    world: &World,
    user_id: i64,
    permissions: &[&str],
    scopes: Option<&[&str]>,
    query: &str,
) -> impl Stream<Item = Value> + Unpin + use<> {
    let user = users::find(&mut *world.conn().await, user_id).await.unwrap().unwrap();
    let scopes = scopes.map(|names| names.iter().map(|name| (*name).to_owned()).collect());
    let bearer = Bearer { token_id: 1, name: "A bot".into(), scopes, user, permission_ids: Vec::new() };
    let mut names: Vec<Arc<str>> = permissions.iter().map(|name| Arc::from(*name)).collect();
    names.sort();
    let mut context = RequestContext::default();
    context.viewer = Some(Arc::new(Viewer::from_bearer(bearer, names)));
    let request = Request::new(query).data(Arc::new(context)).data(fealty_api::graphql::loader(&world.app));
    Box::pin(world.schema.execute_stream(request).map(|response| serde_json::to_value(&response).unwrap()))
}

/// What comes next: the data, or the code of a refusal; nothing at the end.
async fn next(stream: &mut (impl Stream<Item = Value> + Unpin)) -> Option<Value> {
    let response =
        tokio::time::timeout(Duration::from_secs(10), stream.next()).await.expect("something comes")?;
    match response["errors"][0]["extensions"]["code"].as_str() {
        Some(code) => Some(json!(code)),
        None => Some(response["data"].clone()),
    }
}

/// Begins to watch: a subscription begins when it is first asked for something. Does `work` until that comes.
async fn first(stream: &mut (impl Stream<Item = Value> + Unpin), work: impl AsyncFn()) -> Option<Value> {
    let mut waiting = Box::pin(next(stream));
    loop {
        tokio::select! {
            told = &mut waiting => return told,
            () = tokio::time::sleep(Duration::from_millis(200)) => work().await,
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_of_others_are_told_as_they_happen() {
    let world = World::new().await;
    let (mirel, auditor) = (world.pilot(demo::MIREL).await, world.pilot(demo::TEODRIC).await);
    let (member, bot) = (mirel.user_id().await, auditor.user_id().await);
    let may = ["permissions_tool.audit_permissions"];
    grant(&world, bot, &may).await;
    let line = world.listen();
    let all = "subscription{accessChanged(filter:{}){person{username} change{kind gained lost cause{kind}}}}";
    let one = "subscription{accessChanged(filter:{subject:{permission:\"auth.timer_management\"}}){change{gained}}}";
    let mut told = watch(&world, bot, &may, Some(&may), all).await;
    let mut narrow = watch(&world, bot, &may, None, one).await;
    // Timers come and go until the line is there; then each change is told once, in order.
    let turn = std::sync::atomic::AtomicBool::new(false);
    let timers = async || {
        let on = !turn.fetch_xor(true, std::sync::atomic::Ordering::Relaxed);
        grant(&world, member, if on { &["auth.timer_view"] } else { &[] }).await;
    };
    let heard = first(&mut told, timers).await.unwrap();
    let change = &heard["accessChanged"];
    assert_eq!(change["person"]["username"], "Mirel_Ostavane");
    assert_eq!(change["change"]["kind"], "PERMISSION");
    grant(&world, member, &["auth.timer_management"]).await;
    loop {
        let heard = next(&mut told).await.unwrap();
        if heard["accessChanged"]["change"]["gained"] == json!(["auth.timer_management"]) {
            break;
        }
        assert!(heard["accessChanged"]["change"]["kind"] == "PERMISSION", "{heard}");
    }
    // An edit that moves several is as many changes.
    let rhea = world.pilot(demo::RHEA).await.user_id().await;
    let management = async || {
        grant(&world, member, &[]).await;
        grant(&world, rhea, &["auth.timer_management"]).await;
        grant(&world, rhea, &[]).await;
        grant(&world, member, &["auth.timer_management"]).await;
    };
    let heard = first(&mut narrow, management).await.unwrap();
    assert_eq!(heard["accessChanged"]["change"]["gained"], json!([]), "nothing but what was asked for");
    let heard = next(&mut narrow).await.unwrap();
    assert_eq!(heard["accessChanged"]["change"]["gained"], json!(["auth.timer_management"]));
    line.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn more_than_a_page_is_told_once_each_and_in_order() {
    let world = World::new().await;
    let auditor = world.pilot(demo::TEODRIC).await.user_id().await;
    world
        .sql(
            "insert into users (username, is_active, state_id, state_since, permission_set_id, created_at)
             select 'Pilot_' || n, true, (select id from states where is_guest), now(),
                    (select permission_set_id from users limit 1), now() from generate_series(1, 250) n",
        )
        .await;
    let may = ["permissions_tool.audit_permissions"];
    grant(&world, auditor, &may).await;
    let line = world.listen();
    let group = super::groups::group(&world, "Everybody", super::groups::INTERNAL).await;
    let query = format!(
        "subscription{{accessChanged(filter:{{subject:{{groupId:\"group:{group}\"}}}}){{person{{id}} change{{id gained}}}}}}"
    );
    let mut told = watch(&world, auditor, &may, None, &query).await;
    let ids: Vec<i64> = {
        let first = world.number("select min(id) from users where username like 'Pilot\\_%'").await;
        (first..first + 250).collect()
    };
    // One who comes and goes says when the line is there.
    let flicker = async || {
        super::groups::put(&world, group, &[auditor]).await;
        let out = Change::MembersRemoved {
            group_id: group,
            users: &[auditor],
            how: fealty_api::access::Removed::Removed,
            note: "",
        };
        world.apply(out).await.unwrap();
    };
    first(&mut told, flicker).await.unwrap();
    super::groups::put(&world, group, &ids).await;
    let mut seen = Vec::new();
    while seen.len() < 250 {
        let heard = next(&mut told).await.unwrap();
        let id =
            heard["accessChanged"]["person"]["id"].as_str().unwrap()["user:".len()..].parse::<i64>().unwrap();
        if id != auditor {
            let change = heard["accessChanged"]["change"]["id"].as_str().unwrap().to_owned();
            seen.push((id, change));
        }
    }
    let mut people: Vec<i64> = seen.iter().map(|(id, _)| *id).collect();
    people.sort_unstable();
    people.dedup();
    assert_eq!(people, ids, "each once");
    line.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_audit_log_is_told_entry_by_entry() {
    let world = World::new().await;
    let (mirel, reader) = (world.pilot(demo::MIREL).await, world.pilot(demo::TEODRIC).await);
    let (member, bot) = (mirel.user_id().await, reader.user_id().await);
    let may = ["admin.view_logentry"];
    grant(&world, bot, &may).await;
    let line = world.listen();
    let query = format!(
        "subscription{{auditEntryAdded(filter:{{personId:\"user:{member}\"}}){{id kind objectName affectedUserCount}}}}"
    );
    let mut told = watch(&world, bot, &may, Some(&may), &query).await;
    let others =
        watch(&world, bot, &may, None, "subscription{auditEntryAdded(filter:{kinds:[\"no_such\"]}){id}}")
            .await;
    let mut others = others;
    let active = std::sync::atomic::AtomicBool::new(true);
    let switch = async || {
        let is_active = !active.fetch_xor(true, std::sync::atomic::Ordering::Relaxed);
        world.apply(Change::ActiveChanged { user_id: member, is_active: !is_active }).await.unwrap();
        grant(&world, member, &["auth.timer_view"]).await;
        grant(&world, member, &[]).await;
    };
    let heard = first(&mut told, switch).await.unwrap()["auditEntryAdded"].clone();
    assert!(heard["id"].as_str().unwrap().starts_with("audit:"), "{heard}");
    let before: i64 = heard["id"].as_str().unwrap()["audit:".len()..].parse().unwrap();
    grant(&world, member, &["auth.timer_management"]).await;
    let heard = next(&mut told).await.unwrap()["auditEntryAdded"].clone();
    let after: i64 = heard["id"].as_str().unwrap()["audit:".len()..].parse().unwrap();
    assert!(after > before, "in order");
    let quiet = tokio::time::timeout(Duration::from_millis(300), others.next()).await;
    assert!(quiet.is_err(), "told what was not asked for: {quiet:?}");
    line.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_is_refused() {
    let world = World::new().await;
    let (mirel, other) = (world.pilot(demo::MIREL).await, world.pilot(demo::TEODRIC).await);
    let (user_id, other_id) = (mirel.user_id().await, other.user_id().await);
    let all = "subscription{accessChanged(filter:{}){change{id}}}".to_owned();
    let one =
        format!("subscription{{accessChanged(filter:{{personId:\"user:{other_id}\"}}){{change{{id}}}}}}");
    let log = "subscription{auditEntryAdded{id}}".to_owned();
    // Whose permissions, which subscription.
    for (permissions, query) in [
        (&[][..], &all),
        (&[], &one),
        (&[], &log),
        (&["auth.view_user"], &all),
        (&["permissions_tool.audit_permissions"], &log),
        (&["auth.timer_view"], &one),
    ] {
        let mut refused = watch(&world, user_id, permissions, None, query).await;
        assert_eq!(next(&mut refused).await, Some(json!("FORBIDDEN")), "{permissions:?} {query}");
        assert_eq!(next(&mut refused).await, None);
        // A token that names something else has no more.
        let mut refused =
            watch(&world, user_id, &["admin.view_logentry", "auth.view_user"], Some(permissions), query)
                .await;
        let code = next(&mut refused).await;
        assert!(code == Some(json!("FORBIDDEN")), "{permissions:?} {query}: {code:?}");
    }
    let twisted = "subscription{accessChanged(filter:{personId:\"state:1\"}){change{id}}}";
    let mut invalid = watch(&world, user_id, &[], None, twisted).await;
    assert_eq!(next(&mut invalid).await, Some(json!("INVALID")));
}

#[tokio::test(flavor = "multi_thread")]
async fn it_ends_with_the_right_to_see_it() {
    let world = World::new().await;
    let (mirel, reader) = (world.pilot(demo::MIREL).await, world.pilot(demo::TEODRIC).await);
    let (member, bot) = (mirel.user_id().await, reader.user_id().await);
    let may = ["admin.view_logentry", "auth.view_user", "permissions_tool.audit_permissions"];
    grant(&world, bot, &may).await;
    let line = world.listen();
    let log = "subscription{auditEntryAdded{id}}";
    let all = "subscription{accessChanged(filter:{}){change{id}}}";
    let one = format!("subscription{{accessChanged(filter:{{personId:\"user:{member}\"}}){{change{{id}}}}}}");
    let own = format!("subscription{{accessChanged(filter:{{personId:\"user:{bot}\"}}){{change{{lost}}}}}}");
    let mut log = watch(&world, bot, &may, None, log).await;
    let mut all = watch(&world, bot, &may, None, all).await;
    let mut one = watch(&world, bot, &may, Some(&["auth.view_user"]), &one).await;
    let mut own = watch(&world, bot, &may, None, &own).await;
    let flicker = async || {
        for user_id in [member, bot] {
            let with: Vec<&str> = may.iter().copied().chain(["auth.timer_view"]).collect();
            grant(&world, user_id, &with).await;
            grant(&world, user_id, &may).await;
        }
    };
    for stream in [&mut log, &mut all, &mut one, &mut own] {
        first(stream, flicker).await.unwrap();
    }
    // What a token does not name is no help.
    grant(&world, bot, &["permissions_tool.audit_permissions"]).await;
    let ends = async |stream: &mut (dyn Stream<Item = Value> + Unpin + Send)| {
        let mut stream = stream;
        while let Some(heard) = next(&mut stream).await {
            if heard == "FORBIDDEN" {
                return next(&mut stream).await.is_none();
            }
        }
        false
    };
    assert!(ends(&mut log).await, "the log");
    assert!(ends(&mut one).await, "another user");
    grant(&world, bot, &[]).await;
    assert!(ends(&mut all).await, "everybody");
    // One's own is never lost, but with the account.
    let mut lost = json!(null);
    while lost != json!(["permissions_tool.audit_permissions"]) {
        lost = next(&mut own).await.unwrap()["accessChanged"]["change"]["lost"].clone();
    }
    world.apply(Change::ActiveChanged { user_id: bot, is_active: false }).await.unwrap();
    assert!(ends(&mut own).await, "one's own");
    line.close().await;
}
