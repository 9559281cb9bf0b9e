//! Connections of subscriptions: they end with the credentials, and with the rights, that they began with.

use std::{sync::Arc, time::Duration};

use fealty_api::{
    access::{Change, PermissionGrant},
    identity::api_token,
};
use fealty_simulator::demo;
use futures_util::{SinkExt, StreamExt};
use poem::{
    Endpoint, Server,
    http::{StatusCode, header},
    listener::{Acceptor, Listener, TcpListener},
};
use serde_json::{Value, json};
use tokio::{net::TcpStream, task::JoinHandle};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{Message, client::IntoClientRequest},
};

use crate::support::{World, endpoint, graphql, send_to};

/// A server that listens.
struct Site<E> {
    routes: Arc<E>,
    address: String,
    task: JoinHandle<()>,
}

async fn site(world: &World) -> Site<impl Endpoint + 'static> {
    let routes = Arc::new(endpoint(world));
    let acceptor = TcpListener::bind("127.0.0.1:0").into_acceptor().await.unwrap();
    let address = acceptor.local_addr()[0].as_socket_addr().unwrap().to_string();
    let server = Server::new_with_acceptor(acceptor);
    let served = Arc::clone(&routes);
    let task = tokio::spawn(async move { server.run(served).await.unwrap() });
    Site { routes, address, task }
}

async fn token(world: &World, user_id: i64) -> String {
    let mut conn = world.conn().await;
    let made = api_token::create(&mut conn, &world.app, user_id, "A bot", None, None).await;
    made.unwrap().1.expose().to_owned()
}

/// A connection that listens to what `token` may, and was told that it does.
async fn listen(address: &str, token: &str) -> WebSocketStream<TcpStream> {
    let mut request = format!("ws://{address}/graphql/ws").into_client_request().unwrap();
    let headers = request.headers_mut();
    headers.insert(header::AUTHORIZATION, format!("Bearer {token}").parse().unwrap());
    headers.insert(header::SEC_WEBSOCKET_PROTOCOL, "graphql-transport-ws".parse().unwrap());
    let stream = TcpStream::connect(address).await.unwrap();
    let (mut socket, _) = client_async(request, stream).await.unwrap();
    socket.send(Message::text(json!({"type": "connection_init"}).to_string())).await.unwrap();
    let answer = socket.next().await.unwrap().unwrap().into_text().unwrap();
    assert_eq!(serde_json::from_str::<Value>(&answer).unwrap()["type"], "connection_ack");
    let subscribed =
        json!({"type": "subscribe", "id": "1", "payload": {"query": "subscription{viewerChanged{kind}}"}});
    socket.send(Message::text(subscribed.to_string())).await.unwrap();
    socket
}

/// Whether the server ends the connection soon.
async fn ends(socket: &mut WebSocketStream<TcpStream>, soon: Duration) -> bool {
    let end = async {
        loop {
            match socket.next().await {
                None | Some(Err(_) | Ok(Message::Close(_))) => return,
                Some(Ok(_)) => {}
            }
        }
    };
    tokio::time::timeout(soon, end).await.is_ok()
}

async fn grant(world: &World, user_id: i64, permissions: &[&str]) {
    let grants: Vec<_> = permissions.iter().map(|name| PermissionGrant::lasting(name)).collect();
    world.apply(Change::UserPermissions { user_id, grants: &grants }).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_ends_with_a_right_it_began_with() {
    let world = World::new().await;
    let user_id = world.pilot(demo::MIREL).await.user_id().await;
    grant(&world, user_id, &["permissions_tool.audit_permissions", "auth.change_user"]).await;
    let token = token(&world, user_id).await;
    let (site, line) = (site(&world).await, world.listen());
    let mut socket = listen(&site.address, &token).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    let more = ["permissions_tool.audit_permissions", "auth.change_user", "auth.timer_view"];
    grant(&world, user_id, &more).await;
    assert!(!ends(&mut socket, Duration::from_secs(2)).await, "one more right changes nothing");
    // What is nested in what it listens to would go on to be shown.
    grant(&world, user_id, &["permissions_tool.audit_permissions"]).await;
    assert!(ends(&mut socket, Duration::from_secs(10)).await);
    line.close().await;
    site.task.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_ends_with_the_account_however_many_guess_tokens() {
    let world = World::new().await;
    let user_id = world.pilot(demo::MIREL).await.user_id().await;
    let token = token(&world, user_id).await;
    let (site, line) = (site(&world).await, world.listen());
    let mut socket = listen(&site.address, &token).await;
    // Of those whose address is not known, as it is not when an open connection is looked at again.
    let mut last = StatusCode::OK;
    for _ in 0..130 {
        let mut guess = graphql("{viewer{permissions}}", &json!({}));
        guess.headers_mut().insert(header::AUTHORIZATION, "Bearer fealty_nonsense".parse().unwrap());
        last = send_to(&*site.routes, guess).await.status;
    }
    assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
    world.apply(Change::ActiveChanged { user_id, is_active: false }).await.unwrap();
    assert!(ends(&mut socket, Duration::from_secs(10)).await);
    line.close().await;
    site.task.abort();
}
