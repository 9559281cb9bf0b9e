//! Discord as the first service: granted, kept in step, revoked, whatever fails in between.

use chrono::Duration;
use fealty_api::{
    access::{Change, GroupSettings, Joined, Membership},
    app::App,
    error::Error,
    jobs,
    services::{
        self,
        roles::{self, Bearer},
    },
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
    assert!(detail(&browser).await.contains("You do not have the permission discord.access_discord."));
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
    browser
        .gql(
            "mutation($c:EveId!){setMainCharacter(input:{characterId:$c}){status}}",
            json!({"c": demo::SUNNIVA}),
        )
        .await
        .data();
    world.run_jobs().await;
    let member = serde_json::to_value(world.sim.discord_member(USER).unwrap()).unwrap();
    assert_eq!(member["nick"], "Sunniva Hald");
}

#[tokio::test(flavor = "multi_thread")]
async fn managed_roles_stay_and_foreign_ones_go() {
    let world = World::new().await;
    let browser = linked(&world, demo::MIREL).await;
    let scouts = world.sim.discord_create_role("Scouts", 1, 0);
    world.sim.discord_set_member_role(USER, scouts, true).unwrap();
    browser.add(demo::SUNNIVA).await;
    browser
        .gql(
            "mutation($c:EveId!){setMainCharacter(input:{characterId:$c}){status}}",
            json!({"c": demo::SUNNIVA}),
        )
        .await
        .data();
    world.run_jobs().await;
    let member = serde_json::to_value(world.sim.discord_member(USER).unwrap()).unwrap();
    assert_eq!(member["roles"], json!([role(&world, "Member")]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_deleted_behind_our_back_is_made_again() {
    let world = World::new().await;
    let browser = linked(&world, demo::MIREL).await;
    let member = world.sim.discord_role("Member").unwrap().id;
    world.sim.discord_delete_role(member).unwrap();
    browser.add(demo::SUNNIVA).await;
    browser
        .gql(
            "mutation($c:EveId!){setMainCharacter(input:{characterId:$c}){status}}",
            json!({"c": demo::SUNNIVA}),
        )
        .await
        .data();
    world.run_jobs().await;
    // What is due later is due now.
    world.wait(Duration::minutes(10));
    world.run_job("reconcile", json!({"service": "discord"})).await.unwrap();
    let after = serde_json::to_value(world.sim.discord_member(USER).unwrap()).unwrap();
    assert_eq!(after["roles"], json!([role(&world, "Member")]));
    assert_eq!(browser.discord().await, "LINKED");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_discord_account_has_one_user() {
    let world = World::new().await;
    linked(&world, demo::MIREL).await;
    let teodric = world.pilot(demo::TEODRIC).await;
    assert_eq!(teodric.link_discord(USER).await, "/services?error=already_used");
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
    assert_eq!(teodric.come_back(&back).await, "/services?error=state_mismatch");
    assert_eq!(mirel.come_back(&back.replace("code=", "code=x")).await, "/services?error=upstream");
    assert_eq!(mirel.come_back(&back).await, "/services?error=state_mismatch", "the attempt is used up");
    let path = to.split("state=").nth(1).unwrap().split('&').next().unwrap().to_owned();
    assert_eq!(
        mirel.get(&format!("/services/discord/callback?error=access_denied&state={path}")).await.location(),
        "/services?error=state_mismatch"
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
        "/services?error=access_denied"
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
    assert_eq!(mirel.come_back(&back).await, "/services?error=not_allowed");
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
async fn a_role_that_cannot_be_made_keeps_nobody_in_the_old_one() {
    let world = World::new().await;
    blue_has_discord(&world).await;
    let browser = linked(&world, demo::MIREL).await;
    let fillers: Vec<u64> = (world.sim.discord_roles().len()..250)
        .map(|n| world.sim.discord_create_role(&format!("Filler {n}"), 1, 0))
        .collect();
    world.sim.move_character(demo::MIREL, demo::BLUE_CORPORATION).unwrap();
    world.sync().await;
    assert_eq!(browser.state().await, "Blue");
    assert_eq!(held(&world, USER), json!([]), "he is no Member any more");
    assert_eq!(browser.discord().await, "FAILED");
    let why = detail(&browser).await;
    assert!(why.contains("no role Blue") && why.contains("250"), "{why}");
    // Others do not ask again and again.
    world.sim.clear_requests();
    world.wait(Duration::minutes(1));
    world.run_job("reconcile", json!({"service": "discord"})).await.unwrap();
    assert_eq!(calls(&world, "POST", "/roles"), 0);
    world.sim.discord_delete_role(fillers[0]).unwrap();
    world.wait(Duration::hours(1));
    world.run_job("reconcile", json!({"service": "discord"})).await.unwrap();
    assert_eq!(held(&world, USER), json!([role(&world, "Blue")]));
    assert_eq!(browser.discord().await, "LINKED");
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
    browser
        .gql(
            "mutation($c:EveId!){setMainCharacter(input:{characterId:$c}){status}}",
            json!({"c": demo::SUNNIVA}),
        )
        .await
        .data();
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
async fn a_role_above_the_bot_does_not_keep_a_pilot_out() {
    let world = World::new().await;
    let browser = linked(&world, demo::MIREL).await;
    let member = world.sim.discord_role("Member").unwrap().id;
    world.sim.discord_edit_role(member, None, Some(9), None).unwrap();
    let teodric = world.pilot(demo::TEODRIC).await;
    teodric.link_discord(USER + 1).await;
    world.run_jobs().await;
    assert_eq!(held(&world, USER + 1), json!([]), "he is in");
    assert_eq!(teodric.discord().await, "FAILED");
    assert!(detail(&teodric).await.contains("give the role Member"));
    assert_eq!(browser.discord().await, "LINKED", "nothing changed for him");
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

#[tokio::test(flavor = "multi_thread")]
async fn a_role_made_by_hand_is_not_handed_out_by_its_name() {
    const KICK: u64 = 1 << 1;
    let world = World::new().await;
    let powerful = world.sim.discord_create_role("moderator", 1, KICK);
    // It allows nothing by itself, but a channel may be open to it: nothing that a role says tells.
    let directors = world.sim.discord_create_role("Directors", 1, 0);
    let browser = linked(&world, demo::MIREL).await;
    let user_id = browser.user_id().await;
    group_with(&world, 7001, "Moderator", user_id).await;
    group_with(&world, 7002, "Directors", user_id).await;
    group_with(&world, 7003, "@everyone", user_id).await;
    let roles = held(&world, USER);
    let roles = roles.as_array().unwrap();
    assert_eq!(roles.len(), 4, "{roles:?}");
    for other in [powerful, directors, demo::DISCORD_GUILD_ID] {
        assert!(!roles.contains(&json!(other.to_string())), "{other}");
    }
    let names: Vec<String> =
        world.sim.discord_roles().into_iter().map(|role| role.name.to_lowercase()).collect();
    for name in ["moderator", "directors"] {
        assert_eq!(names.iter().filter(|other| *other == name).count(), 2, "ours is made beside it");
    }
    // Ours stays so, whatever the guild's owner lets it do.
    let ours = world
        .sim
        .discord_roles()
        .into_iter()
        .find(|role| role.name == "Directors" && roles.contains(&json!(role.id.to_string())));
    world.sim.discord_edit_role(ours.expect("our own").id, None, None, Some(KICK)).unwrap();
    world.wait(Duration::minutes(10));
    world.sql("update service_accounts set marked_revision = marked_revision + 1").await;
    world.run_job("reconcile", json!({"service": "discord"})).await.unwrap();
    assert_eq!(held(&world, USER).as_array().unwrap().len(), 4);
    assert_eq!(browser.discord().await, "LINKED");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_says_which_role_made_by_hand_to_use() {
    let world = World::new().await;
    let directors = world.sim.discord_create_role("Leitung", 1, 0);
    let browser = linked(&world, demo::MIREL).await;
    group_with(&world, 7001, "Directors", browser.user_id().await).await;
    let ours = role(&world, "Directors");
    assert_eq!(roles_of(&held(&world, USER)), sorted([ours.clone(), role(&world, "Member")]));
    let group = Bearer::Group("directors".into());
    rested(&world);
    let adopted = roles::adopt(&world.app, "discord", &directors.to_string(), &group).await.unwrap();
    assert_eq!((adopted.name.as_str(), adopted.replaced.as_deref()), ("Leitung", Some(ours.as_str())));
    world.run_jobs().await;
    assert_eq!(roles_of(&held(&world, USER)), sorted([directors.to_string(), role(&world, "Member")]));
    assert_eq!(browser.discord().await, "LINKED");
    let renamed =
        world.sim.discord_roles().into_iter().find(|role| role.id.to_string() == directors.to_string());
    assert_eq!(renamed.unwrap().name, "Directors", "it is called like its group from now on");
    let entries =
        "select count(*) from audit_entries where kind = 'service_role_adopted' and actor_kind = 'operator'
                   and object_id = 'group:7001'";
    assert_eq!(world.number(entries).await, 1);
    // Twice is nothing.
    rested(&world);
    let again = roles::adopt(&world.app, "discord", &directors.to_string(), &group).await.unwrap();
    assert_eq!(again.replaced, None);
    assert_eq!(world.number(entries).await, 1);
    let listed = roles::list(&world.app, "discord").await.unwrap();
    let listed: Vec<(&str, &str)> = listed.iter().map(|role| (role.kind, role.name.as_str())).collect();
    assert_eq!(listed, [("state", "Member"), ("group", "Directors")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_cannot_be_given_or_stands_for_something_else_is_not_adopted() {
    let world = World::new().await;
    let browser = linked(&world, demo::MIREL).await;
    group_with(&world, 7001, "Directors", browser.user_id().await).await;
    let member = role(&world, "Member");
    let guild = demo::DISCORD_GUILD_ID.to_string();
    let group = || Bearer::Group("Directors".into());
    for (id, bearer, field) in [
        ("1", group(), "role"),
        ("x", group(), "role"),
        (guild.as_str(), group(), "role"),
        (member.as_str(), group(), "role"),
        (member.as_str(), Bearer::Group("Nobody".into()), "group"),
        (member.as_str(), Bearer::State("Directors".into()), "state"),
    ] {
        rested(&world);
        match roles::adopt(&world.app, "discord", id, &bearer).await {
            Err(Error::Invalid(problems)) => assert_eq!(problems[0].field, field, "{id} {bearer:?}"),
            other => panic!("{id} {bearer:?}: {other:?}"),
        }
    }
    assert!(matches!(roles::adopt(&world.app, "icq", &member, &group()).await, Err(Error::NotFound)));
    assert_eq!(
        world.number("select count(*) from audit_entries where kind = 'service_role_adopted'").await,
        0
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_whose_making_was_not_answered_is_not_made_twice() {
    let world = World::new().await;
    let lost = Fault::new(Upstream::Discord, FaultKind::Drop { applied: true });
    let roles = format!("/api/v10/guilds/{}/roles", demo::DISCORD_GUILD_ID);
    world.sim.add_fault(Fault { method: Some("POST".into()), ..lost.on(roles).times(1) });
    let browser = linked(&world, demo::MIREL).await;
    assert_eq!(browser.discord().await, "LINKED");
    assert_eq!(world.sim.discord_roles().into_iter().filter(|role| role.name == "Member").count(), 1);
    assert_eq!(held(&world, USER), json!([role(&world, "Member")]));
}

/// With another `site.secret_key` the stored credentials cannot be opened: that is no news of the account.
#[tokio::test(flavor = "multi_thread")]
async fn credentials_that_cannot_be_opened_take_nothing() {
    let world = World::new().await;
    let browser = linked(&world, demo::MIREL).await;
    let mut config = world.app.config.clone();
    config.site.secret_key = Secret::new("another key, of more than 32 characters");
    let other = App::new(config, world.clock.clone()).unwrap();
    world.sim.discord_kick(USER).unwrap();
    let due = "update service_accounts set marked_revision = marked_revision + 1";
    world.sql(due).await;
    jobs::run_named(&other, "reconcile", json!({"service": "discord"})).await.unwrap();
    assert_eq!(world.number("select count(*) from service_accounts").await, 1, "it stays linked");
    assert_eq!(
        world.number("select count(*) from notifications where kind = 'service_account_gone'").await,
        0
    );
    assert_eq!(browser.discord().await, "FAILED");
    assert_eq!(kinds(&world, "misconfigured").await, 1);
    let error = "select count(*) from service_health where last_error like '%secret key%'";
    assert_eq!(world.number(error).await, 1, "the operator sees why");
    // Under the right key all is well again.
    world.wait(Duration::minutes(5));
    world.run_job("reconcile", json!({"service": "discord"})).await.unwrap();
    assert_eq!(browser.discord().await, "LINKED");
    assert!(world.sim.discord_member(USER).is_some());
    // Without any credentials there is nothing to come back with.
    world.sim.discord_kick(USER).unwrap();
    world.sql("update service_accounts set marked_revision = marked_revision + 1, credentials = null").await;
    world.run_job("reconcile", json!({"service": "discord"})).await.unwrap();
    assert_eq!(world.number("select count(*) from service_accounts").await, 0);
}

/// Lets the limits of Discord's that were used up recover.
fn rested(world: &World) {
    world.wait(Duration::seconds(10));
    world.sim.reset_limits();
}

fn roles_of(held: &serde_json::Value) -> Vec<String> {
    sorted(held.as_array().unwrap().iter().map(|id| id.as_str().unwrap().to_owned()))
}

fn sorted(ids: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut ids: Vec<String> = ids.into_iter().collect();
    ids.sort_unstable();
    ids
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renamed_group_keeps_its_role() {
    let world = World::new().await;
    let browser = linked(&world, demo::MIREL).await;
    group_with(&world, 7001, "Scouts", browser.user_id().await).await;
    let scouts = role(&world, "Scouts");
    world.apply(Change::GroupEdited { group_id: 7001, settings: settings("Rangers") }).await.unwrap();
    world.run_jobs().await;
    assert_eq!(role(&world, "Rangers"), scouts);
    assert!(world.sim.discord_role("Scouts").is_none());
    // Long names that begin alike have roles of their own.
    let long = "x".repeat(120);
    group_with(&world, 7002, &format!("{long}a"), browser.user_id().await).await;
    group_with(&world, 7003, &format!("{long}b"), browser.user_id().await).await;
    assert_eq!(held(&world, USER).as_array().unwrap().len(), 4);
}

async fn observe(world: &World) {
    world.run_job("observe", json!({"service": "discord"})).await.unwrap();
    world.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn roles_changed_by_hand_are_put_right() {
    let world = World::new().await;
    let browser = linked(&world, demo::MIREL).await;
    world.sim.clear_requests();
    observe(&world).await;
    assert_eq!(calls(&world, "GET", "/members/"), 0, "nothing differs, nobody is looked at");
    let scouts = world.sim.discord_create_role("Scouts", 1, 0);
    world.sim.discord_set_member_role(USER, scouts, true).unwrap();
    let member = world.sim.discord_role("Member").unwrap().id;
    world.sim.discord_set_member_role(USER, member, false).unwrap();
    let drift = services::drift(&world.app, "discord").await.unwrap();
    assert_eq!((drift.changed.len(), drift.returned.len(), drift.strangers.len()), (1, 0, 0));
    assert_eq!(held(&world, USER), json!([scouts.to_string()]), "looking changes nothing");
    observe(&world).await;
    assert_eq!(held(&world, USER), json!([role(&world, "Member")]));
    assert_eq!(browser.discord().await, "LINKED");
    // Whoever left by himself is not fetched back by that.
    world.sim.discord_kick(USER).unwrap();
    observe(&world).await;
    assert!(world.sim.discord_member(USER).is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_back_after_his_removal_is_removed_again_and_strangers_stay() {
    let world = World::new().await;
    linked(&world, demo::MIREL).await;
    let member = world.sim.discord_role("Member").unwrap().id;
    let with_role = |user: u64| {
        world.sim.discord_invite(user).unwrap();
        world.sim.discord_set_member_role(user, member, true).unwrap();
    };
    with_role(USER + 3);
    world.sim.move_character(demo::MIREL, demo::NEUTRAL_CORPORATION).unwrap();
    world.sync().await;
    assert!(world.sim.discord_member(USER).is_none());
    // The call of a worker that was cut off arrives late.
    with_role(USER);
    // Whoever is still on a list that was read at the moment of his removal is not back.
    assert_eq!(services::drift(&world.app, "discord").await.unwrap().returned, Vec::<String>::new());
    world.wait(Duration::seconds(1));
    let drift = services::drift(&world.app, "discord").await.unwrap();
    assert_eq!((drift.changed.len(), drift.returned), (0, vec![USER.to_string()]));
    assert_eq!(drift.strangers, [(USER + 3).to_string()], "told of, and left alone");
    observe(&world).await;
    assert!(world.sim.discord_member(USER).is_none(), "removed again");
    assert_eq!(
        world
            .number("select count(*) from audit_entries where summary like '%again after its removal%'")
            .await,
        1
    );
    // As a guest without roles of ours he is nobody's business.
    world.sim.discord_invite(USER).unwrap();
    observe(&world).await;
    assert!(world.sim.discord_member(USER).is_some());
    // A day later no call of ours can be on its way.
    world.wait(Duration::hours(25));
    world.sim.discord_set_member_role(USER, member, true).unwrap();
    observe(&world).await;
    assert!(world.sim.discord_member(USER).is_some());
    assert_eq!(held(&world, USER + 3), json!([member.to_string()]), "never ours");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_list_of_members_observing_fails_and_changes_nothing() {
    let world = World::new().await;
    let browser = linked(&world, demo::MIREL).await;
    world.sim.discord_set_members_intent(false);
    assert!(world.run_job("observe", json!({"service": "discord"})).await.is_err());
    assert_eq!(browser.discord().await, "LINKED");
    world.run_job("observe", json!({"service": "icq"})).await.unwrap();
}
