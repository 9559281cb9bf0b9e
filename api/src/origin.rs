//! What the work under way belongs to: the id of an HTTP request (`X-Request-Id` of its answer) or of a job. Log lines
//! and audit entries carry it, so that the one can be found from the other.

tokio::task_local! {
    static ORIGIN: String;
}

/// Does `work` as part of the request or job `id`.
pub async fn within<T>(id: String, work: impl Future<Output = T>) -> T {
    ORIGIN.scope(id, work).await
}

/// The request or job under way, if there is one. Not known in tasks that it spawned.
#[must_use]
pub fn current() -> Option<String> {
    ORIGIN.try_with(Clone::clone).ok()
}
