//! Logging in: every case of `identity::login`, and what must not work.

use chrono::Duration;
use fealty_api::access::{Change, PermissionGrant};
use fealty_simulator::{Fault, FaultKind, Upstream, demo};
use poem::{
    Request,
    http::{StatusCode, header},
};
use serde_json::json;

use crate::support::World;

#[tokio::test(flavor = "multi_thread")]
async fn a_pilot_registers_and_is_a_member() {
    let world = World::new().await;
    let browser = world.pilot(demo::JOREK).await;
    let data = browser
        .ask("{viewer{mustChooseMain user{username email isActive state{name} mainCharacter{id name isMain corporation{name ticker} alliance{name} portraitUrl(size:256)} characters{name}}}}")
        .await;
    let user = &data["viewer"]["user"];
    assert_eq!(user["username"], "Jorek_Pellan", "apostrophes go, spaces become underscores");
    assert_eq!(user["state"]["name"], "Member");
    assert_eq!(user["mainCharacter"]["corporation"]["name"], "Ashen Academy");
    assert_eq!(user["mainCharacter"]["alliance"]["name"], "Ashen Covenant");
    assert_eq!(user["mainCharacter"]["isMain"], true);
    assert!(
        user["mainCharacter"]["portraitUrl"]
            .as_str()
            .unwrap()
            .ends_with("/images/characters/2119000009/portrait?size=256")
    );
    assert_eq!(data["viewer"]["mustChooseMain"], false);
    // Logged out and in again.
    browser.ask("mutation{logout{status}}").await;
    assert_eq!(browser.ask("{viewer{mustChooseMain}}").await["viewer"], json!(null));
    assert_eq!(browser.log_in(demo::JOREK).await, "/");
    assert_eq!(browser.state().await, "Member");
}

