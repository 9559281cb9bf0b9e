//! Bots: a token sees what its user sees, no more than it is limited to, and ends when it is revoked.

use chrono::Duration;
use fealty_api::{
    access::{Change, PermissionGrant},
    clock::Clock,
    error::Error,
    identity::{api_token, users},
};
use fealty_simulator::demo;
use poem::http::{StatusCode, header};
use serde_json::{Value, json};

use crate::support::{Reply, World, endpoint, graphql, send, send_to};

async fn ask(world: &World, token: &str, query: &str) -> Reply {
    let mut request = graphql(query, &json!({}));
    request.headers_mut().remove(header::ORIGIN);
    request.headers_mut().insert(header::AUTHORIZATION, format!("Bearer {token}").parse().unwrap());
    send(world, request).await
}

async fn token(world: &World, user_id: i64, scopes: Option<&[String]>, lifetime: Option<Duration>) -> String {
    let mut conn = world.conn().await;
    api_token::create(&mut conn, &world.app, user_id, "A bot", scopes, lifetime)
        .await
        .unwrap()
        .1
        .expose()
        .to_owned()
}

/// A server that believes its proxy, so that requests come from several addresses.
fn from(address: &str, credentials: (header::HeaderName, &str)) -> poem::Request {
    let mut request = graphql("{viewer{permissions}}", &json!({}));
    request.headers_mut().insert("x-forwarded-for", address.parse().unwrap());
    request.headers_mut().insert(credentials.0, credentials.1.parse().unwrap());
    request
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_credentials_are_not_looked_up_for_ever() {
    let world = World::empty("[http]\ntrusted_proxies = 1").await;
    let user_id = world.superuser().await;
    let good = token(&world, user_id, None, None).await;
    let good = format!("Bearer {good}");
    for bad in [
        (header::AUTHORIZATION, "Bearer fealty_nonsense"),
        (header::COOKIE, "fealty_session=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
    ] {
        // One server, so that its memory counts.
        let server = endpoint(&world);
        let ask = async |address: &str, credentials: (header::HeaderName, &str)| {
            send_to(&server, from(address, credentials)).await
        };
        let mut last = None;
        for _ in 0..130 {
            let before = world.app.db.statement_count();
            let reply = ask("192.0.2.1", bad.clone()).await;
            let cost = world.app.db.statement_count() - before;
            last = Some((reply.status, cost));
            if reply.status == StatusCode::TOO_MANY_REQUESTS {
                assert_eq!(reply.code(), "RATE_LIMITED");
            }
        }
        assert_eq!(last, Some((StatusCode::TOO_MANY_REQUESTS, 0)), "{bad:?}");
        let reply = ask("192.0.2.1", (header::AUTHORIZATION, good.as_str())).await;
        assert_eq!(reply.status, StatusCode::TOO_MANY_REQUESTS, "nobody knows yet that it is good");
        assert_eq!(ask("192.0.2.2", (header::AUTHORIZATION, good.as_str())).await.status, StatusCode::OK);
    }
    let server = endpoint(&world);
    for _ in 0..200 {
        let reply = send_to(&server, from("192.0.2.1", (header::AUTHORIZATION, good.as_str()))).await;
        assert_eq!(reply.status, StatusCode::OK, "good ones do not count");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_names_the_token_that_acted() {
    let world = World::new().await;
    let user_id = world.superuser().await;
    let secret = token(&world, user_id, None, None).await;
    let id = world.number("select id from api_tokens").await;
    let made = "mutation{createReservedGroupName(input:{name:\"Directors\",reason:\"Ours.\"}){status}}";
    ask(&world, &secret, made).await.data();
    let log = "{auditEntries(first:1){nodes{actorKind actorName tokenId tokenName}}}";
    assert_eq!(
        ask(&world, &secret, log).await.data()["auditEntries"]["nodes"][0],
        json!({"actorKind": "token", "actorName": "admin", "tokenId": format!("token:{id}"), "tokenName": "A bot"})
    );
    assert_eq!(world.number("select count(*) from audit_entries where token_id is not null").await, 1);
}

fn first_user(data: &Value) -> &Value {
    &data["viewer"]["user"]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bot_sees_what_its_user_sees() {
    let world = World::new().await;
    let mirel = world.pilot(demo::MIREL).await;
    let token = token(&world, mirel.user_id().await, None, None).await;
    assert!(token.starts_with("fealty_"));
    let query = "{viewer{permissions user{id username state{name} permissions services{key status} mainCharacter{name}}}}";
    let seen = ask(&world, &token, query).await.data();
    assert_eq!(seen, mirel.ask(query).await);
    world.sim.move_character(demo::MIREL, demo::NEUTRAL_CORPORATION).unwrap();
    world.sync().await;
    assert_eq!(first_user(&ask(&world, &token, query).await.data())["state"]["name"], "Guest");
    assert_eq!(world.number("select count(*) from api_tokens where last_used_at is not null").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limited_token_may_no_more_than_both() {
    let world = World::new().await;
    let mirel = world.pilot(demo::MIREL).await;
    let user_id = mirel.user_id().await;
    world
        .apply(Change::UserPermissions { user_id, grants: &[PermissionGrant::lasting("auth.view_user")] })
        .await
        .unwrap();
    let limited = token(
        &world,
        user_id,
        Some(&["discord.access_discord".into(), "authentication.view_state".into()]),
        None,
    )
    .await;
    let data = ask(&world, &limited, "{viewer{permissions}}").await.data();
    assert_eq!(data["viewer"]["permissions"], json!(["discord.access_discord"]));
    assert_eq!(ask(&world, &limited, "{users{totalCount}}").await.code(), "FORBIDDEN");
    assert_eq!(ask(&world, &limited, "{states{name}}").await.code(), "FORBIDDEN");
    let full = token(&world, user_id, None, None).await;
    assert_eq!(ask(&world, &full, "{users{totalCount}}").await.data()["users"]["totalCount"], 1);
    // A superuser's limited token is limited too.
    world.apply(Change::SuperuserChanged { user_id, is_superuser: true }).await.unwrap();
    assert_eq!(ask(&world, &limited, "{users{totalCount}}").await.code(), "FORBIDDEN");
    assert_eq!(ask(&world, &full, "{states{name}}").await.data()["states"].as_array().unwrap().len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_tokens_are_refused_loudly() {
    let world = World::new().await;
    let mirel = world.pilot(demo::MIREL).await;
    let user_id = mirel.user_id().await;
    let good = token(&world, user_id, None, Some(Duration::days(1))).await;
    let query = "{site{name}}";
    assert_eq!(ask(&world, &good, query).await.status, 200);
    for bad in [
        "",
        "x",
        "fealty_",
        "fealty_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        &good[..good.len() - 1],
        &good.replace("fealty_", ""),
    ] {
        let reply = ask(&world, bad, query).await;
        assert_eq!((reply.status.as_u16(), reply.code()), (401, "UNAUTHENTICATED".into()), "{bad}");
    }
    let mut request = graphql(query, &json!({}));
    request.headers_mut().insert(header::AUTHORIZATION, "Basic eDp5".parse().unwrap());
    assert_eq!(send(&world, request).await.status, 401);
    world.wait(Duration::days(2));
    assert_eq!(ask(&world, &good, query).await.status, 401, "expired");
    let fresh = token(&world, user_id, None, None).await;
    let id = world.number("select max(id) from api_tokens").await;
    let mut conn = world.conn().await;
    let now = world.clock.now();
    api_token::revoke(&mut conn, now, id).await.unwrap();
    assert!(matches!(api_token::revoke(&mut conn, now, id).await, Err(Error::NotFound)), "twice");
    drop(conn);
    assert_eq!(ask(&world, &fresh, query).await.status, 401, "revoked");
    let other = token(&world, user_id, None, None).await;
    world.apply(Change::ActiveChanged { user_id, is_active: false }).await.unwrap();
    assert_eq!(ask(&world, &other, query).await.status, 401, "its user is switched off");
}

#[tokio::test(flavor = "multi_thread")]
async fn bots_do_not_manage_sessions_or_link_accounts() {
    let world = World::new().await;
    let mirel = world.pilot(demo::MIREL).await;
    let token = token(&world, mirel.user_id().await, None, None).await;
    for query in [
        "{viewer{sessions{id}}}",
        "mutation{linkService(input:{service:\"discord\"}){status}}",
        "mutation{revokeSession(input:{id:\"session:1\"}){status}}",
        "mutation{setMainCharacter(input:{characterId:1}){status}}",
        "mutation{setMainCharacter(input:{characterId:1,preview:true}){status}}",
        "mutation{leaveGroup(input:{groupId:\"group:1\",preview:true}){status}}",
        "mutation{unlinkService(input:{service:\"discord\"}){status}}",
        "mutation{updatePreferences(input:{theme:\"dark\"}){status}}",
    ] {
        assert_eq!(ask(&world, &token, query).await.code(), "FORBIDDEN", "{query}");
    }
    let email = ask(&world, &token, "{viewer{user{email}}}").await.data();
    assert_eq!(email["viewer"]["user"]["email"], json!(null), "addresses are not for bots");
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_are_made_with_care() {
    let world = World::new().await;
    let user_id = world.pilot(demo::MIREL).await.user_id().await;
    let mut conn = world.conn().await;
    for (name, scopes) in
        [("", None), (&*"x".repeat(101), None), ("bot", Some(vec!["auth.no_such".to_owned()]))]
    {
        let made = api_token::create(&mut conn, &world.app, user_id, name, scopes.as_deref(), None).await;
        assert!(matches!(made, Err(Error::Invalid(_))), "{name}");
    }
    assert!(users::find_by_username(&mut conn, "MIREL_ostavane").await.unwrap().is_some(), "any case");
}

#[tokio::test(flavor = "multi_thread")]
async fn making_and_revoking_a_token_is_in_the_audit_log() {
    let world = World::new().await;
    let user_id = world.pilot(demo::MIREL).await.user_id().await;
    let mut conn = world.conn().await;
    let scopes = ["auth.view_user".to_owned()];
    let (id, _) =
        api_token::create(&mut conn, &world.app, user_id, "A bot", Some(&scopes), None).await.unwrap();
    api_token::revoke(&mut conn, world.clock.now(), id).await.unwrap();
    assert!(
        matches!(api_token::revoke(&mut conn, world.clock.now(), id).await, Err(Error::NotFound)),
        "twice"
    );
    let logged = format!(
        "select count(*) from audit_entries where object_id = 'token:{id}' and actor_kind = 'operator'
         and (kind = 'token_created' and after = '{{\"user\": {{\"id\": \"user:{user_id}\", \"name\": \"Mirel_Ostavane\"}}, \"permissions\": [\"auth.view_user\"], \"expiresAt\": null}}'
              or kind = 'token_revoked')"
    );
    assert_eq!(world.number(&logged).await, 2);
}
