//! Discord: linking an account and joining the guild.

use fealty_simulator::demo;
use serde_json::{Value, json};

use crate::{
    client::{Answer, Sim, answer, parameter, start},
    spec,
};

const SCOPES: &str = "identify guilds.join";
const MEMBER: &str = "/guilds/{guild_id}/members/{user_id}";

fn token(body: &Value) -> String {
    body["access_token"].as_str().unwrap().to_owned()
}

async fn as_user(sim: &Sim, token: &str, path: &str) -> Answer {
    answer(sim.http.get(sim.url(&format!("/discord/api/v10{path}"))).bearer_auth(token)).await
}

async fn join(sim: &Sim, user: u64, body: Value) -> Answer {
    sim.guild("PUT", &format!("/members/{user}"), Some(body)).await
}

#[tokio::test]
async fn an_account_is_linked_and_joins() {
    let sim = start();
    let user = demo::DISCORD_NEWCOMER;
    let tokens = sim.discord_login(user, SCOPES).await;
    assert_eq!((&tokens["token_type"], &tokens["expires_in"]), (&"Bearer".into(), &604_800.into()));
    assert_eq!(tokens["scope"], SCOPES);
    let me = as_user(&sim, &token(&tokens), "/users/@me").await;
    spec::discord("get", "/users/@me", 200, &me.body);
    assert_eq!((&me.body["id"], &me.body["discriminator"]), (&user.to_string().into(), &"0".into()));
    let grant = as_user(&sim, &token(&tokens), "/oauth2/@me").await;
    spec::discord("get", "/oauth2/@me", 200, &grant.body);
    assert_eq!(grant.body["user"]["id"], user.to_string());

    let wanted = json!({
        "access_token": token(&tokens),
        "nick": "[ASHV] Kaelen Vashtar",
        "roles": [demo::DISCORD_GUEST_ROLE.to_string()],
    });
    let joined = join(&sim, user, wanted.clone()).await;
    assert_eq!(joined.status, 201);
    spec::discord("put", MEMBER, 201, &joined.body);
    let member = sim.handle().discord_member(user).unwrap();
    assert_eq!(member.nick.as_deref(), Some("[ASHV] Kaelen Vashtar"));
    assert_eq!(member.roles, [demo::DISCORD_GUEST_ROLE]);

    sim.handle().discord_set_nick(user, Some("Other".into())).unwrap();
    let again = join(&sim, user, wanted).await;
    assert_eq!((again.status.as_u16(), again.body), (204, Value::Null));
    assert_eq!(sim.handle().discord_member(user).unwrap().nick.as_deref(), Some("Other"));
}

#[tokio::test]
async fn joining_needs_the_users_own_token() {
    let sim = start();
    let user = demo::DISCORD_NEWCOMER;
    let refuse = async |body: Value, status: u16, code: u32| {
        let answer = join(&sim, user, body).await;
        assert_eq!((answer.status.as_u16(), &answer.body["code"]), (status, &code.into()), "{}", answer.body);
        spec::discord("put", MEMBER, status, &answer.body);
        answer
    };
    let missing = refuse(json!({}), 400, 50_035).await;
    assert_eq!(missing.body["errors"]["access_token"]["_errors"][0]["code"], "BASE_TYPE_REQUIRED");
    refuse(json!({ "access_token": "nonsense" }), 403, 50_025).await;
    let other = sim.discord_login(user + 1, SCOPES).await;
    refuse(json!({ "access_token": token(&other) }), 403, 50_025).await;
    let weak = sim.discord_login(user, "identify").await;
    refuse(json!({ "access_token": token(&weak) }), 403, 50_026).await;
    let good = sim.discord_login(user, SCOPES).await;
    let leadership = [demo::DISCORD_LEADERSHIP_ROLE.to_string()];
    refuse(json!({ "access_token": token(&good), "roles": leadership }), 403, 50_013).await;
    sim.handle().discord_set_ban(user, true).unwrap();
    refuse(json!({ "access_token": token(&good) }), 403, 40_007).await;
    sim.handle().discord_set_ban(user, false).unwrap();
    assert_eq!(join(&sim, user, json!({ "access_token": token(&good) })).await.status, 201);
}

#[tokio::test]
async fn scopes_are_enforced_on_users() {
    let sim = start();
    let tokens = sim.discord_login(demo::DISCORD_GUEST, "guilds.members.read").await;
    let me = as_user(&sim, &token(&tokens), "/users/@me").await;
    assert_eq!((me.status.as_u16(), &me.body["code"]), (403, &50_026.into()));
    let own = format!("/users/@me/guilds/{}/member", demo::DISCORD_GUILD_ID);
    assert_eq!(as_user(&sim, &token(&tokens), &own).await.status, 200);
    let guild = as_user(&sim, &token(&tokens), &format!("/guilds/{}", demo::DISCORD_GUILD_ID)).await;
    assert_eq!((guild.status.as_u16(), &guild.body["code"]), (403, &20_002.into()));
}

