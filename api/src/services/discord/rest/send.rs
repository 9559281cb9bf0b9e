//! One call to Discord: limits, attempts, and what an answer means.

use std::time::Duration;

use http::{HeaderMap, HeaderValue, header};
use reqwest::RequestBuilder;
use serde::{Deserialize, de::DeserializeOwned};
use url::form_urlencoded;

use super::{DiscordError, DiscordRest, error::cut, limits::Wait};
use crate::upstream::{self, Answer, Call, MAX_BODY, Secret, SendError, delay_seconds};

/// For when Discord does not say how long.
const DEFAULT_PAUSE: Duration = Duration::from_secs(60);

/// Who is asking.
#[derive(Debug, Clone, Copy)]
pub(super) enum Caller<'a> {
    /// The bot.
    Bot,
    /// A user, by their access token.
    User(&'a Secret),
    /// The application, at the OAuth endpoints.
    Application,
}

/// What is being called.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ask<'a> {
    /// Template of method and path, for metrics and limits.
    pub route: &'static str,
    pub caller: Caller<'a>,
    /// Whether doing it twice is the same as doing it once.
    pub repeatable: bool,
}

impl DiscordRest {
    /// Makes the call, as many times as allowed; the answer has a 2xx status.
    pub(super) async fn call(&self, ask: Ask<'_>, request: RequestBuilder) -> Result<Answer, DiscordError> {
        let request = self.authorized(ask.caller, request)?;
        let mut waited = Duration::ZERO;
        let mut attempt = 1;
        loop {
            self.take_a_place(ask, &mut waited).await?;
            let request =
                request.try_clone().ok_or(DiscordError::Misuse("a request that cannot be repeated"))?;
            let (error, seen) = match self.once(ask, request).await {
                Ok(answer) => return Ok(answer),
                Err(failure) => failure,
            };
            let delay = match &error {
                // Discord has not acted on a call it limited, so any call may be repeated.
                DiscordError::RateLimited { retry_after, .. } => *retry_after,
                DiscordError::Unavailable { retry_after, .. } if ask.repeatable || !seen => {
                    self.pace.delay(&self.config.backoff, attempt).max(retry_after.unwrap_or_default())
                }
                _ => return Err(error),
            };
            waited += delay;
            if attempt >= self.config.backoff.attempts || waited > self.config.longest_wait {
                return Err(error);
            }
            self.pace.sleep(delay).await;
            attempt += 1;
        }
    }

    /// As [`Self::call`], reading the body.
    pub(super) async fn fetch<T: DeserializeOwned>(
        &self,
        ask: Ask<'_>,
        request: RequestBuilder,
    ) -> Result<T, DiscordError> {
        read(&self.call(ask, request).await?)
    }

    fn authorized(
        &self,
        caller: Caller<'_>,
        request: RequestBuilder,
    ) -> Result<RequestBuilder, DiscordError> {
        let text = match caller {
            Caller::Application => {
                let (id, secret) = (&self.config.client_id, self.config.client_secret.expose());
                return Ok(request.basic_auth(id, Some(secret)));
            }
            Caller::Bot => format!("Bot {}", self.config.bot_token.expose()),
            Caller::User(token) => format!("Bearer {}", token.expose()),
        };
        let mut value = HeaderValue::from_str(&text).map_err(|_| match caller {
            Caller::User(_) => DiscordError::InvalidGrant("a token that cannot be sent".to_owned()),
            _ => DiscordError::Configuration("the bot's token cannot be sent".to_owned()),
        })?;
        value.set_sensitive(true);
        Ok(request.header(header::AUTHORIZATION, value))
    }

    /// Adds the header that explains the change in the guild's audit log.
    pub(super) fn reasoned(&self, request: RequestBuilder) -> RequestBuilder {
        let short: String = self.config.audit_reason.chars().take(100).collect();
        let encoded: String = form_urlencoded::byte_serialize(short.as_bytes()).collect();
        // Discord decodes this like part of a path, where a plus is a plus.
        request.header("x-audit-log-reason", encoded.replace('+', "%20"))
    }

    async fn take_a_place(&self, ask: Ask<'_>, waited: &mut Duration) -> Result<(), DiscordError> {
        while let Err(wait) = self.limits.reserve(ask.route, self.major(ask.caller), self.pace.now()) {
            *waited += wait.duration;
            if *waited > self.config.longest_wait {
                return Err(DiscordError::RateLimited { retry_after: wait.duration, global: wait.global });
            }
            self.pace.sleep(wait.duration).await;
        }
        Ok(())
    }

