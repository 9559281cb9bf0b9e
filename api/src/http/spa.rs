//! The SPA's files: precompressed variants, caching, and the page itself for every path that is not a file.

use std::path::{Component, Path, PathBuf};

use poem::{
    Endpoint, FromRequest, IntoResponse, Request, Response, Result,
    http::{HeaderValue, Method, StatusCode, header},
    web::StaticFileRequest,
};

/// Serves a folder.
pub struct Spa {
    root: PathBuf,
}

impl Spa {
    /// Serves the folder that the bundler created.
    #[must_use]
    pub const fn new(root: PathBuf) -> Self {
        Self { root }
    }

    /// The file that a path names, if it is one below the folder.
    fn file(&self, path: &str) -> Option<PathBuf> {
        let relative = Path::new(path.trim_start_matches('/'));
        let is_below = relative.components().all(|part| matches!(part, Component::Normal(_)));
        let file = self.root.join(relative);
        (is_below && file.is_file()).then_some(file)
    }
}

/// Whether the client accepts a content coding (RFC 9110, section 12.5.3; qualities other than 0 are not compared).
fn accepts(request: &Request, coding: &str) -> bool {
    let values = request.headers().get_all(header::ACCEPT_ENCODING);
    values.iter().filter_map(|v| v.to_str().ok()).flat_map(|v| v.split(',')).any(|part| {
        let mut pieces = part.split(';').map(str::trim);
        let named = pieces.next().is_some_and(|name| name.eq_ignore_ascii_case(coding));
        named && !pieces.any(|q| matches!(q, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
    })
}

fn content_type(file: &Path) -> &'static str {
    match file.extension().and_then(|e| e.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("svg") => "image/svg+xml",
        Some("json" | "webmanifest") => "application/json",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("woff2") => "font/woff2",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// Whether a path that is not a file may be a page of the SPA. Names in it may contain dots, as permissions do; files
/// are at the top level or in `assets`, and one that is missing there is missing.
fn is_route(path: &str) -> bool {
    let is_below = path.trim_start_matches('/').contains('/') && !path.starts_with("/assets/");
    is_below || Path::new(path).extension().is_none()
}

const NOT_BUILT: &str = "The pages of this site are not built yet: run `sh web/build.sh debug`.";

impl Endpoint for Spa {
    type Output = Response;

    async fn call(&self, request: Request) -> Result<Response> {
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            return Ok(StatusCode::METHOD_NOT_ALLOWED.into());
        }
        // The paths of our files are plain ASCII, so an encoded path is not one of them.
        let path = request.uri().path().to_owned();
        let (file, is_page) = match self.file(&path) {
            Some(file) => {
                let is_page = file.extension().is_some_and(|e| e == "html");
                (file, is_page)
            }
            None if is_route(&path) => (self.root.join("index.html"), true),
            None => return Ok(StatusCode::NOT_FOUND.into()),
        };
        if !file.is_file() {
            return Ok(NOT_BUILT.with_status(StatusCode::SERVICE_UNAVAILABLE).into_response());
        }
        let compressed = [("br", "br"), ("gzip", "gz")].into_iter().find_map(|(coding, extension)| {
            let mut name = file.clone().into_os_string();
            name.push(".");
            name.push(extension);
            let variant = PathBuf::from(name);
            (accepts(&request, coding) && variant.is_file()).then_some((coding, variant))
        });
        let chosen = compressed.as_ref().map_or(&file, |(_, variant)| variant);
        let mut response = StaticFileRequest::from_request_without_body(&request)
            .await?
            .create_response(chosen, false, false)?
            .with_content_type(content_type(&file))
            .into_response();
        let headers = response.headers_mut();
        if let Some((coding, _)) = compressed {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding));
        }
        headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        // Names of assets contain a hash of their content.
        let is_hashed = path.starts_with("/assets/") && !is_page;
        let caching = if is_hashed { "public, max-age=31536000, immutable" } else { "no-cache" };
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
        if *request.method() == Method::HEAD {
            response.set_body(());
        }
        Ok(response)
    }
}
