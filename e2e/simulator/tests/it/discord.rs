//! Discord: members and roles of the guild.

use fealty_simulator::{Options, demo};
use serde_json::{Value, json};

use crate::{
    client::{AGENT, Answer, answer, start, start_with},
    spec,
};

const GUILD: &str = "/guilds/{guild_id}";
const MEMBERS: &str = "/guilds/{guild_id}/members";
const MEMBER: &str = "/guilds/{guild_id}/members/{user_id}";
const MEMBER_ROLE: &str = "/guilds/{guild_id}/members/{user_id}/roles/{role_id}";
const ROLES: &str = "/guilds/{guild_id}/roles";
const ROLE: &str = "/guilds/{guild_id}/roles/{role_id}";

/// Status and code of an error, its body checked against the specification.
fn refused(found: &Answer, operation: (&str, &str), status: u16, code: u32) {
    assert_eq!((found.status.as_u16(), &found.body["code"]), (status, &code.into()), "{}", found.body);
    spec::discord(operation.0, operation.1, status, &found.body);
}

fn member(user: u64) -> String {
    format!("/members/{user}")
}

fn member_role(user: u64, role: u64) -> String {
    format!("/members/{user}/roles/{role}")
}

/// No limits: these tests make more calls than Discord likes.
fn unlimited() -> Options {
    Options { rate_limits: false, ..Options::default() }
}

#[tokio::test]
async fn the_guild_and_its_parts_follow_the_specification() {
    let sim = start_with(unlimited());
    let guild = sim.guild("GET", "?with_counts=true", None).await;
    spec::discord("get", GUILD, 200, &guild.body);
    assert_eq!(guild.body["owner_id"], demo::DISCORD_OWNER.to_string());
    spec::discord("get", ROLES, 200, &sim.guild("GET", "/roles", None).await.body);
    let booster = sim.guild("GET", &format!("/roles/{}", demo::DISCORD_BOOSTER_ROLE), None).await.body;
    spec::discord("get", ROLE, 200, &booster);
    assert!(
        booster["managed"] == true && booster["tags"].as_object().unwrap()["premium_subscriber"].is_null()
    );
    let member = sim.guild("GET", &member(demo::DISCORD_GUEST), None).await;
    spec::discord("get", MEMBER, 200, &member.body);
    let me = answer(sim.bot("GET", "/users/@me")).await;
    spec::discord("get", "/users/@me", 200, &me.body);
    assert_eq!(me.body["bot"], true);
}

#[tokio::test]
async fn callers_must_introduce_themselves() {
    let sim = start();
    let url = sim.url(&format!("/discord/api/v10/guilds/{}", demo::DISCORD_GUILD_ID));
    for token in [None, Some("Bot wrong"), Some("Bearer wrong"), Some("fealty-discord-bot-token")] {
        let request = sim.http.get(&url);
        let request = token.iter().fold(request, |request, token| request.header("Authorization", *token));
        let found = answer(request).await;
        refused(&found, ("get", GUILD), 401, 0);
        assert_eq!(found.body["message"], "401: Unauthorized");
    }
    for agent in ["", "curl/8.0"] {
        let found = answer(
            sim.bot("GET", &format!("/guilds/{}", demo::DISCORD_GUILD_ID)).header("User-Agent", agent),
        )
        .await;
        refused(&found, ("get", GUILD), 403, 40_333);
    }
    assert!(AGENT.starts_with("DiscordBot ("));
}

