//! OAuth 2: the consent page, the token endpoint, revocation (Discord docs, OAuth 2).

use chrono::Duration;
use poem::http::{Method, StatusCode};
use serde_json::json;

use super::{
    errors,
    model::DiscordUser,
    state::{Authorization, Code, Discord, TOKEN_LIFETIME},
};
use crate::{
    clock,
    core::{Core, lock},
    demo,
    http::{Call, Reply, escape, find, with_query},
    page::{error_page, hidden_inputs, page},
};

const TITLE: &str = "Discord";
/// Codes are short-lived; Discord does not say how short.
const CODE_LIFETIME: Duration = Duration::minutes(1);
/// Scopes a web login can ask for without Discord's approval.
const SCOPES: [&str; 7] =
    ["identify", "email", "connections", "guilds", "guilds.join", "guilds.members.read", "openid"];
const DENIED: &str = "The resource owner or authorization server denied the request";

/// A checked authorization request.
pub(crate) struct Request {
    redirect_uri: String,
    scopes: Vec<String>,
    state: Option<String>,
}

impl Request {
    /// Reads and checks the query of an authorize URL.
    pub(crate) fn of(core: &Core, query: &[(String, String)]) -> Result<Self, String> {
        let field = |name: &str| find(query, name).filter(|value| !value.is_empty());
        if field("client_id") != Some(demo::DISCORD_APPLICATION_ID.to_string().as_str()) {
            return Err("Unknown Application".into());
        }
        if field("response_type") != Some("code") {
            return Err("Unsupported response_type".into());
        }
        let redirect_uri = field("redirect_uri").ok_or("Missing redirect_uri")?;
        if !lock(&core.discord).redirects.contains(redirect_uri) {
            return Err(format!("Invalid OAuth2 redirect_uri: {redirect_uri}"));
        }
        let scopes: Vec<String> =
            field("scope").unwrap_or_default().split_whitespace().map(Into::into).collect();
        match scopes.iter().find(|scope| !SCOPES.contains(&scope.as_str())) {
            _ if scopes.is_empty() => return Err("No scopes were provided.".into()),
            Some(scope) => {
                return Err(format!("The requested scope is invalid, unknown, or malformed: {scope}"));
            }
            None => {}
        }
        Ok(Self { redirect_uri: redirect_uri.into(), scopes, state: field("state").map(Into::into) })
    }

    fn back(&self, fields: &[(&str, &str)]) -> String {
        let state = self.state.as_deref().map(|state| ("state", state));
        let fields: Vec<_> = fields.iter().copied().chain(state).collect();
        with_query(&self.redirect_uri, &fields)
    }
}

/// The user agrees: returns where to send the browser, or `None` if there is no such user.
pub(crate) fn approve(core: &Core, request: &Request, user: u64) -> Option<String> {
    let code = core.token30();
    let mut discord = lock(&core.discord);
    discord.users().get(&user).filter(|user| !user.bot)?;
    let authorization = Authorization { user, scopes: request.scopes.clone() };
    let expires = clock::now() + CODE_LIFETIME;
    let entry = Code { redirect_uri: request.redirect_uri.clone(), authorization, expires };
    discord.codes.insert(code.clone(), entry);
    Some(request.back(&[("code", &code)]))
}

/// `GET /oauth2/authorize`: the page; with `user_id`, `new_user` or `deny`, the choice made on it.
pub(super) fn authorize(core: &Core, call: &Call) -> Reply {
    let request = match Request::of(core, &call.query) {
        Ok(request) => request,
        Err(message) => return error_page(TITLE, &message),
    };
    if call.query("deny").is_some() {
        return Reply::redirect(&request.back(&[("error", "access_denied"), ("error_description", DENIED)]));
    }
    let user = match (call.query("user_id"), call.query("new_user")) {
        (Some(id), _) => id.parse().map_err(|_| "There is no such user.".to_owned()),
        (None, Some(name)) => lock(&core.discord).create_user(name).map_err(|error| error.to_string()),
        (None, None) => return show(core, call, &request),
    };
    match user.map(|user| approve(core, &request, user)) {
        Ok(Some(back)) => Reply::redirect(&back),
        Ok(None) => error_page(TITLE, "There is no such user."),
        Err(message) => error_page(TITLE, &message),
    }
}

fn show(core: &Core, call: &Call, request: &Request) -> Reply {
    let query = escape(&call.raw_query);
    let discord = lock(&core.discord);
    let people = discord.users().values().filter(|user| !user.bot);
    let cards: String = people.map(|user| card(&discord, user, &query)).collect();
    let scopes: String = request.scopes.iter().map(|scope| format!("<li>{}</li>", escape(scope))).collect();
    let body = format!(
        "<p><strong>Fealty</strong> wants to access a Discord account. This will allow it:</p>\
         <ul class=scopes>{scopes}</ul><h2>Continue as</h2><ul class=people>{cards}</ul>\
         <h2>Or as somebody new</h2><form class=search method=get>{hidden}\
         <input type=text name=new_user required minlength=2 maxlength=32 pattern=\"[a-z0-9_.]+\" placeholder=\"username\" \
         aria-label=\"New username\"><button>Create and continue</button></form>\
         <p><a class=button href=\"?{query}&amp;deny=1\">Deny</a></p>",
        hidden = hidden_inputs(&call.query, &["user_id", "new_user", "deny"]),
    );
    page(StatusCode::OK, TITLE, &body)
}

