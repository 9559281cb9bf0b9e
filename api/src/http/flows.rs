//! The flows that need redirects: EVE SSO and the services.

use poem::{
    IntoResponse, Request, Response, handler,
    http::{HeaderValue, StatusCode, header},
    web::{Data, Path, Query},
};
use serde::Deserialize;

use super::{Web, auth, cookies, loopback};
use crate::{
    error::{Error, Result},
    graphql::RequestContext,
    identity::login::{self, Outcome},
    services::link,
    upstream::Secret,
};

/// Parameters of `/sso/login`.
#[derive(Debug, Deserialize)]
pub struct Login {
    next: Option<String>,
    intent: Option<String>,
}

/// Parameters that an authorization server adds to a callback (RFC 6749, section 4.1.2).
#[derive(Debug, Deserialize)]
pub struct Callback {
    code: Option<String>,
    state: Option<String>,
    error: Option<String>,
}

impl Callback {
    /// Whether it may come from an authorization server. States are ours and have 43 characters; codes and errors
    /// have fewer than 100 at EVE and Discord. Nothing longer is worth a database lookup or a call.
    fn is_plausible(&self) -> bool {
        let fits = |value: &Option<String>, most: usize| value.as_ref().is_none_or(|v| v.len() <= most);
        fits(&self.code, 2_048) && fits(&self.state, 128) && fits(&self.error, 256)
    }
}

/// Reads a callback.
///
/// # Errors
/// The `?error=` code for what is wrong with it.
fn read_callback(
    web: &Web,
    request: &Request,
    query: Option<Query<Callback>>,
) -> Result<Callback, &'static str> {
    web.throttle.callback(&auth::address(&web.app, request)).map_err(|_| "too_many")?;
    match query {
        None => Err("state_mismatch"),
        Some(Query(callback)) if callback.is_plausible() => Ok(callback),
        Some(_) => Err("malformed"),
    }
}

fn redirect(to: &str, cookie: Option<String>) -> Response {
    let mut response = StatusCode::FOUND.into_response();
    let headers = response.headers_mut();
    headers.insert(header::LOCATION, HeaderValue::from_str(to).unwrap_or(HeaderValue::from_static("/")));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(value) = cookie.and_then(|cookie| HeaderValue::from_str(&cookie).ok()) {
        headers.append(header::SET_COOKIE, value);
    }
    response
}

fn with_query(path: &str, query: &str) -> String {
    let (path, fragment) = path.split_once('#').map_or((path, None), |(p, f)| (p, Some(f)));
    let separator = if path.contains('?') { '&' } else { '?' };
    let fragment = fragment.map(|f| format!("#{f}")).unwrap_or_default();
    format!("{path}{separator}{query}{fragment}")
}

/// The `?error=` of a flow that fails by no fault of the pilot.
fn failure(error: Error) -> &'static str {
    match error {
        Error::Upstream { .. } => "sso_unavailable",
        other => {
            // Logs the cause under a trace id, like the API.
            let shown: async_graphql::Error = other.into();
            tracing::error!(message = shown.message, "a login failed");
            "internal"
        }
    }
}

/// Back to `page`, which says why.
fn failed(page: &str, error: Error) -> Response {
    redirect(&format!("{page}?error={}", failure(error)), None)
}

async fn who(web: &Web, request: &Request) -> Result<RequestContext> {
    match auth::identify(web, request, None).await {
        // A bot's token has no business here.
        Err(Error::Unauthenticated) => Ok(RequestContext::default()),
        other => other,
    }
}

/// To the same place under the site's own name, if a browser on this machine uses another of the machine's names: EVE
/// sends it back to the site's, where it would not have the cookie from here. At most once, whatever a proxy makes of
/// the request's host.
fn at_our_name(web: &Web, request: &Request) -> Option<Response> {
    const MARK: &str = "moved=1";
    let config = &web.app.config;
    let host = request.headers().get(header::HOST)?.to_str().ok()?;
    let path = request.uri().path_and_query()?.as_str();
    let is_moved = request.uri().query().is_some_and(|query| query.split('&').any(|pair| pair == MARK));
    if is_moved || !loopback::is_other_name(&config.site.url, host) {
        return None;
    }
    let mut response = redirect(&config.site_link(&with_query(path, MARK)), None);
    response.set_status(StatusCode::TEMPORARY_REDIRECT);
    Some(response)
}

