//! ESI: answers against the official specification, compatibility dates, caching.

use fealty_simulator::{demo, generated_character_id};
use serde_json::{Value, json};

use crate::{
    client::{NEWEST, answer, start},
    spec,
};

/// A path of the specification with its parameter filled in.
fn filled(path: &str, id: i64) -> String {
    let start = path.find('{');
    let end = path.find('}');
    match (start, end) {
        (Some(start), Some(end)) => format!("{}{id}{}", &path[..start], &path[end + 1..]),
        _ => path.to_owned(),
    }
}

#[tokio::test]
async fn public_answers_follow_the_specification() {
    let sim = start();
    let cases = [
        ("/characters/{character_id}", demo::KAELEN),
        ("/characters/{character_id}", demo::ANSGAR),
        ("/characters/{character_id}", generated_character_id(0)),
        ("/characters/{character_id}", generated_character_id(1)),
        ("/characters/{character_id}/corporationhistory", demo::KAELEN),
        ("/corporations/npccorps", 0),
        ("/corporations/{corporation_id}", demo::HOME_CORPORATION),
        ("/corporations/{corporation_id}", demo::NEUTRAL_CORPORATION),
        ("/corporations/{corporation_id}", demo::NPC_CORPORATION),
        ("/corporations/{corporation_id}/alliancehistory", demo::HOME_CORPORATION),
        ("/alliances", 0),
        ("/alliances/{alliance_id}", demo::HOME_ALLIANCE),
        ("/alliances/{alliance_id}/corporations", demo::HOME_ALLIANCE),
        ("/universe/factions", 0),
        ("/status", 0),
        ("/meta/compatibility-dates", 0),
    ];
    for (path, id) in cases {
        let plain = sim.esi(&filled(path, id)).await;
        assert_eq!(plain.status, 200, "{path}");
        spec::esi("get", path, 200, &plain.body);
        assert_eq!(plain.header("x-compatibility-date"), NEWEST);
        if let Some(seconds) = spec::esi_ttl("get", path) {
            assert_eq!(plain.header("cache-control"), format!("public, max-age={seconds}"), "{path}");
        }
        match spec::esi_rate_limit("get", path) {
            Some((group, tokens)) => {
                assert_eq!(plain.header("x-ratelimit-group"), group);
                assert_eq!(plain.header("x-ratelimit-limit"), format!("{tokens}/15m"));
                assert_eq!(plain.header("x-esi-error-limit-remain"), "");
            }
            None => assert_eq!(plain.header("x-esi-error-limit-remain"), "100"),
        }
        let slashed = sim.esi(&format!("{}/", filled(path, id))).await;
        assert_eq!(slashed.body, plain.body, "{path}");
    }
}

#[tokio::test]
async fn errors_follow_the_specification() {
    let sim = start();
    sim.handle().biomass(demo::BRAM, false).unwrap();
    let cases = [
        ("/characters/{character_id}", 5, 404, "Character not found"),
        ("/characters/{character_id}", demo::BRAM, 404, "Character has been deleted!"),
        ("/corporations/{corporation_id}", 5, 404, "Corporation not found"),
        ("/alliances/{alliance_id}", 5, 404, "Alliance not found"),
    ];
    for (path, id, status, text) in cases {
        let answer = sim.esi(&filled(path, id)).await;
        assert_eq!((answer.status.as_u16(), &answer.body["error"]), (status, &text.into()));
        spec::esi("get", path, status, &answer.body);
    }
    let answer = sim.esi("/characters/me").await;
    assert_eq!(
        (answer.status.as_u16(), &answer.body["details"][0]["location"]),
        (400, &"path.character_id".into())
    );
    spec::esi("get", "/characters/{character_id}", 400, &answer.body);
    assert_eq!(sim.esi("/no/such/route").await.status, 404);
    assert_eq!(sim.esi("/universe/names").await.status, 405);
}

