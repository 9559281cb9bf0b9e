//! What people see of themselves comes in one statement, and is what everybody else's way of reading it gives.

use fealty_api::{
    access::{Change, PermissionGrant},
    identity::api_token,
};
use fealty_simulator::demo;
use poem::http::header;
use serde_json::{Value, json};

use crate::support::{World, graphql, send};

/// The operations of the SPA, as it sends them.
const OPERATIONS: &str = include_str!("../../../web/operations.graphql");

fn dashboard() -> &'static str {
    let text = &OPERATIONS[OPERATIONS.find("query Dashboard ").unwrap()..];
    &text[..text.find("\n}").unwrap() + 2]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dashboard_is_one_statement() {
    let world = World::new().await;
    let mirel = world.pilot(demo::MIREL).await;
    mirel.add(demo::SUNNIVA).await;
    let cost = async |query: &str| world.cost(&mirel, query).await;
    assert_eq!(cost(dashboard()).await, 1);
    assert_eq!(cost("{viewer{user{username state{name} email}}}").await, 1);
    assert_eq!(cost("{viewer{user{history(first:100){nodes{id}}}}}").await, 1);
    // What is further down the list is asked for by itself.
    assert_eq!(cost("{viewer{user{history(last:3){nodes{id}}}}}").await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_short_way_gives_the_same_answers() {
    let world = World::new().await;
    let mirel = world.pilot(demo::MIREL).await;
    mirel.add(demo::SUNNIVA).await;
    mirel.link_discord(demo::DISCORD_NEWCOMER).await;
    world.run_jobs().await;
    let user_id = mirel.user_id().await;
    world
        .apply(Change::UserPermissions { user_id, grants: &[PermissionGrant::lasting("auth.view_user")] })
        .await
        .unwrap();
    let token = {
        let mut conn = world.conn().await;
        let made = api_token::create(&mut conn, &world.app, user_id, "A bot", None, None).await.unwrap();
        made.1.expose().to_owned()
    };
    let as_bot = async |query: &str| -> Value {
        let mut request = graphql(query, &json!({}));
        request.headers_mut().remove(header::ORIGIN);
        request.headers_mut().insert(header::AUTHORIZATION, format!("Bearer {token}").parse().unwrap());
        send(&world, request).await.data()
    };
    let page =
        "nodes{id} edges{cursor} pageInfo{hasPreviousPage hasNextPage startCursor endCursor} totalCount";
    let mut queries = vec![
        dashboard().to_owned(),
        "{viewer{user{...U}}} fragment U on User{characters{name user{username} faction{name} corporation{memberCount isClosed alliance{name executorCorporationId}}}}".to_owned(),
        "{viewer{user{a:history(first:1){nodes{id}} history{nodes{id gained lost cause{kind}}}}}}".to_owned(),
        "{viewer{user{mainCharacter{isMain} services{key}} unreadNotifications}}".to_owned(),
    ];
    for arguments in ["", "(first:0)", "(first:1)", "(first:2)", "(first:100)", "(last:1)", "(last:100)"] {
        queries.push(format!(
            "{{viewer{{notifications{arguments}{{{page}}} user{{history{arguments}{{{page}}}}}}}}}"
        ));
    }
    for query in &queries {
        let seen = mirel.ask(query).await;
        assert_eq!(seen, as_bot(query).await, "{query}");
        assert_eq!(seen, mirel.ask(query).await, "again: {query}");
    }
    assert_eq!(mirel.ask(dashboard()).await["viewer"]["user"]["characters"].as_array().unwrap().len(), 2);
    // Too many are refused as ever, and what changed is seen at once.
    assert_eq!(mirel.gql("{viewer{notifications(first:101){nodes{id}}}}", json!({})).await.code(), "INVALID");
    world.sim.move_character(demo::MIREL, demo::NEUTRAL_CORPORATION).unwrap();
    world.sync().await;
    let seen = mirel.ask(dashboard()).await;
    assert_eq!(seen["viewer"]["user"]["state"]["name"], "Guest");
    assert_eq!(seen, as_bot(dashboard()).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_short_way_lets_nobody_in() {
    let world = World::new().await;
    let mirel = world.pilot(demo::MIREL).await;
    let user_id = mirel.user_id().await;
    assert!(mirel.ask(dashboard()).await["viewer"].is_object());
    world.apply(Change::ActiveChanged { user_id, is_active: false }).await.unwrap();
    assert!(mirel.ask(dashboard()).await["viewer"].is_null(), "switched off");
    let orrin = world.pilot(demo::ORRIN).await;
    assert!(orrin.ask(dashboard()).await["viewer"].is_object());
    world.clock.advance(chrono::Duration::days(31));
    assert!(orrin.ask(dashboard()).await["viewer"].is_null(), "expired");
}
