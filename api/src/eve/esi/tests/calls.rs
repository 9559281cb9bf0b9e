use std::time::Duration;

use serde_json::json;
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{body_json, header, method, path},
};

use super::{super::*, *};

async fn corporation_answering(response: ResponseTemplate) -> Result<Cached<Corporation>, EsiError> {
    let server = MockServer::start().await;
    Mock::given(path("/corporations/98000001")).respond_with(response).mount(&server).await;
    client(&server).0.corporation(98_000_001, None).await
}

#[tokio::test]
async fn a_character_comes_with_its_cache_headers_and_names_us() {
    let server = MockServer::start().await;
    Mock::given(method("GET"))
        .and(path("/characters/123"))
        .and(header("x-compatibility-date", "2026-08-18"))
        .and(header("user-agent", "Fealty/0.1.0 (ops@example.org; +https://example.org/fealty)"))
        .respond_with(
            answer(200, character())
                .insert_header("etag", "\"abc\"")
                .insert_header("expires", "Wed, 02 Sep 2026 15:00:00 GMT"),
        )
        .mount(&server)
        .await;
    let (esi, time) = client(&server);
    let got = esi.character(123, None).await.unwrap();
    assert_eq!(got.value.unwrap().alliance_id, Some(99_000_001));
    assert_eq!(got.etag.as_deref(), Some("\"abc\""));
    assert_eq!(got.expires, Some(time.now() + chrono::Duration::days(1)));
}

#[tokio::test]
async fn unchanged_means_no_value_and_a_new_expiry() {
    let server = MockServer::start().await;
    Mock::given(path("/alliances/99000001"))
        .and(header("if-none-match", "\"abc\""))
        .respond_with(ResponseTemplate::new(304).insert_header("cache-control", "public, max-age=3600"))
        .mount(&server)
        .await;
    let (esi, time) = client(&server);
    let got = esi.alliance(99_000_001, Some("\"abc\"")).await.unwrap();
    assert_eq!(got.value, None);
    assert_eq!(got.etag.as_deref(), Some("\"abc\""));
    assert_eq!(got.expires, Some(time.now() + chrono::Duration::hours(1)));
}

#[tokio::test]
async fn unchanged_without_a_condition_makes_no_sense() {
    let got = corporation_answering(ResponseTemplate::new(304)).await;
    assert!(matches!(got, Err(EsiError::Invalid(_))));
}

#[tokio::test]
async fn corporations_of_the_new_and_the_old_form_are_read() {
    let new = json!({"name": "Corp", "ticker": "CORP", "member_count": 3, "state": "closed",
        "tax_rates": {"isk": 10.0, "loyalty_point": 0.0}, "enlisted_faction_id": 500_001});
    let new = corporation_answering(answer(200, new)).await.unwrap().value.unwrap();
    assert_eq!((new.tax_percent, new.faction_id, new.is_closed()), (Some(10.0), Some(500_001), true));

    let old = json!({"name": "Corp", "ticker": "CORP", "member_count": 3, "tax_rate": 0.1, "faction_id": 500_001,
        "ceo_id": 1, "creator_id": 1});
    let old = corporation_answering(answer(200, old)).await.unwrap().value.unwrap();
    assert_eq!((old.tax_percent, old.faction_id, old.is_closed()), (None, Some(500_001), false));
}

#[tokio::test]
async fn not_found_and_deleted_are_believed_only_in_esis_own_words() {
    let cases = [
        (error(404, "Character not found"), EsiError::NotFound),
        (error(404, "Character has been deleted!"), EsiError::Deleted),
        (
            error(404, "Requested page does not exist!"),
            EsiError::Rejected { status: 404, message: "Requested page does not exist!".into() },
        ),
        (error(404, "Not found"), EsiError::Rejected { status: 404, message: "Not found".into() }),
        (
            ResponseTemplate::new(404).set_body_string("<html>Character not found</html>"),
            EsiError::Invalid("status 404 without an ESI error".into()),
        ),
    ];
    for (response, expected) in cases {
        let server = MockServer::start().await;
        Mock::given(path("/characters/123")).respond_with(response).expect(1).mount(&server).await;
        assert_eq!(client(&server).0.character(123, None).await.unwrap_err(), expected);
    }
}

#[tokio::test]
async fn outages_are_tried_three_times_with_growing_waits() {
    for status in [502, 503, 504] {
        let server = MockServer::start().await;
        Mock::given(path("/characters/123"))
            .respond_with(error(status, "Timeout contacting tranquility"))
            .expect(3)
            .mount(&server)
            .await;
        let (esi, time) = client(&server);
        let failure = esi.character(123, None).await.unwrap_err();
        assert!(failure.is_temporary(), "{failure}");
        let waits = time.waits();
        assert_eq!(waits.len(), 2);
        assert!(waits[0] <= Duration::from_millis(300) && waits[1] >= waits[0] / 2);
    }
}