fn card(discord: &Discord, user: &DiscordUser, query: &str) -> String {
    let inside = discord.guild().members.contains_key(&user.id);
    format!(
        "<li><a class=user data-user-id={id} href=\"?{query}&amp;user_id={id}\">\
         <img src=\"/images/characters/{seed}/portrait?size=64\" alt=\"\" width=48 height=48>\
         <div><strong>{name}</strong><span>@{username}{inside}</span></div></a></li>",
        id = user.id,
        seed = user.id % 1_000_000_007,
        name = escape(user.global_name.as_deref().unwrap_or(&user.username)),
        username = escape(&user.username),
        inside = if inside { " · in the server" } else { "" },
    )
}

fn refuse(status: StatusCode, error: &str, description: Option<&str>) -> Reply {
    let mut body = json!({ "error": error });
    if let Some(description) = description {
        body["error_description"] = json!(description);
    }
    Reply::json(status, &body)
}

fn bad(error: &str, description: &str) -> Reply {
    refuse(StatusCode::BAD_REQUEST, error, Some(description))
}

/// The fields of a form sent by the one registered application, which authenticates by HTTP Basic or in the form.
fn client_form(call: &Call) -> Result<Vec<(String, String)>, Reply> {
    if call.method != Method::POST {
        return Err(errors::wrong_method().into_reply());
    }
    if !call.is_type("application/x-www-form-urlencoded") {
        return Err(bad("invalid_request", "The content type must be application/x-www-form-urlencoded."));
    }
    let form = call.form();
    let in_form = || Some((find(&form, "client_id")?.to_owned(), find(&form, "client_secret")?.to_owned()));
    let (id, secret) = call.basic().or_else(in_form).unwrap_or_default();
    if id != demo::DISCORD_APPLICATION_ID.to_string() || secret != demo::DISCORD_CLIENT_SECRET {
        return Err(refuse(StatusCode::UNAUTHORIZED, "invalid_client", None));
    }
    Ok(form)
}

/// `POST /oauth2/token`
pub(super) fn token(core: &Core, call: &Call) -> Reply {
    let answered = client_form(call).and_then(|form| match find(&form, "grant_type") {
        Some("authorization_code") => exchange(core, &form),
        Some("refresh_token") => refresh(core, &form),
        _ => Err(refuse(StatusCode::BAD_REQUEST, "unsupported_grant_type", None)),
    });
    answered.unwrap_or_else(|refused| refused)
}

fn exchange(core: &Core, form: &[(String, String)]) -> Result<Reply, Reply> {
    let invalid = || bad("invalid_grant", "Invalid \"code\" in request.");
    let code = find(form, "code").ok_or_else(|| bad("invalid_request", "Missing \"code\" in request."))?;
    let mut discord = lock(&core.discord);
    let code = discord.codes.remove(code).filter(|code| code.expires > clock::now()).ok_or_else(invalid)?;
    if find(form, "redirect_uri") != Some(code.redirect_uri.as_str()) {
        return Err(bad("invalid_grant", "Invalid \"redirect_uri\" in request."));
    }
    let (access, refresh) = (core.token30(), core.token30());
    let scope = code.authorization.scopes.join(" ");
    discord.authorize(code.authorization, &access, &refresh);
    Ok(success(&access, &refresh, &scope))
}

/// The refresh token changes each time (Discord docs, OAuth 2).
fn refresh(core: &Core, form: &[(String, String)]) -> Result<Reply, Reply> {
    let old = find(form, "refresh_token").unwrap_or_default();
    let mut discord = lock(&core.discord);
    let id = discord.kept.refresh.remove(old);
    let id = id.ok_or_else(|| bad("invalid_grant", "Invalid \"refresh_token\" in request."))?;
    let scope = discord.kept.authorizations.get(&id).map_or_else(String::new, |it| it.scopes.join(" "));
    let (access, refresh) = (core.token30(), core.token30());
    discord.add_tokens(id, &access, &refresh);
    Ok(success(&access, &refresh, &scope))
}

fn success(access: &str, refresh: &str, scope: &str) -> Reply {
    let body = json!({
        "access_token": access,
        "token_type": "Bearer",
        "expires_in": TOKEN_LIFETIME,
        "refresh_token": refresh,
        "scope": scope,
    });
    Reply::json(StatusCode::OK, &body)
}

/// `POST /oauth2/token/revoke`: ends the whole authorization; unknown tokens are fine (RFC 7009).
pub(super) fn revoke(core: &Core, call: &Call) -> Reply {
    let answered = client_form(call).and_then(|form| {
        let token =
            find(&form, "token").ok_or_else(|| bad("invalid_request", "Missing \"token\" in request."))?;
        lock(&core.discord).revoke(token);
        Ok(Reply::json(StatusCode::OK, &json!({})))
    });
    answered.unwrap_or_else(|refused| refused)
}
