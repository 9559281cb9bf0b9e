//! Authorization requests in progress, at EVE SSO and at services: RFC 6749 section 10.12 (state), RFC 7636 (PKCE).
//!
//! An attempt is bound to the browser by a cookie of its own: an answer delivered by another browser is worthless.
//! The first callback that names it deletes it, so it can be used once.

use chrono::{DateTime, Duration, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::{
    app::App,
    crypto::{self, Secret},
    db::{Conn, schema::oauth_attempts as a},
    error::{Error, Result},
    services::SPECS,
};

/// How long a pilot may take at the SSO.
const LIFETIME: Duration = Duration::minutes(15);
const VERIFIER: &str = "oauth_attempt.code_verifier";

/// What the attempt is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    Login,
    AddCharacter,
    /// To link an account on a service, by the service's key.
    LinkService(&'static str),
}

impl Purpose {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::AddCharacter => "add_character",
            Self::LinkService(_) => "link_service",
        }
    }

    const fn service(self) -> Option<&'static str> {
        match self {
            Self::LinkService(key) => Some(key),
            _ => None,
        }
    }

    /// `None` also for a service this program does not know.
    fn parse(text: &str, service: Option<&str>) -> Option<Self> {
        match (text, service) {
            ("login", None) => Some(Self::Login),
            ("add_character", None) => Some(Self::AddCharacter),
            ("link_service", Some(key)) => {
                SPECS.iter().find(|spec| spec.key == key).map(|spec| Self::LinkService(spec.key))
            }
            _ => None,
        }
    }
}

/// A new attempt's secrets: one for the URL, one for the cookie.
#[derive(Debug)]
pub struct Started {
    pub state: Secret,
    pub browser: Secret,
}

/// An attempt whose answer has come.
#[derive(Debug)]
pub struct Attempt {
    pub purpose: Purpose,
    pub user_id: Option<i64>,
    pub code_verifier: Option<Secret>,
    pub next_path: String,
}

/// Stores an attempt. `browser` is the browser's current cookie, which is kept so that two tabs
/// do not disturb each other.
///
/// # Errors
/// When the database fails.
pub async fn start(
    conn: &mut Conn,
    app: &App,
    purpose: Purpose,
    user_id: Option<i64>,
    browser: Option<Secret>,
    code_verifier: Option<&Secret>,
    next_path: &str,
) -> Result<Started> {
    let now = app.clock.now();
    let state = crypto::shared_token(&app.rng);
    let browser = browser.unwrap_or_else(|| crypto::shared_token(&app.rng));
    let sealed = code_verifier.map(|verifier| app.seal(VERIFIER, verifier)).transpose()?;
    diesel::insert_into(a::table)
        .values((
            a::state_hash.eq(crypto::token_hash(state.expose())),
            a::purpose.eq(purpose.as_str()),
            a::service.eq(purpose.service()),
            a::browser_hash.eq(crypto::token_hash(browser.expose())),
            a::user_id.eq(user_id),
            a::code_verifier.eq(sealed),
            a::next_path.eq(next_path),
            a::created_at.eq(now),
            a::expires_at.eq(now + LIFETIME),
        ))
        .execute(conn)
        .await?;
    Ok(Started { state, browser })
}

/// Takes the attempt that a callback belongs to. `None`: never started, already answered, expired,
/// or from another browser.
///
/// # Errors
/// When the database fails.
pub async fn take(conn: &mut Conn, app: &App, state: &str, browser: &str) -> Result<Option<Attempt>> {
    type Row = (String, Option<String>, Option<i64>, Option<Vec<u8>>, String, DateTime<Utc>);
    let row: Option<Row> = diesel::delete(a::table.filter(
        a::state_hash.eq(crypto::token_hash(state)).and(a::browser_hash.eq(crypto::token_hash(browser))),
    ))
    .returning((a::purpose, a::service, a::user_id, a::code_verifier, a::next_path, a::expires_at))
    .get_result(conn)
    .await
    .optional()?;
    let Some((purpose, service, user_id, verifier, next_path, expires_at)) = row else { return Ok(None) };
    if expires_at <= app.clock.now() {
        return Ok(None);
    }
    let purpose = Purpose::parse(&purpose, service.as_deref())
        .ok_or_else(|| Error::internal("an attempt of unknown purpose"))?;
    let code_verifier = verifier
        .map(|sealed| app.sealing_key.open(VERIFIER, &sealed))
        .transpose()
        .map_err(Error::internal)?;
    Ok(Some(Attempt { purpose, user_id, code_verifier, next_path }))
}

/// A path on this site that is safe to redirect to; anything else becomes `/`.
///
/// Browsers treat `//host`, `/\host` and control characters as addresses of other sites, so only an absolute path of
/// printable ASCII without backslashes is accepted.
#[must_use]
pub fn safe_next(next: Option<&str>) -> String {
    let Some(path) = next else { return "/".into() };
    let ok = path.len() <= 1_000
        && path.starts_with('/')
        && !path.starts_with("//")
        && path.bytes().all(|b| b.is_ascii_graphic() && b != b'\\')
        // Redirecting into the flows themselves would loop.
        && !["/sso/", "/services/", "/login", "/graphql"].iter().any(|p| path.starts_with(p));
    if ok { path.to_owned() } else { "/".into() }
}

#[cfg(test)]
mod tests {
    use super::safe_next;

    #[test]
    fn only_paths_of_this_site_are_followed() {
        for path in ["/", "/services?tab=1#x", "/admin/users/user:1"] {
            assert_eq!(safe_next(Some(path)), path);
        }
        for path in [
            "",
            "https://evil.example/",
            "//evil.example",
            "/\\evil.example",
            "javascript:alert(1)",
            "/a\r\nSet-Cookie: x",
            "/\t/evil.example",
            "services",
            "/services/discord/callback?code=1",
            "/sso/login?next=/",
            "/login",
            "\\\\evil",
        ] {
            assert_eq!(safe_next(Some(path)), "/", "{path:?}");
        }
        assert_eq!(safe_next(None), "/");
        assert_eq!(safe_next(Some(&format!("/{}", "a".repeat(2_000)))), "/");
    }
}
