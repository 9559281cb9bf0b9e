//! The clients' side: a simulator, an HTTP client, and what both logins need.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use fealty_simulator::{Handle, Options, Simulator, demo};
use reqwest::{Client, RequestBuilder, Response, StatusCode, redirect::Policy};
use serde_json::Value;
use sha2::{Digest, Sha256};

/// What Discord requires; ESI likes it, too.
pub(crate) const AGENT: &str = "DiscordBot (https://example.org/fealty, 1.0)";
/// The newest compatibility date.
pub(crate) const NEWEST: &str = "2026-08-18";

/// A simulator, and a client that talks to it.
pub(crate) struct Sim {
    simulator: Simulator,
    pub(crate) http: Client,
}

/// Status, headers and JSON body (null if there is none) of an answer.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) body: Value,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

pub(crate) fn start() -> Sim {
    start_with(Options::default())
}

#[expect(clippy::disallowed_methods, reason = "the tests are a client of their own, without the product's")]
pub(crate) fn start_with(options: Options) -> Sim {
    // Fails if another test was first; then it is already installed.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let http = Client::builder().redirect(Policy::none()).no_proxy().user_agent(AGENT).build().unwrap();
    Sim { simulator: Simulator::start(options).unwrap(), http }
}

impl Sim {
    pub(crate) fn handle(&self) -> Handle {
        self.simulator.handle()
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.simulator.url())
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        answer(self.http.get(self.url(path))).await
    }

    pub(crate) async fn get_text(&self, path: &str) -> (StatusCode, String) {
        let response = self.http.get(self.url(path)).send().await.unwrap();
        (response.status(), response.text().await.unwrap())
    }

    /// An ESI `GET` as of the newest compatibility date.
    pub(crate) async fn esi(&self, path: &str) -> Answer {
        self.esi_at(path, NEWEST).await
    }

    pub(crate) async fn esi_at(&self, path: &str, date: &str) -> Answer {
        answer(self.http.get(self.url(&format!("/esi{path}"))).header("X-Compatibility-Date", date)).await
    }

    pub(crate) async fn esi_post(&self, path: &str, body: &Value) -> Answer {
        answer(
            self.http
                .post(self.url(&format!("/esi{path}")))
                .header("X-Compatibility-Date", NEWEST)
                .json(body),
        )
        .await
    }

    /// The token endpoint, as the registered application.
    pub(crate) async fn token(&self, form: &[(&str, &str)]) -> Answer {
        let request = self.http.post(self.url("/sso/v2/oauth/token"));
        answer(request.basic_auth(demo::EVE_CLIENT_ID, Some(demo::EVE_CLIENT_SECRET)).form(form)).await
    }

    /// The authorize URL for some scopes, with `more` appended.
    pub(crate) fn authorize_url(&self, scopes: &str, more: &str) -> String {
        let query = [
            ("response_type", "code"),
            ("client_id", demo::EVE_CLIENT_ID),
            ("redirect_uri", demo::EVE_CALLBACK),
            ("scope", scopes),
            ("state", "s-1"),
        ];
        let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
        self.url(&format!("/sso/v2/oauth/authorize?{query}{more}"))
    }

    /// Logs a pilot in and exchanges the code.
    pub(crate) async fn login(&self, character: i64, scopes: &str) -> Value {
        let back = self.handle().authorize(&self.authorize_url(scopes, ""), character).unwrap();
        let code = parameter(&back, "code");
        let answer = self.token(&[("grant_type", "authorization_code"), ("code", &code)]).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.body
    }

    /// A call to Discord's API as the bot.
    pub(crate) fn bot(&self, method: &str, path: &str) -> RequestBuilder {
        let url = self.url(&format!("/discord/api/v10{path}"));
        let token = format!("Bot {}", demo::DISCORD_BOT_TOKEN);
        self.http.request(method.parse().unwrap(), url).header("Authorization", token)
    }

    /// A call to the guild as the bot.
    pub(crate) async fn guild(&self, method: &str, path: &str, body: Option<Value>) -> Answer {
        let request = self.bot(method, &format!("/guilds/{}{path}", demo::DISCORD_GUILD_ID));
        answer(match body {
            Some(body) => request.json(&body),
            None => request,
        })
        .await
    }

    /// An access token of a Discord user.
    pub(crate) async fn discord_login(&self, user: u64, scopes: &str) -> Value {
        let back = self.handle().discord_authorize(&self.discord_authorize_url(scopes), user).unwrap();
        let form = [
            ("grant_type", "authorization_code"),
            ("code", &parameter(&back, "code")),
            ("redirect_uri", demo::DISCORD_CALLBACK),
        ];
        let answer = self.discord_token(&form).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.body
    }

    pub(crate) fn discord_authorize_url(&self, scopes: &str) -> String {
        let client = demo::DISCORD_APPLICATION_ID.to_string();
        let query = [
            ("response_type", "code"),
            ("client_id", client.as_str()),
            ("redirect_uri", demo::DISCORD_CALLBACK),
            ("scope", scopes),
            ("state", "d-1"),
        ];
        let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
        self.url(&format!("/discord/oauth2/authorize?{query}"))
    }

    pub(crate) async fn discord_token(&self, form: &[(&str, &str)]) -> Answer {
        let request = self.http.post(self.url("/discord/api/oauth2/token"));
        let client = demo::DISCORD_APPLICATION_ID.to_string();
        answer(request.basic_auth(client, Some(demo::DISCORD_CLIENT_SECRET)).form(form)).await
    }
}

pub(crate) async fn answer(request: RequestBuilder) -> Answer {
    read(request.send().await.unwrap()).await
}

async fn read(response: Response) -> Answer {
    let (status, headers) = (response.status(), response.headers().clone());
    let text = response.text().await.unwrap();
    Answer { status, headers, body: serde_json::from_str(&text).unwrap_or(Value::Null) }
}

/// A query parameter of a URL.
pub(crate) fn parameter(url: &str, name: &str) -> String {
    let url = url::Url::parse(url).unwrap();
    url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned()).unwrap_or_default()
}

/// The S256 challenge of a verifier.
pub(crate) fn challenge(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier))
}

/// Claims of a token, unchecked.
pub(crate) fn claims(token: &str) -> Value {
    let part = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}
