//! ESI: the error limit and the token buckets.

use fealty_simulator::{Options, demo};

use crate::client::{answer, start, start_with};

#[tokio::test]
async fn a_hundred_errors_close_every_route() {
    let sim = start();
    for left in (0..100).rev() {
        let missing = sim.esi("/characters/1").await;
        assert_eq!(missing.status, 404);
        assert_eq!(missing.header("x-esi-error-limit-remain"), left.to_string());
    }
    for path in [format!("/characters/{}", demo::KAELEN), "/status".into(), "/alliances".into()] {
        let closed = sim.esi(&path).await;
        assert_eq!(closed.status.as_u16(), 420);
        assert_eq!(closed.header("x-esi-error-limit-remain"), "0");
        let reset: u64 = closed.header("x-esi-error-limit-reset").parse().unwrap();
        assert!((1..=60).contains(&reset));
        assert!(closed.body["error"].as_str().unwrap().contains("exceeded the error limit"));
    }
    sim.handle().reset_limits();
    assert_eq!(sim.esi("/status").await.status, 200);
}

#[tokio::test]
async fn an_empty_bucket_is_429() {
    let sim = start();
    // 300 tokens at 2 each: 150 good answers. The status group does not touch the meta group.
    let mut used = 0;
    for _ in 0..75 {
        let answer = sim.esi("/meta/compatibility-dates").await;
        used += 2;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("x-ratelimit-used"), "2");
        assert_eq!(answer.header("x-ratelimit-remaining"), (150 - used).to_string());
    }
    let empty = sim.esi("/meta/compatibility-dates").await;
    assert_eq!(empty.status, 429);
    assert_eq!(empty.header("x-ratelimit-used"), "0");
    let wait: u64 = empty.header("retry-after").parse().unwrap();
    assert!((1..=901).contains(&wait));
    assert_eq!(sim.esi("/status").await.status, 200);
}

#[tokio::test]
async fn buckets_charge_by_status_and_belong_to_a_character() {
    let sim = start();
    let url = |id| sim.url(&format!("/esi/characters/{id}/online"));
    let token = sim.handle().mint_access_token(demo::KAELEN, &["esi-location.read_online.v1"], 60);
    let good = answer(sim.http.get(url(demo::KAELEN)).bearer_auth(&token)).await;
    assert_eq!((good.header("x-ratelimit-used"), good.header("x-ratelimit-remaining")), ("2", "1198"));
    let forbidden = answer(sim.http.get(url(demo::MIREL)).bearer_auth(&token)).await;
    assert_eq!(
        (forbidden.header("x-ratelimit-used"), forbidden.header("x-ratelimit-remaining")),
        ("5", "1193")
    );
    let anonymous = answer(sim.http.get(url(demo::KAELEN))).await;
    assert_eq!(anonymous.header("x-ratelimit-remaining"), "1195");
    let etag = answer(sim.http.get(sim.url("/esi/meta/compatibility-dates"))).await.header("etag").to_owned();
    let same =
        answer(sim.http.get(sim.url("/esi/meta/compatibility-dates")).header("If-None-Match", etag)).await;
    assert_eq!((same.status.as_u16(), same.header("x-ratelimit-used")), (304, "1"));
}

#[tokio::test]
async fn limits_can_be_switched_off() {
    let sim = start_with(Options { rate_limits: false, ..Options::default() });
    for _ in 0..120 {
        assert_eq!(sim.esi("/characters/1").await.status, 404);
    }
    assert_eq!(sim.esi("/status").await.status, 200);
}
