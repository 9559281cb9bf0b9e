//! The token endpoint.
//!
//! `openidconnect` builds the requests and parses the answers; we do the sending. Its asynchronous calls cannot be
//! used in a `Send` future (the compiler cannot prove it), so its synchronous ones are given a "client" that hands
//! the request out and, the second time, the answer in.

use std::{cell::Cell, convert::Infallible, error::Error, time::Duration};

use http::StatusCode;
use openidconnect::{
    AuthorizationCode, ClientId, ClientSecret, EndpointNotSet, EndpointSet, HttpRequest, HttpResponse,
    IssuerUrl, OAuth2TokenResponse, PkceCodeVerifier, RedirectUrl, RefreshToken, RequestTokenError,
    StandardErrorResponse, TokenUrl,
    core::{CoreClient, CoreErrorResponseType, CoreJsonWebKeySet, CoreTokenResponse},
};

use super::{EveSso, SsoError, metadata::Metadata};
use crate::upstream::{self, Call, MAX_BODY, Secret, SendError};

/// The longest pause requested by the SSO that is waited out within a call.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

type TokenClient =
    CoreClient<EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointSet, EndpointNotSet>;
type TokenError<E> = RequestTokenError<E, StandardErrorResponse<CoreErrorResponseType>>;

/// What is exchanged for tokens.
#[derive(Clone, Copy)]
pub(super) enum Grant<'a> {
    /// A code the pilot brought.
    Code { code: &'a str, verifier: &'a Secret },
    /// A refresh token.
    Refresh(&'a Secret),
}

/// What the endpoint returned, not verified yet.
pub(super) struct Tokens {
    pub access: Secret,
    pub refresh: Option<Secret>,
    pub expires_in: Option<Duration>,
}

impl EveSso {
    /// Exchanges `grant`. It is only sent again if the SSO has certainly done nothing yet: a code dies with its first
    /// use, and so may a refresh token, because the answer that got lost may have contained its replacement.
    pub(super) async fn tokens(&self, metadata: &Metadata, grant: Grant<'_>) -> Result<Tokens, SsoError> {
        let client = self.token_client(metadata)?;
        let mut attempt = 1;
        loop {
            let (error, seen) = match self.post(build(&client, grant)?).await {
                Ok(response) => match read(&client, grant, &response) {
                    Ok(tokens) => return Ok(tokens),
                    Err(error) => (error.after_arrival(), true),
                },
                Err((error, seen)) => (error, seen),
            };
            let harmless = !seen || (matches!(grant, Grant::Refresh(_)) && !error.is_lost());
            if !harmless || !self.wait_before_retry(&error, attempt).await {
                return Err(error);
            }
            attempt += 1;
        }
    }

    /// Waits if `error` is worth another attempt.
    pub(super) async fn wait_before_retry(&self, error: &SsoError, attempt: u32) -> bool {
        if !error.is_temporary() || attempt >= self.config.backoff.attempts {
            return false;
        }
        let asked = error.retry_after().unwrap_or_default();
        if asked > LONGEST_WAIT {
            return false;
        }
        self.pace.sleep(self.pace.delay(&self.config.backoff, attempt).max(asked)).await;
        true
    }

    /// Sends the request. Server failures end here, whatever the body says. An error comes with whether the SSO
    /// may have seen the request.
    async fn post(&self, request: HttpRequest) -> Result<HttpResponse, (SsoError, bool)> {
        let (parts, body) = request.into_parts();
        let builder =
            self.http.request(parts.method, parts.uri.to_string()).headers(parts.headers).body(body);
        let call = Call { upstream: "sso", route: "POST /v2/oauth/token" };
        let sent = upstream::send(builder, call, MAX_BODY).await;
        let answer = sent.map_err(|error: SendError| match error.may_have_arrived() {
            true => (SsoError::from(error).after_arrival(), true),
            false => (error.into(), false),
        })?;
        if is_failing(answer.status) {
            let retry_after = upstream::retry_after(&answer.headers, self.pace.now());
            let reason = format!("status {}", answer.status.as_u16());
            // A client told to come back later was not served.
            let is_lost = !matches!(answer.status.as_u16(), 420 | 429);
            return Err((SsoError::Unavailable { retry_after, reason, is_lost }, true));
        }
        let mut response = HttpResponse::new(answer.body);
        *response.status_mut() = answer.status;
        *response.headers_mut() = answer.headers;
        Ok(response)
    }

    fn token_client(&self, metadata: &Metadata) -> Result<TokenClient, SsoError> {
        if self.config.client_id.is_empty() || self.config.client_secret.is_empty() {
            return Err(SsoError::Configuration("client id or secret is empty".to_owned()));
        }
        // Only `OpenID` Connect needs an issuer and keys; we verify tokens ourselves.
        let issuer = IssuerUrl::from_url(self.config.metadata_url.clone());
        let id = ClientId::new(self.config.client_id.clone());
        Ok(CoreClient::new(id, issuer, CoreJsonWebKeySet::new(Vec::new()))
            .set_client_secret(ClientSecret::new(self.config.client_secret.expose().to_owned()))
            .set_redirect_uri(RedirectUrl::from_url(self.config.callback_url.clone()))
            .set_token_uri(TokenUrl::from_url(metadata.token_endpoint.clone())))
    }
}

/// Statuses that say something about the server and nothing about the request.
pub(super) fn is_failing(status: StatusCode) -> bool {
    status.is_server_error() || matches!(status.as_u16(), 408 | 420 | 429)
}

fn run<E: Error + 'static>(
    client: &TokenClient,
    grant: Grant<'_>,
    http: impl Fn(HttpRequest) -> Result<HttpResponse, E>,
) -> Result<CoreTokenResponse, TokenError<E>> {
    match grant {
        Grant::Code { code, verifier } => client
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .set_pkce_verifier(PkceCodeVerifier::new(verifier.expose().to_owned()))
            .request(&http),
        Grant::Refresh(token) => {
            client.exchange_refresh_token(&RefreshToken::new(token.expose().to_owned())).request(&http)
        }
    }
}

fn build(client: &TokenClient, grant: Grant<'_>) -> Result<HttpRequest, SsoError> {
    let built = Cell::new(None);
    let _ = run(client, grant, |request| {
        built.set(Some(request));
        Err(std::fmt::Error)
    });
    built.into_inner().ok_or_else(|| SsoError::Configuration("no request to the token endpoint".to_owned()))
}

fn read(client: &TokenClient, grant: Grant<'_>, response: &HttpResponse) -> Result<Tokens, SsoError> {
    let answer = run(client, grant, |_| Ok::<_, Infallible>(response.clone())).map_err(meaning)?;
    let refresh = answer.refresh_token().map(RefreshToken::secret).filter(|token| !token.is_empty());
    Ok(Tokens {
        access: Secret::new(answer.access_token().secret()),
        refresh: refresh.map(Secret::new),
        expires_in: answer.expires_in(),
    })
}

fn meaning(error: TokenError<Infallible>) -> SsoError {
    match error {
        RequestTokenError::ServerResponse(answer) => {
            SsoError::from_code(answer.error().as_ref(), answer.error_description().map(String::as_str))
        }
        RequestTokenError::Request(never) => match never {},
        // Neither part is shown: both may quote the answer, including tokens.
        RequestTokenError::Parse(..) | RequestTokenError::Other(_) => {
            SsoError::unavailable("unreadable answer")
        }
    }
}
