use std::time::Duration;

use wiremock::{Mock, MockServer, ResponseTemplate, matchers::path};

use super::{super::*, *};

fn with_errors_left(response: ResponseTemplate, remain: u32, reset: u32) -> ResponseTemplate {
    response
        .insert_header("x-esi-error-limit-remain", remain.to_string().as_str())
        .insert_header("x-esi-error-limit-reset", reset.to_string().as_str())
}

fn limited(result: Result<Cached<Character>, EsiError>) -> Duration {
    match result {
        Err(EsiError::RateLimited { retry_after }) => retry_after,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn calls_stop_before_the_error_limit_and_resume_after_the_window() {
    let server = MockServer::start().await;
    Mock::given(path("/characters/1"))
        .respond_with(with_errors_left(error(404, "Character not found"), 9, 40))
        .expect(2)
        .mount(&server)
        .await;
    let (esi, time) = client(&server);
    assert_eq!(esi.character(1, None).await.unwrap_err(), EsiError::NotFound);
    assert_eq!(limited(esi.character(1, None).await), Duration::from_secs(40));
    time.advance_secs(39);
    assert_eq!(limited(esi.character(1, None).await), Duration::from_secs(1));
    time.advance_secs(1);
    assert_eq!(esi.character(1, None).await.unwrap_err(), EsiError::NotFound);
}

#[tokio::test]
async fn retries_stop_at_the_error_limit_too() {
    let server = MockServer::start().await;
    Mock::given(path("/characters/1"))
        .respond_with(with_errors_left(error(502, "bad"), 5, 30))
        .expect(1)
        .mount(&server)
        .await;
    limited(client(&server).0.character(1, None).await);
}

#[tokio::test]
async fn an_overtaken_answer_does_not_raise_the_count_again() {
    let server = MockServer::start().await;
    for (id, remain, reset) in [(1, 9, 40), (2, 60, 41)] {
        Mock::given(path(format!("/characters/{id}")))
            .respond_with(with_errors_left(error(404, "Character not found"), remain, reset))
            .mount(&server)
            .await;
    }
    let (esi, _) = client_with(&server, |config| config.error_floor = 0);
    let _ = esi.character(1, None).await;
    let _ = esi.character(2, None).await;
    let now = esi.pace.now();
    assert_eq!(esi.guard.errors_left(now), Some(9));
}

#[tokio::test]
async fn a_420_stops_everything_until_the_window_ends() {
    let server = MockServer::start().await;
    Mock::given(path("/characters/1"))
        .respond_with(with_errors_left(error(420, "This software has exceeded the error limit"), 0, 25))
        .expect(1)
        .mount(&server)
        .await;
    let (esi, time) = client(&server);
    assert_eq!(limited(esi.character(1, None).await), Duration::from_secs(25));
    assert!(matches!(esi.factions(None).await, Err(EsiError::RateLimited { .. })));
    time.advance_secs(25);
    assert!(!matches!(esi.factions(None).await, Err(EsiError::RateLimited { .. })));
}

#[tokio::test]
async fn a_429_stops_its_group_only() {
    let server = MockServer::start().await;
    Mock::given(path("/universe/factions"))
        .respond_with(
            error(429, "Too many requests")
                .insert_header("x-ratelimit-group", "factions")
                .insert_header("retry-after", "17"),
        )
        .expect(2)
        .mount(&server)
        .await;
    Mock::given(path("/characters/1")).respond_with(answer(200, character())).mount(&server).await;
    let (esi, time) = client(&server);
    for _ in 0..3 {
        assert_eq!(esi.factions(None).await.unwrap_err().retry_after(), Some(Duration::from_secs(17)));
    }
    assert!(esi.character(1, None).await.is_ok());
    time.advance_secs(17);
    assert!(esi.factions(None).await.is_err());
    assert!(time.waits().is_empty(), "waiting is the caller's business");
}

#[tokio::test]
async fn throttling_in_disguise_and_without_a_header_pauses_a_minute() {
    let disguised =
        "Undefined 429 response. Original message: Too many errors. You have been temporarily throttled.";
    for response in [error(500, disguised), ResponseTemplate::new(429)] {
        let server = MockServer::start().await;
        Mock::given(path("/characters/1")).respond_with(response).expect(1).mount(&server).await;
        let (esi, _) = client(&server);
        assert_eq!(limited(esi.character(1, None).await), Duration::from_secs(60));
        assert_eq!(limited(esi.character(1, None).await), Duration::from_secs(60));
    }
}

#[tokio::test]
async fn downtime_is_left_alone_for_a_while() {
    let server = MockServer::start().await;
    let down = error(503, "The datasource tranquility is temporarily unavailable");
    Mock::given(path("/characters/1")).respond_with(down).up_to_n_times(1).expect(1).mount(&server).await;
    Mock::given(path("/characters/1")).respond_with(answer(200, character())).mount(&server).await;
    let (esi, time) = client(&server);
    for _ in 0..2 {
        let failure = esi.character(1, None).await.unwrap_err();
        assert!(matches!(failure, EsiError::Unavailable { .. }), "{failure}");
        assert_eq!(failure.retry_after(), Some(Duration::from_secs(30)));
    }
    time.advance_secs(30);
    assert!(esi.character(1, None).await.is_ok());
}