#[tokio::test]
async fn affiliation_answers_all_or_nothing() {
    let sim = start();
    let good =
        sim.esi_post("/characters/affiliation/", &json!([demo::KAELEN, demo::ANSGAR, demo::TALLIS])).await;
    spec::esi("post", "/characters/affiliation", 200, &good.body);
    assert_eq!(
        good.body,
        json!([
            { "character_id": demo::KAELEN, "corporation_id": demo::HOME_CORPORATION, "alliance_id": demo::HOME_ALLIANCE },
            { "character_id": demo::ANSGAR, "corporation_id": demo::NEUTRAL_CORPORATION, "faction_id": demo::CALDARI_STATE },
            { "character_id": demo::TALLIS, "corporation_id": demo::NPC_CORPORATION },
        ])
    );
    sim.handle().biomass(demo::BRAM, false).unwrap();
    sim.handle().biomass(demo::YELENA, true).unwrap();
    let too_many: Vec<usize> = (1..=1_001).collect();
    let bad = [
        (json!([demo::KAELEN, 12_345]), 400, "Invalid character ID!"),
        (json!([demo::KAELEN, -1]), 400, "Invalid character ID!"),
        (json!([demo::KAELEN, demo::BRAM]), 404, "Character has been deleted!"),
        (json!(too_many), 400, "validation failed"),
        (json!([]), 400, "validation failed"),
        (json!([demo::KAELEN, demo::KAELEN]), 400, "validation failed"),
        (json!(["2119000001"]), 400, "validation failed"),
        (json!([1.5]), 400, "validation failed"),
        (json!({ "ids": [demo::KAELEN] }), 400, "validation failed"),
    ];
    for (body, status, text) in bad {
        let answer = sim.esi_post("/characters/affiliation", &body).await;
        assert_eq!((answer.status.as_u16(), &answer.body["error"]), (status, &text.into()));
        spec::esi("post", "/characters/affiliation", status, &answer.body);
    }
    let doomed = sim.esi_post("/characters/affiliation", &json!([demo::YELENA])).await;
    assert_eq!(doomed.body[0]["corporation_id"], demo::DOOMHEIM);
    let form = sim.http.post(sim.url("/esi/characters/affiliation")).form(&[("ids", "1")]);
    assert_eq!(answer(form).await.status, 400);
}

#[tokio::test]
async fn names_and_ids_resolve_both_ways() {
    let sim = start();
    let generated = generated_character_id(123);
    let ids =
        json!([demo::KAELEN, generated, demo::HOME_CORPORATION, demo::HOME_ALLIANCE, demo::CALDARI_STATE]);
    let names = sim.esi_post("/universe/names", &ids).await;
    spec::esi("post", "/universe/names", 200, &names.body);
    assert_eq!(
        names.body[4],
        json!({ "category": "faction", "id": demo::CALDARI_STATE, "name": "Caldari State" })
    );

    let mut asked: Vec<Value> =
        names.body.as_array().unwrap().iter().map(|entry| entry["name"].clone()).collect();
    asked.push(json!("kaelen VASHTAR"));
    asked.push(json!("Nobody Of That Name"));
    let ids = sim.esi_post("/universe/ids", &json!(asked)).await;
    spec::esi("post", "/universe/ids", 200, &ids.body);
    let found: Vec<_> =
        ids.body["characters"].as_array().unwrap().iter().map(|entry| entry["id"].clone()).collect();
    assert_eq!(found, [json!(demo::KAELEN), json!(generated), json!(demo::KAELEN)]);
    assert_eq!(ids.body["alliances"][0]["id"], demo::HOME_ALLIANCE);
    assert!(ids.body.get("systems").is_none());

    let unknown = sim.esi_post("/universe/names", &json!([demo::KAELEN, 7])).await;
    assert_eq!(unknown.status, 404);
    assert_eq!(unknown.body["error"], "Ensure all IDs are valid before resolving.");
    let many: Vec<String> = (0..501).map(|index| index.to_string()).collect();
    for bad in [json!(many), json!([""]), json!(["x".repeat(101)]), json!(["a", "a"]), json!([1])] {
        assert_eq!(sim.esi_post("/universe/ids", &bad).await.status, 400);
    }
}

#[tokio::test]
async fn compatibility_dates_choose_the_fields() {
    let sim = start();
    let character = format!("/characters/{}", demo::KAELEN);
    let corporation = format!("/corporations/{}", demo::HOME_CORPORATION);

    let old = sim.esi_at(&character, "2026-05-19").await.body;
    assert!(old.get("title").is_some() && old.get("achievement_score").is_none());
    let new = sim.esi_at(&character, "2026-06-09").await.body;
    assert!(new.get("title").is_none() && new.get("corporation_title").is_some());

    let old = sim.esi_at(&corporation, "2026-07-17").await.body;
    spec::old_esi("get", "/corporations/{corporation_id}", 200, &old);
    assert!(old.get("tax_rate").is_some() && old.get("state").is_none());
    let character_then = sim.esi_at(&character, "2026-07-17").await.body;
    spec::old_esi("get", "/characters/{character_id}", 200, &character_then);
    let new = sim.esi_at(&corporation, "2026-07-21").await.body;
    assert!(new.get("tax_rate").is_none() && new["state"] == "active" && new["type"] == "player_owned");

    // The day is ours, the version the newest published one before it.
    assert_eq!(sim.esi_at("/status", "2025-01-01").await.header("x-compatibility-date"), "2020-01-01");
    assert_eq!(sim.esi_at("/status", "2026-08-03").await.header("x-compatibility-date"), "2026-07-21");
    assert_eq!(sim.get("/esi/status").await.header("x-compatibility-date"), "2020-01-01");
    assert_eq!(
        sim.get("/esi/status?compatibility_date=2026-08-18").await.header("x-compatibility-date"),
        NEWEST
    );
    for bad in ["2019-12-31", "2999-01-01", "yesterday", "2026-8-18", ""] {
        assert_eq!(sim.esi_at("/status", bad).await.status, 400, "{bad}");
    }
}

