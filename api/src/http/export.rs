//! `GET /export/audit.jsonl`: the audit log as a file, for those who may see it.
//!
//! It changes nothing. Errors have the same shape as in the GraphQL API.

use futures_util::stream;
use poem::{
    Body, IntoResponse, Request, Response, handler,
    http::{HeaderValue, StatusCode, header},
    web::Data as Shared,
};
use url::form_urlencoded;

use super::{Web, auth, graphql::refuse};
use crate::{
    audit::{
        export::Export,
        log::{Filter, parse_time},
    },
    error::{Error, Result},
};
use fealty_shared::id::UserId;

/// The filter in the query string: `from`, `to`, `kind` (may be repeated), `person`, `objectKind`, `object`,
/// `search`; and `afterPosition`.
///
/// Unknown parameters are refused: an export that is not limited as its caller thinks would be misleading.
fn filter_of(query: &str) -> Result<(Filter, Option<i64>)> {
    let invalid = |field, message: &str| Error::invalid(field, "invalid", message);
    let (mut filter, mut after_position) = (Filter::default(), None);
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        let time = |field| {
            parse_time(&value).map(Some).ok_or_else(|| {
                invalid(field, "Write a time like 2026-01-31T18:00:00Z, or a day like 2026-01-31.")
            })
        };
        match &*name {
            "from" => filter.from = time("from")?,
            "to" => filter.to = time("to")?,
            "kind" => filter.kinds.push(value.into_owned()),
            "person" => {
                let id = value
                    .parse::<UserId>()
                    .map_err(|_| invalid("person", "This is not the id of a user."))?;
                filter.person = Some(id.0);
            }
            "objectKind" => filter.object_kind = Some(value.into_owned()),
            "object" => filter.object_id = Some(value.into_owned()),
            "search" => filter.search = Some(value.into_owned()),
            "afterPosition" => {
                let position =
                    value.parse().map_err(|_| invalid("afterPosition", "This is not a position."))?;
                after_position = Some(position);
            }
            _ => {
                let known = "Known are from, to, kind, person, objectKind, object, search and afterPosition.";
                return Err(invalid("query", known));
            }
        }
    }
    Ok((filter.checked()?, after_position))
}

const fn status_of(error: &Error) -> StatusCode {
    match error {
        Error::Unauthenticated => StatusCode::UNAUTHORIZED,
        Error::Forbidden => StatusCode::FORBIDDEN,
        Error::RateLimited(_) => StatusCode::TOO_MANY_REQUESTS,
        Error::Invalid(_) => StatusCode::BAD_REQUEST,
        _ => StatusCode::SERVICE_UNAVAILABLE,
    }
}

/// An export on its way to a client.
struct Download {
    web: Web,
    export: Export,
    credentials: Request,
    /// Lines read before the response began.
    first: Option<String>,
}

impl Download {
    /// The next piece. If the reader has lost the permission or logged out in the meantime, they get no more: the
    /// response then ends abruptly, so that nobody mistakes what they have for the whole.
    async fn next(&mut self) -> Result<Option<String>> {
        if let Some(lines) = self.first.take() {
            return Ok(Some(lines));
        }
        let context = auth::identify_again(&self.web, &self.credentials).await?;
        let grant = context.viewer.ok_or(Error::Unauthenticated)?.grant()?;
        self.export.next(&self.web.app, &grant).await
    }
}

async fn begin(web: &Web, request: &Request) -> Result<Option<Download>> {
    if auth::has_cookie(&web.app, request) && !auth::is_same_origin(&web.app, request) {
        return Err(Error::Forbidden);
    }
    let viewer = auth::identify(web, request, None).await?.viewer.ok_or(Error::Unauthenticated)?;
    web.throttle.viewer(&viewer, 1, false)?;
    let grant = viewer.grant()?;
    let (filter, after_position) = filter_of(request.uri().query().unwrap_or_default())?;
    let mut export = Export::new(filter, after_position);
    let Some(first) = export.next(&web.app, &grant).await? else { return Ok(None) };
    let credentials = auth::credentials_of(request);
    Ok(Some(Download { web: web.clone(), export, credentials, first: Some(first) }))
}

/// The entries matching a filter as lines of JSON, oldest first.
#[handler]
pub async fn audit(request: &Request, Shared(web): Shared<&Web>) -> Response {
    let body = match begin(web, request).await {
        Err(error) => return refuse(status_of(&error), error),
        Ok(None) => Body::empty(),
        Ok(Some(download)) => Body::from_bytes_stream(stream::try_unfold(download, async |mut download| {
            match download.next().await {
                Ok(lines) => Ok(lines.map(|lines| (lines, download))),
                Err(error) => {
                    tracing::warn!(error = error.for_operators(), "an export ended early");
                    Err(std::io::Error::other("the export ended early"))
                }
            }
        })),
    };
    let mut response = body.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-ndjson"));
    headers.insert(
        header::CONTENT_DISPOSITION,
        HeaderValue::from_static("attachment; filename=\"audit.jsonl\""),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_string_is_a_filter() {
        let query = "from=2026-01-01&kind=a&kind=b&person=user:7&objectKind=user&object=user:8&search=x+y&afterPosition=41";
        let (filter, position) = filter_of(query).unwrap();
        assert_eq!(position, Some(41));
        assert_eq!(filter.from, parse_time("2026-01-01T00:00:00Z"));
        assert_eq!(filter.kinds, ["a", "b"]);
        assert_eq!((filter.person, filter.object_id.as_deref()), (Some(7), Some("user:8")));
        assert_eq!(filter.search.as_deref(), Some("x y"));
        assert_eq!(filter_of("").unwrap(), (Filter::default(), None));
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for query in [
            "form=2026-01-01",
            "from=yesterday",
            "to=",
            "person=7",
            "person=state:1",
            "from=2026-02-01&to=2026-01-01",
            "search=a",
            "afterPosition=x",
        ] {
            assert!(matches!(filter_of(query), Err(Error::Invalid(_))), "{query}");
        }
    }
}
