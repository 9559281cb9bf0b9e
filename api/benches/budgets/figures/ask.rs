//! Requests of one person, one after another, through the routes of the server in this process.

use std::time::Instant;

use diesel::{QueryableByName, sql_query, sql_types::BigInt};
use diesel_async::{AsyncConnection, RunQueryDsl};
use fealty_api::{
    app::App,
    error::{Error, Result},
    graphql::{self, Hub},
    http::routes,
    identity::session::{self, Beginning},
};
use poem::{
    Endpoint, EndpointExt, Request, Response,
    endpoint::BoxEndpoint,
    http::{Method, Uri},
};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

/// A superuser, who may ask everything, with his session.
pub struct Asker<'a> {
    app: &'a App,
    endpoint: BoxEndpoint<'static, Response>,
    cookie: String,
}

/// What came, and what it cost.
pub struct Answer {
    /// The answer's `data`.
    pub data: Value,
    /// From the request to the last byte of the answer.
    pub seconds: f64,
    /// SQL statements.
    pub statements: u64,
}

impl<'a> Asker<'a> {
    /// Makes one of the newest active user.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn superuser(app: &'a App) -> Result<Self> {
        #[derive(QueryableByName)]
        struct Row {
            #[diesel(sql_type = BigInt)]
            id: i64,
        }
        let mut conn = app.db.conn().await?;
        let cookie = conn
            .transaction::<_, Error, _>(async |conn| {
                let user: Row = sql_query(
                    "update users set is_superuser = true where id = (select max(id) from users where is_active)
                     returning id",
                )
                .get_result(conn)
                .await?;
                Ok(session::start(conn, app, user.id, Beginning::Sso, "a benchmark").await?.expose().to_owned())
            })
            .await?;
        drop(conn);
        let hub = Hub::new(CancellationToken::new());
        let endpoint = routes(app, graphql::schema(app.clone(), hub.clone()), hub).map_to_response().boxed();
        Ok(Self { app, endpoint, cookie })
    }

    /// Asks.
    ///
    /// # Errors
    /// When the answer has errors.
    pub async fn ask(&self, query: &str, variables: &Value) -> Result<Answer> {
        let body = json!({ "query": query, "variables": variables }).to_string();
        let origin = self.app.config.site.url.origin().ascii_serialization();
        let request = Request::builder()
            .method(Method::POST)
            .uri(Uri::from_static("/graphql"))
            .content_type("application/json")
            .header("cookie", format!("fealty_session={}", self.cookie))
            .header("origin", origin)
            .body(body);
        let before = self.app.db.statement_count();
        let started = Instant::now();
        let answer = self.endpoint.get_response(request).await;
        let text = answer.into_body().into_string().await.map_err(Error::internal)?;
        let seconds = started.elapsed().as_secs_f64();
        let statements = self.app.db.statement_count() - before;
        let mut answer: Value = serde_json::from_str(&text).map_err(Error::internal)?;
        if !answer["errors"].is_null() {
            return Err(Error::internal(format!("{query} answers {text}")));
        }
        Ok(Answer { data: answer["data"].take(), seconds, statements })
    }
}
