//! The admin API, the page, and starting and stopping.

use fealty_simulator::{Options, Simulator, Upstream, demo, generated_character_id};
use serde_json::{Value, json};

use crate::client::{Answer, Sim, answer, start, start_with};

async fn post(sim: &Sim, path: &str, body: Value) -> Answer {
    answer(sim.http.post(sim.url(&format!("/_sim{path}"))).json(&body)).await
}

#[tokio::test]
async fn the_world_can_be_moved() {
    let sim = start();
    let (mirel, home) = (demo::MIREL, demo::HOME_CORPORATION);
    let steps = [
        ("/move-character", json!({ "characterId": mirel, "corporationId": demo::NEUTRAL_CORPORATION })),
        ("/sell-character", json!({ "characterId": mirel })),
        ("/rename-character", json!({ "characterId": mirel, "name": "Mirel Renamed" })),
        ("/enlist", json!({ "characterId": mirel, "factionId": demo::CALDARI_STATE })),
        ("/move-corporation", json!({ "corporationId": home, "allianceId": null })),
        ("/biomass", json!({ "characterId": demo::BRAM, "doomheim": true })),
        ("/close-corporation", json!({ "corporationId": demo::ACADEMY_CORPORATION })),
    ];
    for (path, body) in steps {
        let done = post(&sim, path, body).await;
        assert_eq!((done.status.as_u16(), done.body), (200, json!({ "ok": true })), "{path}");
    }
    let seen = sim.get(&format!("/_sim/characters/{mirel}")).await.body;
    assert_eq!(seen["character"]["name"], "Mirel Renamed");
    assert_eq!(seen["character"]["corporationId"], demo::NEUTRAL_CORPORATION);
    assert_eq!(seen["character"]["factionId"], demo::CALDARI_STATE);
    let state = sim.get("/_sim/state?search=Mirel+Renamed&limit=5").await.body;
    assert_eq!(state["characters"].as_array().unwrap().len(), 1);
    assert!(sim.handle().corporation(home).unwrap().alliance_id.is_none());
    assert!(sim.handle().character(demo::BRAM).unwrap().biomassed);

    assert_eq!(post(&sim, "/reset", json!({})).await.status, 200);
    assert_eq!(sim.handle().character(mirel).unwrap().name, "Mirel Ostavane");
    assert_eq!(sim.handle().corporation(home).unwrap().alliance_id, Some(demo::HOME_ALLIANCE));
}

#[tokio::test]
async fn mistakes_are_named() {
    let sim = start();
    let unknown =
        post(&sim, "/move-character", json!({ "characterId": 1, "corporationId": demo::HOME_CORPORATION }))
            .await;
    assert_eq!((unknown.status.as_u16(), &unknown.body["error"]), (404, &"no character 1".into()));
    assert_eq!(post(&sim, "/move-character", json!({ "characterId": 1 })).await.status, 400);
    assert_eq!(post(&sim, "/sell-character", json!({ "characterId": 1, "typo": 2 })).await.status, 400);
    assert_eq!(post(&sim, "/enlist", json!({ "factionId": 1 })).await.status, 400);
    assert_eq!(post(&sim, "/no-such-thing", json!({})).await.status, 404);
}

#[tokio::test]
async fn logins_work_without_the_page() {
    let sim = start();
    let callback = "http://127.0.0.1:4321/sso/callback";
    assert_eq!(post(&sim, "/sso/clients", json!({ "callback": callback })).await.status, 200);
    let url = sim.authorize_url("publicData", "").replace("127.0.0.1%3A8000", "127.0.0.1%3A4321");
    let back =
        post(&sim, "/sso/authorize", json!({ "authorizeUrl": url, "characterId": demo::KAELEN })).await;
    assert!(back.body["redirectUrl"].as_str().unwrap().starts_with(&format!("{callback}?code=")));
    let url = sim.discord_authorize_url("identify");
    let user = demo::DISCORD_NEWCOMER.to_string();
    let back = post(&sim, "/discord/authorize", json!({ "authorizeUrl": url, "userId": user })).await;
    assert!(back.body["redirectUrl"].as_str().unwrap().starts_with(demo::DISCORD_CALLBACK));
    sim.login(demo::KAELEN, "publicData").await;
    let revoked = post(&sim, "/revoke-tokens", json!({ "characterId": demo::KAELEN })).await;
    assert_eq!(revoked.body, json!({ "revoked": 1 }));
}

#[tokio::test]
async fn people_act_in_the_guild() {
    let sim = start();
    let user = post(&sim, "/discord/users", json!({ "username": "late_comer" })).await.body["userId"].clone();
    let role =
        post(&sim, "/discord/create-role", json!({ "name": "Fleet", "position": 1 })).await.body["roleId"]
            .clone();
    let steps = [
        ("/discord/invite", json!({ "userId": user })),
        ("/discord/member-role", json!({ "userId": user, "roleId": role, "has": true })),
        ("/discord/rename", json!({ "userId": user, "nick": "Late" })),
        ("/discord/rename-user", json!({ "userId": user, "username": "latest" })),
        ("/discord/edit-role", json!({ "roleId": role, "name": "Wing", "position": 3 })),
    ];
    for (path, body) in steps {
        assert_eq!(post(&sim, path, body).await.status, 200, "{path}");
    }
    let state = sim.get("/_sim/discord").await.body;
    let members = state["members"].as_array().unwrap();
    let member = members.iter().find(|member| member["user"]["id"] == user).unwrap();
    assert_eq!((&member["nick"], &member["roles"]), (&"Late".into(), &json!([role])));
    assert_eq!(member["user"]["username"], "latest");
    let positions: Vec<_> =
        state["roles"].as_array().unwrap().iter().map(|role| role["position"].clone()).collect();
    assert_eq!(positions, [0, 1, 2, 3, 4, 5].map(Value::from));
    assert_eq!(state["roles"][3]["name"], "Wing");
    for path in ["/discord/ban", "/discord/unban", "/discord/invite", "/discord/kick"] {
        assert_eq!(post(&sim, path, json!({ "userId": user })).await.status, 200, "{path}");
    }
    assert_eq!(post(&sim, "/discord/kick", json!({ "userId": user })).await.status, 404);
    assert_eq!(post(&sim, "/discord/delete-role", json!({ "roleId": role })).await.status, 200);
    assert_eq!(post(&sim, "/discord/users", json!({ "username": "Bad Name" })).await.status, 400);
}

