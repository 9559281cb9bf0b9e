//! One call to ESI: guard, attempts, and what an answer means.

use std::time::Duration;

use chrono::{DateTime, Utc};
use http::{HeaderMap, Method, header};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

use super::{Cached, Esi, EsiError, model::Sound};
use crate::upstream::{self, Answer, Call, MAX_BODY};

/// The longest we believe an answer to stay fresh.
const LONGEST_CACHE: chrono::Duration = chrono::Duration::days(7);

/// The description of a call.
#[derive(Debug, Clone, Copy)]
pub(super) struct Request<'a> {
    pub method: &'static Method,
    /// Template of method and path, for metrics and limits.
    pub route: &'static str,
    /// Path segments.
    pub path: &'a [&'a str],
    pub body: Option<&'a Value>,
    pub etag: Option<&'a str>,
    /// What a 404 may be about: "Character", so that only "Character not found" counts.
    pub subject: Option<&'a str>,
}

impl<'a> Request<'a> {
    pub fn get(route: &'static str, path: &'a [&'a str]) -> Self {
        Self { method: &Method::GET, route, path, body: None, etag: None, subject: None }
    }

    pub fn post(route: &'static str, path: &'a [&'a str], body: &'a Value) -> Self {
        Self { method: &Method::POST, body: Some(body), ..Self::get(route, path) }
    }
}

impl Esi {
    /// Makes the call, as many times as allowed, and reads a sound value from the answer.
    pub(super) async fn call<T: DeserializeOwned + Sound>(
        &self,
        request: Request<'_>,
    ) -> Result<Cached<T>, EsiError> {
        let mut attempt = 1;
        loop {
            let failure = match self.attempt(&request).await {
                Ok(answer) => match self.judge(&request, &answer) {
                    Verdict::Done(result) => return result.and_then(|()| self.read(&request, &answer)),
                    Verdict::Retry(failure) => failure,
                },
                Err(Attempt::Final(error)) => return Err(error),
                Err(Attempt::Retry(failure)) => failure,
            };
            if attempt >= self.config.backoff.attempts {
                return Err(failure);
            }
            let delay = self.pace.delay(&self.config.backoff, attempt);
            if failure.retry_after().is_some_and(|asked| asked > delay) {
                return Err(failure);
            }
            tracing::debug!(route = request.route, attempt, %failure, ?delay, "trying ESI again");
            self.pace.sleep(delay).await;
            attempt += 1;
        }
    }

    async fn attempt(&self, request: &Request<'_>) -> Result<Answer, Attempt> {
        let closed = |_| Attempt::Final(EsiError::Misuse("the client was closed"));
        let _slot = self.slots.acquire().await.map_err(closed)?;
        self.guard.check(request.route, self.config.error_floor, self.pace.now()).map_err(Attempt::Final)?;
        let call = Call { upstream: "esi", route: request.route };
        let answer = upstream::send(self.build(request)?, call, MAX_BODY).await.map_err(|error| {
            if error.is_temporary() {
                Attempt::Retry(EsiError::Unavailable { retry_after: None, reason: error.to_string() })
            } else {
                Attempt::Final(EsiError::Invalid(error.to_string()))
            }
        })?;
        self.guard.learn(request.route, &answer.headers, self.pace.now());
        Ok(answer)
    }

    fn build(&self, request: &Request<'_>) -> Result<reqwest::RequestBuilder, Attempt> {
        let mut url = self.config.base_url.clone();
        url.path_segments_mut()
            .map_err(|()| Attempt::Final(EsiError::Misuse("the base address cannot have a path")))?
            .pop_if_empty()
            .extend(request.path);
        let mut builder = self
            .http
            .request(request.method.clone(), url)
            .header(header::ACCEPT, "application/json")
            .header(header::ACCEPT_LANGUAGE, "en")
            .header("x-compatibility-date", self.config.compatibility_date.to_string());
        if let Some(etag) = request.etag {
            builder = builder.header(header::IF_NONE_MATCH, etag);
        }
        if let Some(body) = request.body {
            builder = builder.json(body);
        }
        Ok(builder)
    }

    /// Decides by the status whether the answer can be read, is an error, or is worth another attempt.
    fn judge(&self, request: &Request<'_>, answer: &Answer) -> Verdict {
        let now = self.pace.now();
        let status = answer.status.as_u16();
        if matches!(status, 200 | 304) {
            self.guard.up();
            return Verdict::Done(Ok(()));
        }
        let spoken = error_message(&answer.body);
        let message = spoken.clone().unwrap_or_default();
        Verdict::Done(Err(match status {
            401 => EsiError::Unauthorized,
            420 => EsiError::RateLimited { retry_after: self.guard.pause_all(&answer.headers, now) },
            429 => {
                let retry_after = self.guard.pause_group(request.route, &answer.headers, now);
                EsiError::RateLimited { retry_after }
            }
            // EVE's own throttling, which ESI passes on untranslated.
            500 if message.contains("429") || message.contains("throttled") => {
                let retry_after = self.guard.pause_group(request.route, &HeaderMap::new(), now);
                EsiError::RateLimited { retry_after }
            }
            502..=504 => return Verdict::Retry(self.failing(status, &answer.headers, &message)),
            500..=599 => self.failing(status, &answer.headers, &message),
            // Not in ESI's format: something in between, whose 404 says nothing about New Eden.
            _ if spoken.is_none() => EsiError::Invalid(format!("status {status} without an ESI error")),
            403 => EsiError::Forbidden { message },
            404 => not_found(request.subject, message),
            400..=499 => EsiError::Rejected { status, message },
            _ => EsiError::Invalid(format!("status {status}")),
        }))
    }

    fn failing(&self, status: u16, headers: &HeaderMap, message: &str) -> EsiError {
        let now = self.pace.now();
        let mut retry_after = upstream::retry_after(headers, now);
        if status == 503 && message.contains("datasource") {
            let pause = retry_after.unwrap_or(self.config.downtime_pause).max(self.config.downtime_pause);
            self.guard.down(pause, now);
            retry_after = Some(pause);
        }
        EsiError::Unavailable {
            retry_after,
            reason: format!("status {status} {message}").trim_end().to_owned(),
        }
    }

    fn read<T: DeserializeOwned + Sound>(
        &self,
        request: &Request<'_>,
        answer: &Answer,
    ) -> Result<Cached<T>, EsiError> {
        let etag = header_text(&answer.headers, header::ETAG).filter(|etag| etag.len() <= 256);
        let expires = expires(&answer.headers, self.pace.now());
        if answer.status.as_u16() == 304 {
            let Some(asked) = request.etag else {
                return Err(EsiError::Invalid("304 to an unconditional request".to_owned()));
            };
            return Ok(Cached { value: None, etag: etag.or_else(|| Some(asked.to_owned())), expires });
        }
        // serde's message may quote the answer; the position is enough.
        let value: T = serde_json::from_slice(&answer.body).map_err(|error| {
            EsiError::Invalid(format!(
                "{:?} error at line {} column {}",
                error.classify(),
                error.line(),
                error.column()
            ))
        })?;
        value.check()?;
        Ok(Cached { value: Some(value), etag, expires })
    }
}

enum Attempt {
    Final(EsiError),
    Retry(EsiError),
}

enum Verdict {
    Done(Result<(), EsiError>),
    Retry(EsiError),
}

/// ESI's `{"error": "..."}`, cut to a sensible length.
fn error_message(body: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Body {
        error: String,
    }
    let body: Body = serde_json::from_slice(body).ok()?;
    Some(body.error.chars().filter(|c| !c.is_control()).take(300).collect())
}

fn not_found(subject: Option<&str>, message: String) -> EsiError {
    let lower = message.to_ascii_lowercase();
    let about = subject.is_some_and(|subject| lower.contains(&subject.to_ascii_lowercase()));
    if about && lower.contains("has been deleted") {
        EsiError::Deleted
    } else if about && lower.contains("not found") {
        EsiError::NotFound
    } else {
        EsiError::Rejected { status: 404, message }
    }
}

fn header_text(headers: &HeaderMap, name: header::HeaderName) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}

/// `max-age` if there is one, otherwise `Expires`; never more than a week ahead.
fn expires(headers: &HeaderMap, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let max_age = header_text(headers, header::CACHE_CONTROL).and_then(|text| {
        let seconds =
            text.split(',').find_map(|part| part.trim().strip_prefix("max-age=")?.parse::<u32>().ok())?;
        Some(now + Duration::from_secs(u64::from(seconds)))
    });
    let date = || {
        let text = header_text(headers, header::EXPIRES)?;
        DateTime::parse_from_rfc2822(&text).ok().map(|date| date.to_utc())
    };
    max_age.or_else(date).map(|at| at.min(now + LONGEST_CACHE))
}
