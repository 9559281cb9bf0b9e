//! Live updates: a wake-up of the database reaches the subscriptions of those it concerns, and nobody else's.

use std::{sync::Arc, time::Duration};

use async_graphql::Request;
use fealty_api::{
    app::App,
    events::{self, Topic},
    graphql::{RequestContext, Viewer},
    http,
    identity::users,
    permissions::Grant,
    upstream::Secret,
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
    let state = fealty_api::states::list(&mut conn, &Grant::operator()).await.unwrap().remove(0);
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
async fn very_many_users_are_told_as_everybody() {
    let world = World::new().await;
    let stop = CancellationToken::new();
    let listening = tokio::spawn(http::listen(world.app.clone(), world.hub.clone(), stop.clone()));
    let mut heard = Box::pin(world.hub.of(7));
    tokio::time::sleep(Duration::from_millis(500)).await;
    let users: Vec<i64> = (1_000_000..1_002_000).collect();
    let mut conn = world.conn().await;
    events::send(&mut conn, Topic::Groups, &users).await.expect("a payload that fits");
    let topic = tokio::time::timeout(Duration::from_secs(10), heard.next()).await.unwrap();
    assert_eq!(topic, Some(Topic::Groups), "he is one of everybody");
    // As many as can be named are: he is none of them.
    events::send(&mut conn, Topic::Groups, &users[..500]).await.unwrap();
    events::send(&mut conn, Topic::Services, &[7]).await.unwrap();
    let topic = tokio::time::timeout(Duration::from_secs(10), heard.next()).await.unwrap();
    assert_eq!(topic, Some(Topic::Services));
    stop.cancel();
    listening.await.unwrap();
}

/// A way to the database that can fall silent without a word, as after a failover.
async fn silent_way(to: String, silence: CancellationToken) -> u16 {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut near, _)) = listener.accept().await {
            let (to, was_silent, silence) = (to.clone(), silence.is_cancelled(), silence.clone());
            tokio::spawn(async move {
                let mut far = tokio::net::TcpStream::connect(to).await.unwrap();
                let copying = tokio::io::copy_bidirectional(&mut near, &mut far);
                if was_silent {
                    let _ = copying.await;
                    return;
                }
                tokio::select! {
                    _ = copying => {}
                    () = silence.cancelled() => std::future::pending().await,
                }
            });
        }
    });
    port
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_that_fell_silent_is_made_anew() {
    let world = World::new().await;
    let mut url: url::Url = world.app.config.database.url.expose().parse().unwrap();
    let silence = CancellationToken::new();
    let to = format!("{}:{}", url.host_str().unwrap(), url.port().unwrap());
    let port = silent_way(to, silence.clone()).await;
    url.set_host(Some("127.0.0.1")).unwrap();
    url.set_port(Some(port)).unwrap();
    let mut config = world.app.config.clone();
    config.database.url = Secret::new(url.to_string());
    let app = App::new(config, world.clock.clone()).unwrap();
    let stop = CancellationToken::new();
    let check = Duration::from_millis(300);
    let listening = tokio::spawn(http::listen_checking(app, world.hub.clone(), stop.clone(), check));
    let mut heard = Box::pin(world.hub.of(7));
    tokio::time::sleep(Duration::from_millis(700)).await;
    silence.cancel();
    // Whoever was deaf looks at everything again, and hears what comes then.
    let mut said = Vec::new();
    while said.len() < Topic::ALL.len() {
        said.push(tokio::time::timeout(Duration::from_secs(10), heard.next()).await.expect("it is noticed"));
    }
    events::send(&mut *world.conn().await, Topic::Services, &[7]).await.unwrap();
    let topic = tokio::time::timeout(Duration::from_secs(10), heard.next()).await.unwrap();
    assert_eq!(topic, Some(Topic::Services));
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
