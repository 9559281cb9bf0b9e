//! Fault switches.

use std::time::{Duration, Instant};

use fealty_simulator::{Fault, FaultKind, Upstream, demo};
use serde_json::json;

use crate::client::start;

#[tokio::test]
async fn downtime_lasts_until_cleared_and_hits_one_upstream() {
    let sim = start();
    sim.handle().add_fault(Fault::new(Upstream::Esi, FaultKind::Downtime));
    for _ in 0..3 {
        let down = sim.esi("/status").await;
        assert_eq!(down.status, 503);
        assert_eq!(down.body["error"], "The datasource tranquility is temporarily unavailable");
    }
    assert_eq!(sim.get("/sso/oauth/jwks").await.status, 200);
    sim.handle().clear_faults(Some(Upstream::Esi));
    assert_eq!(sim.esi("/status").await.status, 200);
}

#[tokio::test]
async fn a_fault_can_be_limited_to_a_path_and_a_count() {
    let sim = start();
    sim.handle()
        .add_fault(Fault::new(Upstream::Esi, FaultKind::Status { status: 502 }).on("/characters").times(2));
    let path = format!("/characters/{}", demo::KAELEN);
    assert_eq!(sim.esi("/status").await.status, 200);
    assert_eq!(sim.esi(&path).await.status, 502);
    assert_eq!(sim.esi(&path).await.status, 502);
    assert_eq!(sim.esi(&path).await.status, 200);
    assert!(sim.handle().faults().is_empty());
}

#[tokio::test]
async fn limits_come_in_each_upstreams_form() {
    let sim = start();
    let handle = sim.handle();
    handle.add_fault(
        Fault::new(Upstream::Esi, FaultKind::RateLimited { status: 420, retry_after: 33 }).times(1),
    );
    let esi = sim.esi("/status").await;
    assert_eq!((esi.status.as_u16(), esi.header("x-esi-error-limit-reset")), (420, "33"));
    handle.add_fault(
        Fault::new(Upstream::Esi, FaultKind::RateLimited { status: 429, retry_after: 7 }).times(1),
    );
    let esi = sim.esi("/status").await;
    assert_eq!((esi.status.as_u16(), esi.header("retry-after")), (429, "7"));
    handle.add_fault(
        Fault::new(Upstream::Discord, FaultKind::RateLimited { status: 429, retry_after: 7 }).times(1),
    );
    let discord = sim.guild("GET", "", None).await;
    assert_eq!((discord.status.as_u16(), &discord.body["retry_after"]), (429, &json!(7.0)));
}

#[tokio::test]
async fn latency_delays() {
    let sim = start();
    sim.handle().add_fault(Fault::new(Upstream::Esi, FaultKind::Latency { millis: 150 }));
    let started = Instant::now();
    assert_eq!(sim.esi("/status").await.status, 200);
    assert!(started.elapsed() >= Duration::from_millis(150));
}

#[tokio::test]
async fn answers_can_be_broken_lost_or_never_come() {
    let sim = start();
    let handle = sim.handle();
    handle.add_fault(Fault::new(Upstream::Esi, FaultKind::Malformed).times(1));
    let (status, text) = sim.get_text("/esi/status").await;
    assert_eq!(status, 200);
    assert!(!text.is_empty() && serde_json::from_str::<serde_json::Value>(&text).is_err());

    handle.add_fault(Fault::new(Upstream::Esi, FaultKind::Drop { applied: false }).times(1));
    assert!(sim.http.get(sim.url("/esi/status")).send().await.is_err());
    assert_eq!(sim.esi("/status").await.status, 200);

    handle.add_fault(Fault::new(Upstream::Esi, FaultKind::Timeout { applied: false }).times(1));
    let patient = sim.http.get(sim.url("/esi/status")).timeout(Duration::from_millis(200));
    assert!(patient.send().await.unwrap_err().is_timeout());
    let logged = handle.requests(Upstream::Esi);
    assert_eq!(logged.iter().map(|request| request.status).collect::<Vec<_>>(), [200, 0, 200, 0]);
}

#[tokio::test]
async fn a_lost_answer_may_have_had_its_effect() {
    let sim = start();
    let fault = Fault::new(Upstream::Discord, FaultKind::Drop { applied: true }).times(1);
    sim.handle().add_fault(fault);
    let path = format!("/guilds/{}/members/{}", demo::DISCORD_GUILD_ID, demo::DISCORD_GUEST);
    assert!(sim.bot("DELETE", &path).send().await.is_err());
    assert!(sim.handle().discord_member(demo::DISCORD_GUEST).is_none());
}
