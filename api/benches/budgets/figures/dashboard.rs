//! What the server does a second: the SPA's dashboard, and for comparison what the stack can do at best.

use std::{net::SocketAddr, sync::Arc};

use diesel::{QueryableByName, sql_query, sql_types::BigInt};
use diesel_async::{AsyncConnection, RunQueryDsl};
use fealty_api::{
    app::App,
    error::{Error, Result},
    graphql::{self, Hub},
    http::routes,
    identity::session::{self, Beginning},
};
use poem::Endpoint;
use tokio_util::sync::CancellationToken;

use crate::{
    http::{self, Load},
    process::{self, Program},
    seed,
    settings::Settings,
    stack::Stack,
    table::{Budget, Table},
};

/// The operations of the SPA, as it sends them.
const OPERATIONS: &str = include_str!("../../../../web/operations.graphql");
/// What the page of groups asks.
const GROUPS_PAGE: &str = "query OwnGroups { viewer { groups { id name description isHidden isInternal isOpen isPublic \
    isRestricted isStateLimited leaders { username mainCharacter { name portraitUrl(size: 64) } } leaderGroups { id name } \
    membership { isMember since endsAt action detail request { id kind reason createdAt } } } } }";
/// As many people look at their dashboard at the same time.
const PEOPLE: i64 = 2_000;
const CONNECTIONS: usize = 10;

/// One operation of the SPA.
fn operation(name: &str) -> Result<&'static str> {
    let start = OPERATIONS
        .find(&format!("query {name} "))
        .ok_or_else(|| Error::internal("the SPA has no such query"))?;
    let text = &OPERATIONS[start..];
    let end = text.find("\n}").ok_or_else(|| Error::internal("a query without end"))?;
    Ok(&text[..end + 2])
}

fn request_body(query: &str, name: &str) -> String {
    serde_json::json!({"query": query, "variables": {}, "operationName": name}).to_string()
}

/// Sessions of members, spread over all of them.
async fn sessions(app: &App) -> Result<Vec<String>> {
    #[derive(QueryableByName)]
    struct Member {
        #[diesel(sql_type = BigInt)]
        id: i64,
    }
    let mut conn = app.db.conn().await?;
    conn.transaction::<_, Error, _>(async |conn| {
        let members: Vec<Member> = sql_query(
            "select u.id from users u join states s on s.id = u.state_id where s.name = 'Member' order by hashint8(u.id) limit $1",
        )
        .bind::<BigInt, _>(PEOPLE)
        .load(conn)
        .await?;
        let mut tokens = Vec::with_capacity(members.len());
        for member in members {
            tokens.push(session::start(conn, app, member.id, Beginning::Sso, "a benchmark").await?.expose().to_owned());
        }
        Ok(tokens)
    })
    .await
}

/// How many statements one such request runs, counted in this process.
async fn statements(app: &App, body: &str, cookie: &str) -> Result<u64> {
    let hub = Hub::new(CancellationToken::new());
    let endpoint = routes(app, graphql::schema(app.clone(), hub.clone()), hub);
    let mut before = 0;
    // The first time fills what is kept in memory.
    for _ in 0..2 {
        before = app.db.statement_count();
        let request = poem::Request::builder()
            .method(poem::http::Method::POST)
            .uri(poem::http::Uri::from_static("/graphql"))
            .content_type("application/json")
            .header("cookie", format!("fealty_session={cookie}"))
            .body(body.to_owned());
        endpoint.call(request).await.map_err(|error| Error::internal(error.to_string()))?;
    }
    Ok(app.db.statement_count() - before)
}

/// Processor time of everybody involved for each request, in microseconds.
struct Shares {
    server: f64,
    database: f64,
    load: f64,
}

