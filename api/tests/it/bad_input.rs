//! Whatever comes in: a clear message, the right code, nothing changed, no insides shown.

use fealty_simulator::demo;
use poem::{
    Request,
    http::{Method, StatusCode, header},
};
use serde_json::json;

use crate::support::{World, endpoint, graphql, send, send_to};

fn post(body: impl Into<poem::Body>, content_type: &str) -> Request {
    Request::builder()
        .method(Method::POST)
        .uri("/graphql".parse().unwrap())
        .header(header::CONTENT_TYPE, content_type)
        .body(body)
}

#[tokio::test(flavor = "multi_thread")]
async fn malformed_requests_get_the_right_status() {
    let world = World::new().await;
    for (body, kind, status) in [
        ("{", "application/json", 400),
        ("[]", "application/json", 400),
        ("null", "application/json", 400),
        ("{\"query\": 7}", "application/json", 400),
        ("", "application/json", 400),
        ("{\"query\":\"{site{name}}\"}", "text/plain", 415),
        ("{\"query\":\"{site{name}}\"}", "application/x-www-form-urlencoded", 415),
        ("{\"query\":\"{site{name}}\"}", "multipart/form-data; boundary=x", 415),
        ("{\"query\":\"{site{name}}\"}", "application/json; charset=utf-8", 200),
    ] {
        let reply = send(&world, post(body, kind)).await;
        assert_eq!(reply.status.as_u16(), status, "{kind} {body}");
        if status != 200 {
            assert_eq!(reply.code(), "INVALID", "{body}");
        }
    }
    let reply =
        send(&world, post(format!("{{\"query\":\"{}\"}}", " ".repeat(300_000)), "application/json")).await;
    assert_eq!(reply.status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test(flavor = "multi_thread")]
async fn documents_that_are_wrong_or_ask_too_much_are_refused() {
    let world = World::new().await;
    let browser = world.pilot(demo::MIREL).await;
    let deep = format!(
        "{{viewer{{user{}{}}}}}",
        "{mainCharacter{user".repeat(12),
        "{id}".to_owned() + &"}}".repeat(12)
    );
    let aliases = format!("{{{}}}", (0..60).map(|n| format!("a{n}:site{{name}} ")).collect::<String>());
    let wide = format!(
        "{{{}}}",
        (0..40)
            .map(|n| format!("a{n}:characters(first:100){{nodes{{name corporation{{name}}}}}} "))
            .collect::<String>()
    );
    // The same many fields without aliases, within fragments, and in a circle of them.
    let hidden = format!("{{...on Query{{...R}}}} fragment R on Query{{{}}}", "site{name} ".repeat(40));
    let spread = |n: usize| format!(" fragment f{n} on Viewer{{{}}}", format!("...f{} ", n + 1).repeat(4));
    let multiplying = format!(
        "{{viewer{{...f0}}}}{} fragment f26 on Viewer{{__typename}}",
        (0..26).map(spread).collect::<String>()
    );
    let circle = "{...A} fragment A on Query{...B site{name}} fragment B on Query{...A}";
    for query in [
        "{",
        "",
        "query",
        "{nothing}",
        "{site{nothing}}",
        "{character(id:\"x\"){name}}",
        "{character(id:-1){name}}",
        "{character(id:1.5){name}}",
        "{user(id:42){id}}",
        "{user(id:\"state:1\"){id}}",
        "{user(id:\"user:99999999999999999999\"){id}}",
        "{characters(first:101){nodes{name}}}",
        "{characters(first:-1){nodes{name}}}",
        "{characters(first:1,last:1){nodes{name}}}",
        "{characters(after:\"garbage\"){nodes{name}}}",
        "{viewer{notifications(after:\"!!\"){nodes{id}}}}",
        "mutation{setMainCharacter(input:{}){status}}",
        "mutation{setMainCharacter(input:{characterId:null}){status}}",
        "mutation{setMainCharacter(input:{characterId:1,other:2}){status}}",
        "subscription{viewerChanged{kind}}",
        &deep,
        &aliases,
        &wide,
        &hidden,
        &multiplying,
        circle,
    ] {
        let reply = browser.gql(query, json!({})).await;
        assert_eq!(reply.status, StatusCode::OK, "{query}");
        assert_eq!(reply.code(), "INVALID", "{query}: {}", reply.body);
        for inside in ["diesel", "postgres", "src/", "panicked", "select "] {
            assert!(!reply.body.contains(inside), "{query}: {}", reply.body);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn visitors_who_keep_sending_something_new_are_slowed_down() {
    let world = World::new().await;
    let server = endpoint(&world);
    let ask = async |query: String| send_to(&server, graphql(&query, &json!({}))).await;
    let known = "{site{name}}".to_owned();
    assert_eq!(ask(known.clone()).await.status, StatusCode::OK);
    let mut refused = 0;
    for n in 0..30 {
        let fields: String = (0..10).map(|m| format!("a{n}_{m}:site{{name}} ")).collect();
        let reply = ask(format!("{{{fields}}}")).await;
        if reply.status == StatusCode::TOO_MANY_REQUESTS {
            assert_eq!(reply.code(), "RATE_LIMITED");
            refused += 1;
        }
    }
    assert!(refused > 0, "300 fields");
    // What was answered before costs little.
    for _ in 0..30 {
        assert_eq!(ask(known.clone()).await.status, StatusCode::OK);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_standard_introspection_query_passes() {
    let world = World::new().await;
    let query = "query IntrospectionQuery { __schema { queryType { name } mutationType { name } subscriptionType { name } types { ...FullType } directives { name description locations args { ...InputValue } } } }
        fragment FullType on __Type { kind name description fields(includeDeprecated: true) { name description args { ...InputValue } type { ...TypeRef } isDeprecated deprecationReason } inputFields { ...InputValue } interfaces { ...TypeRef } enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason } possibleTypes { ...TypeRef } }
        fragment InputValue on __InputValue { name description type { ...TypeRef } defaultValue }
        fragment TypeRef on __Type { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } } } } } }";
    let data = world.browser().ask(query).await;
    assert!(data["__schema"]["types"].as_array().unwrap().len() > 30);
}

