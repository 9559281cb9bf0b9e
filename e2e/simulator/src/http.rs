//! Requests and answers as the upstreams see them.
//!
//! An upstream is a plain function from [`Call`] to [`Reply`]; poem, faults and the request log stay in `gateway.rs`.

use poem::{
    Body, Response,
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
};
use serde::Serialize;

/// One request, body included.
pub(crate) struct Call {
    pub(crate) method: Method,
    /// Path below the upstream's prefix, without a trailing slash; starts with `/`.
    pub(crate) path: String,
    pub(crate) query: Vec<(String, String)>,
    /// The query as received, for links back to the same page.
    pub(crate) raw_query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
    /// The caller's address without the port: what IP-based limits count.
    pub(crate) peer: String,
    /// `http://host:port` as the caller spelled it.
    pub(crate) base: String,
}

impl Call {
    pub(crate) fn segments(&self) -> Vec<&str> {
        self.path.split('/').skip(1).collect()
    }

    pub(crate) fn header(&self, name: impl header::AsHeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        find(&self.query, name)
    }

    /// Whether the body claims to be of this media type, whatever its parameters.
    pub(crate) fn is_type(&self, media: &str) -> bool {
        let value = self.header(header::CONTENT_TYPE).unwrap_or_default();
        value.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case(media)
    }

    /// The fields of a form body.
    pub(crate) fn form(&self) -> Vec<(String, String)> {
        pairs(&self.body)
    }

    /// User and password of HTTP Basic authentication.
    pub(crate) fn basic(&self) -> Option<(String, String)> {
        use base64::{Engine, engine::general_purpose::STANDARD};
        let encoded = self.header(header::AUTHORIZATION)?.strip_prefix("Basic ")?;
        let decoded = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
        let (user, password) = decoded.split_once(':')?;
        Some((user.into(), password.into()))
    }

    /// The token of `Authorization: <scheme> <token>`.
    pub(crate) fn credentials(&self, scheme: &str) -> Option<&str> {
        let (found, token) = self.header(header::AUTHORIZATION)?.split_once(' ')?;
        found.eq_ignore_ascii_case(scheme).then(|| token.trim())
    }
}

/// The first value of a field.
pub(crate) fn find<'a>(fields: &'a [(String, String)], name: &str) -> Option<&'a str> {
    fields.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}

/// Decodes `application/x-www-form-urlencoded`.
pub(crate) fn pairs(encoded: &[u8]) -> Vec<(String, String)> {
    url::form_urlencoded::parse(encoded).into_owned().collect()
}

/// Encodes `application/x-www-form-urlencoded`.
pub(crate) fn encode_pairs<'a>(fields: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

/// `url` with additional query parameters.
pub(crate) fn with_query(url: &str, fields: &[(&str, &str)]) -> String {
    let separator = if url.contains('?') { '&' } else { '?' };
    format!("{url}{separator}{}", encode_pairs(fields.iter().copied()))
}

/// Text made safe for HTML content and attributes.
pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}

/// One answer.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    /// In no particular order; no name twice.
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    pub(crate) fn empty(status: StatusCode) -> Self {
        Self { status, headers: Vec::new(), body: Vec::new() }
    }

    fn typed(status: StatusCode, media: &'static str, body: Vec<u8>) -> Self {
        Self { status, headers: vec![(header::CONTENT_TYPE, HeaderValue::from_static(media))], body }
    }

    pub(crate) fn json(status: StatusCode, value: &impl Serialize) -> Self {
        Self::typed(status, "application/json", serde_json::to_vec(value).unwrap_or_default())
    }

    pub(crate) fn html(status: StatusCode, page: String) -> Self {
        Self::typed(status, "text/html; charset=utf-8", page.into_bytes())
    }

    pub(crate) fn text(status: StatusCode, text: &str) -> Self {
        Self::typed(status, "text/plain; charset=utf-8", text.into())
    }

    pub(crate) fn image(media: &'static str, bytes: Vec<u8>) -> Self {
        Self::typed(StatusCode::OK, media, bytes)
    }

    /// 302: how both login pages hand back a code.
    pub(crate) fn redirect(to: &str) -> Self {
        Self::empty(StatusCode::FOUND).with(header::LOCATION, to)
    }

    /// Adds a header; a value that cannot be one is left out.
    pub(crate) fn with(mut self, name: impl TryInto<HeaderName>, value: impl AsRef<str>) -> Self {
        if let (Ok(name), Ok(value)) = (name.try_into(), HeaderValue::from_str(value.as_ref())) {
            self.headers.retain(|(known, _)| *known != name);
            self.headers.push((name, value));
        }
        self
    }

    pub(crate) fn into_response(self) -> Response {
        let mut response = Response::builder().status(self.status).body(Body::from(self.body));
        response.headers_mut().extend(self.headers);
        response
    }
}