#[tokio::test]
async fn unknown_things_have_their_codes() {
    let sim = start_with(unlimited());
    refused(&answer(sim.bot("GET", "/guilds/1")).await, ("get", GUILD), 404, 10_004);
    refused(&answer(sim.bot("GET", "/guilds/x")).await, ("get", GUILD), 400, 50_035);
    refused(&sim.guild("GET", &member(demo::DISCORD_NEWCOMER), None).await, ("get", MEMBER), 404, 10_007);
    refused(&sim.guild("GET", &member(7), None).await, ("get", MEMBER), 404, 10_013);
    refused(&sim.guild("GET", "/roles/7", None).await, ("get", ROLE), 404, 10_011);
    let no_role = sim.guild("PUT", &member_role(demo::DISCORD_GUEST, 7), None).await;
    refused(&no_role, ("put", MEMBER_ROLE), 404, 10_011);
    let route = sim.guild("GET", "/nothing", None).await;
    assert_eq!((route.status.as_u16(), &route.body["message"]), (404, &"404: Not Found".into()));
    let method = sim.guild("PUT", "/roles", None).await;
    assert_eq!((method.status.as_u16(), &method.body["message"]), (405, &"405: Method Not Allowed".into()));
    sim.handle().discord_kick(demo::DISCORD_APPLICATION_ID).unwrap();
    refused(&sim.guild("GET", "", None).await, ("get", GUILD), 403, 50_001);
}

#[tokio::test]
async fn members_are_listed_in_pages() {
    let sim = start_with(unlimited());
    assert_eq!(sim.guild("GET", "/members", None).await.body.as_array().unwrap().len(), 1);
    let all = sim.guild("GET", "/members?limit=1000", None).await.body;
    spec::discord("get", MEMBERS, 200, &all);
    let ids: Vec<u64> = all
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["user"]["id"].as_str().unwrap().parse().unwrap())
        .collect();
    assert!(ids.is_sorted() && ids.len() == 4);
    let rest = sim.guild("GET", &format!("/members?limit=2&after={}", ids[1]), None).await.body;
    assert_eq!(rest.as_array().unwrap().len(), 2);
    assert_eq!(rest[0]["user"]["id"], ids[2].to_string());
    for bad in ["0", "1001", "x"] {
        let found = sim.guild("GET", &format!("/members?limit={bad}"), None).await;
        refused(&found, ("get", MEMBERS), 400, 50_035);
    }
    let found = sim.guild("GET", "/members/search?query=nova&limit=5", None).await.body;
    spec::discord("get", "/guilds/{guild_id}/members/search", 200, &found);
    assert_eq!(found[0]["user"]["username"], "nova_reef");
    sim.handle().discord_set_members_intent(false);
    refused(&sim.guild("GET", "/members?limit=5", None).await, ("get", MEMBERS), 403, 50_001);
}

#[tokio::test]
async fn roles_are_given_taken_and_replaced() {
    let sim = start_with(unlimited());
    let (user, handle) = (demo::DISCORD_BOOSTER, sim.handle());
    let made = sim.guild("POST", "/roles", Some(json!({ "name": "Member" }))).await;
    spec::discord("post", ROLES, 200, &made.body);
    assert_eq!((made.status.as_u16(), &made.body["position"]), (200, &1.into()));
    let role: u64 = made.body["id"].as_str().unwrap().parse().unwrap();

    for _ in 0..2 {
        let given = sim.guild("PUT", &member_role(user, role), None).await;
        assert_eq!((given.status.as_u16(), given.body), (204, Value::Null));
    }
    assert_eq!(handle.discord_member(user).unwrap().roles, [demo::DISCORD_BOOSTER_ROLE, role]);
    assert_eq!(sim.guild("DELETE", &member_role(user, role), None).await.status, 204);
    assert_eq!(handle.discord_member(user).unwrap().roles, [demo::DISCORD_BOOSTER_ROLE]);

    // A replacement must include the managed role.
    let without = sim.guild("PATCH", &member(user), Some(json!({ "roles": [role.to_string()] }))).await;
    refused(&without, ("patch", MEMBER), 400, 50_028);
    let both = [demo::DISCORD_BOOSTER_ROLE, role].map(|id| id.to_string());
    let replaced =
        sim.guild("PATCH", &member(user), Some(json!({ "roles": both, "nick": " [ASHEN] Nova " }))).await;
    spec::discord("patch", MEMBER, 200, &replaced.body);
    assert_eq!(replaced.body["nick"], "[ASHEN] Nova");
    assert_eq!(handle.discord_member(user).unwrap().roles.len(), 2);
    let reset = sim.guild("PATCH", &member(user), Some(json!({ "nick": null }))).await;
    assert_eq!(reset.body["nick"], Value::Null);
    assert_eq!(reset.body["roles"].as_array().unwrap().len(), 2);

    let renamed = sim.guild("PATCH", &format!("/roles/{role}"), Some(json!({ "name": "Line member" }))).await;
    spec::discord("patch", ROLE, 200, &renamed.body);
    assert_eq!(sim.guild("DELETE", &format!("/roles/{role}"), None).await.status, 204);
    assert_eq!(handle.discord_member(user).unwrap().roles, [demo::DISCORD_BOOSTER_ROLE]);
}