#[tokio::test]
async fn the_page_offers_users_a_new_one_and_no() {
    let sim = start();
    let url = sim.discord_authorize_url(SCOPES);
    let page = sim.http.get(&url).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("Nova Reef") && page.contains("guilds.join") && page.contains("new_user"));
    let location = async |more: &str| {
        let answer = sim.http.get(format!("{url}{more}")).send().await.unwrap();
        assert_eq!(answer.status(), 302);
        answer.headers()["location"].to_str().unwrap().to_owned()
    };
    let back = location("&user_id=1100000000000000111").await;
    assert_eq!((parameter(&back, "state"), parameter(&back, "code").is_empty()), ("d-1".into(), false));
    let new = location("&new_user=fresh_face").await;
    assert!(!parameter(&new, "code").is_empty());
    assert!(sim.handle().discord_users().iter().any(|user| user.username == "fresh_face"));
    let denied = location("&deny=1").await;
    assert_eq!(parameter(&denied, "error"), "access_denied");

    for bad in [
        url.replace("callback", "elsewhere"),
        url.replace(&demo::DISCORD_APPLICATION_ID.to_string(), "1"),
        url.replace("identify+guilds.join", "mind.read"),
        url.replace("identify+guilds.join", ""),
        format!("{url}&new_user=Not%20Valid"),
        format!("{url}&user_id=1"),
    ] {
        assert_ne!(bad, url);
        assert_eq!(sim.http.get(&bad).send().await.unwrap().status(), 400, "{bad}");
    }
}

#[tokio::test]
async fn the_token_endpoint_is_strict() {
    let sim = start();
    let code = || {
        let back =
            sim.handle().discord_authorize(&sim.discord_authorize_url(SCOPES), demo::DISCORD_GUEST).unwrap();
        parameter(&back, "code")
    };
    let exchange = async |code: &str, redirect: &str| {
        sim.discord_token(&[("grant_type", "authorization_code"), ("code", code), ("redirect_uri", redirect)])
            .await
    };
    let once = code();
    assert_eq!(exchange(&once, demo::DISCORD_CALLBACK).await.status, 200);
    let twice = exchange(&once, demo::DISCORD_CALLBACK).await;
    assert_eq!(
        (twice.status.as_u16(), &twice.body),
        (400, &json!({ "error": "invalid_grant", "error_description": "Invalid \"code\" in request." }))
    );
    assert_eq!(exchange(&code(), "http://127.0.0.1:1/x").await.body["error"], "invalid_grant");

    let url = sim.url("/discord/api/oauth2/token");
    let json =
        sim.http.post(&url).basic_auth(demo::DISCORD_APPLICATION_ID, Some(demo::DISCORD_CLIENT_SECRET));
    assert_eq!(answer(json.json(&json!({ "grant_type": "refresh_token" }))).await.status, 400);
    let wrong = sim.http.post(&url).basic_auth(demo::DISCORD_APPLICATION_ID, Some("wrong"));
    let wrong = answer(wrong.form(&[("grant_type", "refresh_token")])).await;
    assert_eq!((wrong.status.as_u16(), &wrong.body["error"]), (401, &"invalid_client".into()));
    let application = demo::DISCORD_APPLICATION_ID.to_string();
    let form = [
        ("grant_type", "authorization_code"),
        ("code", &code()),
        ("redirect_uri", demo::DISCORD_CALLBACK),
        ("client_id", &application),
        ("client_secret", demo::DISCORD_CLIENT_SECRET),
    ];
    assert_eq!(answer(sim.http.post(sim.url("/discord/api/v10/oauth2/token")).form(&form)).await.status, 200);
}

#[tokio::test]
async fn refreshing_rotates_and_revoking_ends_everything() {
    let sim = start();
    let first = sim.discord_login(demo::DISCORD_GUEST, SCOPES).await;
    let refresh = async |token: &Value| {
        sim.discord_token(&[("grant_type", "refresh_token"), ("refresh_token", token.as_str().unwrap())])
            .await
    };
    let second = refresh(&first["refresh_token"]).await;
    assert_eq!(second.status, 200);
    assert_ne!(second.body["refresh_token"], first["refresh_token"]);
    assert_eq!(refresh(&first["refresh_token"]).await.body["error"], "invalid_grant");

    let form =
        [("token", second.body["refresh_token"].as_str().unwrap()), ("token_type_hint", "refresh_token")];
    let request = sim.http.post(sim.url("/discord/api/oauth2/token/revoke"));
    let request =
        request.basic_auth(demo::DISCORD_APPLICATION_ID, Some(demo::DISCORD_CLIENT_SECRET)).form(&form);
    assert_eq!(answer(request).await.status, 200);
    assert_eq!(refresh(&second.body["refresh_token"]).await.status, 400);
    for access in [token(&first), token(&second.body)] {
        assert_eq!(as_user(&sim, &access, "/users/@me").await.status, 401);
    }
}