async fn run(
    stack: &Stack,
    server: &Program,
    address: SocketAddr,
    requests: Vec<Vec<u8>>,
    seconds: f64,
) -> Result<(Load, Shares)> {
    let requests = Arc::new(requests);
    // The pool fills: the processes of the database that will do the work are there from now on.
    http::run(address, Arc::clone(&requests), CONNECTIONS, 0.2).await?;
    let backends = stack.backends().await?;
    let now = || {
        (
            process::cpu_seconds(&[server.id()]),
            process::cpu_seconds(&backends),
            process::cpu_seconds(&[std::process::id()]),
        )
    };
    let before = now();
    let load = http::run(address, requests, CONNECTIONS, seconds).await?;
    let after = now();
    // The warm-up's requests are in the processor time, but not among the answers.
    let answers = load.rate * (seconds + 1.0);
    let each = |spent: f64| spent * 1_000_000.0 / answers.max(1.0);
    let shares = Shares {
        server: each(after.0 - before.0),
        database: each(after.1 - before.1),
        load: each(after.2 - before.2),
    };
    Ok((load, shares))
}

/// Starts the server and sends it everything; it runs on for whoever wants to know its memory.
///
/// # Errors
/// When it does not start or answers wrongly.
pub async fn measure(settings: &Settings, stack: &Stack, table: &mut Table) -> Result<Program> {
    let tokens = sessions(&stack.app).await?;
    let dashboard = request_body(operation("Dashboard")?, "Dashboard");
    let constant = r#"{"query":"{ site { name } }"}"#;
    let read = r#"{"query":"{ viewer { user { username } } }"}"#;
    let [first, ..] = tokens.as_slice() else { return Err(Error::NotFound) };
    let counted =
        [statements(&stack.app, &dashboard, first).await?, statements(&stack.app, read, first).await?];
    let (server, address) = stack.server().await?;
    let seconds = settings.load_seconds();
    let with_cookies =
        |body: &str| tokens.iter().map(|token| http::graphql(address, body, Some(token))).collect::<Vec<_>>();
    let brief = seconds / 2.0;

    let (live, _) = run(stack, &server, address, vec![http::get(address, "/health/live")], brief).await?;
    table.add(
        "the stack: GET /health/live",
        live.rate,
        "/s",
        Budget::None,
        format!("p99 {:.2} ms", live.p99),
    );
    let (limit, shares) =
        run(stack, &server, address, vec![http::graphql(address, constant, None)], brief).await?;
    table.add("the stack: a constant by GraphQL", limit.rate, "/s", Budget::None, note(&limit, &shares, 0));
    let (indexed, shares) = run(stack, &server, address, with_cookies(read), brief).await?;
    table.add(
        "the stack: one indexed read by GraphQL",
        indexed.rate,
        "/s",
        Budget::None,
        note(&indexed, &shares, counted[1]),
    );

    let (load, shares) = run(stack, &server, address, with_cookies(&dashboard), seconds).await?;
    table.add("dashboard query", load.rate, "/s", Budget::AtLeast(6_000.0), note(&load, &shares, counted[0]));
    table.add(
        "dashboard query, p99",
        load.p99,
        "ms",
        Budget::AtMost(10.0),
        format!("p50 {:.2} ms, {} answers", load.p50, load.answers),
    );
    let ratios = format!("{:.2} of one indexed read", load.rate / indexed.rate);
    table.add("  share of the stack's constant", load.rate / limit.rate, "", Budget::None, ratios);

    seed::groups(&stack.app).await?;
    let groups = request_body(GROUPS_PAGE, "OwnGroups");
    let counted = statements(&stack.app, &groups, first).await?;
    let (load, shares) = run(stack, &server, address, with_cookies(&groups), seconds).await?;
    table.add("groups page query", load.rate, "/s", Budget::AtLeast(3_300.0), note(&load, &shares, counted));
    Ok(server)
}

fn note(load: &Load, shares: &Shares, statements: u64) -> String {
    let Shares { server, database, load: own } = shares;
    format!(
        "p99 {:.2} ms; {statements} statements, {} bytes; processor: server {server:.0} us, database {database:.0} us, load {own:.0} us",
        load.p99, load.body
    )
}
