//! A browser: keeps cookies, follows the flows, sends GraphQL as the SPA does.

use std::{collections::HashMap, sync::Mutex};

use fealty_api::http;
use poem::{
    Endpoint, Request, Response,
    http::{HeaderMap, Method, StatusCode, header},
};
use serde_json::{Value, json};

use super::World;

/// What came back.
pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl Reply {
    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|e| panic!("{e}: {}", self.body))
    }

    /// GraphQL data, without errors.
    pub fn data(&self) -> Value {
        let json = self.json();
        assert!(json.get("errors").is_none(), "{json:#}");
        json["data"].clone()
    }

    /// The code of the first GraphQL error.
    pub fn code(&self) -> String {
        let json = self.json();
        json["errors"][0]["extensions"]["code"]
            .as_str()
            .unwrap_or_else(|| panic!("no error code: {json:#}"))
            .to_owned()
    }

    /// Where it redirects to.
    pub fn location(&self) -> String {
        assert_eq!(self.status, StatusCode::FOUND, "{}", self.body);
        self.headers[header::LOCATION].to_str().expect("a location").to_owned()
    }
}

/// A browser of a [`World`].
pub struct Browser<'w> {
    world: &'w World,
    pub cookies: Mutex<HashMap<String, String>>,
}

impl<'w> Browser<'w> {
    pub fn new(world: &'w World) -> Self {
        Self { world, cookies: Mutex::default() }
    }

    /// Sends a request with the cookies and keeps those that come back.
    pub async fn send(&self, mut request: Request) -> Reply {
        let cookies: Vec<String> = self
            .cookies
            .lock()
            .expect("cookies")
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        if !cookies.is_empty() {
            request.headers_mut().insert(header::COOKIE, cookies.join("; ").parse().expect("a header"));
        }
        let reply = send(self.world, request).await;
        let mut kept = self.cookies.lock().expect("cookies");
        for value in reply.headers.get_all(header::SET_COOKIE) {
            let text = value.to_str().expect("a cookie");
            let (name, rest) = text.split_once('=').expect("a cookie");
            let value = rest.split(';').next().unwrap_or_default();
            if value.is_empty() {
                kept.remove(name);
            } else {
                kept.insert(name.to_owned(), value.to_owned());
            }
        }
        reply
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.send(Request::builder().method(Method::GET).uri(path.parse().expect("a path")).finish()).await
    }

    /// GraphQL as the SPA sends it.
    pub async fn gql(&self, query: &str, variables: Value) -> Reply {
        self.send(graphql(query, &variables)).await
    }

    /// GraphQL that must succeed.
    pub async fn ask(&self, query: &str) -> Value {
        self.gql(query, json!({})).await.data()
    }

    /// Through EVE SSO as `character`. Returns where the browser lands.
    pub async fn log_in(&self, character: i64) -> String {
        self.fly("/sso/login", character).await
    }

    /// Adds a character to the user who is logged in. Returns where the browser lands.
    pub async fn add(&self, character: i64) -> String {
        self.fly("/sso/login?intent=add&next=/characters", character).await
    }

    async fn fly(&self, start: &str, character: i64) -> String {
        let to = self.get(start).await.location();
        let back = self.world.sim.authorize(&to, character).expect("the SSO lets him choose");
        self.come_back(&back).await
    }

    /// Makes one of the user's own characters their main.
    pub async fn set_main(&self, character: i64) {
        let document = "mutation($c:EveId!){setMainCharacter(input:{characterId:$c}){status}}";
        self.gql(document, json!({ "c": character })).await.data();
    }

    /// Follows a callback address to us.
    pub async fn come_back(&self, address: &str) -> String {
        let path = address.strip_prefix("http://127.0.0.1:8000").expect("an address of ours");
        self.get(path).await.location()
    }

    /// Links a Discord account. Returns where the browser lands.
    pub async fn link_discord(&self, discord_user: u64) -> String {
        let data = self.ask("mutation{linkService(input:{service:\"discord\"}){status redirectUrl}}").await;
        assert_eq!(data["linkService"]["status"], "REDIRECT", "{data}");
        let to = data["linkService"]["redirectUrl"].as_str().expect("an address").to_owned();
        let back = self.world.sim.discord_authorize(&to, discord_user).expect("Discord lets him choose");
        self.come_back(&back).await
    }

    /// Id of the user who is logged in.
    pub async fn user_id(&self) -> i64 {
        let data = self.ask("{viewer{user{id}}}").await;
        let id = data["viewer"]["user"]["id"].as_str().expect("logged in").to_owned();
        id.strip_prefix("user:").expect("a user's id").parse().expect("a number")
    }

    /// Name of the state of the user who is logged in.
    pub async fn state(&self) -> String {
        self.ask("{viewer{user{state{name}}}}").await["viewer"]["user"]["state"]["name"]
            .as_str()
            .expect("a state")
            .to_owned()
    }

    /// Status of his Discord account.
    pub async fn discord(&self) -> String {
        let data = self.ask("{viewer{user{services{key status}}}}").await;
        data["viewer"]["user"]["services"][0]["status"].as_str().expect("a status").to_owned()
    }
}

/// A GraphQL request as the SPA sends it.
pub fn graphql(query: &str, variables: &Value) -> Request {
    Request::builder()
        .method(Method::POST)
        .uri("/graphql".parse().expect("a path"))
        .header(header::ORIGIN, "http://127.0.0.1:8000")
        .content_type("application/json")
        .body(json!({ "query": query, "variables": variables }).to_string())
}

/// Sends a request without a browser.
pub async fn send(world: &World, request: Request) -> Reply {
    send_to(&endpoint(world), request).await
}

/// A server of its own: what one process keeps and counts begins anew with it.
pub fn endpoint(world: &World) -> impl Endpoint + 'static {
    http::routes(&world.app, world.schema.clone(), world.hub.clone())
}

/// Sends a request to one server.
pub async fn send_to(endpoint: &impl Endpoint, request: Request) -> Reply {
    let response: Response = endpoint.get_response(request).await;
    let (parts, body) = response.into_parts();
    let body = body.into_string().await.expect("a text");
    Reply { status: parts.status, headers: parts.headers, body }
}
