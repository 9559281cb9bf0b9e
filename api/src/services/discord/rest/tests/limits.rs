//! Waiting and not waiting.

use super::*;

fn limited(retry_after: f64, global: bool) -> ResponseTemplate {
    answer(
        429,
        &json!({"message": "You are being rate limited.", "retry_after": retry_after, "global": global}),
    )
}

fn in_bucket(
    response: ResponseTemplate,
    bucket: &str,
    remaining: u32,
    reset_after: &str,
) -> ResponseTemplate {
    response
        .insert_header("x-ratelimit-limit", "10")
        .insert_header("x-ratelimit-remaining", remaining.to_string().as_str())
        .insert_header("x-ratelimit-reset-after", reset_after)
        .insert_header("x-ratelimit-bucket", bucket)
}

fn waited(time: &TestTime) -> Duration {
    time.waits().iter().sum()
}

#[tokio::test]
async fn a_short_429_is_waited_out_even_by_calls_that_are_not_repeatable() {
    let server = MockServer::start().await;
    Mock::given(path(ROLES)).respond_with(limited(0.75, false)).up_to_n_times(1).mount(&server).await;
    mount(&server, "POST", ROLES, answer(200, &json!({"id": "303", "name": "Pilots"}))).await;
    let (discord, time) = client(&server);
    discord.create_role("Pilots").await.unwrap();
    assert_eq!(waited(&time), Duration::from_millis(750));
}

#[tokio::test]
async fn a_long_429_is_returned_and_its_bucket_left_alone() {
    let (server, discord, time) = serving("POST", ROLES, limited(172_800.0, false)).await;
    let error = discord.create_role("Pilots").await.unwrap_err();
    assert_eq!(error, DiscordError::RateLimited { retry_after: Duration::from_secs(86_400), global: false });
    assert!(discord.create_role("Pilots").await.is_err());
    assert_eq!(requests(&server).await, 1);
    mount(&server, "GET", MEMBER, answer(200, &member("7"))).await;
    assert!(discord.member("7").await.is_ok(), "another route");
    assert!(time.waits().is_empty());
}

#[tokio::test]
async fn a_global_429_stops_every_route() {
    let by_body = limited(30.0, true);
    let by_header = limited(30.0, false).insert_header("x-ratelimit-global", "true");
    let by_cloudflare =
        ResponseTemplate::new(429).insert_header("retry-after", "30").set_body_string("<html>");
    for response in [by_body, by_header, by_cloudflare] {
        let (server, discord, time) = serving("GET", MEMBER, response).await;
        mount(&server, "GET", ROLES, answer(200, &json!([]))).await;
        let expected = Err(DiscordError::RateLimited { retry_after: Duration::from_secs(30), global: true });
        assert_eq!(discord.member("7").await.map(drop), expected);
        assert_eq!(discord.roles().await.map(drop), expected);
        assert_eq!(requests(&server).await, 1);
        time.advance_secs(30);
        assert!(discord.roles().await.is_ok());
    }
}

#[tokio::test]
async fn an_empty_bucket_is_waited_for_when_that_is_short() {
    let response = in_bucket(answer(200, &member("7")), "b1", 0, "1.5");
    let (server, discord, time) = serving("GET", MEMBER, response).await;
    discord.member("7").await.unwrap();
    discord.member("7").await.unwrap();
    assert_eq!(waited(&time), Duration::from_millis(1500));
    assert_eq!(requests(&server).await, 2);
}

#[tokio::test]
async fn an_empty_bucket_is_reported_when_that_is_long() {
    let response = in_bucket(answer(200, &member("7")), "b1", 0, "9.5");
    let (server, discord, time) = serving("GET", MEMBER, response).await;
    discord.member("7").await.unwrap();
    let error = discord.member("7").await.unwrap_err();
    assert_eq!(error, DiscordError::RateLimited { retry_after: Duration::from_millis(9500), global: false });
    assert_eq!((requests(&server).await, waited(&time)), (1, Duration::ZERO));
}

#[tokio::test]
async fn routes_of_one_bucket_share_it() {
    let (server, discord, _) =
        serving("GET", MEMBER, in_bucket(answer(200, &member("7")), "shared", 5, "60")).await;
    let last = in_bucket(answer(200, &member("7")), "shared", 0, "60");
    mount(&server, "PATCH", MEMBER, last).await;
    discord.member("7").await.unwrap();
    discord.edit_member("7", Some("x"), None).await.unwrap();
    assert!(matches!(discord.member("7").await, Err(DiscordError::RateLimited { .. })));
}

#[tokio::test]
async fn late_answers_do_not_give_places_back() {
    let (_server, discord, time) =
        serving("GET", MEMBER, in_bucket(answer(200, &member("7")), "b1", 2, "60")).await;
    // The server keeps saying 2, as overtaken answers would: the first one leaves 2, two more use them up.
    for _ in 0..3 {
        discord.member("7").await.unwrap();
    }
    assert!(matches!(discord.member("7").await, Err(DiscordError::RateLimited { .. })));
    time.advance_secs(60);
    assert!(discord.member("7").await.is_ok(), "a new window");
}

#[tokio::test]
async fn no_second_sees_more_than_the_global_limit() {
    let (server, discord, time) = serving("GET", MEMBER, answer(200, &member("7"))).await;
    for _ in 0..45 {
        discord.member("7").await.unwrap();
    }
    assert_eq!(waited(&time), Duration::ZERO);
    discord.member("7").await.unwrap();
    assert_eq!(waited(&time), Duration::from_secs(1));
    assert_eq!(requests(&server).await, 46);
}

#[tokio::test]
async fn a_429_that_never_ends_is_given_up() {
    let (server, discord, _) = serving("GET", MEMBER, limited(0.1, false)).await;
    assert!(matches!(discord.member("7").await, Err(DiscordError::RateLimited { .. })));
    assert_eq!(requests(&server).await, 3);
}
