//! Live updates: a wake-up of the database reaches the subscriptions of those it concerns, and nobody else's.

use std::{sync::Arc, time::Duration};

use async_graphql::Request;
use fealty_api::{
    graphql::{RequestContext, Viewer},
    http,
    identity::users,
};
use fealty_simulator::demo;
use futures_util::StreamExt;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::support::World;

pub async fn subscribe(
    world: &World,
    user_id: i64,
    query: &str,
) -> impl futures_util::Stream<Item = Value> + use<> {
    let mut conn = world.conn().await;
    let user = users::find(&mut conn, user_id).await.unwrap().unwrap();
    let state = fealty_api::states::list(&mut conn).await.unwrap().remove(0);
    drop(conn);
    let session = fealty_api::identity::session::Session {
        id: 1,
        is_registration: false,
        user,
        permission_ids: Vec::new(),
        state,
    };
    let mut context = RequestContext::default();
    context.viewer = Some(Arc::new(Viewer::from_session(session, Vec::new())));
    let request = Request::new(query).data(Arc::new(context)).data(fealty_api::graphql::loader(&world.app));
    world.schema.execute_stream(request).map(|response| {
        assert!(response.errors.is_empty(), "{:?}", response.errors);
        response.data.into_json().unwrap()
    })
}

pub async fn within<S: futures_util::Stream<Item = Value> + Unpin>(stream: &mut S) -> Option<Value> {
    tokio::time::timeout(Duration::from_secs(10), stream.next()).await.ok().flatten()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_open_page_hears_of_its_own_changes_only() {
    let world = World::new().await;
    let mirel = world.pilot(demo::MIREL).await;
    let teodric = world.pilot(demo::TEODRIC).await;
    let stop = CancellationToken::new();
    let listening = tokio::spawn(http::listen(world.app.clone(), world.hub.clone(), stop.clone()));
    let changes = subscribe(&world, mirel.user_id().await, "subscription{viewerChanged{kind}}").await;
    let others = subscribe(&world, teodric.user_id().await, "subscription{viewerChanged{kind}}").await;
    let added = subscribe(&world, mirel.user_id().await, "subscription{notificationAdded{kind title}}").await;
    let (mut changes, mut others, mut added) = (Box::pin(changes), Box::pin(others), Box::pin(added));
    // Subscriptions begin when they are first polled; LISTEN needs a moment.
    let (first, notified, ()) = tokio::join!(within(&mut changes), within(&mut added), async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        world.sim.move_character(demo::MIREL, demo::NEUTRAL_CORPORATION).unwrap();
        world.sync().await;
    });
    assert_eq!(first, Some(json!({"viewerChanged": {"kind": "access"}})));
    assert_eq!(
        notified,
        Some(json!({"notificationAdded": {"kind": "state_changed", "title": "State changed to Guest"}}))
    );
    let quiet = tokio::time::timeout(Duration::from_millis(500), others.next()).await;
    assert!(quiet.is_err(), "somebody else's change was told: {quiet:?}");
    stop.cancel();
    listening.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_are_served() {
    http::metrics_recorder();
    let world = World::new().await;
    let mirel = world.pilot(demo::MIREL).await;
    let text = mirel.get("/metrics").await.body;
    for name in [
        "fealty_http_requests_total",
        "fealty_jobs_waiting",
        "fealty_service_accounts_due",
        "fealty_upstream_requests_total",
    ] {
        assert!(text.contains(name), "{name} is missing:\n{text}");
    }
    assert_eq!(mirel.get("/health/ready").await.body, "ready");
}