#[tokio::test]
async fn faults_and_requests_are_managed_over_http() {
    let sim = start();
    let put = |body: Value| answer(sim.http.put(sim.url("/_sim/faults")).json(&body));
    let fault = json!({ "upstream": "esi", "kind": "status", "status": 500, "pathPrefix": "/status", "remaining": 1 });
    let id = put(fault).await.body["id"].clone();
    assert_eq!(sim.get("/_sim/faults").await.body["faults"][0]["id"], id);
    assert_eq!(sim.esi("/status").await.status, 500);
    assert_eq!(sim.get("/_sim/faults").await.body["faults"], json!([]));
    for kind in [
        json!({ "kind": "latency", "millis": 5 }),
        json!({ "kind": "timeout" }),
        json!({ "kind": "rateLimited", "retryAfter": 3 }),
        json!({ "kind": "downtime" }),
        json!({ "kind": "malformed" }),
        json!({ "kind": "drop", "applied": true }),
    ] {
        let mut fault = kind;
        fault["upstream"] = json!("discord");
        assert_eq!(put(fault).await.status, 200);
    }
    assert_eq!(put(json!({ "upstream": "esi", "kind": "flood" })).await.status, 400);
    let delete = |path: &str| answer(sim.http.delete(sim.url(path)));
    assert_eq!(delete("/_sim/faults/2").await.status, 200);
    assert_eq!(delete("/_sim/faults/2").await.status, 404);
    assert_eq!(delete("/_sim/faults?upstream=discord").await.status, 200);
    assert!(sim.handle().faults().is_empty());

    let log = sim.get("/_sim/requests?upstream=esi").await.body;
    assert_eq!(
        (&log["requests"][0]["path"], &log["requests"][0]["status"]),
        (&"/status".into(), &500.into())
    );
    assert_eq!(log["counters"]["esi"]["byStatus"]["500"], 1);
    sim.esi_post("/characters/affiliation/", &json!([demo::KAELEN])).await;
    let last = sim.handle().requests(Upstream::Esi).pop().unwrap();
    assert_eq!((last.path.as_str(), last.body.as_deref()), ("/characters/affiliation", Some("[2119000001]")));
    let later = sim.get("/_sim/requests?after=1").await.body;
    assert_eq!(later["requests"].as_array().unwrap().len(), 1);
    assert_eq!(delete("/_sim/requests").await.status, 200);
    assert!(sim.handle().all_requests().is_empty());
}

#[tokio::test]
async fn the_page_is_served() {
    let sim = start();
    let (status, page) = sim.get_text("/").await;
    assert_eq!(status, 200);
    assert!(page.contains("New Eden simulator") && !page.contains("https://"));
}

#[tokio::test]
async fn a_big_world_answers_in_bulk() {
    let options = Options { big_world: Some(20_000), rate_limits: false, ..Options::default() };
    let sim = start_with(options);
    assert_eq!(sim.handle().character_ids().len(), 20_000 + demo::PILOTS.len());
    let ids: Vec<i64> = (0..1_000).map(|index| generated_character_id(index * 20)).collect();
    let found = sim.esi_post("/characters/affiliation", &json!(ids)).await.body;
    assert_eq!(found.as_array().unwrap().len(), 1_000);
}

#[test]
fn state_survives_a_restart() {
    let folder = std::env::temp_dir().join(format!("fealty-simulator-{}", std::process::id()));
    let options = Options { state: Some(folder.join("state.json")), ..Options::default() };
    let simulator = Simulator::start(options.clone()).unwrap();
    let token = simulator.handle().issue_refresh_token(demo::KAELEN, &["publicData"]);
    assert_eq!(token.len(), 24);
    simulator.handle().move_character(demo::MIREL, demo::BLUE_CORPORATION).unwrap();
    simulator.handle().discord_set_nick(demo::DISCORD_GUEST, Some("Kept".into())).unwrap();
    drop(simulator);

    let again = Simulator::start(options.clone()).unwrap();
    assert_eq!(again.handle().character(demo::MIREL).unwrap().corporation_id, demo::BLUE_CORPORATION);
    assert_eq!(again.handle().grants(demo::KAELEN).len(), 1);
    assert_eq!(again.handle().discord_member(demo::DISCORD_GUEST).unwrap().nick.as_deref(), Some("Kept"));
    drop(again);

    let other = Simulator::start(Options { seed: 2, ..options }).unwrap();
    assert!(other.handle().grants(demo::KAELEN).is_empty());
    drop(other);
    std::fs::remove_dir_all(folder).unwrap();
}