#[tokio::test(flavor = "multi_thread")]
async fn other_sites_cannot_use_the_session() {
    let world = World::new().await;
    let browser = world.pilot(demo::MIREL).await;
    let evil = |name: &'static str, value: &'static str| {
        let mut request = graphql("mutation{logout{status}}", &json!({}));
        request.headers_mut().remove(header::ORIGIN);
        request.headers_mut().insert(name, value.parse().unwrap());
        request
    };
    for request in [
        evil("origin", "https://evil.example"),
        evil("origin", "null"),
        evil("origin", "http://127.0.0.1:8000.evil.example"),
        evil("origin", "http://127.0.0.1:8001"),
        evil("sec-fetch-site", "cross-site"),
        evil("sec-fetch-site", "same-site"),
    ] {
        let reply = browser.send(request).await;
        assert_eq!(reply.status, StatusCode::FORBIDDEN);
    }
    assert_eq!(browser.state().await, "Member", "still logged in");
    // The same for the handshake of subscriptions.
    let handshake = Request::builder()
        .uri("/graphql/ws".parse().unwrap())
        .header(header::ORIGIN, "https://evil.example")
        .header(header::CONNECTION, "Upgrade")
        .header(header::UPGRADE, "websocket")
        .header(header::SEC_WEBSOCKET_VERSION, "13")
        .header(header::SEC_WEBSOCKET_KEY, "dGhlIHNhbXBsZSBub25jZQ==")
        .header(header::SEC_WEBSOCKET_PROTOCOL, "graphql-transport-ws")
        .finish();
    let reply = browser.send(handshake).await;
    assert!(
        !reply.status.is_success() && reply.status != StatusCode::SWITCHING_PROTOCOLS,
        "{}",
        reply.status
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_carries_the_security_headers() {
    let world = World::new().await;
    for path in ["/", "/login", "/graphql", "/nothing.js", "/health/live", "/sso/callback"] {
        let reply = world.browser().get(path).await;
        let header =
            |name: &str| reply.headers.get(name).map(|v| v.to_str().unwrap().to_owned()).unwrap_or_default();
        let policy = header("content-security-policy");
        assert!(
            policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
            "{path}: {policy}"
        );
        let scripts = policy.split(';').find(|d| d.trim().starts_with("script-src")).unwrap();
        assert_eq!(scripts.trim(), "script-src 'self' 'wasm-unsafe-eval'", "{path}");
        assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(header("referrer-policy"), "same-origin", "{path}");
        assert_eq!(header("x-request-id").len(), 16, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn files_outside_are_out_of_reach() {
    let dir = tempfile::tempdir().unwrap();
    let spa = dir.path().join("spa");
    std::fs::create_dir_all(spa.join("assets")).unwrap();
    std::fs::write(dir.path().join("secret.txt"), "secret").unwrap();
    std::fs::write(spa.join("index.html"), "the page").unwrap();
    std::fs::write(spa.join("assets/app-1.js"), "plain").unwrap();
    std::fs::write(spa.join("assets/app-1.js.br"), "brotli").unwrap();
    let world = World::empty(&format!("[http]\nspa_dir = \"{}\"", spa.display())).await;
    let browser = world.browser();
    for path in [
        "/../secret.txt",
        "/assets/../../secret.txt",
        "/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "//etc/passwd",
        "/assets/%00",
    ] {
        assert!(!browser.get(path).await.body.contains("secret"), "{path}");
    }
    assert_eq!(browser.get("/history").await.body, "the page");
    assert_eq!(browser.get("/assets/app-2.js").await.status, StatusCode::NOT_FOUND);
    assert_eq!(browser.get("/app.js").await.status, StatusCode::NOT_FOUND);
    assert_eq!(browser.get("/admin/permissions/auth.view_user").await.body, "the page", "a name with a dot");
    let asset = browser.get("/assets/app-1.js").await;
    assert_eq!(asset.body, "plain");
    assert!(asset.headers[header::CACHE_CONTROL].to_str().unwrap().contains("immutable"));
    let packed = Request::builder()
        .uri("/assets/app-1.js".parse().unwrap())
        .header(header::ACCEPT_ENCODING, "gzip, br")
        .finish();
    let packed = browser.send(packed).await;
    assert_eq!(
        (packed.body.as_str(), packed.headers[header::CONTENT_ENCODING].to_str().unwrap()),
        ("brotli", "br")
    );
    assert_eq!(packed.headers[header::CONTENT_TYPE], "text/javascript; charset=utf-8");
}

#[tokio::test(flavor = "multi_thread")]
async fn development_pages_are_for_development() {
    let world = World::empty("").await;
    for path in ["/graphiql", "/dev/outbox"] {
        assert_eq!(world.browser().get(path).await.status, StatusCode::OK, "{path}");
    }
    assert_eq!(world.browser().get("/dev/outbox/..%2f..%2fetc%2fpasswd").await.status, StatusCode::NOT_FOUND);
    let mut config = world.app.config.clone();
    config.site.development = false;
    let app = fealty_api::app::App::new(config, world.app.clock.clone()).unwrap();
    let endpoint = fealty_api::http::routes(&app, world.schema.clone(), world.hub.clone());
    for path in ["/graphiql", "/dev/outbox"] {
        let reply =
            poem::Endpoint::get_response(&endpoint, Request::builder().uri(path.parse().unwrap()).finish())
                .await;
        let body = reply.into_body().into_string().await.unwrap();
        assert!(!body.to_lowercase().contains("graphiql") && !body.contains("Outbox"), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn preferences_are_checked() {
    let world = World::new().await;
    let browser = world.pilot(demo::MIREL).await;
    let update =
        "mutation($i:UpdatePreferencesInput!){updatePreferences(input:$i){status problems{field code}}}";
    let saved = browser.gql(update, json!({"i": {"theme": "dark", "language": "en"}})).await.data();
    assert_eq!(saved["updatePreferences"], json!({"status": "SAVED", "problems": []}));
    for bad in ["", "<script>", "../x", &"x".repeat(40)] {
        let reply = browser.gql(update, json!({"i": {"theme": bad}})).await.data();
        assert_eq!(reply["updatePreferences"]["status"], "INVALID", "{bad}");
    }
    let kept = browser.gql(update, json!({"i": {}})).await.data();
    assert_eq!(kept["updatePreferences"]["status"], "SAVED");
    assert_eq!(
        browser.ask("{viewer{preferences{theme language}}}").await["viewer"]["preferences"],
        json!({"theme": "dark", "language": "en"})
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_database_is_no_riddle_and_shows_nothing() {
    let world = World::new().await;
    let browser = world.pilot(demo::MIREL).await;
    world.app.db.close();
    let reply = browser.gql("{viewer{mustChooseMain}}", json!({})).await;
    assert_eq!(reply.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(reply.code(), "INTERNAL");
    assert_eq!(reply.json()["errors"][0]["extensions"]["traceId"].as_str().unwrap().len(), 16);
    assert!(!reply.body.to_lowercase().contains("pool"), "{}", reply.body);
    assert_eq!(world.browser().get("/health/ready").await.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(world.browser().get("/health/live").await.status, StatusCode::OK);
    assert_eq!(world.browser().get("/sso/login").await.location(), "/login?error=internal");
}

#[tokio::test(flavor = "multi_thread")]
async fn callbacks_that_nobody_made_are_refused_in_words() {
    let world = World::new().await;
    let browser = world.pilot(demo::MIREL).await;
    let long = "x".repeat(4_000);
    for (path, page, service) in
        [("/sso/callback", "/login", ""), ("/services/discord/callback", "/services", "&service=discord")]
    {
        for query in [
            format!("code={long}&state=x"),
            format!("code=x&state={long}"),
            format!("state=x&error={long}"),
            format!("code={}&state=x", "%00".repeat(3_000)),
        ] {
            let reply = browser.get(&format!("{path}?{query}")).await;
            assert_eq!(
                reply.location(),
                format!("{page}?error=malformed{service}"),
                "{path}?{}",
                &query[..12]
            );
        }
        for query in ["", "?state=a&state=b", "?state=%FF%FE&code=x", "?code=x&state=%00"] {
            let reply = browser.get(&format!("{path}{query}")).await;
            assert_eq!(reply.location(), format!("{page}?error=state_mismatch{service}"), "{path}{query}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn coming_back_too_often_is_refused_in_words() {
    use poem::Endpoint;
    let world = World::new().await;
    let endpoint = fealty_api::http::routes(&world.app, world.schema.clone(), world.hub.clone());
    for (path, page, service) in
        [("/sso/callback", "/login", ""), ("/services/discord/callback", "/services", "&service=discord")]
    {
        let mut last = String::new();
        for _ in 0..150 {
            let request = Request::builder().uri(format!("{path}?state=x&code=x").parse().unwrap()).finish();
            let response = endpoint.get_response(request).await;
            assert_eq!(response.status(), StatusCode::FOUND);
            last = response.headers()[header::LOCATION].to_str().unwrap().to_owned();
        }
        assert_eq!(last, format!("{page}?error=too_many{service}"));
    }
}
