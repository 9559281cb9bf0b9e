//! What every client of somebody else's HTTP API shares: creating the HTTP client, sending one request under a span
//! with metrics and a bounded answer, waiting between attempts, and reading the headers that ask us to wait.
//!
//! Rules:
//! - [`http_client`] is the only function that creates an HTTP client. Redirects are never followed: an upstream that
//!   redirects us would otherwise choose where our credentials go.
//! - No answer is read beyond the limit set by its caller; an upstream cannot fill our memory.
//! - Time, waiting and jitter come from a [`Pace`], so that tests decide them.
//! - Secrets travel as [`Secret`], which never shows itself. URLs are kept out of errors and logs, because some
//!   upstreams put tokens there.

mod headers;
mod http;
mod pace;
mod secret;
mod send;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

pub use headers::{delay_seconds, header, retry_after};
pub use http::{HttpOptions, http_client};
pub use pace::{Backoff, Pace, Sleeper, TokioSleeper};
pub use secret::Secret;
pub use send::{Answer, Call, SendError, send};

/// The most we read of an ordinary answer: 8 MiB.
pub const MAX_BODY: usize = 8 * 1024 * 1024;