#[tokio::test(flavor = "multi_thread")]
async fn next_is_followed_only_within_the_site() {
    let world = World::new().await;
    world.pilot(demo::MIREL).await;
    for (next, lands) in [
        ("/history", "/history"),
        ("//evil.example", "/"),
        ("https://evil.example/", "/"),
        ("/%5Cevil.example", "/"),
    ] {
        let browser = world.browser();
        let to = browser.get(&format!("/sso/login?next={next}")).await.location();
        let back = world.sim.authorize(&to, demo::MIREL).unwrap();
        assert_eq!(browser.come_back(&back).await, lands, "{next}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_begins_where_it_will_end() {
    let world = World::new().await;
    world.pilot(demo::MIREL).await;
    let browser = world.browser();
    let start = async |host: &str, path: &str| {
        browser.send(Request::builder().uri(path.parse().unwrap()).header(header::HOST, host).finish()).await
    };
    let reply = start("localhost:8000", "/sso/login?next=/history").await;
    assert_eq!(reply.status, StatusCode::TEMPORARY_REDIRECT);
    let there = "http://127.0.0.1:8000/sso/login?next=/history&moved=1";
    assert_eq!(reply.headers[header::LOCATION], there);
    assert!(reply.headers.get(header::SET_COOKIE).is_none());
    let to = browser.get("/sso/login?next=/history&moved=1").await.location();
    let back = world.sim.authorize(&to, demo::MIREL).unwrap();
    assert_eq!(browser.come_back(&back).await, "/history");
    // Never twice, and never because of a name that a proxy has for us.
    for (host, path) in [
        ("localhost:8000", "/sso/login?moved=1"),
        ("127.0.0.1:8000", "/sso/login"),
        ("server:8000", "/sso/login"),
    ] {
        assert_eq!(start(host, path).await.status, StatusCode::FOUND, "{host}");
    }
    assert_eq!(start("localhost:8000", "/health/live").await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_belongs_to_one_browser_and_works_once() {
    let world = World::new().await;
    world.pilot(demo::MIREL).await;
    let (victim, thief) = (world.browser(), world.browser());
    let to = victim.get("/sso/login").await.location();
    let back = world.sim.authorize(&to, demo::MIREL).unwrap();
    // Another browser, even one with an attempt of its own.
    thief.get("/sso/login").await;
    assert_eq!(thief.come_back(&back).await, "/login?error=state_mismatch");
    // A tampered state.
    assert_eq!(victim.come_back(&back.replace("state=", "state=x")).await, "/login?error=state_mismatch");
    assert_eq!(victim.come_back(&back).await, "/");
    // Replayed.
    assert_eq!(victim.come_back(&back).await, "/login?error=state_mismatch");
    for path in
        ["/sso/callback", "/sso/callback?code=x", "/sso/callback?state=x", "/sso/callback?code=&state="]
    {
        assert_eq!(world.browser().get(path).await.location(), "/login?error=state_mismatch", "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_attempt_expires() {
    let world = World::new().await;
    let browser = world.browser();
    let to = browser.get("/sso/login").await.location();
    let back = world.sim.authorize(&to, demo::MIREL).unwrap();
    world.wait(Duration::minutes(16));
    assert_eq!(browser.come_back(&back).await, "/login?error=state_mismatch");
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_of_the_sso_are_told() {
    let world = World::new().await;
    let browser = world.browser();
    let to = browser.get("/sso/login").await.location();
    let state = to.split("state=").nth(1).unwrap().split('&').next().unwrap().to_owned();
    let denied = format!("/sso/callback?error=access_denied&state={state}");
    assert_eq!(browser.get(&denied).await.location(), "/login?error=access_denied");
    // A code that the SSO does not know.
    let to = browser.get("/sso/login").await.location();
    let state = to.split("state=").nth(1).unwrap().split('&').next().unwrap().to_owned();
    assert_eq!(
        browser.get(&format!("/sso/callback?code=made-up&state={state}")).await.location(),
        "/login?error=sso_rejected"
    );
    // The token endpoint is down.
    let to = browser.get("/sso/login").await.location();
    let back = world.sim.authorize(&to, demo::MIREL).unwrap();
    world.sim.add_fault(Fault::new(Upstream::Sso, FaultKind::Status { status: 503 }));
    assert_eq!(browser.come_back(&back).await, "/login?error=sso_unavailable");
    assert_eq!(world.number("select count(*) from users").await, 0, "nothing was made");
}

#[tokio::test(flavor = "multi_thread")]
async fn esi_down_does_not_keep_anybody_out() {
    let world = World::new().await;
    world.pilot(demo::MIREL).await;
    world.sim.add_fault(Fault::new(Upstream::Esi, FaultKind::Status { status: 500 }));
    // A known pilot keeps his state.
    let known = world.browser();
    assert_eq!(known.log_in(demo::MIREL).await, "/");
    assert_eq!(known.state().await, "Member");
    // A new one registers with an unknown corporation; when ESI is back, the job finds out.
    let new = world.browser();
    assert_eq!(new.log_in(demo::YELENA).await, "/register");
    assert_eq!(
        new.ask("{registration{character{name corporation{name}}}}").await["registration"]["character"],
        json!({"name": "Yelena Drash", "corporation": null})
    );
    world.sim.clear_faults(None);
    world.run_jobs().await;
    assert_eq!(
        new.ask("{registration{character{corporation{name}}}}").await["registration"]["character"]["corporation"]
            ["name"],
        "Ashen Works"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn alts_are_added_and_do_not_log_in() {
    let world = World::new().await;
    let browser = world.pilot(demo::MIREL).await;
    assert_eq!(browser.add(demo::SUNNIVA).await, format!("/characters?added={}", demo::SUNNIVA));
    assert_eq!(world.browser().log_in(demo::SUNNIVA).await, "/login?error=not_main");
    // Again: nothing changes, no second record.
    browser.add(demo::SUNNIVA).await;
    assert_eq!(
        world
            .number(&format!("select count(*) from ownership_records where character_id = {}", demo::SUNNIVA))
            .await,
        1
    );
    // The alt becomes main, and logs in.
    let set = browser
        .gql(
            "mutation($c:EveId!){setMainCharacter(input:{characterId:$c}){status character{name isMain}}}",
            json!({"c": demo::SUNNIVA}),
        )
        .await
        .data();
    assert_eq!(
        set["setMainCharacter"],
        json!({"status": "CHANGED", "character": {"name": "Sunniva Hald", "isMain": true}})
    );
    assert_eq!(
        browser.ask("{viewer{user{characters{name}}}}").await["viewer"]["user"]["characters"],
        json!([{"name": "Sunniva Hald"}, {"name": "Mirel Ostavane"}]),
        "the main first"
    );
    assert_eq!(world.browser().log_in(demo::SUNNIVA).await, "/");
    assert_eq!(world.browser().log_in(demo::MIREL).await, "/login?error=not_main");
    let again = browser
        .gql(
            "mutation($c:EveId!){setMainCharacter(input:{characterId:$c}){status}}",
            json!({"c": demo::SUNNIVA}),
        )
        .await
        .data();
    assert_eq!(again["setMainCharacter"]["status"], "UNCHANGED");
    for foreign in [demo::KAELEN, 1, i64::MAX] {
        let set = browser
            .gql(
                "mutation($c:EveId!){setMainCharacter(input:{characterId:$c}){status character{name}}}",
                json!({"c": foreign}),
            )
            .await
            .data();
        assert_eq!(set["setMainCharacter"], json!({"status": "NOT_OWNED", "character": null}));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_main_is_looked_at_before_it_is_chosen() {
    let world = World::new().await;
    let (mirel, other) = (world.pilot(demo::MIREL).await, world.pilot(demo::TEODRIC).await);
    assert!(mirel.add(demo::VESPER).await.starts_with("/characters?added="));
    let document = "mutation($c:EveId!,$p:Boolean!){setMainCharacter(input:{characterId:$c,preview:$p}){status character{name}
        preview{userCount loserCount counts{kind name gained lost} changes{totalCount}}}}";
    let choose = async |id: i64, preview: bool| {
        let reply = mirel.gql(document, json!({"c": id, "p": preview})).await.data();
        reply["setMainCharacter"].clone()
    };
    let entries = async || world.number("select count(*) from audit_entries").await;
    let before = entries().await;
    let shown = choose(demo::VESPER, true).await;
    assert_eq!((&shown["status"], &shown["character"]), (&json!("PREVIEW"), &json!(null)));
    let counts = shown["preview"]["counts"].as_array().unwrap().clone();
    for (kind, name, gained, lost) in
        [("STATE", "Member", 0, 1), ("STATE", "Guest", 1, 0), ("SERVICE", "discord", 0, 1)]
    {
        let count = json!({"kind": kind, "name": name, "gained": gained, "lost": lost});
        assert!(counts.contains(&count), "{count}: {counts:?}");
    }
    assert_eq!((&shown["preview"]["userCount"], &shown["preview"]["changes"]), (&json!(1), &json!(null)));
    assert_eq!((mirel.state().await.as_str(), entries().await), ("Member", before), "nothing was done");
    // Whose it is not, and what is the main already.
    for (id, status) in [(demo::TEODRIC, "NOT_OWNED"), (1, "NOT_OWNED"), (demo::MIREL, "UNCHANGED")] {
        let shown = choose(id, true).await;
        assert_eq!((&shown["status"], &shown["preview"]), (&json!(status), &json!(null)), "{id}");
    }
    // What was shown binds nobody: the world may move on.
    let user_id = mirel.user_id().await;
    let grants = [PermissionGrant::lasting("auth.view_user")];
    world.apply(Change::UserPermissions { user_id, grants: &grants }).await.unwrap();
    let changed = choose(demo::VESPER, false).await;
    assert_eq!(
        (&changed["status"], &changed["character"]["name"]),
        (&json!("CHANGED"), &json!("Vesper Quill"))
    );
    assert_eq!(changed["preview"]["counts"], json!(counts));
    assert_eq!(changed["preview"]["userCount"], 1);
    assert_eq!((mirel.state().await, other.state().await), ("Guest".to_owned(), "Member".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn adding_needs_the_session_that_began_it() {
    let world = World::new().await;
    let browser = world.browser();
    assert_eq!(browser.get("/sso/login?intent=add").await.location(), "/login?error=session_ended");
    let mirel = world.pilot(demo::MIREL).await;
    let to = mirel.get("/sso/login?intent=add").await.location();
    let back = world.sim.authorize(&to, demo::SUNNIVA).unwrap();
    mirel.ask("mutation{logout{status}}").await;
    assert_eq!(mirel.come_back(&back).await, "/login?error=session_ended");
    assert_eq!(world.number("select count(*) from character_ownerships").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_adds_a_character_last_has_it() {
    let world = World::new().await;
    let mirel = world.pilot(demo::MIREL).await;
    let teodric = world.pilot(demo::TEODRIC).await;
    assert_eq!(teodric.add(demo::MIREL).await, format!("/characters?added={}", demo::MIREL));
    let data = mirel.ask("{viewer{mustChooseMain user{state{name} mainCharacter{name}} notifications(first:2){nodes{kind}}}}").await;
    assert_eq!(data["viewer"]["user"], json!({"state": {"name": "Guest"}, "mainCharacter": null}));
    let kinds: Vec<_> = data["viewer"]["notifications"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|n| n["kind"].clone())
        .collect();
    assert!(kinds.contains(&json!("character_lost")), "{kinds:?}");
    assert_eq!(world.browser().log_in(demo::MIREL).await, "/login?error=not_main");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sold_character_belongs_to_its_new_owner() {
    let world = World::new().await;
    let seller = world.pilot(demo::MIREL).await;
    world.sim.sell_character(demo::MIREL).unwrap();
    let buyer = world.browser();
    assert_eq!(buyer.log_in(demo::MIREL).await, "/register", "a new user");
    assert_eq!(seller.state().await, "Guest");
    assert_eq!(
        buyer.ask("{registration{character{name}}}").await["registration"]["character"]["name"],
        "Mirel Ostavane"
    );
    assert_eq!(world.number("select count(*) from users").await, 2);
    assert_eq!(world.number("select count(*) from users where username = 'Mirel_Ostavane_2'").await, 1);
    let kinds = seller.ask("{viewer{notifications(first:5){nodes{kind}}}}").await.to_string();
    assert!(kinds.contains("character_lost"), "{kinds}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_returning_owner_is_recognised_by_the_record() {
    let world = World::new().await;
    let mirel = world.pilot(demo::MIREL).await;
    let id = mirel.user_id().await;
    world.apply(Change::OwnershipLost { character_id: demo::MIREL }).await.unwrap();
    assert_eq!(mirel.state().await, "Guest");
    let again = world.browser();
    assert_eq!(again.log_in(demo::MIREL).await, "/");
    assert_eq!(again.user_id().await, id);
    assert_eq!(again.state().await, "Member");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_without_main_logs_in_with_any_character_and_chooses() {
    let world = World::new().await;
    let mirel = world.pilot(demo::MIREL).await;
    mirel.add(demo::SUNNIVA).await;
    world.apply(Change::OwnershipLost { character_id: demo::MIREL }).await.unwrap();
    let browser = world.browser();
    assert_eq!(browser.log_in(demo::SUNNIVA).await, "/choose-main");
    assert_eq!(browser.ask("{viewer{mustChooseMain}}").await["viewer"]["mustChooseMain"], true);
    browser.set_main(demo::SUNNIVA).await;
    assert_eq!(browser.state().await, "Member");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disabled_account_is_kept_out_at_once() {
    let world = World::new().await;
    let mirel = world.pilot(demo::MIREL).await;
    let user_id = mirel.user_id().await;
    world.apply(Change::ActiveChanged { user_id, is_active: false }).await.unwrap();
    assert_eq!(
        mirel.ask("{viewer{mustChooseMain}}").await["viewer"],
        json!(null),
        "the session is worthless"
    );
    assert_eq!(world.browser().log_in(demo::MIREL).await, "/login?error=disabled");
    // Nor does he come back as somebody new or by the record.
    world.apply(Change::OwnershipLost { character_id: demo::MIREL }).await.unwrap();
    assert_eq!(world.browser().log_in(demo::MIREL).await, "/login?error=disabled");
    assert_eq!(world.number("select count(*) from users").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_switched_off_does_not_come_back_through_another_account() {
    let world = World::new().await;
    let mirel = world.pilot(demo::MIREL).await;
    mirel.add(demo::SUNNIVA).await;
    let user_id = mirel.user_id().await;
    let other = world.pilot(demo::TEODRIC).await;
    let owned = format!("select count(*) from character_ownerships where user_id <> {user_id}");
    world.apply(Change::ActiveChanged { user_id, is_active: false }).await.unwrap();
    // His main and his alts, while he owns them and once he does not.
    for character_id in [demo::MIREL, demo::SUNNIVA] {
        assert_eq!(world.browser().log_in(character_id).await, "/login?error=disabled");
        assert!(other.add(character_id).await.contains("error=disabled"));
        assert_eq!(other.state().await, "Member", "still logged in");
        world.apply(Change::OwnershipLost { character_id }).await.unwrap();
        assert!(other.add(character_id).await.contains("error=disabled"));
    }
    assert_eq!(world.number(&owned).await, 1);
    // A character that was sold is its buyer's.
    world.sim.sell_character(demo::SUNNIVA).unwrap();
    assert!(!other.add(demo::SUNNIVA).await.contains("error"));
    assert_eq!(world.number(&owned).await, 2);
    // Switched on again, whose it is does not matter, as for everybody.
    world.apply(Change::ActiveChanged { user_id, is_active: true }).await.unwrap();
    assert!(!other.add(demo::MIREL).await.contains("error"));
    assert_eq!(world.number(&owned).await, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_first_logins_make_one_user() {
    let world = World::new().await;
    let (one, two) = (world.browser(), world.browser());
    let (a, b) = tokio::join!(one.log_in(demo::MIREL), two.log_in(demo::MIREL));
    assert_eq!((a.as_str(), b.as_str()), ("/register", "/register"));
    assert_eq!(world.number("select count(*) from users").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn closed_registration_takes_nobody_new() {
    let world = World::empty("[registration]\nopen = false").await;
    assert_eq!(world.browser().log_in(demo::MIREL).await, "/login?error=registration_closed");
    assert_eq!(world.number("select count(*) from users").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn cookies_are_for_this_site_and_not_for_scripts() {
    let world = World::new().await;
    let browser = world.browser();
    let reply = browser.get("/sso/login").await;
    let cookie = reply.headers[header::SET_COOKIE].to_str().unwrap();
    for part in ["HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert!(
        !reply.location().contains(cookie.split(['=', ';']).nth(1).unwrap()),
        "the cookie's secret does not travel"
    );
    assert_eq!(reply.status, StatusCode::FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_is_stored_as_a_hash_only() {
    let world = World::new().await;
    let browser = world.pilot(demo::MIREL).await;
    let cookies: Vec<String> = browser.cookies.lock().unwrap().values().cloned().collect();
    let (mut hashed, mut plain) = (0, 0);
    for cookie in cookies {
        hashed += world
            .number(&format!("select count(*) from sessions where token_hash = sha256('{cookie}')"))
            .await;
        plain +=
            world.number(&format!("select count(*) from sessions s where s::text like '%{cookie}%'")).await;
        let bytes = format!("select count(*) from sessions where token_hash = '{cookie}'::bytea");
        plain += world.number(&bytes).await;
    }
    assert_eq!((hashed, plain), (1, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_are_listed_and_revoked_by_their_owner_only() {
    let world = World::new().await;
    let first = world.pilot(demo::MIREL).await;
    let second = world.browser();
    second.log_in(demo::MIREL).await;
    let other = world.pilot(demo::TEODRIC).await;
    let data = first.ask("{viewer{sessions{id isCurrent}}}").await;
    let sessions = data["viewer"]["sessions"].as_array().unwrap();
    assert_eq!(sessions.len(), 2);
    let foreign = sessions.iter().find(|s| s["isCurrent"] == false).unwrap()["id"].clone();
    let revoke = "mutation($id:ID!){revokeSession(input:{id:$id}){status}}";
    assert_eq!(
        other.gql(revoke, json!({"id": foreign})).await.data()["revokeSession"]["status"],
        "NOT_FOUND"
    );
    assert_eq!(first.gql(revoke, json!({"id": foreign})).await.data()["revokeSession"]["status"], "REVOKED");
    assert_eq!(
        first.gql(revoke, json!({"id": foreign})).await.data()["revokeSession"]["status"],
        "NOT_FOUND"
    );
    assert_eq!(second.ask("{viewer{mustChooseMain}}").await["viewer"], json!(null));
    assert_eq!(first.gql(revoke, json!({"id": "user:1"})).await.code(), "INVALID");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_ends_when_it_is_not_used() {
    let world = World::new().await;
    let browser = world.pilot(demo::MIREL).await;
    world.wait(Duration::days(29));
    assert_eq!(browser.state().await, "Member");
    world.wait(Duration::days(29));
    assert_eq!(browser.state().await, "Member", "use renews it");
    world.wait(Duration::days(31));
    assert_eq!(browser.ask("{viewer{mustChooseMain}}").await["viewer"], json!(null));
}

#[tokio::test(flavor = "multi_thread")]
async fn audit_entries_name_the_request_that_caused_them() {
    let world = World::new().await;
    let browser = world.pilot(demo::MIREL).await;
    browser.add(demo::SUNNIVA).await;
    let set = "mutation($c:EveId!){setMainCharacter(input:{characterId:$c}){status}}";
    let reply = browser.gql(set, json!({"c": demo::SUNNIVA})).await;
    let id = reply.headers["x-request-id"].to_str().unwrap();
    let of =
        format!("select count(*) from audit_entries where kind = 'main_changed' and request_id = '{id}'");
    assert_eq!(world.number(&of).await, 1);
    // Logins, too; and two requests are two.
    assert_eq!(
        world
            .number(
                "select count(*) from audit_entries where kind = 'user_registered' and request_id is null"
            )
            .await,
        0
    );
    assert!(world.number("select count(distinct request_id) from audit_entries").await > 2);
}
