//! The frame of the HTML pages a person sees in the middle of a login.

use crate::http::{Reply, escape};
use poem::http::StatusCode;

const STYLE: &str = include_str!("page.css");

/// A whole page around `body`, which must be HTML already.
pub(crate) fn page(status: StatusCode, title: &str, body: &str) -> Reply {
    let title = escape(title);
    Reply::html(
        status,
        format!(
            "<!doctype html><html lang=en><head><meta charset=utf-8>\
             <meta name=viewport content=\"width=device-width,initial-scale=1\"><meta name=color-scheme content=\"light dark\">\
             <link rel=icon href=\"data:,\"><title>{title}</title><style>{STYLE}</style></head><body><main><header><h1>{title}</h1>\
             <p class=note>Simulator: not the real service. No password is asked, nothing leaves this machine.</p></header>\
             {body}</main></body></html>"
        ),
    )
}

/// An error page, which both login sites show instead of redirecting to an address they do not trust.
pub(crate) fn error_page(title: &str, message: &str) -> Reply {
    let body = format!("<p class=error role=alert>{}</p>", escape(message));
    page(StatusCode::BAD_REQUEST, title, &body)
}

/// Hidden inputs that carry a query over into a form.
pub(crate) fn hidden_inputs(query: &[(String, String)], without: &[&str]) -> String {
    let kept = query.iter().filter(|(name, _)| !without.contains(&name.as_str()));
    kept.map(|(name, value)| {
        format!("<input type=hidden name=\"{}\" value=\"{}\">", escape(name), escape(value))
    })
    .collect()
}