/// Sends the browser to EVE SSO.
#[handler]
pub async fn sso_login(request: &Request, query: Option<Query<Login>>, Data(web): Data<&Web>) -> Response {
    if let Some(response) = at_our_name(web, request) {
        return response;
    }
    let Query(login) = query.unwrap_or(Query(Login { next: None, intent: None }));
    let started = async {
        web.throttle.login(&auth::address(&web.app, request))?;
        let context = who(web, request).await?;
        let user_id = match login.intent.as_deref() {
            Some("add") => match context.viewer.as_ref().filter(|v| v.session_id.is_some()) {
                Some(viewer) => Some(viewer.user.id),
                None => return Err(Error::Unauthenticated),
            },
            _ => None,
        };
        login::start(&web.app, user_id, context.browser.map(Secret::new), login.next.as_deref()).await
    };
    match started.await {
        Ok(started) => redirect(&started.url, Some(cookies::browser(&web.app, &started.browser))),
        Err(Error::Unauthenticated) => redirect("/login?error=session_ended", None),
        Err(Error::RateLimited(_)) => redirect("/login?error=too_many", None),
        Err(error) => failed("/login", error),
    }
}

/// Takes the browser back from EVE SSO.
#[handler]
pub async fn sso_callback(
    request: &Request,
    query: Option<Query<Callback>>,
    Data(web): Data<&Web>,
) -> Response {
    let callback = match read_callback(web, request, query) {
        Ok(callback) => callback,
        Err(code) => return redirect(&format!("/login?error={code}"), None),
    };
    let ended = async {
        let context = who(web, request).await?;
        login::finish(
            &web.app,
            login::Answer {
                code: callback.code.as_deref(),
                state: callback.state.as_deref(),
                error: callback.error.as_deref(),
                browser: context.browser.as_deref(),
                session_user: context.viewer.as_ref().filter(|v| v.session_id.is_some()).map(|v| v.user.id),
                user_agent: &context.user_agent,
            },
        )
        .await
    };
    match ended.await {
        Ok(Outcome::LoggedIn { session, next }) => {
            redirect(&next, Some(cookies::session(&web.app, &session)))
        }
        Ok(Outcome::Registering { session }) => {
            redirect("/register", Some(cookies::session(&web.app, &session)))
        }
        Ok(Outcome::Added { character_id, next }) => {
            redirect(&with_query(&next, &format!("added={character_id}")), None)
        }
        Ok(Outcome::Refused { why, next }) => {
            redirect(&with_query(next.as_deref().unwrap_or("/login"), &format!("error={}", why.code())), None)
        }
        Err(error) => failed("/login", error),
    }
}

/// Takes the browser back from a service.
#[handler]
pub async fn service_callback(
    request: &Request,
    Path(service): Path<String>,
    query: Option<Query<Callback>>,
    Data(web): Data<&Web>,
) -> Response {
    // Only a service of this site is named: the address may say anything.
    let named = web.app.connectors.get(&service).map(|connector| connector.spec().key);
    let refused = |code: &str| {
        let service = named.map(|key| format!("&service={key}")).unwrap_or_default();
        redirect(&format!("/services?error={code}{service}"), None)
    };
    let callback = match read_callback(web, request, query) {
        Ok(callback) => callback,
        Err(code) => return refused(code),
    };
    let ended = async {
        let context = who(web, request).await?;
        link::finish(
            &web.app,
            &service,
            link::Answer {
                code: callback.code.as_deref(),
                state: callback.state.as_deref(),
                error: callback.error.as_deref(),
                browser: context.browser.as_deref(),
                session_user: context.viewer.as_ref().filter(|v| v.session_id.is_some()).map(|v| v.user.id),
            },
        )
        .await
    };
    match ended.await.map(link::LinkEnd::linked) {
        Ok(Ok(service)) => redirect(&format!("/services?linked={service}"), None),
        Ok(Err(code)) => refused(code),
        Err(error) => refused(failure(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::with_query;

    #[test]
    fn queries_are_added_where_they_belong() {
        assert_eq!(with_query("/a", "x=1"), "/a?x=1");
        assert_eq!(with_query("/a?b=2#c", "x=1"), "/a?b=2&x=1#c");
    }
}
