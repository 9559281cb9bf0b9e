//! Development: the mails that were not really sent.

use std::{path::Path, time::SystemTime};

use poem::{
    IntoResponse, Response, handler,
    http::StatusCode,
    web::{Data, Html, Path as Segment},
};

use super::Web;
use crate::identity::mail::escape_html;

const MAX_LISTED: usize = 50;

fn page(title: &str, body: &str) -> Html<String> {
    Html(format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <link rel=\"icon\" href=\"data:,\">\
         <title>{title}</title><body><main><h1>{title}</h1>{body}</main></body></html>"
    ))
}

/// Decodes quoted-printable (RFC 2045, section 6.7), as lettre writes text parts.
fn decode(text: &str) -> String {
    let joined = text.replace("=\r\n", "").replace("=\n", "");
    let bytes = joined.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let code = (bytes[at] == b'=').then(|| bytes.get(at + 1..at + 3)).flatten();
        match code.and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok()) {
            Some(byte) => {
                out.push(byte);
                at += 3;
            }
            None => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// The interesting header lines, and the text part.
fn read(path: &Path) -> Option<(Vec<String>, String)> {
    let raw = std::fs::read_to_string(path).ok()?;
    let headers = raw
        .lines()
        .take_while(|line| !line.is_empty())
        .filter(|line| ["From:", "To:", "Subject:", "Date:"].iter().any(|name| line.starts_with(name)))
        .map(str::to_owned)
        .collect();
    let plain = raw.split_once("Content-Type: text/plain").map_or(raw.as_str(), |(_, rest)| rest);
    let body =
        plain.split_once("\r\n\r\n").or_else(|| plain.split_once("\n\n")).map_or(plain, |(_, body)| body);
    let body = body.split("\r\n--").next().unwrap_or(body);
    Some((headers, decode(body)))
}

/// Lists the mails, newest first.
#[handler]
pub async fn list(Data(web): Data<&Web>) -> Response {
    let Some(dir) = web.app.mailer.outbox() else { return StatusCode::NOT_FOUND.into_response() };
    let mut mails: Vec<(SystemTime, String)> = std::fs::read_dir(dir)
        .into_iter()
        .flatten()
        .flatten()
        .filter(|entry| entry.path().extension().is_some_and(|e| e == "eml"))
        .filter_map(|entry| {
            let at = entry.metadata().ok()?.modified().ok()?;
            Some((at, entry.path().file_stem()?.to_str()?.to_owned()))
        })
        .collect();
    mails.sort_unstable_by(|a, b| b.cmp(a));
    let items: String = mails
        .iter()
        .take(MAX_LISTED)
        .filter_map(|(_, id)| {
            let (headers, body) = read(&dir.join(format!("{id}.eml")))?;
            let head: String = headers.iter().map(|line| format!("{}<br>", escape_html(line))).collect();
            Some(format!(
                "<li><p>{head}</p>{}<p><a href=\"/dev/outbox/{id}\">This mail alone</a></p></li>",
                text_of(&body)
            ))
        })
        .collect();
    let body = if items.is_empty() {
        "<p>No mail was sent yet.</p>".to_owned()
    } else {
        format!("<ol>{items}</ol>")
    };
    page("Outbox", &body).into_response()
}

/// The text, with clickable links.
fn text_of(body: &str) -> String {
    let lines = body.lines().map(|line| {
        let line = line.trim_end();
        if line.starts_with("http://") || line.starts_with("https://") {
            let link = escape_html(line);
            format!("<a href=\"{link}\">{link}</a>")
        } else {
            escape_html(line)
        }
    });
    format!("<pre>{}</pre>", lines.collect::<Vec<_>>().join("\n"))
}

/// One mail.
#[handler]
pub async fn show(Segment(id): Segment<String>, Data(web): Data<&Web>) -> Response {
    let is_plain = !id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    let Some(dir) = web.app.mailer.outbox().filter(|_| is_plain) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    match read(&dir.join(format!("{id}.eml"))) {
        Some((headers, body)) => {
            let head: String = headers.iter().map(|line| format!("{}<br>", escape_html(line))).collect();
            page("Mail", &format!("<p>{head}</p>{}", text_of(&body))).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn soft_breaks_and_codes_are_undone() {
        assert_eq!(decode("a=\r\nb=3Dc =C3=A4"), "ab=c ä");
        assert_eq!(decode("odd= =zz="), "odd= =zz=");
    }
}
