//! The page in the browser: checks the application's request, lets a person choose a pilot, sends them back.

use poem::http::StatusCode;

use crate::{
    core::{Core, lock},
    http::{Call, Reply, escape, find, with_query},
    page::{error_page, hidden_inputs, page},
    world::{CharacterInfo, scopes},
};

const TITLE: &str = "EVE Online login";
/// How many pilots are listed; the search box finds the others.
const LISTED: usize = 24;

/// A checked authorization request.
pub(crate) struct Request {
    pub(crate) client: String,
    pub(crate) redirect_uri: String,
    pub(crate) scopes: Vec<String>,
    pub(crate) state: String,
    pub(crate) challenge: Option<String>,
}

/// `GET /v2/oauth/authorize`: the page; with `character_id`, the choice made on it; with `cancel`,
/// the way back without one.
pub(crate) fn authorize(core: &Core, call: &Call) -> Reply {
    let request = match check(core, &call.query) {
        Ok(request) => request,
        Err(message) => return error_page(TITLE, &message),
    };
    if call.query("cancel").is_some() {
        let fields = [
            ("error", "access_denied"),
            ("error_description", "The user denied the request."),
            ("state", request.state.as_str()),
        ];
        return Reply::redirect(&with_query(&request.redirect_uri, &fields));
    }
    match call.query("character_id") {
        None => show(core, call, &request),
        Some(id) => match id.parse().ok().and_then(|id| choose(core, request, id)) {
            Some(back) => Reply::redirect(&back),
            None => error_page(TITLE, "There is no such pilot on your account."),
        },
    }
}

/// Checks a request as the real page does. Its errors are shown, never redirected: an unknown callback must not be
/// visited (SSO guide, authorize).
pub(crate) fn check(core: &Core, query: &[(String, String)]) -> Result<Request, String> {
    let field = |name: &str| find(query, name).filter(|value| !value.is_empty());
    let client = field("client_id").ok_or("invalid_request: client_id is missing")?;
    let redirect_uri = field("redirect_uri").ok_or("invalid_request: redirect_uri is missing")?;
    {
        let sso = lock(&core.sso);
        let known = sso.clients.get(client).ok_or("invalid_client: unknown client_id")?;
        if !known.callbacks.contains(redirect_uri) {
            return Err(format!("invalid_request: {redirect_uri} is not a callback of this application"));
        }
    }
    if field("response_type") != Some("code") {
        return Err("unsupported_response_type: response_type must be code".into());
    }
    let state = field("state").ok_or("invalid_request: state is required")?;
    let asked: Vec<String> = field("scope").unwrap_or_default().split_whitespace().map(Into::into).collect();
    if let Some(unknown) = asked.iter().find(|asked| !is_scope(asked)) {
        return Err(format!("invalid_scope: {unknown} is not enabled for this application"));
    }
    let challenge = field("code_challenge");
    match field("code_challenge_method") {
        Some("S256") if challenge.is_some() => {}
        None if challenge.is_none() => {}
        _ => {
            return Err(
                "invalid_request: only code_challenge with code_challenge_method S256 is supported".into()
            );
        }
    }
    Ok(Request {
        client: client.into(),
        redirect_uri: redirect_uri.into(),
        scopes: asked,
        state: state.into(),
        challenge: challenge.map(Into::into),
    })
}

/// `publicData` is older than ESI, in no specification, and still offered to applications.
fn is_scope(asked: &str) -> bool {
    asked == "publicData" || scopes().any(|known| known == asked)
}

/// The pilot agrees: returns where to send the browser, or `None` if the character does not exist or was deleted.
pub(crate) fn choose(core: &Core, request: Request, character: i64) -> Option<String> {
    if !core.world().is_alive(character) {
        return None;
    }
    let code = core.token30();
    let back =
        with_query(&request.redirect_uri, &[("code", code.as_str()), ("state", request.state.as_str())]);
    lock(&core.sso).add_code(code, request, character);
    Some(back)
}

fn show(core: &Core, call: &Call, request: &Request) -> Reply {
    let search = call.query("q").unwrap_or_default();
    let pilots = core.world().search_characters(search, LISTED * 2);
    let pilots = pilots.into_iter().filter(|pilot| !pilot.biomassed).take(LISTED);
    let cards: String = pilots.map(|pilot| card(call, &pilot)).collect();
    let list = if cards.is_empty() {
        "<p>No pilot found.</p>".into()
    } else {
        format!("<ul class=people>{cards}</ul>")
    };
    let body = format!(
        "<p><strong>{client}</strong> would like to know who you are{scopes}</p>\
         <form class=search method=get>{hidden}\
         <input type=search name=q value=\"{search}\" placeholder=\"Pilot, corporation or alliance\" aria-label=\"Search pilots\">\
         <button>Search</button></form><h2>Log in as</h2>{list}<p><a class=button href=\"?{query}&amp;cancel=1\">Cancel</a></p>",
        client = escape(&request.client),
        scopes = consent(&request.scopes),
        hidden = hidden_inputs(&call.query, &["q", "character_id", "cancel"]),
        search = escape(search),
        query = escape(&call.raw_query),
    );
    page(StatusCode::OK, TITLE, &body)
}

fn consent(scopes: &[String]) -> String {
    if scopes.is_empty() {
        return ".".into();
    }
    let items: String = scopes.iter().map(|scope| format!("<li>{}</li>", escape(scope))).collect();
    format!(
        ", and to use on your behalf:</p><ul class=scopes>{items}</ul><p class=dim>Choosing a pilot agrees to all of it."
    )
}

fn card(call: &Call, pilot: &CharacterInfo) -> String {
    let alliance =
        pilot.alliance_name.as_ref().map(|name| format!(" · {}", escape(name))).unwrap_or_default();
    format!(
        "<li><a class=pilot data-character-id={id} href=\"?{query}&amp;character_id={id}\">\
         <img src=\"/images/characters/{id}/portrait?size=64\" alt=\"\" width=48 height=48>\
         <div><strong>{name}</strong><span>{corporation}{alliance}</span></div></a></li>",
        id = pilot.id,
        query = escape(&call.raw_query),
        name = escape(&pilot.name),
        corporation = escape(&pilot.corporation_name),
    )
}