    fn major(&self, caller: Caller<'_>) -> &str {
        if matches!(caller, Caller::Bot) { &self.config.guild_id } else { "" }
    }

    /// One attempt. An error comes with whether Discord may have seen the request.
    async fn once(&self, ask: Ask<'_>, request: RequestBuilder) -> Result<Answer, (DiscordError, bool)> {
        let call = Call { upstream: "discord", route: ask.route };
        let answer = upstream::send(request, call, MAX_BODY).await.map_err(|error| {
            let seen = error.may_have_arrived();
            let meaning = match error {
                SendError::Unbuildable => DiscordError::Misuse("a request that cannot be built"),
                SendError::TooLarge { .. } => DiscordError::Invalid(error.to_string()),
                _ => DiscordError::Unavailable { retry_after: None, reason: error.to_string() },
            };
            (meaning, seen)
        })?;
        let (now, major) = (self.pace.now(), self.major(ask.caller));
        self.limits.learn(ask.route, major, &answer.headers, now);
        if answer.status.is_success() {
            return Ok(answer);
        }
        let status = answer.status.as_u16();
        let error = match status {
            429 => {
                let wait = asked_wait(&answer, now);
                self.limits.pause(ask.route, major, wait, now);
                DiscordError::RateLimited { retry_after: wait.duration, global: wait.global }
            }
            500..=599 => DiscordError::Unavailable {
                retry_after: upstream::retry_after(&answer.headers, now),
                reason: format!("status {status}"),
            },
            _ => refusal(ask.caller, status, &answer.body),
        };
        Err((error, true))
    }
}

/// Parses the body of an answer as a `T`.
pub(super) fn read<T: DeserializeOwned>(answer: &Answer) -> Result<T, DiscordError> {
    // serde's message may quote the answer; the position is enough.
    serde_json::from_slice(&answer.body).map_err(|error| {
        let at = (error.line(), error.column());
        DiscordError::Invalid(format!("{:?} error at line {} column {}", error.classify(), at.0, at.1))
    })
}

/// The wait that a 429 asks for. Without Discord's JSON it comes from Cloudflare and applies to our whole address.
fn asked_wait(answer: &Answer, now: chrono::DateTime<chrono::Utc>) -> Wait {
    #[derive(Deserialize)]
    struct Body {
        retry_after: f64,
        #[serde(default)]
        global: bool,
    }
    let body: Option<Body> = serde_json::from_slice(&answer.body).ok();
    let said = body.as_ref().and_then(|body| delay_seconds(body.retry_after));
    let duration = said.or_else(|| upstream::retry_after(&answer.headers, now)).unwrap_or(DEFAULT_PAUSE);
    let global = body.is_none_or(|body| body.global) || says_global(&answer.headers);
    Wait { duration: duration.max(Duration::from_millis(50)), global }
}

fn says_global(headers: &HeaderMap) -> bool {
    upstream::header::<String>(headers, "x-ratelimit-global").is_some_and(|text| text == "true")
}

fn refusal(caller: Caller<'_>, status: u16, body: &[u8]) -> DiscordError {
    if let (Caller::Application, Some(error)) = (caller, oauth_refusal(status, body)) {
        return error;
    }
    match (caller, DiscordError::from_body(status, body)) {
        (Caller::Application, Some(DiscordError::Unauthorized)) => {
            DiscordError::Configuration("the application is refused".to_owned())
        }
        (Caller::User(_), Some(DiscordError::Unauthorized)) => {
            DiscordError::InvalidGrant("the access token is refused".to_owned())
        }
        (_, Some(error)) => error,
        (Caller::Bot, None) if status == 401 => DiscordError::Unauthorized,
        // Cloudflare's page.
        (_, None) if status == 403 => DiscordError::Unavailable {
            retry_after: Some(DEFAULT_PAUSE),
            reason: "blocked on the way".to_owned(),
        },
        (_, None) => DiscordError::Invalid(format!("status {status} without a Discord error")),
    }
}

/// The OAuth endpoints have their own format for errors.
fn oauth_refusal(status: u16, body: &[u8]) -> Option<DiscordError> {
    #[derive(Deserialize)]
    struct Body {
        error: String,
        #[serde(default)]
        error_description: String,
    }
    let body: Body = serde_json::from_slice(body).ok()?;
    let text = cut(format!("{} {}", body.error, body.error_description).trim_end());
    Some(match body.error.as_str() {
        "invalid_grant" => DiscordError::InvalidGrant(text),
        "invalid_client" | "unauthorized_client" => DiscordError::Configuration(text),
        _ => DiscordError::Rejected { status, code: 0, message: text, fields: Vec::new() },
    })
}
