//! Who sent a request: a session cookie or a bot's token.

use std::{sync::Arc, time::Duration};

use futures_util::StreamExt;
use poem::{Request, http::header};

use super::{Web, cookies};
use crate::{
    app::App,
    error::{Error, Result},
    graphql::{Asked, RequestContext, Viewer, own},
    identity::{api_token, session},
};

/// Finds out who is asking; for a query from a browser, also loads what they `asked` about themselves.
///
/// # Errors
/// `Unauthenticated` for a token that is not (or no longer) valid: a bot must notice. A stale cookie makes a visitor.
/// `RateLimited` when too many invalid ones of either came from the same network: then nothing is looked up.
pub async fn identify(web: &Web, request: &Request, asked: Option<&Asked>) -> Result<RequestContext> {
    look_up(web, request, asked, true).await
}

/// As [`identify`], for credentials that were good when something that still goes on began. They are nobody's guess, so
/// the limit on bad ones neither counts nor stops them.
///
/// # Errors
/// As [`identify`], without `RateLimited`.
pub async fn identify_again(web: &Web, credentials: &Request) -> Result<RequestContext> {
    look_up(web, credentials, None, false).await
}

async fn look_up(
    web: &Web,
    request: &Request,
    asked: Option<&Asked>,
    is_limited: bool,
) -> Result<RequestContext> {
    let app = &web.app;
    let mut context = RequestContext::default();
    context.browser = cookies::browser_of(app, request);
    context.user_agent = header_text(request, header::USER_AGENT.as_str()).unwrap_or_default();
    context.address = address(app, request);
    let now = app.clock.now();
    if let Some(authorization) = header_text(request, header::AUTHORIZATION.as_str()) {
        let token = authorization
            .split_once(' ')
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .map(|(_, token)| token.trim())
            .ok_or(Error::Unauthenticated)?;
        if is_limited {
            web.throttle.credentials(&context.address)?;
        }
        let mut conn = app.db.conn().await?;
        let found = api_token::find(&mut conn, now, token).await?;
        drop(conn);
        let Some(bearer) = found else {
            if is_limited {
                web.throttle.bad_credentials(&context.address);
            }
            return Err(Error::Unauthenticated);
        };
        let permissions = app.permission_names.of(&app.db, &bearer.permission_ids).await?;
        context.viewer = Some(Arc::new(Viewer::from_bearer(bearer, permissions)));
        return Ok(context);
    }
    let Some(token) = cookies::session_of(app, request) else { return Ok(context) };
    if is_limited {
        web.throttle.credentials(&context.address)?;
    }
    let found = match asked {
        Some(asked) => own::find(app, &token, asked).await?,
        None => {
            let mut conn = app.db.conn().await?;
            session::find(&mut conn, now, &token).await?.map(|session| (session, None))
        }
    };
    match found {
        Some((session, _)) if session.is_registration => context.registration = Some(session),
        Some((session, own)) => {
            let permissions = app.permission_names.of(&app.db, &session.permission_ids).await?;
            context.viewer = Some(Arc::new(Viewer::from_session(session, permissions)));
            context.own = own;
        }
        None if is_limited => web.throttle.bad_credentials(&context.address),
        None => {}
    }
    Ok(context)
}

fn header_text(request: &Request, name: &str) -> Option<String> {
    request.headers().get(name)?.to_str().ok().map(ToOwned::to_owned)
}

/// A request that carries nothing but what proves the sender of `request`: kept for as long as a connection lives.
#[must_use]
pub fn credentials_of(request: &Request) -> Request {
    let mut kept = Request::builder().finish();
    for name in [header::COOKIE, header::AUTHORIZATION] {
        for value in request.headers().get_all(&name) {
            kept.headers_mut().append(&name, value.clone());
        }
    }
    kept
}

/// How often an open connection's credentials are checked even if nothing was heard.
const RECHECK: Duration = Duration::from_secs(60);

/// Returns when `credentials` stop being good (the session ended, the token was revoked, the account was switched off),
/// or are good for less than they were for `viewer`: what a connection shows is decided by the viewer it began with, so it
/// has to begin anew.
pub async fn until_invalid(web: &Web, viewer: &Viewer, credentials: &Request) {
    let mut wakes = std::pin::pin!(web.hub.of(viewer.user.id));
    loop {
        tokio::select! {
            heard = wakes.next() => {
                // The hub ends with the process, and then the subscriptions end by themselves.
                if heard.is_none() {
                    return;
                }
            }
            () = tokio::time::sleep(RECHECK) => {}
        }
        match identify_again(web, credentials).await {
            Ok(RequestContext { viewer: Some(now), .. }) if now.may_all_that(viewer) => {}
            Ok(_) | Err(Error::Unauthenticated) => return,
            // A database that does not answer says nothing about anybody.
            Err(_) => {}
        }
    }
}

/// The client's address. `X-Forwarded-For` only counts behind as many proxies as the settings say: each of them
/// appends what it saw, so the client is that many places from the right.
pub fn address(app: &App, request: &Request) -> String {
    let peer = request.remote_addr().as_socket_addr().map(|a| a.ip().to_string()).unwrap_or_default();
    let proxies = app.config.http.trusted_proxies;
    if proxies == 0 {
        return peer;
    }
    let forwarded: Vec<String> = request
        .headers()
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|part| part.trim().to_owned())
        .collect();
    forwarded
        .len()
        .checked_sub(proxies)
        .and_then(|at| forwarded.get(at))
        .filter(|text| text.parse::<std::net::IpAddr>().is_ok())
        .cloned()
        .unwrap_or(peer)
}

/// Whether a request may use the session cookie it came with: it must come from a page of this site.
///
/// Browsers send `Origin` with every POST and WebSocket handshake; all current ones send `Sec-Fetch-Site`.
#[must_use]
pub fn is_same_origin(app: &App, request: &Request) -> bool {
    let fetch_site = header_text(request, "sec-fetch-site");
    if fetch_site.as_deref().is_some_and(|site| site != "same-origin") {
        return false;
    }
    match header_text(request, header::ORIGIN.as_str()) {
        Some(origin) => origin == app.config.site.url.origin().ascii_serialization(),
        // Neither header: not a browser, so nobody's cookie is being abused.
        None => true,
    }
}

/// Whether the request carries the session cookie.
#[must_use]
pub fn has_cookie(app: &App, request: &Request) -> bool {
    cookies::session_of(app, request).is_some()
}