#[tokio::test]
async fn an_outage_that_ends_is_not_noticed_even_in_a_post() {
    let server = MockServer::start().await;
    Mock::given(method("POST")).respond_with(error(502, "bad")).up_to_n_times(2).mount(&server).await;
    Mock::given(method("POST"))
        .and(body_json([7]))
        .respond_with(answer(200, json!([{"character_id": 7, "corporation_id": 1_000_001}])))
        .mount(&server)
        .await;
    let found = client(&server).0.affiliations(&[7]).await.unwrap();
    assert_eq!(found[0].corporation_id, DOOMHEIM);
}

#[tokio::test]
async fn refusals_are_not_repeated() {
    for status in [400, 401, 403, 404, 422, 500] {
        let server = MockServer::start().await;
        Mock::given(path("/characters/123")).respond_with(error(status, "no")).expect(1).mount(&server).await;
        let (esi, time) = client(&server);
        let failure = esi.character(123, None).await.unwrap_err();
        assert_eq!(failure.is_temporary(), status == 500, "{failure}");
        assert!(time.waits().is_empty());
    }
}

#[tokio::test]
async fn a_timeout_is_temporary() {
    let server = MockServer::start().await;
    Mock::given(path("/characters/123"))
        .respond_with(answer(200, character()).set_delay(Duration::from_secs(5)))
        .mount(&server)
        .await;
    let (esi, _) = client_with(&server, |config| {
        config.http.timeout = Duration::from_millis(50);
    });
    assert!(matches!(esi.character(123, None).await, Err(EsiError::Unavailable { .. })));
}

#[tokio::test]
async fn nonsense_is_an_error_and_not_a_corporation() {
    let big = "x".repeat(crate::upstream::MAX_BODY + 1);
    let base = json!({"name": "Corp", "ticker": "CORP", "member_count": 3});
    let with = |name: &str, value: Value| {
        let mut body = base.clone();
        body[name] = value;
        answer(200, body)
    };
    let cases = [
        ResponseTemplate::new(200).set_body_string("{\"name\": "),
        ResponseTemplate::new(200).set_body_string("<html>maintenance</html>"),
        ResponseTemplate::new(200),
        ResponseTemplate::new(200).set_body_string(big),
        ResponseTemplate::new(302).insert_header("location", "/elsewhere"),
        answer(200, json!([])),
        with("name", json!("")),
        with("name", json!("x".repeat(255))),
        with("name", json!("a\u{0}b")),
        with("ticker", json!("x".repeat(21))),
        with("alliance_id", json!(-1)),
        with("enlisted_faction_id", json!("five")),
    ];
    for response in cases {
        let got = corporation_answering(response).await;
        assert!(matches!(got, Err(EsiError::Invalid(_))), "{got:?}");
    }
}

#[tokio::test]
async fn one_odd_record_does_not_spoil_the_others() {
    let good = json!({"character_id": 7, "corporation_id": 98_000_001});
    let odd = [
        json!({"character_id": 8, "corporation_id": 0}),
        json!({"character_id": 8, "corporation_id": -5}),
        json!({"character_id": 8, "corporation_id": "98000001"}),
        json!({"character_id": 8, "corporation_id": 98_000_001.5}),
        json!({"character_id": 8, "corporation_id": 98_000_001, "alliance_id": 0}),
        json!({"character_id": 8, "corporation_id": 98_000_001, "faction_id": 5}),
        json!({"character_id": 8, "corporation_id": 98_000_001, "faction_id": [500_001]}),
        json!({"character_id": 8}),
        json!({"corporation_id": 98_000_001}),
        json!({"character_id": 9, "corporation_id": 98_000_001}),
        json!(null),
        json!("8"),
        json!([]),
    ];
    for record in odd {
        let server = MockServer::start().await;
        Mock::given(method("POST")).respond_with(answer(200, [&record, &good])).mount(&server).await;
        let batch = client(&server).0.affiliations_bisecting(&[7, 8]).await.unwrap();
        assert_eq!(batch.found.iter().map(|a| a.character_id).collect::<Vec<_>>(), [7], "{record}");
        assert_eq!(batch.unresolved, [8], "{record}");
        assert!(batch.interrupted.is_none());
    }
}

#[tokio::test]
async fn of_two_answers_about_one_character_neither_is_believed() {
    let of = |id: i64, corporation: i64| json!({"character_id": id, "corporation_id": corporation});
    let server = MockServer::start().await;
    let records = [of(8, 98_000_001), of(7, 98_000_001), of(8, 98_000_002), of(8, 98_000_001)];
    Mock::given(method("POST")).respond_with(answer(200, records)).mount(&server).await;
    let batch = client(&server).0.affiliations_bisecting(&[7, 8]).await.unwrap();
    assert_eq!((batch.found.len(), batch.found[0].character_id), (1, 7));
    assert_eq!(batch.unresolved, [8]);
}

