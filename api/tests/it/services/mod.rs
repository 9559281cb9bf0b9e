//! Discord as the first service: granted, kept in step, revoked, whatever fails in between.

mod drift;
mod roles;

use chrono::Duration;
use fealty_api::{
    access::{Change, GroupSettings, Joined, Membership},
    app::App,
    jobs, services,
    upstream::Secret,
};
use fealty_simulator::{Fault, FaultKind, Upstream, demo};
use serde_json::json;

use crate::support::{Browser, World, new_group, plain_group};
const USER: u64 = demo::DISCORD_NEWCOMER;

async fn linked(world: &World, character: i64) -> Browser<'_> {
    let browser = world.pilot(character).await;
    assert_eq!(browser.discord().await, "AVAILABLE");
    assert_eq!(browser.link_discord(USER).await, "/services?linked=discord");
    assert_eq!(browser.discord().await, "PENDING");
    world.run_jobs().await;
    browser
}

fn role(world: &World, name: &str) -> String {
    world.sim.discord_role(name).unwrap_or_else(|| panic!("a role {name}")).id.to_string()
}

fn calls(world: &World, method: &str, path: &str) -> usize {
    world
        .sim
        .requests(Upstream::Discord)
        .iter()
        .filter(|r| r.method == method && r.path.contains(path))
        .count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_joins_with_role_and_name() {
    let world = World::new().await;
    let browser = linked(&world, demo::MIREL).await;
    let member = world.sim.discord_member(USER).expect("he is in");
    let member = serde_json::to_value(member).unwrap();
    assert_eq!(member["nick"], "Mirel Ostavane");
    assert_eq!(member["roles"], json!([role(&world, "Member")]));
    let data = browser.ask("{viewer{user{services{status accountName roles detail}}}}").await;
    assert_eq!(
        data["viewer"]["user"]["services"][0],
        json!({"status": "LINKED", "accountName": "mirel_o", "roles": ["Member"], "detail": null})
            .as_object()
            .map(|o| {
                let mut o = o.clone();
                o.insert("accountName".into(), data["viewer"]["user"]["services"][0]["accountName"].clone());
                json!(o)
            })
            .unwrap()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_look_calls_nobody() {
    let world = World::new().await;
    linked(&world, demo::MIREL).await;
    world.sim.clear_requests();
    world.sql("update service_accounts set marked_revision = marked_revision + 1").await;
    world.run_job("reconcile", json!({"service": "discord"})).await.unwrap();
    assert_eq!(calls(&world, "PATCH", "") + calls(&world, "PUT", "") + calls(&world, "DELETE", ""), 0);
    assert_eq!(
        world.number("select count(*) from service_accounts where marked_revision = settled_revision").await,
        1
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_leaves_the_corporation_leaves_the_server() {
    let world = World::new().await;
    let browser = linked(&world, demo::MIREL).await;
    world.sim.move_character(demo::MIREL, demo::NEUTRAL_CORPORATION).unwrap();
    world.sync().await;
    assert!(world.sim.discord_member(USER).is_none(), "he is gone");
    assert_eq!(browser.discord().await, "NOT_ALLOWED");
    let missing = "You do not have the permission “Can access the Discord service” (discord.access_discord).";
    assert!(detail(&browser).await.contains(missing));
    assert_eq!(world.number("select count(*) from service_accounts").await, 0);
    let denied = browser.ask("mutation{linkService(input:{service:\"discord\"}){status redirectUrl}}").await;
    assert_eq!(denied["linkService"], json!({"status": "NOT_ALLOWED", "redirectUrl": null}));
    // He returns, and can link again.
    world.sim.move_character(demo::MIREL, demo::HOME_CORPORATION).unwrap();
    world.sync().await;
    assert_eq!(browser.state().await, "Member");
    browser.link_discord(USER).await;
    world.run_jobs().await;
    assert_eq!(browser.discord().await, "LINKED");
    assert!(world.sim.discord_member(USER).is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn discord_down_for_ten_minutes_loses_nothing() {
    let world = World::new().await;
    let browser = linked(&world, demo::MIREL).await;
    world.sim.add_fault(Fault::new(Upstream::Discord, FaultKind::Status { status: 503 }));
    world.sim.move_character(demo::MIREL, demo::NEUTRAL_CORPORATION).unwrap();
    world.sync().await;
    for _ in 0..10 {
        world.wait(Duration::minutes(1));
        world.run_job("reconcile_later", json!({"service": "discord"})).await.unwrap();
        assert_eq!(browser.discord().await, "REVOKING");
    }
    assert_eq!(kinds(&world, "unavailable").await, 1);
    assert!(world.sim.discord_member(USER).is_some(), "still there: nobody could be told");
    // Left alone for a while between tries, not hammered.
    assert!(calls(&world, "DELETE", "/members/") < 60, "{}", calls(&world, "DELETE", "/members/"));
    assert_eq!(world.number("select count(*) from graphile_worker.jobs where task_identifier = 'reconcile_later' and run_at > now()").await, 1);
    world.sim.clear_faults(None);
    world.wait(Duration::minutes(2));
    world.run_job("reconcile_later", json!({"service": "discord"})).await.unwrap();
    assert!(world.sim.discord_member(USER).is_none(), "gone as soon as it is back");
    assert_eq!(browser.discord().await, "NOT_ALLOWED");
}

#[tokio::test(flavor = "multi_thread")]
async fn access_that_returns_before_the_revocation_keeps_the_account() {
    let world = World::new().await;
    let browser = linked(&world, demo::MIREL).await;
    world.sim.add_fault(Fault::new(Upstream::Discord, FaultKind::Status { status: 500 }));
    world.sim.move_character(demo::MIREL, demo::NEUTRAL_CORPORATION).unwrap();
    world.sync().await;
    world.sim.move_character(demo::MIREL, demo::HOME_CORPORATION).unwrap();
    world.run_job("sync_affiliations", json!({})).await.unwrap();
    world.sim.clear_faults(None);
    world.wait(Duration::minutes(5));
    world.run_job("reconcile", json!({"service": "discord"})).await.unwrap();
    assert!(world.sim.discord_member(USER).is_some());
    assert_eq!(browser.discord().await, "LINKED");
}

#[tokio::test(flavor = "multi_thread")]
async fn revocations_go_before_grants() {
    let world = World::new().await;
    linked(&world, demo::MIREL).await;
    let teodric = world.pilot(demo::TEODRIC).await;
    world
        .sim
        .add_fault(Fault::new(Upstream::Discord, FaultKind::Status { status: 503 }).on("/api/v10/guilds"));
    teodric.link_discord(USER + 1).await;
    world.run_job("reconcile", json!({"service": "discord"})).await.unwrap();
    world.sim.move_character(demo::MIREL, demo::NEUTRAL_CORPORATION).unwrap();
    world.run_job("sync_affiliations", json!({})).await.unwrap();
    world.sim.clear_faults(None);
    world.sim.clear_requests();
    world.wait(Duration::minutes(5));
    world.run_job("reconcile", json!({"service": "discord"})).await.unwrap();
    let first = world.sim.requests(Upstream::Discord).into_iter().next().unwrap();
    assert_eq!(first.method, "DELETE", "{first:?}");
    assert!(world.sim.discord_member(USER + 1).is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kick_whose_answer_was_lost_is_confirmed_the_next_time() {
    let world = World::new().await;
    linked(&world, demo::MIREL).await;
    world.sim.add_fault(Fault::new(Upstream::Discord, FaultKind::Drop { applied: true }).times(5));
    world.sim.move_character(demo::MIREL, demo::NEUTRAL_CORPORATION).unwrap();
    world.sync().await;
    world.sim.clear_faults(None);
    world.wait(Duration::minutes(5));
    world.run_job("reconcile_later", json!({"service": "discord"})).await.unwrap();
    assert_eq!(world.number("select count(*) from service_accounts").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn losing_the_main_or_the_account_revokes() {
    let world = World::new().await;
    linked(&world, demo::MIREL).await;
    world.apply(Change::OwnershipLost { character_id: demo::MIREL }).await.unwrap();
    world.run_jobs().await;
    assert!(world.sim.discord_member(USER).is_none());

    let world = World::new().await;
    let browser = linked(&world, demo::MIREL).await;
    let user_id = browser.user_id().await;
    world.apply(Change::ActiveChanged { user_id, is_active: false }).await.unwrap();
    world.run_jobs().await;
    assert!(world.sim.discord_member(USER).is_none(), "the reference forgets this one");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_main_is_a_new_name() {
    let world = World::new().await;
    let browser = linked(&world, demo::MIREL).await;
    browser.add(demo::SUNNIVA).await;
    browser.set_main(demo::SUNNIVA).await;
    world.run_jobs().await;
    let member = serde_json::to_value(world.sim.discord_member(USER).unwrap()).unwrap();
    assert_eq!(member["nick"], "Sunniva Hald");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_discord_account_has_one_user() {
    let world = World::new().await;
    linked(&world, demo::MIREL).await;
    let teodric = world.pilot(demo::TEODRIC).await;
    assert_eq!(teodric.link_discord(USER).await, "/services?error=already_used&service=discord");
    assert_eq!(teodric.discord().await, "AVAILABLE");
    assert_eq!(world.number("select count(*) from service_accounts").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn linking_is_bound_to_browser_and_session() {
    let world = World::new().await;
    let mirel = world.pilot(demo::MIREL).await;
    let teodric = world.pilot(demo::TEODRIC).await;
    let data = mirel.ask("mutation{linkService(input:{service:\"discord\"}){redirectUrl}}").await;
    let to = data["linkService"]["redirectUrl"].as_str().unwrap().to_owned();
    let back = world.sim.discord_authorize(&to, USER).unwrap();
    assert_eq!(teodric.come_back(&back).await, "/services?error=state_mismatch&service=discord");
    assert_eq!(
        mirel.come_back(&back.replace("code=", "code=x")).await,
        "/services?error=upstream&service=discord"
    );
    assert_eq!(
        mirel.come_back(&back).await,
        "/services?error=state_mismatch&service=discord",
        "the attempt is used up"
    );
    let path = to.split("state=").nth(1).unwrap().split('&').next().unwrap().to_owned();
    assert_eq!(
        mirel.get(&format!("/services/discord/callback?error=access_denied&state={path}")).await.location(),
        "/services?error=state_mismatch&service=discord"
    );
    let data = mirel.ask("mutation{linkService(input:{service:\"discord\"}){redirectUrl}}").await;
    let state = data["linkService"]["redirectUrl"]
        .as_str()
        .unwrap()
        .split("state=")
        .nth(1)
        .unwrap()
        .split('&')
        .next()
        .unwrap()
        .to_owned();
    assert_eq!(
        mirel.get(&format!("/services/discord/callback?error=access_denied&state={state}")).await.location(),
        "/services?error=access_denied&service=discord"
    );
    assert_eq!(world.number("select count(*) from service_accounts").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_goes_to_the_service_it_is_from() {
    let world = World::new().await;
    let mirel = world.pilot(demo::MIREL).await;
    let data = mirel.ask("mutation{linkService(input:{service:\"discord\"}){redirectUrl}}").await;
    assert_eq!(
        world
            .number(
                "select count(*) from oauth_attempts where purpose = 'link_service' and service = 'discord'"
            )
            .await,
        1
    );
    let back =
        world.sim.discord_authorize(data["linkService"]["redirectUrl"].as_str().unwrap(), USER).unwrap();
    for other in ["icq", "Discord", "%2e%2e"] {
        let elsewhere = back.replace("/services/discord/", &format!("/services/{other}/"));
        assert_eq!(mirel.come_back(&elsewhere).await, "/services?error=state_mismatch", "{other}");
    }
    assert_eq!(
        mirel.come_back(&back).await,
        "/services?linked=discord",
        "the attempt was not used up by that"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn access_lost_while_linking_is_noticed() {
    let world = World::new().await;
    let mirel = world.pilot(demo::MIREL).await;
    let data = mirel.ask("mutation{linkService(input:{service:\"discord\"}){redirectUrl}}").await;
    let back =
        world.sim.discord_authorize(data["linkService"]["redirectUrl"].as_str().unwrap(), USER).unwrap();
    world.sim.move_character(demo::MIREL, demo::NEUTRAL_CORPORATION).unwrap();
    world.sync().await;
    assert_eq!(mirel.come_back(&back).await, "/services?error=not_allowed&service=discord");
}

#[tokio::test(flavor = "multi_thread")]
async fn unlinking_removes_and_twice_is_nothing() {
    let world = World::new().await;
    let browser = linked(&world, demo::MIREL).await;
    let unlink = "mutation{unlinkService(input:{service:\"discord\"}){status}}";
    assert_eq!(browser.ask(unlink).await["unlinkService"]["status"], "UNLINKING");
    assert_eq!(browser.discord().await, "REVOKING");
    assert_eq!(browser.ask(unlink).await["unlinkService"]["status"], "NOT_LINKED");
    world.run_jobs().await;
    assert!(world.sim.discord_member(USER).is_none());
    assert_eq!(browser.discord().await, "AVAILABLE");
    assert_eq!(
        browser.gql("mutation{linkService(input:{service:\"icq\"}){status}}", json!({})).await.code(),
        "NOT_FOUND"
    );
    assert_eq!(
        browser.ask("mutation{unlinkService(input:{service:\"icq\"}){status}}").await["unlinkService"]["status"],
        "NOT_LINKED"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_left_by_himself_is_brought_back_while_he_may() {
    let world = World::new().await;
    let browser = linked(&world, demo::MIREL).await;
    world.sim.discord_kick(USER).unwrap();
    world.sql("update service_accounts set marked_revision = marked_revision + 1").await;
    world.run_job("reconcile", json!({"service": "discord"})).await.unwrap();
    assert!(world.sim.discord_member(USER).is_some(), "his grant still holds");
    // He takes our application out of his settings, and leaves.
    world.sim.discord_revoke(USER);
    world.sim.discord_kick(USER).unwrap();
    world.sql("update service_accounts set marked_revision = marked_revision + 1").await;
    world.run_job("reconcile", json!({"service": "discord"})).await.unwrap();
    assert_eq!(browser.discord().await, "AVAILABLE", "he has to link it again");
    let kinds = browser.ask("{viewer{notifications(first:1){nodes{kind}}}}").await.to_string();
    assert!(kinds.contains("service_account_gone"), "{kinds}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_account_says_why_and_does_not_stop_the_others() {
    let world = World::new().await;
    let owner = world.pilot(demo::MIREL).await;
    owner.link_discord(demo::DISCORD_OWNER).await;
    let teodric = world.pilot(demo::TEODRIC).await;
    teodric.link_discord(USER).await;
    world.run_jobs().await;
    assert_eq!(owner.discord().await, "FAILED");
    assert_eq!(kinds(&world, "partial").await, 1);
    let detail = owner.ask("{viewer{user{services{detail}}}}").await.to_string();
    assert!(detail.contains("owns the server"), "{detail}");
    let roles = held(&world, demo::DISCORD_OWNER);
    assert!(roles.as_array().unwrap().contains(&json!(role(&world, "Member"))), "what can be done is done");
    assert_eq!(teodric.discord().await, "LINKED");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_died_with_a_claim_delays_it_by_the_lease_only() {
    let world = World::new().await;
    let browser = world.pilot(demo::MIREL).await;
    browser.link_discord(USER).await;
    world.sql("update service_accounts set in_flight_until = now() + interval '30 seconds'").await;
    world.run_job("reconcile", json!({"service": "discord"})).await.unwrap();
    assert_eq!(browser.discord().await, "PENDING");
    world.wait(Duration::seconds(40));
    world.run_job("reconcile", json!({"service": "discord"})).await.unwrap();
    assert_eq!(browser.discord().await, "LINKED");
}

/// Blue pilots get Discord, too.
async fn blue_has_discord(world: &World) {
    let state_id = world.number("select id from states where name = 'Blue'").await;
    let permissions = &["discord.access_discord"][..];
    world.apply(Change::StatePermissionsSet { state_id, permissions }).await.unwrap();
}

fn held(world: &World, user: u64) -> serde_json::Value {
    serde_json::to_value(world.sim.discord_member(user).expect("he is in")).unwrap()["roles"].clone()
}

/// Accounts whose last failure was of this kind.
async fn kinds(world: &World, kind: &str) -> i64 {
    world.number(&format!("select count(*) from service_accounts where failure_kind = '{kind}'")).await
}

async fn detail(browser: &Browser<'_>) -> String {
    browser.ask("{viewer{user{services{detail}}}}").await.to_string()
}

const fn settings(name: &str) -> GroupSettings<'_> {
    GroupSettings { is_internal: true, is_hidden: true, ..plain_group(name) }
}

async fn group_with(world: &World, id: i64, name: &str, user_id: i64) {
    world.apply(new_group(id, settings(name))).await.unwrap();
    let users = &[user_id][..];
    let how = Joined::Added;
    world
        .apply(Change::MembersAdded(Membership {
            group_id: id,
            users,
            starts_at: None,
            ends_at: None,
            reason: "",
            how,
        }))
        .await
        .unwrap();
    world.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_bot_cannot_touch_stops_nothing_else() {
    let world = World::new().await;
    blue_has_discord(&world).await;
    let browser = linked(&world, demo::MIREL).await;
    let officers = world.sim.discord_create_role("Officers", 9, 0);
    world.sim.discord_set_member_role(USER, officers, true).unwrap();
    browser.add(demo::SUNNIVA).await;
    world.sim.move_character(demo::SUNNIVA, demo::BLUE_CORPORATION).unwrap();
    browser.set_main(demo::SUNNIVA).await;
    world.sync().await;
    assert_eq!(browser.state().await, "Blue");
    let mut expected = [role(&world, "Blue"), officers.to_string()];
    expected.sort_unstable();
    assert_eq!(held(&world, USER), json!(expected), "Member went, Blue came");
    assert_eq!(browser.discord().await, "FAILED");
    let why = detail(&browser).await;
    assert!(why.contains("take the role Officers") && why.contains("change the nickname"), "{why}");
    let shown = browser.ask("{viewer{user{services{roles}}}}").await.to_string();
    assert!(shown.contains("Blue") && !shown.contains("Member"), "{shown}");
    // Trying again changes nothing.
    world.wait(Duration::hours(1));
    world.run_job("reconcile", json!({"service": "discord"})).await.unwrap();
    assert_eq!(held(&world, USER), json!(expected));
    // Somebody takes it by hand: all is well again.
    world.sim.discord_set_member_role(USER, officers, false).unwrap();
    world.wait(Duration::hours(1));
    world.run_job("reconcile", json!({"service": "discord"})).await.unwrap();
    assert_eq!(browser.discord().await, "LINKED");
    let member = serde_json::to_value(world.sim.discord_member(USER).unwrap()).unwrap();
    assert_eq!(member["nick"], "Sunniva Hald");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_discord_refuses_keeps_no_roles_back() {
    let world = World::new().await;
    blue_has_discord(&world).await;
    let browser = world.pilot(demo::MIREL).await;
    world.sql(&format!("update characters set name = 'Discord Fan' where id = {}", demo::MIREL)).await;
    browser.link_discord(USER).await;
    world.run_jobs().await;
    assert_eq!(held(&world, USER), json!([role(&world, "Member")]), "he is in");
    assert_eq!(browser.discord().await, "FAILED");
    let why = detail(&browser).await;
    assert!(why.contains("change the nickname: Username cannot contain"), "{why}");
    world.sim.move_character(demo::MIREL, demo::BLUE_CORPORATION).unwrap();
    world.sync().await;
    assert_eq!(held(&world, USER), json!([role(&world, "Blue")]));
}

#[tokio::test(flavor = "multi_thread")]
async fn whom_the_bot_cannot_remove_keeps_no_roles_and_superusers_hear_of_it_once() {
    let world = World::new().await;
    world.superuser().await;
    let owner = world.pilot(demo::MIREL).await;
    owner.link_discord(demo::DISCORD_OWNER).await;
    world.run_jobs().await;
    let leadership = demo::DISCORD_LEADERSHIP_ROLE.to_string();
    let mut expected = [role(&world, "Member"), leadership.clone()];
    expected.sort_unstable();
    assert_eq!(held(&world, demo::DISCORD_OWNER), json!(expected), "what can be given is");
    let told = async |kind: &str| {
        world.run_job("sweep_services", json!({})).await.unwrap();
        world.number(&format!("select count(*) from notifications where kind = '{kind}'")).await
    };
    world.wait(Duration::minutes(50));
    assert_eq!(told("service_accounts_failing").await, 0, "not yet");
    world.wait(Duration::minutes(11));
    assert_eq!(told("service_accounts_failing").await, 1);
    world.sim.move_character(demo::MIREL, demo::NEUTRAL_CORPORATION).unwrap();
    world.sync().await;
    assert_eq!(owner.discord().await, "REVOKING");
    assert_eq!(held(&world, demo::DISCORD_OWNER), json!([leadership]));
    let why = detail(&owner).await;
    assert!(why.contains("owns the server") && why.contains("Leadership"), "{why}");
    for _ in 0..3 {
        world.wait(Duration::hours(1));
        world.run_job("reconcile", json!({"service": "discord"})).await.unwrap();
        assert_eq!(told("service_revocation_stuck").await, 1, "once");
    }
    assert_eq!(told("service_accounts_failing").await, 1, "once");
}

#[tokio::test(flavor = "multi_thread")]
async fn superusers_hear_once_of_a_service_that_is_down_for_long() {
    let world = World::new().await;
    world.superuser().await;
    linked(&world, demo::MIREL).await;
    world.sim.add_fault(Fault::new(Upstream::Discord, FaultKind::Status { status: 503 }));
    world.sim.move_character(demo::MIREL, demo::NEUTRAL_CORPORATION).unwrap();
    world.sync().await;
    let mut told = Vec::new();
    for _ in 0..8 {
        world.wait(Duration::minutes(20));
        world.run_job("reconcile", json!({"service": "discord"})).await.unwrap();
        world.run_job("sweep_services", json!({})).await.unwrap();
        told.push(world.number("select count(*) from notifications where kind like 'service_%stuck'").await);
    }
    assert_eq!(told, [0, 0, 1, 1, 1, 1, 1, 1]);
}

/// With another `site.secret_key` the stored credentials cannot be opened: that is no news of the account.
#[tokio::test(flavor = "multi_thread")]
async fn credentials_that_cannot_be_opened_take_nothing() {
    let world = World::new().await;
    let browser = linked(&world, demo::MIREL).await;
    let mut config = world.app.config.clone();
    config.site.secret_key = Secret::new("another key, of more than 32 characters");
    let other = App::new(config, world.clock.clone()).unwrap();
    let second = world.pilot(demo::TEODRIC).await;
    second.link_discord(USER + 1).await;
    world.run_jobs().await;
    world.sim.discord_kick(USER).unwrap();
    let scouts = world.sim.discord_create_role("Scouts", 1, 0);
    world.sim.discord_set_member_role(USER + 1, scouts, true).unwrap();
    let due = "update service_accounts set marked_revision = marked_revision + 1, next_attempt_at = 'epoch'";
    world.sql(&format!("{due} where external_id = '{USER}'")).await;
    world.sql(&format!("{due} where external_id <> '{USER}'")).await;
    jobs::run_named(&other, "reconcile", json!({"service": "discord"})).await.unwrap();
    assert_eq!(held(&world, USER + 1), json!([role(&world, "Member")]), "the next one is not held up");
    assert_eq!(second.discord().await, "LINKED");
    assert_eq!(world.number("select count(*) from service_accounts").await, 2, "it stays linked");
    assert_eq!(
        world.number("select count(*) from notifications where kind = 'service_account_gone'").await,
        0
    );
    assert_eq!(browser.discord().await, "FAILED");
    assert_eq!(kinds(&world, "misconfigured").await, 1);
    let error = "select count(*) from service_accounts where last_error like '%secret key%'";
    assert_eq!(world.number(error).await, 1, "the account says why");
    let paused = "select count(*) from service_health where failures > 0 or paused_until is not null";
    assert_eq!(world.number(paused).await, 0, "it is not Discord that fails");
    // Under the right key all is well again.
    world.wait(Duration::minutes(5));
    world.run_job("reconcile", json!({"service": "discord"})).await.unwrap();
    assert_eq!(browser.discord().await, "LINKED");
    assert!(world.sim.discord_member(USER).is_some());
    // Without any credentials there is nothing to come back with.
    world.sim.discord_kick(USER).unwrap();
    roles::rested(&world);
    world.sql("update service_accounts set marked_revision = marked_revision + 1, credentials = null").await;
    world.run_job("reconcile", json!({"service": "discord"})).await.unwrap();
    assert_eq!(world.number("select count(*) from service_accounts").await, 1);
}

async fn observe(world: &World) {
    roles::rested(world);
    world.run_job("observe", json!({"service": "discord"})).await.unwrap();
    world.run_jobs().await;
}
