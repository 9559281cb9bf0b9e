//! The one place that creates HTTP clients.

use std::time::Duration;

/// How a client connects and how long it waits.
#[derive(Debug, Clone)]
pub struct HttpOptions {
    /// How long connecting (including name lookup and TLS) may take.
    pub connect_timeout: Duration,
    /// How long a whole request may take, from connecting to the last byte of the answer.
    pub timeout: Duration,
    /// How long an unused connection stays open.
    pub pool_idle_timeout: Duration,
    /// How many unused connections stay open per host.
    pub pool_max_idle_per_host: usize,
}

impl Default for HttpOptions {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(5),
            timeout: Duration::from_secs(15),
            pool_idle_timeout: Duration::from_secs(60),
            pool_max_idle_per_host: 8,
        }
    }
}

/// Creates an HTTP client that follows no redirects and always gives up at some point.
///
/// # Errors
/// When `user_agent` cannot be a header or the TLS roots cannot be set up.
#[expect(clippy::disallowed_methods, reason = "this is the one place that may make a client")]
pub fn http_client(user_agent: &str, options: &HttpOptions) -> Result<reqwest::Client, reqwest::Error> {
    // Without a provider reqwest panics; a second installation fails and changes nothing, which is just right.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .user_agent(user_agent)
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        .connect_timeout(options.connect_timeout)
        .timeout(options.timeout)
        .pool_idle_timeout(options.pool_idle_timeout)
        .pool_max_idle_per_host(options.pool_max_idle_per_host)
        .build()
}
