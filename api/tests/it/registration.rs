//! The e-mail steps of a registration.

use chrono::Duration;
use fealty_simulator::demo;
use serde_json::{Value, json};

use crate::support::{Browser, World};

const REGISTER: &str = "mutation($e:String!){register(input:{email:$e}){status problems{field code}}}";
const CONFIRM: &str =
    "mutation($t:String!){confirmEmail(input:{token:$t}){status next problems{field code}}}";

async fn register(browser: &Browser<'_>, email: &str) -> Value {
    browser.gql(REGISTER, json!({"e": email})).await.data()["register"].clone()
}

async fn confirm(browser: &Browser<'_>, token: &str) -> Value {
    browser.gql(CONFIRM, json!({"t": token})).await.data()["confirmEmail"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_addresses_are_named() {
    let world = World::new().await;
    let browser = world.browser();
    browser.log_in(demo::MIREL).await;
    for (email, code) in [
        ("", "required"),
        ("nobody", "invalid"),
        ("a@b", "invalid"),
        ("a@b.cc\r\nBcc: x@y.zz", "invalid"),
        (&"a".repeat(300), "too_long"),
    ] {
        assert_eq!(
            register(&browser, email).await,
            json!({"status": "INVALID", "problems": [{"field": "email", "code": code}]}),
            "{email:?}"
        );
    }
    assert_eq!(world.number("select count(*) from email_confirmations").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_address_is_stored_only_when_confirmed() {
    let world = World::new().await;
    let browser = world.browser();
    browser.log_in(demo::MIREL).await;
    assert_eq!(browser.ask("{viewer{mustChooseMain}}").await["viewer"], json!(null), "not in yet");
    register(&browser, " mirel@example.com ").await;
    assert_eq!(
        browser.ask("{registration{pendingEmail isOpen}}").await["registration"],
        json!({"pendingEmail": "mirel@example.com", "isOpen": true})
    );
    assert_eq!(world.number("select count(*) from users where email is not null").await, 0);
    world.run_jobs().await;
    assert!(
        world.mails()[0].contains("Hello Mirel Ostavane,"),
        "by the name of the main: {:?}",
        world.mails()
    );
    let token = world.mailed_token();
    assert_eq!(
        world
            .number(&format!("select count(*) from email_confirmations where token_hash = sha256('{token}')"))
            .await,
        1,
        "stored hashed"
    );
    // An interrupted registration goes on.
    let later = world.browser();
    assert_eq!(later.log_in(demo::MIREL).await, "/register");
    assert_eq!(confirm(&later, &token).await, json!({"status": "CONFIRMED", "next": "/", "problems": []}));
    assert_eq!(later.state().await, "Member");
    assert_eq!(
        world.number("select count(*) from users where email = 'mirel@example.com' and is_active").await,
        1
    );
    // Used up.
    assert_eq!(confirm(&later, &token).await["problems"][0]["code"], "unknown");
    // The session that only registered is worthless now.
    assert_eq!(
        browser.ask("{viewer{mustChooseMain} registration{isOpen}}").await,
        json!({"viewer": null, "registration": null})
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_opened_elsewhere_logs_nobody_in() {
    let world = World::new().await;
    let attacker = world.browser();
    attacker.log_in(demo::MIREL).await;
    register(&attacker, "victim@example.com").await;
    world.run_jobs().await;
    let victim = world.browser();
    assert_eq!(
        confirm(&victim, &world.mailed_token()).await,
        json!({"status": "CONFIRMED", "next": "/login", "problems": []})
    );
    assert_eq!(victim.ask("{viewer{mustChooseMain}}").await["viewer"], json!(null));
}

#[tokio::test(flavor = "multi_thread")]
async fn links_expire_and_newer_ones_replace_them() {
    let world = World::new().await;
    let browser = world.browser();
    browser.log_in(demo::MIREL).await;
    register(&browser, "one@example.com").await;
    world.run_jobs().await;
    let first = world.mailed_token();
    assert_eq!(browser.gql(REGISTER, json!({"e": "two@example.com"})).await.code(), "RATE_LIMITED");
    world.wait(Duration::seconds(31));
    register(&browser, "two@example.com").await;
    world.run_jobs().await;
    let second = world.mailed_token();
    assert_eq!(confirm(&browser, &first).await["problems"][0]["code"], "unknown");
    world.wait(Duration::hours(25));
    let browser = world.browser();
    browser.log_in(demo::MIREL).await;
    assert_eq!(confirm(&browser, &second).await["problems"][0]["code"], "expired");
    for garbage in ["", "x", "'; drop table users; --", "\u{0}"] {
        assert_eq!(confirm(&browser, garbage).await["status"], "INVALID", "{garbage:?}");
    }
    assert_eq!(browser.gql(CONFIRM, json!({"t": "x".repeat(10_000)})).await.code(), "INVALID");
    assert_eq!(world.number("select count(*) from users where is_active").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn mails_are_limited() {
    let world = World::new().await;
    let browser = world.browser();
    browser.log_in(demo::MIREL).await;
    for n in 0..10 {
        assert_eq!(register(&browser, "one@example.com").await["status"], "MAIL_SENT", "{n}");
        world.wait(Duration::seconds(31));
    }
    let reply = browser.gql(REGISTER, json!({"e": "one@example.com"})).await;
    assert_eq!(reply.code(), "RATE_LIMITED");
    assert!(reply.json()["errors"][0]["extensions"]["retryAfter"].as_i64().unwrap() > 3_600);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_verification_one_is_in_at_once() {
    let world = World::empty("[registration]\nverify_email = false").await;
    let browser = world.browser();
    assert_eq!(browser.log_in(demo::MIREL).await, "/register");
    assert_eq!(register(&browser, "mirel@example.com").await["status"], "ACTIVATED");
    assert_eq!(browser.state().await, "Guest");
    assert_eq!(browser.gql(REGISTER, json!({"e": "again@example.com"})).await.code(), "UNAUTHENTICATED");
}

#[tokio::test(flavor = "multi_thread")]
async fn visitors_cannot_register() {
    let world = World::new().await;
    assert_eq!(world.browser().gql(REGISTER, json!({"e": "a@b.cc"})).await.code(), "UNAUTHENTICATED");
}