#[tokio::test]
async fn an_unchanged_answer_is_304() {
    let sim = start();
    let path = format!("/characters/{}", demo::KAELEN);
    let first = sim.esi(&path).await;
    let etag = first.header("etag").to_owned();
    assert!(etag.starts_with('"') && etag.ends_with('"'));
    let again = async |name: &str, value: &str| {
        let request = sim.http.get(sim.url(&format!("/esi{path}"))).header("X-Compatibility-Date", NEWEST);
        answer(request.header(name, value)).await
    };
    for known in [etag.clone(), format!("W/{etag}"), format!("\"x\", {etag}")] {
        let same = again("If-None-Match", &known).await;
        assert_eq!(
            (same.status.as_u16(), same.body, same.headers["etag"].to_str().unwrap()),
            (304, Value::Null, &*etag)
        );
    }
    assert_eq!(again("If-Modified-Since", first.header("last-modified")).await.status, 304);
    assert_eq!(again("If-Modified-Since", "Mon, 01 Jan 2024 00:00:00 GMT").await.status, 200);
    sim.handle().move_character(demo::KAELEN, demo::NEUTRAL_CORPORATION).unwrap();
    assert_eq!(again("If-None-Match", &etag).await.status, 200);
}

#[tokio::test]
async fn changes_show_at_once() {
    let sim = start();
    let handle = sim.handle();
    handle.move_character(demo::MIREL, demo::BLUE_CORPORATION).unwrap();
    let history = sim.esi(&format!("/characters/{}/corporationhistory", demo::MIREL)).await.body;
    spec::esi("get", "/characters/{character_id}/corporationhistory", 200, &history);
    assert_eq!(history[0]["corporation_id"], demo::BLUE_CORPORATION);
    assert_eq!(history[1]["corporation_id"], demo::HOME_CORPORATION);

    let before = handle.corporation(demo::INDUSTRY_CORPORATION).unwrap();
    handle.close_corporation(demo::INDUSTRY_CORPORATION).unwrap();
    let closed = sim.esi(&format!("/corporations/{}", demo::INDUSTRY_CORPORATION)).await.body;
    spec::esi("get", "/corporations/{corporation_id}", 200, &closed);
    assert_eq!((&closed["state"], &closed["member_count"]), (&"closed".into(), &0.into()));
    assert!(before.member_count > 0);
    let orrin = sim.esi_post("/characters/affiliation", &json!([demo::ORRIN])).await.body;
    assert_eq!(orrin[0], json!({ "character_id": demo::ORRIN, "corporation_id": demo::NPC_CORPORATION }));
    let history =
        sim.esi(&format!("/corporations/{}/alliancehistory", demo::INDUSTRY_CORPORATION)).await.body;
    spec::esi("get", "/corporations/{corporation_id}/alliancehistory", 200, &history);
    assert!(history[0].get("alliance_id").is_none());
    assert_eq!(history[1]["alliance_id"], demo::HOME_ALLIANCE);

    handle.enlist_corporation(demo::HOME_CORPORATION, Some(demo::CALDARI_STATE)).unwrap();
    let kaelen = sim.esi_post("/characters/affiliation", &json!([demo::KAELEN])).await.body;
    assert_eq!(kaelen[0]["faction_id"], demo::CALDARI_STATE);
}

#[tokio::test]
async fn a_missing_user_agent_is_answered_and_noted() {
    let sim = start();
    let request = sim.http.get(sim.url("/esi/status")).header("User-Agent", "");
    assert_eq!(answer(request).await.status, 200);
    assert_eq!(sim.handle().counters()[&fealty_simulator::Upstream::Esi].without_user_agent, 1);
    assert!(sim.handle().requests(fealty_simulator::Upstream::Esi)[0].user_agent.is_none());
}
