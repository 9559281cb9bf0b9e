//! The image server.

use fealty_simulator::demo;
use serde_json::json;

use crate::client::start;

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";

#[tokio::test]
async fn pictures_come_in_the_size_asked_for() {
    let sim = start();
    for (path, size) in [
        (format!("/images/characters/{}/portrait?size=32", demo::KAELEN), 32),
        (format!("/images/characters/{}/portrait?size=1024&tenant=tranquility", demo::KAELEN), 1_024),
        (format!("/images/corporations/{}/logo?size=64", demo::HOME_CORPORATION), 64),
        (format!("/images/alliances/{}/logo", demo::HOME_ALLIANCE), 256),
        ("/images/characters/1/portrait?size=128".into(), 128),
    ] {
        let answer = sim.http.get(sim.url(&path)).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        assert_eq!(answer.headers()["content-type"], "image/png");
        assert!(answer.headers()["cache-control"].to_str().unwrap().contains("max-age="));
        let bytes = answer.bytes().await.unwrap();
        assert_eq!(&bytes[..8], PNG);
        // Width of the header chunk.
        assert_eq!(bytes[16..20], u32::to_be_bytes(size), "{path}");
    }
}

#[tokio::test]
async fn pictures_depend_on_the_id_only() {
    let sim = start();
    let get = async |id: i64| sim.get_text(&format!("/images/characters/{id}/portrait?size=32")).await.1;
    assert_eq!(get(demo::KAELEN).await, get(demo::KAELEN).await);
    assert_ne!(get(demo::KAELEN).await, get(demo::MIREL).await);
}

#[tokio::test]
async fn bad_requests_are_refused() {
    let sim = start();
    for size in ["0", "16", "48", "2048", "big", ""] {
        let path = format!("/images/characters/{}/portrait?size={size}", demo::KAELEN);
        assert_eq!(sim.get(&path).await.status, 400, "{size}");
    }
    for path in [
        "/images/pilots/1/portrait",
        "/images/characters/1/logo",
        "/images/characters/x/portrait",
        "/images/1",
    ] {
        assert_eq!(sim.get(path).await.status, 404, "{path}");
    }
    assert_eq!(sim.get("/images/characters/1/portrait?tenant=serenity").await.status, 400);
}

#[tokio::test]
async fn variations_are_listed() {
    let sim = start();
    assert_eq!(sim.get("/images/characters/1").await.body, json!(["portrait"]));
    assert_eq!(sim.get("/images/alliances/1/").await.body, json!(["logo"]));
}
