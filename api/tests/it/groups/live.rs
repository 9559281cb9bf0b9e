//! Wake-ups: whoever asked, and whoever decides.

use std::time::Duration;

use fealty_api::http;
use fealty_simulator::demo;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::{CLOSED, decide, grant, group, join, lead, request_of};
use crate::{
    live::{subscribe, within},
    support::World,
};

#[tokio::test(flavor = "multi_thread")]
async fn leaders_hear_of_requests_and_members_of_decisions() {
    let world = World::new().await;
    let (mirel, leader) = (world.pilot(demo::MIREL).await, world.pilot(demo::TEODRIC).await);
    let (manager, other) = (world.pilot(demo::ORRIN).await, world.pilot(demo::BRAM).await);
    let member = mirel.user_id().await;
    let scouts = group(&world, "Scouts", CLOSED).await;
    lead(&world, scouts, &[leader.user_id().await], &[]).await;
    grant(&world, manager.user_id().await, &["auth.group_management"]).await;
    let stop = CancellationToken::new();
    let listening = tokio::spawn(http::listen(world.app.clone(), world.hub.clone(), stop.clone()));
    let requests = "subscription{groupRequestsChanged{count}}";
    let changes = "subscription{viewerChanged{kind}}";
    let mut led = Box::pin(subscribe(&world, leader.user_id().await, requests).await);
    let mut managed = Box::pin(subscribe(&world, manager.user_id().await, requests).await);
    let mut quiet = Box::pin(subscribe(&world, other.user_id().await, requests).await);
    let mut silent = Box::pin(subscribe(&world, leader.user_id().await, changes).await);
    let mut own = Box::pin(subscribe(&world, member, changes).await);
    // Subscriptions begin when they are first polled; LISTEN needs a moment.
    let (a, b, c, ()) = tokio::join!(within(&mut led), within(&mut managed), within(&mut own), async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        assert_eq!(join(&mirel, scouts).await, "REQUESTED");
    });
    assert_eq!(a, Some(json!({"groupRequestsChanged": {"count": 1}})));
    assert_eq!(b, Some(json!({"groupRequestsChanged": {"count": 1}})));
    assert_eq!(c, Some(json!({"viewerChanged": {"kind": "groups"}})));
    let id = request_of(&world, scouts, member).await;
    let ids = [id];
    let (a, c, _) = tokio::join!(within(&mut led), within(&mut own), decide(&leader, &ids, false));
    assert_eq!(a, Some(json!({"groupRequestsChanged": {"count": 0}})));
    assert!(
        c.is_some_and(|c| matches!(c["viewerChanged"]["kind"].as_str(), Some("groups" | "notifications")))
    );
    for stream in [&mut quiet, &mut silent] {
        let heard =
            tokio::time::timeout(Duration::from_millis(300), futures_util::StreamExt::next(stream)).await;
        assert!(heard.is_err(), "told something that does not concern him: {heard:?}");
    }
    stop.cancel();
    listening.await.unwrap();
}
