//! `GET /export/audit.jsonl`.

use fealty_api::{
    access::{Change, PermissionGrant},
    http,
    identity::api_token,
};
use fealty_simulator::demo;
use futures_util::StreamExt;
use poem::{
    Endpoint, Request,
    http::{StatusCode, header},
};
use serde_json::{Value, json};

use super::write_some;
use crate::support::{Browser, Reply, World, send};

fn get(query: &str) -> Request {
    let path = format!("/export/audit.jsonl{query}");
    Request::builder().uri(path.parse().unwrap()).header("sec-fetch-site", "same-origin").finish()
}

async fn bearer(world: &World, token: &str, query: &str) -> Reply {
    let mut request = get(query);
    request.headers_mut().insert(header::AUTHORIZATION, format!("Bearer {token}").parse().unwrap());
    send(world, request).await
}

async fn auditor(world: &World) -> (Browser<'_>, i64) {
    let browser = world.pilot(demo::MIREL).await;
    let user_id = browser.user_id().await;
    world
        .apply(Change::UserPermissions {
            user_id,
            grants: &[PermissionGrant::lasting("admin.view_logentry")],
        })
        .await
        .unwrap();
    (browser, user_id)
}

fn lines(reply: &Reply) -> Vec<Value> {
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.body);
    assert!(reply.body.is_empty() || reply.body.ends_with('\n'));
    reply.body.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_see_the_log_gets_none() {
    let world = World::new().await;
    assert_eq!(send(&world, get("")).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(bearer(&world, "fealty_nonsense", "").await.status, StatusCode::UNAUTHORIZED);
    let member = world.pilot(demo::TEODRIC).await;
    let reply = member.send(get("")).await;
    assert_eq!((reply.status, reply.code()), (StatusCode::FORBIDDEN, "FORBIDDEN".into()));
    let registering = world.browser();
    registering.log_in(demo::YELENA).await;
    assert_eq!(registering.send(get("")).await.status, StatusCode::UNAUTHORIZED);

    let (auditor, user_id) = auditor(&world).await;
    assert_eq!(auditor.send(get("")).await.status, StatusCode::OK);
    for site in ["cross-site", "same-site", "none"] {
        let mut request = get("");
        request.headers_mut().insert("sec-fetch-site", site.parse().unwrap());
        assert_eq!(auditor.send(request).await.status, StatusCode::FORBIDDEN, "{site}");
    }
    let mut request = get("");
    request.headers_mut().insert(header::ORIGIN, "https://evil.example".parse().unwrap());
    assert_eq!(auditor.send(request).await.status, StatusCode::FORBIDDEN);

    let mut conn = world.conn().await;
    let scope = Some(["auth.view_user".to_owned()]);
    for (scopes, status) in
        [(None, StatusCode::OK), (scope.as_ref().map(<[_; 1]>::as_slice), StatusCode::FORBIDDEN)]
    {
        let (_, token) =
            api_token::create(&mut conn, &world.app, user_id, "A bot", scopes, None).await.unwrap();
        assert_eq!(bearer(&world, token.expose(), "").await.status, status);
    }
    world.apply(Change::UserPermissions { user_id, grants: &[] }).await.unwrap();
    assert_eq!(auditor.send(get("")).await.status, StatusCode::FORBIDDEN, "taken away");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bot_that_asks_too_often_waits() {
    let world = World::new().await;
    let (_, user_id) = auditor(&world).await;
    let mut conn = world.conn().await;
    let (_, token) = api_token::create(&mut conn, &world.app, user_id, "A bot", None, None).await.unwrap();
    // One server, so that its memory counts.
    let endpoint = http::routes(&world.app, world.schema.clone(), world.hub.clone());
    for _ in 0..2_000 {
        let mut request = get("?kind=none");
        request
            .headers_mut()
            .insert(header::AUTHORIZATION, format!("Bearer {}", token.expose()).parse().unwrap());
        let response = endpoint.get_response(request).await;
        if response.status() == StatusCode::TOO_MANY_REQUESTS {
            return;
        }
    }
    panic!("there is no limit");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_has_every_entry_oldest_first() {
    let world = World::new().await;
    let (auditor, user_id) = auditor(&world).await;
    write_some(&world, 2_500).await;
    let reply = auditor.send(get("")).await;
    assert_eq!(reply.headers[header::CONTENT_TYPE], "application/x-ndjson");
    assert_eq!(reply.headers[header::CONTENT_DISPOSITION], "attachment; filename=\"audit.jsonl\"");
    assert_eq!(reply.headers[header::CACHE_CONTROL], "no-store");
    let all = lines(&reply);
    assert_eq!(i64::try_from(all.len()).unwrap(), world.number("select count(*) from audit_entries").await);
    assert!(all.is_sorted_by_key(|line| line["at"].as_str().unwrap().to_owned()));

    let some = lines(&auditor.send(get("?kind=main_changed&object=user:777")).await);
    assert_eq!(some.len(), 2_500);
    assert_eq!(some[0]["summary"], "Entry 1.");
    assert_eq!(some[2_499]["summary"], "Entry 2500.");
    let named = [
        "id",
        "at",
        "kind",
        "actorKind",
        "actorId",
        "actorName",
        "tokenId",
        "tokenName",
        "objectKind",
        "objectId",
        "objectName",
        "summary",
        "before",
        "after",
        "requestId",
        "position",
        "hash",
    ];
    assert_eq!(some[0].as_object().unwrap().len(), named.len());
    let line = reply.body.lines().next().unwrap();
    let places = named.map(|name| line.find(&format!("\"{name}\":")).unwrap());
    assert!(places.is_sorted(), "in the order that is documented: {line}");
    assert_eq!(some[0]["before"], json!({"a": 1}), "JSON, not its text");
    assert_eq!((&some[0]["after"], &some[0]["actorId"]), (&Value::Null, &Value::Null));
    assert_eq!(some[0]["hash"].as_str().unwrap().len(), 64);
    assert!(some[0]["at"].as_str().unwrap().ends_with(".000000Z"));

    let his = lines(&auditor.send(get(&format!("?person=user:{user_id}"))).await);
    assert!(!his.is_empty() && his.len() < 20);
    assert!(lines(&auditor.send(get("?person=user:424242")).await).is_empty());
    assert!(lines(&auditor.send(get("?to=2001-01-01")).await).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_goes_on_where_he_ended_misses_nothing() {
    let world = World::new().await;
    let (auditor, _) = auditor(&world).await;
    let first = lines(&auditor.send(get("?afterPosition=0")).await);
    assert!(first.is_sorted_by_key(|line| line["position"].as_i64().unwrap()));
    let last = first.last().unwrap()["position"].as_i64().unwrap();
    assert_eq!(i64::try_from(first.len()).unwrap(), last);
    // An entry that began before the others and was committed after them.
    world
        .sql(
            "insert into audit_entries (at, actor_kind, actor_name, kind, object_kind, object_id, object_name, summary)
             values (now() - interval '1 day', 'system', 'system', 'main_changed', 'user', 'user:777', 'Ansgar', 'Late.')",
        )
        .await;
    write_some(&world, 1_500).await;
    let more = lines(&auditor.send(get(&format!("?afterPosition={last}"))).await);
    assert_eq!(more.len(), 1_501, "more than a page");
    assert_eq!((&more[0]["summary"], &more[0]["position"]), (&json!("Late."), &json!(last + 1)));
    let some =
        lines(&auditor.send(get(&format!("?afterPosition={last}&person=user:777&kind=main_changed"))).await);
    assert_eq!(some.len(), 1_501);
    assert!(lines(&auditor.send(get(&format!("?afterPosition={}", last + 1_501))).await).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exact_number_of_pages_ends() {
    let world = World::new().await;
    let (auditor, _) = auditor(&world).await;
    write_some(&world, 2_000).await;
    assert_eq!(lines(&auditor.send(get("?object=user:777&kind=main_changed")).await).len(), 2_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_understood_is_refused() {
    let world = World::new().await;
    let (auditor, _) = auditor(&world).await;
    for query in [
        "?form=2026-01-01",
        "?afterPosition=last",
        "?from=soon",
        "?person=1",
        "?from=2026-02-01&to=2026-01-01",
        "?search=x",
    ] {
        let reply = auditor.send(get(query)).await;
        assert_eq!((reply.status, reply.code()), (StatusCode::BAD_REQUEST, "INVALID".into()), "{query}");
    }
    for method in [poem::http::Method::POST, poem::http::Method::DELETE] {
        let mut request = get("");
        request.set_method(method);
        assert_eq!(auditor.send(request).await.status, StatusCode::METHOD_NOT_ALLOWED);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_goes_on_however_many_guess_tokens() {
    let world = World::new().await;
    let (_, user_id) = auditor(&world).await;
    write_some(&world, 2_500).await;
    let (_, token) =
        api_token::create(&mut *world.conn().await, &world.app, user_id, "A bot", None, None).await.unwrap();
    let with = |token: &str| {
        let mut request = get("");
        request.headers_mut().insert(header::AUTHORIZATION, format!("Bearer {token}").parse().unwrap());
        request
    };
    let endpoint = http::routes(&world.app, world.schema.clone(), world.hub.clone());
    let mut body = endpoint.get_response(with(token.expose())).await.into_body().into_bytes_stream();
    let mut last = StatusCode::OK;
    for _ in 0..130 {
        last = endpoint.get_response(with("fealty_nonsense")).await.status();
    }
    assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
    let mut lines = 0;
    while let Some(part) = body.next().await {
        lines += part.unwrap().iter().filter(|byte| **byte == b'\n').count();
    }
    assert!(lines > 2_500, "{lines}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_ends_with_the_session() {
    let world = World::new().await;
    let (auditor, _) = auditor(&world).await;
    write_some(&world, 2_500).await;
    let cookies: Vec<String> =
        auditor.cookies.lock().unwrap().iter().map(|(name, value)| format!("{name}={value}")).collect();
    let mut request = get("");
    request.headers_mut().insert(header::COOKIE, cookies.join("; ").parse().unwrap());
    let endpoint = http::routes(&world.app, world.schema.clone(), world.hub.clone());
    let mut body = endpoint.get_response(request).await.into_body().into_bytes_stream();
    assert!(body.next().await.unwrap().is_ok());
    auditor.ask("mutation{logout{status}}").await;
    assert!(body.next().await.unwrap().is_err(), "cut off, so that nobody takes it for the whole");
}