#[tokio::test]
async fn hierarchy_holds() {
    let sim = start_with(unlimited());
    let role = |id: u64| format!("/roles/{id}");
    for forbidden in [demo::DISCORD_LEADERSHIP_ROLE, demo::DISCORD_BOOSTER_ROLE, demo::DISCORD_BOT_ROLE] {
        let found = sim.guild("PUT", &member_role(demo::DISCORD_GUEST, forbidden), None).await;
        refused(&found, ("put", MEMBER_ROLE), 403, 50_013);
    }
    for high in [demo::DISCORD_LEADERSHIP_ROLE, demo::DISCORD_BOT_ROLE] {
        let found = sim.guild("PATCH", &role(high), Some(json!({ "name": "x" }))).await;
        refused(&found, ("patch", ROLE), 403, 50_013);
        refused(&sim.guild("DELETE", &role(high), None).await, ("delete", ROLE), 403, 50_013);
    }
    refused(
        &sim.guild("DELETE", &role(demo::DISCORD_BOOSTER_ROLE), None).await,
        ("delete", ROLE),
        400,
        50_028,
    );
    refused(&sim.guild("DELETE", &role(demo::DISCORD_GUILD_ID), None).await, ("delete", ROLE), 400, 50_028);

    let owner = member(demo::DISCORD_OWNER);
    refused(&sim.guild("DELETE", &owner, None).await, ("delete", MEMBER), 403, 50_013);
    refused(&sim.guild("PATCH", &owner, Some(json!({ "nick": "x" }))).await, ("patch", MEMBER), 403, 50_013);
    // A lower role may even be given to somebody above the bot.
    assert_eq!(
        sim.guild("PUT", &member_role(demo::DISCORD_OWNER, demo::DISCORD_GUEST_ROLE), None).await.status,
        204
    );

    let too_much = json!({ "name": "x", "permissions": "8" });
    refused(&sim.guild("POST", "/roles", Some(too_much)).await, ("post", ROLES), 403, 50_013);
    sim.handle().discord_edit_role(demo::DISCORD_BOT_ROLE, None, None, Some(0)).unwrap();
    let found = sim.guild("PUT", &member_role(demo::DISCORD_GUEST, demo::DISCORD_GUEST_ROLE), None).await;
    refused(&found, ("put", MEMBER_ROLE), 403, 50_013);
    refused(&sim.guild("DELETE", &member(demo::DISCORD_GUEST), None).await, ("delete", MEMBER), 403, 50_013);
}