#[tokio::test]
async fn an_answer_of_odd_records_only_is_no_answer() {
    let server = MockServer::start().await;
    let records =
        [json!({"character_id": 7, "corporation": 1}), json!({"character_id": 8, "corporation": 1})];
    Mock::given(method("POST")).respond_with(answer(200, records)).mount(&server).await;
    let (esi, _) = client(&server);
    assert!(matches!(esi.affiliations(&[7, 8]).await, Err(EsiError::Invalid(_))));
    // If only one character was asked for, nothing is known then, which is not an outage.
    assert_eq!(esi.affiliations(&[7]).await.unwrap(), []);
}

#[tokio::test]
async fn an_answer_about_nobody_is_no_answer() {
    let server = MockServer::start().await;
    Mock::given(method("POST")).respond_with(answer(200, json!([]))).mount(&server).await;
    let (esi, _) = client(&server);
    assert!(matches!(esi.affiliations(&[7, 8]).await, Err(EsiError::Invalid(_))));
    assert!(matches!(esi.affiliations_bisecting(&[7, 8, 9]).await, Err(EsiError::Invalid(_))));
}

#[tokio::test]
async fn one_odd_faction_does_not_spoil_the_others() {
    let good = json!({"faction_id": 500_001, "name": "Caldari State", "militia_corporation_id": 1_000_180});
    let odd = [
        json!([{"faction_id": 500_002, "name": ""}]),
        json!([{"faction_id": 500_002, "name": "a\u{0}b"}]),
        json!([{"faction_id": 98_000_001, "name": "A Corporation"}]),
        json!([{"faction_id": "500002", "name": "Text"}]),
        json!([{"name": "None"}]),
        json!([null, "500002", []]),
        json!([{"faction_id": 500_002, "name": "One"}, {"faction_id": 500_002, "name": "Other"}]),
    ];
    for records in odd {
        let server = MockServer::start().await;
        let all = [records.as_array().unwrap().as_slice(), std::slice::from_ref(&good)].concat();
        Mock::given(method("GET")).respond_with(answer(200, all)).mount(&server).await;
        let factions = client(&server).0.factions(None).await.unwrap().value.unwrap();
        assert_eq!(factions.iter().map(|f| f.faction_id).collect::<Vec<_>>(), [500_001], "{records}");
    }
    let server = MockServer::start().await;
    Mock::given(method("GET")).respond_with(answer(200, json!([]))).mount(&server).await;
    assert!(matches!(client(&server).0.factions(None).await, Err(EsiError::Invalid(_))));
}

#[tokio::test]
async fn impossible_requests_are_never_sent() {
    let server = MockServer::start().await;
    let (esi, _) = client(&server);
    let many: Vec<i64> = (1..=1001).collect();
    for ids in [&[] as &[i64], &many, &[5, 5], &[0], &[-4]] {
        assert!(matches!(esi.affiliations(ids).await, Err(EsiError::Misuse(_))));
        assert!(matches!(esi.names(ids).await, Err(EsiError::Misuse(_))));
    }
    assert!(matches!(esi.character(0, None).await, Err(EsiError::Misuse(_))));
    assert!(server.received_requests().await.unwrap().is_empty());
}

#[tokio::test]
async fn lists_and_names_are_read() {
    let server = MockServer::start().await;
    let mount = |verb: &'static str, at: &'static str, body: Value| {
        Mock::given(method(verb)).and(path(at)).respond_with(answer(200, body)).mount(&server)
    };
    mount(
        "GET",
        "/universe/factions",
        json!([{"faction_id": 500_001, "name": "Caldari State",
        "militia_corporation_id": 1_000_180, "is_unique": true}]),
    )
    .await;
    mount(
        "POST",
        "/universe/names",
        json!([{"id": 5, "name": "Five", "category": "character"},
        {"id": 6, "name": "Six", "category": "wormhole_thing"}]),
    )
    .await;
    let (esi, _) = client(&server);
    let factions = esi.factions(None).await.unwrap().value.unwrap();
    assert_eq!(factions[0].militia_corporation_id, Some(1_000_180));
    let names = esi.names(&[5, 6]).await.unwrap();
    assert_eq!(names[0].category, NameCategory::Character);
    assert_eq!(names[1].category, NameCategory::Other);
}

#[test]
fn a_user_agent_cannot_break_out_of_its_comment() {
    assert_eq!(
        user_agent("Fealty", "1.0\r\nX: y", "a(b);c@d", "https://e"),
        "Fealty/1.0X:y (abc@d; +https://e)"
    );
}
