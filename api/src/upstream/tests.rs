use std::time::Duration;

use ::http::HeaderMap;
use chrono::{TimeZone, Utc};
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::any};

use super::{testing::TestTime, *};

const CALL: Call = Call { upstream: "test", route: "GET /" };

fn client(timeout: Duration) -> reqwest::Client {
    http_client("test/1.0", &HttpOptions { timeout, ..HttpOptions::default() }).unwrap()
}

fn with_retry_after(value: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert("retry-after", value.parse().unwrap());
    headers
}

#[test]
fn retry_after_reads_seconds_and_dates() {
    let now = Utc.with_ymd_and_hms(2026, 9, 1, 15, 0, 0).unwrap();
    let read = |value: &str| retry_after(&with_retry_after(value), now);
    assert_eq!(read("7"), Some(Duration::from_secs(7)));
    assert_eq!(read("0.25"), Some(Duration::from_millis(250)));
    assert_eq!(read("Tue, 01 Sep 2026 15:01:30 GMT"), Some(Duration::from_secs(90)));
    assert_eq!(read("Tue, 01 Sep 2026 14:00:00 GMT"), Some(Duration::ZERO));
    assert_eq!(read("1e300"), Some(Duration::from_secs(86_400)));
    for nonsense in ["-1", "NaN", "inf", "soon", ""] {
        assert_eq!(read(nonsense), None, "{nonsense}");
    }
    assert_eq!(retry_after(&HeaderMap::new(), now), None);
}

#[test]
fn secrets_do_not_show_themselves() {
    let secret = Secret::new("hunter2");
    assert!(!format!("{secret:?}").contains("hunter2"));
    assert_eq!(secret.expose(), "hunter2");
}

#[test]
fn delays_double_with_jitter_and_stay_below_the_longest() {
    let time = TestTime::new();
    let backoff =
        Backoff { attempts: 9, first: Duration::from_millis(100), longest: Duration::from_millis(350) };
    for (attempt, full) in [(1, 100), (2, 200), (3, 350), (40, 350)] {
        let delay = time.pace.delay(&backoff, attempt);
        assert!(delay <= Duration::from_millis(full), "{attempt}: {delay:?}");
        assert!(delay >= Duration::from_millis(full / 2), "{attempt}: {delay:?}");
    }
}

#[tokio::test]
async fn an_oversized_answer_is_cut_off() {
    let server = MockServer::start().await;
    Mock::given(any())
        .respond_with(ResponseTemplate::new(200).set_body_bytes(vec![b'x'; 5000]))
        .mount(&server)
        .await;
    let client = client(Duration::from_secs(5));
    let small = send(client.get(server.uri()), CALL, 4999).await;
    assert_eq!(small.unwrap_err(), SendError::TooLarge { limit: 4999 });
    let enough = send(client.get(server.uri()), CALL, 5000).await.unwrap();
    assert_eq!(enough.body.len(), 5000);
}

#[tokio::test]
async fn redirects_are_answers_not_journeys() {
    let server = MockServer::start().await;
    Mock::given(any())
        .respond_with(ResponseTemplate::new(302).insert_header("location", "http://127.0.0.1:1/"))
        .expect(1)
        .mount(&server)
        .await;
    let answer = send(client(Duration::from_secs(5)).get(server.uri()), CALL, 100).await.unwrap();
    assert_eq!(answer.status.as_u16(), 302);
}

#[tokio::test]
async fn connecting_failures_and_timeouts_are_told_apart() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let closed = listener.local_addr().unwrap();
    drop(listener);
    let client = client(Duration::from_millis(200));
    let refused = send(client.get(format!("http://{closed}/")), CALL, 100).await.unwrap_err();
    assert_eq!(refused, SendError::Connect);
    assert!(!refused.may_have_arrived());

    let server = MockServer::start().await;
    Mock::given(any())
        .respond_with(ResponseTemplate::new(200).set_delay(Duration::from_secs(3)))
        .mount(&server)
        .await;
    let slow = send(client.get(server.uri()), CALL, 100).await.unwrap_err();
    assert_eq!(slow, SendError::Timeout);
    assert!(slow.may_have_arrived() && slow.is_temporary());
}

/// An upstream that does not say how much is coming, and never stops.
#[tokio::test]
async fn an_endless_answer_is_cut_off() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let endless = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let _ = stream.read(&mut [0; 1024]).await;
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").await;
        while stream.write_all(b"5\r\nhello\r\n").await.is_ok() {}
    });
    let client = client(Duration::from_secs(5));
    let cut = send(client.get(format!("http://{address}/")), CALL, 10_000).await;
    assert_eq!(cut.unwrap_err(), SendError::TooLarge { limit: 10_000 });
    endless.await.unwrap();
}