#[tokio::test]
async fn bad_bodies_are_explained_field_by_field() {
    let sim = start_with(unlimited());
    let path = member(demo::DISCORD_GUEST);
    let bad = json!({ "nick": "n".repeat(33), "roles": ["1", "x", "1"] });
    let found = sim.guild("PATCH", &path, Some(bad)).await;
    refused(&found, ("patch", MEMBER), 400, 50_035);
    let errors = &found.body["errors"];
    assert_eq!(errors["nick"]["_errors"][0]["code"], "BASE_TYPE_BAD_LENGTH");
    assert_eq!(errors["nick"]["_errors"][0]["message"], "Must be 32 or fewer in length.");
    assert_eq!(errors["roles"]["1"]["_errors"][0]["code"], "NUMBER_TYPE_COERCE");
    assert_eq!(errors["roles"]["2"]["_errors"][0]["code"], "SET_TYPE_ALREADY_CONTAINS_VALUE");
    for nick in ["a@b", "a#b", "a:b", "a ``` b", "Fan of Discord", "everyone", " Here "] {
        refused(
            &sim.guild("PATCH", &path, Some(json!({ "nick": nick }))).await,
            ("patch", MEMBER),
            400,
            50_035,
        );
    }
    // If the body is refused, none of it takes effect.
    let half = json!({ "nick": "fine", "roles": [demo::DISCORD_LEADERSHIP_ROLE.to_string()] });
    refused(&sim.guild("PATCH", &path, Some(half)).await, ("patch", MEMBER), 403, 50_013);
    let guest = sim.handle().discord_member(demo::DISCORD_GUEST).unwrap();
    assert_eq!((guest.nick, guest.roles), (None, vec![demo::DISCORD_GUEST_ROLE]));
    for bad in
        [json!({ "name": "" }), json!({ "name": "x".repeat(101) }), json!({ "color": 16_777_216 }), json!([])]
    {
        refused(&sim.guild("POST", "/roles", Some(bad)).await, ("post", ROLES), 400, 50_035);
    }
    let guild = format!("/guilds/{}", demo::DISCORD_GUILD_ID);
    let form = sim.bot("PATCH", &format!("{guild}{path}")).form(&[("nick", "x")]);
    refused(&answer(form).await, ("patch", MEMBER), 400, 50_035);
    let broken =
        sim.bot("PATCH", &format!("{guild}{path}")).header("Content-Type", "application/json").body("{");
    refused(&answer(broken).await, ("patch", MEMBER), 400, 50_109);
}

#[tokio::test]
async fn a_guild_is_full_at_250_roles() {
    let sim = start_with(unlimited());
    while sim.handle().discord_roles().len() < 250 {
        sim.handle().discord_create_role("filler", 1, 0);
    }
    refused(&sim.guild("POST", "/roles", Some(json!({}))).await, ("post", ROLES), 400, 30_005);
}

#[tokio::test]
async fn buckets_run_dry_and_say_so() {
    let sim = start();
    let path = member_role(demo::DISCORD_GUEST, demo::DISCORD_GUEST_ROLE);
    for left in (0..10).rev() {
        let found = sim.guild("PUT", &path, None).await;
        assert_eq!(found.status, 204);
        assert_eq!(
            (found.header("x-ratelimit-limit"), found.header("x-ratelimit-remaining")),
            ("10", &*left.to_string())
        );
        assert!(found.header("x-ratelimit-reset-after").parse::<f64>().unwrap() <= 10.0);
        assert!(!found.header("x-ratelimit-bucket").is_empty());
    }
    // Taking away shares the bucket of giving, whoever it is about.
    let dry = sim.guild("DELETE", &member_role(demo::DISCORD_BOOSTER, demo::DISCORD_GUEST_ROLE), None).await;
    assert_eq!(dry.status, 429);
    spec::discord("delete", MEMBER_ROLE, 429, &dry.body);
    assert_eq!((&dry.body["global"], dry.header("x-ratelimit-scope")), (&false.into(), "user"));
    assert!(dry.body["retry_after"].as_f64().unwrap() > 0.0 && !dry.header("retry-after").is_empty());
    assert_eq!(
        sim.guild("PATCH", &member(demo::DISCORD_GUEST), Some(json!({ "nick": "x" }))).await.status,
        200
    );
    sim.handle().reset_limits();
    assert_eq!(sim.guild("PUT", &path, None).await.status, 204);
}

#[tokio::test]
async fn fifty_a_second_is_the_global_limit() {
    let sim = start();
    let mut calls = tokio::task::JoinSet::new();
    for _ in 0..120 {
        calls.spawn(answer(sim.bot("GET", "/users/@me")));
    }
    let answers = calls.join_all().await;
    let global = answers.iter().filter(|answer| answer.header("x-ratelimit-global") == "true");
    assert!(global.clone().count() >= 1);
    for limited in global {
        assert_eq!((limited.status.as_u16(), &limited.body["global"]), (429, &true.into()));
        assert_eq!(limited.header("x-ratelimit-scope"), "global");
    }
}
